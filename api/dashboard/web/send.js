/* send - asks driftd to do something, as JSON, and tells people what came of it. */

const TIMEOUT_MS = 30_000;

/** What a problem (RFC 9457) says, for people. */
export function problemText(status, problem) {
	if (status === 401) return "driftd wants its token for this: try again and give it.";
	return problem?.detail || problem?.title || `driftd answers with an error (${status}).`;
}

/**
 * @param {object} [body] none: nothing is sent
 * @return {Promise<{status: number, data: object|null}>}
 */
export async function send(method, path, body) {
	const headers = { Accept: "application/json" };
	let answer = null;

	if (body !== undefined) headers["Content-Type"] = "application/json";
	try {
		answer = await fetch(path, {
			method,
			headers,
			body: body === undefined ? undefined : JSON.stringify(body),
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
	} catch {
		throw new Error("driftd does not answer: nothing is known to have been done. Try again.");
	}
	const data = await answer.json().catch(() => null);
	if (!answer.ok) throw new Error(problemText(answer.status, data));
	return { status: answer.status, data };
}

let region = null;

/** Tell screen readers what others see. */
export function announce(text) {
	if (!region) {
		region = document.createElement("div");
		region.className = "visually-hidden";
		region.setAttribute("role", "status");
		document.body.append(region);
	}
	region.textContent = "";
	// the region must be seen empty before, or the same words twice are told once
	setTimeout(() => (region.textContent = text), 50);
}
