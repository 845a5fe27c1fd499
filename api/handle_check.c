/* handle_check - POST and GET /check, GET /checks/{id}. DESIGN 9; L24: whether there is drift is in
 * the body, the status says whether the check ran. */
#include "api/handlers.h"

#include <inttypes.h>
#include <string.h>

#include "api/problem.h"
#include "api/render.h"
#include "drift_error.h"
#include "eval/verdict_text.h"
#include "text.h"
#include "timefmt.h"

/** How long POST /check waits when it does not say. */
#define WAIT_DEFAULT_S 60

static json_object *running_json(const struct check_status *check)
{
	json_object *object = json_object_new_object();
	json_object *progress = json_object_new_object();

	json_add(object, "check", render_check_json(check));
	json_add_bool(object, "running", true);
	json_add_int(progress, "done", check->done);
	json_add_int(progress, "total", check->total);
	json_add(object, "progress", progress);
	return object;
}

static char *running_text(const struct check_status *check)
{
	char at[TIMEFMT_BYTES];

	if (check->started_wall_ms <= 0)
		return g_strdup_printf("check %" PRId64 " has not begun yet\n", check->id);
	if (check->total == 0)
		return g_strdup_printf("check %" PRId64 " (%s) runs since %s\n", check->id,
				       check->trigger ? check->trigger : "-",
				       timefmt_utc(check->started_wall_ms, at));
	return g_strdup_printf("check %" PRId64 " (%s) runs since %s, %" PRId64 " of %" PRId64
			       " looked at\n",
			       check->id, check->trigger ? check->trigger : "-",
			       timefmt_utc(check->started_wall_ms, at), check->done, check->total);
}

static void answer_running(const struct request *request, int status,
			   const struct check_status *check, struct response *response)
{
	if (request->wants_text)
		response_set(response, status, response_text, running_text(check));
	else
		handle_set_json(response, status, running_json(check));
}

/* 202: it will be done, and where the answer will be. */
static void answer_accepted(const struct request *request, int64_t check_id,
			    struct response *response)
{
	struct check_status check = {.id = check_id, .duration_ms = -1};

	if (!app_get_running(request->app, check_id, &check))
		check.duration_ms = -1; /* it is over already: the link says what came of it */
	answer_running(request, 202, &check, response);
	g_free(check.trigger);
	g_free(response->location);
	response->location = g_strdup_printf("/checks/%" PRId64, check_id);
	response->no_store = true;
}

bool handle_check(const struct request *request, struct response *response, GError **error)
{
	int64_t wait_s = query_number(request->query, "wait", WAIT_DEFAULT_S);
	bool force = query_flag(request->query, "force");
	int64_t check_id = 0;

	if (wait_s > 0) {
		response->wait = (struct response_wait){
			.wanted = true,
			.wait_ms = wait_s * MS_PER_S,
			.force = force,
		};
		return true;
	}
	if (!app_request_check(request->app, force, &check_id, error))
		return false;
	answer_accepted(request, check_id, response);
	return true;
}

static bool parse_tally(json_object *summary, struct tally *ret_tally, GError **error)
{
	struct tally tally = {0};
	json_object *counts = json_member_object(summary, "counts");

	tally.overall = state_from_text(json_member_text(summary, "overall", ""));
	tally.score = (int)json_member_int(summary, "score", -1); /* 0..100 */
	tally.evaluated = json_member_int(summary, "evaluated", 0);
	tally.targets_total = json_member_int(summary, "targets_total", 0);
	if (tally.overall == STATE_NONE || !counts) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_CORRUPT,
			    "the stored summary of this check cannot be read");
		return false;
	}
	for (enum state state = STATE_OK; state < STATE_COUNT; state++)
		tally.count[state] = json_member_int(counts, state_text(state), 0);
	*ret_tally = tally;
	return true;
}

static void append_not_ok(GString *to, json_object *summary)
{
	json_object *ids = json_member_array(summary, "not_ok");
	size_t count = ids ? json_object_array_length(ids) : 0;

	for (size_t i = 0; i < count; i++) {
		const char *id = json_object_get_string(json_object_array_get_idx(ids, i));
		g_autofree char *shown = text_escape_terminal(id ? id : "");

		g_string_append_printf(to, "not ok: %s\n", shown);
	}
}

static char *summary_text(const char *text, GError **error)
{
	json_object *summary = json_parse(text, strlen(text), error);
	struct tally tally = {0};
	GString *to = NULL;

	if (!summary)
		return NULL;
	if (parse_tally(summary, &tally, error)) {
		g_autofree char *headline = verdict_text_headline(&tally, false);
		json_object *check = json_member_object(summary, "check");

		to = g_string_new(headline);
		if (!g_str_has_suffix(headline, "\n"))
			g_string_append_c(to, '\n');
		g_string_append_printf(to, "check %" PRId64 "\n", json_member_int(check, "id", 0));
		append_not_ok(to, summary);
	}
	json_object_put(summary);
	return to ? g_string_free(to, FALSE) : NULL;
}

static bool answer_summary(const struct request *request, int status, const char *summary,
			   struct response *response, GError **error)
{
	char *text = NULL;

	if (!request->wants_text) {
		response_set(response, status, response_json, g_strconcat(summary, "\n", NULL));
		return true;
	}
	text = summary_text(summary, error);
	if (!text)
		return false;
	response_set(response, status, response_text, text);
	return true;
}

bool handle_check_outcome(const struct request *request, const struct router_outcome *outcome,
			  struct response *response, GError **error)
{
	bool strict = query_flag(request->query, "strict");

	response->no_store = true;
	if (outcome->error) {
		problem_set(response, PROBLEM_CHECK_FAILED, "%s", outcome->error);
		return true;
	}
	if (!outcome->summary) {
		answer_accepted(request, outcome->check_id, response);
		return true;
	}
	return answer_summary(request, strict && outcome->overall == STATE_DRIFT ? 409 : 200,
			      outcome->summary, response, error);
}

static bool read_summary(const struct request *request, int64_t id, char **ret_summary,
			 GError **error)
{
	struct store_reader *reader = app_reader_take(request->app, error);
	struct store_cycle *cycle = NULL;

	if (!reader)
		return false;
	cycle = store_read_cycle(reader, id, error);
	app_reader_give(request->app, reader);
	if (!cycle)
		return false;
	*ret_summary = g_strdup(cycle->summary);
	store_cycle_free(cycle);
	return true;
}

bool handle_check_id(const struct request *request, struct response *response, GError **error)
{
	struct check_status check = {0};
	g_autofree char *summary = NULL;
	g_autofree char *failed = NULL;
	gint64 id = 0;

	if (!g_ascii_string_to_signed(request->parts[0], 10, 1, G_MAXINT64, &id, NULL)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "a check has a number; \"%s\" is none", request->parts[0]);
		return false;
	}
	if (app_get_running(request->app, id, &check)) {
		answer_running(request, 200, &check, response);
		g_free(check.trigger);
		return true;
	}
	failed = app_get_uncommitted(request->app, id);
	if (failed) {
		problem_set(response, PROBLEM_CHECK_FAILED, "%s", failed);
		return true;
	}
	return read_summary(request, id, &summary, error) &&
	       answer_summary(request, 200, summary, response, error);
}
