/* behind - driftd tells that things have changed, and does not give the page any more: it is old. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Services, awaitRow, openLive } from "../harness/services.mjs";

/** api/dashboard/web/stale.js */
const BEHIND_MS = 40_000;

test("a filter that is none any more does not stay green", async (t) => {
	const services = await Services.for(t, { names: ["basket", "search"] });
	const { world } = services;
	const browser = await launch(t);
	const owned = (owner) => world.config.replace(/^(owner = \w+\n)?paths = app$/gm, `owner = ${owner}\npaths = app`);
	await world.reload(owned("ml"));
	const page = await openPage(t, browser, { origin: world.origin, tolerate: /status of 400/ });
	await openLive(page, "/?owner=ml");
	assert.equal((await awaitRow(page, "search", "ok")).title, "ok \u00b7 driftd");

	await world.reload(owned("data"));
	await services.spoil("search");
	await world.check();
	await page.locator("#stale:not([hidden])").waitFor({ timeout: BEHIND_MS + 15_000 });
	assert.match(await page.locator("#stale").innerText(), /OLD DATA: things have changed since \d\d:/);
	assert.match(await page.title(), /^STALE/);

	await world.reload(owned("ml"));
	assert.equal((await awaitRow(page, "search", "drift")).word, "drift");
	await page.locator("#stale").waitFor({ state: "hidden" });
	assert.equal(await page.title(), "1 drift \u00b7 driftd");
	expectNoFaults(page);
});
