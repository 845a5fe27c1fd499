/* browser - Debian's Chromium, headless, and what tests look at in it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { SOON_MS } from "./wait.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** No sandbox: tests run as root in containers, and load nothing but our own pages. */
const FLAGS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

export const PHONE = { width: 380, height: 800 };
export const DESK = { width: 1280, height: 900 };

/** Start it for a test (or suite: any context with after()), with which it ends. */
export async function launch(context) {
	const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
	const browser = await chromium.launch({ executablePath, args: FLAGS, timeout: SOON_MS });
	context.after(() => browser.close());
	return browser;
}

/**
 * A page of its own (cookies, storage), that fails the test when a script fails, when the policy of
 * the page is breached, or when it asks for anything from elsewhere.
 * @param {import("playwright-core").BrowserContextOptions & {origin: string, tolerate?: RegExp}} options
 *        origin: of driftd; tolerate: what the console may say, because the test breaks something
 */
export async function openPage(test, browser, { origin, tolerate, ...options }) {
	const context = await browser.newContext({ viewport: DESK, baseURL: origin, ...options });
	context.setDefaultTimeout(SOON_MS);
	const page = await context.newPage();
	page.faults = [];
	page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
	page.on("console", (message) => {
		if (message.type() !== "error" || tolerate?.test(message.text())) return;
		page.faults.push(`console: ${message.text()}`);
	});
	page.on("request", (request) => {
		if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith("data:"))
			page.faults.push(`request to elsewhere: ${request.url()}`);
	});
	test.after(() => context.close());
	return page;
}

/** Whoever looks at the page has no token: dismisses the browser's question for it. */
export async function cancelLogin(page) {
	const client = await page.context().newCDPSession(page);
	const answer = (method, parameters) => client.send(method, parameters).catch(() => {}); /* the page is gone */
	client.on("Fetch.requestPaused", ({ requestId }) => answer("Fetch.continueRequest", { requestId }));
	client.on("Fetch.authRequired", ({ requestId }) =>
		answer("Fetch.continueWithAuth", { requestId, authChallengeResponse: { response: "CancelAuth" } }),
	);
	await client.send("Fetch.enable", { handleAuthRequests: true });
}

/** Nothing went wrong in the page so far. */
export function expectNoFaults(page) {
	assert.deepEqual(page.faults, []);
}

/**
 * axe-core finds nothing; it runs beside the page's policy, not under it.
 * @param {string[]} more  rules that it does not apply by itself
 */
export async function expectAccessible(page, more = []) {
	const client = await page.context().newCDPSession(page);
	const evaluate = async (expression) => {
		const { result, exceptionDetails } = await client.send("Runtime.evaluate", {
			expression,
			awaitPromise: true,
			returnByValue: true,
		});
		assert.equal(exceptionDetails, undefined, exceptionDetails?.exception?.description);
		return result.value;
	};
	const rules = Object.fromEntries(more.map((name) => [name, { enabled: true }]));
	await evaluate(`${AXE}; undefined`);
	const found = await evaluate(`axe.run({ rules: ${JSON.stringify(rules)}, resultTypes: ["violations"] }).then((results) => results.violations.map((violation) =>
		violation.id + ": " + violation.help + "\\n" +
		violation.nodes.map((node) => "  " + node.html + "\\n  " + node.failureSummary).join("\\n")))`);
	await client.detach();
	assert.deepEqual(found, [], `axe-core on ${page.url()}:\n${found.join("\n")}`);
}

/** Nothing is wider than the window. */
export async function expectNoSidewaysScrolling(page) {
	const width = await page.evaluate(
		() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
	);
	assert.ok(width <= 0, `${page.url()} is ${width} px wider than its window`);
}
