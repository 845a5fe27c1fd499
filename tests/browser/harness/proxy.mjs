/* proxy - stands between a page and driftd, as what stands there in real life does: refuses events,
 * holds them back, breaks them off, closes the door. Keeps a record of what was asked. */
import { once } from "node:events";
import { createServer, request } from "node:http";

export class Proxy {
	/** "pass", "refuse" (503), "buffer" (the answer's head, then nothing) or "down" (connections are closed) */
	mode = "pass";
	/** Only what is below this path is not passed; "" is everything. */
	scope = "/events";
	/** [pattern, text]: replaced in pages, and undone in what is asked for. As another build would have it. */
	disguise = undefined;
	/** Of all requests: {at, method, path, mode}. at: Date.now() */
	requests = [];
	#streams = new Set();
	#sockets = new Set();

	/** One before driftd that ends with the test. @param {{after: Function}} context */
	static async for(context, upstream) {
		const proxy = new Proxy();
		proxy.upstream = new URL(upstream);
		proxy.server = createServer((asked, answer) => proxy.#take(asked, answer));
		proxy.server.on("connection", (socket) => {
			proxy.#sockets.add(socket);
			socket.on("close", () => proxy.#sockets.delete(socket));
		});
		proxy.server.listen(0, "127.0.0.1");
		await once(proxy.server, "listening");
		proxy.origin = `http://127.0.0.1:${proxy.server.address().port}`;
		context.after(() => proxy.close());
		return proxy;
	}

	close() {
		for (const socket of this.#sockets) socket.destroy();
		this.server.close();
	}

	/** Pages that follow the events now. */
	get streams() {
		return this.#streams.size;
	}

	/** Break off all streams of events. */
	cut() {
		for (const answer of this.#streams) answer.destroy();
	}

	/** As if driftd sent this to all who follow the events. */
	tell(event, data) {
		for (const answer of this.#streams) answer.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
	}

	/** Requests of a path since an instant. */
	asked(path, since = 0) {
		return this.requests.filter((one) => one.path === path && one.at >= since);
	}

	#take(asked, answer) {
		const path = asked.url.split("?")[0];
		const mode = path.startsWith(this.scope) ? this.mode : "pass";
		this.requests.push({ at: Date.now(), method: asked.method, path, mode });
		answer.on("error", () => {}); /* who asked has gone */
		if (mode === "down") asked.socket.destroy();
		else if (mode === "refuse") answer.writeHead(503, { "content-type": "text/plain" }).end("no events here\n");
		else if (mode === "buffer") answer.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
		else this.#pass(asked, answer);
	}

	#pass(asked, answer) {
		const [shown, real] = this.disguise ?? [];
		const { host } = this.upstream;
		const headers = { ...asked.headers, host };
		if (headers.origin) headers.origin = this.upstream.origin;
		if (shown) headers["accept-encoding"] = "identity";
		const sent = request(
			new URL(shown ? asked.url.replace(real, shown) : asked.url, this.upstream),
			{ method: asked.method, headers, agent: false },
			(got) => {
				if (got.headers["content-type"]?.startsWith("text/event-stream")) this.#follow(got, answer);
				else if (shown && got.headers["content-type"]?.startsWith("text/html"))
					disguisePage(got, answer, this.disguise);
				else got.pipe(answer.writeHead(got.statusCode, got.rawHeaders));
				got.on("error", () => answer.destroy());
			},
		);
		sent.on("error", () => answer.destroy());
		answer.on("close", () => sent.destroy());
		asked.pipe(sent);
	}

	#follow(got, answer) {
		this.#streams.add(answer);
		answer.on("close", () => this.#streams.delete(answer));
		answer.writeHead(got.statusCode, got.rawHeaders);
		got.pipe(answer);
	}
}

function disguisePage(got, answer, [shown, text]) {
	const parts = [];
	got.on("data", (part) => parts.push(part));
	got.on("end", () => {
		const { "content-length": _length, etag: _etag, ...headers } = got.headers;
		answer.writeHead(got.statusCode, headers);
		answer.end(Buffer.concat(parts).toString("utf8").replaceAll(shown, text));
	});
}
