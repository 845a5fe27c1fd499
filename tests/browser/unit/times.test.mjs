import assert from "node:assert/strict";
import test from "node:test";
import { forEachRow, load } from "./harness/modules.mjs";

const { ageText, instant, learn, now, relativeText } = await load("times.js");

const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;

// the same words as text_age() of lib/text.c
forEachRow(test, "age", [
	[-5, "0 s"], [0, "0 s"], [999, "0 s"], [S, "1 s"], [MIN - 1, "59 s"], [MIN, "1 min"], [H - 1, "59 min"],
	[H, "1 h"], [D - 1, "23 h"], [D, "1 d"], [400 * D, "400 d"],
], (ms, want) => assert.equal(ageText(ms), want));

forEachRow(test, "relative", [
	[0, 5 * MIN, "5 min ago"], [5 * MIN, 0, "in 5 min"], [7, 7, "now"], [0, 999, "now"],
	[999, 0, "now"], [0, S, "1 s ago"], [S, 0, "in 1 s"],
], (at, from, want) => assert.equal(relativeText(at, from), want));

test("an instant that is none", () => {
	assert.ok(Number.isNaN(instant("")));
	assert.ok(Number.isNaN(instant(undefined)));
	assert.equal(instant("1970-01-01T00:00:01Z"), 1000);
});

test("a clock that is wrong is corrected, one that is nearly right is left alone", () => {
	const near = (want) => assert.ok(Math.abs(now() - want) < 2500, `${now()} is not near ${want}`);
	learn(new Date(Date.now() + H).toUTCString());
	near(Date.now() + H);
	learn("nonsense");
	near(Date.now() + H);
	learn(new Date(Date.now() + 500).toUTCString());
	assert.ok(Math.abs(now() - Date.now()) < 50);
});
