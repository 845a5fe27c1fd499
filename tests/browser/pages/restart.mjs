/* restart - driftd goes and comes back, as the same build or as another one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Proxy } from "../harness/proxy.mjs";
import { Services, awaitRow, openLive, readPage } from "../harness/services.mjs";
import { waitUntil } from "../harness/wait.mjs";

const NAMES = ["basket", "search"];
const BROKEN_OFF = /Failed to load resource|ERR_/;

test("driftd is gone, and comes back: a banner, no storm of requests, and all is right without a reload", async (t) => {
	const services = await Services.for(t, { names: NAMES });
	const { world } = services;
	const browser = await launch(t);
	const page = await openPage(t, browser, { origin: world.origin, tolerate: BROKEN_OFF });
	await page.clock.install();
	await openLive(page);
	await page.evaluate(() => (globalThis.wasHere = true));
	let asked = 0;
	page.on("request", () => asked++);

	await world.stop();
	await page.locator("#stale:not([hidden])").waitFor();
	assert.match(await page.locator("#stale").innerText(), /driftd does not answer\. Trying again\./);
	const seen = await page.evaluate(readPage, "basket");
	assert.deepEqual([seen.row, seen.title], ["ok", "ok · driftd"], "what was known a moment ago is not old yet");
	asked = 0;
	for (let second = 0; second < 120; second++) {
		await page.clock.runFor(1000);
		await page.evaluate(() => fetch("/nowhere").catch(() => {})); /* answers of the network can come in between */
	}
	const tries = asked - 120;
	console.log(`measured: ${tries} requests in two minutes without driftd`);
	assert.ok(tries >= 4 && tries <= 20, `${tries} requests in two minutes`);
	assert.match(await page.title(), /^STALE · /, "now it is old");
	assert.match(await page.locator("#stale").innerText(), /OLD DATA: no word from driftd since [\s\S]*does not answer/);

	await services.spoil("search");
	await world.start();
	await world.check();
	const shown = awaitRow(page, "search", "drift");
	for (let second = 0; second < 40 && (await page.evaluate(readPage, "search")).row !== "drift"; second++) {
		await page.clock.runFor(1000);
		await page.evaluate(() => fetch("/healthz").catch(() => {}));
	}
	await shown;
	await page.locator("#stale").waitFor({ state: "hidden" });
	assert.equal(await page.title(), "1 drift · driftd");
	assert.equal(await page.evaluate(() => globalThis.wasHere), true, "without loading the page again");
	expectNoFaults(page);
});

test("another build answers: the page loads its scripts and styles, once", async (t) => {
	const services = await Services.for(t, { names: NAMES });
	const { world } = services;
	const browser = await launch(t);
	const proxy = await Proxy.for(t, world.origin);
	const page = await openPage(t, browser, { origin: proxy.origin, tolerate: BROKEN_OFF });
	const build = () => page.locator("script[type=module]").getAttribute("src");
	let loads = 0;
	page.on("load", () => loads++);
	await openLive(page, "/?group=kind");
	const hash = /\/assets\/[0-9a-f]+\//.exec(await build())[0];

	proxy.disguise = [hash, "/assets/0123456789abcdef/"];
	await services.spoil("basket");
	await world.check();
	await waitUntil(() => loads === 2, "the page is loaded again");
	await awaitRow(page, "basket", "drift");
	assert.equal(await build(), "/assets/0123456789abcdef/dashboard.js");
	assert.equal(new URL(page.url()).search, "?group=kind", "the same page");

	proxy.disguise = [hash, "/assets/fedcba9876543210/"]; /* two builds behind one address */
	await waitUntil(() => proxy.streams === 1, "it follows the events");
	await services.mend("basket");
	await world.check();
	await awaitRow(page, "basket", "ok");
	assert.equal(loads, 2, "not over and over");
	expectNoFaults(page);
});

test("another build answers while somebody types: nothing typed is lost", async (t) => {
	const services = await Services.for(t, { names: NAMES });
	const { world } = services;
	const browser = await launch(t);
	const proxy = await Proxy.for(t, world.origin);
	const page = await openPage(t, browser, { origin: proxy.origin });
	let loads = 0;
	page.on("load", () => loads++);
	await openLive(page, "/silences");
	const [hash] = /\/assets\/[0-9a-f]+\//.exec(await page.content());
	await page.locator("#silence-why").fill("half a reason");
	proxy.disguise = [hash, "/assets/0123456789abcdef/"];
	await services.spoil("basket");
	await world.check();
	await page.waitForFunction(() => document.title.startsWith("1 drift"));
	assert.equal(loads, 1);
	assert.equal(await page.locator("#silence-why").inputValue(), "half a reason");
	await page.locator("#silence-why").fill("");
	await page.locator("#silence-why").blur();
	await services.mend("basket");
	await world.check();
	await waitUntil(() => loads === 2, "it is loaded when nothing is lost by it");
	expectNoFaults(page);
});
