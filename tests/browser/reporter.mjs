/* reporter - what failed, and at the end one line as Check prints it, for tests/suites.sh and its
 * likes to add up. Counts tests, not the tests and suites that hold them. */
import { inspect } from "node:util";

class Counter {
	checks = 0;
	failures = 0;
	errors = 0;
	#within = []; /* how many results there were at each depth since the last one above it */

	/** Count a result, if it is a test of its own, or one that failed though all in it passed. */
	add({ nesting, details }, failed) {
		const held = this.#within[nesting + 1] ?? { count: 0, failed: 0 };
		const here = (this.#within[nesting] ??= { count: 0, failed: 0 });
		this.#within.length = nesting + 1;
		here.count++;
		here.failed += failed ? 1 : 0;
		if (held.count > 0 && (!failed || held.failed > 0)) return false;
		this.checks++;
		if (!failed) return true;
		if (details?.error?.code === "ERR_TEST_FAILURE" && details.error.failureType === "testCodeFailure")
			this.failures++;
		else this.errors++;
		return true;
	}

	line() {
		const bad = this.failures + this.errors;
		const percent = this.checks > 0 ? Math.floor((100 * (this.checks - bad)) / this.checks) : 0;
		return `${percent}%: Checks: ${this.checks}, Failures: ${this.failures}, Errors: ${this.errors}\n`;
	}
}

function describe({ name, file, details }) {
	const cause = details?.error?.cause ?? details?.error;
	return `FAILED: ${name}${file ? ` (${file})` : ""}\n${cause?.stack ?? inspect(cause)}\n\n`;
}

/** Were it skipped, it would have shown nothing: that is no pass. */
function isSkipped(data) {
	return data.skip !== undefined || data.todo !== undefined;
}

export default async function* report(source) {
	const counter = new Counter();
	for await (const { type, data } of source) {
		if (type !== "test:pass" && type !== "test:fail") continue;
		const failed = type === "test:fail" || isSkipped(data);
		if (counter.add(data, failed) && failed)
			yield isSkipped(data) ? `SKIPPED: ${data.name}\n` : describe(data);
	}
	yield counter.line();
}
