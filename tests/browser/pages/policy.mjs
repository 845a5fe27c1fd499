/* policy - no page breaches its own policy: no markup is made from text, anywhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectAccessible, expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Services, openLive } from "../harness/services.mjs";

const PATHS = ["/", "/drift/service/a", "/incidents", "/notifications", "/silences", "/config", "/docs", "/nowhere"];

test("the policy of the pages", async (suite) => {
	const services = await Services.for(suite, { names: ["a"] });
	const { origin } = services.world;
	const browser = await launch(suite);

	for (const path of PATHS)
		await suite.test(`${path} keeps to it`, async (t) => {
			const page = await openPage(t, browser, { origin, tolerate: /status of 404/ });
			await openLive(page, path);
			if (path === "/docs") await page.locator("#getDrift").waitFor();
			await page.keyboard.press("?"); /* the help is made by scripts */
			await page.locator("dialog[open]").waitFor();
			await page.keyboard.press("Escape");
			if (path !== "/docs") await expectAccessible(page); /* long, and elsewhere */
			expectNoFaults(page);
		});

	await suite.test("markup from text is refused, whoever makes it", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		const refused = await page.evaluate(() => {
			const sinks = {
				innerHTML: () => (document.createElement("p").innerHTML = "<b>x</b>"),
				parse: () => new DOMParser().parseFromString("<b>x</b>", "text/html"),
				script: () => (document.createElement("script").text = "x"),
				policy: () => trustedTypes.createPolicy("any", {}),
			};
			return Object.keys(sinks).filter((name) => {
				try {
					sinks[name]();
					return false;
				} catch (error) {
					return error instanceof TypeError;
				}
			});
		});
		assert.deepEqual(refused, ["innerHTML", "parse", "script", "policy"]);
		assert.throws(() => expectNoFaults(page), /Trusted|Content Security Policy/i);
	});
});
