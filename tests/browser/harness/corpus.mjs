/* corpus - text as outsiders may send it: tests/hostile.json, which the tests in C read too. */
import { readFileSync } from "node:fs";

const { items } = JSON.parse(readFileSync(new URL("../../hostile.json", import.meta.url), "utf8"));

/** What no place may show as it is: it moves a cursor, turns the direction of writing or hides itself. */
export const UNFIT =
	/[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

/** What tells that it is there, once it is shown: its longest part without anything that is escaped or cut. */
function findMark(text) {
	const parts = text.slice(0, 120).match(/[\x21-\x7e\p{L}]+(?: [\x21-\x7e\p{L}]+)*/gu) ?? [""];
	return parts.reduce((best, part) => (part.length > best.length ? part : best)).slice(0, 12).trim();
}

/**
 * name; bytes as they are sent; text: the same where it must be text (what is no UTF-8 is replaced);
 * line: text that may stand in a configuration; null where nobody can write it there; mark: what is
 * seen of it when it is shown.
 */
export const corpus = items.map(({ name, text, times = 1, hex }, index) => {
	const bytes = hex ? Buffer.from(hex.replaceAll(" ", ""), "hex") : Buffer.from(text.repeat(times));
	const whole = bytes.toString("utf8");
	// eslint-disable-next-line no-control-regex -- it is about them
	const isLine = !hex && !/[\0-\x1f\x7f-\x9f\ufeff]/.test(whole) && !/\\ *$/.test(whole);
	return { index, name, bytes, text: whole, line: isLine ? whole.trim() : null, mark: findMark(whole) };
});
