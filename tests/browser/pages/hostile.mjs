/* hostile - text of outsiders in every page that shows some, with scripts and without: it is harmless, and it is seen
 * as text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, launch } from "../harness/browser.mjs";
import { corpus } from "../harness/corpus.mjs";
import { expectHarmless, openWatched } from "../harness/harmless.mjs";
import { Hostile } from "../harness/hostile.mjs";

/** One in five, so that each text is looked at in several places; DRIFTD_TEST_ALL=1: all of them. */
const isChosen = (path, index) => process.env.DRIFTD_TEST_ALL || index % 5 === 0;

/** Paths of what is looked at. */
async function pathsOf(world) {
	const { targets } = await world.get("/status");
	const { items } = await world.get("/incidents?limit=1000");
	const incidents = items.filter(({ target }) => /behind-|denied-/.test(target));
	return {
		lists: ["/", "/?group=owner", "/?group=state&page=2", "/incidents", "/notifications", "/silences?all=1", "/config", "/docs", "/ack/1"],
		targets: targets.map(({ kind, name }) => `/drift/${kind}/${name}`).filter(isChosen),
		incidents: incidents.map(({ id }) => `/incidents/${id}`).filter(isChosen),
	};
}

test("hostile text", async (suite) => {
	const { world } = await Hostile.for(suite);
	const { origin } = world;
	const browser = await launch(suite);
	const paths = await pathsOf(world);

	await suite.test("in every page, at both widths: nothing runs, nothing breaks, all of it is text", async (t) => {
		const page = await openWatched(t, browser, { origin });
		const seen = new Map();
		for (const path of [...paths.lists, ...paths.targets, ...paths.incidents]) {
			await page.setViewportSize(DESK);
			await page.goto(path);
			await expectHarmless(page, `${path} at ${DESK.width}`);
			await page.setViewportSize(PHONE);
			await expectHarmless(page, `${path} at ${PHONE.width}`);
			seen.set(path, await page.evaluate(() => document.documentElement.textContent));
		}
		for (const { mark, name, index } of corpus) {
			const at = [...seen].filter(([, text]) => text.includes(mark)).length;
			assert.ok(mark.length < 3 || at >= 3, `${index} ${name} (${mark}) is seen in ${at} pages only`);
		}
	});

	await suite.test("without JavaScript", async (t) => {
		const page = await openWatched(t, browser, { origin, javaScriptEnabled: false, viewport: PHONE });
		for (const path of [...paths.lists, ...paths.targets.filter((_, index) => index % 9 === 0)]) {
			await page.goto(path);
			await expectHarmless(page, `${path} without scripts`);
		}
	});
});
