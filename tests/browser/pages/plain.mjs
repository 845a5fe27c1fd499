/* plain - without JavaScript every page can be read whole, filters work as links and forms, and pages come anew
 * by themselves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, expectNoSidewaysScrolling, launch, openPage } from "../harness/browser.mjs";
import { readRows, readTable, squeeze } from "../harness/read.mjs";
import { openZoo, pagesOf } from "../harness/zoo.mjs";

const ids = async (page) => (await readRows(page)).map(({ id }) => id);
const address = (page) => page.url().slice(new URL(page.url()).origin.length);

test("without JavaScript", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const { origin } = world;
	const open = (t, options) => openPage(t, browser, { origin, javaScriptEnabled: false, ...options });
	const { items } = await world.get("/drift?all=1&limit=1000");

	for (const viewport of [DESK, PHONE])
		await suite.test(`each page says the same, ${viewport.width} px`, async (t) => {
			const page = await open(t, { viewport });
			const scripted = await openPage(t, browser, { origin, viewport });
			for (const { name, path, status } of pagesOf(world)) {
				assert.equal((await page.goto(path)).status(), status);
				await scripted.goto(path);
				assert.equal(await page.locator(".js-only:visible").count(), 0, `${name} shows what needs scripts`);
				assert.equal(await page.locator("h1").count(), 1, name);
				await expectNoSidewaysScrolling(page);
				if (path === "/docs") continue; /* scripts put all of openapi.json there */
				const read = async (from) => {
					const texts = await from.locator("main").evaluate((main) => {
						const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
						const found = [];
						while (walker.nextNode()) {
							const { parentElement: parent, data } = walker.currentNode;
							if (data.trim() && !parent.closest(".js-only, time, noscript, title, desc")) found.push(data.trim());
						}
						return found;
					});
					return texts.join(" ").replace(/\s+/g, " ");
				};
				const ageless = (text) => text.replace(/\b\d+ (s|min|h|d)\b/g, "AGE");
				const both = async () => [ageless(await read(page)), ageless(await read(scripted))];
				let [plain, live] = await both();
				/* a message that waited for its channel may have gone between the two */
				for (let tries = 0; plain !== live && tries < 4; tries++) {
					await page.goto(path);
					await scripted.goto(path);
					[plain, live] = await both();
				}
				assert.equal(plain, live, name);
			}
		});

	await suite.test("pages come anew by themselves each minute; with it scripts do that", async (t) => {
		const page = await open(t);
		for (const { path, status } of pagesOf(world)) {
			if (path.startsWith("/ack")) continue; /* a form: what is typed stays */
			await page.goto(path);
			assert.equal(await page.locator("meta[http-equiv=refresh]").getAttribute("content"), "60", `${path} ${status}`);
			const { body } = await world.call(path, { headers: { accept: "text/html" } });
			assert.match(body, /<noscript><meta http-equiv="refresh" content="60"><\/noscript>/);
			assert.equal(body.match(/http-equiv="refresh"/g).length, 1);
		}
	});

	await suite.test("filters are links", async (t) => {
		const page = await open(t);
		await page.goto("/");
		await page.locator(".tile.state-drift").click();
		await page.locator(".options a.chip", { hasText: /^table/ }).click();
		assert.equal(address(page), "/?state=drift&kind=table");
		assert.deepEqual(
			await ids(page),
			items.filter(({ state, kind }) => state === "drift" && kind === "table").map(({ id }) => id),
		);
		await page.getByRole("navigation", { name: "Group by" }).getByRole("link", { name: "owner" }).click();
		assert.equal(address(page), "/?state=drift&kind=table&group=owner");
		await page.getByRole("link", { name: "clear all" }).click();
		assert.equal(address(page), "/?group=owner");
	});

	await suite.test("the search is a form, and keeps the filters", async (t) => {
		const page = await open(t);
		await page.goto("/?kind=service");
		await page.getByLabel("Search targets").fill("PAY");
		await page.getByRole("button", { name: "Search" }).click();
		assert.equal(address(page), "/?kind=service&q=PAY");
		assert.deepEqual(await ids(page), ["service/payments"]);
		await page.goto("/config");
		await page.getByLabel("Section").fill("gateway");
		await page.getByRole("button", { name: "Search" }).click();
		assert.equal(address(page), "/config?q=gateway");
		assert.deepEqual(await page.locator("details.config h2").allInnerTexts(), ["service gateway"]);
	});

	await suite.test("lists are filtered and paged by links", async (t) => {
		const page = await open(t);
		await page.goto("/incidents?limit=5");
		await page.getByRole("link", { name: "Older" }).click();
		assert.match(address(page), /^\/incidents\?limit=5&cursor=/);
		assert.equal((await readTable(page, "Incidents, newest first")).length, 5);
		await page.locator(".filters a.chip", { hasText: /^acknowledged$/ }).click();
		assert.equal(address(page), "/incidents?limit=5&status=acknowledged");
		assert.equal((await readTable(page, "Incidents, newest first")).length, 1);
	});

	await suite.test("what is folded opens, and links lead on", async (t) => {
		const page = await open(t);
		await page.goto("/");
		await page.locator("#targets").getByRole("link", { name: "service/gateway" }).click();
		await page.locator("#json summary").click();
		assert.match(await page.locator("#json pre").innerText(), /"id": "service\/gateway"/);
		await page.getByRole("link", { name: "30 days" }).click();
		assert.equal(address(page), "/drift/service/gateway?span=30d#past");
		for (const name of ["Incidents", "Notifications", "Silences", "Configuration", "API", "Overview"]) {
			await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
			assert.equal(await page.locator("nav [aria-current=page]").evaluate((link) => link.firstChild.textContent), name);
		}
	});

	await suite.test("the API is a list of all routes", async (t) => {
		const page = await open(t);
		await page.goto("/docs");
		const { paths } = await world.get("/openapi.json");
		const listed = (await readTable(page, "All routes")).map((row) => row.Path);
		for (const path of Object.keys(paths)) assert.ok(listed.includes(path) || /^\/(assets|ack)/.test(path), path);
		assert.ok(squeeze(await page.locator("main").innerText()).includes("openapi.json"));
	});
});
