/* fallback - where events do not come through, the page asks; and goes back to them when they do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Proxy } from "../harness/proxy.mjs";
import { Services, awaitRow, openLive, readPage } from "../harness/services.mjs";
import { waitUntil } from "../harness/wait.mjs";

const REFUSED = /status of 503/;

/** Time of the page goes on by steps, so that answers can come in between, until something holds. */
async function runUntil(page, condition, what, limitS) {
	let passedS = 0;
	await waitUntil(async () => {
		if (await condition()) return true;
		assert.ok(passedS < limitS, `not within ${limitS} s of the page's time: ${what}`);
		passedS++;
		await page.clock.runFor(1000);
		return false;
	}, what);
	return passedS;
}

const says = (page, name, word) => async () => (await page.evaluate(readPage, name)).row === word;

test("a page that gets no events", async (suite) => {
	const services = await Services.for(suite, { names: ["basket", "search"] });
	const { world } = services;
	const browser = await launch(suite);
	const open = async (t, mode) => {
		const proxy = await Proxy.for(t, world.origin);
		proxy.mode = mode;
		const page = await openPage(t, browser, { origin: proxy.origin, tolerate: REFUSED });
		await page.clock.install();
		await openLive(page);
		return { proxy, page };
	};
	suite.afterEach(async () => {
		await services.mend("basket");
		await world.check();
	});

	for (const [mode, limitS] of [
		["refuse", 15],
		["buffer", 12],
	])
		await suite.test(`asks instead, where they are ${mode === "refuse" ? "refused" : "held back"}`, async (t) => {
			const { proxy, page } = await open(t, mode);
			await services.spoil("basket");
			await world.check();
			const passedS = await runUntil(page, says(page, "basket", "drift"), "the page asks", limitS);
			console.log(`measured: without events (${mode}) shown after ${passedS} s`);
			const before = proxy.asked("/").length;
			await page.clock.runFor(60_000);
			const count = proxy.asked("/").length - before;
			assert.ok(count >= 1 && count <= 9, `${count} requests in a minute`);
			const { title, stale } = await page.evaluate(readPage, "basket");
			assert.deepEqual([title, stale], ["1 drift · driftd", ""], "nothing of it is old");
			expectNoFaults(page);
		});

	await suite.test("follows them again when they come through", async (t) => {
		const { proxy, page } = await open(t, "refuse");
		proxy.mode = "pass";
		await runUntil(page, () => proxy.streams === 1, "the events are tried again", 120);
		const shown = awaitRow(page, "basket", "drift");
		const begin = Date.now();
		await services.spoil("basket");
		await world.check();
		const { title } = await shown;
		assert.equal(title, "1 drift · driftd");
		assert.ok(proxy.asked("/", begin).length >= 1);
		expectNoFaults(page);
	});

	await suite.test("a check that is asked for is followed by asking, too", async (t) => {
		const { proxy, page } = await open(t, "refuse");
		await services.spoil("basket");
		await page.locator("[data-check]").click();
		const status = page.locator("#check-status");
		await runUntil(
			page,
			async () => /^done: drift, 2 of 2 evaluated$/.test(await status.textContent()),
			"it is told what came of the check",
			15,
		);
		await runUntil(page, says(page, "basket", "drift"), "it is shown", 5);
		assert.equal(proxy.asked("/check").length, 1);
		assert.equal(await page.locator("#check-progress").isHidden(), true);
		expectNoFaults(page);
	});
});
