/* live - keeps the page as driftd sees it. While the tab is shown it follows /events, and fetches the
 * page anew when something happened; where events do not come through it asks every ten seconds, in a
 * hidden tab once a minute. Whatever fails is tried again later and later, at no fixed time. */
import { refresh } from "./page.js";
import { giveGrace, heard, setBehind, setTrouble } from "./stale.js";
import { createBackoff, createParser, retryAfterMs } from "./stream.js";
import { instant, learn, now } from "./times.js";

/** What happens together is shown together; a transition is on the page within a second. */
const SETTLE_MS = 100;
const SPREAD_MS = 300; // a thousand windows that are told at once do not all ask at once
/** Of a page that is slow to fetch and to show, at most a fifth of the time is spent on that. */
const PAUSE_MIN_MS = 500;
const PAUSE_MAX_MS = 10_000;
const PAUSE_FACTOR = 4;

/** Windows of one browser that follow the events. */
const STREAMS_MAX = 4;

/** Events that are held back by something on the way never begin. */
const FIRST_BYTES_MS = 10_000;
const SILENCE_MS = 40_000;
/** A stream that lasted so long was a good one: the next failure is a new one. */
const GOOD_STREAM_MS = 10_000;
const GREETING_MS = 2000;
/** The clock that ticks every second stood still so long: the machine slept. */
const SLEEP_MS = 10_000;
const POLL_MS = 10_000;
const POLL_HIDDEN_MS = 60_000;
/** So long polls stand in for events before these are tried again. */
const STAND_IN_MS = 60_000;

/** When a check is due, or a verdict ends, and nothing is heard of it, ask. */
const DUE_PAUSE_MS = 20_000;

const NO_TOKEN = "driftd wants its token again: reload this page and give it.";
const GONE = "driftd does not answer. Trying again.";

const backoff = createBackoff({ first: 1000, most: 20_000 });
const again = createBackoff({ first: 1000, most: 60_000 }); // a page that is not yet of the newest facts
let stream = null;
let wake = () => {};
let fact = null; // of the newest event
let timer = 0;
let refreshing = null;
let startedAt = 0;
let pauseMs = PAUSE_MIN_MS;
let retryAt = 0;
let wasLost = false;
let isGreeted = false; // told of a check
/** The stream was there and nothing came: what greets the next one is the server's, not the scheduler's. */
let wasSilent = false;
let tickedAt = Date.now();

/** Resolves after `ms`, or when the tab is shown or hidden, or the network is back. */
function pause(ms) {
	return new Promise((resolve) => {
		const end = setTimeout(resolve, ms);
		wake = () => {
			clearTimeout(end);
			resolve();
		};
	});
}

/* One at a time; counts as word from driftd when a page came. */
async function runRefresh() {
	timer = 0;
	startedAt = Date.now();
	const result = await refresh();
	pauseMs = Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, PAUSE_FACTOR * (Date.now() - startedAt)));
	if (result.isShown && !wasSilent) heard();
	if (fact === null || fact === document.body.dataset.fact) again.reset();
	else retryAt = Date.now() + again.next();
	return result;
}

/** Fetch the page anew soon, once for all who want it. */
export function wantRefresh() {
	if (timer) return;
	timer = setTimeout(async () => {
		await refreshing;
		refreshing = runRefresh();
	}, Math.max(SETTLE_MS + Math.random() * SPREAD_MS, startedAt + pauseMs - Date.now()));
}

const isNewer = (data) => instant(data.generated_at) > instant(document.body.dataset.generatedAt);

const handlers = {
	snapshot(data) {
		fact = String(data.fact);
		if (wasLost || fact !== document.body.dataset.fact || isNewer(data)) wantRefresh();
		wasLost = false;
	},
	transition: wantRefresh,
	check(data) {
		document.dispatchEvent(new CustomEvent("driftd:check", { detail: data }));
		// the first that is told of was over before this page was made, or the snapshot says so
		if (data.state === "finished" && isGreeted) wantRefresh();
		isGreeted = true;
	},
	reset: wantRefresh,
};

function takeEvent(type, text) {
	let data = null;
	try {
		data = JSON.parse(text);
	} catch {
		return; // not of driftd
	}
	if (data && Object.hasOwn(handlers, type)) handlers[type](data);
}

async function readChunks(body, heardBytes) {
	const take = createParser(takeEvent);
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		heardBytes();
		take(value);
	}
}

/**
 * Follow the events until they end.
 *
 * @return {Promise<{status: number, began: boolean, wasGood: boolean, retryAfter?: string|null}>}
 *         status 0: no answer
 */
async function followEvents() {
	const end = { status: 0, began: false, wasGood: false, retryAfter: null };
	const beganAt = Date.now();
	let silence = 0;
	const listen = (ms) => {
		clearTimeout(silence);
		silence = setTimeout(() => {
			wasSilent = end.began;
			stream?.abort();
		}, ms);
	};

	stream = new AbortController();
	listen(FIRST_BYTES_MS);
	try {
		const answer = await fetch("/events", {
			headers: { Accept: "text/event-stream" },
			cache: "no-store",
			signal: stream.signal,
		});
		end.status = answer.status;
		end.retryAfter = answer.headers.get("Retry-After");
		learn(answer.headers.get("Date"));
		if (!answer.ok) return end;
		await readChunks(answer.body, () => {
			end.began = true;
			listen(SILENCE_MS);
			if (wasSilent && Date.now() - beganAt < GREETING_MS) return;
			wasSilent = false;
			heard();
		});
	} catch {
		// aborted, or the connection broke: what is in `end` says how far it came
	} finally {
		clearTimeout(silence);
		stream.abort();
		stream = null;
		fact = null; // what is asked for meanwhile is newer
	}
	end.wasGood = end.began && Date.now() - beganAt > GOOD_STREAM_MS;
	return end;
}

/* Where the token is refused nothing is asked any more: the browser would ask its user each time. */
function awaitToken() {
	setTrouble(NO_TOKEN);
	return new Promise(() => {});
}

/* Returns how long to wait; answers, or their absence, are told. */
async function poll() {
	await refreshing;
	refreshing = runRefresh();
	const { status, isShown, retryAfter } = await refreshing;

	if (status === 401) await awaitToken();
	if (isShown) {
		backoff.reset();
		return 0;
	}
	setTrouble(status ? `driftd answers with an error (${status}). Trying again.` : GONE);
	wasLost = true;
	return Math.max(retryAfterMs(retryAfter), backoff.next());
}

async function standIn(ms) {
	const until = Date.now() + ms;
	do {
		const waitMs = await poll();
		await pause(waitMs || POLL_MS * (0.75 + Math.random() / 2));
	} while (Date.now() < until && !document.hidden);
}

/**
 * Of all windows of a browser a few follow the events, the others ask: over HTTP/1.1 it has six
 * connections to a host, and pages must load, too. Only where the browser lets windows agree on it.
 *
 * @return {Promise<object|null>} as followEvents(); null: others have all the places
 */
async function followInTurn() {
	const [navigation] = performance.getEntriesByType("navigation");
	// of a page that had not changed the protocol is not known
	if (!navigator.locks || /^h[23]/.test(navigation?.nextHopProtocol)) return followEvents();
	for (let place = 0; place < STREAMS_MAX; place++) {
		const end = await navigator.locks.request(`driftd events ${place}`, { ifAvailable: true },
			(lock) => lock && followEvents());
		if (end) return end;
	}
	return null;
}

async function followShown() {
	const end = await followInTurn();

	if (!end) return standIn(STAND_IN_MS);
	if (end.wasGood) backoff.reset();
	if (document.hidden) return;
	if (end.status === 401) return awaitToken();
	if (end.status && !end.began) return standIn(Math.max(STAND_IN_MS, retryAfterMs(end.retryAfter)));
	if (!end.began) setTrouble(GONE);
	wasLost = true;
	await pause(backoff.next());
}

async function followHidden() {
	await pause(POLL_HIDDEN_MS * (0.75 + Math.random() / 2));
	if (document.hidden) await pause(await poll());
}

async function follow() {
	const [navigation] = performance.getEntriesByType("navigation");
	if (navigation?.responseStatus === 401) await awaitToken();
	for (;;) await (document.hidden ? followHidden() : followShown());
}

/* What nobody tells: that a check did not come, a verdict ended, a machine slept. */
function tick() {
	const { nextAt, validUntil } = document.body.dataset;
	const isDue = [nextAt, validUntil].some((at) => now() - instant(at) > DUE_PAUSE_MS);
	const isOther = fact !== null && fact !== document.body.dataset.fact && Date.now() > retryAt;
	const slept = Date.now() - tickedAt > SLEEP_MS;

	tickedAt = Date.now();
	if (fact !== null) setBehind(fact !== document.body.dataset.fact);
	if (document.hidden || !stream) return;
	if (slept) turn();
	else if (isOther || (isDue && Date.now() - startedAt > DUE_PAUSE_MS)) wantRefresh();
}

/* Shown, hidden, or after sleep: begin anew. */
function turn() {
	tickedAt = Date.now();
	stream?.abort();
	wasSilent = false;
	wasLost = true;
	if (!document.hidden) giveGrace();
	wake();
}

export function startLive() {
	document.addEventListener("visibilitychange", turn);
	addEventListener("online", () => wake());
	addEventListener("pageshow", (event) => event.persisted && turn());
	addEventListener("pagehide", () => stream?.abort());
	setInterval(tick, 1000);
	follow();
}
