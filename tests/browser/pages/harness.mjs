/* harness - the tests of pages themselves: what is wrong with a page, they see. */
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

test("the harness", async (suite) => {
	const world = await World.for(suite);
	world.makeRepository().publish("a", "1");
	await world.configure({}, section('service "shop"', { source: "cloud-run" }));
	await world.start();
	await world.check();
	const browser = await launch(suite);
	const open = async (t, options) => {
		const page = await openPage(t, browser, { origin: world.origin, ...options });
		await page.goto("/");
		expectNoFaults(page);
		return page;
	};

	await suite.test("sees what axe-core finds", async (t) => {
		const page = await open(t);
		await expectAccessible(page);
		await page.evaluate(() =>
			document.querySelector("main").append(document.createElement("img"), document.createElement("button")),
		);
		await assert.rejects(expectAccessible(page), /image-alt[\s\S]*button-name|button-name[\s\S]*image-alt/);
	});

	await suite.test("sees a script that fails", async (t) => {
		const page = await open(t);
		await page.evaluate(() =>
			setTimeout(() => {
				throw new Error("on purpose");
			}),
		);
		await page.waitForEvent("pageerror", { predicate: () => true, timeout: 1000 }).catch(() => {});
		assert.throws(() => expectNoFaults(page), /on purpose/);
	});

	await suite.test("sees what the page's policy forbids, and what is from elsewhere", async (t) => {
		const page = await open(t);
		await page.evaluate(() => fetch("http://example.invalid/").catch(() => {}));
		assert.throws(() => expectNoFaults(page), /Content Security Policy|elsewhere/);
		const other = await open(t);
		await other.evaluate(() => document.body.setAttribute("style", "color:red"));
		await other.evaluate(() => new Promise(requestAnimationFrame));
		assert.throws(() => expectNoFaults(other), /Content Security Policy/);
	});

	await suite.test("sees a page that is wider than its window", async (t) => {
		const page = await open(t, { viewport: PHONE });
		await page.evaluate(() => {
			const wide = document.createElement("p");
			wide.textContent = "x".repeat(500);
			document.body.append(wide);
			wide.style.whiteSpace = "nowrap";
		});
		await assert.rejects(expectNoSidewaysScrolling(page), /wider than its window/);
	});

	await suite.test("starts driftd again on the port it had, and sees a crash", async () => {
		const { origin } = world;
		await world.stop();
		await world.start();
		assert.equal(world.origin, origin);
		const other = await World.create();
		other.makeRepository().publish("a", "1");
		await other.configure({}, section('service "shop"', { source: "cloud-run" }));
		await other.start();
		await other.driftd.kill();
		await assert.rejects(other.remove(), /driftd ended with SIGKILL/);
	});
});
