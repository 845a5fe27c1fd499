/* filters - the overview narrowed and grouped: the address alone says what is shown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { readRows, squeeze } from "../harness/read.mjs";
import { waitUntil } from "../harness/wait.mjs";
import { STATES, openZoo } from "../harness/zoo.mjs";

const ids = async (page) => (await readRows(page)).map(({ id }) => id);
const address = (page) => page.url().slice(new URL(page.url()).origin.length);

test("filters", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const { origin } = world;
	const { items } = await world.get("/drift?all=1&limit=1000");
	const chosen = (pass) => items.filter(pass).map(({ id }) => id);
	const open = (t, options) => openPage(t, browser, { origin, ...options });

	/** A filter as a link: what it says it counts is what it shows, and its address shows the same anew. */
	async function expectLink(t, page, link, wanted) {
		assert.equal(Number(/\d+/.exec(squeeze(await link.innerText()).replace(/P\d/, ""))[0]), wanted.length);
		await link.click();
		assert.deepEqual(await ids(page), wanted);
		const other = await open(t);
		await other.goto(address(page));
		assert.deepEqual(await ids(other), wanted, "the address alone says it");
		await other.context().close();
	}

	for (const state of STATES)
		await suite.test(`by state ${state}`, async (t) => {
			const page = await open(t);
			await page.goto("/");
			const tile = page.locator(`.tile.state-${state}`);
			await expectLink(t, page, tile, chosen((item) => item.state === state));
			assert.equal(address(page), `/?state=${state}`);
			assert.equal(await tile.getAttribute("aria-current"), "true");
			await tile.click();
			assert.equal(address(page), "/", "once more takes it away");
			assert.equal((await ids(page)).length, items.length);
			expectNoFaults(page);
		});

	const chips = [
		["Kinds", "table", "kind", (item) => item.kind === "table"],
		["Priorities", "P0", "priority", (item) => item.priority === "P0"],
		["Owners", "ml", "owner", (item) => item.owner === "ml"],
	];
	for (const [group, value, name, pass] of chips)
		await suite.test(`by ${name}, which can be taken away`, async (t) => {
			const page = await open(t);
			await page.goto("/");
			const place =
				group === "Owners" ? page.locator("#owners") : page.getByRole("group", { name: group, exact: true });
			if (group === "Owners") await place.locator("summary").click();
			const chip = place.locator("a.chip", { hasText: new RegExp(`^${value}\\s`) });
			await expectLink(t, page, chip, chosen(pass));
			assert.equal(address(page), `/?${name}=${value}`);
			const inUse = page.getByRole("group", { name: "Filters in use" });
			assert.match(squeeze(await inUse.locator(".chip").innerText()), new RegExp(`^${name} ?${value}`));
			await inUse.locator(".chip").click();
			assert.equal(address(page), "/");
			expectNoFaults(page);
		});

	await suite.test("by repository, from its card", async (t) => {
		const page = await open(t);
		await page.goto("/");
		await page.locator("section", { has: page.locator("#repositories") }).getByRole("link", { name: "pipeline" }).click();
		assert.equal(address(page), "/?repo=pipeline");
		assert.deepEqual(
			await ids(page),
			chosen(({ repo }) => repo === "pipeline"),
		);
	});

	await suite.test("several at once, back and forward", async (t) => {
		const page = await open(t);
		const views = [];
		const look = async () => views.push([address(page), await ids(page)]);
		await page.goto("/");
		await look();
		for (const link of [".tile.state-drift", ".tile.state-unknown", ".options a.chip:has-text('service')"]) {
			await page.locator(link).first().click();
			await look();
		}
		assert.equal(address(page), "/?state=drift&state=unknown&kind=service");
		assert.deepEqual(
			views[3][1],
			chosen(({ state, kind }) => /drift|unknown/.test(state) && kind === "service"),
		);
		await page.locator("#targets").getByRole("link", { name: "service/gateway" }).click();
		assert.equal(address(page), "/drift/service/gateway");
		for (const view of [...views].reverse()) {
			await page.goBack();
			assert.deepEqual([address(page), await ids(page)], view);
		}
		for (const view of views.slice(1)) {
			await page.goForward();
			assert.deepEqual([address(page), await ids(page)], view);
		}
		await page.getByRole("link", { name: "clear all" }).click();
		assert.equal((await ids(page)).length, items.length);
		expectNoFaults(page);
	});

	await suite.test("searched while it is typed, with the other filters kept", async (t) => {
		const page = await open(t);
		await page.goto("/?kind=service&group=state");
		await page.locator("#q").pressSequentially("PAY");
		await waitUntil(async () => (await ids(page)).length === 1, "one is found");
		assert.deepEqual(await ids(page), ["service/payments"]);
		assert.equal(address(page), "/?kind=service&group=state&q=PAY");
		assert.equal(await page.evaluate(() => document.activeElement.id), "q", "who types goes on typing");
		await page.reload();
		assert.deepEqual(await ids(page), ["service/payments"]);
		assert.equal(await page.locator("#q").inputValue(), "PAY");
		await page.locator("#q").fill("");
		await waitUntil(async () => (await ids(page)).length > 1, "all are there again");
		assert.equal(address(page), "/?kind=service&group=state");
		expectNoFaults(page);
	});

	await suite.test("searches what /drift searches: names, owners, descriptions, repositories", async (t) => {
		const page = await open(t);
		for (const q of ["orders", "SHOP", "off season", "pipeline", "a/b?&=#%", "<b>"]) {
			const data = await world.get(`/drift?all=1&limit=1000&q=${encodeURIComponent(q)}`);
			await page.goto(`/?q=${encodeURIComponent(q)}`);
			assert.deepEqual(
				await ids(page),
				data.items.map(({ id }) => id),
				q,
			);
			assert.equal(await page.locator("#q").inputValue(), q);
		}
		expectNoFaults(page);
	});

	await suite.test("of which none is left says that this says nothing", async (t) => {
		const page = await open(t);
		await page.goto("/?q=nobody+has+this");
		assert.match(await page.locator("#targets").innerText(), /No target passes these filters/);
		assert.match(await page.title(), /^\d+ drift · driftd$/, "the state is that of all");
		await page.getByRole("link", { name: "Show all" }).click();
		assert.equal((await ids(page)).length, items.length);
	});

	await suite.test("by a name that nobody has are a mistake, and say so", async (t) => {
		const page = await open(t);
		for (const query of ["owner=nobody", "repo=nobody", "state=red", "kind=car", "priority=P9", "group=colour", "page=x"]) {
			const answer = await page.goto(`/?${query}`);
			assert.equal(answer.status(), 400, query);
			assert.match(answer.headers()["content-type"], /^text\/html/);
			assert.match(await page.locator("main").innerText(), new RegExp(query.split("=")[1]), query);
			assert.equal((await ids(page)).length, 0, query);
		}
	});

	for (const [group, nameOf] of [
		["kind", ({ kind }) => kind],
		["state", ({ state }) => state],
		["owner", ({ owner }) => owner ?? "no owner"],
	])
		await suite.test(`grouped by ${group}, the worst group first`, async (t) => {
			const page = await open(t);
			await page.goto("/");
			await page.getByRole("navigation", { name: "Group by" }).getByRole("link", { name: group }).click();
			assert.equal(address(page), `/?group=${group}`);
			const groups = await page.locator("#targets tbody").evaluateAll((bodies) =>
				bodies.map((body) => [
					body.querySelector(".group th").firstChild.textContent.trim(),
					body.querySelectorAll("tr.row").length,
					body.querySelector(".group .muted").textContent,
				]),
			);
			const wanted = new Map();
			for (const item of items) wanted.set(nameOf(item), (wanted.get(nameOf(item)) ?? 0) + 1);
			assert.deepEqual(
				groups.map(([name, count]) => [name, count]),
				[...wanted],
			);
			for (const [, count, said] of groups) assert.match(said, new RegExp(`^${count} targets?\\b`));
			assert.deepEqual(
				(await ids(page)).sort(),
				items.map(({ id }) => id).sort(),
			);
			expectNoFaults(page);
		});
});
