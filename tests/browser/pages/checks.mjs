/* checks - the button that runs a check: how far it is, what came of it, and that it could not be
 * written down. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectAccessible, expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Proxy } from "../harness/proxy.mjs";
import { Services, awaitRow, openLive, readPage } from "../harness/services.mjs";
import { waitUntil } from "../harness/wait.mjs";

const NAMES = ["a", "b", "c", "d", "e", "f"];
const STEPS = NAMES.length + 1; /* and the repository */

/** All that #check-status says from now on, and the bar with it. */
function recordStatus(page) {
	return page.evaluate(() => {
		const status = document.querySelector("#check-status");
		globalThis.said = [];
		new MutationObserver(() => {
			const bar = document.querySelector("#check-progress");
			const text = status.textContent;
			if (text)
				globalThis.said.push({
					text,
					isShown: !bar.hidden,
					value: bar.hasAttribute("value") ? bar.value : null,
					max: bar.max,
				});
		}).observe(status, { subtree: true, childList: true, characterData: true });
	});
}

test("the button that runs a check", async (suite) => {
	/* one after the other */
	const services = await Services.for(suite, { names: NAMES, settings: { "max-parallel-requests": 1 } });
	const { world } = services;
	const { origin } = world;
	const browser = await launch(suite);
	suite.afterEach(async () => {
		await world.cloud.heal();
		await Promise.all(NAMES.map((name) => services.mend(name)));
		await world.check();
	});

	await suite.test("shows how far it is, then what came of it", async (t) => {
		const proxy = await Proxy.for(t, origin);
		const page = await openPage(t, browser, { origin: proxy.origin });
		await openLive(page);
		await world.cloud.addFault({ path: "/target/*", kind: "latency", latency_ms: 400 });
		await services.spoil("c");
		await recordStatus(page);
		const button = page.locator("[data-check]");
		await button.focus();
		await page.keyboard.press("Enter");
		await page.locator("#check-progress").waitFor({ state: "visible" });
		assert.equal(await button.getAttribute("aria-disabled"), "true");
		await page.keyboard.press("Enter"); /* once more is not twice */
		await page.waitForFunction(() => /^\d+ of 7$/.test(document.querySelector("#check-status").textContent));
		await expectAccessible(page);
		await page.waitForFunction(() => /^done/.test(document.querySelector("#check-status").textContent));
		const said = await page.evaluate(() => globalThis.said);
		assert.equal(said.at(-1).text, "done: drift, 6 of 6 evaluated");
		assert.equal(said.at(-1).isShown, false);
		const steps = said.filter(({ text }) => / of /.test(text) && !/^done/.test(text));
		const done = steps.map(({ text }) => Number(text.split(" ")[0]));
		assert.ok(new Set(done).size >= 3, `it said ${done} of ${STEPS}`);
		assert.deepEqual(done, done.toSorted((a, b) => a - b), "never backwards");
		for (const { text, isShown, value, max } of steps)
			assert.deepEqual([isShown, value, max], [true, Number(text.split(" ")[0]), STEPS], text);
		await awaitRow(page, "c", "drift");
		assert.equal(proxy.asked("/check").length, 1);
		assert.equal(await button.getAttribute("aria-disabled"), null);
		assert.equal(
			await page.evaluate(() => document.activeElement.id),
			"check-button",
			"the focus stays on the button",
		);
		expectNoFaults(page);
	});

	await suite.test("shows a check of somebody else's, and a page that is opened meanwhile shows it", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		await world.cloud.addFault({ path: "/target/*", kind: "latency", latency_ms: 500 });
		const other = world.check();
		await page.waitForFunction(() => /^[1-6] of 7$/.test(document.querySelector("#check-status").textContent));
		const late = await openPage(t, browser, { origin, javaScriptEnabled: false });
		await late.goto("/");
		assert.match(await late.locator("#check-status").textContent(), /^\d of 7$/);
		assert.equal(await late.locator("#check-progress").isVisible(), true);
		await other;
		await page.locator("#check-progress").waitFor({ state: "hidden" });
		assert.equal(await page.locator("#check-status").textContent(), "");
		expectNoFaults(page);
	});

	await suite.test("a target page has it too", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page, "/drift/service/d");
		await services.spoil("d");
		await page.locator("[data-check]").click();
		await page.waitForFunction(() => document.title.startsWith("1 drift"));
		await waitUntil(async () => /behind/.test(await page.locator("#main").innerText()), "the page shows it");
		expectNoFaults(page);
	});

	await suite.test("when nothing can be looked at it says so, and nothing stays green", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		await world.cloud.addFault({ path: "/target/*", kind: "status", status: 500 });
		await page.locator("[data-check]").click();
		await page.waitForFunction(() => /^done: unknown, 0 of 6/.test(document.querySelector("#check-status").textContent));
		const seen = await awaitRow(page, "a", "unknown");
		assert.deepEqual([seen.title, seen.icon], ["6 unknown · driftd", "icon-unknown.svg"]);
		assert.equal(await page.locator("#targets .state-ok").count(), 0);
		expectNoFaults(page);
	});

	await suite.test("when driftd is gone it says that nothing is known to have been done", async (t) => {
		const proxy = await Proxy.for(t, origin);
		const page = await openPage(t, browser, { origin: proxy.origin, tolerate: /Failed to load resource/ });
		await openLive(page);
		Object.assign(proxy, { mode: "down", scope: "/check" });
		await page.locator("[data-check]").click();
		await page.waitForFunction(() =>
			/does not answer/.test(document.querySelector("#check-status").textContent),
		);
		assert.equal(await page.locator("#check-progress").isHidden(), true);
		assert.equal(await page.locator("[data-check]").getAttribute("aria-disabled"), null);
		expectNoFaults(page);
	});
});

test("a check that cannot be written down", async (t) => {
	const services = await Services.for(t, { names: ["a", "b"] });
	const { world } = services;
	const browser = await launch(t);
	const page = await openPage(t, browser, { origin: world.origin, tolerate: /status of 503/ });
	await openLive(page);

	world.driftd.limitFiles(4096);
	await services.spoil("a");
	await page.locator("[data-check]").click();
	await page.waitForFunction(() => /./.test(document.querySelector("#banners").textContent.trim()));
	const banner = page.locator("#banners .banner-error");
	assert.match(await banner.innerText(), /The database cannot be written/);
	assert.equal((await page.evaluate(readPage, "a")).row, "drift", "verdicts are right all the same");
	await page.waitForFunction(() => /^done|cannot|could not|error/.test(document.querySelector("#check-status").textContent));
	const said = await page.locator("#check-status").textContent();
	assert.doesNotMatch(said, /\bok\b/);
	assert.equal(await page.locator("#check-progress").isHidden(), true);
	await expectAccessible(page);

	world.driftd.limitFiles("unlimited");
	await page.locator("[data-check]").click();
	await page.waitForFunction(() => document.querySelector("#banners").textContent.trim() === "");
	expectNoFaults(page);
});
