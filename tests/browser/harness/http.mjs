/* http - one request as it is written here: any Host, no header that was not asked for, no redirect
 * followed. */
import { request } from "node:http";
import { SOON_MS } from "./wait.mjs";

/**
 * @param {string} url
 * @param {{method?: string, headers?: object, body?: string | Buffer | object, timeoutMs?: number}} options
 *        body: an object is sent as JSON
 * @returns {Promise<{status: number, headers: object, type: string, body: string, bytes: Buffer, json: any}>}
 *          type: media type without parameters; json: undefined where the body is none
 */
export function call(url, { method = "GET", headers = {}, body, timeoutMs = SOON_MS } = {}) {
	const isObject = typeof body === "object" && !Buffer.isBuffer(body);
	const bytes = isObject ? JSON.stringify(body) : body;
	const all = { ...(isObject ? { "content-type": "application/json" } : {}), ...headers };
	if (bytes !== undefined) all["content-length"] = Buffer.byteLength(bytes);

	return new Promise((resolve, reject) => {
		const sent = request(url, { method, headers: all, agent: false, timeout: timeoutMs }, (answer) => {
			const parts = [];
			answer.on("data", (part) => parts.push(part));
			answer.on("end", () => resolve(read(answer, Buffer.concat(parts))));
			answer.on("error", reject);
		});
		sent.on("timeout", () => sent.destroy(new Error(`${method} ${url}: no answer within ${timeoutMs} ms`)));
		sent.on("error", reject);
		sent.end(bytes);
	});
}

function read(answer, bytes) {
	const type = (answer.headers["content-type"] ?? "").split(";")[0];
	const body = bytes.toString("utf8");
	return { status: answer.statusCode, headers: answer.headers, type, body, bytes, json: parse(type, body) };
}

function parse(type, body) {
	return /[/+]json$/.test(type) && body !== "" ? JSON.parse(body) : undefined;
}

/**
 * The first events of a stream of server-sent events (WHATWG HTML 9.2), until @p enough says so.
 * @param {(events: {event: string, id?: string, data: string}[], text: string) => boolean} enough
 * @returns {Promise<{status: number, headers: object, type: string, events: object[], text: string}>}
 */
export function readEvents(url, { headers = {}, enough, timeoutMs = SOON_MS }) {
	return new Promise((resolve, reject) => {
		const sent = request(
			url,
			{ headers: { accept: "text/event-stream", ...headers }, agent: false },
			(answer) => {
				const type = (answer.headers["content-type"] ?? "").split(";")[0];
				const result = { status: answer.statusCode, headers: answer.headers, type, events: [], text: "" };
				const finish = () => {
					clearTimeout(timer);
					sent.destroy();
					resolve(result);
				};
				answer.setEncoding("utf8");
				answer.on("data", (part) => {
					result.text += part;
					result.events = parseEvents(result.text);
					if (enough(result.events, result.text)) finish();
				});
				answer.on("end", finish);
				answer.on("error", () => {}); /* it is us who end it */
			},
		);
		const timer = setTimeout(() => {
			reject(new Error(`GET ${url}: not enough events within ${timeoutMs} ms`));
			sent.destroy();
		}, timeoutMs);
		sent.on("error", reject);
		sent.end();
	});
}

/** Whole events of a stream; comments and retry are left out. */
export function parseEvents(text) {
	return text
		.split("\n\n")
		.slice(0, -1)
		.map(parseEvent)
		.filter((event) => event.data !== undefined);
}

function parseEvent(block) {
	const event = { event: "message" };
	for (const line of block.split("\n")) {
		const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
		if (name === "data") event.data = event.data === undefined ? value : `${event.data}\n${value}`;
		else if (name === "event" || name === "id") event[name] = value;
	}
	return event;
}
