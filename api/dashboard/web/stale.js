/* stale - says so, over the whole width and in the tab, when what is shown is old. */
import { clockText, instant, now } from "./times.js";

/** driftd sends something every 15 s: two missed, and some. A hidden tab asks once a minute. */
const SILENCE_MS = 40_000;
const SILENCE_HIDDEN_MS = 180_000;
/** What has changed must be shown by then: a page that driftd refuses, or cannot make, is old. */
const BEHIND_MS = 40_000;
/** A page that was hidden gets this long to hear anew before it counts as old. */
const GRACE_MS = 10_000;

/** A check that is due may wait for another, and takes its time. */
const OVERDUE_MIN_MS = 60_000;

/**
 * Why the page is old, or null.
 *
 * @param {{now: number, heardAt: number, behindAt: number, limitMs: number, generatedAt: number,
 *          nextAt: number, validUntil: number, intervalMs: number, isChecking: boolean}} facts NaN: not known
 */
export function findStaleness(facts) {
	const asOf = Number.isNaN(facts.generatedAt) ? "" : ` What you see is as of ${clockText(facts.generatedAt)}.`;
	const lateMs = Math.max(OVERDUE_MIN_MS, facts.intervalMs || 0);

	if (facts.now - facts.heardAt > facts.limitMs)
		return `OLD DATA: no word from driftd since ${clockText(facts.heardAt)}.${asOf}`;
	if (facts.now - facts.behindAt > BEHIND_MS)
		return `OLD DATA: things have changed since ${clockText(facts.behindAt)}, and this page cannot be had anew.${asOf}`;
	if (!facts.isChecking && facts.now - facts.nextAt > lateMs)
		return `OLD DATA: the check that was due at ${clockText(facts.nextAt)} has not come.${asOf}`;
	if (facts.now - facts.validUntil > OVERDUE_MIN_MS)
		return `OLD DATA: these verdicts held until ${clockText(facts.validUntil)}.${asOf}`;
	return null;
}

let title = ""; // of the newest page, and its icon
let icon = "";
let heardAt = Date.now(); // by this machine's clock, which goes on when what is known of driftd's changes
let behindAt = NaN; // since when it is known that the page is not of the newest facts
let trouble = null; // what is wrong, while the data is not old yet
let isChecking = false;

/** Something came from driftd's scheduler, or a page. */
export function heard() {
	heardAt = Date.now();
	setTrouble(null);
}

/** A tab that is shown again, or a machine that slept, has a moment to ask. */
export function giveGrace() {
	setBehind(false);
	heardAt = Math.max(heardAt, Date.now() - SILENCE_MS + GRACE_MS);
	update();
}

/** Are the facts, as driftd tells them, others than those of the page? */
export function setBehind(isBehind) {
	if (!isBehind) behindAt = NaN;
	else if (Number.isNaN(behindAt)) behindAt = Date.now();
}

/** Say what is wrong: a text, or null. */
export function setTrouble(text) {
	if (trouble === text) return;
	trouble = text;
	update();
}

export function setChecking(checking) {
	isChecking = checking;
}

const facts = () => ({
	now: now(),
	heardAt: heardAt + now() - Date.now(),
	behindAt: behindAt + now() - Date.now(),
	limitMs: document.hidden ? SILENCE_HIDDEN_MS : SILENCE_MS,
	generatedAt: instant(document.body.dataset.generatedAt),
	nextAt: instant(document.body.dataset.nextAt),
	validUntil: instant(document.body.dataset.validUntil),
	intervalMs: Number(document.body.dataset.checkIntervalS) * 1000,
	isChecking,
});

/* The tab's title and icon carry the state, and whether it is old. */
function showTitle(isOld) {
	const link = document.querySelector("#favicon");
	const wantedIcon = isOld ? icon.replace(/icon-[a-z]+\.svg$/, "icon-stale.svg") : icon;
	const wanted = isOld ? `STALE · ${title}` : title;

	if (document.title !== wanted) document.title = wanted;
	if (link && link.getAttribute("href") !== wantedIcon) link.setAttribute("href", wantedIcon);
}

/** As the newest page has them. */
export function takeTitle(page) {
	setBehind(false);
	title = page.title;
	icon = page.querySelector("#favicon")?.getAttribute("href") ?? icon;
}

function update() {
	const banner = document.querySelector("#stale");
	const old = findStaleness(facts());
	const text = [old, trouble].filter(Boolean).join(" ");

	document.body.classList.toggle("is-stale", Boolean(old));
	showTitle(Boolean(old));
	if (!banner) return;
	if (banner.textContent !== text) banner.textContent = text;
	banner.hidden = !text;
}

export function startStale() {
	takeTitle(document);
	setInterval(update, 1000);
	document.addEventListener("driftd:page", update);
	update();
}
