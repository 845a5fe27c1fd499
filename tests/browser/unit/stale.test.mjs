import assert from "node:assert/strict";
import test from "node:test";
import { forEachRow, load } from "./harness/modules.mjs";

const { findStaleness } = await load("stale.js");

const AT = Date.parse("2026-11-20T11:00:00Z");
const fresh = {
	now: AT,
	heardAt: AT,
	behindAt: NaN,
	limitMs: 40_000,
	generatedAt: AT - 1000,
	nextAt: AT + 1000,
	validUntil: NaN,
	intervalMs: 300_000,
	isChecking: false,
};

forEachRow(test, "old", [
	[{}, null],
	[{ heardAt: AT - 40_000 }, null],
	[{ heardAt: AT - 40_001 }, /no word from driftd since/],
	[{ behindAt: AT - 40_000 }, null],
	[{ behindAt: AT - 40_001 }, /things have changed since \S+, and this page cannot be had anew\. What/],
	[{ nextAt: NaN }, null],
	[{ nextAt: AT - 300_000 }, null],
	[{ nextAt: AT - 300_001 }, /check that was due/],
	[{ nextAt: AT - 300_001, isChecking: true }, null],
	[{ nextAt: AT - 60_000, intervalMs: 5000 }, null],
	[{ nextAt: AT - 60_001, intervalMs: 5000 }, /check that was due/],
	[{ nextAt: AT - 60_001, intervalMs: NaN }, /check that was due/],
	[{ validUntil: AT - 60_000 }, null],
	[{ validUntil: AT - 60_001 }, /held until/],
	[{ heardAt: AT - 50_000, generatedAt: NaN }, /^OLD DATA: no word from driftd since \S+\.$/],
], (change, want) => {
	const text = findStaleness({ ...fresh, ...change });
	if (want === null) assert.equal(text, null);
	else assert.match(text, want);
});
