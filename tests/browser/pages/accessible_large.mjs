/* accessible_large - axe-core on the two pages that take it long: the whole of them once; in the other looks parts
 * of them, which have every sort of element. */
import { test } from "node:test";
import {
	DESK,
	PHONE,
	expectAccessible,
	expectNoFaults,
	expectNoSidewaysScrolling,
	launch,
	openPage,
} from "../harness/browser.mjs";
import { openZoo } from "../harness/zoo.mjs";

const looks = [
	["light", PHONE],
	["dark", DESK],
	["dark", PHONE],
];

const PATHS = ["/gate", "/incidents/{n}/ack"];

/** Of a description some paths, and the components that these lead to. */
function partOf(description) {
	const paths = Object.fromEntries(PATHS.map((path) => [path, description.paths[path]]));
	const components = {};
	const take = (value) => {
		for (const [, group, name] of JSON.stringify(value).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)) {
			if (components[group]?.[name]) continue;
			(components[group] ??= {})[name] = description.components[group][name];
			take(components[group][name]);
		}
	};
	take(paths);
	return { ...description, paths, components: { ...components, securitySchemes: description.components.securitySchemes } };
}

test("large pages", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const part = partOf(await world.get("/openapi.json"));

	/** @param {boolean} isWhole  else a part of it */
	const open = async (t, path, { isWhole, ...options }) => {
		const page = await openPage(t, browser, { origin: world.origin, ...options });
		if (!isWhole) await page.route("**/openapi.json", (route) => route.fulfill({ json: part }));
		await page.goto(path);
		if (path === "/docs") await page.locator("[data-operation]").first().waitFor();
		return page;
	};

	for (const path of ["/config", "/docs"])
		await suite.test(`${path}, all of it: axe-core finds nothing`, async (t) => {
			const page = await open(t, path, { colorScheme: "light", isWhole: true });
			await expectAccessible(page);
			expectNoFaults(page);
		});

	for (const [colorScheme, viewport] of looks)
		await suite.test(`parts of them: nor in ${colorScheme}, ${viewport.width} px, also where they are open`, async (t) => {
			for (const path of ["/config?q=service/", "/config?q=worker", "/docs"]) {
				const page = await open(t, path, { colorScheme, viewport });
				await page.evaluate(() => {
					for (const part of document.querySelectorAll("#api > details, #api > details > details")) part.open = true;
				});
				await expectAccessible(page, viewport === PHONE ? ["target-size"] : []);
				await expectNoSidewaysScrolling(page);
				expectNoFaults(page);
			}
		});
});
