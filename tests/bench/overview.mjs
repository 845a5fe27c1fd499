/* overview - the overview in Chromium, against its peers. Usage: overview.mjs files DRIFTD-URL FOLDER writes
 * the files of the peers; overview.mjs look DRIFTD-URL PEERS-URL opens all in turn, each time as
 * somebody who has never been there, and tells medians. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { launch } from "../browser/harness/browser.mjs";
import { call } from "../browser/harness/http.mjs";

const ROUNDS = 7;

/** Rows like those of the overview, without anything else. */
const TABLE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>targets</title></head><body><table>
<thead><tr><th>State<th>Target<th>Verdict<th>Since</thead><tbody></tbody></table><script>
fetch("/drift.json").then((answer) => answer.json()).then(({ items }) => {
	const rows = items.map((item) => {
		const row = document.createElement("tr");
		for (const text of [item.state, item.id, item.summary, item.since]) row.append(Object.assign(document.createElement("td"), { textContent: text }));
		return row;
	});
	document.querySelector("tbody").append(...rows);
});
</script></body></html>
`;

/* --- files --- */

async function allTargets(origin) {
	const items = [];
	let cursor = "";
	do {
		const { json } = await call(
			`${origin}/drift?all=1&limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
		);
		items.push(...json.items);
		cursor = json.next_cursor;
	} while (cursor);
	return JSON.stringify({ items });
}

function write(folder, name, text) {
	const packed = gzipSync(text, { level: 1 }); /* as driftd does */
	writeFileSync(join(folder, name), text);
	writeFileSync(join(folder, `${name}.gz`), packed);
	return packed.length;
}

async function writeFiles(origin, folder) {
	const page = await call(`${origin}/`, { headers: { accept: "text/html" } });
	const json = await allTargets(origin);

	write(folder, "page.html", page.body);
	write(folder, "table.html", TABLE);
	console.log(`  the targets as JSON: ${json.length} bytes, gzip ${write(folder, "drift.json", json)}`);
}

/* --- looks --- */

/** When the first row of the table can be seen. Runs in the page, before anything of it. */
function watchFirstRow() {
	globalThis.firstRow = new Promise((resolve) => {
		const look = () => {
			const isThere = document.querySelector("tbody tr");
			requestAnimationFrame(isThere ? () => resolve(performance.now()) : look);
		};
		look();
	});
}

/** Runs in the page: ms since the visit began, and what came over the wire. */
async function readTimes() {
	const row = await globalThis.firstRow;
	const paint = await new Promise((resolve) => {
		new PerformanceObserver((list) => {
			const found = list.getEntriesByName("first-contentful-paint")[0];
			if (found) resolve(found.startTime);
		}).observe({ type: "paint", buffered: true });
	});
	const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
	return {
		row,
		paint,
		bytes: all.reduce((sum, { transferSize }) => sum + transferSize, 0),
		requests: all.length,
	};
}

async function visit(browser, url) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
	const page = await context.newPage();
	await page.addInitScript(watchFirstRow);
	await page.goto(url, { waitUntil: "load" });
	const times = await page.evaluate(readTimes);
	await context.close();
	return times;
}

function medians(all) {
	const median = (name) => all.map((one) => one[name]).sort((a, b) => a - b)[Math.floor(all.length / 2)];
	return Object.fromEntries(Object.keys(all[0]).map((name) => [name, median(name)]));
}

function tell(name, { paint, row, bytes, requests }, ours) {
	const ratio = ours ? `: ratio ${(ours.paint / paint).toFixed(2)} and ${(ours.row / row).toFixed(2)}` : "";
	console.log(
		`  ${name}: first contentful paint ${paint.toFixed(0)} ms, first row ${row.toFixed(0)} ms, ` +
			`${bytes} bytes in ${requests} requests${ratio}`,
	);
}

async function look(origin, peers) {
	const ends = [];
	const browser = await launch({ after: (end) => ends.push(end) });
	const urls = {
		driftd: `${origin}/`,
		"the page as a file": `${peers}/`,
		"JSON and a plain table": `${peers}/table.html`,
	};
	const seen = Object.fromEntries(Object.keys(urls).map((name) => [name, []]));

	try {
		await visit(browser, urls.driftd); /* warm: the browser itself */
		for (let round = 0; round < ROUNDS; round++)
			for (const [name, url] of Object.entries(urls)) seen[name].push(await visit(browser, url));
	} finally {
		for (const end of ends) await end();
	}
	const ours = medians(seen.driftd);
	console.log(`  in Chromium, medians of ${ROUNDS} first visits each, in turn:`);
	for (const [name, all] of Object.entries(seen))
		tell(name, medians(all), name === "driftd" ? undefined : ours);
}

const [verb, origin, other] = process.argv.slice(2);
await { files: writeFiles, look }[verb](origin, other);
