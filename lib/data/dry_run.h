/* dry_run - SQL of the user's own (assertions, active-when) before it is billed: a free dry run says what
 * kind of statement it is and what it would cost, and is remembered. Shared by asserts.c and active.c.
 * Scheduler thread only. */
#ifndef DRIFT_DATA_DRY_RUN_H
#define DRIFT_DATA_DRY_RUN_H

#include "data/run.h"

/** Definitions remembered; beyond, all are forgotten and learnt anew: a dry run is free. */
#define DRY_RUN_KNOWN_MAX 20000

struct active_memory;

struct dry_run_memory {
	/* definition to int64_t *: bytes a look is billed for, about; its statement is a SELECT */
	GHashTable *known;
	struct active_memory *active; /* active.c's own; NULL: none yet */
};

/** Made when there is none. Borrowed. */
struct dry_run_memory *dry_run_memory_get(struct data_run *run);

/** What a definition is remembered by; the SQL may be long, and a connection string is secret.
 * Caller frees. */
char *dry_run_key(const char *first, const char *second, const char *third, const char *sql);
/** True: it is known, with *ret_bytes. */
bool dry_run_recall(GHashTable *known, const char *key, int64_t *ret_bytes);
void dry_run_remember(GHashTable *known, const char *key, int64_t bytes);

/** What a dry run says a look will be billed for: at least the minimum of each table it names. */
int64_t dry_run_estimate(const struct bigquery_result *dry_run);

/** What one query of a target may bill. */
struct dry_run_cap {
	int64_t bytes;
	bool has_setting; /* its kind has max-bytes-billed */
	bool is_given;    /* and it says so there */
};

struct dry_run_cap dry_run_cap_of(const struct config_target *target);

/** NULL when a dry run is of a SELECT that is billed for not more than @p cap, and not more than
 * the budget allows. Else why not: one reference. */
struct fault *dry_run_judge(struct data_run *run, const struct config_gcp *gcp, const char *what,
			    const struct bigquery_result *dry_run, struct dry_run_cap cap);

/** A query's fault as that of a check: a table that is not there breaks the check, it is not what
 * was looked for. One reference. */
struct fault *dry_run_fault(struct fault *fault);

/** NULL is fine. */
void active_memory_unref(struct active_memory *memory);

#endif
