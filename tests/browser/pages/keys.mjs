/* keys - all of it by keyboard: the skip link, "/", j and k, Enter, what is focused is seen, commands are copied. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { readRows } from "../harness/read.mjs";
import { waitUntil } from "../harness/wait.mjs";
import { openZoo, pagesOf } from "../harness/zoo.mjs";

/** What has the focus, and whether people see that it has. */
const focused = (page) =>
	page.evaluate(() => {
		const element = document.activeElement;
		const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
		const box = element.getBoundingClientRect();
		return {
			name: element.nodeName,
			id: element.id,
			text: element.textContent.replace(/\s+/g, " ").trim(),
			path: element.pathname ?? "",
			isMarked:
				(outlineStyle === "auto" || (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2)) &&
				!/, 0\)$/.test(outlineColor),
			isInside: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
		};
	});

test("by keyboard", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const { origin } = world;
	const { items } = await world.get("/drift?all=1&limit=1000");
	const open = async (t, path = "/", options = {}) => {
		const page = await openPage(t, browser, { origin, ...options });
		await page.goto(path);
		return page;
	};

	await suite.test("first comes a link that skips to the content", async (t) => {
		const page = await open(t);
		const link = page.getByRole("link", { name: "Skip to content" });
		const left = async () => (await link.boundingBox()).y;
		assert.ok((await left()) < 0 || !(await link.isVisible()), "it is not in the way");
		await page.keyboard.press("Tab");
		assert.equal((await focused(page)).text, "Skip to content");
		assert.ok((await focused(page)).isInside, "it is seen when it has the focus");
		await page.keyboard.press("Enter");
		assert.equal((await focused(page)).id, "main");
		await page.keyboard.press("Tab");
		assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)));
	});

	for (const colorScheme of ["light", "dark"])
		await suite.test(`what has the focus is seen, ${colorScheme}, everywhere Tab goes`, async (t) => {
			const page = await open(t, "/", { colorScheme });
			for (const { name, path } of pagesOf(world)) {
				await page.goto(path);
				for (let i = 0; i < 25; i++) {
					await page.keyboard.press("Tab");
					const at = await focused(page);
					if (at.name === "BODY") break;
					assert.ok(at.isMarked && at.isInside, `${name}: ${JSON.stringify(at)}`);
				}
			}
		});

	await suite.test("/ goes to the search, and is typed there", async (t) => {
		const page = await open(t);
		await page.keyboard.press("/");
		assert.equal((await focused(page)).id, "q");
		assert.equal(await page.locator("#q").inputValue(), "");
		await page.keyboard.type("a/b");
		assert.equal(await page.locator("#q").inputValue(), "a/b");
		await page.locator("#q").fill("gateway");
		await page.keyboard.press("Enter");
		await waitUntil(() => page.url().endsWith("/?q=gateway"), "it is searched for");
		await waitUntil(async () => (await readRows(page)).every(({ all }) => /gateway/.test(all)), "it is found");
		expectNoFaults(page);
	});

	await suite.test("j and k go along the rows, Enter opens one", async (t) => {
		const page = await open(t);
		const steps = [
			["j", 0],
			["j", 1],
			["j", 2],
			["k", 1],
			["k", 0],
			["k", 0],
			["j", 1],
		];
		for (const [key, index] of steps) {
			await page.keyboard.press(key);
			const at = await focused(page);
			assert.equal(at.path, `/drift/${items[index].id}`, `${key} to row ${index}`);
			assert.ok(at.isMarked && at.isInside, JSON.stringify(at));
		}
		await page.keyboard.press("Enter");
		await page.waitForURL(`**/drift/${items[1].id}`);
		await page.goBack();
		for (let i = 0; i < items.length + 3; i++) await page.keyboard.press("j");
		assert.equal((await focused(page)).path, `/drift/${items.at(-1).id}`, "the last row is the last");
		assert.ok((await focused(page)).isInside, "it is scrolled to");
		expectNoFaults(page);
	});

	await suite.test("j and k are letters where something is typed, and with Ctrl the browser's", async (t) => {
		const page = await open(t);
		await page.locator("#q").focus();
		await page.keyboard.type("jk");
		assert.equal(await page.locator("#q").inputValue(), "jk");
		await page.locator("h1").evaluate(() => document.activeElement.blur());
		await page.keyboard.press("Alt+j");
		assert.equal((await focused(page)).name, "BODY");
	});

	await suite.test("lists of incidents have rows too", async (t) => {
		const page = await open(t, "/incidents");
		const { items: incidents } = await world.get("/incidents");
		await page.keyboard.press("j");
		await page.keyboard.press("j");
		assert.equal((await focused(page)).path, `/incidents/${incidents[1].id}`);
	});

	await suite.test("? says which keys there are, and turns them off", async (t) => {
		const page = await open(t);
		await page.keyboard.press("?");
		const help = page.getByRole("dialog", { name: "Keys" });
		for (const key of ["/", "j", "k", "Enter", "?"]) assert.ok(await help.locator("kbd", { hasText: key }).first().isVisible());
		await help.getByRole("checkbox").uncheck();
		await page.keyboard.press("Escape");
		assert.equal(await help.isVisible(), false);
		await page.keyboard.press("j");
		assert.notEqual((await focused(page)).name, "A");
		await page.reload();
		await page.keyboard.press("/");
		assert.notEqual((await focused(page)).id, "q", "they stay off");
		await page.keyboard.press("?");
		await page.getByRole("dialog", { name: "Keys" }).getByRole("checkbox").check();
		await page.getByRole("button", { name: "Close" }).click();
		await page.keyboard.press("/");
		assert.equal((await focused(page)).id, "q");
		expectNoFaults(page);
	});

	for (const [how, init] of [
		["by the clipboard", () => {}],
		[
			"by selection, where there is none",
			() => {
				Object.defineProperty(navigator, "clipboard", { value: undefined });
				document.addEventListener("copy", () => (globalThis.copied = String(document.activeElement.value)));
			},
		],
	])
		await suite.test(`a command is copied ${how}`, async (t) => {
			const page = await openPage(t, browser, { origin, permissions: ["clipboard-read", "clipboard-write"] });
			await page.addInitScript(init);
			await page.goto("/drift/service/gateway");
			const { deploy_command: command } = await world.get("/drift/service/gateway");
			const button = page.locator(".target-reason [data-copy]").first();
			await button.focus();
			await page.keyboard.press("Enter");
			await waitUntil(async () => (await button.innerText()).trim() === "copied", "it says so");
			const copied = how.includes("selection")
				? await page.evaluate(() => globalThis.copied)
				: await page.evaluate(() => navigator.clipboard.readText());
			assert.equal(copied, command);
			assert.ok(await button.evaluate((one) => one === document.activeElement), "the focus stays");
			await waitUntil(async () => (await button.innerText()).trim() === "copy", "then it can be done again");
			expectNoFaults(page);
		});
});
