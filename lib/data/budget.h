/* budget - bytes billed per UTC day, held against daily-bytes of [driftd] and of each [gcp].
 * Counted from the store at start, and on from there. Scheduler thread only. */
#ifndef DRIFT_DATA_BUDGET_H
#define DRIFT_DATA_BUDGET_H

#include "base.h"
#include "config/config.h"
#include "source/data_observation.h"

struct budget;

/** What was spent for one target on one day, as the store keeps it. */
struct budget_spending {
	char *day;    /* "2026-11-20" */
	char *gcp;    /* name of the section */
	char *target; /* id */
	struct data_cost cost;
};

struct budget *budget_create(void);
/** NULL is fine. */
void budget_free(struct budget *budget);

/** Limits from now on. What is needed of @p config is copied. */
void budget_set_config(struct budget *budget, const struct config *config);

/** May about @p bytes more be billed today, beside what is held? @p bytes 0: may anything? False:
 * @p ret_why (caller frees) says which setting, how much was spent, and until when. */
bool budget_allows(const struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		   int64_t now_wall_ms, char **ret_why);

/** Queries that start together must not spend the same rest: @p bytes count as spent until
 * budget_release() with the same values, or until @p until_wall_ms, when nobody can be left who
 * would release them. */
void budget_hold(struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		 int64_t until_wall_ms);
void budget_release(struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		    int64_t until_wall_ms);

/** A query of about @p bytes was cancelled: it may be billed, and nobody says how much. They are
 * held until the UTC day ends, in memory only. */
void budget_keep(struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		 int64_t now_wall_ms);

/** Count what was spent for @p target_id, also when it was more than allowed. */
void budget_spend(struct budget *budget, const struct config_gcp *gcp, const char *target_id,
		  struct data_cost cost, int64_t now_wall_ms);

/** What was counted and not yet taken: struct budget_spending *, for the store, which adds it to
 * what it has. Caller unrefs. Put back with budget_return() when it could not be written. */
GPtrArray *budget_take(struct budget *budget);
void budget_return(struct budget *budget, const GPtrArray *spendings);

/** What the store has of today: struct budget_spending *. Replaces what was known; what was not yet
 * taken comes on top. */
void budget_load(struct budget *budget, const GPtrArray *spendings);

/** Bytes billed today, all sections; of one section. For /status and metrics. */
int64_t budget_spent(const struct budget *budget, const char *gcp_name_or_null,
		     int64_t now_wall_ms);

/** NULL is fine. */
void budget_spending_free(struct budget_spending *spending);

/** "9.8 GB", "512 bytes": for messages. Powers of 1000, as the settings have them. Caller frees. */
char *budget_bytes_text(int64_t bytes);

#endif
