import assert from "node:assert/strict";
import test from "node:test";
import { forEachRow, load } from "./harness/modules.mjs";

const { durationMs, formBody, targetOf } = await load("forms.js");
const { problemText } = await load("send.js");
const { searchUrl } = await load("search.js");
const { outcomeText, progressText } = await load("check.js");
const { nextRow } = await load("keys.js");

const AT = Date.parse("2026-11-20T11:00:00.250Z");
const field = (name, value, more = {}) => ({ name, value, type: "text", dataset: {}, ...more });

forEachRow(test, "duration", [
	["30s", 30_000], ["90m", 5_400_000], ["2h", 7_200_000], [" 1d ", 86_400_000],
	["", NaN], ["5", NaN], ["-1h", NaN], ["1w", NaN], ["1.5h", NaN],
], (text, want) => assert.equal(durationMs(text), want));

forEachRow(test, "body", [
	[[field("who", " ann ")], { who: "ann" }],
	[[field("who", "ann"), field("why", "  ")], { who: "ann" }],
	[[field("", "x"), field("a", "b", { disabled: true }), field("go", "x", { type: "submit" })], {}],
	[[field("until", "2h", { name: "for", dataset: { duration: "" } })], { until: "2026-11-20T13:00:00Z" }],
	[[field("false_alarm", "on", { type: "checkbox", checked: true, dataset: { type: "flag" } })], { false_alarm: true }],
	[[field("false_alarm", "on", { type: "checkbox", checked: false, dataset: { type: "flag" } })], { false_alarm: false }],
	[[field("false_alarm", "false", { type: "hidden", dataset: { type: "flag" } })], { false_alarm: false }],
	[[field("pick", "a", { type: "radio", checked: false }), field("pick", "b", { type: "radio", checked: true })], { pick: "b" }],
	[[field("__proto__", "x")], JSON.parse('{"__proto__":"x"}')],
], (fields, want) => assert.deepEqual(formBody(fields, AT), want));

test("a duration that is none is refused, not sent", () => {
	assert.throws(() => formBody([field("for", "soon", { dataset: { duration: "" } })], AT), RangeError);
});

forEachRow(test, "target", [
	["POST /incidents/12/ack", ["POST", "/incidents/12/ack"]],
	["DELETE /silences/3", ["DELETE", "/silences/3"]],
	["GET /silences", null],
	["POST //elsewhere.example/x", null],
	["POST /\\elsewhere.example/x", null],
	["POST https://elsewhere.example/", null],
	["", null],
	[undefined, null],
], (text, want) => assert.deepEqual(targetOf(text), want));

forEachRow(test, "problem", [
	[400, { title: "t", detail: "who is missing" }, "who is missing"],
	[400, { title: "t" }, "t"],
	[502, null, "driftd answers with an error (502)."],
	[401, { detail: "x" }, "driftd wants its token for this: try again and give it."],
], (status, problem, want) => assert.equal(problemText(status, problem), want));

forEachRow(test, "search", [
	[[["q", "bill ing"]], "/?q=bill+ing"],
	[[["q", ""], ["state", "drift"], ["state", "ok"]], "/?state=drift&state=ok"],
	[[["q", "  "]], "/"],
	[[["q", "a&b=c#d"]], "/?q=a%26b%3Dc%23d"],
], (entries, want) => assert.equal(searchUrl("/", entries), want));

forEachRow(test, "progress", [
	[{ done: 12, total: 31 }, "12 of 31"], [{ done: 0, total: 0 }, "starting"], [null, "starting"],
], (progress, want) => assert.equal(progressText(progress), want));

test("what came of a check", () => {
	assert.equal(outcomeText({ overall: "drift", evaluated: 14, targets_total: 15 }), "done: drift, 14 of 15 evaluated");
});

forEachRow(test, "rows", [
	[-1, 3, 1, 0], [-1, 3, -1, 2], [0, 3, 1, 1], [2, 3, 1, 2], [0, 3, -1, 0],
], (index, count, step, want) => assert.equal(nextRow(index, count, step), want));
