/* screenshots - make screenshots: a shop with a past of some months, watched by a real driftd, and its
 * pages as the README shows them. Usage: screenshots.mjs FOLDER; what is there is replaced. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DESK, PHONE, expectNoFaults, launch, openPage } from "./harness/browser.mjs";
import { waitUntil } from "./harness/wait.mjs";
import { World, buildDirectory, section } from "./harness/world.mjs";
import { Past, addOther, addService, addTable, allCommits, fastImport } from "./screenshots/past.mjs";
import { DAY, HOUR, OTHERS, SERVICES, TABLES } from "./screenshots/story.mjs";

/** until: the card with which the picture ends. */
const SHOTS = [
	{ name: "overview", path: "/" },
	{ name: "service", path: "/drift/service/checkout?span=30d", until: "past" },
	{ name: "table", path: "/drift/table/clicks?span=7d", until: "figures" },
	{ name: "phone", path: "/", viewport: PHONE },
];

const QUALITY = 90;

/** What ends with this process. */
const context = {
	ends: [],
	after(end) {
		this.ends.unshift(end);
	},
	async end() {
		for (const end of this.ends) await end();
	},
};

function run(program, args, input) {
	const { status, error, stderr } = spawnSync(program, args, { input, encoding: "utf8" });
	if (status !== 0) throw new Error(`${program} ${args[0]}: ${stderr || error}`);
}

/* --- the world --- */

/** Its commits, with their ids. */
function makeRepository(world, nowS) {
	const commits = allCommits();
	const bare = world.path("git/shop.git");

	run("git", ["init", "-q", "--bare", "-b", "main", bare]);
	run(
		"git",
		["--git-dir", bare, "fast-import", "--quiet", `--export-marks=${world.path("marks")}`],
		fastImport(commits, nowS),
	);
	for (const line of readFileSync(world.path("marks"), "utf8").trim().split("\n")) {
		const [mark, sha] = line.slice(1).split(" ");
		commits[mark - 1].sha = sha;
	}
	return commits;
}

async function runServices({ cloud }, past, commits) {
	for (const [name, { isDenied }] of Object.entries(SERVICES)) {
		const runs = addService(
			past,
			name,
			commits.filter(({ service }) => service === name),
		);
		const revisions = runs.map(({ sha, revision, percent, age }) => ({
			name: revision,
			labels: { "commit-sha": sha },
			image: `us-docker.pkg.dev/acme-prod/shop/${name}:${sha.slice(0, 8)}`,
			percent,
			created: new Date(past.at(age)).toISOString(),
		}));
		if (!isDenied) await cloud.putService(name, { traffic: "revisions", revisions });
	}
	await cloud.addFault({
		path: "/v2/projects/acme-analytics/*",
		kind: "denied",
		permission: "run.services.list",
	});
}

async function loadTables({ cloud }, past) {
	for (const [name, { age, rows, scan, settings }] of Object.entries(TABLES)) {
		const loaded = `now-${Math.round(age / 60)}m`;
		addTable(past, name);
		await cloud.putTable(`shop.${name}`, {
			schema: [{ name: "processed_at", type: "TIMESTAMP" }],
			lastModifiedTime: loaded,
			numRows: rows,
			numBytes: scan ?? rows * 120,
			...(settings.method === "column" ? { rows: Array(rows).fill([loaded]) } : {}),
		});
	}
}

/** Date of so many days before today. */
function date(past, days) {
	return new Date(past.at(days * DAY)).toISOString().slice(0, 10);
}

async function makeOthers({ cloud }, past) {
	for (const target of Object.keys(OTHERS)) addOther(past, target);
	for (const days of [-1, 0, 1])
		await cloud.putDocument(`nightly/${date(past, days)}`, {
			orders: { status: "success" },
			revenue: { status: "success" },
		});
	await cloud.putTable("catalog.products", {
		schema: [{ name: "price", type: "FLOAT" }],
		rows: [[9.5], [20]],
	});
	for (const hours of [5, 29]) {
		const folder = `customers%2F${new Date(past.at(hours * HOUR)).toISOString().slice(0, 10)}`;
		await cloud.putObject("acme-backups", `${folder}%2Fdump.sql.gz`, "dump", `now-${hours}h`);
	}
}

function writeFiles(world) {
	writeFileSync(
		world.path("prices.sql"),
		"SELECT price\nFROM `acme-prod.catalog.products`\nWHERE price < 0\n",
	);
	writeFileSync(
		world.path("catalog.objects"),
		"dataset catalog\ntable catalog.products\ncolumn catalog.products.price: FLOAT64\n",
	);
}

function services() {
	return Object.entries(SERVICES).map(([name, { settings }]) =>
		section(`service "${name}"`, {
			source: "cloud-run",
			paths: `services/${name}`,
			"deploy-command": `make -C services/${name} deploy`,
			...settings,
		}),
	);
}

function tables() {
	return Object.entries(TABLES).map(([name, { settings, warn, error }]) =>
		section(`table "${name}"`, {
			table: `shop.${name}`,
			"warn-after": `${warn}h`,
			"error-after": `${error}h`,
			...(settings.method === "column" ? { "loaded-at-field": "processed_at" } : {}),
			...settings,
		}),
	);
}

function others() {
	return [
		section('completion "nightly"', {
			document: "nightly/{date}",
			expect: ["orders", "revenue"],
			done: "status=success",
			owner: "data",
		}),
		section('inventory "catalog"', {
			source: "bigquery",
			dataset: "catalog",
			"expect-file": "catalog.objects",
			owner: "data",
		}),
		section('assert "no-negative-prices"', {
			source: "bigquery",
			"sql-file": "prices.sql",
			expect: "rows = 0",
			owner: "shop",
		}),
		section('backup "customers"', {
			bucket: "acme-backups",
			prefix: "customers",
			"folder-format": "%Y-%m-%d",
			files: "dump.sql.gz",
			"max-age": "30h",
			owner: "data",
		}),
	];
}

async function configure(world) {
	await world.configure(
		{ "check-interval": "5m", retention: "365d", "state-dir": "first" },
		...services(),
		...tables(),
		...others(),
		section('slack "team"', { webhook: `${world.cloud.origin}/slack/services/T0ACME/B0TEAM/team` }),
	);
	world.replaceConfig(
		/^\[repo "app"\]\nurl = .*$/m,
		`[repo "shop"]\nurl = ${world.cloud.origin}/git/shop.git\nweb-url = https://github.com/acme/shop`,
	);
}

/* --- the past --- */

/** Incidents of what is wrong now. */
function addOpenIncidents(past, verdicts) {
	for (const { id, state, summary, priority, reasons } of verdicts) {
		if (state !== "drift" && id !== "service/analytics") continue;
		const name = id.split("/")[1];
		const story = SERVICES[name];
		if (!story && !TABLES[name]) throw new Error(`${id} should be ok: ${summary}`);
		const age = story ? story.now.at(-1)[0] : TABLES[name].age - TABLES[name].error * HOUR;
		const cause = state === "drift" ? "drift" : "blind";
		past.addIncident(id, { priority, cause, summary, code: reasons[0].code, age, ...story?.incident });
	}
}

/** A driftd that has looked once gets the past that the story tells. */
async function makePast(world, past) {
	await world.start();
	await world.check("?force=1");
	const { items } = await world.get("/drift?all=1");
	await world.stop();
	addOpenIncidents(past, items);
	mkdirSync(world.path("state"), { mode: 0o700 });
	run(
		join(buildDirectory(), "bench_past"),
		[world.path("first/driftd.db"), world.path("state/driftd.db")],
		past.text(),
	);
	world.replaceConfig(/^state-dir = .*$/m, "state-dir = state");
}

async function makeWorld() {
	const world = await World.for(context);
	const past = new Past(Date.now());
	const commits = makeRepository(world, past.nowMs / 1000);

	await runServices(world, past, commits);
	await loadTables(world, past);
	await makeOthers(world, past);
	writeFiles(world);
	await configure(world);
	await makePast(world, past);
	await world.start();
	await world.check("?force=1");
	await waitUntil(
		async () => (await world.get("/status")).channels?.every(({ waiting }) => waiting === 0) ?? true,
		"Slack is told",
	);
	return world;
}

/* --- pictures --- */

/** The page has no window bar: it ends below the card, or with the window. */
async function heightOf(page, { until }) {
	if (!until) return page.viewportSize().height;
	return page
		.locator(`section[aria-labelledby=${until}]`)
		.evaluate((card) => Math.ceil(card.getBoundingClientRect().bottom) + 12);
}

async function take(browser, world, folder, { shot, colorScheme }) {
	const page = await openPage(context, browser, {
		origin: world.origin,
		colorScheme,
		viewport: shot.viewport ?? DESK,
	});
	const path = join(folder, `${shot.name}-${colorScheme}.webp`);

	await page.goto(shot.path, { waitUntil: "load" });
	const { width } = page.viewportSize();
	const height = await heightOf(page, shot);
	await page.setViewportSize({ width, height });
	expectNoFaults(page);
	/* a third of what it is as PNG; playwright itself has no WebP */
	const client = await page.context().newCDPSession(page);
	const { data } = await client.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
	const bytes = Buffer.from(data, "base64");
	writeFileSync(path, bytes);
	console.log(`${path}: ${width} x ${height}, ${Math.ceil(bytes.length / 1024)} KiB`);
}

async function main(folder) {
	mkdirSync(folder, { recursive: true });
	try {
		const world = await makeWorld();
		const browser = await launch(context);
		for (const shot of SHOTS)
			for (const colorScheme of ["light", "dark"]) await take(browser, world, folder, { shot, colorScheme });
	} finally {
		await context.end();
	}
}

await main(resolve(process.argv[2]));
