/* harmless - what is true of every page, whatever outsiders wrote: nothing of theirs runs, is markup, asks for anything,
 * hides itself, turns its neighbours round or breaks the layout. */
import assert from "node:assert/strict";
import { expectNoFaults, expectNoSidewaysScrolling, openPage } from "./browser.mjs";
import { UNFIT } from "./corpus.mjs";

/** No text is higher than this many windows. */
const TEXT_MAX_WINDOWS = 2;

/** Elements that our pages are made of; whatever else is there came from outside. */
const ELEMENTS =
	"html head title meta link script noscript body a abbr article aside bdi br button caption circle clippath code col " +
	"colgroup dd defs details div dl dt em fieldset figcaption figure footer form g h1 h2 h3 h4 h5 header input kbd label legend " +
	"li line main nav ol optgroup option output p path pattern polygon desc polyline pre progress rect section select small span " +
	"strong sub summary sup svg symbol table tbody td text textarea tfoot th thead time title tr ul use tspan";

/** What is wrong with the page, in words. Runs in the page. */
function inspect({ elements, unfit, textMax }) {
	const known = new Set(elements.split(" "));
	const isUnfit = new RegExp(unfit, "u");
	const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
	const found = [];
	const isScrolled = (box, direction) => {
		for (let at = box; at; at = at.parentElement)
			if (/auto|scroll|hidden|clip/.test(getComputedStyle(at)[`overflow${direction}`])) return true;
		return false;
	};
	const say = (what, node) => found.push(`${what}: ${(node.outerHTML ?? node.textContent).slice(0, 200)}`);

	if (globalThis.canary !== undefined) found.push(`it ran: ${globalThis.canary}`);
	for (const element of document.querySelectorAll("*")) {
		const isOfAckPage = element.localName === "style" && element.parentElement === document.head && !element.attributes.length;
		if (!known.has(element.localName) && !isOfAckPage) say("an element that is none of ours", element);
		for (const { name, value } of element.attributes) {
			if (/^on|^style$|^srcdoc$|canary/i.test(name)) say(`attribute ${name}`, element);
			if (isUnfit.test(value) || (/[\n\t]/.test(value) && location.pathname !== "/docs")) say(`what does not show in ${name}`, element);
			if (!/^(href|src|action|formaction|xlink:href)$/.test(name)) continue;
			const isOurs = value.startsWith(`${location.origin}/assets/`) || /^(#|\?|\d+$|\/(?!\/))/.test(value) || value === "";
			const isLink = element.localName === "a" && /^https:\/\/git\.example\.com\/acme\//.test(value);
			if (!isOurs && !isLink) say(`${name} leads elsewhere`, element);
		}
		if (element.localName === "script" && !element.getAttribute("src")?.startsWith("/assets/"))
			say("a script of nobody's", element);
	}
	const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		if (node.nodeType === Node.COMMENT_NODE) say("a comment", node.parentElement);
		if (isUnfit.test(node.data)) say("what does not show", node.parentElement);
		const isApart = () =>
			node.parentElement.closest("bdi, option, textarea, title, text, code") ||
			getComputedStyle(node.parentElement).unicodeBidi.startsWith("isolate");
		if (rightToLeft.test(node.data) && !isApart()) say("turns its neighbours round", node.parentElement);
	}
	for (const box of document.querySelectorAll("bdi, code, pre, a, td, th, dd, p, button, label, summary, text")) {
		const { right } = box.getBoundingClientRect();
		const content = document.createRange();
		content.selectNodeContents(box);
		const { height } = content.getBoundingClientRect();
		const isOneText = !box.firstElementChild && !box.closest(".raw, .operations");
		if (isOneText && height > textMax * innerHeight && !isScrolled(box, "Y")) say(`${Math.round(height)} px high`, box);
		if (right > innerWidth + 1 && !isScrolled(box, "X")) say(`${Math.round(right)} px to the right`, box);
	}
	return found.slice(0, 20);
}

/** With it fails whatever happens to a page while it is open: console, requests, other pages. */
export async function openWatched(t, browser, options) {
	const page = await openPage(t, browser, options);
	page.on("dialog", (dialog) => page.faults.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
	page.context().on("page", (other) => page.faults.push(`another page: ${other.url()}`));
	page.on("framenavigated", (frame) => frame.parentFrame() && page.faults.push(`a frame: ${frame.url()}`));
	return page;
}

export async function expectHarmless(page, what) {
	assert.deepEqual(
		await page.evaluate(inspect, { elements: ELEMENTS, unfit: UNFIT.source, textMax: TEXT_MAX_WINDOWS }),
		[],
		what,
	);
	await expectNoSidewaysScrolling(page);
	expectNoFaults(page);
}
