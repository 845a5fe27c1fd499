/* read - what a person reads off a page of the dashboard, as data. */

/** Text as it is shown: white space as one blank. */
export const squeeze = (text) => text.replace(/\s+/g, " ").trim();

/** Words, icon and colour of what says a state. Runs in the page. */
function readState(element) {
	return {
		word: element.textContent.trim(),
		icon: element.querySelector("use").getAttribute("href"),
		className: element.className,
		colour: getComputedStyle(element).color,
		isSeen: element.checkVisibility() && element.querySelector("svg").getBoundingClientRect().width > 5,
	};
}

/** States that a locator finds, with their colours. */
export function readStates(locator) {
	return locator.evaluateAll((elements, read) => elements.map(eval(`(${read})`)), readState.toString());
}

/** Rows of the table of targets: id, state, text of each part. */
export function readRows(page) {
	return page.locator("#targets tbody tr.row").evaluateAll((rows) => {
		const text = (row, selector) => row.querySelector(selector)?.textContent.replace(/\s+/g, " ").trim() ?? "";
		return rows.map((row) => ({
			id: decodeURIComponent(new URL(row.querySelector("a.target").href).pathname.slice("/drift/".length)),
			state: text(row, ".state"),
			priority: text(row, ".priority"),
			name: text(row, "a.target"),
			about: text(row, ".about"),
			commits: text(row, ".c-commits"),
			summary: text(row, ".summary"),
			traffic: text(row, ".traffic"),
			mark: text(row, ".mark"),
			markIcon: row.querySelector(".mark use")?.getAttribute("href"),
			fresh: row.querySelector(".freshness")?.getAttribute("aria-label") ?? "",
			since: row.querySelector(".c-since time")?.dateTime,
			strip: row.querySelector(".strip")?.getAttribute("aria-label") ?? "",
			all: row.textContent.replace(/\s+/g, " "),
		}));
	});
}

/** The table with that caption: rows as objects, by the titles of its columns. */
export function readTable(page, caption) {
	return page
		.locator("table")
		.filter({ has: page.locator("caption", { hasText: caption }) })
		.first()
		.evaluate((table) => {
			const text = (cell) => cell.textContent.replace(/\s+/g, " ").trim();
			const titles = [...table.tHead.rows[0].cells].map(text);
			return [...table.tBodies]
				.flatMap((body) => [...body.rows])
				.map((row) => Object.fromEntries([...row.cells].map((cell, i) => [titles[i], text(cell)])));
		});
}

/** Terms of definition lists within a locator, and what they say. */
export function readFacts(locator) {
	return locator.locator("dl.facts > div").evaluateAll((facts) =>
		Object.fromEntries(
			facts.map((fact) => [
				fact.querySelector("dt").textContent,
				fact.querySelector("dd").textContent.replace(/\s+/g, " ").trim(),
			]),
		),
	);
}

/** A card of a page, by its heading. */
export function card(page, heading) {
	return page.locator("section.card").filter({ has: page.locator("h2", { hasText: new RegExp(`^${heading}`) }) });
}

/** "5 min ago" of an instant, loosely: what a page may have said a moment ago. */
export function isAge(text, instant) {
	const [, number, unit] = /(\d+) (s|min|h|d)\b/.exec(text.replace(/\bnow\b/, "0 s")) ?? [];
	const unitMs = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
	const age = Math.abs(Date.now() - Date.parse(instant));
	return Math.abs(age - Number(number) * unitMs) <= unitMs + 15_000;
}
