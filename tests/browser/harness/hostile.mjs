/* hostile - a world in which everything that comes from outside is of tests/hostile.json: commits,
 * what services, clouds and databases say, what people write, and names as far as the configuration lets them. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { corpus } from "./corpus.mjs";
import { git } from "./repository.mjs";
import { waitUntil } from "./wait.mjs";
import { World, section } from "./world.mjs";

/** What links of messages may begin with. */
export const PUBLIC_URL = "https://drift.example.com";
export const WEB_URL = "https://git.example.com/acme/a'b&c;d=(e)";

const two = (index) => String(index).padStart(2, "0");
const some = (list, size) =>
	Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));

/* --- commits: git itself would not write such authors --- */

class Objects {
	constructor(directory) {
		this.directory = directory;
	}

	write(type, ...parts) {
		const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
		const whole = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
		const id = createHash("sha1").update(whole).digest("hex");
		const path = join(this.directory, "objects", id.slice(0, 2), id.slice(2));
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, deflateSync(whole));
		return id;
	}

	commit(parent, content, { author, message, timeS }) {
		const entry = (mode, name, id) => [`${mode} ${name}\0`, Buffer.from(id, "hex")];
		const file = this.write("blob", content);
		const folder = this.write("tree", ...entry("100644", "main.c", file));
		const tree = this.write("tree", ...entry("40000", "app", folder));
		const oneLine = Buffer.from(author.map((byte) => (byte === 10 || byte === 0 ? 32 : byte)));
		return this.write(
			"commit",
			`tree ${tree}\n${parent ? `parent ${parent}\n` : ""}author `,
			oneLine,
			` <someone@acme.example> ${timeS} +0000\ncommitter Ana <ana@acme.example> ${timeS} +0000\n\n`,
			message,
			"\n",
		);
	}
}

/** The first commit, the head, and the commit below each item: of what it says the head is one behind. */
function makeCommits(world) {
	const bare = world.path("git/app.git");
	git("/", ["init", "-q", "--bare", "-b", "main", bare]);
	const objects = new Objects(bare);
	const begin = Math.floor(Date.now() / 1000) - 86_400;
	const first = objects.commit(null, "0", { author: Buffer.from("Ana"), message: "begin", timeS: begin });
	let head = first;
	for (const { index, bytes } of corpus)
		head = objects.commit(head, `${index + 1}`, { author: bytes, message: bytes, timeS: begin + index + 1 });
	writeFileSync(join(bare, "refs/heads/main"), `${head}\n`);
	return { first, head };
}

/* --- targets: a section for each --- */

function services(world) {
	const at = (name) => `${world.cloud.origin}/target/${name}/version`;
	const shared = { paths: "app", "commit-pointer": "/commit", source: "http" };
	return corpus.flatMap(({ index, line }) => {
		const said = line === null ? {} : { owner: line, description: line, "deploy-command": line };
		return [
			section(`service "behind-${two(index)}"`, { ...shared, url: at(`behind-${two(index)}`), ...said }),
			section(`service "says-${two(index)}"`, { ...shared, url: at(`says-${two(index)}`) }),
		];
	});
}

function clouds({ first }) {
	const lines = corpus.filter(({ line }) => line !== null);
	return [
		...corpus.map(({ index }) =>
			section(`service "run-${two(index)}"`, {
				source: "cloud-run",
				paths: "app",
				expect: ["service-account=robot", "env.MODE=live"],
			}),
		),
		...corpus.map(({ index }) =>
			section(`service "denied-${two(index)}"`, { source: "cloud-run", paths: "app", project: `denied-${two(index)}` }),
		),
		section('service "asleep"', { source: "cloud-run", paths: "app", paused: lines[1].line }),
		section('service "pinned"', {
			source: "cloud-run",
			paths: "app",
			pin: `${first} by ${lines[2].line.split(" ")[0]} because ${lines[0].line}`,
		}),
	];
}

function data() {
	const asserts = some(corpus, 4).map((_, at) =>
		section(`assert "cells-${two(at)}"`, {
			source: "bigquery",
			"sql-file": `cells-${two(at)}.sql`,
			expect: "rows = 0",
			every: "1h",
		}),
	);
	return [
		...asserts,
		section('inventory "objects"', {
			source: "bigquery",
			dataset: "things",
			"expect-file": "things.objects",
			every: "1h",
		}),
		...corpus.map(({ index }) =>
			section(`completion "keys-${two(index)}"`, {
				document: `keys/item-${two(index)}`,
				expect: ["orders", "mode_a: orders"],
				"mode-field": "_mode",
				done: "status=success",
			}),
		),
		...corpus.map(({ index }) =>
			section(`backup "folder-${two(index)}"`, {
				bucket: `backup-${two(index)}`,
				"folder-format": "%Y-%m-%d",
				files: "dump.gz",
				metadata: "metadata.json",
				"max-age": "30d",
			}),
		),
		...corpus.map(({ index }) =>
			section(`table "broken-${two(index)}"`, {
				table: `acme-prod.broken.t${two(index)}`,
				method: "column",
				"loaded-at-field": "loaded_at",
				"error-after": "1d",
				every: "1h",
			}),
		),
	];
}

/* --- what they say --- */

function putServices({ cloud }, { first }) {
	return corpus.flatMap(({ index, bytes, text }) => [
		cloud.putTarget(`behind-${two(index)}`, { commit: first }),
		/* some as a member, some as the whole body */
		cloud.putTarget(`says-${two(index)}`, index % 4 === 3 ? bytes : { commit: text }),
		cloud.putService(`run-${two(index)}`, {
			labels: { team: text },
			revisions: [
				{
					name: index % 2 ? `run-${two(index)}-00001-abc` : text,
					labels: { "commit-sha": index % 3 ? first : text },
					image: `us-docker.pkg.dev/acme/${text}:${text}`,
					service_account: text,
					env: { MODE: text, [text]: text },
				},
				{ name: `${text}-2`, labels: { "commit-sha": text }, failed: text },
			],
		}),
		cloud.addFault({ path: `*projects/denied-${two(index)}/*`, kind: "reason", status: 400, reason: "badRequest", body: text }),
	]);
}

async function putData(world) {
	const { cloud } = world;
	for (const [at, items] of some(corpus, 4).entries()) {
		const columnOf = ({ text }) => text.slice(0, 300).replace(/["\r\n]/g, "'"); /* the stand-in can no more */
		const value = (item) => ({ [columnOf(item)]: item.text });
		await cloud.putTable(`cells.t${two(at)}`, {
			schema: items.map((item) => ({ name: columnOf(item), type: "STRING" })),
			rows: items.map(() => Object.assign({}, ...items.map(value))),
		});
		writeFileSync(world.path(`cells-${two(at)}.sql`), `SELECT * FROM \`acme-prod.cells.t${two(at)}\`\n`);
	}
	writeFileSync(world.path("things.objects"), "dataset things\n");
	const column = { name: "x", type: "STRING" };
	for (const { index, text } of corpus) {
		const name = encodeURIComponent(text.slice(0, 300));
		await cloud.control("PUT", `bigquery/acme-prod/things/${name}`, { schema: [{ ...column, name: text.slice(0, 300) }] });
		await cloud.putDocument(`keys/item-${two(index)}`, { _mode: text, [text]: { status: text }, orders: { status: text } });
		const folder = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
		await cloud.putObject(`backup-${two(index)}`, `${folder}%2Fdump.gz`, "x", "now-2h");
		await cloud.putObject(`backup-${two(index)}`, `${encodeURIComponent(text.slice(0, 300))}%2Fdump.gz`, "x", "now-2h");
		await cloud.putObject(
			`backup-${two(index)}`,
			`${folder}%2Fmetadata.json`,
			{ tables: [{ table_name: text, row_count: 0 }] },
			"now-2h",
		);
		await cloud.putTable(`broken.t${two(index)}`, { schema: [{ name: "loaded_at", type: "TIMESTAMP" }] });
		await cloud.control("POST", "jobrules", {
			query: `broken.t${two(index)}`,
			dry_run: false,
			reason: "invalidQuery",
			status: 400,
			message: text,
		});
	}
}

/* --- what people say --- */

async function answer(world) {
	const until = new Date(Date.now() + 7_200_000).toISOString();
	const speak = async ({ index, text }) => {
		const target = `service/behind-${two(index)}`;
		const { items } = await world.get(`/incidents?target=${target}&limit=1`);
		const said = { who: text, why: text };
		const cut = { who: text.slice(0, 60).trim() || "x", why: text.slice(0, 240) };
		for (const [path, more] of [
			[`/incidents/${items[0].id}/ack`, {}],
			["/silences", { matcher: `service/denied-${two(index)}`, until }],
		]) {
			const first = await world.call(path, { method: "POST", body: { ...said, ...more } });
			if (first.status >= 400) {
				const again = await world.call(path, { method: "POST", body: { ...cut, ...more } });
				if (again.status >= 500) throw new Error(`${path}: ${again.status} ${again.body}`);
			}
		}
	};
	await Promise.all(corpus.map(speak));
}

export class Hostile {
	/** Opened and checked; it ends with the test (or suite). */
	static async for(context) {
		const hostile = new Hostile();
		const world = await World.for(context);
		const { cloud } = world;
		Object.assign(hostile, { world });
		hostile.commits = makeCommits(world);
		await Promise.all(putServices(world, hostile.commits));
		await putData(world);
		await world.configure(
			{ "unknown-after": "1s", "cycle-timeout": "30s", "log-level": "debug", "public-url": PUBLIC_URL },
			...services(world),
			...clouds(hostile.commits),
			...data(),
			section("slack", { webhook: `${cloud.origin}/slack/services/T0ACME/B0HOOKS/team_good`, route: "kind=service" }),
			section('webhook "good"', { url: `${cloud.origin}/webhook/good-receiver`, route: "kind=service" }),
			...corpus.map(({ index }) =>
				section(`webhook "bad-${two(index)}"`, { url: `${cloud.origin}/webhook/hook-${two(index)}-secret`, route: `service/behind-${two(index)}` }),
			),
		);
		await Promise.all(
			corpus.map(({ index, text }) =>
				cloud.addFault({ path: `/webhook/hook-${two(index)}-secret`, kind: "status", status: 400, content_type: "text/plain", body: text }),
			),
		);
		world.replaceConfig(/^url = .*app\.git$/m, `url = ${cloud.origin}/git/app.git\nweb-url = ${WEB_URL}`);
		await world.start();
		await world.check("?force=1");
		await waitUntil(async () => (await world.get("/incidents?limit=1000")).items.length >= corpus.length, "incidents");
		await answer(world);
		await world.check();
		return hostile;
	}
}
