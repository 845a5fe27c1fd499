/* world - a folder of its own, the stand-in cloud, and a real driftd that watches it. Everything ends,
 * and the folder goes, with the test that made it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Cloud } from "./cloud.mjs";
import { call } from "./http.mjs";
import { Process } from "./process.mjs";
import { Repository } from "./repository.mjs";
import { waitUntil } from "./wait.mjs";

const ACCOUNT = "driftd@acme-prod.iam.gserviceaccount.com";

/** Where driftd and fakecloud were built. */
export function buildDirectory() {
	return resolve(process.env.DRIFTD_BUILD ?? new URL("../../../build/release", import.meta.url).pathname);
}

/** Write a section of the configuration: values that are arrays are repeated keys. */
export function section(header, settings = {}) {
	const lines = Object.entries(settings).flatMap(([key, value]) =>
		[value].flat().map((one) => `${key} = ${one}`),
	);
	return [`[${header}]`, ...lines, "", ""].join("\n");
}

export class World {
	/** Folder and cloud. @param {{isDemo?: boolean}} options  isDemo: that of make demo, with its configuration */
	static async create({ isDemo = false } = {}) {
		const world = new World();
		world.directory = mkdtempSync(join(process.env.DRIFTD_TEST_DIR ?? tmpdir(), "driftd-browser-"));
		try {
			await world.#startCloud(isDemo);
		} catch (error) {
			await world.remove();
			throw error;
		}
		return world;
	}

	/** The same for one test (or suite: any context with after()), at whose end it is removed. */
	static async for(context, options) {
		const world = await World.create(options);
		context.after(() => world.remove());
		return world;
	}

	async #startCloud(isDemo) {
		const demo = ["--demo", this.path("demo")];
		const plain = ["--git-root", this.path("git"), "--slack-log", this.path("slack.log")];
		mkdirSync(this.path("git"));
		this.cloudProcess = new Process(join(buildDirectory(), "fakecloud"), isDemo ? demo : plain, {
			logPath: this.path("fakecloud.log"),
		});
		this.cloud = new Cloud(`http://${await this.cloudProcess.awaitMark("listening ")}`);
		this.configPath = isDemo ? this.path("demo/driftd.ini") : this.path("driftd.ini");
		if (isDemo) this.replaceConfig(/^listen = .*$/m, "listen = 127.0.0.1:0");
	}

	path(name) {
		return join(this.directory, name);
	}

	/* --- configuration --- */

	get config() {
		return readFileSync(this.configPath, "utf8");
	}

	writeConfig(text) {
		writeFileSync(this.configPath, text);
	}

	/** Replace what must be there. */
	replaceConfig(pattern, text) {
		const before = this.config;
		if (before.search(pattern) < 0) throw new Error(`the configuration has no ${pattern}`);
		this.writeConfig(before.replace(pattern, () => text));
	}

	/**
	 * A configuration to start from: driftd on a free port that only checks when asked, repository
	 * "app" of the cloud, [gcp] with its endpoints and a key. Settings of [driftd] on top; sections as text.
	 */
	async configure(settings, ...sections) {
		const cloud = this.cloud.origin;
		writeFileSync(this.path("key.json"), await this.cloud.makeKey(ACCOUNT));
		this.writeConfig(
			[
				section("driftd", {
					listen: "127.0.0.1:0",
					"state-dir": "state",
					"check-interval": "1h",
					"request-timeout": "2s",
					"cycle-timeout": "5s",
					...settings,
				}),
				section('repo "app"', { url: `${cloud}/git/app.git`, branch: "main", every: "1h" }),
				section("gcp", {
					project: "acme-prod",
					region: "us-west2",
					credentials: "file:key.json",
					"run-endpoint": cloud,
					"functions-endpoint": cloud,
					"storage-endpoint": cloud,
					"bigquery-endpoint": cloud,
					"firestore-endpoint": cloud,
					"token-endpoint": `${cloud}/token`,
				}),
				...sections,
			].join(""),
		);
	}

	/** Repository "app", which configure() speaks of. */
	makeRepository(name = "app") {
		return new Repository(this.directory, name);
	}

	/* --- driftd --- */

	/** Start driftd and wait until it listens. A second time: on the port it had. */
	async start(env = {}) {
		if (this.origin) this.replaceConfig(/^listen = .*$/m, `listen = ${this.origin.slice("http://".length)}`);
		this.driftd = new Process(join(buildDirectory(), "driftd"), ["serve", "-c", this.configPath], {
			logPath: this.path("driftd.log"),
			cwd: this.directory,
			env,
		});
		this.origin = `http://${await this.driftd.awaitMark("serve.listening address=")}`;
	}

	/** Stop driftd as an operator would; it must end well. */
	async stop() {
		await this.driftd.stop();
		this.driftd = undefined;
	}

	/** Write the configuration, and wait until driftd has taken it. */
	async reload(text) {
		const count = () => this.driftd.log().split("reload.done").length;
		const before = count();
		this.writeConfig(text);
		this.driftd.child.kill("SIGHUP");
		await waitUntil(() => count() > before, "driftd reloads");
	}

	/** Any request to driftd. */
	call(path, options) {
		return call(this.origin + path, options);
	}

	/** JSON of a GET that must answer 200. */
	async get(path) {
		const answer = await this.call(path);
		if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
		return answer.json;
	}

	/** POST /check: its summary, after a cycle that began now. */
	async check(query = "") {
		const answer = await this.call(`/check${query}`, { method: "POST" });
		if (answer.status !== 200) throw new Error(`POST /check: ${answer.status} ${answer.body}`);
		return answer.json;
	}

	/** A check after which the target is in that state; fails when it does not come to that. */
	checkUntil(id, state) {
		return waitUntil(async () => {
			await this.check();
			return (await this.get(`/drift/${id}`)).state === state;
		}, `${id} is ${state}`);
	}

	/** Stop both, which must end well, and remove the folder. */
	async remove() {
		const ends = await Promise.allSettled([this.driftd?.stop(), this.cloudProcess?.stop()]);
		if (!process.env.DRIFTD_TEST_KEEP) rmSync(this.directory, { recursive: true, force: true });
		const failed = ends.find((end) => end.status === "rejected");
		if (failed) throw failed.reason;
	}
}
