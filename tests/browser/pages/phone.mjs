/* phone - every page on a telephone, light and dark. */
import { test } from "node:test";
import { PHONE } from "../harness/browser.mjs";
import { expectEveryPage } from "../harness/every.mjs";

test("every page on a telephone", (suite) => expectEveryPage(suite, PHONE));
