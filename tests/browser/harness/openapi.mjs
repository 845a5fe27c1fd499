/* openapi - api/openapi.json as a judge of answers: is this status, this media type, this body, this
 * header field described? Objects may have no member that is not, and reasons no code: clients must
 * bear more (fields may be added), but then the description is to be added to as well. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv2020 from "ajv/dist/2020.js";

const addFormats = createRequire(import.meta.url)("ajv-formats");

export const METHODS = ["get", "post", "delete", "put", "patch"];

export function loadDocument() {
	return JSON.parse(readFileSync(new URL("../../../api/openapi.json", import.meta.url), "utf8"));
}

/* --- schemas --- */

function mapValues(object, change) {
	return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

/** A schema that takes no member of an object that it does not name. @p isPart: of one that says so itself. */
export function close(schema, isPart = false) {
	if (typeof schema !== "object" || schema === null) return schema;
	const closed = { ...schema };
	for (const key of ["items", "additionalProperties", "contains", "not"])
		if (key in schema) closed[key] = close(schema[key]);
	for (const key of ["allOf", "oneOf", "anyOf"])
		if (key in schema) closed[key] = schema[key].map((part) => close(part, true));
	if ("properties" in schema) closed.properties = mapValues(schema.properties, (member) => close(member));
	if ("x-extensible-enum" in schema) closed.enum = schema["x-extensible-enum"];
	const holdsMembers = ["$ref", "properties", "allOf", "oneOf", "anyOf"].some((key) => key in schema);
	if (!isPart && holdsMembers && !("additionalProperties" in schema)) closed.unevaluatedProperties = false;
	return closed;
}

/** The document with all its schemas closed. */
function closeAll(node, key) {
	if (Array.isArray(node)) return node.map((item) => closeAll(item));
	if (typeof node !== "object" || node === null) return node;
	if (key === "schema") return close(node);
	if (key === "schemas") return mapValues(node, (schema) => close(schema, true));
	if (key === "x-events") return mapValues(node, (schema) => close(schema));
	return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, closeAll(value, name)]));
}

function makeValidator(document) {
	const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true, verbose: true });
	addFormats(ajv);
	/* what stands around the schemas, for ajv takes the whole document for one; and what is ours */
	ajv.addVocabulary(["openapi", "info", "tags", "servers", "paths", "components", "x-extensible-enum"]);
	ajv.addSchema(document, "openapi");
	return ajv;
}

function escapePointer(part) {
	return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** So many are told of one body. */
const FAULTS_MAX = 8;

function describeFault({ instancePath, message, params, data }) {
	return `body${instancePath} ${message}: ${JSON.stringify(params)}\n    ${JSON.stringify(data)?.slice(0, 200)}`;
}

/* --- operations --- */

/** "GET /status" and so on, as described. */
export function describedOperations(document) {
	return Object.entries(document.paths).flatMap(([path, item]) =>
		METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
	);
}

/** The same, of the list of routes that driftd serves: lines "GET POST  /check   help". */
export function servedOperations(listing) {
	return listing.split("\n").flatMap((line) => {
		const [, methods, path] = /^((?:[A-Z]+ )+) *(\/\S*)/.exec(line) ?? [];
		return path
			? methods
					.trim()
					.split(" ")
					.map((method) => `${method} ${path}`)
			: [];
	});
}

/** What is in one of both lists only. */
export function compareOperations(described, served) {
	return [
		...served
			.filter((operation) => !described.includes(operation))
			.map((operation) => `${operation} is not described`),
		...described
			.filter((operation) => !served.includes(operation))
			.map((operation) => `${operation} is not served`),
		...served
			.filter((operation, index) => served.indexOf(operation) !== index)
			.map((operation) => `${operation} twice`),
	];
}

export class Contract {
	#ajv;

	constructor(document) {
		this.document = document;
		this.seen = new Set(); /* "GET /status 200 application/json" */
		this.problems = new Set(); /* types of problems */
		this.#ajv = makeValidator(closeAll(document));
	}

	/** The description of an operation ("GET /status"). */
	operation(name) {
		const [method, path] = name.split(" ");
		const operation = this.document.paths[path]?.[method.toLowerCase()];
		if (!operation) throw new Error(`${name} is not described`);
		return operation;
	}

	/** A description, followed through its $ref, and where it is. */
	#resolve(node, pointer) {
		if (!node.$ref) return { node, pointer };
		const parts = node.$ref.slice("#/".length).split("/");
		return {
			node: parts.reduce((at, part) => at[part], this.document),
			pointer: `#/${parts.map(escapePointer).join("/")}`,
		};
	}

	/** Description of the answer of an operation with a status; undefined: there is none. */
	response(name, status) {
		const [method, path] = name.split(" ");
		const node = this.operation(name).responses[status];
		return (
			node &&
			this.#resolve(node, `#/paths/${escapePointer(path)}/${method.toLowerCase()}/responses/${status}`)
		);
	}

	/** Parameters of an operation, followed through their $ref. */
	parameters(name) {
		return (this.operation(name).parameters ?? []).map((parameter) => this.#resolve(parameter, "").node);
	}

	/** What is wrong with a value, by the schema at @p pointer; undefined: nothing. */
	faults(pointer, value) {
		const validate = this.#ajv.getSchema(`openapi${pointer}`);
		if (!validate) throw new Error(`no schema at ${pointer}`);
		return validate(value) ? undefined : validate.errors.slice(0, FAULTS_MAX).map(describeFault).join("\n  ");
	}

	#expect(name, pointer, value, what) {
		const faults = this.faults(pointer, value);
		if (faults) throw new Error(`${name}: ${what} is not as described at ${pointer}:\n  ${faults}`);
	}

	#expectHeaders(name, { node, pointer }, headers) {
		for (const [field, header] of Object.entries(node.headers ?? {})) {
			const at = this.#resolve(header, `${pointer}/headers/${escapePointer(field)}`);
			const value = headers[field.toLowerCase()];
			if (value === undefined && at.node.required) throw new Error(`${name}: ${field} is missing`);
			if (value !== undefined)
				this.#expect(
					name,
					`${at.pointer}/schema`,
					at.node.schema.type === "integer" ? Number(value) : value,
					field,
				);
		}
	}

	/**
	 * Judge an answer (http.mjs) of an operation; throws what is wrong with it.
	 * @param {{body?: boolean}} options  body false: of HEAD, or one that does not end
	 */
	judge(name, answer, { body = true } = {}) {
		const said = `${name} ${answer.status} ${answer.type}`;
		const described = this.response(name, answer.status);
		if (!described) throw new Error(`${said}: this status is not described\n${answer.body}`);
		this.#expectHeaders(said, described, answer.headers);
		if (!described.node.content) {
			if (answer.body) throw new Error(`${said}: there is a body`);
			this.seen.add(`${name} ${answer.status}`);
			return;
		}
		if (!(answer.type in described.node.content))
			throw new Error(`${said}: this media type is not described`);
		if (!body) return;
		this.#expect(
			said,
			`${described.pointer}/content/${escapePointer(answer.type)}/schema`,
			answer.json ?? answer.body,
			"the body",
		);
		this.seen.add(said);
		if (answer.type === "application/problem+json") this.problems.add(answer.json.type);
	}

	/** Everything that is described of an operation's answers: "GET /status 200 text/plain" … */
	describedAnswers(name) {
		return Object.keys(this.operation(name).responses).flatMap((status) => {
			const types = Object.keys(this.response(name, status).node.content ?? {});
			return types.length > 0 ? types.map((type) => `${name} ${status} ${type}`) : [`${name} ${status}`];
		});
	}

	/** Every example in the document, with the schema it belongs to: [{pointer, value}]. */
	examples(node = this.document, pointer = "#") {
		if (typeof node !== "object" || node === null) return [];
		const own =
			"schema" in node && ("example" in node || "examples" in node)
				? [node.example, ...Object.values(node.examples ?? {}).map((example) => example.value)]
						.filter((value) => value !== undefined)
						.map((value) => ({ pointer: `${pointer}/schema`, value }))
				: [];
		return own.concat(
			Object.entries(node)
				.filter(([name]) => !["example", "examples", "schema"].includes(name))
				.flatMap(([name, value]) => this.examples(value, `${pointer}/${escapePointer(name)}`)),
		);
	}
}
