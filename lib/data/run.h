/* run - one collection of data targets under way: who was asked for, what is awaited, until when.
 * Shared by the files of lib/data/ only. Scheduler thread only.
 *
 * A run ends when nothing is awaited any more, or at its deadline; then every target that is not
 * settled is a FAULT_TIMEOUT, jobs under way are cancelled, and the observations are handed over.
 * It is freed when the last call has returned; answers that come after the end are dropped unread
 * (wrappers below do that: their callbacks are not called after the end). */
#ifndef DRIFT_DATA_RUN_H
#define DRIFT_DATA_RUN_H

#include "base.h"
#include "config/config.h"
#include "data/budget.h"
#include "google/bigquery.h"
#include "google/call.h"
#include "http/client.h"
#include "postgres/pg.h"
#include "source/observation.h"

struct data_run;
struct inventory;

/** What the collectors remember between runs; each is made by its collector when it is NULL, and
 * freed with the sources. */
struct data_memory {
	struct tables_memory *tables;    /* data/tables.h */
	struct backups_memory *backups;  /* data/backups.h */
	struct dry_run_memory *dry_runs; /* data/dry_run.h */
};

/** One target asked for. */
struct errand {
	struct data_run *run;
	const struct config_target *target; /* borrowed until the end */
	struct observation *observation;    /* NULL until it is settled */
	/* the call it waits for, for the message of a timeout; borrowed from the run; may be
	 * NULL */
	const char *waits_for;
};

bool errand_is_settled(const struct errand *errand);
/** Settle it. @p fault: a reference is taken; the others take what they are given. Without effect
 * (but freeing) when it is settled. The time of the observation is now. */
void errand_fail(struct errand *errand, struct fault *fault);
void errand_settle_table(struct errand *errand, struct table_obs *table);
void errand_settle_completion(struct errand *errand, struct completion_obs *completion);
void errand_settle_inventory(struct errand *errand, struct inventory_obs *inventory);
void errand_settle_assert(struct errand *errand, struct assert_obs *assertion);
void errand_settle_backup(struct errand *errand, struct backup_obs *backup);

/** What a run works with; all borrowed until its end. */
struct data_run_input {
	struct http_client *client;
	struct pg_pool *postgres;
	const struct config *config;
	GPtrArray *access; /* struct gcp_access * */
	struct budget *budget;
	struct data_memory *memory;
	int64_t timeout_ms; /* of one HTTP call */
	int64_t deadline_mono_ms;
	struct inventory *
		*ret_inventory; /* of the one inventory asked for: what exists goes there, taken by
					     whoever wants it, and is held against nothing; NULL: as usual */
};

const struct data_run_input *data_run_input(const struct data_run *run);

/** @p object lives until the run is freed; then @p free is called with it. */
void data_run_own(struct data_run *run, void *object, GDestroyNotify free);
/** A text that lives as long as the run. Borrowed. */
const char *data_run_text(struct data_run *run, const char *format, ...) PRINTF_LIKE(2, 3);

/** An authenticated call with the credentials of @p gcp; @p done as google_call_done_fn, not called
 * after the end. timeout_ms and deadline_mono_ms of @p call are filled in. @p body NULL: a GET.
 * Also when there are no credentials @p done is called, with the fault. May call back before it
 * returns. */
void data_run_call(struct data_run *run, const struct config_gcp *gcp,
		   const struct google_call *call, const char *body, google_call_done_fn done,
		   void *data);

/** A query; endpoint, timeout_ms and deadline_mono_ms of @p query are filled in, the latter a
 * little before the run's, so that @p done is told why. @p done is not called after the end, nor
 * before this returns. @p held_bytes: what the caller holds of the budget for it; that much is kept
 * until the day ends when the query is cancelled. */
void data_run_query(struct data_run *run, const struct config_gcp *gcp,
		    const struct bigquery_query *query, int64_t held_bytes, bigquery_done_fn done,
		    void *data);

/** A question to PostgreSQL; deadline_mono_ms of @p question is filled in. The same. */
void data_run_ask_postgres(struct data_run *run, const struct pg_question *question,
			   pg_done_fn done, void *data);

/** The collectors: start all that is needed for @p errands (struct errand *, all of the kind). */
void tables_collect(struct data_run *run, const GPtrArray *errands);
void completions_collect(struct data_run *run, const GPtrArray *errands);
void inventories_collect(struct data_run *run, const GPtrArray *errands);
void asserts_collect(struct data_run *run, const GPtrArray *errands);
void backups_collect(struct data_run *run, const GPtrArray *errands);

void tables_memory_free(struct tables_memory *memory);
void backups_memory_free(struct backups_memory *memory);
void dry_run_memory_free(struct dry_run_memory *memory);

typedef void (*data_run_end_fn)(void *data, GPtrArray *observations);

/** @p targets: const struct config_target *, services among them are left out. */
struct data_run *data_run_create(const struct data_run_input *input, const GPtrArray *targets);
/** Start everything. @p end comes exactly once, from http_client_poll() or pg_pool_poll(), by the
 * deadline, unless the run is abandoned: with one observation per target (taken). */
void data_run_start(struct data_run *run, data_run_end_fn end, void *data);
/** How many of its targets have their observation. */
guint data_run_settled(const struct data_run *run);
/** Nobody waits any more: @p end is not called, jobs are cancelled. May free @p run. */
void data_run_abandon(struct data_run *run);

#endif
