/* wait - until something holds: looks often, never sleeps for a fixed time. */
import { setTimeout as pause } from "node:timers/promises";

/** Longest wait for something that should happen soon; sanitizer builds are slow. */
export const SOON_MS = 20_000;

const LOOK_MS = 10;

/**
 * Look until condition() is true (or gives something truthy), and return that.
 * @param {() => unknown | Promise<unknown>} condition
 * @param {string} what  for the message when it does not happen
 */
export async function waitUntil(condition, what, timeoutMs = SOON_MS) {
	const end = performance.now() + timeoutMs;
	for (;;) {
		const found = await condition();
		if (found) return found;
		if (performance.now() >= end) throw new Error(`did not happen within ${timeoutMs} ms: ${what}`);
		await pause(LOOK_MS);
	}
}
