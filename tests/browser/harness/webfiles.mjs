/* webfiles - the dashboard's own files on an empty page, for tests of single modules in a browser. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename } from "node:path";

const WEB = new URL("../../../api/dashboard/web/", import.meta.url);
const TYPES = { js: "text/javascript", css: "text/css", svg: "image/svg+xml" };

async function answer(asked, to) {
	const name = basename(asked.url);
	const type = TYPES[name.split(".").at(-1)];
	try {
		const body = type ? await readFile(new URL(name, WEB)) : "<!DOCTYPE html><title>empty</title><body>";
		to.writeHead(200, { "content-type": type ?? "text/html" }).end(body);
	} catch {
		to.writeHead(404).end();
	}
}

/** The origin of a server that ends with the test. @param {{after: Function}} context */
export async function serveWebFiles(context) {
	const server = createServer(answer);
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	context.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return `http://127.0.0.1:${server.address().port}`;
}
