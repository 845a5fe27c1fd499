/* every - what holds for every page in a theme and at a width. */
import assert from "node:assert/strict";
import { PHONE, expectAccessible, expectNoSidewaysScrolling, launch, openPage } from "./browser.mjs";
import { openZoo, pagesOf } from "./zoo.mjs";

/** Browsers tell of each answer that is an error; those we ask for. */
const isAsked = (fault) =>
	/^console: Failed to load resource: the server responded with a status of 40[04] /.test(fault);

/** Thousands of elements: pages/accessible_large.mjs lets axe-core look at them. */
const LARGE = ["/docs", "/config"];

/**
 * Each page at that width, light and dark: axe-core finds nothing, nothing is wider than the window, what is
 * tapped on a phone is large enough, and nothing breaches the policy of the page or comes from elsewhere.
 */
export async function expectEveryPage(suite, viewport) {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const isPhone = viewport === PHONE;

	for (const colorScheme of ["light", "dark"]) {
		const page = await openPage(suite, browser, { origin: world.origin, colorScheme, viewport, hasTouch: isPhone });
		for (const { name, path, status } of pagesOf(world))
			await suite.test(`${name}, ${colorScheme}`, async () => {
				page.faults.length = 0; /* those of a page that failed are its own */
				assert.equal((await page.goto(path)).status(), status);
				await expectNoSidewaysScrolling(page);
				if (!LARGE.includes(path)) await expectAccessible(page, isPhone ? ["target-size"] : []);
				assert.deepEqual(
					page.faults.filter((fault) => !(status >= 400 && isAsked(fault))),
					[],
				);
			});
	}
}
