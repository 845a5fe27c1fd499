/* alerting - incidents, silences and the outbox of a running driftd: the book and the delivery,
 * held together with the store. What a cycle changes is written with the cycle; what happens
 * between cycles (a command, a reminder, an attempt that ended) in a transaction of its own. The
 * scheduler's thread. DESIGN 3, 11. */
#ifndef DRIFT_ALERTING_H
#define DRIFT_ALERTING_H

#include "alert/book.h"
#include "alert/delivery.h"
#include "base.h"
#include "http/client.h"
#include "store/store.h"

struct alerting;

/** Take up what the database knows. @p database: path, for incidents that ended long ago. Errors as
 * store_load_incidents(). */
MUST_CHECK struct alerting *alerting_create(struct store *store, const char *database,
					    struct http_client *http, GError **error);
/** Messages under way stay waiting. NULL is fine. */
void alerting_free(struct alerting *alerting);

void alerting_set_config(struct alerting *alerting, struct config *config);

/** What a cycle, or a moment between two, brings: a round and its messages, as rows in @p alerts.
 * Nothing counts before alerting_keep(). */
struct alerting_plan;
struct alerting_plan *alerting_plan(struct alerting *alerting, const struct book_moment *moment,
				    struct store_alerts *alerts);
/** The rows were committed. Frees. */
void alerting_keep(struct alerting *alerting, struct alerting_plan *plan);
/** They were not. Frees. */
void alerting_drop(struct alerting_plan *plan);

/** A round of its own, written by itself: what the clock brings. False when it could not be written. */
bool alerting_round(struct alerting *alerting, const struct book_moment *moment);

/** Deliver what is due, and write down what could not be written before. */
void alerting_run(struct alerting *alerting);
/** When alerting_run() has something to do: monotonic. */
int64_t alerting_run_due_mono_ms(const struct alerting *alerting);
/** When a round may bring something: wall. */
int64_t alerting_round_due_wall_ms(const struct alerting *alerting, int64_t now_wall_ms);
/** Has a channel begun to fail, or to work, or a message been sent or given up, since the last
 * call? Then snapshots are old. */
bool alerting_take_news(struct alerting *alerting);
/** Messages waiting or under way. */
size_t alerting_waiting(const struct alerting *alerting);
/** Is the answer to one of them awaited? Who ends now will send it once more. */
bool alerting_is_sending(const struct alerting *alerting);

/** Commands; each is written before it returns. Errors of the book, and of the store. @p ret_id:
 * what was made or changed. */
MUST_CHECK bool alerting_acknowledge(struct alerting *alerting, int64_t incident, const char *who,
				     const char *why, GError **error);
MUST_CHECK bool alerting_mark_false_alarm(struct alerting *alerting, int64_t incident, bool on,
					  GError **error);
MUST_CHECK bool alerting_add_silence(struct alerting *alerting, const char *matcher,
				     int64_t until_wall_ms, const char *who, const char *why,
				     int64_t *ret_id, GError **error);
MUST_CHECK bool alerting_end_silence(struct alerting *alerting, int64_t silence, GError **error);

/** For snapshots: copies. Caller unrefs. */
GPtrArray *alerting_incidents(const struct alerting *alerting); /* struct incident * */
GPtrArray *alerting_channels(const struct alerting *alerting);  /* struct channel_status * */
int64_t alerting_silences(const struct alerting *alerting, int64_t now_wall_ms);

/** Has @p target an open incident? */
bool alerting_has_incident(const struct alerting *alerting, const char *target);

#endif
