/* cloud - the stand-in cloud, and its control interface (tests/fakecloud/control.c). */
import { call } from "./http.mjs";

const PLACE = "acme-prod/us-west2";

export class Cloud {
	/** @param {string} origin  "http://127.0.0.1:PORT" */
	constructor(origin) {
		this.origin = origin;
	}

	/** Any request to the control interface; must be answered with 200. */
	async control(method, path, body) {
		const answer = await call(`${this.origin}/_control/${path}`, { method, body });
		if (answer.status !== 200)
			throw new Error(`${method} /_control/${path}: ${answer.status} ${answer.body}`);
		return answer.json;
	}

	/** A key file that the cloud takes, as text. */
	async makeKey(email) {
		return JSON.stringify(await this.control("POST", `accounts/${email}`, ""));
	}

	/** A Cloud Run service, as tests/fakecloud/shape.h describes it. */
	putService(name, description) {
		return this.control("PUT", `run/${PLACE}/${name}`, description);
	}

	/** One with one revision, built from @p sha. */
	deploy(name, sha, revision = {}) {
		return this.putService(name, { revisions: [{ labels: { "commit-sha": sha }, ...revision }] });
	}

	/** What a service of source http says at /targets/NAME. */
	putTarget(name, body) {
		return this.control("PUT", `targets/${name}`, body);
	}

	/** A BigQuery table ("sales.orders"), as tests/fakecloud/bq.h describes it. */
	putTable(name, description) {
		return this.control("PUT", `bigquery/acme-prod/${name.replace(".", "/")}`, description);
	}

	/** A Firestore document ("phase3/2026-11-20"), plain JSON. */
	putDocument(path, document) {
		return this.control("PUT", `firestore/acme-prod/${path}`, document);
	}

	/** An object of Cloud Storage; created "now-2h". */
	putObject(bucket, name, content, created) {
		const query = created ? `?created=${encodeURIComponent(created)}` : "";
		return this.control("PUT", `objects/${bucket}/${name}${query}`, content);
	}

	/** Make requests go wrong: a rule of tests/fakecloud/faults.h. */
	addFault(rule) {
		return this.control("POST", "faults", rule);
	}

	heal() {
		return this.control("DELETE", "faults");
	}

	/** Messages that Slack took: {"count","last","items":[…]}. */
	slackMessages(query = "") {
		return this.control("GET", `slack${query}`);
	}
}
