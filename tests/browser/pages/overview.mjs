/* overview - GET / in a browser: each state of a target is shown as word, icon and colour; and without
 * scripts the page says the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	PHONE,
	expectAccessible,
	expectNoFaults,
	expectNoSidewaysScrolling,
	launch,
	openPage,
} from "../harness/browser.mjs";
import { World, section } from "../harness/world.mjs";

const STATES = { healthy: "ok", fresh: "pending", blind: "unknown", old: "drift", asleep: "paused" };

/** One service in each state. */
async function worldOfStates(t) {
	const world = await World.for(t);
	const repository = world.makeRepository();
	const service = (name, more) =>
		section(`service "${name}"`, { source: "cloud-run", paths: `services/${name}`, ...more });

	const first = repository.publish("services/old/main.c", "1", { ageS: 7200 });
	repository.publish("services/old/main.c", "2", { ageS: 3600, subject: 'old: <b>bold</b> & "quoted"' });
	const head = repository.publish("services/fresh/main.c", "1", { ageS: 60 });
	for (const name of ["healthy", "asleep"]) repository.publish(`services/${name}/main.c`, "1");
	const sha = repository.publish("services/blind/main.c", "1");
	await world.cloud.deploy("healthy", sha);
	await world.cloud.deploy("asleep", sha);
	await world.cloud.deploy("old", first);
	await world.cloud.deploy("fresh", first);
	await world.cloud.deploy("blind", "unknown");
	await world.configure(
		{},
		service("healthy"),
		service("fresh", { grace: "2h" }),
		service("blind"),
		service("old", { priority: "P0", owner: "shop" }),
		service("asleep", { paused: "until the flood is over" }),
	);
	await world.start();
	await world.check();
	assert.ok(head);
	for (const [name, state] of Object.entries(STATES))
		assert.equal((await world.get(`/drift/service/${name}`)).state, state, name);
	return world;
}

/** Rows of the table of targets: name, and the states that the row shows. */
function readRows(page) {
	return page.locator("#targets tbody tr").evaluateAll((rows) =>
		rows.map((row) => ({
			name: row.querySelector("a.target").textContent.split("/").at(-1),
			word: row.querySelector(".state").textContent.trim(),
			icon: row.querySelector(".state use").getAttribute("href"),
			className: row.querySelector(".state").className,
			colour: getComputedStyle(row.querySelector(".state")).color,
		})),
	);
}

function expectEachState(rows) {
	assert.deepEqual(Object.fromEntries(rows.map(({ name, word }) => [name, word])), STATES);
	for (const { word, icon, className } of rows) {
		assert.equal(icon, `#i-${word}`);
		assert.ok(className.split(" ").includes(`state-${word}`), className);
	}
	assert.deepEqual(
		rows.slice(0, 3).map(({ word }) => word),
		["drift", "unknown", "pending"],
		"worst first",
	);
	assert.equal(
		new Set(rows.map(({ colour }) => colour)).size,
		rows.length,
		"each state has a colour of its own",
	);
}

test("the overview", async (suite) => {
	const world = await worldOfStates(suite);
	const browser = await launch(suite);
	const { origin } = world;

	await suite.test("shows each state as word, icon and colour", async (t) => {
		const page = await openPage(t, browser, { origin });
		await page.goto("/");
		assert.match(await page.title(), /drift/);
		assert.match(await page.locator("#favicon").getAttribute("href"), /icon-drift\.svg$/);
		expectEachState(await readRows(page));
		expectNoFaults(page);
	});

	await suite.test("without JavaScript it says the same, and links lead on", async (t) => {
		const page = await openPage(t, browser, { origin, javaScriptEnabled: false });
		await page.goto("/");
		expectEachState(await readRows(page));
		assert.equal(await page.locator(".js-only:visible").count(), 0, "nothing that needs scripts is shown");
		await page.getByRole("link", { name: "service/old" }).first().click();
		assert.equal(new URL(page.url()).pathname, "/drift/service/old");
		assert.match(await page.locator("main").innerText(), /drift/);
		await page.goto("/?state=unknown");
		assert.deepEqual(
			(await readRows(page)).map(({ name }) => name),
			["blind"],
		);
		expectNoFaults(page);
	});

	for (const colorScheme of ["light", "dark"])
		await suite.test(`on a telephone, ${colorScheme}: fits, and axe-core finds nothing`, async (t) => {
			const page = await openPage(t, browser, { origin, colorScheme, viewport: PHONE });
			await page.goto("/");
			await expectNoSidewaysScrolling(page);
			await expectAccessible(page);
			expectNoFaults(page);
		});
});
