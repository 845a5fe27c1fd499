/* keys - "/" searches, j and k go along the rows, Enter opens, "?" says so. Can be turned off there:
 * people who speak to their computer type by accident (WCAG 2.1.4). */

const HELP = [
	["/", "search"],
	["j", "next row"],
	["k", "row before"],
	["Enter", "open the row"],
	["?", "this help"],
];

const isOn = () => {
	try {
		return localStorage.getItem("keys") !== "off";
	} catch {
		return true;
	}
};

/** The row to go to from `index` (-1: none) of `count`. */
export function nextRow(index, count, step) {
	if (index < 0) return step > 0 ? 0 : count - 1;
	return Math.min(Math.max(index + step, 0), count - 1);
}

const isTyping = (target) =>
	target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.nodeName);

function moveAlong(step) {
	const links = [...document.querySelectorAll("#main tbody tr, #main [data-row]")]
		.filter((row) => row.offsetParent !== null)
		.map((row) => row.querySelector("a[href]"))
		.filter(Boolean);
	const current = document.activeElement?.closest("tr, [data-row]");
	const link = links[nextRow(links.findIndex((one) => current?.contains(one)), links.length, step)];

	link?.focus();
	link?.scrollIntoView({ block: "nearest" });
}

function add(parent, name, text = "") {
	const element = document.createElement(name);
	element.textContent = text;
	parent.append(element);
	return element;
}

function addSwitch(dialog) {
	const label = add(dialog, "label");
	const box = add(label, "input");

	box.type = "checkbox";
	box.checked = isOn();
	label.append(" keys other than ? are on");
	box.addEventListener("change", () => {
		try {
			localStorage.setItem("keys", box.checked ? "on" : "off");
		} catch {
			box.checked = true; // nowhere to keep it
		}
	});
}

function makeHelp() {
	const dialog = document.createElement("dialog");
	const title = add(dialog, "h2", "Keys");
	const list = add(dialog, "ul");

	dialog.id = "keys";
	dialog.className = "card";
	title.id = "keys-title";
	dialog.setAttribute("aria-labelledby", title.id);
	for (const [key, text] of HELP) {
		const item = add(list, "li");
		add(item, "kbd", key);
		item.append(` ${text}`);
	}
	addSwitch(dialog);
	const form = add(dialog, "form");
	form.method = "dialog";
	add(form, "button", "Close").className = "button";
	document.body.append(dialog);
	return dialog;
}

function showHelp() {
	const dialog = document.querySelector("#keys") ?? makeHelp();
	if (!dialog.open) dialog.showModal();
}

function focusSearch() {
	const field = document.querySelector("input[name=q], input[type=search]");
	field?.focus();
	field?.select();
}

const ACTIONS = { "/": focusSearch, j: () => moveAlong(1), k: () => moveAlong(-1), "?": showHelp };

export function startKeys() {
	document.addEventListener("keydown", (event) => {
		const { key, target, ctrlKey, metaKey, altKey } = event;
		if (ctrlKey || metaKey || altKey || event.isComposing || isTyping(target)) return;
		if (!Object.hasOwn(ACTIONS, key) || document.querySelector("dialog[open]")) return;
		if (key !== "?" && !isOn()) return;
		event.preventDefault();
		ACTIONS[key]();
	});
}
