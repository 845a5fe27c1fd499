import assert from "node:assert/strict";
import test from "node:test";
import { forEachRow, load } from "./harness/modules.mjs";

const { createBackoff, createParser, retryAfterMs } = await load("stream.js");

function parse(...chunks) {
	const events = [];
	const take = createParser((type, data) => events.push([type, data]));
	chunks.forEach(take);
	return events;
}

const streams = [
	["event: check\ndata: {}\n\n", [["check", "{}"]]],
	["data: a\n\n", [["message", "a"]]],
	["data:a\n\n", [["message", "a"]]],
	["data:  a\n\n", [["message", " a"]]],
	["data: a\ndata: b\n\n", [["message", "a\nb"]]],
	["data\n\n", [["message", ""]]],
	["event: check\n\ndata: a\n\n", [["message", "a"]]], // without data there is no event, and its name is gone
	[": beat\n\n", []],
	["retry: 3000\n\nid: 7\nevent: transition\ndata: x\n\n", [["transition", "x"]]],
	["data: a\r\n\r\ndata: b\r\rdata: c\n\n", [["message", "a"], ["message", "b"], ["message", "c"]]],
	["data: a:b: c\n\n", [["message", "a:b: c"]]],
	["data: not ended\n", []],
];
forEachRow(test, "stream", streams, (text, want) => assert.deepEqual(parse(text), want));
forEachRow(test, "stream, a character at a time", streams, (text, want) =>
	assert.deepEqual(parse(...text), want));

test("an event without end is refused", () => {
	const take = createParser(() => {});
	assert.throws(() => {
		for (let i = 0; i < 2000; i++) take("x".repeat(1000));
	}, RangeError);
	const takeLines = createParser(() => {});
	assert.throws(() => {
		for (let i = 0; i < 2000; i++) takeLines(`data: ${"x".repeat(1000)}\n`);
	}, RangeError);
});

test("pauses grow, up to a limit, and begin anew", () => {
	const backoff = createBackoff({ first: 1000, most: 8000, random: () => 0.5 });
	assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => backoff.next()), [1000, 2000, 4000, 8000, 8000, 8000]);
	backoff.reset();
	assert.equal(backoff.next(), 1000);
});

test("pauses are not the same for all", () => {
	const pauses = [0, 0.999].map((value) => createBackoff({ first: 1000, most: 8000, random: () => value }).next());
	assert.deepEqual(pauses, [500, 1499]);
});

test("pauses stay bounded after years", () => {
	const backoff = createBackoff({ first: 1000, most: 8000 });
	for (let i = 0; i < 5000; i++) assert.ok(backoff.next() <= 12_000);
});

forEachRow(test, "Retry-After", [
	["30", 30_000],
	["100000", 300_000],
	["0", 0],
	["-5", 0],
	["soon", 0],
	[null, 0],
	["Fri, 20 Nov 2026 11:00:00 GMT", 0],
], (value, want) => assert.equal(retryAfterMs(value), want));
