/* expired - what driftd looks at hangs: verdicts end, and nothing stays green. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectAccessible, expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Services, awaitRow, openLive, readPage } from "../harness/services.mjs";

const NAMES = ["basket", "search"];

test("what is looked at hangs: verdicts end, and nothing stays green", async (t) => {
	const services = await Services.for(t, {
		names: NAMES,
		fetchEvery: "2s",
		settings: { "check-interval": "2s", "expire-after": "4s", "request-timeout": "30s", "cycle-timeout": "30s" },
	});
	const { world } = services;
	const browser = await launch(t);
	const page = await openPage(t, browser, { origin: world.origin });
	await openLive(page);
	assert.equal((await page.evaluate(readPage, "basket")).row, "ok");
	await world.cloud.addFault({ path: "/target/*", kind: "hang" });
	const began = Date.now();
	const seen = await awaitRow(page, "basket", "unknown");
	console.log(`measured: sources hang, unknown after ${((Date.now() - began) / 1000).toFixed(1)} s`);
	assert.deepEqual([seen.title, seen.icon, seen.word], ["2 unknown · driftd", "icon-unknown.svg", "unknown"]);
	assert.equal(await page.locator("#main tbody .state-ok").count(), 0);
	assert.match(await page.locator("#banners").innerText(), /2 verdicts have expired/);
	assert.ok(await page.locator("#targets tbody tr").count() === 2);
	await expectAccessible(page);
	await world.cloud.heal();
	await awaitRow(page, "basket", "ok");
	await page.waitForFunction(() => document.title === "ok · driftd" && !document.querySelector("#banners .banner"));
	expectNoFaults(page);
});
