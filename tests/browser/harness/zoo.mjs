/* zoo - the demo, with every kind of target in every state, secrets in its configuration, a channel that
 * fails, and incidents that are held and taken up. It stands still: nothing is checked unless a test asks. */
import { writeFileSync } from "node:fs";
import { waitUntil } from "./wait.mjs";
import { World, section } from "./world.mjs";

export const STATES = ["drift", "unknown", "pending", "ok", "paused"];

/** A target of each kind in each state. */
export const TARGETS = {
	service: { drift: "pricing", unknown: "analytics", pending: "search", ok: "checkout", paused: "loyalty" },
	table: { drift: "clicks", unknown: "points", pending: "stock", ok: "orders", paused: "archive" },
	completion: { drift: "exports", unknown: "hidden", pending: "phase3", ok: "nightly", paused: "monthly" },
	inventory: { drift: "catalog", unknown: "secretive", pending: "once", ok: "agreed", paused: "old" },
	assert: {
		drift: "negative-prices",
		unknown: "misspelt",
		pending: "warned",
		ok: "orders-today",
		paused: "asleep",
	},
	backup: { drift: "catalog", unknown: "locked", pending: "young", ok: "customers", paused: "moving" },
};

/** What must never be shown; each has a setting of its own. */
export const SECRETS = {
	token: "token-of-the-zoo-1f9a77",
	link: "link-secret-of-the-zoo-2e8b66",
	heartbeat: "heartbeat-of-the-zoo-3d7c55",
	hook: "hook-secret-of-the-zoo-4c6d44",
	webhook: "webhook-path-of-the-zoo-5b5e33",
	signing: "signing-secret-of-the-zoo-6a4f22",
	password: "password-of-the-zoo-795a11",
	slack: "slack-path-of-the-zoo-886b00",
};

const PAUSED = "until the flood is over";
const AGREED = ["column catalog.tmp_import.line: STRING", "dataset catalog", "table catalog.tmp_import", ""];
/** Nobody may look there (tests/fakecloud/demo.c, and denyMore()). */
const DENIED = "acme-analytics";
/** Nothing listens at the port of "discard". */
const NOWHERE = "http://127.0.0.1:9";

/** A look that costs nothing to wait for, as long as a test lasts. */
const LONG = { every: "1h" };

function tables() {
	return section('table "archive"', { table: "shop.points", "error-after": "24h", paused: PAUSED });
}

function completions() {
	return [
		section('completion "hidden"', { document: "nightly/{date}", expect: "orders", project: DENIED }),
		section('completion "monthly"', { document: "nightly/{date}", expect: "orders", paused: PAUSED }),
	].join("");
}

function inventories() {
	const inventory = (name, more) =>
		section(`inventory "${name}"`, {
			source: "bigquery",
			dataset: "catalog",
			"expect-file": "catalog.objects",
			...LONG,
			...more,
		});
	return [
		inventory("secretive", { dataset: `${DENIED}.catalog` }),
		inventory("once", { confirm: 3 }),
		inventory("agreed", { "expect-file": "agreed.objects", ignore: "catalog.products*" }),
		inventory("old", { paused: PAUSED }),
	].join("");
}

function assertions() {
	const bigquery = (name, more) =>
		section(`assert "${name}"`, {
			source: "bigquery",
			"sql-file": "checks/negative_prices.sql",
			...LONG,
			...more,
		});
	return [
		bigquery("misspelt", { "sql-file": "misspelt.sql", expect: "rows = 0" }),
		bigquery("warned", { expect: "rows < 9", warn: "rows = 0" }),
		bigquery("asleep", { expect: "rows = 0", paused: PAUSED }),
		section('assert "ledger"', {
			source: "postgresql",
			dsn: `postgresql://watcher:${SECRETS.password}@127.0.0.1:9/ledger`,
			"sql-file": "misspelt.sql",
			expect: "rows = 0",
			...LONG,
		}),
	].join("");
}

function backups() {
	const backup = (name, more) =>
		section(`backup "${name}"`, {
			bucket: "acme-backups",
			prefix: "catalog",
			"folder-format": "%Y-%m-%d_%H%M%S",
			files: "dump.sql.gz",
			"max-age": "30h",
			...more,
		});
	return [
		backup("locked", { bucket: "acme-locked" }),
		backup("young", { confirm: 3 }),
		backup("moving", { paused: PAUSED }),
	].join("");
}

function others(cloud) {
	return [
		section("auth", { token: SECRETS.token, "link-secret": SECRETS.link }),
		section('service "shaky"', {
			source: "http",
			url: `${cloud}/target/shaky/version`,
			"commit-pointer": "/commit",
			paths: "services/checkout",
		}),
		section('webhook "pager"', {
			url: `${cloud}/pager/${SECRETS.webhook}`,
			secret: SECRETS.signing,
			route: "priority=P0",
		}),
		section('slack "silent"', { webhook: `${NOWHERE}/${SECRETS.slack}`, route: "kind=repo" }),
	].join("");
}

/** The pager is refused twice, and told to wait then: nothing changes while tests look. */
async function breakPager(cloud) {
	const fault = { path: "/pager/*", kind: "status", status: 503 };
	await cloud.addFault({ ...fault, count: 1 });
	await cloud.addFault({ ...fault, headers: { "Retry-After": "3600" } });
}

function denyMore(cloud) {
	const denied = (path) => cloud.addFault({ path, kind: "denied", permission: "viewer" });
	return Promise.all([denied(`*projects/${DENIED}/*`), denied("*acme-locked*")]);
}

/** POST, PUT and DELETE of the zoo: whoever changes something says who they are. */
export async function change(world, method, path, body) {
	const answer = await world.call(path, {
		method,
		headers: { authorization: `Bearer ${SECRETS.token}` },
		body,
	});
	if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
	return answer.json;
}

async function configure(world) {
	writeFileSync(world.path("demo/agreed.objects"), AGREED.join("\n"));
	writeFileSync(world.path("demo/misspelt.sql"), "SELECT prize FROM `acme-prod.shop.orders`\n");
	world.replaceConfig(/^check-interval = .*$/m, `check-interval = 1h\nheartbeat-url = ${NOWHERE}/${SECRETS.heartbeat}`);
	world.replaceConfig(/^unknown-after = .*$/m, "unknown-after = 1s");
	world.replaceConfig(/^every = 1m$/gm, "every = 1h");
	world.replaceConfig(/^every = 5s$/m, `every = 1h\nwebhook-secret = ${SECRETS.hook}`);
	const parts = [tables(), completions(), inventories(), assertions(), backups(), others(world.cloud.origin)];
	world.writeConfig(`${world.config}\n${parts.join("")}`);
	await denyMore(world.cloud);
	await breakPager(world.cloud);
}

/** One that was seen and then not: its last verdict is known. */
async function makeShaky(world) {
	await world.cloud.addFault({ path: "/target/shaky/*", kind: "backend" });
	await change(world, "POST", "/check");
	await waitUntil(async () => (await world.get("/drift/service/shaky")).last_known, "shaky is unknown");
}

async function openIncident(world, target) {
	return waitUntil(async () => (await world.get(`/drift/${target}`)).incident, `${target} has an incident`);
}

/** world.acknowledged: id of that incident; world.held: by what incidents of targets are held back. */
async function answerIncidents(world) {
	const until = new Date(Date.now() + 7_200_000).toISOString();
	const incident = await openIncident(world, "table/clicks");
	await change(world, "POST", `/incidents/${incident.id}/ack`, { who: "ann", why: "reloading it by hand" });
	await change(world, "POST", "/silences", { matcher: "table/returns", until, who: "bo", why: "shop is closed" });
	const over = await change(world, "POST", "/silences", { matcher: "owner=ml", until, who: "cy", why: "retraining" });
	await change(world, "DELETE", `/silences/${over.id}`);
	world.acknowledged = incident.id;
	await change(world, "POST", "/check"); /* silences are looked at when incidents are */
	world.held = Object.fromEntries(
		await Promise.all(
			["service/worker", "table/returns"].map((id) =>
				waitUntil(
					async () => {
						const { held_by: by } = await openIncident(world, id);
						return by && [id, by];
					},
					`the incident of ${id} is held`,
				),
			),
		),
	);
}

/** The zoo, opened: with the test (or suite) it ends. */
export async function openZoo(context) {
	const world = await World.for(context, { isDemo: true });
	await configure(world);
	await world.start();
	const { head } = await waitUntil(async () => {
		const answer = await world.call("/drift/service/checkout");
		return answer.status === 200 && answer.json.head && answer.json;
	}, "the first check ends");
	await world.cloud.putTarget("shaky", { commit: head.sha });
	await change(world, "POST", "/check?force=1");
	await makeShaky(world);
	await answerIncidents(world);
	await waitUntil(async () => {
		const { items } = await world.get("/drift?limit=1000");
		return items.every(({ state, incident }) => incident || !/drift|unknown/.test(state));
	}, "whatever is wrong has an incident");
	await waitUntil(
		async () => (await world.get("/notifications?channel=webhook/pager")).items.some(({ attempts_total: n }) => n > 1),
		"the pager is tried twice",
	);
	return world;
}

/** Every page there is, and what becomes of it when nothing is found: name, path, status. */
export function pagesOf(world) {
	const page = (name, path, status = 200) => ({ name, path, status });
	return [
		page("the overview", "/"),
		page("the overview in groups", "/?group=owner&kind=service&kind=table&state=drift"),
		page("the overview of nothing", "/?q=nobody+has+this"),
		page("the overview of who is not", "/?owner=nobody", 400),
		...["service/gateway", "service/worker", "service/shaky", "service/loyalty", "service/crm"].map((id) =>
			page(id, `/drift/${id}`),
		),
		page("table/orders", "/drift/table/orders?span=24h"),
		...["table/shipments", "completion/exports", "inventory/catalog", "assert/negative-prices"].map((id) =>
			page(id, `/drift/${id}`),
		),
		page("backup/customers", "/drift/backup/customers?span=90d"),
		page("incidents", "/incidents"),
		page("an incident", `/incidents/${world.acknowledged}`),
		page("no incidents", "/incidents?status=withdrawn"),
		page("notifications", "/notifications"),
		page("silences", "/silences?all=1"),
		page("the configuration", "/config"),
		page("the API", "/docs"),
		page("acknowledge", "/ack/1"),
		page("nowhere", "/no/such/page", 404),
	];
}
