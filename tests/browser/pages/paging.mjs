/* paging - more targets than a page of the overview holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { readRows, squeeze } from "../harness/read.mjs";
import { World, section } from "../harness/world.mjs";

const ids = async (page) => (await readRows(page)).map(({ id }) => id);
const address = (page) => page.url().slice(new URL(page.url()).origin.length);

test("pages of targets", async (suite) => {
	const COUNT = 230;
	const world = await World.for(suite);
	world.makeRepository().publish("a", "1");
	const names = Array.from({ length: COUNT }, (_, i) => `shop-${String(i).padStart(3, "0")}`);
	await world.configure(
		{},
		...names.map((name, i) =>
			section(`service "${name}"`, { source: "cloud-run", paused: "winter", owner: i < 150 ? "north" : "south" }),
		),
	);
	await world.start();
	await world.check();
	const browser = await launch(suite);
	const page = await openPage(suite, browser, { origin: world.origin });
	const all = names.map((name) => `service/${name}`);

	await suite.test("are of a hundred, each once, in one order", async () => {
		const seen = [];
		await page.goto("/");
		for (const [number, words] of [
			[1, "1 to 100 of 230, page 1 of 3"],
			[2, "101 to 200 of 230, page 2 of 3"],
			[3, "201 to 230 of 230, page 3 of 3"],
		]) {
			const pager = page.getByRole("navigation", { name: "Pages of targets" });
			assert.ok(squeeze(await pager.innerText()).includes(words), words);
			assert.equal(address(page), number === 1 ? "/" : `/?page=${number}`);
			seen.push(...(await ids(page)));
			if (number < 3) await pager.getByRole("link", { name: "Next" }).click();
		}
		assert.deepEqual(seen, all);
		assert.equal(await page.getByRole("link", { name: "Next" }).count(), 0);
		await page.getByRole("link", { name: "Previous" }).click();
		assert.deepEqual(await ids(page), all.slice(100, 200));
	});

	await suite.test("keep filters, and begin anew with another one", async () => {
		await page.goto("/?owner=north&page=2");
		assert.deepEqual(await ids(page), all.slice(100, 150));
		await page.locator("#owners summary").click();
		await page.locator("#owners a.chip", { hasText: "south" }).click();
		assert.equal(address(page), "/?owner=north&owner=south");
		assert.deepEqual(await ids(page), all.slice(0, 100));
	});

	await suite.test("that are no more are the last one", async () => {
		await page.goto("/?page=99");
		assert.deepEqual(await ids(page), all.slice(200));
	});

	await suite.test("of groups say what goes on", async () => {
		await page.goto("/?group=owner&page=2");
		assert.deepEqual(
			(await page.locator("#targets .group th").allTextContents()).map(squeeze),
			["north continued 150 targets", "south 80 targets"],
		);
		expectNoFaults(page);
	});
});
