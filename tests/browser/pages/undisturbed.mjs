/* undisturbed - what people do in a page goes on while it changes: focus, scrolling, selections,
 * what is open, half-typed forms; and the button that copies a command. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Services, awaitRow, openLive } from "../harness/services.mjs";

const NAMES = Array.from({ length: 40 }, (_, i) => `s${String(i).padStart(2, "0")}`);

test("a page that changes disturbs nobody", async (suite) => {
	const services = await Services.for(suite, { names: NAMES });
	const { world } = services;
	const { origin } = world;
	const browser = await launch(suite);
	const change = async (page, name) => {
		const shown = awaitRow(page, name, "drift");
		await services.spoil(name);
		await world.check();
		return shown;
	};

	await suite.test("focus, scrolling and the rows themselves stay", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		await page.evaluate(() => {
			const link = document.querySelector('a[href="/drift/service/s30"]');
			globalThis.row = link.closest("tr");
			link.focus();
			document.querySelector("#owners")?.setAttribute("open", "");
			globalThis.topBefore = link.getBoundingClientRect().top;
			globalThis.yBefore = scrollY;
		});
		await change(page, "s35"); /* moves to the top */
		const after = await page.evaluate(() => ({
			focus: document.activeElement.getAttribute("href"),
			isSame: globalThis.row === document.querySelector('a[href="/drift/service/s30"]').closest("tr"),
			moved: Math.abs(document.activeElement.getBoundingClientRect().top - globalThis.topBefore),
			first: document.querySelector("#targets tbody a.target").getAttribute("href"),
		}));
		assert.equal(after.focus, "/drift/service/s30");
		assert.equal(after.isSame, true, "the row is the same element");
		assert.equal(after.first, "/drift/service/s35");
		assert.ok(after.moved < 200, `what is read moved by ${after.moved} px`);
		expectNoFaults(page);
	});

	await suite.test("selected text stays selected", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		const selected = await page.evaluate(() => {
			const name = document.querySelector('a[href="/drift/service/s20"] bdi');
			getSelection().selectAllChildren(name);
			return String(getSelection());
		});
		assert.equal(selected, "s20");
		await change(page, "s21");
		assert.equal(await page.evaluate(() => String(getSelection())), "s20");
		expectNoFaults(page);
	});

	await suite.test("what is typed stays, and so does the place in it", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page, "/silences");
		await page.locator("#silence-who").fill("Ann");
		await page.locator("#silence-for").selectOption("7d");
		await page.locator("#silence-why").pressSequentially("moving the database");
		for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
		await services.spoil("s22");
		const title = await page.title();
		await world.check();
		await page.waitForFunction((before) => document.title !== before, title);
		await page.keyboard.type("X");
		assert.deepEqual(
			await page.evaluate(() => [
				document.activeElement.id,
				document.querySelector("#silence-who").value,
				document.querySelector("#silence-for").value,
				document.querySelector("#silence-why").value,
			]),
			["silence-why", "Ann", "7d", "moving the databXase"],
		);
		expectNoFaults(page);
	});

	await suite.test("what is searched for stays searched for", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page);
		await page.locator("#q").pressSequentially("s1");
		await page.waitForFunction(() => document.querySelectorAll("#targets tbody tr").length === 10);
		assert.equal(new URL(page.url()).search, "?q=s1");
		await change(page, "s15");
		assert.equal(await page.locator("#targets tbody tr").count(), 10);
		assert.deepEqual(
			await page.evaluate(() => [document.activeElement.id, document.activeElement.value]),
			["q", "s1"],
		);
		await page.locator("#q").fill("nothing at all");
		await page.waitForFunction(() => !document.querySelector("#targets tbody tr"));
		await page.locator("#q").fill("");
		await page.waitForFunction(() => document.querySelectorAll("#targets tbody tr").length === 40);
		assert.equal(new URL(page.url()).search, "");
		expectNoFaults(page);
	});

	await suite.test("what is open stays open", async (t) => {
		const page = await openPage(t, browser, { origin });
		await openLive(page, "/drift/service/s35");
		const details = page.locator("#main details[id]").first();
		await details.locator("summary").first().click();
		const { title, id } = await page.evaluate(() => ({
			title: document.title,
			id: document.querySelector("#main details[id][open]").id,
		}));
		await services.spoil("s36");
		await world.check();
		await page.waitForFunction((before) => document.title !== before, title);
		assert.equal(await page.locator(`#${id}`).evaluate((element) => element.open), true);
		expectNoFaults(page);
	});

	const command = "make -C 'my app' deploy && echo \"done\"";
	await services.spoil("shop");
	await world.reload(world.config + services.section("shop", { "deploy-command": command }));
	await world.checkUntil("service/shop", "drift");
	for (const hasClipboard of [true, false])
		await suite.test(`a command is copied, ${hasClipboard ? "by the clipboard" : "where there is none"}`, async (t) => {
			const page = await openPage(t, browser, {
				origin,
				permissions: hasClipboard ? ["clipboard-read", "clipboard-write"] : [],
			});
			await page.addInitScript((has) => {
				if (!has) Object.defineProperty(navigator, "clipboard", { value: undefined });
				document.addEventListener("copy", () => {
					const { value, selectionStart, selectionEnd } = document.activeElement;
					globalThis.copied = value?.slice(selectionStart, selectionEnd);
				});
			}, hasClipboard);
			await openLive(page, "/drift/service/shop");
			const button = page.locator("[data-copy]").first();
			const label = await button.innerText();
			await button.focus();
			await page.keyboard.press("Enter");
			await button.getByText("copied").waitFor();
			const got = hasClipboard
				? await page.evaluate(() => navigator.clipboard.readText())
				: await page.evaluate(() => globalThis.copied);
			assert.equal(got, command);
			await button.getByText(label, { exact: true }).waitFor();
			assert.equal(await button.evaluate((element) => element === document.activeElement), true);
			assert.equal(await page.locator("body > textarea").count(), 0, "nothing is left behind");
			expectNoFaults(page);
		});
});
