/* morph - makes one tree like another by the fewest changes, so that whoever reads, selects, types or
 * has something open there is not disturbed. No markup is parsed: both trees are documents already. */

/** What people set and the server does not know of. */
const KEPT_ATTRIBUTES = { DETAILS: "open", DIALOG: "open" };

const isField = (node) => /^(INPUT|TEXTAREA|SELECT)$/.test(node.nodeName);

function isSelectEdited(select) {
	const options = [...select.options];
	const standard = options.some((option) => option.defaultSelected);
	return options.some((option, index) =>
		option.selected !== (standard ? option.defaultSelected : !select.multiple && index === 0));
}

/** Has somebody typed, ticked or chosen something here that is not sent yet? */
export function isEdited(field) {
	if (field.nodeName === "SELECT") return isSelectEdited(field);
	if (field.type === "checkbox" || field.type === "radio")
		return field.checked !== field.defaultChecked;
	return field.value !== field.defaultValue || (field === document.activeElement && !isButton(field));
}

const isButton = (field) => /^(button|submit|reset|image)$/.test(field.type);

const holdsEdits = (node) =>
	node.nodeType === Node.ELEMENT_NODE &&
	[...(isField(node) ? [node] : node.querySelectorAll("input,textarea,select"))].some(isEdited);

/** What makes it the same thing on both pages: its id, what a form does, or, of rows, where they lead. */
function keyOf(node) {
	if (node.nodeType !== Node.ELEMENT_NODE) return "";
	if (node.id) return `#${node.id}`;
	if (node.dataset?.key) return `=${node.dataset.key}`;
	if (node.dataset?.json) return `FORM ${node.dataset.json}`;
	if (!/^(TR|LI|ARTICLE)$/.test(node.nodeName)) return "";
	const link = node.querySelector("a[href]");
	return link ? `${node.nodeName} ${link.getAttribute("href")}` : "";
}

function copyAttributes(from, to) {
	const kept = KEPT_ATTRIBUTES[from.nodeName];
	for (const { name } of [...from.attributes])
		if (name !== kept && !to.hasAttribute(name)) from.removeAttribute(name);
	for (const { name, value, namespaceURI } of to.attributes)
		if (name !== kept && from.getAttribute(name) !== value)
			from.setAttributeNS(namespaceURI, name, value);
}

function morphElement(from, to) {
	if (from.dataset?.keep !== undefined || from.isEqualNode(to)) return;
	if (isField(from) && isEdited(from)) return;
	copyAttributes(from, to);
	morphChildren(from, to);
}

const isSameKind = (a, b) => a && a.nodeType === b.nodeType && a.nodeName === b.nodeName;

function morphNode(from, to) {
	if (from.nodeType === Node.ELEMENT_NODE) morphElement(from, to);
	else if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
}

function keysOf(parent) {
	const keys = new Map();
	for (const child of parent.children) {
		const key = keyOf(child);
		if (key && !keys.has(key)) keys.set(key, child);
	}
	return keys;
}

function morphChildren(from, to) {
	const old = keysOf(from);
	const wantedKeys = keysOf(to);
	let current = from.firstChild;

	/* what is not wanted any more makes way, so that what stays is not moved */
	const skipGone = () => {
		while (current && keyOf(current) && !wantedKeys.has(keyOf(current))) {
			const gone = current;
			current = current.nextSibling;
			if (!holdsEdits(gone)) gone.remove();
		}
	};
	for (const wanted of [...to.childNodes]) {
		const key = keyOf(wanted);
		skipGone();
		const candidate = key ? old.get(key) : current && !keyOf(current) ? current : null;
		if (!isSameKind(candidate, wanted)) {
			from.insertBefore(document.importNode(wanted, true), current);
			continue;
		}
		old.delete(key);
		if (candidate === current) current = current.nextSibling;
		else from.insertBefore(candidate, current);
		morphNode(candidate, wanted);
	}
	while (current) {
		const gone = current;
		current = current.nextSibling;
		if (!holdsEdits(gone)) gone.remove();
	}
}

/* Text that was replaced under a selection would end it. */
function rememberSelection() {
	const selection = getSelection();
	if (!selection || selection.isCollapsed) return () => {};
	const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
	const within = (node, offset) =>
		Math.min(offset, node.nodeType === Node.TEXT_NODE ? node.length : node.childNodes.length);
	return () => {
		if (anchorNode.isConnected && focusNode.isConnected)
			selection.setBaseAndExtent(anchorNode, within(anchorNode, anchorOffset),
				focusNode, within(focusNode, focusOffset));
	};
}

/**
 * Make the elements of `pairs` like their twins. Focus stays where it was; where that is gone it goes
 * to `fallback`, never to nowhere.
 *
 * @param {[Element, Element][]} pairs from this document, from another one
 */
export function morph(pairs, fallback) {
	const focused = document.activeElement;
	const restoreSelection = rememberSelection();

	for (const [from, to] of pairs) morphElement(from, to);
	if (focused && focused !== document.activeElement && focused !== document.body)
		(focused.isConnected ? focused : fallback)?.focus({ preventScroll: true });
	restoreSelection();
}
