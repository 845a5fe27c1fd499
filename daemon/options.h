/* options - the command line as a struct. Pure. DESIGN 10. */
#ifndef DRIFT_OPTIONS_H
#define DRIFT_OPTIONS_H

#include "base.h"

enum command {
	COMMAND_NONE = 0,
	COMMAND_SERVE,
	COMMAND_CHECK,
	COMMAND_CONFIG,
	COMMAND_STATUS,
	COMMAND_DRIFT,
	COMMAND_GATE,
	COMMAND_AFFECTED,
	COMMAND_SNAPSHOT,
	COMMAND_INCIDENTS,
	COMMAND_ACK,
	COMMAND_FALSE_ALARM,
	COMMAND_SILENCES,
	COMMAND_SILENCE,
	COMMAND_UNSILENCE,
	COMMAND_NOTIFICATIONS,
	COMMAND_TEST_ALERT,
	COMMAND_VERSION,
	COMMAND_HELP,
};

struct options {
	enum command command;
	const char *config; /* -c; NULL: not given */
	const char *url;    /* --url, else $DRIFTD_URL, else NULL */
	bool json;
	bool all;                     /* drift, incidents, silences --all */
	bool against_repo;            /* config --against-repo */
	bool staged;                  /* affected --staged (default without a range) */
	bool install_hook;            /* affected --install-hook */
	bool strict, allow_unknown;   /* gate */
	bool to_stdout;               /* snapshot --stdout */
	bool notify;                  /* check --notify */
	bool undo;                    /* false-alarm --undo */
	const char *who, *why;        /* ack, silence; NULL */
	const char *duration, *until; /* silence --for, --until; NULL */
	const char *repo;             /* affected --repo; NULL */
	GPtrArray *selectors; /* const char * "target=…", "kind=…", "priority=…": gate */
	const char *argument; /* TARGET, BASE..HEAD, N, MATCHER, CHANNEL; NULL */
};

/**
 * Parse @p argv. Strings are borrowed from it.
 *
 * @param ret_options  clear with options_clear().
 * @param error        DRIFT_ERROR_INVALID: what is wrong, with the likely spelling.
 */
MUST_CHECK bool options_parse(int argc, char **argv, struct options *ret_options, GError **error);
void options_clear(struct options *options);

/** What `driftd help` prints. */
extern const char options_help[];

#endif
