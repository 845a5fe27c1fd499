/* process - programs that tests start. Each is killed by the kernel when this process dies, however
 * it dies; so nothing outlives its test. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { waitUntil } from "./wait.mjs";

/** driftd stops within 5 s; slack for sanitizer builds. */
const STOP_MS = 8_000;

export class Process {
	/** Start a program; what it says goes to logPath. */
	constructor(program, args, { logPath, cwd, env = {} }) {
		const log = openSync(logPath, "w");
		this.name = program.split("/").at(-1);
		this.logPath = logPath;
		/* limitFiles() is to make writes fail, not to kill */
		const prefix = ["--pdeathsig", "KILL", "--", "env", "--ignore-signal=XFSZ", "--", program];
		this.child = spawn("setpriv", [...prefix, ...args], {
			cwd,
			env: { ...process.env, ...env },
			stdio: ["ignore", log, log],
		});
		closeSync(log); /* the child has its own */
		this.ended = once(this.child, "exit");
		this.ended.catch(() => {}); /* a failed start shows in await() and stop() */
	}

	log() {
		return readFileSync(this.logPath, "utf8");
	}

	get isRunning() {
		return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
	}

	/** What follows @p mark in the log, up to white space. */
	async awaitMark(mark) {
		await waitUntil(() => this.#found(mark) || !this.isRunning, `${this.name} says "${mark}"`);
		const found = this.#found(mark);
		if (!found)
			throw new Error(`${this.name} ended (${this.child.exitCode ?? this.child.signalCode}): ${this.log()}`);
		return found;
	}

	#found(mark) {
		const at = this.log().lastIndexOf(mark);
		return at < 0 ? undefined : /^(\S+)\s/.exec(this.log().slice(at + mark.length))?.[1];
	}

	/** No file of it may be longer, as on a disk that is full; "unlimited". */
	limitFiles(bytes) {
		execFileSync("prlimit", ["--pid", String(this.child.pid), `--fsize=${bytes}:unlimited`]);
	}

	/** End it as an operator would. Fails when it does not end well. */
	async stop() {
		if (!this.isRunning) return this.#expectEndedWell();
		this.child.kill("SIGTERM");
		const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_MS);
		await this.ended;
		clearTimeout(timer);
		return this.#expectEndedWell();
	}

	#expectEndedWell() {
		const { exitCode, signalCode } = this.child;
		if (exitCode !== 0)
			throw new Error(`${this.name} ended with ${exitCode ?? signalCode}: ${this.log().slice(-3000)}`);
	}

	/** As a crash would. */
	async kill() {
		if (!this.isRunning) return;
		this.child.kill("SIGKILL");
		await this.ended;
	}
}
