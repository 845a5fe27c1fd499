/* dashboard - what scripts add to the pages, which are complete without them. */
import { startCheck } from "./check.js";
import { startCopy } from "./copy.js";
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startSearch } from "./search.js";
import { startStale } from "./stale.js";
import { startTimes } from "./times.js";

startTimes();
startStale();
startCheck();
startForms();
startCopy();
startSearch();
startKeys();
startLive();
if (document.querySelector("#api")) import("./docs.js").then(({ startDocs }) => startDocs());
