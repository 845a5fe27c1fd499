/* check - the button that runs a check, and how far it is. */
import { wantRefresh } from "./live.js";
import { announce, send } from "./send.js";
import { setChecking } from "./stale.js";

const POLL_MS = 1000;
/** Events tell of progress several times a second: after such a silence, ask. */
const QUIET_MS = 2500;
/** What came of it stays so long. */
const SAID_MS = 15_000;
/** A check that nobody here asked for is shown when it takes so long: most look at one thing only. */
const BRIEF_MS = 1000;

/** "12 of 31", or that it has not begun. */
export function progressText(progress) {
	return progress?.total > 0 ? `${progress.done} of ${progress.total}` : "starting";
}

/** "drift: 14 of 15 evaluated" */
export function outcomeText(summary) {
	return `done: ${summary.overall}, ${summary.evaluated} of ${summary.targets_total} evaluated`;
}

let isAsked = false; // by this page, and not over
let progress = null; // of the check that runs: {done, total}
let toldAt = 0;
let runningId = 0;
let runningSince = 0;
let said = "";
let finishedId = 0;
let wake = () => {};

function show() {
	const isRunning = isAsked || (progress !== null && Date.now() - runningSince > BRIEF_MS);
	const bar = document.querySelector("#check-progress");
	const status = document.querySelector("#check-status");

	for (const button of document.querySelectorAll("[data-check]"))
		if (isRunning) button.setAttribute("aria-disabled", "true");
		else button.removeAttribute("aria-disabled");
	if (bar) {
		bar.hidden = !isRunning;
		if (progress?.total > 0) Object.assign(bar, { max: progress.total, value: progress.done });
		else bar.removeAttribute("value");
	}
	const text = isRunning ? progressText(progress) : said;
	if (status && status.textContent !== text) status.textContent = text;
}

function say(text) {
	said = text;
	announce(text);
	setTimeout(() => {
		if (said === text) said = "";
		show();
	}, SAID_MS);
}

function takeEvent({ detail }) {
	const isRunning = detail.state === "running";

	toldAt = Date.now();
	progress = isRunning ? detail : null;
	if (detail.id !== runningId) runningSince = toldAt;
	runningId = detail.id;
	setChecking(isRunning);
	if (!isRunning) {
		finishedId = Math.max(finishedId, detail.id);
		wake();
	}
	show();
}

const wait = (ms) =>
	new Promise((resolve) => {
		wake = resolve;
		setTimeout(resolve, ms);
	});

/* Until it is over, by events or by asking; what came of it. */
async function follow(id) {
	for (;;) {
		await wait(POLL_MS);
		if (finishedId < id && Date.now() - toldAt < QUIET_MS) continue;
		const { data } = await send("GET", `/checks/${id}`);
		if (!data?.running) return data;
		progress = data.progress ?? null;
		show();
	}
}

async function run() {
	if (isAsked) return;
	isAsked = true;
	said = "";
	show();
	try {
		const { data } = await send("POST", "/check?wait=0");
		say(outcomeText(await follow(data.check.id)));
	} catch (error) {
		say(error.message);
	}
	isAsked = false;
	progress = null;
	setChecking(false);
	show();
	wantRefresh();
}

export function startCheck() {
	document.addEventListener("driftd:check", takeEvent);
	document.addEventListener("driftd:page", show);
	document.addEventListener("click", (event) => {
		if (event.target.closest("[data-check]")) run();
	});
}
