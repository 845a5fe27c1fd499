/* target - the page of a target holds what the JSON of the same target says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { card, isAge, readFacts, readStates, readTable, squeeze } from "../harness/read.mjs";
import { openZoo } from "../harness/zoo.mjs";

const SPANS = { "24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days" };
const DAY_MS = 86_400_000;

/** Links within a locator: text, where to, title. */
const readLinks = (locator) =>
	locator.locator("a").evaluateAll((links) =>
		links.map((link) => ({ text: link.textContent, href: link.getAttribute("href"), title: link.title })),
	);

/** A term of the JSON as the page calls it: "max_age_s" is "Max age". */
const termOf = (name) => {
	const words = name.replace(/_s$/, "").replace(/_/g, " ");
	return words[0].toUpperCase() + words.slice(1);
};

/** Does the page say that value? Durations and instants are said for people. */
function expectSaid(term, value, said) {
	if (value === null || value === undefined) return;
	if (typeof value === "boolean") assert.equal(said, value ? "yes" : "no", term);
	else if (/_s$/.test(term)) assert.match(said, /^\d+ (s|min|h|d)/, term);
	else if (/bytes/.test(term)) assert.match(said, /^[\d.,]+ ([KMG]i)?B$/, term);
	else if (typeof value === "number") assert.equal(said, value.toLocaleString("en"), term);
	else if (/_at$/.test(term)) assert.ok(said.includes(value.replace("T", " ").replace("Z", " UTC")), `${term}: ${said}`);
	else assert.equal(said, squeeze(value), term);
}

test("pages of targets", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const { origin } = world;

	/** The page of a target, and its JSON. */
	async function open(t, id, query = "") {
		const page = await openPage(t, browser, { origin });
		await page.goto(`/drift/${id}${query}`);
		return { page, item: await world.get(`/drift/${id}`) };
	}

	await suite.test("reasons, each with the command that mends it", async (t) => {
		for (const id of ["service/gateway", "service/worker", "inventory/catalog", "completion/exports"]) {
			const { page, item } = await open(t, id);
			const reasons = await page.locator(".target-reason").evaluateAll((all) =>
				all.map((one) => ({
					message: one.querySelector("bdi").textContent,
					code: one.querySelector("code").textContent,
					state: one.querySelector(".state-icon").title,
					commands: [...one.querySelectorAll(".code code, p.muted code")].map((code) => code.textContent),
					copies: [...one.querySelectorAll("[data-copy]")].map((button) => button.dataset.copy),
				})),
			);
			assert.deepEqual(
				reasons.map(({ message, code, state }) => ({ message, code, state })),
				item.reasons.map(({ message, code, state }) => ({ message, code, state })),
				id,
			);
			for (const { commands, copies } of reasons)
				if (copies.length) assert.equal(copies[0], commands.at(-1), "what is copied is what is shown");
			if (id === "service/gateway") assert.equal(reasons[0].commands[0], item.deploy_command);
			if (id === "service/worker")
				assert.match(
					reasons[0].commands[0],
					/^gcloud run services update worker --project=acme-prod --region=us-west2 --min-instances=1$/,
				);
			if (id === "inventory/catalog") assert.match(reasons[0].commands[0], /^driftd snapshot inventory\/catalog -c /);
		}
	});

	await suite.test("what is not deployed: commits with links and authors", async (t) => {
		for (const id of ["service/pricing", "service/gateway", "service/inventory"]) {
			const { page, item } = await open(t, id);
			const { behind } = item;
			const rows = await readTable(page, "Commits that are not deployed");
			assert.ok(behind.list.length > 0);
			assert.deepEqual(
				rows.map((row) => [row.Commit, row.Subject, row.Author]),
				behind.list.map((commit) => [commit.short, commit.subject, commit.author]),
			);
			for (const [i, commit] of behind.list.entries()) assert.ok(isAge(rows[i]["First seen"], commit.first_seen));
			const links = await readLinks(card(page, "Not deployed"));
			for (const { short, sha, url } of behind.list)
				assert.ok(links.some(({ text, href, title }) => text === short && href === url && title === sha));
			assert.equal(links.find(({ text }) => text === "compare").href, behind.compare_url);
			const said = squeeze(await card(page, "Not deployed").innerText());
			assert.ok(said.includes(`${behind.commits} commit${behind.commits === 1 ? "" : "s"} that change ${behind.files} file`));
			if (item.ahead) assert.ok(said.includes("that the branch does not have"));
		}
	});

	await suite.test("traffic split, evidence and head", async (t) => {
		const { page, item } = await open(t, "service/gateway");
		assert.ok(item.deployed.length > 1);
		assert.deepEqual(
			(await readTable(page, "Revisions that serve traffic")).map((row) => [row.Revision, row.Traffic, row.Commit, row.Relation]),
			item.deployed.map((one) => [one.revision, `${one.percent} %`, one.short, one.relation]),
		);
		const widths = await page.locator(".share-part").evaluateAll((bars) => bars.map((bar) => bar.getAttribute("width")));
		assert.deepEqual(
			widths,
			item.deployed.map(({ percent }) => String(percent)),
		);
		assert.deepEqual(
			(await readTable(page, "Every marker")).map((row) => Object.values(row)),
			item.deployed.flatMap(({ revision, evidence }) =>
				evidence.map(({ source, value, sha }) => [revision, source, value, sha?.slice(0, 8) ?? "–"]),
			),
		);
		const { head } = item;
		assert.ok(
			squeeze(await card(page, "Deployed").innerText()).includes(
				`Head of pipeline: ${head.short} ${head.subject} by ${head.author}`,
			),
		);
	});

	await suite.test("settings, expected and actual", async (t) => {
		const { page, item } = await open(t, "service/worker");
		assert.deepEqual(
			(await readTable(page, "Settings, expected and actual")).map((row) => Object.values(row)),
			item.settings.map(({ name, expected, actual, ok }) => [
				name,
				expected,
				actual,
				ok ? "ok as expected" : "drift differs",
			]),
		);
		assert.ok(item.settings.length > 0);
	});

	await suite.test("the state over time, for each span", async (t) => {
		const { page } = await open(t, "service/shaky");
		const { transitions } = await world.get("/history/service/shaky");
		assert.deepEqual(
			transitions.map(({ from, to }) => [from, to]),
			[
				["ok", "unknown"],
				["unknown", "ok"],
				[null, "unknown"],
			],
		);
		for (const [span, words] of Object.entries(SPANS)) {
			await page.getByRole("navigation", { name: "Time shown" }).getByRole("link", { name: words }).click();
			assert.match(page.url(), new RegExp(`/drift/service/shaky\\?span=${span}#past$`));
			const tab = page.locator(".tabs a[aria-current]");
			assert.equal(await tab.innerText(), words);
			const bands = await page.locator("#past ~ figure .chart-band").evaluateAll((all) =>
				all.map((band) => ({ css: band.getAttribute("class"), title: band.querySelector("title").textContent })),
			);
			assert.equal(bands.length, transitions.length + 1, "and the time before");
			for (const state of ["ok", "unknown"])
				assert.ok(bands.some(({ css, title }) => css.includes(`chart-${state}`) && title.startsWith(state)));
			const gap = bands.find(({ title }) => title.startsWith("not known"));
			const days = Math.round(Number.parseInt(words, 10) * (span === "24h" ? 1 : 24) * 3_600_000) / DAY_MS;
			assert.match(gap.title, days > 1 ? new RegExp(`${days - 1} d 23 h`) : /23 h 59 min/);
			assert.match(
				await page.locator("#timeline-text").textContent(),
				/^unknown \d+ s( \d+ ms)?, (ok .*, )?not known /,
			);
		}
		expectNoFaults(page);
	});

	await suite.test("deployments that were seen, and incidents", async (t) => {
		const { page, item } = await open(t, "service/gateway");
		const { deployments } = await world.get("/history/service/gateway");
		assert.deepEqual(
			(await readTable(page, "Deployments seen")).map((row) => [row.Commit, row.Revision, row.Traffic]),
			deployments.map(({ sha, revision, percent }) => [sha.slice(0, 8), revision, `${percent} %`]),
		);
		const [row, ...more] = await readTable(page, "Incidents of this target");
		assert.equal(more.length, 0);
		assert.equal(row.Incident, String(item.incident.id));
		assert.equal(row.What, item.summary.replace(/oldest .*/, row.What.slice(row.What.indexOf("oldest"))));
		assert.equal(row.Status, "open");
		assert.match(row.Lasted, /so far$/);
		assert.deepEqual(
			(await readLinks(card(page, "Incidents"))).map(({ href }) => href),
			[`/incidents/${item.incident.id}`],
		);
	});

	await suite.test("how long the verdict holds, and what it rests on", async (t) => {
		const { page, item } = await open(t, "service/checkout");
		const facts = await readFacts(card(page, "What this rests on"));
		const utc = (instant) => instant.replace("T", " ").replace("Z", " UTC");
		assert.ok(facts["Looked at"].endsWith(utc(item.observed_at)));
		assert.ok(facts["Holds until"].endsWith(utc(item.expires_at)));
		assert.ok(facts["In this state since"].endsWith(utc(item.since)));
		assert.equal(facts["Looked at every"], "1 h");
		assert.equal(facts["Expires after"], "3 h");
		assert.equal(facts.Repository, item.repo);
		const configured = await readFacts(card(page, "Configured"));
		assert.equal(configured["Deploy command"], item.deploy_command);
		assert.match(configured.Paths, /services\/checkout/);
	});

	const data = [
		["table/orders", "freshness", "Freshness"],
		["table/shipments", "freshness", "Freshness"],
		["completion/exports", "completion", "Completion"],
		["inventory/catalog", "inventory", "Inventory"],
		["assert/negative-prices", "assertion", "Assertion"],
		["backup/customers", "backup", "Backup"],
	];
	for (const [id, member, heading] of data)
		await suite.test(`data of ${id}`, async (t) => {
			const { page, item } = await open(t, id);
			const facts = await readFacts(card(page, `${heading}$`));
			const simple = Object.entries(item[member]).filter(([, value]) => typeof value !== "object");
			assert.ok(simple.length > 3);
			for (const [name, value] of simple) {
				if (/_total$|^row_count$/.test(name) && !(termOf(name) in facts)) continue; /* said of the list */
				expectSaid(name, value, facts[termOf(name)]);
			}
		});

	const lists = [
		["table/shipments", (item) => item.freshness.partitions, "partitions"],
		["completion/exports", (item) => item.completion.keys, "keys"],
		["inventory/catalog", (item) => item.inventory.objects, "objects"],
		["backup/customers", (item) => item.backup.restorable, "restorable"],
	];
	for (const [id, listOf, caption] of lists)
		await suite.test(`list of ${id}`, async (t) => {
			const { page, item } = await open(t, id);
			const list = listOf(item);
			const rows = await readTable(page, caption);
			assert.ok(list.length > 0);
			assert.equal(rows.length, list.length);
			for (const [i, row] of rows.entries()) {
				assert.deepEqual(Object.keys(row), Object.keys(list[i]));
				for (const [name, value] of Object.entries(list[i])) {
					if (typeof value === "boolean") assert.match(row[name], value ? /^yes$/ : /^no$/);
					else assert.ok([String(value), "null", "–"].includes(row[name]), `${name}: ${row[name]} for ${value}`);
					if (value !== null && typeof value !== "boolean") assert.equal(row[name], String(value));
				}
			}
		});

	await suite.test("failing rows of an assertion, and its SQL", async (t) => {
		const { page, item } = await open(t, "assert/negative-prices");
		const { columns, rows } = item.assertion;
		assert.deepEqual(
			(await readTable(page, "rows")).map((row) => Object.entries(row)),
			rows.map((row) => row.map((cell, i) => [columns[i], cell])),
		);
		await page.locator("#sql summary").click();
		assert.match(await page.locator("#sql pre").innerText(), /AND price < 0\nORDER BY id/);
	});

	await suite.test("the age of data, with its limits, its rows and what it cost", async (t) => {
		const { page, item } = await open(t, "table/orders", "?span=24h");
		const { samples } = await world.get("/history/table/orders");
		assert.ok(samples.length > 0);
		const lag = page.locator("figure", { has: page.locator("#lag-title") });
		assert.match(
			await lag.locator("#lag-text").textContent(),
			/^4\d min( \d+ s)? at the last look, highest .*; warns after 12 h; drift after 1 d$/,
		);
		for (const name of ["warn", "error"]) {
			const limit = lag.locator(`line.chart-limit-${name}`);
			assert.equal(await limit.count(), 1);
			assert.match(await lag.locator(`.chart-label-${name}`).textContent(), new RegExp(`^${name} (12 h|1 d)$`));
		}
		const y = async (name) => Number(await lag.locator(`line.chart-limit-${name}`).getAttribute("y1"));
		assert.ok((await y("error")) < (await y("warn")), "the higher limit is above");
		assert.equal(await lag.locator("path.chart-line").count(), 1);
		const today = new Date(item.observed_at).toISOString().slice(0, 10);
		const bars = async (id) =>
			page
				.locator("figure", { has: page.locator(`#${id}-title`) })
				.locator("rect title")
				.allTextContents();
		assert.ok((await bars("rows")).includes(`${today}: ${item.freshness.rows}`), String(await bars("rows")));
		assert.ok((await bars("bytes")).some((said) => new RegExp(`^${today}: [\\d.]+ MiB`).test(said)));
		assert.equal((await bars("rows")).length, 14);
		expectNoFaults(page);
	});

	await suite.test("the raw JSON is that of the API", async (t) => {
		const { page, item } = await open(t, "service/gateway");
		await page.locator("#json summary").click();
		const shown = JSON.parse(await page.locator("#json pre").innerText());
		for (const one of [shown, item]) {
			delete one.generated_at;
			delete one.behind.behind_for_s;
		}
		assert.deepEqual(shown, item);
		for (const [name, type] of [
			["JSON", "application/json"],
			["text", "text/plain"],
		]) {
			const link = card(page, "As data").locator("p a", { hasText: new RegExp(`^${name}$`) });
			const answer = await world.call(await link.getAttribute("href"), { headers: { accept: "text/html" } });
			assert.equal(answer.type, type);
			assert.match(answer.body, /gateway/);
		}
	});

	await suite.test("a target that is not there is not found, for people", async (t) => {
		const page = await openPage(t, browser, { origin });
		const answer = await page.goto("/drift/service/nobody");
		assert.equal(answer.status(), 404);
		assert.match(await page.locator("main").innerText(), /there is no target service\/nobody/);
		assert.equal((await readStates(page.locator("h1 .state"))).length, 0);
	});

	await suite.test("a name alone leads there too", async (t) => {
		const page = await openPage(t, browser, { origin });
		await page.goto("/drift/gateway");
		assert.match(squeeze(await page.locator("h1").textContent()), /^drift service\/gateway$/);
	});
});
