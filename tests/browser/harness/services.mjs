/* services - a world of services that say themselves which commit they run: tests make any of them
 * drift, or mend it, at once. */
import { SOON_MS } from "./wait.mjs";
import { World, section } from "./world.mjs";

export class Services {
	/**
	 * One world for a test (or suite), checked once: all are ok.
	 * @param {{names: string[], settings?: object, fetchEvery?: string}} options  settings of [driftd]
	 */
	static async for(context, { names, settings, fetchEvery = "1h" }) {
		const services = new Services();
		services.names = names;
		services.world = await World.for(context);
		const repository = services.world.makeRepository();
		services.old = repository.publish("app/main.c", "1", { ageS: 7200 });
		services.head = repository.publish("app/main.c", "2", { ageS: 3600, subject: "handle empty carts" });
		await Promise.all(names.map((name) => services.mend(name)));
		await services.world.configure(settings, ...names.map((name) => services.section(name)));
		services.world.replaceConfig(/^every = 1h$/m, `every = ${fetchEvery}`);
		await services.world.start();
		await services.world.check();
		return services;
	}

	/** Its section of the configuration, with more settings. */
	section(name, settings) {
		return section(`service "${name}"`, {
			source: "http",
			url: `${this.world.cloud.origin}/target/${name}/version`,
			"commit-pointer": "/commit",
			paths: "app",
			...settings,
		});
	}

	/** It runs the commit before the newest: drift, at the next check. */
	spoil(name) {
		return this.world.cloud.putTarget(name, { commit: this.old });
	}

	mend(name) {
		return this.world.cloud.putTarget(name, { commit: this.head });
	}
}

/** What a page says of a service, in all its places. Runs in the page. */
export function readPage(name) {
	const row = document.querySelector(`#targets a[href="/drift/service/${name}"]`)?.closest("tr");
	return {
		row: row?.querySelector(".state").textContent,
		rowIcon: row?.querySelector(".state use").getAttribute("href"),
		headline: document.querySelector(".headline-text")?.textContent,
		word: document.querySelector(".headline-word")?.textContent,
		title: document.title,
		icon: document.querySelector("#favicon").getAttribute("href").split("/").at(-1),
		stale: document.querySelector("#stale").hidden ? "" : document.querySelector("#stale").textContent,
	};
}

/** Resolves when the row of a service says @p word: what the page says then, and since when (at: Date.now()). */
export async function awaitRow(page, name, word) {
	const shown = page.evaluate(
		([service, wanted]) =>
			new Promise((resolve) => {
				const look = () => {
					const seen = globalThis.readPage(service);
					if (seen.row !== wanted) return;
					observer.disconnect();
					resolve({ at: Date.now(), ...seen });
				};
				const observer = new MutationObserver(look);
				observer.observe(document, { subtree: true, childList: true, characterData: true });
				look();
			}),
		[name, word],
	);
	let timer;
	const late = new Promise((resolve) => (timer = setTimeout(resolve, SOON_MS)));
	const seen = await Promise.race([shown, late]);
	clearTimeout(timer);
	if (!seen) throw new Error(`${name} is not ${word}: ${JSON.stringify(await page.evaluate(readPage, name))}`);
	return seen;
}

/** Open a page that is live: its scripts run and follow the events. */
export async function openLive(page, path = "/") {
	await page.addInitScript(`globalThis.readPage = ${readPage}`);
	const events = page.waitForResponse((response) => response.url().endsWith("/events"));
	await page.goto(path);
	await events;
}
