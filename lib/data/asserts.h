/* asserts - what assertions and active-when conditions remember between runs. Shared by asserts.c
 * and active.c only; the collector itself is asserts_collect() of data/run.h. Scheduler thread
 * only. */
#ifndef DRIFT_DATA_ASSERTS_H
#define DRIFT_DATA_ASSERTS_H

#include "data/run.h"

/** Definitions remembered; beyond, all are forgotten and learnt anew: a dry run is free. */
#define ASSERTS_KNOWN_MAX 20000

struct active_memory;

struct asserts_memory {
	/* definition to int64_t *: bytes a look is billed for, about; its statement is a SELECT */
	GHashTable *known;
	struct active_memory *active; /* active.c's own; NULL: none yet */
};

/** Made when there is none. Borrowed. */
struct asserts_memory *asserts_memory_get(struct data_run *run);

/** What a definition is remembered by; the SQL may be long, and a connection string is secret.
 * Caller frees. */
char *asserts_key(const char *first, const char *second, const char *third, const char *sql);
/** True: it is known, with *ret_bytes. */
bool asserts_recall(GHashTable *known, const char *key, int64_t *ret_bytes);
void asserts_remember(GHashTable *known, const char *key, int64_t bytes);

/** What a dry run says a look will be billed for: at least the minimum of each table it names. */
int64_t asserts_estimate(const struct bigquery_result *dry_run);

/** What one query of a target may bill. */
struct asserts_cap {
	int64_t bytes;
	bool has_setting; /* its kind has max-bytes-billed */
	bool is_given;    /* and it says so there */
};

struct asserts_cap asserts_cap_of(const struct config_target *target);

/** NULL when a dry run is of a SELECT that is billed for not more than @p cap, and not more than
 * the budget allows. Else why not: one reference. */
struct fault *asserts_judge_dry_run(struct data_run *run, const struct config_gcp *gcp,
				    const char *what, const struct bigquery_result *dry_run,
				    struct asserts_cap cap);

/** A query's fault as that of a check: a table that is not there breaks the check, it is not what
 * was looked for. One reference. */
struct fault *asserts_fault(struct fault *fault);

/** NULL is fine. */
void active_memory_unref(struct active_memory *memory);

#endif
