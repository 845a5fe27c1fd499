/* openapi - reads an OpenAPI 3.1 document: references, types and members in few words. Pure. */

const METHODS = ["get", "post", "put", "patch", "delete"];
/** References to references, and schemas within schemas, end here. */
const DEPTH_MAX = 16;

const lookUp = (api, pointer) =>
	pointer.slice(2).split("/").reduce((node, part) => {
		const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
		return node && Object.hasOwn(node, name) ? node[name] : undefined;
	}, api);

/**
 * What a reference stands for, and its name; siblings of $ref win. What leads nowhere, or in a circle, is
 * {}.
 *
 * @return {{node: object, name: string}}
 */
export function resolve(api, node, depth = 0) {
	const reference = node?.$ref;
	if (typeof reference !== "string") return { node: node ?? {}, name: "" };
	const name = reference.split("/").at(-1);
	if (!reference.startsWith("#/") || depth >= DEPTH_MAX) return { node: {}, name };
	const { $ref, ...siblings } = node;
	return { node: { ...resolve(api, lookUp(api, reference), depth + 1).node, ...siblings }, name };
}

const unique = (words) => [...new Set(words.filter(Boolean))];

/** "array of Target", "string or null", "ok | pending". */
export function typeText(api, schema, depth = 0) {
	if (schema === true || !schema || depth > DEPTH_MAX) return "any";
	if (schema.$ref) return resolve(api, schema).name;
	if ("const" in schema) return JSON.stringify(schema.const);
	if (schema.enum) return schema.enum.map((value) => String(value)).join(" | ");
	for (const [key, between] of [["oneOf", " or "], ["anyOf", " or "], ["allOf", " and "]])
		if (schema[key])
			return unique(schema[key].map((one) => typeText(api, one, depth + 1))).join(between);
	const types = [schema.type ?? (schema.properties ? "object" : "any")].flat();
	const texts = types.map((type) =>
		type === "array" ? `array of ${typeText(api, schema.items, depth + 1)}` : type);
	return texts.join(" or ") + (schema.format ? ` (${schema.format})` : "");
}

/** "1 to 1000, default 100", "at most 200 characters". */
export function limitsText(schema) {
	const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema;
	const range = (least, most, what) => {
		if (least === undefined && most === undefined) return "";
		if (most === undefined) return `at least ${least}${what}`;
		return least === undefined ? `at most ${most}${what}` : `${least} to ${most}${what}`;
	};
	return [
		range(minimum, maximum, ""),
		range(minLength, maxLength, " characters"),
		range(minItems, maxItems, " items"),
		pattern === undefined ? "" : `matches ${pattern}`,
		schema.default === undefined ? "" : `default ${JSON.stringify(schema.default)}`,
	].filter(Boolean).join(", ");
}

/**
 * The members of an object, also where it is the items of an array, one of alternatives or made of parts.
 *
 * @return {{name: string, schema: object, isRequired: boolean}[]} one of each name
 */
export function membersOf(api, schema, depth = 0) {
	const found = new Map();
	if (!schema || depth > DEPTH_MAX) return [];
	const { node } = resolve(api, schema);
	const required = new Set(node.required);

	for (const [name, member] of Object.entries(node.properties ?? {}))
		found.set(name, { name, schema: member, isRequired: required.has(name) });
	if (typeof node.additionalProperties === "object")
		found.set("*", { name: "*", schema: node.additionalProperties, isRequired: false });
	const parts = [node.items, ...["allOf", "oneOf", "anyOf"].flatMap((key) => node[key] ?? [])];
	for (const part of parts)
		for (const member of membersOf(api, part, depth + 1))
			if (!found.has(member.name)) found.set(member.name, member);
	return [...found.values()];
}

/** Names of the schemas that this one refers to without a member in between. */
export function namesOf(api, schema, depth = 0) {
	if (!schema || depth > DEPTH_MAX) return [];
	if (schema.$ref) return [resolve(api, schema).name];
	const parts = [schema.items, ...["allOf", "oneOf", "anyOf"].flatMap((key) => schema[key] ?? [])];
	return unique(parts.flatMap((part) => namesOf(api, part, depth + 1)));
}

/** All operations, with the parameters of their paths: [{id, method, path, operation, parameters}] */
export function operationsOf(api) {
	return Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
		METHODS.filter((method) => item[method]).map((method) => ({
			id: item[method].operationId ?? `${method}${path.replace(/\W+/g, "-")}`,
			method: method.toUpperCase(),
			path,
			operation: item[method],
			parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])]
				.map((parameter) => resolve(api, parameter).node),
		})));
}

/** Examples of a media type, or of a parameter: [[label, value]]. */
export function examplesOf(api, holder) {
	const named = Object.entries(holder.examples ?? {}).map(([name, one]) => {
		const { node } = resolve(api, one);
		return [node.summary ?? name, node.value];
	});
	return "example" in holder ? [["", holder.example], ...named] : named;
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** How to ask from a shell. */
export function curlText(origin, { method, path, operation, parameters }) {
	const filled = path.replace(/\{(\w+)\}/g, (whole, name) => {
		const example = parameters.find((one) => one.in === "path" && one.name === name)?.example;
		return example === undefined ? whole : String(example);
	});
	const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
	const data = media?.example;
	const words = ["curl", method === "GET" ? "" : `-X ${method}`];
	if (data !== undefined)
		words.push(`-H ${quote(`Content-Type: ${type}`)}`,
			`-d ${quote(typeof data === "string" ? data : JSON.stringify(data))}`);
	return [...words, quote(origin + filled)].filter(Boolean).join(" ");
}
