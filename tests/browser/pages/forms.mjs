/* forms - what people do from the pages: take an incident up, call it a false alarm, silence its target
 * for a while and end that, with and without a token; and what driftd has against it is shown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cancelLogin, expectAccessible, expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { Proxy } from "../harness/proxy.mjs";
import { Services, openLive } from "../harness/services.mjs";
import { waitUntil } from "../harness/wait.mjs";
import { section } from "../harness/world.mjs";

const TOKEN = "token-of-the-page-tests-0123456789";
const HOUR_MS = 3_600_000;

/** The number of the open incident of a service that drifts from now on. */
async function makeIncident({ world, spoil }, name, headers = {}) {
	await spoil(name);
	await world.call("/check", { method: "POST", headers });
	return waitUntil(async () => {
		const { json } = await world.call(`/incidents?status=open&target=service/${name}`, { headers });
		return json.items[0]?.id;
	}, `${name} has an incident`);
}

const formOf = (page, action) => page.locator(`form[data-json="${action}"]`);
const mainSays = (page, pattern) =>
	waitUntil(async () => pattern.test(await page.locator("#main").innerText()), `the page says ${pattern}`);

async function fill(form, values) {
	for (const [name, value] of Object.entries(values)) {
		const field = form.locator(`[name=${name}]`);
		if ((await field.evaluate((element) => element.nodeName)) === "SELECT") await field.selectOption(value);
		else await field.fill(value);
	}
}

/** As many as a world has tests. */
const NAMES = ["a", "b", "c", "d", "e", "f"];

test("forms", async (suite) => {
	const services = await Services.for(suite, { names: NAMES });
	services.spoil = services.spoil.bind(services);
	const { world } = services;
	const { origin } = world;
	const browser = await launch(suite);
	const openIncident = async (t, name, options) => {
		const id = await makeIncident(services, name);
		const page = await openPage(t, browser, { origin, ...options });
		await openLive(page, `/incidents/${id}`);
		await page.evaluate(() => (globalThis.wasHere = true));
		return { id, page };
	};

	await suite.test("take an incident up", async (t) => {
		const { id, page } = await openIncident(t, "a");
		const form = formOf(page, `POST /incidents/${id}/ack`);
		await expectAccessible(page);
		await form.locator("button").click();
		assert.equal(
			await form.locator("[name=who]").evaluate((field) => field.validity.valueMissing),
			true,
			"without a name nothing is sent",
		);
		assert.equal((await world.get(`/incidents/${id}`)).status, "open");
		await fill(form, { who: "Ann <b>Ruiz</b>", why: "deploying after lunch" });
		await form.locator("button").click();
		await mainSays(page, /Ann <b>Ruiz<\/b>[\s\S]*deploying after lunch/);
		const incident = await world.get(`/incidents/${id}`);
		assert.equal(incident.status, "acknowledged");
		assert.deepEqual([incident.acknowledged_by, incident.why], ["Ann <b>Ruiz</b>", "deploying after lunch"]);
		assert.equal(await page.evaluate(() => globalThis.wasHere), true, "without loading the page again");
		await page.goto("/incidents");
		await mainSays(page, /acknowledged/);
		expectNoFaults(page);
	});

	await suite.test("whoever acted once need not type the name again", async (t) => {
		const { id, page } = await openIncident(t, "f");
		await fill(formOf(page, `POST /incidents/${id}/ack`), { who: "Ann" });
		await formOf(page, `POST /incidents/${id}/ack`).locator("button").click();
		await mainSays(page, /Ann/);
		await openLive(page, "/silences");
		assert.equal(await page.locator("#silence-who").inputValue(), "Ann");
		expectNoFaults(page);
	});

	await suite.test("call it a false alarm, and take that back", async (t) => {
		const { id, page } = await openIncident(t, "b");
		const form = formOf(page, `POST /incidents/${id}/false-alarm`);
		await form.getByRole("button", { name: "Mark as false alarm" }).click();
		const back = form.getByRole("button", { name: "Not a false alarm" });
		await back.waitFor();
		assert.equal((await world.get(`/incidents/${id}`)).false_alarm, true);
		await back.click();
		await form.getByRole("button", { name: "Mark as false alarm" }).waitFor();
		assert.equal((await world.get(`/incidents/${id}`)).false_alarm, false);
		expectNoFaults(page);
	});

	await suite.test("silence its target for three days, and end that", async (t) => {
		const { page } = await openIncident(t, "c");
		const form = page.locator('form[data-json="POST /silences"]');
		await fill(form, { for: "3d", who: "Bo", why: "moving the database" });
		const sent = Date.now();
		await form.locator("button").click();
		const silence = await waitUntil(async () => (await world.get("/silences")).items[0], "it is silenced");
		assert.equal(silence.matcher, "service/c");
		const lastsMs = Date.parse(silence.until) - sent;
		assert.ok(Math.abs(lastsMs - 72 * HOUR_MS) < 60_000, `until ${silence.until}`);
		await openLive(page, "/silences");
		await mainSays(page, /service\/c[\s\S]*Bo[\s\S]*moving the database|moving the database/);
		await formOf(page, `DELETE /silences/${silence.id}`).getByRole("button").click();
		await mainSays(page, /No silences: everything is told/);
		assert.deepEqual((await world.get("/silences")).items, []);
		const focus = await page.evaluate(() => document.activeElement.id || document.activeElement.nodeName);
		assert.notEqual(focus, "BODY", "the focus is not lost with the row");
		expectNoFaults(page);
	});

	await suite.test("silence by a pattern: what driftd has against it is shown, then it goes", async (t) => {
		const page = await openPage(t, browser, { origin, tolerate: /status of 400/ });
		await openLive(page, "/silences");
		const form = page.locator('form[data-json="POST /silences"]');
		const alert = form.locator("[role=alert]");
		await fill(form, { matcher: "colour=<i>red</i>", for: "1h", who: "Bo", why: "x" });
		await form.locator("button").click();
		await alert.filter({ hasText: /\S/ }).waitFor();
		const said = await alert.innerText();
		assert.match(said, /colour|matcher/);
		assert.equal(await alert.locator("*").count(), 0, "text, no markup");
		assert.equal(await form.locator("[name=matcher]").inputValue(), "colour=<i>red</i>", "what was typed stays");
		await expectAccessible(page);
		const updated = page.evaluate(
			() =>
				new Promise((resolve) =>
					document.addEventListener("driftd:page", () => resolve(), { once: true }),
				),
		);
		await world.check();
		await updated;
		assert.equal(await alert.innerText(), said, "and stays when the page is brought up to date");
		await fill(form, { matcher: "priority=P2" });
		await form.locator("button").click();
		await page.locator("form[data-json^=DELETE]").waitFor();
		await waitUntil(async () => (await alert.innerText()) === "", "the error goes");
		assert.equal((await world.get("/silences")).items[0].matcher, "priority=P2");
		expectNoFaults(page);
	});

	await suite.test("twice pressed is once sent; an answer that never comes is told", async (t) => {
		const id = await makeIncident(services, "d");
		const proxy = await Proxy.for(t, origin);
		const page = await openPage(t, browser, { origin: proxy.origin, tolerate: /Failed to load resource/ });
		await openLive(page, `/incidents/${id}`);
		const path = `/incidents/${id}/ack`;
		const form = formOf(page, `POST ${path}`);
		await fill(form, { who: "Ann" });
		Object.assign(proxy, { mode: "down", scope: path });
		await form.locator("button").click();
		await form.getByText(/does not answer: nothing is known to have been done/).waitFor();
		assert.equal((await world.get(`/incidents/${id}`)).status, "open");
		proxy.mode = "pass";
		const before = proxy.asked(path).length;
		await form.locator("button").evaluate((button) => {
			button.click();
			button.click();
		});
		await mainSays(page, /acknowledged/);
		assert.equal(proxy.asked(path).length - before, 1);
		expectNoFaults(page);
	});

	await suite.test("an incident that is over meanwhile: it says so", async (t) => {
		const { id, page } = await openIncident(t, "e", { tolerate: /status of 409/ });
		const form = formOf(page, `POST /incidents/${id}/ack`);
		await fill(form, { who: "Ann", why: "half typed" });
		await form.locator("[name=why]").focus();
		await services.mend("e");
		await world.check();
		await mainSays(page, /resolved/);
		assert.equal(await form.locator("[name=why]").inputValue(), "half typed", "what is typed is not thrown away");
		await form.locator("button").click();
		await form.locator("[role=alert]").filter({ hasText: /\S/ }).waitFor();
		expectNoFaults(page);
	});
});

test("with a token", async (suite) => {
	const services = await Services.for(suite, { names: ["a", "b"] });
	services.spoil = services.spoil.bind(services);
	const { world } = services;
	const headers = { authorization: `Bearer ${TOKEN}` };
	const protect = (what) => world.reload(`${plain}${section("auth", { token: TOKEN, protect: what })}`);
	const plain = world.config;
	const browser = await launch(suite);
	const withToken = { httpCredentials: { username: "ann", password: TOKEN } };

	await suite.test("all is protected: without it 401 and not a word of what there is", async (t) => {
		await protect("all");
		const page = await openPage(t, browser, { origin: world.origin, tolerate: /status of 401/ });
		await cancelLogin(page);
		const answer = await page.goto("/");
		assert.equal(answer.status(), 401);
		assert.match(answer.headers()["www-authenticate"], /^Basic /m);
		assert.doesNotMatch(await page.content(), /service\/a|service\/b/);
		await expectAccessible(page);
		expectNoFaults(page);
	});

	await suite.test("all is protected: with it pages live, checks run, forms are sent", async (t) => {
		const id = await makeIncident(services, "a", headers);
		const page = await openPage(t, browser, { origin: world.origin, ...withToken, tolerate: /status of 401/ });
		await openLive(page, `/incidents/${id}`);
		await page.locator("[data-check]").click();
		await page.waitForFunction(() => /^done/.test(document.querySelector("#check-status").textContent));
		const form = formOf(page, `POST /incidents/${id}/ack`);
		await fill(form, { who: "Ann" });
		await form.locator("button").click();
		await mainSays(page, /acknowledged/);
		const answer = await world.call(`/incidents/${id}`, { headers });
		assert.equal(answer.json.acknowledged_by, "Ann");
		assert.equal(await page.locator("#stale").isHidden(), true);
		expectNoFaults(page);
	});

	await suite.test("the token changes: the page says so, and does not ask again and again", async (t) => {
		const proxy = await Proxy.for(t, world.origin);
		const page = await openPage(t, browser, { origin: proxy.origin, ...withToken, tolerate: /status of 401/ });
		await page.clock.install();
		await openLive(page);
		await world.reload(`${plain}${section("auth", { token: `other-${TOKEN}`, protect: "all" })}`);
		proxy.cut();
		await page.locator("#stale:not([hidden])").getByText(/wants its token again/).waitFor();
		const begin = Date.now();
		await page.clock.runFor(90_000);
		assert.deepEqual(
			proxy.requests.filter(({ at }) => at > begin + 1000).map(({ path }) => path),
			[],
			"a browser would ask its user each time",
		);
		expectNoFaults(page);
	});

	await suite.test("only writing is protected: all can read, and who may not write is told why", async (t) => {
		await protect("write");
		const id = await makeIncident(services, "b", headers);
		const page = await openPage(t, browser, { origin: world.origin, tolerate: /status of 401/ });
		await cancelLogin(page);
		await openLive(page, `/incidents/${id}`);
		const form = formOf(page, `POST /incidents/${id}/ack`);
		await fill(form, { who: "Eve" });
		await form.locator("button").click();
		await form.getByText(/wants its token for this/).waitFor();
		await page.locator("[data-check]").click();
		await page.waitForFunction(() => /token/.test(document.querySelector("#check-status").textContent));
		assert.equal((await world.get(`/incidents/${id}`)).status, "open");
		expectNoFaults(page);
	});
});
