/* assets - what the pages load: small, immutable, named by its hash, compressed when asked, and under a policy
 * that allows nothing else. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { expectNoFaults, launch, openPage } from "../harness/browser.mjs";
import { openZoo, pagesOf } from "../harness/zoo.mjs";

const LIMIT_BYTES = 100 * 1024;
const WEB = fileURLToPath(new URL("../../../api/dashboard/web/", import.meta.url));

test("assets", async (suite) => {
	const world = await openZoo(suite);
	const browser = await launch(suite);
	const { origin } = world;
	const html = (path, headers) => world.call(path, { headers: { accept: "text/html", ...headers } });
	const [folder] = /\/assets\/[0-9a-f]+\//.exec((await html("/")).body);
	const files = readdirSync(WEB).filter((name) => /\.(css|js|svg)$/.test(name));
	const gzip = (name) => world.call(`${folder}${name}`, { headers: { "accept-encoding": "gzip" } });

	await suite.test("are together below 100 KB compressed", async () => {
		assert.ok(files.length > 10);
		let total = 0;
		for (const name of files) {
			const { status, headers, bytes } = await gzip(name);
			assert.equal(status, 200, name);
			if (headers["content-encoding"] === "gzip") assert.ok(gunzipSync(bytes).length > bytes.length, name);
			total += bytes.length;
		}
		assert.ok(total < LIMIT_BYTES, `${total} bytes`);
	});

	await suite.test("are the same plain and compressed, and never change under their name", async () => {
		for (const name of files) {
			const plain = await world.call(`${folder}${name}`);
			const packed = await gzip(name);
			const unpacked = packed.headers["content-encoding"] === "gzip" ? gunzipSync(packed.bytes) : packed.bytes;
			assert.deepEqual(unpacked, plain.bytes, name);
			for (const { headers } of [plain, packed]) {
				assert.equal(headers["cache-control"], "public, max-age=31536000, immutable", name);
				assert.match(headers.vary, /accept-encoding/i);
				assert.equal(headers["x-content-type-options"], "nosniff");
			}
		}
	});

	await suite.test("are found under the hash of this build only", async () => {
		assert.match(folder, /^\/assets\/[0-9a-f]{8,64}\/$/);
		const other = folder.replace(/[0-9a-f](?=\/$)/, (digit) => (digit === "0" ? "1" : "0"));
		assert.equal((await world.call(`${other}dashboard.css`)).status, 404);
		assert.equal((await world.call(`${folder}nothing.css`)).status, 404);
		assert.equal((await world.call(`${folder}../dashboard.css`)).status, 404);
	});

	await suite.test("need no credential, and pages are asked for anew each time", async () => {
		assert.equal((await world.call(`${folder}theme.js`, { headers: { authorization: "Bearer no" } })).status, 200);
		const { headers } = await html("/");
		assert.equal(headers["cache-control"], "no-cache");
		assert.equal((await html("/", { "if-none-match": headers.etag })).status, 304);
	});

	await suite.test("are all that a page loads, each once", async (t) => {
		for (const { path, status, name } of pagesOf(world)) {
			const page = await openPage(t, browser, { origin });
			const asked = [];
			page.on("request", (request) => asked.push(new URL(request.url()).pathname));
			await page.goto(path);
			const assets = asked.filter((one) => one.startsWith("/assets/"));
			assert.equal(new Set(assets).size, assets.length, name);
			for (const one of assets) assert.ok(one.startsWith(folder) && files.includes(one.slice(folder.length)), one);
			for (const one of asked.filter((other) => !other.startsWith("/assets/")))
				assert.ok([path.split("?")[0], "/events", "/openapi.json"].includes(one), `${name}: ${one}`);
			if (status === 200) expectNoFaults(page);
			await page.context().close();
		}
	});

	await suite.test("a strict policy is on every page, and nothing inline is in any", async () => {
		for (const { path, name } of pagesOf(world)) {
			const { headers, body } = await html(path);
			const policy = new Map(
				headers["content-security-policy"].split(";").map((part) => {
					const [directive, ...sources] = part.trim().split(" ");
					return [directive, sources.join(" ")];
				}),
			);
			assert.equal(policy.get("default-src"), "'none'", name);
			for (const directive of ["base-uri", "frame-ancestors"]) assert.equal(policy.get(directive), "'none'");
			assert.equal(policy.get("form-action"), "'self'");
			for (const [directive, sources] of policy) assert.doesNotMatch(sources, /unsafe|\*|https?:|data:/, directive);
			assert.doesNotMatch(body, /<[^>]+\s(style|on\w+)=/i, name);
			assert.doesNotMatch(body, /<script(?![^>]* src=)/i, name);
			for (const [, style] of body.matchAll(/<style>(.*?)<\/style>/gs))
				assert.equal(policy.get("style-src"), `'sha256-${createHash("sha256").update(style).digest("base64")}'`, name);
			assert.equal(headers["x-frame-options"], "DENY");
			assert.match(headers["referrer-policy"], /^(same-origin|no-referrer)$/);
		}
	});
});
