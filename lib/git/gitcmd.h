/* gitcmd - runs the git command: clean environment, own process group, deadline, bounded output.
 * Blocks; any thread. DESIGN 6. */
#ifndef DRIFT_GIT_GITCMD_H
#define DRIFT_GIT_GITCMD_H

#include "base.h"

/** What git printed is kept up to here; more on standard output is an error, the last of standard
 * error is kept. */
#define GITCMD_OUT_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define GITCMD_ERR_MAX_BYTES ((size_t)16 * 1024)

/** From asking a child to stop to killing it. */
#define GITCMD_STOP_MS 1000

/** What went wrong, for those who act on it. */
enum gitcmd_fault {
	GITCMD_FAULT_NONE = 0,
	GITCMD_FAULT_NO_GIT, /* the command is not there */
	GITCMD_FAULT_TIMEOUT,
	GITCMD_FAULT_CANCELLED,
	GITCMD_FAULT_AUTH,        /* no credential, or a wrong one */
	GITCMD_FAULT_NO_REPO,     /* there is no repository at that address */
	GITCMD_FAULT_NO_BRANCH,   /* the repository lacks the branch */
	GITCMD_FAULT_NOT_OUR_REF, /* the remote has no object of that id */
	GITCMD_FAULT_REFUSED,     /* the remote gives out branches only, no ids */
	GITCMD_FAULT_MOVED,       /* it redirects, and is not followed with a token */
	GITCMD_FAULT_TLS,         /* its certificate is not trusted, or no common protocol */
	GITCMD_FAULT_AWAY,        /* not reached, or the connection broke */
	GITCMD_FAULT_FULL,        /* no space left on this machine */
	GITCMD_FAULT_SHA256,      /* another id format */
	GITCMD_FAULT_DAMAGED,     /* the local copy */
	GITCMD_FAULT_OTHER,
};

/** One call. Everything is borrowed. */
struct gitcmd {
	const char *what;        /* "fetch": names it in messages */
	const char *const *args; /* after "git", NULL-terminated */
	const char *url;         /* where it will connect to; NULL: nowhere */
	const char *token;       /* secret for that host; NULL: none */
	int64_t deadline_mono_ms;
	int cancel;           /* readable: give up; -1: never */
	bool own_environment; /* with the caller's environment and configuration (command line) */
};

/** What came of it. */
struct gitcmd_result {
	char *out; /* NUL-terminated; may hold NULs before */
	size_t out_length;
	char *err;     /* UTF-8, the end of it; no secrets */
	int exit_code; /* -1: did not exit by itself */
	enum gitcmd_fault fault;
};

/**
 * Run git and wait.
 *
 * @param ret    set in every case; caller frees with gitcmd_result_done().
 * @param error  by fault: UNAVAILABLE (NO_GIT, MOVED, TLS, AWAY, OTHER), TIMEOUT, CANCELLED,
 * DENIED, NOT_FOUND, FULL, UNSUPPORTED, CORRUPT, TOO_LARGE, IO.
 * @return true when it exited with 0. */
MUST_CHECK bool gitcmd_run(const struct gitcmd *command, struct gitcmd_result *ret, GError **error);
void gitcmd_result_done(struct gitcmd_result *result);

/** The fault that git's words on standard error mean. Pure. */
enum gitcmd_fault gitcmd_classify(const char *err);

/** The address without user and password, for messages. Pure; caller frees. */
char *gitcmd_show_url(const char *url);

#endif
