/* forms - sends <form data-json="POST /incidents/12/ack"> as JSON, and says what driftd has against it. */
import { wantRefresh } from "./live.js";
import { announce, send } from "./send.js";
import { now } from "./times.js";

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "90m" as milliseconds; NaN: is none. */
export function durationMs(text) {
	const [, number, unit] = /^(\d{1,9})([smhd])$/.exec(text.trim()) ?? [];
	return Number(number) * UNITS[unit];
}

const instantText = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/* [name, value] of a field; undefined: it is not sent. */
function entryOf(field, at) {
	const { name, value, type, checked, dataset } = field;

	if (dataset.type === "flag") return [name, type === "checkbox" ? checked : value === "true"];
	if ((type === "checkbox" || type === "radio") && !checked) return undefined;
	if (value.trim() === "") return undefined;
	if (dataset.duration !== undefined) return ["until", instantText(at + durationMs(value))];
	// what a browser's field for a moment gives has no zone: it is meant where the browser is
	if (type === "datetime-local") return [name, instantText(Date.parse(value))];
	return [name, value.trim()];
}

/** The JSON of a form's fields, at the instant `at`. Throws RangeError for a moment that is none. */
export function formBody(fields, at) {
	return Object.fromEntries(
		[...fields]
			.filter((field) => field.name && !field.disabled && typeof field.value === "string" &&
				field.type !== "submit" && field.type !== "button")
			.map((field) => entryOf(field, at))
			.filter(Boolean));
}

/** ["POST", "/incidents/12/ack"]; null: is no such thing. Never another host. */
export function targetOf(text) {
	const [, method, path] = /^(POST|DELETE) (\/(?![/\\])\S*)$/.exec(text ?? "") ?? [];
	return method ? [method, path] : null;
}

function sayError(form, text) {
	const place = form.querySelector("[role=alert]");

	if (place) {
		place.textContent = text;
		place.hidden = !text;
		place.toggleAttribute("data-keep", Boolean(text)); // what happens meanwhile does not wipe it out
	} else if (text) {
		announce(text);
	}
}

/* Its button is not disabled: that would take the focus away. */
const setBusy = (form, isBusy) => form.setAttribute("aria-busy", String(isBusy));

const rememberWho = (body) => {
	if (!body?.who) return;
	try {
		localStorage.setItem("who", body.who);
	} catch {
		// then it is typed again
	}
};

/* Whoever acts says who: once for all forms of this browser. */
function fillWho() {
	let who = null;
	try {
		who = localStorage.getItem("who");
	} catch {
		return;
	}
	if (!who) return;
	for (const field of document.querySelectorAll("form[data-json] input[name=who]"))
		if (!field.value && field !== document.activeElement) field.defaultValue = who;
}

async function submit(form, [method, path]) {
	sayError(form, "");
	setBusy(form, true);
	try {
		const body = method === "DELETE" ? undefined : formBody(form.elements, now());
		await send(method, path, body);
		rememberWho(body);
		form.reset();
		announce("done");
		wantRefresh();
	} catch (error) {
		sayError(form, error instanceof RangeError ? "That is no time." : error.message);
	}
	setBusy(form, false);
}

export function startForms() {
	document.addEventListener("submit", (event) => {
		const target = targetOf(event.target.dataset.json);
		if (!target) return;
		event.preventDefault();
		if (event.target.getAttribute("aria-busy") !== "true") submit(event.target, target);
	});
	document.addEventListener("driftd:page", fillWho);
	fillWho();
}
