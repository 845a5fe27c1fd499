/* stream - reads a stream of server-sent events (WHATWG HTML 9.2.6). Not EventSource: that hides
 * comments, by which alone a quiet driftd shows that its scheduler runs, and the status of a refusal.
 * Pure. */

/** Longest event that is read: more is not of driftd. */
const LINES_MAX_CHARS = 1 << 20;

/**
 * @param {(type: string, data: string) => void} onEvent
 * @return {(text: string) => void} takes the stream's text as it comes; throws on too long ones
 */
export function createParser(onEvent) {
	let rest = "";
	let type = "";
	let data = [];

	const dispatch = () => {
		if (data.length) onEvent(type || "message", data.join("\n"));
		type = "";
		data = [];
	};
	const takeLine = (line) => {
		if (line === "") return dispatch();
		const [, name, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
		if (name === "event") type = value ?? "";
		else if (name === "data") data.push(value ?? "");
	};
	return (text) => {
		// a CR at the end may be half of a CRLF: wait for the other half
		const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
		rest = lines.pop();
		lines.forEach(takeLine);
		if (rest.length + data.join("").length > LINES_MAX_CHARS)
			throw new RangeError("an event of driftd has no end");
	};
}

/**
 * How long to wait before asking again: longer each time, never all pages at once.
 *
 * @param {{first: number, most: number, random?: () => number}} limits milliseconds
 */
export function createBackoff({ first, most, random = Math.random }) {
	let tries = 0;
	return {
		/** The next pause: between half and one and a half of 1, 2, 4 … times `first`. */
		next() {
			const base = Math.min(first * 2 ** tries, most);
			tries += 1;
			return Math.round(base * (0.5 + random()));
		},
		reset() {
			tries = 0;
		},
	};
}

/** Milliseconds that a Retry-After asks for, at most five minutes; 0: does not say. */
export function retryAfterMs(value) {
	return /^\d{1,9}$/.test(value ?? "") ? Math.min(Number(value), 300) * 1000 : 0;
}
