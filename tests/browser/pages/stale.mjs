/* stale - driftd hangs: what is shown is old, and nobody can overlook that. See expired.mjs, too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, expectAccessible, expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Services, awaitRow, openLive } from "../harness/services.mjs";
import { waitUntil } from "../harness/wait.mjs";

const NAMES = ["basket", "search"];
/** Two heartbeats missed, and some (api/dashboard/web/stale.js). */
const SILENCE_MS = 40_000;
const BROKEN_OFF = /Failed to load resource|ERR_/;

/** The banner is over the whole width and in sight; title and icon say it too. */
async function expectStale(page, pattern, title) {
	const banner = page.locator("#stale");
	assert.match(await banner.innerText(), pattern);
	const box = await banner.boundingBox();
	const width = await page.evaluate(() => document.documentElement.clientWidth);
	assert.ok(box.x <= 0 && box.x + box.width >= width, `the banner is ${box.x}…${box.x + box.width} of ${width}`);
	assert.ok(box.y >= 0 && box.height >= 20, "it is in sight");
	assert.equal(await page.title(), `STALE · ${title}`);
	assert.match(await page.locator("#favicon").getAttribute("href"), /icon-stale\.svg$/);
	assert.equal(await isGrey(page), true, "nothing stays green");
}

/** No colour says a state: all that has one is shown without. */
function isGrey(page) {
	return page.evaluate(() =>
		[...document.querySelectorAll(".state-ok, .state-drift")]
			.filter((element) => element.checkVisibility())
			.every((element) => {
				for (let at = element; at; at = at.parentElement)
					if (/grayscale\((1|0?\.[5-9]\d*)\)|saturate\((0|0?\.[0-4]\d*)\)/.test(getComputedStyle(at).filter)) return true;
				return false;
			}),
	);
}

async function expectFresh(page, title) {
	await page.locator("#stale").waitFor({ state: "hidden" });
	assert.equal(await page.title(), title);
	assert.match(await page.locator("#favicon").getAttribute("href"), /icon-ok\.svg$/);
	assert.equal(await isGrey(page), false);
}

test("driftd hangs", async (t) => {
	let world;
	t.after(() => world?.driftd?.child.kill("SIGCONT")); /* first of all, or it could not be stopped */
	const services = await Services.for(t, { names: NAMES });
	({ world } = services);
	const { origin } = world;
	const browser = await launch(t);
	/* one by this clock, the others by one that the test moves on */
	const paths = { "/": "ok · driftd", "/drift/service/basket": "ok · service/basket · driftd", "/incidents": "ok · Incidents · driftd" };
	const pages = [];
	for (const path of Object.keys(paths)) {
		const page = await openPage(t, browser, { origin, tolerate: BROKEN_OFF, viewport: path === "/" ? PHONE : undefined });
		await page.clock.install();
		await openLive(page, path);
		pages.push([page, paths[path]]);
	}
	const slow = await openPage(t, browser, { origin, tolerate: BROKEN_OFF });
	await openLive(slow);
	assert.equal(await isGrey(pages[0][0]), false);

	const began = Date.now();
	world.driftd.child.kill("SIGSTOP");
	for (const [page, title] of pages) {
		await page.clock.runFor(SILENCE_MS / 2);
		assert.equal(await page.locator("#stale").isHidden(), true, "half of it is nothing yet");
		await page.clock.runFor(SILENCE_MS / 2 + 3000);
		await expectStale(page, /OLD DATA: no word from driftd since \d\d:\d\d:\d\d\. What you see is as of/, title);
	}
	await expectAccessible(pages[0][0]);

	await slow.locator("#stale:not([hidden])").waitFor({ timeout: SILENCE_MS + 20_000 });
	const afterMs = Date.now() - began;
	console.log(`measured: driftd hangs, said after ${(afterMs / 1000).toFixed(1)} s`);
	assert.ok(afterMs < SILENCE_MS + 10_000);
	await expectStale(slow, /OLD DATA: no word from driftd/, "ok · driftd");

	await services.spoil("search");
	world.driftd.child.kill("SIGCONT");
	const shown = awaitRow(slow, "search", "drift");
	await world.check();
	assert.equal((await shown).word, "drift");
	await waitUntil(async () => (await slow.title()) === "1 drift · driftd", "it is not old any more");
	await slow.locator("#stale").waitFor({ state: "hidden" });
	assert.equal(await isGrey(slow), false);
	expectNoFaults(slow);
});

test("a page that was hidden is not called old the moment it is shown", async (t) => {
	const services = await Services.for(t, { names: NAMES });
	const browser = await launch(t);
	const page = await openPage(t, browser, { origin: services.world.origin });
	await page.clock.install();
	await openLive(page);
	const setHidden = (hidden) =>
		page.evaluate((value) => {
			Object.defineProperty(document, "hidden", { value, configurable: true });
			document.dispatchEvent(new Event("visibilitychange"));
		}, hidden);
	await setHidden(true);
	await page.clock.fastForward(600_000); /* the machine slept */
	await setHidden(false);
	assert.equal(await page.locator("#stale").isHidden(), true);
	await page.clock.runFor(3000);
	await expectFresh(page, "ok · driftd");
	expectNoFaults(page);
});
