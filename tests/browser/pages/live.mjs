/* live - an open page shows what happens while it happens, and does not disturb who works in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { readEvents } from "../harness/http.mjs";
import { Proxy } from "../harness/proxy.mjs";
import { Services, awaitRow, openLive, readPage } from "../harness/services.mjs";
import { waitUntil } from "../harness/wait.mjs";

/** A second is what is promised; machines that test are busy. What was measured is printed. */
const SOON_ENOUGH_MS = 3000;
const NAMES = ["basket", "checkout", "fraud", "ledger", "search"];
const BROKEN_OFF = /Failed to load resource|ERR_/;

/** Follow the events until a transition of a service: {told}, a promise of when it came. */
async function listen(origin, name) {
	const isIt = ({ event, data }) => event === "transition" && JSON.parse(data).target === `service/${name}`;
	let begin;
	const begun = new Promise((resolve) => (begin = resolve));
	let at = 0;
	const enough = (events) => {
		begin();
		if (events.some(isIt)) at ||= Date.now();
		return at > 0;
	};
	const told = readEvents(`${origin}/events`, { enough }).then(() => at);
	await Promise.race([begun, told]);
	return { told };
}

test("a page that is open", async (suite) => {
	const services = await Services.for(suite, { names: NAMES });
	const { world } = services;
	const { origin } = world;
	const browser = await launch(suite);
	suite.afterEach(async () => {
		await Promise.all(NAMES.map((name) => services.mend(name)));
		await world.check();
	});

	await suite.test("shows a transition within a second: row, headline, title and icon", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		await page.evaluate(() => (globalThis.wasHere = true));
		const delays = [];
		for (const name of NAMES) {
			const { told } = await listen(origin, name);
			const shown = awaitRow(page, name, "drift");
			await services.spoil(name);
			await world.check();
			const seen = await shown;
			delays.push(seen.at - (await told));
			const bad = delays.length;
			const good = NAMES.length - bad;
			assert.equal(seen.word, "drift");
			assert.equal(seen.rowIcon, "#i-drift");
			assert.equal(seen.title, `${bad} drift · driftd`, "the title comes with the row");
			assert.equal(seen.icon, "icon-drift.svg", "so does the icon");
			assert.match(seen.headline, new RegExp(`^${bad} drift${good ? `, ${good} ok` : ""} `));
		}
		console.log(`measured: from the event to the row: ${delays.join(", ")} ms`);
		assert.ok(Math.max(...delays) < SOON_ENOUGH_MS, `too late: ${delays} ms`);
		assert.equal(await page.evaluate(() => globalThis.wasHere), true, "without loading the page again");
		expectNoFaults(page);
	});

	await suite.test("shows that all is well again", async (t) => {
		await services.spoil("fraud");
		await world.check();
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		assert.equal((await page.evaluate(readPage, "fraud")).title, "1 drift · driftd");
		const shown = awaitRow(page, "fraud", "ok");
		await services.mend("fraud");
		await world.check();
		const seen = await shown;
		assert.deepEqual([seen.title, seen.icon, seen.word], ["ok · driftd", "icon-ok.svg", "ok"]);
		expectNoFaults(page);
	});

	await suite.test("goes on where the events were broken off", async (t) => {
		const proxy = await Proxy.for(t, origin);
		const page = await openPage(t, browser, { origin: proxy.origin, tolerate: BROKEN_OFF });
		await openLive(page);
		await page.evaluate(() => (globalThis.wasHere = true));
		Object.assign(proxy, { mode: "down", scope: "" });
		proxy.cut();
		await services.spoil("ledger");
		await world.check();
		await page.locator("#stale:not([hidden])").waitFor();
		assert.match(await page.locator("#stale").textContent(), /does not answer/);
		assert.equal((await page.evaluate(readPage, "ledger")).row, "ok", "it cannot know yet");
		const shown = awaitRow(page, "ledger", "drift");
		proxy.mode = "pass";
		await shown;
		await page.locator("#stale").waitFor({ state: "hidden" });
		await waitUntil(() => proxy.streams === 1, "it follows the events again, once");
		assert.equal(await page.evaluate(() => globalThis.wasHere), true);
		expectNoFaults(page);
	});

	await suite.test("a stream that ends is followed anew, and nothing in between is missed", async (t) => {
		const proxy = await Proxy.for(t, origin);
		const page = await openPage(t, browser, { origin: proxy.origin, tolerate: BROKEN_OFF });
		await openLive(page);
		for (const [name, word] of [
			["search", "drift"],
			["search", "ok"],
		]) {
			await waitUntil(() => proxy.streams === 1, "it follows the events");
			const shown = awaitRow(page, name, word);
			proxy.cut();
			await (word === "drift" ? services.spoil(name) : services.mend(name));
			await world.check();
			await shown;
		}
		expectNoFaults(page);
	});

	await suite.test("two hundred events in a moment are a handful of requests", async (t) => {
		const proxy = await Proxy.for(t, origin);
		const page = await openPage(t, browser, { origin: proxy.origin });
		await openLive(page);
		const begin = Date.now();
		for (let i = 0; i < 200; i++) {
			proxy.tell("transition", { id: 1000 + i, target: "service/basket", from: "ok", to: "drift" });
			await page.evaluate(() => new Promise(requestAnimationFrame));
		}
		const shown = awaitRow(page, "basket", "drift");
		await services.spoil("basket");
		await world.check();
		await shown;
		const seconds = (Date.now() - begin) / 1000;
		const count = proxy.asked("/", begin).length;
		console.log(`measured: 200 events, ${count} requests in ${seconds.toFixed(1)} s`);
		assert.ok(count >= 1 && count <= 2 + 2 * seconds, `${count} requests in ${seconds} s`);
		expectNoFaults(page);
	});

	await suite.test("hidden: follows no events, keeps title and icon, and is right when shown", async (t) => {
		const proxy = await Proxy.for(t, origin);
		const page = await openPage(t, browser, { origin: proxy.origin });
		await page.clock.install();
		await openLive(page);
		const setHidden = (hidden) =>
			page.evaluate((value) => {
				Object.defineProperty(document, "hidden", { value, configurable: true });
				document.dispatchEvent(new Event("visibilitychange"));
			}, hidden);
		await setHidden(true);
		await waitUntil(() => proxy.streams === 0, "it leaves the events");
		const begin = Date.now();
		await services.spoil("checkout");
		await world.check();
		await page.clock.runFor(30_000);
		assert.deepEqual(proxy.asked("/events", begin), [], "no events while hidden");
		assert.deepEqual(proxy.asked("/", begin), [], "it asks once a minute, not more often");
		await page.clock.runFor(50_000);
		await page.waitForFunction(() => document.title === "1 drift · driftd");
		assert.match(await page.locator("#favicon").getAttribute("href"), /icon-drift\.svg$/);
		assert.deepEqual(proxy.asked("/events", begin), []);
		await services.spoil("basket");
		await world.check();
		const shown = awaitRow(page, "basket", "drift");
		await setHidden(false);
		await shown;
		await waitUntil(() => proxy.streams === 1, "it follows the events again");
		assert.equal(await page.locator("#stale").isHidden(), true, "being hidden made nothing old");
		expectNoFaults(page);
	});

	await suite.test("tells who does not see it", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		const told = page.locator("[role=status].visually-hidden");
		assert.equal(await told.count(), 0, "nothing has changed");
		await services.spoil("ledger");
		await world.check();
		await told.filter({ hasText: /^1 drift, 4 ok/ }).waitFor({ state: "attached" });
		await page.goto("/drift/service/ledger");
		await services.mend("ledger");
		await world.check();
		await told.filter({ hasText: /^5 ok .*; ok service\/ledger$/ }).waitFor({ state: "attached" });
		expectNoFaults(page);
	});
});
