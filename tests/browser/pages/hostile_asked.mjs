/* hostile_asked - text of outsiders in what a page is asked for, in what comes while it is open, and typed into it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, launch } from "../harness/browser.mjs";
import { corpus } from "../harness/corpus.mjs";
import { expectHarmless, openWatched } from "../harness/harmless.mjs";
import { Hostile } from "../harness/hostile.mjs";
import { openLive } from "../harness/services.mjs";

/** Pages that say back what they were asked. */
const reflections = ({ text }) => {
	const said = encodeURIComponent([...text].slice(0, 150).join(""));
	return [
		`/?q=${said}`, `/?owner=${said}`, `/?group=${said}`, `/?${said}=1`, `/?page=${said}`, `/${said}`, `/drift/${said}`,
		`/drift/service/${said}`, `/incidents/${said}`, `/incidents?target=${said}`, `/incidents?status=${said}`, `/incidents?cursor=${said}`,
		`/notifications?channel=${said}`, `/config?q=${said}`, `/ack/1?e=${said}&s=${said}`, `/silences?limit=${said}`,
	];
};

test("hostile text that comes while one looks", async (suite) => {
	const { world } = await Hostile.for(suite);
	const { origin } = world;
	const browser = await launch(suite);

	await suite.test("said back by pages that were asked for it", async (t) => {
		const page = await openWatched(t, browser, { origin, tolerate: /status of 4\d\d/, viewport: PHONE });
		for (const item of corpus)
			for (const path of reflections(item).filter((_, at) => process.env.DRIFTD_TEST_ALL || (at + item.index) % 7 === 0)) {
				const response = await page.goto(path);
				assert.ok([200, 400, 403, 404, 410, 422].includes(response.status()), `${path}: ${response.status()}`);
				await expectHarmless(page, `${item.name}: ${path}`);
			}
	});

	await suite.test("while the page is open: what scripts put in place is harmless too", async (t) => {
		const page = await openWatched(t, browser, { origin });
		await openLive(page, "/drift/service/says-00");
		await page.evaluate(() => (globalThis.wasHere = true));
		for (const { text, name } of corpus.filter((item) => item.mark.length > 3 && item.index % 2 === 0)) {
			await world.cloud.putTarget("says-00", { commit: `${name} ${text}` });
			await world.check();
			await page.waitForFunction(([word]) => document.querySelector("#main").textContent.includes(word), [`"${name} `]);
			await expectHarmless(page, `${name}, live`);
		}
		assert.equal(await page.evaluate(() => globalThis.wasHere), true, "without loading the page again");
	});

	await suite.test("typed into forms and the search field, and copied", async (t) => {
		const page = await openWatched(t, browser, { origin, tolerate: /status of 4\d\d/, viewport: PHONE });
		await openLive(page, "/silences");
		for (const { line, index } of corpus.filter((item) => item.line !== null && item.index % 3 === 0)) {
			const form = page.locator('form[data-json="POST /silences"]');
			await form.locator("[name=matcher]").fill(index % 2 ? `owner=${line.slice(0, 100)}` : line.slice(0, 300));
			await form.locator("[name=who]").fill(line.slice(0, 50));
			await form.locator("[name=why]").fill(line.slice(0, 300));
			const answered = page.waitForResponse((response) => response.request().method() === "POST");
			await form.locator("button").last().click();
			assert.ok([200, 201, 400, 404, 422].includes((await answered).status()));
			await expectHarmless(page, line.slice(0, 80));
		}
		await openLive(page, "/");
		for (const { line } of corpus.filter((item) => item.line !== null && item.index % 3 === 1)) {
			const searched = page.waitForResponse((response) => new URL(response.url()).searchParams.has("q"));
			await page.locator("[data-live-search]").fill(line.slice(0, 100));
			await searched;
			await expectHarmless(page, line.slice(0, 80));
		}
	});
});
