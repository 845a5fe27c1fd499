/* docs - the API as a page: all that openapi.json says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { squeeze } from "../harness/read.mjs";
import { openZoo } from "../harness/zoo.mjs";

test("the API page", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const description = await world.get("/openapi.json");
	const operations = Object.entries(description.paths).flatMap(([path, of]) =>
		Object.keys(of)
			.filter((method) => /^(get|post|delete)$/.test(method))
			.map((method) => `${method.toUpperCase()} ${path}`),
	);

	await suite.test("shows every operation, with its parameters, answers and examples", async (t) => {
		const page = await openPage(t, browser, { origin: world.origin });
		await page.goto("/docs");
		await page.locator("[data-operation]").first().waitFor();
		const shown = await page
			.locator("details[data-operation] > summary > h2")
			.evaluateAll((all) => all.map((head) => head.textContent.replace(/\s+/g, " ").trim()));
		for (const operation of operations) assert.ok(shown.includes(operation), operation);
		const { responses, parameters } = description.paths["/drift"].get;
		const one = page.locator("details[data-operation^='GET /drift ']");
		await one.locator("summary").first().click();
		const text = squeeze(await one.innerText());
		for (const status of Object.keys(responses)) assert.match(text, new RegExp(`\\b${status}\\b`));
		for (const { name } of parameters.filter((parameter) => parameter.name)) assert.ok(text.includes(name), name);
		assert.match(text, /curl/);
		expectNoFaults(page);
	});

	await suite.test("is filtered, and a link to a part opens it", async (t) => {
		const page = await openPage(t, browser, { origin: world.origin });
		await page.goto("/docs");
		await page.locator("#docs-filter").fill("silences delete");
		assert.deepEqual(await page.locator("[data-operation] > summary:visible h2").allInnerTexts(), [
			"DELETE\n/silences/{id}".replace("\n", " "),
		]);
		const { operationId } = description.paths["/gate"].get;
		await page.goto(`/docs#${operationId}`);
		await page.reload();
		await page.locator(`details[id="${operationId}"][open]`).waitFor();
	});
});
