/* past - makes up months of history for the story: commits for git fast-import, and lines for bench_past. The same
 * every time, but for the clock. */
import { DAY, HOUR, MINUTE, OTHERS, PAST_DAYS, PEOPLE, SERVICES, SUBJECTS, TABLES } from "./story.mjs";

/** How long driftd waits before what is undeployed is drift. */
const GRACE = 30 * MINUTE;
/** How long after something happened driftd sees it. */
const LOOK = 40;

/** Numbers from 0 to 1 that look like chance (mulberry32), of a name. */
function chanceOf(name) {
	let seed = [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
	return () => {
		seed = (seed + 0x6d2b79f5) | 0;
		let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

const pick = (list, chance) => list[Math.floor(chance() * list.length)];

/* --- commits --- */

/** Of one service, oldest first: {age, author, subject, path}; the newest as told. */
function commitsOf(name, { every, since = PAST_DAYS, commits }) {
	const chance = chanceOf(`commits of ${name}`);
	const made = [];
	const newest = Math.max(...commits.map(({ age }) => age), 20 * HOUR);

	for (let age = since * DAY; age > newest + 5 * HOUR; age -= every * DAY * (0.4 + 1.2 * chance())) {
		const day = Math.floor(age / DAY) * DAY;
		/* people work by day: some hours before the hour that it is now */
		made.push({
			age: age === since * DAY ? age : Math.max(day + chance() * 7 * HOUR, newest + 5 * HOUR),
			author: pick(PEOPLE, chance),
			subject: `${name}: ${pick(SUBJECTS, chance)}`,
			path: `services/${name}/main.py`,
		});
	}
	return [...made, ...commits.map((commit) => ({ ...commit, path: `services/${name}/${commit.file}` }))];
}

/** All of them, oldest first, each with the service it is of. */
export function allCommits() {
	const all = Object.entries(SERVICES).flatMap(([name, service]) =>
		commitsOf(name, service).map((commit) => ({ ...commit, service: name })),
	);
	all.push({
		age: 4 * MINUTE,
		author: "Dana Levi",
		subject: "docs: who is on call",
		path: "docs/on-call.md",
	});
	return all.sort((a, b) => b.age - a.age);
}

/** What git fast-import reads. Marks count from 1 in the order of the commits. */
export function fastImport(commits, nowS) {
	const lines = commits.map(({ age, author, subject, path }, i) => {
		const mail = `${author.toLowerCase().replace(" ", ".")}@acme.example`;
		const content = `# ${subject} (${i})\n`;
		return [
			`commit refs/heads/main\nmark :${i + 1}\ncommitter ${author} <${mail}> ${Math.floor(nowS - age)} +0000`,
			`data ${subject.length}\n${subject}\nM 100644 inline ${path}\ndata ${content.length}\n${content}`,
		].join("\n");
	});
	return `feature done\n${lines.join("\n")}\ndone\n`;
}

/* --- lines --- */

export class Past {
	/** @param {number} nowMs */
	constructor(nowMs) {
		this.nowMs = nowMs;
		this.lines = [];
	}

	at(age) {
		return Math.round(this.nowMs - age * 1000);
	}

	#add(age, ...values) {
		this.lines.push({ age, text: values.map((value) => value ?? "").join("\t") });
	}

	/** @param {[number, string, string, string][]} steps  age, state, relation, code: oldest first */
	addTransitions(target, steps) {
		let from = "";
		for (const [age, to, relation, code] of steps) {
			this.#add(age, "transition", target, this.at(age), from, to, relation, code ? `["${code}"]` : "[]");
			from = to;
		}
	}

	addDeployment(target, { age, sha, revision, percent, digest, committedAge }) {
		this.#add(age, "deployment", target, this.at(age), sha, revision, percent, digest, this.at(committedAge));
	}

	addSample(target, age, loadedAge, rows, bytes) {
		this.#add(age, "sample", target, this.at(age), this.at(loadedAge), Math.round(rows), bytes);
	}

	addUsage(target, age, queries, bytes) {
		const day = new Date(this.at(age)).toISOString().slice(0, 10);
		this.#add(age, "usage", target, day, "default", queries, bytes);
	}

	/** endedAge undefined: it is not over; by undefined: nobody took it. */
	addIncident(
		target,
		{ priority = "P1", cause = "drift", summary, code, age, endedAge, by, why, after = 0 },
	) {
		const acknowledged = by ? this.at(age - after) : "";
		const status = endedAge === undefined ? (by ? "acknowledged" : "open") : "resolved";
		const expires = by ? this.at(age - after - DAY) : "";
		const times = [this.at(age), this.at(age - LOOK), acknowledged, by, why, expires];
		const end = endedAge === undefined ? "" : this.at(endedAge);
		this.#add(age, "incident", target, priority, cause, status, summary, `["${code}"]`, ...times, end);
	}

	/** What bench_past reads. */
	text() {
		return this.lines
			.sort((a, b) => b.age - a.age)
			.map(({ text }) => `${text}\n`)
			.join("");
	}
}

/** Somebody takes it up, most of the time. */
function answerOf(chance, lasts) {
	const after = (3 + 25 * chance()) * MINUTE;
	return after < lasts && chance() < 0.85 ? { by: pick(PEOPLE, chance), after } : {};
}

/* --- services --- */

/** A change, from the commit to its deployment: steps, and an incident when it took too long. */
function addChange(past, target, service, change, chance) {
	const { age, runsAge, steps } = change;
	const lasts = age - GRACE - runsAge;

	steps.push([age - LOOK, "pending", "behind", "behind"]);
	if (lasts > 0) {
		steps.push([age - GRACE, "drift", "behind", "behind"]);
		past.addIncident(target, {
			priority: service.settings.priority,
			summary: "1 commit behind",
			code: "behind",
			age: age - GRACE,
			endedAge: runsAge - LOOK,
			...answerOf(chance, lasts),
		});
	}
	steps.push([runsAge - LOOK, "ok", "in_sync", ""]);
}

/**
 * One service. What runs now: [{sha, revision, percent}], as the cloud is to be told.
 * @param {{sha: string, age: number}[]} commits  its own, oldest first
 */
export function addService(past, name, commits) {
	const service = SERVICES[name];
	const target = `service/${name}`;
	const chance = chanceOf(target);
	const old = commits.slice(0, commits.length - service.commits.length);
	const steps = [];
	const revisions = [];

	for (const [i, { sha, age }] of old.entries()) {
		const isSlow = chance() < service.slow;
		const took = isSlow ? (0.8 + 6 * chance() ** 2) * HOUR : (6 + 20 * chance()) * MINUTE;
		const letters = Math.floor(chance() * 17576);
		const suffix = [letters / 676, (letters / 26) % 26, letters % 26]
			.map((n) => String.fromCharCode(97 + n))
			.join("");
		const revision = `${name}-${String(i + 41).padStart(5, "0")}-${suffix}`;
		const change = { age, runsAge: Math.max(age - took, 3 * HOUR), steps };

		if (i === 0) steps.push([age, "ok", "in_sync", ""]);
		else addChange(past, target, service, change, chance);
		revisions.push({ sha, revision, percent: 100, age: i === 0 ? age : change.runsAge, committedAge: age });
	}
	past.addTransitions(target, [...steps, ...service.now]);
	for (const revision of revisions) past.addDeployment(target, { ...revision, age: revision.age - LOOK });
	return runningOf(service, commits, revisions, past, target);
}

function runningOf(service, commits, revisions, past, target) {
	const last = revisions.at(-1);

	if (!service.canary) return [last];
	const newest = commits.at(-1);
	const number = Number(/-(\d{5})-/.exec(last.revision)[1]) + 1;
	const revision = `${target.split("/")[1]}-${String(number).padStart(5, "0")}-qfd`;
	const canary = {
		sha: newest.sha,
		revision,
		percent: service.canary,
		age: newest.age - 12 * MINUTE,
		committedAge: newest.age,
	};
	past.addDeployment(target, canary);
	return [{ ...last, percent: 100 - service.canary }, canary];
}

/* --- tables --- */

/** Ages of the loads of a table, oldest first. */
function loadsOf(name, table) {
	const chance = chanceOf(`loads of ${name}`);
	const lately = table.lately ?? [];
	const loads = [];

	/* from the last one backwards, so that it is as old as is told */
	for (let age = table.age; age < PAST_DAYS * DAY;) {
		const every = table.every * HOUR * (0.97 + 0.06 * chance());
		const told = lately.find(([before]) => before * HOUR >= age && before * HOUR < age + every);
		const isLate = told || (age > 7 * DAY && chance() < table.late);
		const late = told
			? told[1] * HOUR
			: (table.warn - table.every + (table.error - table.warn) * 2.2 * chance()) * HOUR;

		loads.unshift(age);
		age += every + (isLate ? late : 0);
	}
	return loads;
}

/** What becomes of it between one load and the next: steps. */
function addGap(past, target, table, gap, chance) {
	const { from, to, steps } = gap;
	const warned = from - table.warn * HOUR - LOOK;
	const failed = from - table.error * HOUR - LOOK;

	if (warned <= to) return;
	steps.push([warned, "pending", "", "stale"]);
	if (failed > to) {
		steps.push([failed, "drift", "", "stale"]);
		if (to > 0)
			past.addIncident(target, {
				priority: table.settings.priority,
				summary: `stale: last load ${Math.round((from - to) / HOUR)} h ago`,
				code: "stale",
				age: failed,
				endedAge: to,
				...answerOf(chance, failed - to),
			});
	}
	if (to > 0) steps.push([to, "ok", "", ""]);
}

/** One table, up to its last load; steps of what came after that, too. */
export function addTable(past, name) {
	const table = TABLES[name];
	const target = `table/${name}`;
	const chance = chanceOf(target);
	const loads = loadsOf(name, table);
	const steps = [[loads[0] - LOOK, "ok", "", ""]];

	for (const [i, age] of loads.entries()) {
		const look = (1 + 4 * chance()) * MINUTE;
		const next = loads[i + 1];
		const rows = table.rows - (loads.length - 1 - i) * table.growth * (0.98 + 0.04 * chance());

		past.addSample(
			target,
			Math.max(age - look, 30),
			age,
			next === undefined ? table.rows : rows,
			table.scan ?? 0,
		);
		addGap(past, target, table, { from: age, to: next === undefined ? 0 : next - look, steps }, chance);
	}
	for (let day = 1; table.scan && day < PAST_DAYS; day++) {
		const queries = 20 + Math.floor(8 * chance());
		past.addUsage(target, day * DAY, queries, Math.round(queries * table.scan * (1 - day / 400)));
	}
	past.addTransitions(target, steps);
	return steps;
}

/* --- the others --- */

export function addOther(past, target) {
	const { every, code } = OTHERS[target];
	const chance = chanceOf(target);
	const steps = [[PAST_DAYS * DAY, "ok", "", ""]];

	for (
		let age = (PAST_DAYS - every * chance()) * DAY;
		age > 2 * DAY;
		age -= every * DAY * (0.6 + 0.8 * chance())
	) {
		const lasts = (0.7 + 9 * chance() ** 2) * HOUR;
		steps.push([age, "drift", "", code], [age - lasts, "ok", "", ""]);
		past.addIncident(target, {
			summary: code.replace("_", " "),
			code,
			age,
			endedAge: age - lasts,
			...answerOf(chance, lasts),
		});
	}
	past.addTransitions(target, steps);
}
