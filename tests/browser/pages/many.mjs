/* many - 5,000 targets: the overview is there soon, scrolls smoothly, and does not grow. Exact figures
 * are for make bench; the bounds here only see what is wrong by far. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { openLive, readPage } from "../harness/services.mjs";
import { waitUntil } from "../harness/wait.mjs";
import { World, section } from "../harness/world.mjs";

const COUNT = 5000;
const FIRST_PAINT_MS = 3000;
const LONG_TASK_MS = 200;
const ELEMENTS_MAX = 12_000;
const UPDATES = 50;
const HEAP_GROWTH_MAX_BYTES = 8 * 1024 * 1024;

/** 5,000 Cloud Run services, 1,000 in each project, as the stand-in cloud makes them; one in 50 is old. */
async function worldOfMany(t) {
	const world = await World.for(t);
	const repository = world.makeRepository();
	const old = repository.publish("app/main.c", "1", { ageS: 7200 });
	const head = repository.publish("app/main.c", "2", { ageS: 3600 });
	await world.cloud.control("POST", "bulk", { services: COUNT, region: "us-west2", commit: head });
	const name = (i) => `svc-${String(i).padStart(6, "0")}`;
	const project = (i) => `bulk-${Math.floor(i / 1000) + 1}`;
	world.deploy = (i, sha) =>
		world.cloud.control("PUT", `run/${project(i)}/us-west2/${name(i)}`, {
			revisions: [{ labels: { "commit-sha": sha } }],
		});
	Object.assign(world, { old, head });
	for (let i = 0; i < COUNT; i += 50) await world.deploy(i, old);
	await world.configure({ include: "many/*.ini", "cycle-timeout": "60s", "request-timeout": "20s" });
	mkdirSync(world.path("many"));
	for (let file = 0; file < COUNT / 1000; file++) {
		const services = Array.from({ length: 1000 }, (_, i) => file * 1000 + i).map((i) =>
			section(`service "${name(i)}"`, { source: "cloud-run", project: project(i), paths: "app" }),
		);
		writeFileSync(world.path(`many/${file}.ini`), services.join(""));
	}
	await world.start();
	await world.check("?wait=60");
	return world;
}

/** Paints, the first row and long tasks, from the very start of a page. Runs in the page. */
function watchLoad() {
	globalThis.longTasks = [];
	new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((one) => one.duration))).observe({
		type: "longtask",
		buffered: true,
	});
	const observer = new MutationObserver(() => {
		if (!document.querySelector("#targets tbody tr .state")) return;
		globalThis.firstRowMs ??= performance.now();
		observer.disconnect();
	});
	observer.observe(document, { childList: true, subtree: true });
}

/** Down and up by the wheel: the longest task and the longest frame, in ms. */
async function scroll(page) {
	await page.evaluate(() => {
		scrollTo(0, 0);
		globalThis.longTasks.length = 0;
	});
	const frames = page.evaluate(
		() =>
			new Promise((resolve) => {
				const gaps = [];
				let last = performance.now();
				const step = (now) => {
					gaps.push(now - last);
					last = now;
					if (gaps.length >= 90) resolve(gaps.slice(1));
					else requestAnimationFrame(step);
				};
				requestAnimationFrame(step);
			}),
	);
	for (let i = 0; i < 40; i++) await page.mouse.wheel(0, i % 10 < 8 ? 400 : -400);
	const frame = Math.max(...(await frames));
	const { task, y } = await page.evaluate(() => ({ task: Math.max(0, ...globalThis.longTasks), y: scrollY }));
	assert.ok(y > 0, "it did scroll");
	return { task: Math.round(task), frame: Math.round(frame) };
}

const heapOf = async (client) => {
	await client.send("HeapProfiler.collectGarbage");
	const { usedSize } = await client.send("Runtime.getHeapUsage");
	return usedSize;
};

const countsOf = async (client) => {
	const { nodes, jsEventListeners } = await client.send("Memory.getDOMCounters");
	return { nodes, listeners: jsEventListeners };
};

test("5,000 targets", async (suite) => {
	const world = await worldOfMany(suite);
	const browser = await launch(suite);
	const { origin } = world;

	await suite.test("the overview is there soon, and is of bounded size", async (t) => {
		const page = await openPage(t, browser, { origin });
		await page.addInitScript(watchLoad);
		const transferred = page.waitForResponse((response) => new URL(response.url()).pathname === "/");
		await openLive(page);
		const sizes = await (await transferred).request().sizes();
		const seen = await page.evaluate(() => ({
			paintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
			firstRowMs: globalThis.firstRowMs,
			elements: document.querySelectorAll("*").length,
			rows: document.querySelectorAll("#targets tbody tr").length,
			longest: Math.max(0, ...globalThis.longTasks),
		}));
		console.log(
			`measured: 5,000 targets: first paint ${Math.round(seen.paintMs)} ms, first row ${Math.round(seen.firstRowMs)} ms, ` +
				`${seen.rows} rows, ${seen.elements} elements, ${sizes.responseBodySize} bytes on the wire, ` +
				`longest task ${Math.round(seen.longest)} ms`,
		);
		assert.ok(seen.paintMs < FIRST_PAINT_MS, `first paint after ${seen.paintMs} ms`);
		assert.ok(seen.firstRowMs < FIRST_PAINT_MS, `first row after ${seen.firstRowMs} ms`);
		assert.ok(seen.rows >= 20 && seen.rows <= 500, `${seen.rows} rows`);
		assert.ok(seen.elements < ELEMENTS_MAX, `${seen.elements} elements`);
		assert.match((await page.evaluate(readPage, "svc-000000")).headline, /100 drift, 4[,\u202f\u00a0 ]?900 ok/);
		expectNoFaults(page);
	});

	await suite.test("scrolling is smooth", async (t) => {
		const page = await openPage(t, browser, { origin });
		await page.addInitScript(watchLoad);
		await openLive(page);
		await page.mouse.move(640, 450);
		const tries = [];
		/* what is long each time is the page's fault, what is so once the machine's */
		while (tries.length < 4 && !tries.some(({ task }) => task < LONG_TASK_MS)) tries.push(await scroll(page));
		console.log(
			`measured: scrolling: ${tries.map(({ task, frame }) => `longest task ${task} ms, longest frame ${frame} ms`).join("; ")}`,
		);
		assert.ok(Math.min(...tries.map(({ task }) => task)) < LONG_TASK_MS);
		expectNoFaults(page);
	});

	await suite.test("the last page of the list is there too, by its address", async (t) => {
		const page = await openPage(t, browser, { origin });
		await page.goto("/");
		const seen = new Set();
		await page.goto("/?q=svc-0049&state=ok");
		for (;;) {
			for (const href of await page.locator("#targets a.target").evaluateAll((links) => links.map(({ href: to }) => to)))
				seen.add(href);
			const next = page.locator("#main a[rel=next]");
			if ((await next.count()) === 0) break;
			await next.first().click();
		}
		assert.equal(seen.size, 98, "100, but those that drift");
		expectNoFaults(page);
	});

	await suite.test(`${UPDATES} live updates leave nothing behind`, async (t) => {
		const page = await openPage(t, browser, { origin });
		await page.addInitScript(watchLoad);
		await openLive(page);
		const client = await page.context().newCDPSession(page);
		await client.send("HeapProfiler.enable");
		const update = (times) =>
			page.evaluate(
				async (count) => {
					const script = document.querySelector("script[type=module]").src;
					const { refresh } = await import(script.replace("dashboard.js", "page.js"));
					for (let i = 0; i < count; i++) {
						const { isShown } = await refresh();
						if (!isShown) throw new Error(`update ${i} is not shown`);
					}
				},
				times,
			);
		const follow = async (i) => {
			const fact = await page.evaluate(() => document.body.dataset.fact);
			await world.deploy(i * 50 + 1, world.old);
			await world.check("?wait=60");
			await page.waitForFunction((before) => document.body.dataset.fact !== before, fact);
		};
		await follow(0);
		await update(5); /* what is made once is made */
		const before = { heap: await heapOf(client), ...(await countsOf(client)) };
		await page.evaluate(() => (globalThis.longTasks.length = 0));
		for (let i = 1; i <= 5; i++) await follow(i);
		await update(UPDATES - 5);
		const after = { heap: await heapOf(client), ...(await countsOf(client)) };
		const longest = await page.evaluate(() => Math.max(0, ...globalThis.longTasks));
		const mib = (bytes) => (bytes / 1024 / 1024).toFixed(1);
		console.log(
			`measured: ${UPDATES} updates: heap ${mib(before.heap)} to ${mib(after.heap)} MiB, nodes ${before.nodes} to ` +
				`${after.nodes}, listeners ${before.listeners} to ${after.listeners}, longest task ${Math.round(longest)} ms`,
		);
		assert.ok(after.heap - before.heap < HEAP_GROWTH_MAX_BYTES, "the heap grows");
		assert.ok(after.nodes < before.nodes * 2 + 1000, "nodes are left behind");
		assert.ok(after.listeners <= before.listeners + 10, "listeners are left behind");
		await waitUntil(
			async () => /^106 drift/.test((await page.evaluate(readPage, "svc-000000")).headline),
			"the newest state is shown",
		);
		expectNoFaults(page);
	});
});
