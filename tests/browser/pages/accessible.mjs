/* accessible - every page on a desk, light and dark. */
import { test } from "node:test";
import { DESK } from "../harness/browser.mjs";
import { expectEveryPage } from "../harness/every.mjs";

test("every page", (suite) => expectEveryPage(suite, DESK));
