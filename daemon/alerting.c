/* alerting - see alerting.h */
#include "daemon/alerting.h"

#include "clk.h"
#include "daemon/alerting_rows.h"
#include "drift_error.h"
#include "log.h"

#include <string.h>

struct alerting {
	struct store *store; /* borrowed */
	char *database;
	struct config *config; /* a reference; NULL before the first */
	struct book *book;
	struct delivery *delivery;
	struct store_alerts *unwritten; /* of attempts, until they are in the database */
	GHashTable *issues;             /* "CHANNEL TARGET" -> int64_t * */
	GHashTable *failed;             /* channel id -> int64_t *: given up by earlier processes */
	int64_t next_notification_id;
	bool write_failed; /* and was logged */
	bool round_failed; /* likewise */
	bool news;         /* see alerting_take_news() */
};

struct alerting_plan {
	struct book_round *round;
	GPtrArray *outgoing; /* struct outgoing * */
};

/* --- what delivery wants written --- */

static void forget_written(struct alerting *alerting)
{
	store_alerts_free(alerting->unwritten);
	alerting->unwritten = store_alerts_create();
}

/* What happened to messages, in one transaction; what cannot be written is tried again with what
 * comes next. */
static bool write_down(struct alerting *alerting)
{
	g_autoptr(GError) error = NULL;

	if (store_commit_alerts(alerting->store, alerting->unwritten, &error)) {
		forget_written(alerting);
		alerting->write_failed = false;
		return true;
	}
	if (!alerting->write_failed)
		log_error("outbox.write_failed", "err=\"%s\"", error->message);
	alerting->write_failed = true;
	return false;
}

static bool is_anything_unwritten(const struct alerting *alerting)
{
	return alerting->unwritten->notifications->len > 0;
}

static char *issue_key(const char *channel, const char *target)
{
	return g_strdup_printf("%s %s", channel, target);
}

static void remember_issue(struct alerting *alerting, const struct delivery_attempt *attempt)
{
	const char *channel = attempt->outgoing->channel;
	g_autofree char *name = g_strdup_printf("issue %s %s", channel, attempt->issue_target);
	int64_t *number = g_new(int64_t, 1);

	*number = attempt->issue;
	g_ptr_array_add(alerting->unwritten->memos, rows_memo(name, *number));
	(void)g_hash_table_replace(alerting->issues, issue_key(channel, attempt->issue_target),
				   number);
}

static void log_attempt(const struct delivery_attempt *attempt)
{
	const struct outgoing *outgoing = attempt->outgoing;
	g_autofree char *quoted = log_quote(attempt->error ? attempt->error : "");

	if (outgoing->state == DELIVERY_STATE_FAILED)
		log_error("notification.failed",
			  "id=%" PRId64 " channel=%s attempts=%" PRId64 " err=%s", outgoing->id,
			  outgoing->channel, outgoing->attempts, quoted);
	else if (attempt->error)
		log_debug("notification.attempt", "id=%" PRId64 " channel=%s status=%d err=%s",
			  outgoing->id, outgoing->channel, attempt->status, quoted);
	else
		log_info("notification.sent", "id=%" PRId64 " channel=%s attempts=%" PRId64,
			 outgoing->id, outgoing->channel, outgoing->attempts);
}

static bool on_attempted(void *data, const struct delivery_attempt *attempt)
{
	struct alerting *alerting = data;

	log_attempt(attempt);
	alerting->news = true;
	g_ptr_array_add(alerting->unwritten->notifications,
			rows_notification(attempt->outgoing, false));
	g_ptr_array_add(alerting->unwritten->attempts, rows_attempt(attempt));
	if (attempt->issue > 0)
		remember_issue(alerting, attempt);
	return true; /* alerting_run() writes it, with what else was answered meanwhile */
}

/* Behind what waits to be written: that would undo it later. */
static bool write_now(struct alerting *alerting, const struct store_alerts *alerts,
		      const char *what)
{
	g_autoptr(GError) error = NULL;

	if (is_anything_unwritten(alerting) && !write_down(alerting))
		return false;
	if (store_commit_alerts(alerting->store, alerts, &error))
		return true;
	log_warn("outbox.not_written", "what=%s err=\"%s\"", what, error->message);
	return false;
}

static bool on_folded(void *data, const struct outgoing *carrier, const GPtrArray *folded)
{
	struct alerting *alerting = data;
	struct store_alerts *alerts = store_alerts_create();
	bool ok;

	g_ptr_array_add(alerts->notifications, rows_notification(carrier, true));
	for (guint i = 0; i < folded->len; i++)
		g_ptr_array_add(alerts->notifications, rows_notification(folded->pdata[i], false));
	ok = write_now(alerting, alerts, "fold");
	if (ok)
		log_info("notification.folded", "channel=%s into=%" PRId64 " messages=%u",
			 carrier->channel, carrier->id, folded->len + 1);
	store_alerts_free(alerts);
	return ok;
}

static void add_incidents(struct store_alerts *alerts, const struct book_round *round)
{
	for (guint i = 0; i < round->incidents->len; i++)
		g_ptr_array_add(alerts->incidents, rows_incident(round->incidents->pdata[i]));
}

static bool on_moved(void *data, const struct outgoing *outgoing, const char *from)
{
	struct alerting *alerting = data;
	struct store_alerts *alerts = store_alerts_create();
	struct book_round *round =
		book_note_moved(alerting->book, outgoing->notice, from, outgoing->channel);
	bool ok;

	add_incidents(alerts, round);
	g_ptr_array_add(alerts->notifications, rows_notification(outgoing, false));
	ok = write_now(alerting, alerts, "move");
	if (ok) {
		log_info("notification.moved", "id=%" PRId64 " channel=%s", outgoing->id,
			 outgoing->channel);
		book_apply(alerting->book, round);
	}
	book_round_free(round);
	store_alerts_free(alerts);
	return ok;
}

static GPtrArray *on_live(void *data, const char *channel)
{
	return book_live_items(((struct alerting *)data)->book, channel);
}

static int64_t on_issue(void *data, const char *channel, const char *target)
{
	struct alerting *alerting = data;
	g_autofree char *key = issue_key(channel, target);
	const int64_t *number = g_hash_table_lookup(alerting->issues, key);

	return number ? *number : 0;
}

/* --- life --- */

/* "digest CHANNEL" and "issue CHANNEL TARGET". */
static bool load_memos(struct alerting *alerting, GHashTable *digests, GError **error)
{
	g_autoptr(GPtrArray) memos = store_load_memos(alerting->store, error);

	for (guint i = 0; memos && i < memos->len; i++) {
		const struct store_memo *memo = memos->pdata[i];
		const char *name = memo->name;

		if (g_str_has_prefix(name, "digest "))
			(void)g_hash_table_insert(digests, g_strdup(name + strlen("digest ")),
						  g_memdup2(&memo->value, sizeof(memo->value)));
		else if (g_str_has_prefix(name, "issue "))
			(void)g_hash_table_insert(alerting->issues,
						  g_strdup(name + strlen("issue ")),
						  g_memdup2(&memo->value, sizeof(memo->value)));
	}
	return memos != NULL;
}

static bool load_incidents(struct alerting *alerting, GPtrArray *incidents, GError **error)
{
	g_autoptr(GPtrArray) rows = store_load_incidents(alerting->store, error);

	for (guint i = 0; rows && i < rows->len; i++) {
		g_autoptr(GError) bad = NULL;
		const struct store_incident *row = rows->pdata[i];
		struct incident *incident = rows_to_incident(row, &bad);

		if (incident)
			g_ptr_array_add(incidents, incident);
		else
			log_error("store.incident_unreadable", "id=%" PRId64 " err=\"%s\"", row->id,
				  bad->message);
	}
	return rows != NULL;
}

static bool load_silences(struct alerting *alerting, GPtrArray *silences, GError **error)
{
	g_autoptr(GPtrArray) rows = store_load_silences(alerting->store, clk_wall_ms(), error);

	for (guint i = 0; rows && i < rows->len; i++)
		g_ptr_array_add(silences, rows_to_silence(rows->pdata[i]));
	return rows != NULL;
}

static bool load_book(struct alerting *alerting, GError **error)
{
	struct book_input input = {
		.incidents = g_ptr_array_new_with_free_func((GDestroyNotify)incident_free),
		.silences = g_ptr_array_new_with_free_func((GDestroyNotify)silence_free),
		.digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
	};

	if (load_incidents(alerting, input.incidents, error) &&
	    load_silences(alerting, input.silences, error) &&
	    load_memos(alerting, input.digests, error) &&
	    store_next_ids(alerting->store, &input.next_incident_id, &input.next_silence_id,
			   &alerting->next_notification_id, error))
		alerting->book = book_create(&input);
	/* NULL when the book took them */
	g_clear_pointer(&input.incidents, g_ptr_array_unref);
	g_clear_pointer(&input.silences, g_ptr_array_unref);
	g_clear_pointer(&input.digests, g_hash_table_unref);
	return alerting->book != NULL;
}

/* What the process before could not deliver. */
static bool load_outbox(struct alerting *alerting, GError **error)
{
	g_autoptr(GPtrArray) rows = store_load_waiting(alerting->store, error);

	for (guint i = 0; rows && i < rows->len; i++) {
		g_autoptr(GError) bad = NULL;
		const struct store_notification *row = rows->pdata[i];
		struct outgoing *outgoing = rows_to_outgoing(row, &bad);

		if (outgoing)
			delivery_add(alerting->delivery, outgoing);
		else
			log_error("store.notification_unreadable", "id=%" PRId64 " err=\"%s\"",
				  row->id, bad->message);
	}
	if (rows && rows->len > 0)
		log_info("outbox.loaded", "waiting=%u", rows->len);
	return rows != NULL;
}

struct alerting *alerting_create(struct store *store, const char *database,
				 struct http_client *http, GError **error)
{
	struct alerting *alerting = g_new0(struct alerting, 1);
	struct delivery_hooks hooks = {.attempted = on_attempted,
				       .folded = on_folded,
				       .moved = on_moved,
				       .live = on_live,
				       .issue = on_issue,
				       .data = alerting};

	alerting->store = store;
	alerting->database = g_strdup(database);
	alerting->unwritten = store_alerts_create();
	alerting->issues = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	alerting->delivery = delivery_create(http, &hooks);
	alerting->failed = store_load_failed(store, error);
	if (alerting->failed && load_book(alerting, error) && load_outbox(alerting, error))
		return alerting;
	alerting_free(alerting);
	return NULL;
}

void alerting_free(struct alerting *alerting)
{
	if (!alerting)
		return;
	delivery_free(alerting->delivery);
	if (is_anything_unwritten(alerting) && !write_down(alerting))
		log_error("outbox.lost", "attempts=%u", alerting->unwritten->attempts->len);
	book_free(alerting->book);
	store_alerts_free(alerting->unwritten);
	g_hash_table_unref(alerting->issues);
	g_clear_pointer(&alerting->failed, g_hash_table_unref);
	config_unref(alerting->config);
	g_free(alerting->database);
	g_free(alerting);
}

void alerting_set_config(struct alerting *alerting, struct config *config)
{
	struct config *old = alerting->config;

	alerting->config = config_ref(config);
	delivery_set_config(alerting->delivery, config);
	config_unref(old);
}

/* --- rounds --- */

static void add_message(struct alerting *alerting, const struct book_message *message,
			struct alerting_plan *plan)
{
	struct outgoing *outgoing = outgoing_create();

	outgoing->id = alerting->next_notification_id++;
	outgoing->channel = g_strdup(message->channel);
	outgoing->created_wall_ms = message->notice->created_wall_ms;
	outgoing->state = DELIVERY_STATE_WAITING;
	outgoing->notice = message->notice;
	g_ptr_array_add(plan->outgoing, outgoing);
}

/* The rows of a round, its messages included. */
static struct alerting_plan *make_plan(struct alerting *alerting, struct book_round *round,
				       struct store_alerts *alerts)
{
	struct alerting_plan *plan = g_new0(struct alerting_plan, 1);
	GHashTableIter iter;
	gpointer channel, at;

	plan->round = round;
	plan->outgoing = g_ptr_array_new_with_free_func((GDestroyNotify)outgoing_free);
	for (guint i = 0; i < round->messages->len; i++) {
		struct book_message *message = round->messages->pdata[i];

		add_message(alerting, message, plan);
		message->notice = NULL; /* the outgoing's now */
	}
	add_incidents(alerts, round);
	for (guint i = 0; i < round->silences->len; i++)
		g_ptr_array_add(alerts->silences, rows_silence(round->silences->pdata[i]));
	for (guint i = 0; i < plan->outgoing->len; i++)
		g_ptr_array_add(alerts->notifications,
				rows_notification(plan->outgoing->pdata[i], true));
	g_hash_table_iter_init(&iter, round->digests);
	while (g_hash_table_iter_next(&iter, &channel, &at)) {
		g_autofree char *name = g_strdup_printf("digest %s", (const char *)channel);

		g_ptr_array_add(alerts->memos, rows_memo(name, *(const int64_t *)at));
	}
	return plan;
}

struct alerting_plan *alerting_plan(struct alerting *alerting, const struct book_moment *moment,
				    struct store_alerts *alerts)
{
	return make_plan(alerting, book_plan(alerting->book, moment), alerts);
}

static void log_incident(const struct incident *incident)
{
	g_autofree char *quoted = log_quote(incident->summary ? incident->summary : "");

	log_info("incident", "id=%" PRId64 " target=%s status=%s cause=%s priority=%s summary=%s",
		 incident->id, incident->target, incident_status_text(incident->status),
		 incident_cause_text(incident->cause), priority_text(incident->priority), quoted);
}

void alerting_drop(struct alerting_plan *plan)
{
	book_round_free(plan->round);
	g_ptr_array_unref(plan->outgoing);
	g_free(plan);
}

void alerting_keep(struct alerting *alerting, struct alerting_plan *plan)
{
	for (guint i = 0; i < plan->round->incidents->len; i++)
		log_incident(plan->round->incidents->pdata[i]);
	book_apply(alerting->book, plan->round);
	for (guint i = 0; i < plan->outgoing->len; i++)
		delivery_add(alerting->delivery, plan->outgoing->pdata[i]);
	g_ptr_array_set_free_func(plan->outgoing, NULL); /* they are the delivery's now */
	alerting_drop(plan);
}

/* Takes @p round: written, then kept; or neither. */
static bool commit_round(struct alerting *alerting, struct book_round *round, GError **error)
{
	struct store_alerts *alerts = store_alerts_create();
	struct alerting_plan *plan = make_plan(alerting, round, alerts);
	bool ok = book_round_is_empty(round) || store_commit_alerts(alerting->store, alerts, error);

	if (ok)
		alerting_keep(alerting, plan);
	else
		alerting_drop(plan);
	store_alerts_free(alerts);
	return ok;
}

bool alerting_round(struct alerting *alerting, const struct book_moment *moment)
{
	g_autoptr(GError) error = NULL;
	bool ok = commit_round(alerting, book_plan(alerting->book, moment), &error);

	if (!ok && !alerting->round_failed) /* it is tried again every second */
		log_error("store.commit_failed", "err=\"%s\"", error->message);
	alerting->round_failed = !ok;
	return ok;
}

/* All channels' answers in one transaction, before anything follows them on their channels: a
 * request begins when the loop is back at its poll. */
void alerting_run(struct alerting *alerting)
{
	if (is_anything_unwritten(alerting))
		(void)write_down(alerting); /* said, and tried again */
	delivery_run(alerting->delivery);
	if (is_anything_unwritten(alerting) && !alerting->write_failed)
		(void)write_down(alerting); /* what was given up, or needed no request */
}

int64_t alerting_run_due_mono_ms(const struct alerting *alerting)
{
	int64_t due = delivery_due_mono_ms(alerting->delivery);

	/* a full disk gets a moment */
	return is_anything_unwritten(alerting) ? MIN(due, clk_mono_ms() + MS_PER_S) : due;
}

int64_t alerting_round_due_wall_ms(const struct alerting *alerting, int64_t now_wall_ms)
{
	return alerting->config ? book_due_wall_ms(alerting->book, alerting->config, now_wall_ms)
				: INT64_MAX;
}

bool alerting_take_news(struct alerting *alerting)
{
	bool news = alerting->news;

	alerting->news = false;
	return news;
}

size_t alerting_waiting(const struct alerting *alerting)
{
	return delivery_waiting(alerting->delivery);
}

bool alerting_is_sending(const struct alerting *alerting)
{
	return delivery_is_sending(alerting->delivery);
}

/* --- commands --- */

/* Takes @p round; NULL: the book refused, and @p error says why. */
static bool run_command(struct alerting *alerting, struct book_round *round, GError **error)
{
	return round && commit_round(alerting, round, error);
}

bool alerting_acknowledge(struct alerting *alerting, int64_t incident, const char *who,
			  const char *why, GError **error)
{
	return run_command(alerting,
			   book_acknowledge(alerting->book, incident, who, why, clk_wall_ms(),
					    alerting->config->driftd.ack_expires_ms, error),
			   error);
}

/* One that ended long ago is in the database only. */
static struct incident *read_incident(const struct alerting *alerting, int64_t id, GError **error)
{
	struct store_reader *reader = store_reader_open(alerting->database, error);
	struct store_incident *row = reader ? store_read_incident(reader, id, error) : NULL;
	struct incident *incident = row ? rows_to_incident(row, error) : NULL;

	store_incident_free(row);
	store_reader_close(reader);
	return incident;
}

bool alerting_mark_false_alarm(struct alerting *alerting, int64_t incident, bool on, GError **error)
{
	g_autoptr(GError) not_here = NULL;
	struct book_round *round =
		book_mark_false_alarm(alerting->book, incident, NULL, on, &not_here);
	struct incident *stored;

	if (!round && g_error_matches(not_here, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND)) {
		stored = read_incident(alerting, incident, error);
		if (!stored)
			return false;
		round = book_mark_false_alarm(alerting->book, incident, stored, on, error);
		incident_free(stored);
	} else if (!round) {
		g_propagate_error(error, g_steal_pointer(&not_here));
	}
	return run_command(alerting, round, error);
}

bool alerting_add_silence(struct alerting *alerting, const char *matcher, int64_t until_wall_ms,
			  const char *who, const char *why, int64_t *ret_id, GError **error)
{
	struct book_round *round = book_add_silence(alerting->book, matcher, until_wall_ms, who,
						    why, clk_wall_ms(), error);
	int64_t id = round ? ((const struct silence *)round->silences->pdata[0])->id : 0;

	if (!run_command(alerting, round, error))
		return false;
	*ret_id = id;
	return true;
}

bool alerting_end_silence(struct alerting *alerting, int64_t silence, GError **error)
{
	return run_command(alerting,
			   book_end_silence(alerting->book, silence, clk_wall_ms(), error), error);
}

/* --- for snapshots --- */

GPtrArray *alerting_incidents(const struct alerting *alerting)
{
	g_autoptr(GPtrArray) open = book_open_incidents(alerting->book);
	GPtrArray *copies = g_ptr_array_new_full(open->len, (GDestroyNotify)incident_free);

	for (guint i = 0; i < open->len; i++)
		g_ptr_array_add(copies, incident_copy(open->pdata[i]));
	return copies;
}

GPtrArray *alerting_channels(const struct alerting *alerting)
{
	GPtrArray *channels = delivery_channels(alerting->delivery);

	for (guint i = 0; i < channels->len; i++) {
		struct channel_status *status = channels->pdata[i];
		const int64_t *before = g_hash_table_lookup(alerting->failed, status->id);

		if (before)
			status->failed += *before;
	}
	return channels;
}

int64_t alerting_silences(const struct alerting *alerting, int64_t now_wall_ms)
{
	return book_count_silences(alerting->book, now_wall_ms);
}

bool alerting_has_incident(const struct alerting *alerting, const char *target)
{
	return book_find_open(alerting->book, target) != NULL;
}
