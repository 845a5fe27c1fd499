/* theme - light, dark or as the system has it, as chosen in this browser. A classic script in <head>:
 * what it sets stands before the first paint. */
(() => {
	"use strict";
	const root = document.documentElement;
	const choices = ["light", "dark"];

	const read = () => {
		try {
			const stored = localStorage.getItem("theme");
			return choices.includes(stored) ? stored : "system";
		} catch {
			return "system"; // storage is forbidden here
		}
	};
	const show = (choice) => {
		root.dataset.theme = choice;
		for (const select of document.querySelectorAll("[data-theme-choice]"))
			select.value = choice;
	};
	const store = (choice) => {
		try {
			localStorage.setItem("theme", choice);
		} catch {
			// it holds for this page then
		}
	};

	root.classList.add("js");
	show(read());
	document.addEventListener("DOMContentLoaded", () => show(read()));
	addEventListener("storage", (event) => event.key === "theme" && show(read()));
	document.addEventListener("change", (event) => {
		if (!event.target.matches("[data-theme-choice]")) return;
		store(event.target.value);
		show(event.target.value);
	});
})();
