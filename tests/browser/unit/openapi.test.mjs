import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { forEachRow, load } from "./harness/modules.mjs";

const { curlText, examplesOf, limitsText, membersOf, namesOf, operationsOf, resolve, typeText } = await load("openapi.js");

const ref = (name) => ({ $ref: `#/components/schemas/${name}` });
const api = {
	paths: {
		"/a/{n}": {
			parameters: [{ name: "n", in: "path", example: 12 }],
			post: {
				operationId: "doA",
				parameters: [{ $ref: "#/components/parameters/format" }],
				requestBody: { content: { "application/json": { example: { who: "o'neill" } } } },
			},
			get: {},
		},
	},
	components: {
		parameters: { format: { name: "format", in: "query" } },
		schemas: {
			State: { enum: ["ok", "drift", null] },
			Alias: { $ref: "#/components/schemas/State", description: "an alias" },
			Circle: ref("Round"),
			Round: ref("Circle"),
			Tree: { type: "object", properties: { children: { type: "array", items: ref("Tree") } } },
			Base: { type: "object", required: ["id"], properties: { id: { type: "integer" }, state: ref("State") } },
			Whole: { allOf: [ref("Base"), { properties: { id: { type: "string" }, more: true } }] },
			Self: { allOf: [ref("Self")], properties: { x: {} } },
			"a/b~c": { type: "boolean" },
		},
	},
};

forEachRow(test, "type", [
	[{ type: "string" }, "string"],
	[{ type: ["string", "null"], format: "date-time" }, "string or null (date-time)"],
	[{ type: "array", items: ref("State") }, "array of State"],
	[{ type: ["array", "null"], items: { type: "string" } }, "array of string or null"],
	[ref("State"), "State"],
	[api.components.schemas.State, "ok | drift | null"],
	[{ const: true }, "true"],
	[{ oneOf: [ref("Base"), { type: "null" }] }, "Base or null"],
	[{ allOf: [ref("Base"), ref("Base")] }, "Base"],
	[{ properties: {} }, "object"],
	[{}, "any"],
	[true, "any"],
	[undefined, "any"],
], (schema, want) => assert.equal(typeText(api, schema), want));

test("references are followed, and say what is said beside them", () => {
	assert.deepEqual(resolve(api, ref("Alias")).node, { ...api.components.schemas.State, description: "an alias" });
	assert.equal(resolve(api, ref("Alias")).name, "Alias");
	assert.deepEqual(resolve(api, { $ref: "#/components/schemas/a~1b~0c" }).node, { type: "boolean" });
	assert.deepEqual(resolve(api, ref("Nowhere")).node, {});
	assert.deepEqual(resolve(api, { $ref: "https://elsewhere.example/x" }).node, {});
	assert.deepEqual(resolve(api, { $ref: "#/paths/constructor/name" }).node, {});
	assert.deepEqual(resolve(api, undefined).node, {});
});

test("circles end", () => {
	assert.deepEqual(resolve(api, ref("Circle")).node, {});
	assert.deepEqual(membersOf(api, ref("Self")).map(({ name }) => name), ["x"]);
	assert.deepEqual(membersOf(api, ref("Tree")).map(({ name }) => name), ["children"]);
	assert.ok(typeText(api, { type: "array", items: ref("Tree") }) === "array of Tree");
});

test("members of what is made of parts, of items, of alternatives", () => {
	const names = (schema) => membersOf(api, schema).map(({ name, isRequired }) => `${name}${isRequired ? "!" : ""}`);
	assert.deepEqual(names(ref("Whole")), ["id!", "state", "more"]);
	assert.deepEqual(names({ type: "array", items: ref("Base") }), ["id!", "state"]);
	assert.deepEqual(names({ oneOf: [ref("Base"), { type: "null" }] }), ["id!", "state"]);
	assert.deepEqual(names({ additionalProperties: { type: "integer" } }), ["*"]);
	assert.deepEqual(names({ type: "string" }), []);
});

test("names that a schema leads to", () => {
	assert.deepEqual(namesOf(api, { oneOf: [ref("Base"), { type: "array", items: ref("State") }] }), ["Base", "State"]);
	assert.deepEqual(namesOf(api, { type: "object", properties: { a: ref("Base") } }), []);
});

forEachRow(test, "limits", [
	[{ minimum: 1, maximum: 1000, default: 100 }, "1 to 1000, default 100"],
	[{ minimum: 0 }, "at least 0"],
	[{ maxLength: 200 }, "at most 200 characters"],
	[{ pattern: "^a$" }, "matches ^a$"],
	[{ default: false }, "default false"],
	[{}, ""],
], (schema, want) => assert.equal(limitsText(schema), want));

test("operations, with the parameters of their paths", () => {
	const found = operationsOf(api);
	assert.deepEqual(found.map(({ id, method, path }) => [id, method, path]),
		[["get-a-n-", "GET", "/a/{n}"], ["doA", "POST", "/a/{n}"]]);
	assert.deepEqual(found[1].parameters.map(({ name }) => name), ["n", "format"]);
});

test("examples", () => {
	assert.deepEqual(examplesOf(api, { example: null }), [["", null]]);
	assert.deepEqual(examplesOf(api, { examples: { a: { summary: "A", value: 1 }, b: { value: 2 } } }), [["A", 1], ["b", 2]]);
	assert.deepEqual(examplesOf(api, {}), []);
});

test("how to ask from a shell, quoted", () => {
	const [get, post] = operationsOf(api);
	assert.equal(curlText("http://h", get), "curl 'http://h/a/12'");
	assert.equal(curlText("http://h", post),
		`curl -X POST -H 'Content-Type: application/json' -d '{"who":"o'\\''neill"}' 'http://h/a/12'`);
});

test("all of our own document can be shown", () => {
	const own = JSON.parse(readFileSync(new URL("../../../api/openapi.json", import.meta.url)));
	const operations = operationsOf(own);
	assert.ok(operations.length > 25);
	assert.equal(new Set(operations.map(({ id }) => id)).size, operations.length);
	for (const [name, schema] of Object.entries(own.components.schemas)) {
		assert.notEqual(typeText(own, schema), "any", name);
		for (const member of membersOf(own, schema))
			for (const to of namesOf(own, member.schema)) assert.ok(own.components.schemas[to], `${name}: ${to}`);
	}
	for (const { id, parameters } of operations)
		for (const { name, schema } of parameters) assert.ok(name && schema, id);
});
