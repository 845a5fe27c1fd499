/* docs - /openapi.json as a page, in the place of the plain list of routes. Text is set as text only. */
import { curlText, examplesOf, limitsText, membersOf, namesOf, operationsOf, resolve, typeText } from "./openapi.js";
import { send } from "./send.js";

let api = {};

/** An element with attributes and children; strings become text. */
function make(name, attributes, ...children) {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(attributes ?? {}))
		if (value !== undefined) element.setAttribute(key, value);
	element.append(...children.flat().filter((child) => child !== null && child !== ""));
	return element;
}

const code = (text) => make("code", { class: "mono" }, text);
const paragraph = (text) => (text ? make("p", null, text) : null);
const schemaLink = (name) => make("a", { href: `#schema-${name}` }, name);

/* "array of Target", where Target is a link. */
function typeNodes(schema) {
	const names = namesOf(api, schema);
	const parts = typeText(api, schema).split(/\b(\w+)\b/);
	return make("span", { class: "mono" }, parts.map((part) => (names.includes(part) ? schemaLink(part) : part)));
}

/* What a member is made of; its own members when it is opened. `chain`: the schemas it stands in. */
function memberItem({ name, schema, isRequired }, chain) {
	const { node } = resolve(api, schema);
	const names = namesOf(api, schema);
	const isWithin = names.some((one) => chain.includes(one));
	const line = (type) => [code(name), " ", type,
		make("span", { class: "muted" }, isRequired ? " " : " optional ", limitsText(node)),
		node.description ? ` ${node.description}` : ""];
	const members = isWithin ? [] : membersOf(api, schema);

	if (members.length === 0) return make("li", null, line(typeNodes(schema)));
	// what opens is one thing to press: no links in it
	const details = make("details", null, make("summary", null, line(code(typeText(api, schema)))));
	details.addEventListener("toggle", () => details.append(memberList(members, [...chain, ...names])),
		{ once: true });
	return make("li", null, details);
}

function memberList(members, chain) {
	return make("ul", { class: "members" }, members.map((member) => memberItem(member, chain)));
}

function schemaNodes(schema) {
	const names = namesOf(api, schema);
	const members = membersOf(api, schema);
	return [make("p", null, typeNodes(schema)), members.length ? memberList(members, names) : null];
}

function exampleNode([label, value]) {
	const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
	return make("details", null, make("summary", null, label ? `Example: ${label}` : "Example"),
		make("div", { class: "code" }, make("pre", { tabindex: "0" }, make("code", null, text)),
			make("button", { type: "button", class: "button", "data-copy": text }, make("span", null, "copy"))));
}

const contentNodes = (content) =>
	Object.entries(content ?? {}).flatMap(([type, media]) => [
		make("p", null, code(type)),
		media.schema ? schemaNodes(media.schema) : [],
		examplesOf(api, media).map(exampleNode),
	].flat());

function table(caption, heads, rows) {
	const cells = (row) => row.map((cell, index) => make("td", { "data-label": heads[index] }, cell));
	return make("table", { class: "table" }, make("caption", { class: "visually-hidden" }, caption),
		make("thead", null, make("tr", null, heads.map((head) => make("th", { scope: "col" }, head)))),
		make("tbody", null, rows.map((row) => make("tr", null, cells(row)))));
}

function parametersNode({ id, parameters }) {
	if (parameters.length === 0) return null;
	return table(`Parameters of ${id}`, ["Parameter", "Type", "Meaning"], parameters.map((one) => [
		[code(one.name), " ", make("span", { class: "muted" }, one.required ? `${one.in}, required` : one.in)],
		[typeNodes(one.schema), " ", limitsText(resolve(api, one.schema).node)],
		[one.description ?? "", ...examplesOf(api, one).map(([, value]) => [" for example ", code(String(value))])].flat(),
	]));
}

function headersNode(headers) {
	const rows = Object.entries(headers ?? {}).map(([name, header]) => {
		const { node } = resolve(api, header);
		return make("li", null, code(name), " ", typeNodes(node.schema), ` ${node.description ?? ""}`,
			examplesOf(api, node).map(([, value]) => [" for example ", code(String(value))]).flat());
	});
	return rows.length ? make("ul", { class: "members" }, rows) : null;
}

function responseNode([status, response]) {
	const { node } = resolve(api, response);
	return make("details", null,
		make("summary", null, make("strong", null, status), ` ${node.description ?? ""}`),
		headersNode(node.headers), contentNodes(node.content));
}

const credentials = ({ security = api.security ?? [] }) =>
	security.map((one) => Object.keys(one).join(" and ") || "none").join(", or ");

function bodyNodes({ operation }) {
	const { node } = resolve(api, operation.requestBody);
	if (!node.content) return [];
	return [make("h3", null, "Body"), paragraph(node.description), contentNodes(node.content)].flat();
}

function operationNode(one) {
	const { id, method, path, operation } = one;
	const asked = curlText(location.origin, one);
	return make("details", { class: "card", id, "data-operation": `${method} ${path} ${id}` },
		make("summary", null, make("h2", null, make("span", { class: "chip" }, method), " ", code(path)),
			" ", operation.summary ?? ""),
		paragraph(operation.description),
		make("div", { class: "code" }, make("code", null, asked),
			make("button", { type: "button", class: "button", "data-copy": asked }, make("span", null, "copy"))),
		credentials(operation) ? make("p", { class: "muted" }, `Credentials: ${credentials(operation)}`) : null,
		parametersNode(one), bodyNodes(one), make("h3", null, "Answers"),
		Object.entries(operation.responses ?? {}).map(responseNode));
}

function schemaNode([name, schema]) {
	return make("details", { class: "card", id: `schema-${name}`, "data-operation": `schema ${name}` },
		make("summary", null, make("h2", null, code(name)), " ", schema.description ?? ""),
		make("p", null, typeNodes(schema)), memberList(membersOf(api, schema), [name]),
		examplesOf(api, schema).map(exampleNode));
}

/* What was looked for stays in sight; all words must occur. */
function filter(root, status, words) {
	const parts = [...root.querySelectorAll("[data-operation]")];
	for (const part of parts) {
		const text = `${part.dataset.operation} ${part.firstElementChild.textContent}`.toLowerCase();
		part.hidden = !words.every((word) => text.includes(word));
	}
	status.textContent = words.length ? `${parts.filter((part) => !part.hidden).length} of ${parts.length}` : "";
}

function filterNode(root) {
	const status = make("span", { role: "status", class: "muted" });
	const field = make("input", { type: "search", id: "docs-filter", autocomplete: "off" });
	field.addEventListener("input", () =>
		filter(root, status, field.value.toLowerCase().split(/\s+/).filter(Boolean)));
	return make("p", null, make("label", { for: field.id }, "Filter"), " ", field, " ", status);
}

/* A link to a part opens it. */
function openTarget() {
	const part = document.getElementById(decodeURIComponent(location.hash.slice(1)));
	if (part?.nodeName !== "DETAILS") return;
	part.hidden = false;
	part.open = true;
	part.scrollIntoView();
}

/* Its own style: no other page needs it. */
function addStyle() {
	document.head.append(make("link", { rel: "stylesheet", href: new URL("docs.css", import.meta.url) }));
}

function show(root) {
	const parts = operationsOf(api).map(operationNode);
	root.replaceChildren(
		filterNode(root),
		...[api.info?.description].filter(Boolean).map(paragraph),
		...parts,
		make("h2", { id: "schemas" }, "Schemas"),
		...Object.entries(api.components?.schemas ?? {}).map(schemaNode));
	addEventListener("hashchange", openTarget);
	openTarget();
}

export async function startDocs() {
	const root = document.querySelector("#api");
	addStyle();
	try {
		api = (await send("GET", "/openapi.json")).data;
		show(root);
	} catch (error) {
		root.prepend(make("p", { role: "alert" }, `This is a list only: ${error.message}`));
	}
}
