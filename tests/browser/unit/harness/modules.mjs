/* The dashboard's modules for node: it takes files named .js for scripts, so copies of them lie beside a
 * package.json that says what they are. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const web = fileURLToPath(new URL("../../../../api/dashboard/web/", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "driftd-web-"));

cpSync(web, copy, { recursive: true });
writeFileSync(join(copy, "package.json"), '{"type":"module"}');
process.on("exit", () => rmSync(copy, { recursive: true, force: true }));

/** Import a module of the dashboard. */
export const load = (name) => import(pathToFileURL(join(copy, name)).href);

/** One test for each row. */
export function forEachRow(test, name, rows, check) {
	rows.forEach((row, index) => test(`${name} ${index}: ${JSON.stringify(row[0])}`, () => check(...row)));
}
