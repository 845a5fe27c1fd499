/* looks - dark and light by the system and by choice, never a flash of the other; times that stay right, with
 * the instant on hover; a page that is new is asked for once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { isAge, squeeze } from "../harness/read.mjs";
import { waitUntil } from "../harness/wait.mjs";
import { openZoo, pagesOf } from "../harness/zoo.mjs";

/** How bright what is behind the text is: 0 (black) to 255. */
const brightness = (page) =>
	page.evaluate(() => {
		const parts = getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number);
		return parts.reduce((sum, part) => sum + part, 0) / 3;
	});

const isDark = async (page) => (await brightness(page)) < 60;

const choose = (page, choice) => page.getByLabel("Colours").selectOption(choice);

test("looks", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const { origin } = world;
	const open = async (t, options, path = "/") => {
		const page = await openPage(t, browser, { origin, ...options });
		await page.goto(path);
		return page;
	};

	await suite.test("every page is light or dark as the system is, and follows it", async (t) => {
		const page = await open(t, { colorScheme: "dark" });
		for (const { name, path } of pagesOf(world)) {
			await page.goto(path);
			await page.emulateMedia({ colorScheme: "dark" });
			const scheme = () =>
				page.evaluate(() => {
					const probe = document.body.appendChild(document.createElement("input"));
					const { colorScheme } = getComputedStyle(document.documentElement);
					const { color } = getComputedStyle(probe);
					probe.remove();
					return { colorScheme, isInkBright: Number(color.match(/\d+/)[0]) > 128 };
				});
			assert.ok((await scheme()).isInkBright, `${name} is dark`);
			await page.emulateMedia({ colorScheme: "light" });
			assert.ok(!(await scheme()).isInkBright, `${name} is light`);
		}
	});

	for (const [system, choice] of [
		["light", "dark"],
		["dark", "light"],
	])
		await suite.test(`${choice} by choice, where the system is ${system}: it stays so`, async (t) => {
			const page = await open(t, { colorScheme: system });
			assert.equal(await isDark(page), system === "dark");
			await choose(page, choice);
			assert.equal(await isDark(page), choice === "dark");
			await page.reload();
			assert.equal(await isDark(page), choice === "dark", "after it is loaded again");
			await page.goto("/incidents");
			assert.equal(await isDark(page), choice === "dark", "on another page");
			assert.equal(await page.getByLabel("Colours").inputValue(), choice);
			const other = await page.context().newPage();
			await other.goto("/silences");
			assert.equal(await isDark(other), choice === "dark", "in another tab");
			await choose(other, "system");
			await waitUntil(async () => (await isDark(page)) === (system === "dark"), "the first tab follows");
			expectNoFaults(page);
		});

	await suite.test("the chosen theme stands before anything is painted", async (t) => {
		const page = await open(t, { colorScheme: "light" });
		await choose(page, "dark");
		await page.addInitScript(() => {
			globalThis.themes = [];
			new MutationObserver(() => {
				if (document.body && themes.length === 0) themes.push(document.documentElement.dataset.theme);
			}).observe(document, { childList: true, subtree: true });
		});
		let release;
		const held = new Promise((resolve) => (release = resolve));
		await page.route("**/theme.js", async (route) => {
			await held;
			await route.continue();
		});
		const loaded = page.reload();
		const style = await page.waitForResponse(/dashboard\.css$/);
		await style.finished();
		const painted = () => page.evaluate(() => performance.getEntriesByType("paint").length);
		const frames = () => page.evaluate(() => new Promise((done) => setTimeout(done, 300))); /* some to paint in */
		await frames();
		assert.equal(await painted(), 0, "nothing is painted while the theme is not known");
		release();
		await loaded;
		await waitUntil(painted, "it is painted");
		assert.deepEqual(await page.evaluate(() => themes), ["dark"], "when there is a body, there is a theme");
		assert.ok(await isDark(page));
		const when = await page.evaluate(() => ({
			paint: performance.getEntriesByName("first-paint")[0].startTime,
			theme: performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/theme.js")).responseEnd,
		}));
		assert.ok(when.paint >= when.theme, JSON.stringify(when));
	});

	await suite.test("where nothing can be stored the choice holds for the page", async (t) => {
		const page = await openPage(t, browser, { origin, colorScheme: "light" });
		await page.addInitScript(() => {
			for (const name of ["getItem", "setItem"])
				Storage.prototype[name] = () => {
					throw new DOMException("denied", "SecurityError");
				};
		});
		await page.goto("/");
		assert.equal(await isDark(page), false);
		await choose(page, "dark");
		assert.equal(await isDark(page), true);
		expectNoFaults(page);
	});

	await suite.test("times are relative, with the instant on hover, on every page", async (t) => {
		const page = await open(t);
		for (const { name, path } of pagesOf(world).filter(({ status }) => status === 200)) {
			await page.goto(path);
			const times = await page.locator("time[data-relative]").evaluateAll((all) =>
				all.map((time) => ({ text: time.textContent, title: time.title, instant: time.dateTime })),
			);
			if (!path.startsWith("/ack")) assert.ok(times.length > 0, name);
			for (const { text, title, instant } of times) {
				assert.match(text, /^(now|(in )?\d+ (s|min|h|d)( ago)?)$/, name);
				assert.equal(text.startsWith("in "), !text.endsWith("ago"));
				const ahead = Date.parse(instant) - Date.now();
				if (Math.abs(ahead) > 10_000) assert.equal(text.startsWith("in "), ahead > 0, `${name}: ${text} of ${instant}`);
				assert.ok(isAge(text, instant), `${name}: ${text} of ${instant}`);
				assert.equal(title, instant.replace("T", " ").replace("Z", " UTC"));
			}
		}
		expectNoFaults(page);
	});

	await suite.test("times go on while nothing else happens", async (t) => {
		const page = await open(t);
		const time = page.locator(".headline-facts time").first();
		const before = await time.innerText();
		await waitUntil(async () => (await time.innerText()) !== before, "the age grows");
		assert.ok(isAge(await time.innerText(), await time.getAttribute("datetime")));
	});

	await suite.test("days of the strip say on hover what happened", async (t) => {
		const page = await open(t, {}, "/?q=service/shaky");
		const titles = await page.locator("#targets .strip title").allTextContents();
		const today = new Date().toISOString().slice(0, 10);
		const said = titles.find((title) => title.startsWith(`${today}: `));
		assert.match(said, /unknown \d+ (s|min).*; 3 changes$/);
		assert.match(titles[0], /^\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d: not known$/);
		const { days } = await world.get("/history/service/shaky/days?days=90");
		assert.equal(days.at(-1).worst, "unknown");
		assert.match(
			await page.locator("#targets .strip").getAttribute("aria-label"),
			/^90 days: 1 unknown, 89 not known$/,
		);
	});

	await suite.test("a page that is new is asked for once", async (t) => {
		const page = await openPage(t, browser, { origin });
		const asked = [];
		page.on("request", (request) => asked.push(new URL(request.url()).pathname));
		await page.goto("/drift/service/gateway");
		await page.waitForResponse(/\/events$/).catch(() => {});
		await page.evaluate(() => new Promise((done) => setTimeout(done, 1500))); /* longer than it waits to ask again */
		assert.deepEqual(
			asked.filter((path) => !path.startsWith("/assets/")),
			["/drift/service/gateway", "/events"],
		);
		assert.equal(squeeze(await page.locator("#stale").textContent()), "");
	});
});
