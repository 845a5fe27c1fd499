/* windows - a browser that has more of them open than connections to one host. */
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Services, awaitRow, readPage } from "../harness/services.mjs";

const WINDOWS = 8;

test("more windows than a browser has connections: all load, and all are right", async (t) => {
	const services = await Services.for(t, { names: ["basket", "search"] });
	const { world } = services;
	const first = await openPage(t, await launch(t), { origin: world.origin });
	const windows = [first];
	while (windows.length < WINDOWS) windows.push(await first.context().newPage());
	for (const page of windows) {
		await page.addInitScript(`globalThis.readPage = ${readPage}`);
		await page.goto("/");
	}
	const shown = windows.map((page) => awaitRow(page, "search", "drift"));
	await services.spoil("search");
	await world.check();
	await Promise.all(shown);
	expectNoFaults(first);
});
