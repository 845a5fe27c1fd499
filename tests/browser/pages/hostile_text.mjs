/* hostile_text - text of outsiders where no page is: text mode, the command line on a terminal, JSON, events, badges,
 * metrics, logs and messages. Nothing of it moves a cursor, turns writing round, or passes for a line, event, sample,
 * mention or link of ours. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { UNFIT, corpus } from "../harness/corpus.mjs";
import { Hostile, PUBLIC_URL } from "../harness/hostile.mjs";
import { readEvents } from "../harness/http.mjs";
import { buildDirectory, section } from "../harness/world.mjs";
import { git } from "../harness/repository.mjs";

const PROMTOOL = new URL("../../../build/tools/usr/bin/promtool", import.meta.url).pathname;

/** Colours that driftd itself gives on a terminal. */
const COLOUR = /\x1b\[(?:0|2|3[1-6](?:;1)?)m/g; // eslint-disable-line no-control-regex

/** Bytes that are text, line by line, all of which may be shown. */
function expectFit(bytes, what) {
	const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	const at = text.search(new RegExp(`${UNFIT.source}|\\t`, "u"));
	assert.ok(at < 0, `${what} shows U+${text.codePointAt(at)?.toString(16)}: ${JSON.stringify(text.slice(Math.max(at - 60, 0), at + 60))}`);
	return text;
}

/** Each text of the corpus is there, as far as it can be: nothing was just left out. */
function expectSeen(texts, least) {
	for (const { mark, name } of corpus)
		assert.ok(mark.length < 3 || texts.filter((text) => text.includes(mark)).length >= least, `${name} (${mark}) is not shown`);
}

/** Run it on a terminal of its own. */
function onTerminal(world, args, cwd = world.directory) {
	const quote = (word) => `'${String(word).replaceAll("'", "'\\''")}'`;
	const command = [join(buildDirectory(), "driftd"), ...args].map(quote).join(" ");
	const { stdout, error } = spawnSync("script", ["-qefc", `stty cols 200; ${command}`, "/dev/null"], {
		cwd,
		env: { ...process.env, DRIFTD_URL: world.origin, TERM: "xterm-256color", LANG: "C.UTF-8", LC_ALL: "C.UTF-8", SHELL: "/bin/sh" },
		stdio: ["ignore", "pipe", "pipe"],
		timeout: 30_000,
		maxBuffer: 64 * 1024 * 1024,
	});
	if (error) throw error;
	const shown = Buffer.from(stdout.toString("latin1").replaceAll("\r\n", "\n").replace(COLOUR, ""), "latin1");
	return expectFit(shown, `driftd ${args.join(" ").slice(0, 100)}`);
}

async function routesOf(world) {
	const { targets } = await world.get("/status");
	const { items } = await world.get("/incidents?limit=1000");
	return [
		"/status", "/drift?all=1", "/drift?limit=1000", "/gate?kind=service&kind=table", "/incidents?limit=1000", "/incidents/summary",
		"/notifications?limit=1000", "/silences?all=1", "/config", "/summary", "/nowhere",
		...targets.flatMap(({ id }, at) => [`/drift/${id}`, ...(at % 10 ? [] : [`/history/${id}`, `/history/${id}/days`])]),
		...items.map(({ id }) => `/incidents/${id}`),
		...corpus.flatMap(({ text }) => {
			const said = encodeURIComponent([...text].slice(0, 150).join(""));
			return [`/${said}`, `/drift/${said}`, `/gate?target=${said}`, `/incidents?status=${said}`, `/drift?${said}=1`, `/silences?limit=${said}`];
		}),
	];
}

async function readRoutes(world, headers) {
	const routes = await routesOf(world);
	const read = async (path) => ({ path, ...(await world.call(path, { headers })) });
	const answers = [];
	for (let at = 0; at < routes.length; at += 8) answers.push(...(await Promise.all(routes.slice(at, at + 8).map(read))));
	for (const { path, status } of answers) assert.ok(status < 500, `${path}: ${status}`);
	return answers;
}

/** All strings of a message. */
const strings = (value) =>
	typeof value === "string" ? [value] : value && typeof value === "object" ? Object.values(value).flatMap(strings) : [];

test("hostile text beside pages", async (suite) => {
	const { world } = await Hostile.for(suite);

	await suite.test("text of every route is fit for a terminal", async () => {
		const answers = await readRoutes(world, { accept: "text/plain" });
		const texts = answers.map(({ path, bytes }) => expectFit(bytes, path));
		expectSeen(texts, 3);
		assert.ok(answers.filter(({ type }) => type === "text/plain").length > 100);
	});

	await suite.test("JSON of every route is valid, and as good as text on a terminal", async () => {
		for (const { path, bytes, type, json } of await readRoutes(world, { accept: "application/json" })) {
			expectFit(bytes, path);
			if (!/json$/.test(type)) assert.equal(path, "/config", `${path} is ${type}`);
			else assert.equal(typeof json, "object", path);
		}
		const { behind } = await world.get("/drift/service/behind-00");
		const subjects = behind.list.map(({ subject }) => subject);
		assert.ok(subjects.some((subject) => /\u202e/.test(subject)), "what JSON says is what was written");
		assert.ok(subjects.some((subject) => /\u{e0041}/u.test(subject)), "beyond the first plane too");
	});

	await suite.test("the command line on a terminal", async () => {
		const { items } = await world.get("/incidents?limit=1000");
		const all = [
			["status"], ["drift"], ["drift", "--all"], ["gate", "--kind", "service"], ["incidents"], ["incidents", items[0].id],
			["silences", "--all"], ["notifications"], ["config", "-c", "driftd.ini"], ["check", "-c", "driftd.ini"],
			["snapshot", "-c", "driftd.ini", "inventory/objects", "--stdout"], ["status", "--json"], ["notifications", "--json"],
			["incidents", "--all", "--json"], ["config", "-c", "driftd.ini", "--json"], ["drift", "service/behind-00", "--json"],
			...["behind-18", "says-19", "run-27", "denied-22"].map((name) => ["drift", `service/${name}`]),
		];
		expectSeen(all.map((args) => onTerminal(world, args)), 1);
		for (const { bytes, index } of corpus) {
			const word = bytes.subarray(0, 200).toString("utf8").replaceAll("\0", "");
			const ways = [["drift", word], ["gate", "--target", word], [word], ["ack", word, "--who", "x"], ["status", "--url", word]];
			onTerminal(world, ways[index % ways.length]);
		}
	});

	await suite.test("a configuration that is refused, and files that are affected", async () => {
		const bad = corpus.flatMap(({ text }) => [
			`[service "${text.slice(0, 300)}"]\nsource = ${text.slice(0, 300)}\n${text.slice(0, 40)} = x\nprobe-url = ${text.slice(0, 300)}\n`,
		]);
		writeFileSync(world.path("bad.ini"), bad.join("\n"));
		assert.match(onTerminal(world, ["config", "-c", "bad.ini"]), /bad\.ini:/);
		for (const { text } of corpus) {
			writeFileSync(world.path("bad.ini"), `${section("driftd", { listen: "127.0.0.1:0" })}[repo "app"]\nurl = https://x.example/\nweb-url = ${text}\n`);
			const said = onTerminal(world, ["config", "-c", "bad.ini"]);
			assert.match(said, /bad\.ini|no target/);
		}
		const checkout = world.path("affected");
		mkdirSync(join(checkout, "app"), { recursive: true });
		git(checkout, ["init", "-q", "-b", "main"]);
		git(checkout, ["remote", "add", "origin", `${world.cloud.origin}/git/app.git`]);
		for (const { bytes } of corpus)
			writeFileSync(Buffer.concat([Buffer.from(`${checkout}/app/`), Buffer.from(bytes.subarray(0, 100).map((byte) => (byte === 47 ? 95 : byte)))]), "");
		git(checkout, ["add", "-A"]);
		const said = onTerminal(world, ["affected", "-c", world.configPath, "--repo", "app", "--staged"], checkout);
		assert.match(said, /service\/behind-00/);
	});

	await suite.test("events: each is one that driftd made", async () => {
		const { text, events } = await readEvents(`${world.origin}/events`, {
			headers: { "last-event-id": "1" },
			enough: (found) => found.length > 50,
		});
		expectFit(Buffer.from(text), "/events");
		for (const line of text.slice(0, text.lastIndexOf("\n\n")).split("\n")) assert.match(line, /^(?:(?:id: \d+|event: \w+|data: \{.*\}|retry: \d+|: beat)|:.*|)$/);
		for (const { event, data } of events) {
			assert.match(event, /^(?:transition|snapshot|check|reset)$/);
			assert.equal("smuggled" in JSON.parse(data), false);
		}
	});

	await suite.test("badges are pictures and nothing else", async (t) => {
		const browser = await launch(t);
		const page = await openPage(t, browser, { origin: world.origin });
		for (const { text, name } of corpus) {
			const label = encodeURIComponent([...text].slice(0, 150).join(""));
			for (const path of [`/badge.svg?label=${label}`, `/badge/service/behind-00.svg?label=${label}`]) {
				const { status, bytes } = await world.call(path);
				if (status === 400) continue;
				expectFit(bytes, path);
				await page.goto(path);
				const seen = await page.evaluate(() => ({
					root: document.documentElement.localName,
					names: [...new Set([...document.querySelectorAll("*")].map(({ localName }) => localName))],
					links: [...document.querySelectorAll("*")].flatMap((element) =>
						[...element.attributes].filter(({ name: key }) => /href|src|^on|style/i.test(key)).map(({ value }) => value),
					),
					width: document.documentElement.getBoundingClientRect().width,
					isRun: globalThis.canary !== undefined,
				}));
				assert.equal(seen.root, "svg", `${name}: ${path}`);
				for (const element of seen.names) assert.match(element, /^(?:svg|title|desc|g|rect|path|text|tspan|circle|clipPath|defs|linearGradient|stop)$/, name);
				assert.deepEqual([seen.links, seen.isRun], [[], false], name);
				assert.ok(seen.width > 0 && seen.width < 1000, `${name} is ${seen.width} px wide`);
			}
		}
		expectNoFaults(page);
	});

	await suite.test("metrics: promtool understands them, and no sample was smuggled in", async () => {
		const { bytes, status } = await world.call("/metrics");
		assert.equal(status, 200);
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f]/, "values of labels are exact, but hold no controls"); // eslint-disable-line no-control-regex
		assert.doesNotMatch(text, /^driftd_smuggled/m);
		for (const line of text.trimEnd().split("\n")) assert.match(line, /^(?:# (?:HELP|TYPE|UNIT|EOF).*|[a-z_]+(?:\{.*\})? [-+\d.eNaInf]+)$/s);
		execFileSync(PROMTOOL, ["check", "metrics"], { input: bytes });
	});

	await suite.test("messages: no mention and no link but ours", async () => {
		const { items } = await world.cloud.slackMessages();
		assert.ok(items.length > 0);
		for (const { message } of items)
			for (const text of strings(message)) {
				expectFit(Buffer.from(text), "a message");
				for (const [, inside] of text.matchAll(/<([^>]*)>/g))
					assert.ok(inside.startsWith(`${PUBLIC_URL}/`) || inside.startsWith("https://git.example.com/acme/"), `a link in Slack: <${inside}>`);
			}
		const said = JSON.stringify(items.map(({ message }) => message));
		assert.match(said, /&lt;script/, "it is said, as text");
		assert.doesNotMatch(said, /"verbatim":false|"mrkdwn":true/);
		const { items: records } = await world.cloud.control("GET", "webhooks");
		assert.ok(records.some(({ json }) => json), "a webhook took a message");
	});

	await suite.test("the log: each line is one that driftd wrote", async () => {
		const log = expectFit(Buffer.from(world.driftd.log()), "the log");
		for (const line of log.trimEnd().split("\n"))
			if (!line.startsWith("serve")) assert.match(line, /^time=[\dTZ:.-]+ level=(?:error|warn|info|debug) event=[\w.-]+(?: |$)/);
		assert.doesNotMatch(log.replace(/"(?:[^"\\]|\\.)*"/g, '""'), /event=smuggled/);
	});
});
