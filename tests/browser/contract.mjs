/* contract - api/openapi.json against the real daemon: the document is valid, each operation is driven
 * to each answer that is described and each answer is as described, no route is served that is not
 * described, none described that is not served. And the judge itself: what is wrong, it sees. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import {
	CASES,
	PROBLEM_CASES,
	TYPE_CASES,
	UNSEEN,
	UNSEEN_TYPES,
	sampleQuery,
	startContractWorld,
} from "./harness/cases.mjs";
import { readEvents } from "./harness/http.mjs";
import {
	Contract,
	compareOperations,
	describedOperations,
	loadDocument,
	servedOperations,
} from "./harness/openapi.mjs";
import { waitUntil } from "./harness/wait.mjs";
import { World, section } from "./harness/world.mjs";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
const document = loadDocument();
const contract = new Contract(document);

function acceptOf(type) {
	return type === "text/html" ? BROWSER : type.endsWith("/problem+json") ? "application/json" : type;
}

/** A request of a case: its own header fields over the credential and the form. */
async function exchange(world, operation, request, type) {
	const [method] = operation.split(" ");
	const { path, body, headers } = await request(world);
	const authorization =
		headers && "authorization" in headers ? {} : { authorization: `Bearer ${world.token}` };
	const all = { ...authorization, ...(type ? { accept: acceptOf(type) } : {}), ...headers };
	for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
	return world.call(path, { method: request.method ?? method, headers: all, body });
}

/** Drive one case to each media type that its status is described with. */
async function drive(world, operation, { status, before, request, types }) {
	const described = contract.response(operation, status);
	assert.ok(described, `${operation} ${status} is not described`);
	if (before) await exchange(world, operation, before);
	for (const type of types ?? Object.keys(described.node.content ?? { "": {} })) {
		const answer = await exchange(world, operation, request, type || undefined);
		assert.equal(
			answer.status,
			status,
			`${operation} as ${type}: ${answer.status} ${answer.body.slice(0, 500)}`,
		);
		if (type) assert.equal(answer.type, type, `${operation} ${status}: ${answer.body.slice(0, 200)}`);
		contract.judge(operation, answer);
	}
}

/* --- the document --- */

test("the document is OpenAPI 3.1, as a validator of others sees it", async () => {
	const result = await new Validator().validate(structuredClone(document));
	assert.deepEqual(result.errors ?? [], []);
	assert.ok(result.valid);
	assert.match(document.openapi, /^3\.1\./);
});

test("every example is as its schema says, and every operation has one for each body", () => {
	const faults = contract
		.examples()
		.map(({ pointer, value }) => contract.faults(pointer, value)?.replace(/^/, `${pointer}: `));
	assert.deepEqual(faults.filter(Boolean), []);
	for (const operation of describedOperations(document)) {
		const bodies = Object.entries(contract.operation(operation).requestBody?.content ?? {});
		for (const status of Object.keys(contract.operation(operation).responses))
			bodies.push(...Object.entries(contract.response(operation, status).node.content ?? {}));
		for (const [type, content] of bodies)
			assert.ok("example" in content || "examples" in content, `${operation} ${type} has no example`);
	}
});

test("nothing in components is unused, and operation ids are distinct", () => {
	const text = JSON.stringify(document);
	for (const [kind, members] of Object.entries(document.components))
		for (const name of kind === "securitySchemes" ? [] : Object.keys(members))
			assert.ok(text.includes(`"#/components/${kind}/${name}"`), `components/${kind}/${name} is not used`);
	const ids = describedOperations(document).map((name) => contract.operation(name).operationId);
	assert.equal(new Set(ids).size, ids.length);
});

test("every object that is described says which of its members are always there", () => {
	const visit = (node, path) => {
		if (typeof node !== "object" || node === null) return;
		if ("properties" in node && node.type !== undefined && !path.includes("example"))
			assert.ok(
				"required" in node || OPTIONAL_ONLY.includes(path.split("/").at(-1)) || /allOf\/\d+$/.test(path),
				`${path} has no required`,
			);
		for (const [name, value] of Object.entries(node)) visit(value, `${path}/${name}`);
	};
	visit(document.components.schemas, "schemas");
});
const OPTIONAL_ONLY = ["Completion", "Assertion", "FalseAlarmBody"];

/* --- the daemon --- */

test("the real daemon", async (suite) => {
	const world = await startContractWorld(suite);

	await suite.test("serves what is described, and describes what it serves", async () => {
		const listing = await exchange(world, "GET /", () => ({ path: "/" }), "text/plain");
		const served = servedOperations(listing.body);
		assert.ok(served.length >= 35, `only ${served.length} in the list`);
		assert.deepEqual(compareOperations(describedOperations(document), served), []);
	});

	await suite.test("serves this very document", async () => {
		const answer = await exchange(world, "GET /openapi.json", () => ({ path: "/openapi.json" }));
		assert.deepEqual(answer.json, document);
	});

	for (const operation of describedOperations(document)) {
		await suite.test(`${operation}: answers`, async () => {
			assert.ok(CASES[operation], `${operation} has no case in harness/cases.mjs`);
			for (const one of CASES[operation]) await drive(world, operation, one);
		});
		await suite.test(`${operation}: problems`, async () => {
			for (const [status, make] of Object.entries(PROBLEM_CASES)) {
				const request = contract.response(operation, status) && make(contract, operation);
				if (request)
					await drive(world, operation, {
						status: Number(status),
						request,
						types: problemTypes(operation, status),
					});
			}
		});
	}

	for (const operation of describedOperations(document).filter(
		(name) => name.startsWith("GET ") && name !== "GET /events",
	))
		await suite.test(`${operation}: HEAD says the same without a body`, async () => {
			const { request, status } = CASES[operation][0];
			const get = await exchange(world, operation, request);
			const head = await exchange(world, operation, Object.assign(request.bind(null), { method: "HEAD" }));
			assert.equal(head.status, status);
			assert.equal(head.type, get.type);
			assert.equal(head.body, "");
			contract.judge(operation, head, { body: false });
		});

	for (const [operation, status, type, request] of TYPE_CASES)
		await suite.test(`${operation}: ${type}`, async () => {
			await drive(world, operation, { status, request });
			const answer = await exchange(world, operation, request, "application/json");
			assert.equal(answer.json.type, `/problems/${type}`, answer.body);
		});

	for (const operation of describedOperations(document).filter((name) =>
		contract.parameters(name).some(isQuery),
	))
		await suite.test(
			`${operation}: takes the values of its parameters that are described, and no others`,
			() => expectParameters(world, operation),
		);

	await suite.test("GET /events: each sort of event", (t) => expectEvents(world, t));

	await suite.test("every answer that is described was seen", () => {
		const missing = describedOperations(document)
			.flatMap((name) => contract.describedAnswers(name))
			.filter((answer) => !contract.seen.has(answer) && !UNSEEN.some((pattern) => pattern.test(answer)));
		assert.deepEqual(missing, []);
	});
});

function problemTypes(operation, status) {
	return Object.keys(contract.response(operation, status).node.content ?? { "": {} });
}

/* --- parameters --- */

const isQuery = (parameter) => parameter.in === "query";

/** The schema of one value of a parameter. */
function valueSchema({ schema }) {
	const one = schema.type === "array" ? schema.items : schema;
	return one.$ref ? document.components.schemas[one.$ref.split("/").at(-1)] : one;
}

function goodValues(schema) {
	if (schema.enum) return schema.enum;
	return schema.type === "integer" ? [schema.minimum, schema.maximum] : schema.minLength === 0 ? [""] : [];
}

function badValues(schema) {
	if (schema.enum) return ["nonsense", "", schema.enum[0].toUpperCase() + " "];
	if (schema.type === "integer") return [schema.minimum - 1, schema.maximum + 1, "1x", ""];
	return ["x".repeat(schema.maxLength + 1), ...(schema.minLength === 1 ? [""] : [])];
}

async function expectParameters(world, operation) {
	const [method] = operation.split(" ");
	const send = async (query) => {
		const answer = await exchange(world, operation, () => ({ path: sampleQuery(operation, query) }));
		contract.judge(operation, answer);
		return answer;
	};
	for (const parameter of contract.parameters(operation).filter(isQuery)) {
		const schema = valueSchema(parameter);
		for (const value of badValues(schema)) {
			const answer = await send(`${parameter.name}=${encodeURIComponent(value)}`);
			assert.equal(answer.status, 400, `${operation} ${parameter.name}=${value}`);
		}
		for (const value of method === "GET" && !operation.endsWith("/check") ? goodValues(schema) : []) {
			const answer = await send(`${parameter.name}=${encodeURIComponent(value)}`);
			assert.notEqual(answer.status, 400, `${operation} ${parameter.name}=${value}: ${answer.body}`);
		}
		if (parameter.schema.type !== "array") {
			const value = encodeURIComponent(goodValues(schema)[0] ?? "x");
			assert.equal(
				(await send(`${parameter.name}=${value}&${parameter.name}=${value}`)).status,
				400,
				`${operation} ${parameter.name} twice`,
			);
		}
	}
}

/* --- events --- */

/** The stream as it is described, and each event by the schema of its name. */
async function stream(world, headers, enough) {
	const answer = await readEvents(`${world.origin}/events`, {
		headers: { authorization: `Bearer ${world.token}`, ...headers },
		enough,
	});
	contract.judge("GET /events", { ...answer, body: answer.text });
	for (const { event, data } of answer.events) {
		const faults = contract.faults(
			`#/paths/~1events/get/responses/200/content/text~1event-stream/x-events/${event}`,
			JSON.parse(data),
		);
		assert.equal(faults, undefined, `event ${event} is not as described: ${faults}\n${data}`);
	}
	return answer;
}

async function expectEvents(world) {
	const has =
		(name, part = "") =>
		(events) =>
			events.some(({ event, data }) => event === name && data.includes(part));
	const first = await stream(world, {}, has("snapshot"));
	assert.match(first.text, /^retry: \d+\n/);
	const resumed = await stream(world, { "last-event-id": "0" }, has("transition"));
	const transition = resumed.events.find(({ event }) => event === "transition");
	assert.equal(transition.id, String(JSON.parse(transition.data).id));
	await stream(world, { "last-event-id": "999999999" }, has("reset"));
	await world.cloud.addFault({ path: "/v2/*", kind: "latency", latency_ms: 300 });
	const checked = stream(world, {}, has("check", '"running"'));
	await exchange(world, "POST /check", () => ({ path: "/check?wait=0" }));
	await checked;
	await world.cloud.heal();
}

/* --- before the first check --- */

test("a daemon that has checked nothing yet: 503 as described, and what needs no check answers", async (t) => {
	const world = await World.for(t);
	const repository = world.makeRepository();
	const sha = repository.publish("services/shop/main.c", "1");
	await world.cloud.deploy("shop", sha);
	await world.cloud.addFault({ path: "*", kind: "hang" });
	await world.configure(
		{ "cycle-timeout": "60s", "request-timeout": "60s" },
		section('service "shop"', { source: "cloud-run", paths: "services/shop" }),
	);
	await world.start();
	const closed = [];
	for (const operation of describedOperations(document).filter(
		(name) => name.startsWith("GET ") && !["GET /check", "GET /events"].includes(name),
	))
		for (const accept of ["application/json", BROWSER]) {
			const path = operation
				.slice("GET ".length)
				.replace("{kind}", "service")
				.replace("{name}", "shop")
				.replace(/\{\w+\}/g, "1");
			const answer = await world.call(path, { headers: { accept } });
			contract.judge(operation, answer);
			if (answer.status === 503) closed.push(`${operation} ${answer.type}`);
		}
	for (const path of ["/gate", "/readyz"])
		for (const type of ["application/problem+json", "text/html"])
			assert.ok(
				closed.includes(`GET ${path} ${type}`),
				`GET ${path} is no 503 (${type}): ${closed.join(", ")}`,
			);
	assert.ok(
		!closed.some((name) => /\/(healthz|version|metrics|openapi|docs|assets)/.test(name)),
		closed.join(", "),
	);
	await world.cloud.heal();
	await waitUntil(async () => (await world.call("/readyz")).status === 200, "the first check ends");
});

test("every type of problem was seen", () => {
	const seen = [...contract.problems, ...UNSEEN_TYPES.map((type) => `/problems/${type}`)].sort();
	assert.deepEqual(seen, [...document.components.schemas.ProblemType.enum].sort());
});

/* --- the judge --- */

test("the judge sees what is wrong", async (t) => {
	const answer = (change) => {
		const json = structuredClone(
			document.paths["/status"].get.responses[200].content["application/json"].example,
		);
		change(json);
		return {
			status: 200,
			headers: { etag: '"x"', "cache-control": "no-cache" },
			type: "application/json",
			body: "{}",
			json,
		};
	};
	const judge = (change, more) => new Contract(document).judge("GET /status", { ...answer(change), ...more });
	const wrong = {
		"a member that is not described": (json) => (json.surprise = 1),
		"one deeper down": (json) => (json.targets[0].surprise = 1),
		"one of what is composed": (json) => (json.repos[0].head.surprise = 1),
		"a member that is missing": (json) => delete json.overall,
		"a word that is none": (json) => (json.targets[0].state = "fine"),
		"a time that is none": (json) => (json.generated_at = "yesterday"),
		"a time of another zone": (json) => (json.generated_at = "2026-11-20T11:00:03+01:00"),
		"a number as text": (json) => (json.evaluated = "15"),
		"a negative count": (json) => (json.counts.ok = -1),
		"an id that is none": (json) => (json.targets[0].id = "thing/x"),
		"a commit id that is none": (json) => (json.repos[0].head.sha = "18f6ecfe"),
		"null where there must be something": (json) => (json.check = null),
	};
	judge(() => {});
	for (const [what, change] of Object.entries(wrong))
		await t.test(what, () => assert.throws(() => judge(change), /is not as described/));
	await t.test("a status that is not described", () =>
		assert.throws(() => judge(() => {}, { status: 418 }), /status is not described/),
	);
	await t.test("a media type that is not", () =>
		assert.throws(() => judge(() => {}, { type: "text/csv" }), /media type is not described/),
	);
	await t.test("a header field that is missing", () =>
		assert.throws(() => judge(() => {}, { headers: {} }), /ETag is missing/),
	);
	await t.test("a problem of another status", () =>
		assert.throws(
			() =>
				new Contract(document).judge("GET /status", {
					status: 400,
					headers: { "cache-control": "no-store" },
					type: "application/problem+json",
					body: "{}",
					json: { type: "/problems/not-found", title: "x", status: 400, detail: "x" },
				}),
			/is not as described/,
		),
	);
});

test("the comparison of routes sees what is missing on either side", () => {
	const described = describedOperations(document);
	assert.deepEqual(compareOperations(described, described), []);
	assert.deepEqual(compareOperations(described.slice(1), described), [`${described[0]} is not described`]);
	assert.deepEqual(compareOperations(described, described.slice(1)), [`${described[0]} is not served`]);
	assert.deepEqual(
		servedOperations("GET POST  /check   run\nGET       /       list\n\nTables: format=text\n"),
		["GET /check", "POST /check", "GET /"],
	);
});
