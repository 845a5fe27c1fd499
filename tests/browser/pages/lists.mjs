/* lists - incidents, notifications, silences and configuration as pages: what their JSON says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { card, isAge, readFacts, readTable, squeeze } from "../harness/read.mjs";
import { SECRETS, openZoo } from "../harness/zoo.mjs";

/** What no page may hold: secrets, and what they are made of elsewhere. */
const HIDDEN = Object.values(SECRETS);

const chip = (page, name) => page.locator(".filters a.chip", { hasText: new RegExp(`^${name}$`) });

test("lists", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const { origin } = world;
	const open = async (t, path) => {
		const page = await openPage(t, browser, { origin });
		await page.goto(path);
		return page;
	};

	await suite.test("incidents: each, newest first, with who took it up", async (t) => {
		const page = await open(t, "/incidents");
		const { items } = await world.get("/incidents");
		const rows = await readTable(page, "Incidents, newest first");
		assert.ok(items.length > 10);
		assert.deepEqual(
			rows.map((row) => [Number(row.Incident), row.Status, row.Target]),
			items.map((item) => [item.id, item.status, `${item.priority} ${item.target}`]),
		);
		for (const [i, item] of items.entries()) {
			assert.ok(rows[i].What.startsWith(squeeze(item.summary)), rows[i].What);
			assert.equal(/blind/.test(rows[i].What), item.cause === "blind");
			if (item.held_by) assert.ok(rows[i].What.includes(`nobody is told: ${item.held_by}`));
			if (item.acknowledged_by) assert.match(rows[i]["Taken up by"], /^ann (now|\d+ \w+ ago)\s*reloading it by hand$/);
			else assert.equal(rows[i]["Taken up by"], "–");
			assert.ok(isAge(rows[i].Since, item.opened_at), rows[i].Since);
		}
		assert.ok(items.some(({ held_by: by }) => by) && items.some(({ acknowledged_by: by }) => by));
		expectNoFaults(page);
	});

	await suite.test("incidents: filters", async (t) => {
		const page = await open(t, "/incidents");
		for (const [status, query] of [
			["acknowledged", "?status=acknowledged"],
			["open", "?status=open"],
			["resolved", "?status=resolved"],
		]) {
			await page.goto("/incidents");
			await chip(page, status).click();
			assert.equal(new URL(page.url()).search, query);
			assert.equal(await chip(page, status).getAttribute("aria-current"), "true");
			const { items } = await world.get(`/incidents${query}`);
			const rows = items.length ? await readTable(page, "Incidents, newest first") : [];
			assert.deepEqual(
				rows.map((row) => Number(row.Incident)),
				items.map(({ id }) => id),
			);
			if (items.length === 0) assert.match(await page.locator("main").innerText(), /No incidents\./);
		}
		await page.goto("/incidents?target=table/clicks");
		assert.equal((await readTable(page, "Incidents, newest first")).length, 1);
		await page.locator(".filters a.chip", { hasText: "of table/clicks" }).click();
		assert.equal(new URL(page.url()).search, "");
		expectNoFaults(page);
	});

	await suite.test("incidents: pages of them", async (t) => {
		const page = await open(t, "/incidents?limit=10");
		const { items } = await world.get("/incidents");
		const seen = [];
		for (;;) {
			seen.push(...(await readTable(page, "Incidents, newest first")).map((row) => Number(row.Incident)));
			const older = page.getByRole("link", { name: "Older" });
			if ((await older.count()) === 0) break;
			await older.click();
		}
		assert.deepEqual(
			seen,
			items.map(({ id }) => id),
		);
		await page.getByRole("link", { name: "Newest" }).click();
		assert.equal(new URL(page.url()).search, "?limit=10");
	});

	await suite.test("incidents: figures are those of the summary", async (t) => {
		const page = await open(t, "/incidents");
		const { current, previous, trend } = await world.get("/summary?period=30d");
		const rows = await readTable(page, "The last 30 days");
		const of = (name) => rows.find((row) => row.Figure.startsWith(name));
		assert.equal(of("Incidents")["Last 30 days"], String(current.incidents));
		assert.equal(of("Incidents")["30 days before"], String(previous.incidents));
		assert.equal(of("False alarms")["Last 30 days"], String(current.false_alarms));
		assert.equal(of("Deployments")["Last 30 days"], String(current.deployments.count));
		assert.match(of("Until acknowledged")["Last 30 days"], new RegExp(`^${current.time_to_acknowledge.median_s} s`));
		assert.equal(current.time_to_resolve.count, 0);
		assert.equal(of("Until resolved")["Last 30 days"], "–", "none is not zero");
		const course = await page.locator(".figures tbody tr").first().locator("svg.trend title").allTextContents();
		assert.deepEqual(
			course.map((said) => Number(said.split(": ")[1])),
			trend.map(({ incidents }) => incidents),
		);
	});

	await suite.test("an incident: its life, reasons, who was told, messages", async (t) => {
		const id = world.acknowledged;
		const page = await open(t, `/incidents/${id}`);
		const item = await world.get(`/incidents/${id}`);
		const facts = await readFacts(page.locator("main"));
		const utc = (instant) => instant.replace("T", " ").replace("Z", " UTC");
		assert.equal(await page.locator("h1").innerText(), `Incident ${id}`);
		assert.ok(facts["Wrong since"].endsWith(utc(item.opened_at)));
		assert.ok(facts["First acknowledged"].endsWith(utc(item.first_acknowledged_at)));
		assert.ok(facts["Acknowledged until"].endsWith(utc(item.ack_expires_at)));
		assert.equal(facts["Taken up by"], item.acknowledged_by);
		assert.equal(facts["What they do"], item.why);
		const { reasons } = await world.get(`/drift/${item.target}`);
		const said = squeeze(await card(page, "Reasons").innerText());
		assert.ok(said.includes(`${reasons[0].state} ${reasons[0].message}`));
		assert.ok(said.endsWith(`Seen while it lasted: ${item.codes.join(", ")}`));
		assert.deepEqual(
			(await readTable(page, "Channels that were told")).map((row) => row.Channel),
			item.told,
		);
		const messages = await readTable(page, "Messages, newest first");
		assert.ok(messages.length > 0 && messages.every((row) => row.Incidents.split(", ").includes(String(id))));
		assert.match(squeeze(await page.locator("h1 + .lead").innerText()), /^acknowledged P1 table\/clicks/);
	});

	await suite.test("notifications: each message, each attempt", async (t) => {
		const page = await open(t, "/notifications");
		const { items } = await world.get("/notifications");
		const rows = await readTable(page, "Messages, newest first");
		const named = (ids) =>
			ids.slice(0, 20).join(", ") + (ids.length > 20 ? ` and ${ids.length - 20} more` : "") || "–";
		assert.deepEqual(
			rows.map((row) => [Number(row.Message), row.Channel, row.Kind, row.State, row.Incidents]),
			items.map(({ id, channel, kind, state, folded_into: into, incidents }) => [
				id,
				channel,
				kind,
				into ? `${state}as part of ${into}` : state,
				named(incidents),
			]),
		);
		for (const item of items) {
			const shown = await page.locator(`#message-${item.id} .attempts li`).allInnerTexts();
			assert.equal(shown.length, item.attempts.length, `message ${item.id}`);
			for (const [i, attempt] of item.attempts.entries()) {
				if (attempt.status) assert.match(shown[i], new RegExp(`\\b${attempt.status}\\b`));
				assert.ok(squeeze(shown[i]).endsWith(attempt.error ? squeeze(attempt.error) : "sent"), shown[i]);
			}
			const says = squeeze(await page.locator(`#message-${item.id} td[data-label=Says]`).innerText());
			for (const one of item.says.items.slice(0, 3)) assert.ok(says.includes(`${one.target}: ${squeeze(one.summary)}`), says);
		}
		assert.ok(items.some(({ attempts, channel }) => channel === "webhook/pager" && attempts.length > 1));
		expectNoFaults(page);
	});

	await suite.test("notifications: filters", async (t) => {
		const page = await open(t, "/notifications");
		await chip(page, "webhook/pager").click();
		assert.equal(new URL(page.url()).search, "?channel=webhook/pager");
		await chip(page, "waiting").click();
		assert.equal(new URL(page.url()).search, "?channel=webhook/pager&state=waiting");
		const { items } = await world.get("/notifications?channel=webhook/pager&state=waiting");
		assert.ok(items.length > 0);
		assert.deepEqual(
			(await readTable(page, "Messages, newest first")).map((row) => Number(row.Message)),
			items.map(({ id }) => id),
		);
		assert.match(squeeze(await page.locator("#banners").innerText()), /Channel webhook\/pager fails, \d+ messages? waits?/);
		await chip(page, "failed").click();
		assert.match(await page.locator("main").innerText(), /No messages\./);
	});

	await suite.test("silences: those in force, all of them, and windows", async (t) => {
		const page = await open(t, "/silences");
		const columns = (row) => [Number(row.Silence), row.State, row.Of, row.By, row.Why];
		const wanted = (items) =>
			items.map((item) => [item.id, item.active ? "active" : "ended", item.matcher, item.who, item.why]);
		const inForce = await world.get("/silences");
		assert.deepEqual((await readTable(page, "Silences, newest first")).map(columns), wanted(inForce.items));
		await chip(page, "also those that are over").click();
		assert.equal(new URL(page.url()).search, "?all=1");
		const all = await world.get("/silences?all=1");
		assert.equal(all.items.length, inForce.items.length + 1);
		assert.deepEqual((await readTable(page, "Silences, newest first")).map(columns), wanted(all.items));
		const [night] = await readTable(page, "Maintenance windows");
		assert.equal(night.Window, "night-loads");
		assert.equal(night.Of, "kind=table, kind=completion");
		expectNoFaults(page);
	});

	await suite.test("configuration: every setting in force, what is default, and no secret", async (t) => {
		const page = await open(t, "/config");
		const { sections, files } = await world.get("/config");
		assert.ok(sections.length > 40);
		const shown = await page.locator("details.config").evaluateAll((all) =>
			all.map((one) => [
				one.querySelector("h2").textContent.replace(/\s+/g, " ").trim(),
				[...one.querySelectorAll("tbody tr")].map((row) => [
					row.cells[0].textContent,
					[...row.cells[1].querySelectorAll(".value")].map((value) => value.textContent),
					row.cells[1].textContent,
					row.cells[2].textContent === "default",
				]),
			]),
		);
		assert.deepEqual(
			shown.map(([name]) => name),
			sections.map((one) => [one.section, one.name].filter(Boolean).join(" ")),
		);
		for (const [i, { keys }] of sections.entries()) {
			const rows = new Map(shown[i][1].map(([key, ...rest]) => [key, rest]));
			assert.equal(rows.size, keys.length);
			for (const { key, value, default: isDefault } of keys) {
				const [values, text, saysDefault] = rows.get(key);
				assert.equal(saysDefault, isDefault, key);
				if (text === "secret, not shown") assert.equal(value, "(secret)");
				else assert.deepEqual(values, [value].flat().map(String), `${shown[i][0]}: ${key}`);
			}
		}
		assert.equal((await page.locator(".config .chip", { hasText: "secret, not shown" }).count()) >= 5, true);
		assert.deepEqual(await page.locator("ul.files li").allInnerTexts(), files);
		expectNoFaults(page);
	});

	await suite.test("configuration: searched by section", async (t) => {
		const page = await open(t, "/config?q=gateway");
		assert.deepEqual(await page.locator("details.config h2").allInnerTexts(), ["service gateway"]);
		await page.goto("/config?q=nothing-has-this");
		assert.match(await page.locator("main").innerText(), /No section has that in its name/);
	});

	await suite.test("no page holds a secret, nor its JSON or text", async () => {
		const config = readFileSync(world.configPath, "utf8");
		for (const secret of HIDDEN) assert.ok(config.includes(secret), "it is really configured");
		const paths = ["/config", "/", "/notifications", "/drift/assert/ledger", "/incidents", "/silences", "/docs"];
		for (const path of paths)
			for (const accept of ["text/html", "application/json", "text/plain"]) {
				const { body } = await world.call(path, { headers: { accept } });
				assert.ok(body.length > 100, `${path} as ${accept}`);
				for (const secret of HIDDEN) assert.ok(!body.includes(secret), `${secret} in ${path} as ${accept}`);
			}
	});

	await suite.test("configuration: files that are wrong are said, and what is in force is shown", async (t) => {
		const page = await openPage(t, browser, { origin });
		const before = world.config;
		world.writeConfig(`${before}\n[service "broken"]\nsource = cloud-run\nprioritty = P1\n`);
		world.driftd.child.kill("SIGHUP");
		try {
			await page.goto("/config");
			await page
				.locator("#main .banner-error", { hasText: "The files are not in force as they are now: " })
				.filter({ hasText: "prioritty" })
				.waitFor();
			assert.equal(await page.locator("details.config h2", { hasText: "service broken" }).count(), 0);
			assert.match(await page.locator("#banners").innerText(), /The new configuration is not in use/);
		} finally {
			await world.reload(before);
		}
	});
});
