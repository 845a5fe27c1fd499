/* states - each state of a target, for each kind: as word, icon and colour, on the overview and on the page
 * of the target; and what a state does not say: expired, last known, taken up, held back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { card, isAge, readRows, readStates, squeeze } from "../harness/read.mjs";
import { waitUntil } from "../harness/wait.mjs";
import { World, section } from "../harness/world.mjs";
import { STATES, TARGETS, openZoo } from "../harness/zoo.mjs";

const ALL = Object.entries(TARGETS).flatMap(([kind, names]) =>
	Object.entries(names).map(([state, name]) => ({ id: `${kind}/${name}`, kind, name, state })),
);

/** The same colour for one state, another for each other. */
function expectColours(shown) {
	const colours = groupByWord(shown);
	const one = [...colours.values()].map((of) => new Set(of.map(({ colour }) => colour)));
	for (const set of one) assert.equal(set.size, 1);
	assert.equal(new Set(one.flatMap((set) => [...set])).size, colours.size, "each state has its own colour");
}

function groupByWord(shown) {
	const groups = new Map();
	for (const one of shown) groups.set(one.word, [...(groups.get(one.word) ?? []), one]);
	return groups;
}

function expectState(shown, state) {
	assert.equal(shown.word, state);
	assert.equal(shown.icon, `#i-${state}`);
	assert.ok(shown.className.split(" ").includes(`state-${state}`), shown.className);
	assert.ok(shown.isSeen, `${state} is seen`);
}

test("states of the zoo", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const { origin } = world;
	const { items } = await world.get("/drift?all=1");

	for (const colorScheme of ["light", "dark"])
		await suite.test(`the overview shows each of each kind, ${colorScheme}`, async (t) => {
			const page = await openPage(t, browser, { origin, colorScheme });
			await page.goto("/");
			const rows = await readRows(page);
			const states = await readStates(page.locator("#targets tr.row .state"));
			assert.deepEqual(
				rows.map(({ id, state }) => [id, state]),
				items.map(({ id, state }) => [id, state]),
				"as /drift has them, the worst first",
			);
			for (const { id, state } of ALL) {
				const index = rows.findIndex((row) => row.id === id);
				expectState(states[index], state);
				assert.match(rows[index].all, new RegExp(`\\b${state}\\b`));
			}
			expectColours(states);
			expectNoFaults(page);
		});

	await suite.test("the rows say what the data says", async (t) => {
		const page = await openPage(t, browser, { origin });
		await page.goto("/");
		const rows = await readRows(page);
		for (const [index, item] of items.entries()) {
			const row = rows[index];
			assert.equal(row.priority, item.priority);
			assert.equal(row.name, item.id);
			assert.equal(row.since, item.since);
			if (/ago|old|oldest/.test(item.summary)) assert.notEqual(row.summary, "");
			else assert.equal(row.summary, squeeze(item.summary), item.id);
			if (item.owner) assert.match(row.about, new RegExp(`^${item.owner}`));
			const shas = [item.deployed[0]?.short, item.head?.short].filter(Boolean);
			for (const short of new Set(shas)) assert.match(row.commits, new RegExp(short), item.id);
			assert.match(row.strip, /^90 days: /, item.id);
		}
		const of = (id) => rows.find((row) => row.id === id);
		assert.match(of("service/gateway").traffic, /^traffic 90\s% [0-9a-f]{8} · 10\s% [0-9a-f]{8}$/);
		assert.match(of("table/stock").fresh, /^3 h old, warning after 2 h, error after (1 d|24 h)$/);
		assert.match(of("table/clicks").fresh, /^(30 h|1 d) old, warning after 12 h, error after (1 d|24 h)$/);
		assert.match(of("backup/customers").fresh, /^2 h old, error after (1 d|24 h)$/);
		assert.match(of("table/revenue").all, /expected in \d+ h/);
	});

	await suite.test("the page of a target shows each of each kind", async (t) => {
		const page = await openPage(t, browser, { origin });
		const shown = [];
		for (const { id, state } of ALL) {
			await page.goto(`/drift/${id}`);
			const [head] = await readStates(page.locator("h1 .state"));
			expectState(head, state);
			shown.push(head);
			const item = await world.get(`/drift/${id}`);
			const text = squeeze(await page.locator(".target-head").textContent());
			assert.match(text, new RegExp(`${state} ${id}`));
			if (state === "paused") assert.ok(text.includes(item.paused_reason), `${id}: why it is paused`);
			else assert.ok((await page.locator("#main").innerText()).includes(item.reasons[0]?.message ?? ""), id);
		}
		expectColours(shown);
		expectNoFaults(page);
	});

	await suite.test("what was known last is beside what is not known now", async (t) => {
		const page = await openPage(t, browser, { origin });
		const { last_known: last, reasons } = await world.get("/drift/service/shaky");
		await page.goto("/drift/service/shaky");
		const note = page.locator(".target-note", { hasText: "Last known:" });
		expectState((await readStates(page.locator("h1 .state")))[0], "unknown");
		expectState((await readStates(note.locator(".state")))[0], last.state);
		assert.equal(last.state, "ok");
		assert.ok(squeeze(await note.innerText()).includes(last.summary));
		assert.ok((await card(page, "Why").innerText()).includes(reasons[0].message));
	});

	await suite.test("an incident that somebody took up says by whom", async (t) => {
		const page = await openPage(t, browser, { origin });
		await page.goto("/?q=table/clicks");
		const [row] = await readRows(page);
		assert.equal(row.mark, `incident ${world.acknowledged} acknowledged by ann`);
		assert.equal(row.markIcon, "#i-incident");
		await page.goto("/drift/table/clicks");
		assert.match(
			squeeze(await page.locator(".target-incident").innerText()),
			new RegExp(`^Incident ${world.acknowledged} \\(acknowledged\\) since .*, taken up by ann$`),
		);
	});

	await suite.test("an incident that nobody is told of says why", async (t) => {
		const page = await openPage(t, browser, { origin });
		for (const [id, by] of Object.entries(world.held)) {
			await page.goto(`/?q=${id}`);
			const [row] = await readRows(page);
			assert.match(row.mark, new RegExp(`not acknowledged, told to nobody: ${by}$`));
			assert.equal(row.markIcon, "#i-silence");
			await page.goto(`/drift/${id}`);
			assert.match(await page.locator(".target-incident").innerText(), new RegExp(`nobody is told: ${by}`));
		}
	});

	await suite.test("the headline counts as the data does", async (t) => {
		const page = await openPage(t, browser, { origin });
		const { score, counts, evaluated, targets_total: total } = await world.get("/drift");
		await page.goto("/");
		const top = squeeze(await page.locator("#top").innerText());
		for (const state of STATES.filter((one) => one !== "paused"))
			assert.match(top, new RegExp(`\\b${counts[state]} ${state}`));
		assert.match(top, new RegExp(`evaluated ${evaluated} of ${total}`));
		assert.match(top, new RegExp(`Score ${score} / 100`));
		for (const state of STATES)
			assert.equal(
				squeeze(await page.locator(`.tile.state-${state}`).innerText()),
				`${counts[state]} ${state}`,
			);
		const [check] = await page.locator(".headline-facts time").all();
		assert.ok(isAge(await check.innerText(), await check.getAttribute("datetime")));
	});
});

test("the tab", async (suite) => {
	const world = await World.for(suite);
	const repository = world.makeRepository();
	const first = repository.publish("a", "1", { ageS: 7200 });
	const head = repository.publish("a", "2", { ageS: 3600 });
	const service = (more) => section('service "shop"', { source: "cloud-run", ...more });
	const steps = [
		{ state: "unknown", words: "1 unknown", sha: "unknown" },
		{ state: "pending", words: "1 pending", sha: first, more: { grace: "2h" } },
		{ state: "drift", words: "1 drift", sha: first },
		{ state: "ok", words: "ok", sha: head },
	];
	await world.configure({}, service());
	const plain = world.config;
	await world.start();
	const browser = await launch(suite);
	const icons = new Set();

	for (const { state, words, sha, more } of steps)
		await suite.test(`carries ${state}`, async (t) => {
			const page = await openPage(t, browser, { origin: world.origin });
			await world.reload(more ? plain.replace(service(), service(more)) : plain);
			await world.cloud.deploy("shop", sha);
			await world.checkUntil("service/shop", state);
			await page.goto("/");
			assert.equal(await page.title(), `${words} · driftd`);
			const icon = await page.locator("#favicon").getAttribute("href");
			assert.match(icon, new RegExp(`/icon-${state}\\.svg$`));
			const { status, type, body } = await world.call(icon);
			assert.deepEqual([status, type], [200, "image/svg+xml"]);
			icons.add(body);
			await page.goto("/drift/service/shop");
			assert.equal(await page.title(), `${words} · service/shop · driftd`);
			assert.equal(await page.locator("#favicon").getAttribute("href"), icon);
			expectNoFaults(page);
		});
	await suite.test("has another icon for each", () => assert.equal(icons.size, steps.length));
});

test("a verdict that has expired", async (suite) => {
	const world = await World.for(suite);
	const sha = world.makeRepository().publish("a", "1");
	await world.cloud.putTarget("shop", { commit: sha });
	await world.configure(
		{ "expire-after": "1s" },
		section('service "shop"', {
			source: "http",
			url: `${world.cloud.origin}/target/shop/version`,
			"commit-pointer": "/commit",
		}),
	);
	await world.start();
	await world.check();
	const { expires_at: expires } = await world.get("/drift/service/shop");
	await world.stop();
	await world.cloud.addFault({ path: "/target/*", kind: "hang" });
	await waitUntil(() => Date.now() > Date.parse(expires) + 1000, "the verdict expires");
	await world.start();
	const browser = await launch(suite);

	await suite.test("is unknown, and says what it was", async (t) => {
		const page = await openPage(t, browser, { origin: world.origin });
		await page.goto("/");
		const [row] = await readRows(page);
		assert.equal(row.state, "unknown");
		assert.equal(await page.title(), "1 unknown · driftd");
		assert.match(squeeze(await page.locator("#banners").innerText()), /1 verdict has expired: not looked at/);
		await page.goto("/drift/service/shop");
		const [head, last] = await readStates(page.locator(".target-head .state"));
		expectState(head, "unknown");
		expectState(last, "ok");
		const note = page.locator(".target-note", { hasText: "Last known:" });
		assert.match(squeeze(await note.innerText()), /^Last known: ok in sync with [0-9a-f]{8}, as of (now|\d+ s ago)/);
		assert.match(await card(page, "Why").innerText(), /expired/);
		expectNoFaults(page);
	});
});
