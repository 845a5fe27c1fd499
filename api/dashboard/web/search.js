/* search - shows what is found while it is typed; the address says what is shown. */
import { refresh } from "./page.js";

const PAUSE_MS = 200;

/**
 * The address of a GET form's fields: empty ones left out.
 *
 * @param {Iterable<[string, string]>} entries
 */
export function searchUrl(path, entries) {
	const query = new URLSearchParams([...entries].filter(([, value]) => String(value).trim() !== ""));
	const text = query.toString();
	return text ? `${path}?${text}` : path;
}

let timer = 0;

function search(form) {
	const url = searchUrl(new URL(form.action).pathname, new FormData(form));

	if (url === location.pathname + location.search) return;
	history.replaceState(null, "", url);
	refresh();
}

export function startSearch() {
	document.addEventListener("input", (event) => {
		if (!event.target.matches("[data-live-search]") || event.isComposing) return;
		clearTimeout(timer);
		timer = setTimeout(search, PAUSE_MS, event.target.form);
	});
	document.addEventListener("submit", (event) => {
		if (!event.target.querySelector("[data-live-search]") || event.defaultPrevented) return;
		event.preventDefault();
		clearTimeout(timer);
		search(event.target);
	});
}
