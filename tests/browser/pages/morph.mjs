/* morph - one tree is made like another: always equal to it at the end, but for what somebody does in
 * it, and by the fewest changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { launch, openPage } from "../harness/browser.mjs";
import { serveWebFiles } from "../harness/webfiles.mjs";

const row = (name, text = name) => `<tr><td>${text}</td><td><a href="/${name}">x</a></td></tr>`;
const table = (...names) => `<table><tbody>${names.map((name) => row(name)).join("")}</tbody></table>`;

/** [what, from, to]: the result equals `to`. */
const PAIRS = [
	["text", "<p>a</p>", "<p>b</p>"],
	["nothing to something", "", "<p>b</p><p>c</p>"],
	["something to nothing", "<p>b</p>text<p>c</p>", ""],
	["attributes come, go and change", '<p class="a" title="b">x</p>', '<p class="c" lang="de">x</p>'],
	["another element", "<p>a</p>", "<h2>a</h2>"],
	["rows in another order", table("a", "b", "c", "d"), table("d", "b", "a", "c")],
	["rows come and go", table("a", "b", "c", "d"), table("x", "b", "y", "d", "z")],
	["all rows are others", table("a", "b"), table("c", "d", "e")],
	["the same row twice", table("a", "a", "b"), table("b", "a", "a")],
	["text between elements", "a<b>b</b>c", "<b>b</b>d<i>e</i>f"],
	["comments", "<!--a--><p>b</p>", "<p>b</p><!--c-->"],
	["ids that move to another parent", '<div><p id="p">a</p></div><div></div>', '<div></div><div><p id="p">b</p></div>'],
	["an id on another element", '<p id="p">a</p>', '<h2 id="p">a</h2>'],
	["svg", '<svg viewBox="0 0 1 1"><rect x="1" width="2"/></svg>', '<svg viewBox="0 0 2 2"><rect x="3"/><use href="#i"/></svg>'],
	["a field nobody touched", '<input name="a" value="1">', '<input name="a" value="2">'],
	["options", "<select><option>a<option selected>b</select>", "<select><option selected>a<option>b<option>c</select>"],
	["a form for something else", '<form data-json="POST /a"><p>a</p></form><form data-json="POST /b"><p>b</p></form>', '<form data-json="POST /b"><p>c</p></form>'],
	["names of Object's own", '<p id="constructor">a</p><p id="__proto__">b</p>', '<p id="__proto__">b</p><p id="toString">c</p>'],
];

test("morph", async (suite) => {
	const origin = await serveWebFiles(suite);
	const page = await openPage(suite, await launch(suite), { origin });
	await page.goto("/");
	/* globalThis.run(from, to, act): act(root) in between; what is there then */
	await page.evaluate(async () => {
		const { morph } = await import("/morph.js");
		globalThis.run = (from, to, act = () => {}, look = () => {}) => {
			document.body.innerHTML = `<main id="root" tabindex="-1">${from}</main>`;
			const other = new DOMParser().parseFromString(`<main id="root" tabindex="-1">${to}</main>`, "text/html");
			const root = document.querySelector("#root");
			act(root);
			let changes = 0;
			const observer = new MutationObserver(() => {});
			observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
			morph([[root, other.querySelector("#root")]], root);
			changes = observer.takeRecords().length;
			observer.disconnect();
			return { isEqual: root.isEqualNode(other.querySelector("#root")), html: root.innerHTML, changes, seen: look(root) };
		};
	});

	for (const [what, from, to] of PAIRS)
		await suite.test(what, async () => {
			for (const [a, b] of [
				[from, to],
				[to, from],
			]) {
				const { isEqual, html } = await page.evaluate(([x, y]) => globalThis.run(x, y), [a, b]);
				assert.equal(isEqual, true, `${a} to ${b}: ${html}`);
			}
			const { changes } = await page.evaluate((same) => globalThis.run(same, same), to);
			assert.equal(changes, 0, "what is equal is not touched");
		});

	await suite.test("any rows to any others, in any order", async () => {
		const wrong = await page.evaluate(() => {
			let seed = 20261120;
			const random = (n) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n;
			const make = () => {
				const names = Array.from({ length: random(12) }, () => random(15));
				return names
					.map((name) => (random(4) ? `<li><a href="/${name}">${random(3)}</a></li>` : `<p>${name}</p>`))
					.join(random(2) ? "\n" : "");
			};
			for (let i = 0; i < 500; i++) {
				const [from, to] = [make(), make()];
				const { isEqual, html } = globalThis.run(from, to);
				if (!isEqual) return { from, to, html };
			}
			return null;
		});
		assert.equal(wrong, null);
	});

	await suite.test("one row that moves is one row that moves", async () => {
		const names = Array.from({ length: 100 }, (_, i) => `r${i}`);
		const moved = [names[70], ...names.filter((name) => name !== names[70])];
		const { isEqual, changes } = await page.evaluate(
			([from, to]) => globalThis.run(from, to),
			[table(...names), table(...moved)],
		);
		assert.equal(isEqual, true);
		assert.ok(changes <= 4, `${changes} changes`);
	});

	const kept = async (from, to, act, look) =>
		page.evaluate(
			([a, b, first, last]) =>
				globalThis.run(a, b, (0, eval)(`(${first})`), (0, eval)(`(${last})`)).seen,
			[from, to, String(act), String(look)],
		);

	await suite.test("typed text stays, of a field that is gone on the new page as well", async () => {
		const field = '<p>1</p><input id="a" value="x">';
		const act = (root) => (root.querySelector("input").value = "typed");
		const look = (root) => [root.querySelector("input")?.value, root.querySelector("p").textContent];
		assert.deepEqual(await kept(field, '<p>2</p><input id="a" value="y">', act, look), ["typed", "2"]);
		assert.deepEqual(await kept(field, "<p>2</p>", act, look), ["typed", "2"]);
		assert.deepEqual(await kept(field, "<p>2</p>", () => {}, look), [undefined, "2"]);
	});

	await suite.test("a form in which somebody types goes on doing what it did", async () => {
		const from = '<form data-json="POST /ack"><input name="why"></form><form data-json="POST /false"><button>f</button></form>';
		const act = (root) => (root.querySelector("input").value = "typed");
		const look = (root) => root.querySelector("input").form.dataset.json;
		assert.equal(await kept(from, '<form data-json="POST /false"><button>f</button></form>', act, look), "POST /ack");
	});

	await suite.test("what is ticked, chosen and open stays", async () => {
		const html = '<input type="checkbox"><select><option>a<option>b</select><details id="d"><summary>s</summary>1</details>';
		const act = (root) => {
			root.querySelector("input").checked = true;
			root.querySelector("select").value = "b";
			root.querySelector("details").open = true;
		};
		const look = (root) => [
			root.querySelector("input").checked,
			root.querySelector("select").value,
			root.querySelector("details").open,
			root.querySelector("details").lastChild.data,
		];
		assert.deepEqual(await kept(html, html.replace("1", "2"), act, look), [true, "b", true, "2"]);
	});

	await suite.test("the focus moves with its row, and where that goes it goes to the page", async () => {
		const act = (root) => root.querySelector('a[href="/b"]').focus();
		const look = () => document.activeElement.getAttribute("href") ?? document.activeElement.id;
		assert.equal(await kept(table("a", "b", "c"), table("c", "a", "b"), act, look), "/b");
		assert.equal(await kept(table("a", "b", "c"), table("a", "c"), act, look), "root");
	});

	await suite.test("a selection stays where it is, also when its text is another", async () => {
		const act = (root) => {
			const text = root.querySelector("p").firstChild;
			getSelection().setBaseAndExtent(text, 0, text, 4);
		};
		const look = () => String(getSelection());
		assert.equal(await kept("<p>some words</p><p>1</p>", "<p>other words</p><p>2</p>", act, look), "othe");
	});

	await suite.test("what scripts keep is theirs", async () => {
		const look = (root) => root.textContent;
		const act = (root) => (root.querySelector("div").textContent = "drawn");
		assert.equal(await kept("<div data-keep>a</div>", "<div data-keep>b</div>", act, look), "drawn");
	});

	await suite.test("nothing of the other page runs", async () => {
		const look = () => globalThis.ran ?? "no";
		const to = '<script>globalThis.ran = "yes"</script><p>a</p>';
		assert.equal(await kept("<p>a</p>", to, () => {}, look), "no");
	});
});
