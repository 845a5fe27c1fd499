/* handle_history - GET /history/{kind}/{name}: what the database has of a target, newest first. */
#include "api/handlers.h"

#include <inttypes.h>
#include <string.h>

#include "api/cursor.h"
#include "drift_error.h"
#include "text.h"
#include "timefmt.h"

#define PAGE_DEFAULT 100

/** One page: each list has at most the limit, next is where they go on. */
struct history {
	GPtrArray *transitions; /* struct store_transition * */
	GPtrArray *deployments; /* struct store_deployment * */
	GPtrArray *samples;     /* struct store_sample * */
	struct cursor_history next;
};

static void history_done(struct history *history)
{
	if (history->transitions)
		g_ptr_array_unref(history->transitions);
	if (history->deployments)
		g_ptr_array_unref(history->deployments);
	if (history->samples)
		g_ptr_array_unref(history->samples);
}

bool handle_check_known(const struct request *request, struct store_reader *reader,
			const char *target, GError **error)
{
	struct snapshot *snapshot = app_snapshot(request->app);
	bool known = snapshot && snapshot_find(snapshot, target);

	snapshot_unref(snapshot);
	if (!known && !store_read_known(reader, target, &known, error))
		return false;
	if (!known)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no target %s and no history of one: GET /status lists all",
			    target);
	return known;
}

/* One more than the limit was asked for: if it came, there is a next page, below the last shown. */
static bool cut(GPtrArray *rows, guint limit)
{
	if (rows->len <= limit)
		return false;
	g_ptr_array_set_size(rows, (gint)limit); /* at most PAGE_MAX */
	return true;
}

/* What is shown of the lists, and below which rows the next page begins. */
static void cut_lists(struct history *history, guint shown)
{
	history->next = (struct cursor_history){.transition = 1, .deployment = 1, .sample = 1};
	if (cut(history->transitions, shown)) {
		const struct store_transition *last = history->transitions->pdata[shown - 1];

		history->next.transition = last->id;
	}
	if (cut(history->deployments, shown)) {
		const struct store_deployment *last = history->deployments->pdata[shown - 1];

		history->next.deployment = last->id;
	}
	if (cut(history->samples, shown)) {
		const struct store_sample *last = history->samples->pdata[shown - 1];

		history->next.sample = last->id;
	}
}

static bool read_lists(struct store_reader *reader, const char *target,
		       const struct cursor_history *from, int limit, struct history *history,
		       GError **error)
{
	history->transitions =
		store_read_transitions(reader, target, from->transition, limit + 1, error);
	if (!history->transitions)
		return false;
	history->deployments =
		store_read_deployments(reader, target, from->deployment, limit + 1, error);
	if (!history->deployments)
		return false;
	history->samples = store_read_samples(reader, target, from->sample, limit + 1, error);
	if (!history->samples)
		return false;
	cut_lists(history, (guint)limit); /* 1..1000 */
	return true;
}

static bool read_history(const struct request *request, const char *target,
			 struct history *ret_history, GError **error)
{
	const char *cursor = query_text(request->query, "cursor");
	int limit = (int)query_number(request->query, "limit", PAGE_DEFAULT); /* 1..1000 */
	struct cursor_history from = {0};
	struct history history = {0};
	struct store_reader *reader = NULL;
	bool ok = false;

	if (cursor && !cursor_parse_history(cursor, &from, error))
		return false;
	reader = app_reader_take(request->app, error);
	if (!reader)
		return false;
	ok = handle_check_known(request, reader, target, error) &&
	     read_lists(reader, target, &from, limit, &history, error);
	app_reader_give(request->app, reader);
	if (ok)
		*ret_history = history;
	else
		history_done(&history);
	return ok;
}

static json_object *transition_json(const struct store_transition *transition)
{
	json_object *object = json_object_new_object();
	json_object *reasons = NULL;

	if (transition->reasons)
		reasons = json_parse(transition->reasons, strlen(transition->reasons), NULL);
	json_add_time(object, "at", transition->at_wall_ms);
	json_add_text(object, "from", transition->from);
	json_add_text(object, "to", transition->to);
	json_add_text(object, "relation", transition->relation);
	json_add(object, "reasons", reasons ? reasons : json_object_new_array());
	return object;
}

static json_object *deployment_json(const struct store_deployment *deployment)
{
	json_object *object = json_object_new_object();

	json_add_time(object, "at", deployment->at_wall_ms);
	json_add_text(object, "sha", deployment->sha);
	json_add_text(object, "revision", deployment->revision);
	json_add_int(object, "percent", deployment->percent);
	return object;
}

static json_object *number_or_null(bool known, int64_t number)
{
	return known ? json_object_new_int64(number) : NULL;
}

/* How old the data was when it was looked at; a load dated ahead is new. */
static int64_t age_s(const struct store_sample *sample)
{
	return MAX(sample->at_wall_ms - sample->loaded_wall_ms, 0) / MS_PER_S;
}

static json_object *sample_json(const struct store_sample *sample)
{
	json_object *object = json_object_new_object();

	json_add_time(object, "at", sample->at_wall_ms);
	json_add(object, "age_s", number_or_null(sample->loaded_wall_ms > 0, age_s(sample)));
	json_add(object, "rows", number_or_null(sample->rows >= 0, sample->rows));
	json_add_int(object, "bytes_billed", sample->bytes_billed);
	return object;
}

static char *next_cursor(const struct history *history)
{
	if (history->next.transition == 1 && history->next.deployment == 1 &&
	    history->next.sample == 1)
		return NULL;
	return cursor_of_history(&history->next);
}

static json_object *history_json(const struct history *history)
{
	g_autofree char *cursor = next_cursor(history);
	json_object *object = json_object_new_object();
	json_object *transitions = json_object_new_array();
	json_object *deployments = json_object_new_array();
	json_object *samples = json_object_new_array();

	for (guint i = 0; i < history->transitions->len; i++)
		(void)json_object_array_add(transitions,
					    transition_json(history->transitions->pdata[i]));
	for (guint i = 0; i < history->deployments->len; i++)
		(void)json_object_array_add(deployments,
					    deployment_json(history->deployments->pdata[i]));
	for (guint i = 0; i < history->samples->len; i++)
		(void)json_object_array_add(samples, sample_json(history->samples->pdata[i]));
	json_add(object, "transitions", transitions);
	json_add(object, "deployments", deployments);
	json_add(object, "samples", samples);
	json_add_text(object, "next_cursor", cursor);
	return object;
}

static void append_escaped(GString *to, const char *before, const char *text)
{
	g_autofree char *shown = text_escape_terminal(text ? text : "-");

	g_string_append_printf(to, "%s%s", before, shown);
}

static void append_transitions(GString *to, const GPtrArray *rows)
{
	char at[TIMEFMT_BYTES];

	g_string_append(to, "TRANSITIONS\n");
	for (guint i = 0; i < rows->len; i++) {
		const struct store_transition *row = rows->pdata[i];

		g_string_append_printf(
			to, "%s  %-7s -> %-7s  %-9s", timefmt_utc(row->at_wall_ms, at),
			row->from ? row->from : "-", row->to, row->relation ? row->relation : "-");
		append_escaped(to, " ", row->reasons);
		g_string_append_c(to, '\n');
	}
}

static void append_deployments(GString *to, const GPtrArray *rows)
{
	char at[TIMEFMT_BYTES];

	g_string_append(to, "\nDEPLOYMENTS\n");
	for (guint i = 0; i < rows->len; i++) {
		const struct store_deployment *row = rows->pdata[i];

		g_string_append_printf(to, "%s  %3d%%", timefmt_utc(row->at_wall_ms, at),
				       row->percent);
		append_escaped(to, "  ", row->sha);
		append_escaped(to, "  ", row->revision);
		g_string_append_c(to, '\n');
	}
}

/* Only tables have them: nothing where there are none. */
static void append_samples(GString *to, const GPtrArray *rows)
{
	char at[TIMEFMT_BYTES];

	if (rows->len > 0)
		g_string_append_printf(to, "\nSAMPLES\n%-20s  %-8s  %14s  %14s\n", "AT", "AGE",
				       "ROWS", "BYTES BILLED");
	for (guint i = 0; i < rows->len; i++) {
		const struct store_sample *row = rows->pdata[i];
		g_autofree char *age =
			row->loaded_wall_ms > 0 ? text_age(age_s(row) * MS_PER_S) : g_strdup("-");
		g_autofree char *count =
			row->rows >= 0 ? g_strdup_printf("%" PRId64, row->rows) : g_strdup("-");

		g_string_append_printf(to, "%s  %-8s  %14s  %14" PRId64 "\n",
				       timefmt_utc(row->at_wall_ms, at), age, count,
				       row->bytes_billed);
	}
}

static char *history_text(const struct history *history)
{
	g_autofree char *cursor = next_cursor(history);
	GString *to = g_string_new(NULL);

	append_transitions(to, history->transitions);
	append_deployments(to, history->deployments);
	append_samples(to, history->samples);
	if (cursor)
		g_string_append_printf(to, "\nmore: the same with cursor=%s\n", cursor);
	return g_string_free(to, FALSE);
}

bool handle_history(const struct request *request, struct response *response, GError **error)
{
	g_autofree char *target = g_strconcat(request->parts[0], "/", request->parts[1], NULL);
	struct history history = {0};

	if (!read_history(request, target, &history, error))
		return false;
	if (request->wants_text)
		response_set(response, 200, response_text, history_text(&history));
	else
		handle_set_json(response, 200, history_json(&history));
	history_done(&history);
	return true;
}
