/* story - the shop whose dashboard is shown: what it runs, what it committed and what it loads. Ages are
 * seconds before now. The last days of a target are told here; those before are made up by past.mjs. */

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** How far the past goes back: further than what is shown. */
export const PAST_DAYS = 119;

export const PEOPLE = ["Ana Ruiz", "Bo Lindqvist", "Chidi Obi", "Dana Levi", "Emi Sato"];

const commit = (age, author, subject, file) => ({ age, author, subject, file });

/**
 * Services of Cloud Run. every: days between two changes; slow: how many of them are deployed too late,
 * of 1; commits: the newest ones, oldest first; behind: how many of those do not run; now: how it came to be as it is,
 * [age, state, relation, code].
 */
export const SERVICES = {
	checkout: {
		settings: { priority: "P0", owner: "shop", description: "Basket to order" },
		every: 4,
		slow: 0.16,
		commits: [
			commit(125 * MINUTE, "Ana Ruiz", "checkout: charge a voucher once", "vouchers.py"),
			commit(101 * MINUTE, "Chidi Obi", "checkout: give up on a slow address lookup", "address.py"),
			commit(58 * MINUTE, "Ana Ruiz", "checkout: keep the basket over a login", "basket.py"),
			commit(24 * MINUTE, "Bo Lindqvist", "checkout: show the delivery slot", "delivery.py"),
		],
		behind: 4,
		now: [
			[124 * MINUTE, "pending", "behind", "behind"],
			[95 * MINUTE, "drift", "behind", "behind"],
		],
		incident: {
			by: "Dana Levi",
			why: "waits for the payment provider; goes out at 16:00",
			after: 11 * MINUTE,
		},
	},
	gateway: {
		settings: { priority: "P0", owner: "platform", grace: "1h", traffic: "any" },
		every: 6,
		slow: 0.05,
		commits: [commit(38 * MINUTE, "Bo Lindqvist", "gateway: HTTP/2 to the backends", "proxy.py")],
		behind: 0,
		canary: 10,
		now: [[37 * MINUTE, "pending", "behind", "behind"]],
	},
	payments: {
		settings: { priority: "P0", owner: "payments" },
		every: 9,
		slow: 0.06,
		commits: [],
		behind: 0,
		now: [],
	},
	pricing: {
		settings: { priority: "P0", owner: "shop" },
		every: 5,
		slow: 0.1,
		commits: [],
		behind: 0,
		now: [],
	},
	search: { settings: { owner: "shop" }, every: 3, slow: 0.1, commits: [], behind: 0, now: [] },
	recommendations: {
		settings: { owner: "ml" },
		since: 41,
		every: 4,
		slow: 0.12,
		commits: [],
		behind: 0,
		now: [],
	},
	inventory: {
		settings: { owner: "shop" },
		every: 5,
		slow: 0.08,
		commits: [commit(9 * MINUTE, "Emi Sato", "inventory: reserve stock in one call", "stock.py")],
		behind: 1,
		now: [[8 * MINUTE, "pending", "behind", "behind"]],
	},
	notifications: { settings: { owner: "platform" }, every: 7, slow: 0.08, commits: [], behind: 0, now: [] },
	fraud: { settings: { owner: "payments" }, every: 8, slow: 0.1, commits: [], behind: 0, now: [] },
	worker: {
		settings: { owner: "ml", expect: "min-instances=1" },
		every: 6,
		slow: 0.12,
		commits: [],
		behind: 0,
		now: [[52 * MINUTE, "drift", "in_sync", "setting_changed"]],
	},
	analytics: {
		settings: { priority: "P2", owner: "data", project: "acme-analytics" },
		isDenied: true,
		every: 11,
		slow: 0.1,
		commits: [],
		behind: 0,
		now: [[3.2 * HOUR, "unknown", "unknown", "permission_denied"]],
	},
	"old-frontend": {
		settings: { priority: "P2", owner: "shop", paused: "is switched off with the new one" },
		every: 30,
		slow: 0.1,
		commits: [],
		behind: 0,
		now: [[12 * DAY, "paused", "", ""]],
	},
};

/** Tables of BigQuery. every: hours between two loads; warn, error: hours; late: how many loads come late, of 1; age: of the last load. */
export const TABLES = {
	orders: {
		settings: { priority: "P0", owner: "shop", method: "column" },
		every: 1,
		warn: 3,
		error: 6,
		late: 0.002,
		age: 22 * MINUTE,
		rows: 2940,
		growth: 0.6,
		scan: 41_000_000,
	},
	clicks: {
		settings: { owner: "data", method: "column", description: "Every six hours" },
		every: 6,
		warn: 8,
		error: 12,
		late: 0.04,
		age: 13.4 * HOUR,
		rows: 4812,
		growth: 6,
		scan: 310_000_000,
		/* loads that came late lately: so many hours before now, and how late they were */
		lately: [
			[4.6 * 24, 8.5],
			[2.3 * 24, 4.2],
		],
	},
	stock: {
		settings: { owner: "shop" },
		every: 2,
		warn: 4,
		error: 8,
		late: 0.004,
		age: 71 * MINUTE,
		rows: 81_234,
		growth: 3,
	},
	revenue: {
		settings: { priority: "P0", owner: "data" },
		every: 24,
		warn: 26,
		error: 30,
		late: 0.03,
		age: 7.4 * HOUR,
		rows: 730,
		growth: 1,
	},
	returns: {
		settings: { owner: "shop" },
		every: 12,
		warn: 14,
		error: 24,
		late: 0.03,
		age: 15.1 * HOUR,
		rows: 212_000,
		growth: 640,
	},
	shipments: {
		settings: { owner: "shop" },
		every: 24,
		warn: 30,
		error: 48,
		late: 0.02,
		age: 5 * HOUR,
		rows: 902_000,
		growth: 5200,
	},
};

/** The others: days between two troubles, their code. */
export const OTHERS = {
	"completion/nightly": { every: 31, code: "incomplete" },
	"inventory/catalog": { every: 44, code: "object_changed" },
	"assert/no-negative-prices": { every: 37, code: "assertion_failed" },
	"backup/customers": { every: 52, code: "backup_stale" },
};

/** Subjects of commits that nobody looks at any more. */
export const SUBJECTS = [
	"handle empty lists",
	"log the request id",
	"retry once on 503",
	"drop the old flag",
	"read the timeout from the environment",
	"bump dependencies",
	"say what was wrong with the input",
	"cache for a minute",
];
