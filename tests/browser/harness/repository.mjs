/* repository - a real git repository that the stand-in cloud serves, and a checkout of it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const IDENTITY = {
	GIT_CONFIG_GLOBAL: "/dev/null",
	GIT_CONFIG_NOSYSTEM: "1",
	GIT_TERMINAL_PROMPT: "0",
	GIT_AUTHOR_NAME: "Ana Ruiz",
	GIT_AUTHOR_EMAIL: "ana@acme.example",
	GIT_COMMITTER_NAME: "Ana Ruiz",
	GIT_COMMITTER_EMAIL: "ana@acme.example",
	LC_ALL: "C",
};

export function git(directory, args, env = {}) {
	return execFileSync("git", args, {
		cwd: directory,
		env: { ...process.env, ...IDENTITY, ...env },
		encoding: "utf8",
	}).trim();
}

export class Repository {
	/** directory/git/NAME.git, served as /git/NAME.git, and directory/work/NAME. */
	constructor(directory, name) {
		const bare = join(directory, "git", `${name}.git`);
		this.checkout = join(directory, "work", name);
		git("/", ["init", "-q", "--bare", "-b", "main", bare]);
		git("/", ["init", "-q", "-b", "main", this.checkout]);
		git(this.checkout, ["remote", "add", "origin", bare]);
	}

	/**
	 * Write a file (undefined: remove it), commit it as so old, push. Its id.
	 * @param {{subject?: string, author?: string, ageS?: number}} options
	 */
	publish(path, content, { subject = `change ${path}`, author = IDENTITY.GIT_AUTHOR_NAME, ageS = 0 } = {}) {
		const full = join(this.checkout, path);
		const date = `@${Math.floor(Date.now() / 1000) - ageS} +0000`;
		if (content === undefined) {
			rmSync(full);
		} else {
			mkdirSync(dirname(full), { recursive: true });
			writeFileSync(full, content);
		}
		git(this.checkout, ["add", "-A"]);
		git(this.checkout, ["commit", "-q", "--allow-empty", "-m", subject], {
			GIT_AUTHOR_NAME: author,
			GIT_AUTHOR_DATE: date,
			GIT_COMMITTER_DATE: date,
		});
		git(this.checkout, ["push", "-q", "--force", "origin", "HEAD:main"]);
		return git(this.checkout, ["rev-parse", "HEAD"]);
	}
}
