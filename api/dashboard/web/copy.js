/* copy - <button data-copy="text">. */
import { announce } from "./send.js";

const SAID_MS = 2000;

/* Where the page did not come by TLS nor from this machine, browsers have no clipboard to write to. */
function copyBySelection(text) {
	const area = document.createElement("textarea");

	area.value = text;
	area.className = "visually-hidden";
	document.body.append(area);
	area.select();
	const done = document.execCommand("copy");
	area.remove();
	return done;
}

async function copyText(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copyBySelection(text);
	}
}

async function copy(button) {
	const label = button.querySelector("span") ?? button;
	const before = (label.dataset.label ??= label.textContent);
	const done = await copyText(button.dataset.copy);

	button.focus({ preventScroll: true });
	label.textContent = done ? "copied" : "select and copy by hand";
	announce(label.textContent);
	setTimeout(() => {
		label.textContent = before;
		delete label.dataset.label;
	}, SAID_MS);
}

export function startCopy() {
	document.addEventListener("click", (event) => {
		const button = event.target.closest("[data-copy]");
		if (button) copy(button);
	});
}
