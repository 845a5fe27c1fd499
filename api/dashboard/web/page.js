/* page - fetches a page and puts it in the place of the one that is shown. */
import { isEdited, morph } from "./morph.js";
import { announce } from "./send.js";
import { takeTitle } from "./stale.js";
import { learn } from "./times.js";

const REGIONS = ["#top", "#banners", "nav", "#main"];

/** No page takes longer; a server that hangs is as good as gone. */
const TIMEOUT_MS = 20_000;

/** A page of another build loads other files: it is loaded whole, but not over and over. */
const RELOAD_PAUSE_MS = 60_000;

let newest = 0;

/**
 * XMLHttpRequest gives a document: nothing of it runs, and no text is made markup by us, so that a
 * policy of trusted types can forbid that altogether.
 *
 * @return {Promise<{status: number, page: Document|null, retryAfter: string|null}>} status 0: no answer
 */
function fetchPage(url) {
	return new Promise((resolve) => {
		const request = new XMLHttpRequest();
		request.open("GET", url);
		request.responseType = "document";
		request.timeout = TIMEOUT_MS;
		request.setRequestHeader("Accept", "text/html");
		request.onloadend = () => {
			if (request.status) learn(request.getResponseHeader("Date"));
			resolve({
				status: request.status,
				page: request.status ? request.response : null,
				retryAfter: request.status ? request.getResponseHeader("Retry-After") : null,
			});
		};
		request.send();
	});
}

const buildOf = (page) => page.querySelector('script[type="module"]')?.getAttribute("src");

const hasEdits = () =>
	[...document.querySelectorAll("#main input, #main textarea, #main select")].some(isEdited);

/* Another build of driftd answers: its pages fit its own scripts and styles only. */
function reloadForBuild(page) {
	if (!buildOf(page) || buildOf(page) === buildOf(document)) return false;
	const last = Number(sessionStorage.getItem("reloaded")) || 0;
	if (hasEdits() || Date.now() - last < RELOAD_PAUSE_MS) return false;
	sessionStorage.setItem("reloaded", Date.now());
	location.reload();
	return true;
}

/* How all is, and on its page how the target is: who does not see the page is told when that changes. */
const spokenState = (page) =>
	[".headline-text", ".target-head h1"]
		.map((name) => page.querySelector(name)?.textContent.trim())
		.filter(Boolean)
		.join("; ");

function show(page) {
	const pairs = REGIONS.map((name) => [document.querySelector(name), page.querySelector(name)])
		.filter(([from, to]) => from && to);

	if (reloadForBuild(page)) return;
	if (spokenState(page) !== spokenState(document)) announce(spokenState(page));
	morph(pairs, document.querySelector("#main"));
	for (const name of Object.keys(document.body.dataset))
		if (!(name in page.body.dataset)) delete document.body.dataset[name];
	Object.assign(document.body.dataset, page.body.dataset);
	takeTitle(page);
	document.dispatchEvent(new CustomEvent("driftd:page"));
}

/**
 * Show what the address of this page answers now. An error of driftd replaces nothing: what is shown
 * stays, and the caller says how old it is.
 *
 * @return {Promise<{status: number, isShown: boolean, retryAfter?: string|null}>}
 */
export async function refresh() {
	const turn = ++newest;
	const url = location.pathname + location.search;
	const { status, page, retryAfter } = await fetchPage(url);
	const isPage = Boolean(page?.querySelector("#main")) && (status === 200 || status === 404);
	const isNewest = turn === newest && url === location.pathname + location.search;

	if (isPage && isNewest) show(page);
	return { status, isShown: isPage, retryAfter };
}
