/* times - the time as driftd has it (a wall screen's own clock may be wrong), and "5 min ago" kept right:
 * the server wrote the same words; the instant is on hover. */

/** Smaller differences are the network's and the header's whole seconds. */
const TOLERATED_MS = 2000;

let skew = 0;

/** Milliseconds since 1970 by driftd's clock, as far as known. */
export const now = () => Date.now() + skew;

/** Learn from the Date field of an answer that has just come. */
export function learn(date) {
	const difference = Date.parse(date ?? "") - Date.now();
	if (Number.isNaN(difference)) return;
	skew = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

/** The instant of an attribute; NaN: none. */
export const instant = (text) => Date.parse(text || "");

/** "14:03:09", where this browser is. */
export const clockText = (ms) => new Date(ms).toLocaleTimeString([], { hour12: false });

const UNITS = [
	[86_400_000, "d"],
	[3_600_000, "h"],
	[60_000, "min"],
	[1000, "s"],
];

/** "3 d", "2 h", "5 min", "12 s": the largest unit only, as text_age() of the server. */
export function ageText(ms) {
	const age = Math.max(0, ms);
	const [size, unit] = UNITS.find(([least]) => age >= least) ?? UNITS.at(-1);
	return `${Math.floor(age / size)} ${unit}`;
}

/** "5 min ago", "in 2 h", "now". */
export function relativeText(at, from) {
	if (Math.abs(at - from) < 1000) return "now";
	return at > from ? `in ${ageText(at - from)}` : `${ageText(from - at)} ago`;
}

/* Asked once, before anything is written: each answer lays the page out. */
function makeIsSelected() {
	const selection = getSelection();
	if (!selection || selection.isCollapsed) return () => false;
	return (node) => selection.containsNode(node, true);
}

export function updateTimes() {
	const from = now();
	const isSelected = makeIsSelected();
	for (const time of document.querySelectorAll("time[data-relative]")) {
		const at = instant(time.dateTime);
		const text = Number.isNaN(at) ? time.textContent : relativeText(at, from);
		if (text !== time.textContent && !isSelected(time)) time.textContent = text;
	}
}

export function startTimes() {
	setInterval(() => document.hidden || updateTimes(), 1000);
	document.addEventListener("visibilitychange", updateTimes);
	document.addEventListener("driftd:page", updateTimes);
	updateTimes();
}
