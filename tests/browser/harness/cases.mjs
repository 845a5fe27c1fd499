/* cases - requests that bring each operation to each answer that openapi.json describes. A request is
 * made anew for each media type; what it leaves out is the credential of the world. */
import { createHmac } from "node:crypto";
import { waitUntil } from "./wait.mjs";
import { World, section } from "./world.mjs";

const HOOK_SECRET = "hook-secret-of-the-contract-test";
const TOKEN = "token-of-the-contract-test-0123456789";
const AUDIENCE = "https://drift.example.com";

/** The demo with everything that can be protected protected. world.token, .stranger (a valid token of nobody who may). */
export async function startContractWorld(context) {
	const world = await World.for(context, { isDemo: true });
	const { origin } = world.cloud;
	world.replaceConfig(/^check-interval = .*$/m, "check-interval = 1h");
	world.replaceConfig(/^every = 5s$/m, `every = 1h\nwebhook-secret = ${HOOK_SECRET}`);
	world.writeConfig(
		world.config +
			section("auth", {
				token: TOKEN,
				protect: "all",
				"link-secret": "link-secret-of-the-contract-test",
				"oidc-audience": AUDIENCE,
				"oidc-email": "scheduler@acme-prod.iam.gserviceaccount.com",
				"oidc-issuer": `${origin}/oidc`,
				"oidc-jwks-url": `${origin}/oidc/certs`,
			}),
	);
	await world.start();
	world.token = TOKEN;
	world.stranger = (
		await world.cloud.control("POST", "oidc/tokens", { claims: { aud: AUDIENCE, email: "eve@example.com" } })
	).token;
	world.asset = await assetPath(world);
	await waitUntil(async () => (await world.call("/readyz")).status === 200, "the first check ends");
	world.link = await waitUntil(() => findLink(world), "Slack is told, with a link");
	return world;
}

function authorized(world) {
	return { authorization: `Bearer ${world.token}` };
}

/** A file of the dashboard, as a page names it: its folder. */
async function assetPath(world) {
	const page = await waitUntil(async () => {
		const answer = await world.call("/?format=html", { headers: authorized(world) });
		return answer.status === 200 && answer.body;
	}, "the overview");
	return /\/assets\/[0-9a-f]+\//.exec(page)[0];
}

/** The acknowledge link of the first message: {n, query}. */
async function findLink(world) {
	const messages = JSON.stringify(await world.cloud.slackMessages());
	const found = /\/ack\/(\d+)\?(e=\d+(?:&|&amp;|\\u0026)s=[\w-]+)/.exec(messages);
	return found && { n: Number(found[1]), query: found[2].replace(/&amp;|\\u0026/, "&") };
}

/* --- requests --- */

const get = (path, headers) => () => ({ path, headers });
const post = (path, body, headers) => () => ({ path, body, headers });
const ok = (request, more) => ({ status: 200, request, ...more });

/** Number of an incident; its status as asked. */
async function incident(world, query) {
	const { json } = await world.call(`/incidents?${query}`, { headers: authorized(world) });
	return json.items[0].id;
}

async function newSilence(world) {
	const body = {
		matcher: "service/*",
		until: new Date(Date.now() + 3_600_000).toISOString(),
		who: "ann",
		why: "load test",
	};
	const answer = await world.call("/silences", { method: "POST", headers: authorized(world), body });
	return answer.json.id;
}

/** A check that takes its time, seen while it runs: its number. */
async function slowCheck(world) {
	await world.cloud.addFault({ path: "/v2/*", kind: "latency", latency_ms: 300 });
	const answer = await world.call("/check?wait=0", { method: "POST", headers: authorized(world) });
	return answer.json.check.id;
}

async function finishedCheck(world) {
	await world.cloud.heal();
	const answer = await world.call("/check", { method: "POST", headers: authorized(world) });
	return answer.json.check.id;
}

/** An incident that is over: its target was mended. */
async function resolvedIncident(world) {
	world.resolved ??= (async () => {
		const target = "billing";
		const { json } = await world.call(`/drift/service/${target}`, { headers: authorized(world) });
		await world.cloud.putTarget(target, { commit: json.head.sha });
		await world.cloud.putTarget(`${target}-health`, { service: target });
		return waitUntil(async () => {
			await finishedCheck(world);
			const over = await world.call(`/incidents?target=service/${target}&status=resolved`, {
				headers: authorized(world),
			});
			return over.json.items[0]?.id;
		}, `the incident of ${target} is over`);
	})();
	return world.resolved;
}

function push(world, more) {
	return JSON.stringify({
		ref: "refs/heads/main",
		before: "1".repeat(40),
		after: "2".repeat(40),
		repository: {
			full_name: "acme/pipeline",
			clone_url: `${world.cloud.origin}/git/pipeline.git`,
			default_branch: "main",
		},
		...more,
	});
}

let deliveries = 0;

function github(event, { body, delivery, headers } = {}) {
	return (world) => {
		const text = body ?? push(world);
		const signature = createHmac("sha256", HOOK_SECRET).update(text).digest("hex");
		return {
			path: "/hooks/github",
			body: text,
			headers: {
				authorization: undefined,
				"content-type": "application/json",
				"x-github-event": event,
				"x-github-delivery": delivery ?? `delivery-${++deliveries}`,
				"x-hub-signature-256": `sha256=${signature}`,
				...headers,
			},
		};
	};
}

function gitlab(event, { body, delivery, headers } = {}) {
	return (world) => ({
		path: "/hooks/gitlab",
		body: body ?? push(world, { project: { git_http_url: `${world.cloud.origin}/git/pipeline.git` } }),
		headers: {
			authorization: undefined,
			"content-type": "application/json",
			"x-gitlab-event": event,
			"x-gitlab-event-uuid": delivery ?? `delivery-${++deliveries}`,
			"x-gitlab-token": HOOK_SECRET,
			...headers,
		},
	});
}

const ackForm = (body, headers) => ({
	body,
	headers: { authorization: undefined, "content-type": "application/x-www-form-urlencoded", ...headers },
});

/* --- what each operation answers --- */

export const CASES = {
	"GET /status": [ok(get("/status"))],
	"GET /drift": [
		ok(get("/drift")),
		ok(get("/drift?all=1&limit=3")),
		ok(get("/drift?kind=table&kind=backup&state=drift&priority=P1")),
		ok(get("/drift?owner=ml&repo=pipeline&q=WORKER")),
		ok(async (world) => {
			const first = await world.call("/drift?limit=2", { headers: authorized(world) });
			return { path: `/drift?limit=2&cursor=${encodeURIComponent(first.json.next_cursor)}` };
		}),
	],
	"GET /metrics": [ok(get("/metrics"))],
	"GET /gate": [
		ok(get("/gate?target=service/checkout")),
		{ status: 409, request: get("/gate?kind=service") },
		{ status: 409, request: get("/gate?strict=1&allow-unknown=1&priority=P0") },
	],
	"GET /check": [
		ok(get("/check")),
		{ status: 202, request: async (world) => (await slowCheck(world), { path: "/check?wait=0" }) },
		{ status: 409, request: async (world) => (await world.cloud.heal(), { path: "/check?strict=1" }) },
	],
	"POST /check": [
		ok(post("/check?force=1")),
		{ status: 202, request: async (world) => (await slowCheck(world), { path: "/check?wait=0" }) },
		{ status: 409, request: async (world) => (await world.cloud.heal(), { path: "/check?strict=1" }) },
	],
	"GET /healthz": [ok(get("/healthz"))],
	"GET /readyz": [ok(get("/readyz"))],
	"GET /version": [ok(get("/version"))],
	"GET /openapi.json": [ok(get("/openapi.json"))],
	"GET /": [
		ok(get("/")),
		ok(get("/?kind=table&state=drift&priority=P1&owner=ml&repo=pipeline&q=work&group=owner&page=1")),
		ok(get("/?format=html"), { types: ["text/html"] }),
		ok(get("/?format=text"), { types: ["text/plain"] }),
	],
	"GET /docs": [ok(get("/docs"))],
	"GET /assets/{hash}/{file}": [
		ok((world) => ({ path: `${world.asset}dashboard.css` }), { types: ["text/css"] }),
		ok((world) => ({ path: `${world.asset}dashboard.js` }), { types: ["text/javascript"] }),
		ok((world) => ({ path: `${world.asset}icon-drift.svg` }), { types: ["image/svg+xml"] }),
	],
	"GET /events": [] /* never ends: contract.mjs reads it otherwise */,
	"GET /badge.svg": [ok(get("/badge.svg")), ok(get("/badge.svg?label=%3Cscript%3E"))],
	"GET /badge/{kind}/{name}.svg": [
		ok(get("/badge/service/gateway.svg")),
		ok(get("/badge/table/revenue.svg?label=%22%26")),
	],
	"GET /summary": [ok(get("/summary")), ok(get("/summary?period=1d")), ok(get("/summary?period=365d"))],
	"GET /config": [ok(get("/config"))],
	"GET /drift/{kind}/{name}": [
		ok(get("/drift/service/gateway")),
		ok(async (world) => {
			/* every target there is, one after the other, so that each detail is seen */
			world.ids ??= (await world.call("/status", { headers: authorized(world) })).json.targets.map(
				({ id }) => id,
			);
			return { path: `/drift/${world.ids[(world.next = ((world.next ?? -1) + 1) % world.ids.length)]}` };
		}),
	],
	"GET /drift/{name}": [ok(get("/drift/gateway"))],
	"GET /history/{kind}/{name}": [
		ok(get("/history/service/gateway")),
		ok(get("/history/table/orders?limit=1")),
		ok(get("/history/service/worker?limit=1")),
	],
	"GET /history/{kind}/{name}/days": [
		ok(get("/history/service/gateway/days")),
		ok(get("/history/table/orders/days?days=365")),
	],
	"GET /checks/{id}": [
		ok(async (world) => ({ path: `/checks/${await finishedCheck(world)}` })),
		ok(async (world) => ({ path: `/checks/${await slowCheck(world)}` })),
	],
	"GET /incidents": [
		ok(get("/incidents")),
		ok(get("/incidents?status=open&status=resolved&target=service/gateway&limit=1")),
	],
	"GET /incidents/summary": [ok(get("/incidents/summary"))],
	"GET /incidents/{n}": [ok(get("/incidents/1"))],
	"POST /incidents/{n}/ack": [
		ok(post("/incidents/2/ack", { who: "ann", why: "deploying after lunch" })),
		{
			status: 409,
			request: async (world) => ({
				path: `/incidents/${await resolvedIncident(world)}/ack`,
				body: { who: "ann" },
			}),
		},
	],
	"POST /incidents/{n}/false-alarm": [
		ok(post("/incidents/3/false-alarm")),
		ok(post("/incidents/3/false-alarm", { false_alarm: false })),
	],
	"GET /ack/{n}": [
		ok((world) => ({
			path: `/ack/${world.link.n}?${world.link.query}`,
			headers: { authorization: undefined },
		})),
		ok(get("/ack/1", { authorization: undefined })),
		{ status: 403, request: get("/ack/1?e=4102444800&s=none", { authorization: undefined }) },
	],
	"POST /ack/{n}": [
		ok((world) => ({ path: `/ack/${world.link.n}?${world.link.query}`, ...ackForm("who=ann&why=on+it") })),
		ok((world) => ({ path: "/ack/7", ...ackForm(`who=ann&token=${world.token}`) })),
		{ status: 403, request: post("/ack/1", "who=ann&token=no", ackForm().headers), types: ["text/html"] },
		{
			status: 409,
			request: async (world) => ({
				path: `/ack/${await resolvedIncident(world)}`,
				...ackForm(`who=ann&token=${world.token}`),
			}),
		},
	],
	"GET /silences": [
		ok(async (world) => (await newSilence(world), { path: "/silences" })),
		ok(get("/silences?all=1&limit=1")),
	],
	"POST /silences": [
		{
			status: 201,
			request: () => ({
				path: "/silences",
				body: {
					matcher: "priority=P2",
					until: new Date(Date.now() + 60_000).toISOString(),
					who: "bo",
					why: "x",
				},
			}),
		},
	],
	"DELETE /silences/{id}": [ok(async (world) => ({ path: `/silences/${await newSilence(world)}` }))],
	"GET /notifications": [
		ok(get("/notifications")),
		ok(get("/notifications?state=sent&channel=slack/team&limit=1")),
	],
	"POST /hooks/github": [
		ok(github("ping")),
		ok(github("push", { delivery: "again" }), { before: github("push", { delivery: "again" }) }),
		{ status: 202, request: github("push") },
		{ status: 202, request: github("star") },
		{
			status: 202,
			request: (world) => github("push", { body: push(world, { ref: "refs/heads/other" }) })(world),
		},
		{
			status: 202,
			request: (world) =>
				github("push", {
					body: `payload=${encodeURIComponent(push(world))}`,
					headers: { "content-type": "application/x-www-form-urlencoded" },
				})(world),
		},
	],
	"POST /hooks/gitlab": [
		ok(gitlab("Push Hook", { delivery: "again" }), { before: gitlab("Push Hook", { delivery: "again" }) }),
		{ status: 202, request: gitlab("Push Hook") },
		{ status: 202, request: gitlab("Tag Push Hook") },
	],
};

/* --- problems, of any operation --- */

const SAMPLE = { kind: "service", name: "gateway", id: "1", n: "1", hash: "0", file: "dashboard.css" };

/** A path of the operation, with what stands for its {…}. */
function pathOf(operation, parts = SAMPLE) {
	return operation.split(" ")[1].replace(/\{(\w+)\}/g, (all, name) => parts[name]);
}

/** A path of the operation that is there, and a query. */
export function sampleQuery(operation, query) {
	return `${pathOf(operation)}?${query}`;
}

const isHook = (operation) => operation.includes("/hooks/");
const isAck = (operation) => operation.includes(" /ack/");

/** A good request of the operation, for all but what is wrong with it. */
function sound(operation, more) {
	if (isHook(operation))
		return operation.endsWith("github") ? github("push", more) : gitlab("Push Hook", more);
	return () => ({ path: pathOf(operation), ...more });
}

function bodyType(contract, operation) {
	return Object.keys(contract.operation(operation).requestBody?.content ?? {})[0];
}

function withMethod(method, request) {
	return Object.assign(request, { method });
}

/** For each status: a request that gets it, or undefined where another case does. */
export const PROBLEM_CASES = {
	304: (contract, operation) => {
		const request = CASES[operation][0].request;
		return async (world) => {
			const { headers, ...rest } = await request(world);
			return { ...rest, headers: { ...headers, "if-none-match": "*" } };
		};
	},
	400: (contract, operation) => () => ({ path: `${pathOf(operation)}?nonsense=1` }),
	401: (contract, operation) =>
		isHook(operation)
			? sound(operation, { headers: { "x-hub-signature-256": undefined, "x-gitlab-token": undefined } })
			: () => ({ path: pathOf(operation), headers: { authorization: undefined } }),
	403: (contract, operation) => {
		if (isAck(operation)) return undefined;
		if (isHook(operation)) return sound(operation, { headers: { "sec-fetch-site": "cross-site" } });
		return (world) => ({ path: pathOf(operation), headers: { authorization: `Bearer ${world.stranger}` } });
	},
	404: (contract, operation) => {
		const nowhere = {
			kind: "service",
			name: "nobody",
			id: "999999",
			n: "999999",
			hash: "0",
			file: "nothing.js",
		};
		const form =
			operation === "POST /ack/{n}" ? (world) => ackForm(`who=ann&token=${world.token}`) : () => undefined;
		return (world) => ({ path: pathOf(operation, nowhere), ...(form(world) ?? { body: bodyOf(operation) }) });
	},
	405: (contract, operation) => withMethod("PUT", () => ({ path: pathOf(operation) })),
	413: (contract, operation) => {
		const bytes = isHook(operation)
			? 26 << 20
			: contract.operation(operation).requestBody
				? 70_000
				: (1 << 20) + 1;
		const type = bodyType(contract, operation) ?? "text/plain";
		return () => ({
			path: pathOf(operation),
			body: Buffer.alloc(bytes, "a"),
			headers: { "content-type": type },
		});
	},
	414: (contract, operation) => () => ({ path: `${pathOf(operation)}?q=${"a".repeat(9000)}` }),
	415: (contract, operation) =>
		isHook(operation)
			? sound(operation, { headers: { "content-type": "text/plain" } })
			: () => ({ path: pathOf(operation), body: "who=ann", headers: { "content-type": "text/plain" } }),
	421: (contract, operation) => () => ({ path: pathOf(operation), headers: { host: "evil.example" } }),
	431: (contract, operation) => () => ({
		path: pathOf(operation),
		headers: { "x-long": "a".repeat(16_000) },
	}),
};

/** Types of problems that the above does not bring about: [operation, status, type, request]. */
export const TYPE_CASES = [
	["GET /drift/{name}", 400, "ambiguous-target", get("/drift/catalog")],
	["POST /silences", 400, "invalid-body", post("/silences", { matcher: "service/*" })],
	["POST /silences", 400, "invalid-body", post("/silences", "{", { "content-type": "application/json" })],
	[
		"POST /silences",
		400,
		"invalid-body",
		post("/silences", { matcher: "(", until: "2000-01-01T00:00:00Z", who: "ann", why: "x" }),
	],
	["POST /incidents/{n}/ack", 400, "unknown-field", post("/incidents/1/ack", { who: "ann", whom: "bo" })],
	[
		"POST /hooks/github",
		400,
		"invalid-request",
		github("push", { headers: { "x-github-event": undefined } }),
	],
	["POST /hooks/gitlab", 400, "invalid-body", gitlab("Push Hook", { body: "[]" })],
	["POST /check", 403, "forbidden", post("/check", undefined, { "sec-fetch-site": "cross-site" })],
];

/** Types that a test from outside cannot bring about: unit and fault tests do. */
export const UNSEEN_TYPES = ["internal", "check-failed", "busy", "timeout", "store-unavailable"];

function bodyOf(operation) {
	return operation.endsWith("/ack") ? { who: "ann" } : undefined;
}

/** What a test from outside cannot bring about: unit and fault tests do. */
export const UNSEEN = [/ 500 /, / 503 /];
