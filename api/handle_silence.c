/* handle_silence - GET and POST /silences, DELETE /silences/{id}. DESIGN 9 and 11. */
#include "api/handlers.h"

#include <inttypes.h>

#include "api/lists.h"
#include "api/problem.h"
#include "clk.h"
#include "drift_error.h"
#include "matcher.h"
#include "text.h"
#include "timefmt.h"

static json_object *silence_json(const struct store_silence *silence)
{
	json_object *object = json_object_new_object();

	json_add_int(object, "id", silence->id);
	json_add_text(object, "matcher", silence->matcher);
	json_add_time(object, "until", silence->until_wall_ms);
	json_add_text(object, "who", silence->who);
	json_add_text(object, "why", silence->why);
	json_add_time(object, "created_at", silence->created_wall_ms);
	json_add_time(object, "ended_at", silence->ended_wall_ms);
	json_add_bool(object, "active", lists_silence_is_active(silence));
	return object;
}

static json_object *window_json(const struct snapshot_window *window)
{
	json_object *object = json_object_new_object();
	json_object *matchers = json_object_new_array();

	for (size_t i = 0; window->matchers && window->matchers[i]; i++)
		json_append(matchers, json_object_new_string(window->matchers[i]));
	json_add_text(object, "name", window->name);
	json_add(object, "matchers", matchers);
	json_add_bool(object, "active", window->state.active);
	json_add_time(object, "since", window->state.since_wall_ms);
	json_add_time(object, "until", window->state.until_wall_ms);
	json_add_time(object, "next_at", window->state.next_wall_ms);
	return object;
}

/* A page of silences, and the maintenance windows that stand beside them. */
struct page {
	struct list_page list;
	struct snapshot *snapshot; /* NULL: none yet */
};

static json_object *page_json(const struct page *page)
{
	const GPtrArray *windows = lists_windows(page->snapshot);
	json_object *object = json_object_new_object();
	json_object *items = json_object_new_array();
	json_object *array = json_object_new_array();

	for (guint i = 0; i < page->list.rows->len; i++)
		json_append(items, silence_json(page->list.rows->pdata[i]));
	for (guint i = 0; windows && i < windows->len; i++)
		json_append(array, window_json(windows->pdata[i]));
	json_add(object, "items", items);
	json_add(object, "windows", array);
	json_add_text(object, "next_cursor", page->list.cursor);
	return object;
}

static void append_silence(GString *to, const struct store_silence *silence)
{
	g_autofree char *matcher = text_escape_terminal(silence->matcher);
	g_autofree char *who = text_escape_terminal(silence->who);
	g_autofree char *why = text_escape_terminal(silence->why);
	char until[TIMEFMT_BYTES];

	g_string_append_printf(to, "silence %" PRId64 "  %-7s  %s  until %s  by %s: %s\n",
			       silence->id, lists_silence_is_active(silence) ? "active" : "ended",
			       matcher, timefmt_utc(silence->until_wall_ms, until), who, why);
}

static void append_window(GString *to, const struct snapshot_window *window)
{
	g_autofree char *joined = window->matchers ? g_strjoinv(", ", window->matchers) : NULL;
	g_autofree char *matchers = text_escape_terminal(joined ? joined : "");
	const struct window_state *state = &window->state;
	char at[TIMEFMT_BYTES];

	g_string_append_printf(to, "window %s  %s", window->name, matchers);
	if (state->active)
		g_string_append_printf(to, "  active until %s",
				       timefmt_utc(state->until_wall_ms, at));
	if (state->next_wall_ms > 0)
		g_string_append_printf(to, "  next at %s", timefmt_utc(state->next_wall_ms, at));
	g_string_append_c(to, '\n');
}

static char *page_text(const struct page *page)
{
	const GPtrArray *windows = lists_windows(page->snapshot);
	g_autoptr(GString) to = g_string_new(NULL);

	for (guint i = 0; i < page->list.rows->len; i++)
		append_silence(to, page->list.rows->pdata[i]);
	for (guint i = 0; windows && i < windows->len; i++)
		append_window(to, windows->pdata[i]);
	if (to->len == 0)
		g_string_append(to, "no silences and no maintenance windows\n");
	return handle_with_more(to->str, page->list.cursor);
}

bool handle_silences(const struct request *request, struct response *response, GError **error)
{
	struct page page = {.snapshot = app_snapshot(request->app)};
	bool ok = lists_read_silences(request, &page.list, error);

	if (ok && request->wants_text)
		response_set(response, 200, response_text, page_text(&page));
	else if (ok)
		handle_set_json(response, 200, page_json(&page));
	list_page_done(&page.list);
	snapshot_unref(page.snapshot);
	return ok;
}

bool handle_silence_add(const struct request *request, struct response *response, GError **error)
{
	const char *text = body_text(&request->values, "matcher");
	int64_t until_wall_ms = body_time(&request->values, "until", 0);
	g_autoptr(GError) local = NULL;
	struct matcher *matcher = matcher_parse(text, &local);
	struct app_command *command = NULL;

	(void)error; /* what can be wrong here is a problem of its own */
	if (!matcher) {
		problem_set(response, PROBLEM_INVALID_BODY, "the field matcher: %s",
			    local->message);
		return true;
	}
	matcher_free(matcher);
	if (until_wall_ms <= clk_wall_ms()) {
		problem_set(response, PROBLEM_INVALID_BODY,
			    "the field until: that time has passed; give one to come");
		return true;
	}
	command = app_command_create(APP_COMMAND_SILENCE);
	command->matcher = g_strdup(text);
	command->until_wall_ms = until_wall_ms;
	command->who = g_strdup(body_text(&request->values, "who"));
	command->why = g_strdup(body_text(&request->values, "why"));
	handle_await_command(response, command);
	return true;
}

/* The silence as it was stored. */
static struct store_silence *read_silence(const struct request *request, int64_t id, GError **error)
{
	struct store_reader *reader = app_reader_take(request->app, error);
	g_autoptr(GPtrArray) rows = NULL;
	struct store_silence *silence = NULL;

	if (!reader)
		return NULL;
	rows = store_read_silences(reader, true, clk_wall_ms(), id + 1, 1, error);
	app_reader_give(request->app, reader);
	if (!rows)
		return NULL;
	if (rows->len == 1 && ((const struct store_silence *)rows->pdata[0])->id == id) {
		silence = rows->pdata[0];
		rows->pdata[0] = NULL; /* store_silence_free(NULL) is fine */
		return silence;
	}
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND, "there is no silence %" PRId64, id);
	return NULL;
}

bool handle_silence_changed(const struct request *request, const struct router_outcome *outcome,
			    struct response *response, GError **error)
{
	bool made = request->method == REQUEST_METHOD_POST;
	struct store_silence *silence = NULL;

	if (outcome->command_error) {
		handle_command_error(outcome->command_error,
				     made ? PROBLEM_INVALID_BODY : PROBLEM_CONFLICT, response);
		return true;
	}
	silence = read_silence(request, outcome->id, error);
	if (!silence) {
		g_prefix_error(error, "it is done, but cannot be shown: ");
		return false;
	}
	if (request->wants_text) {
		GString *to = g_string_new(NULL);

		append_silence(to, silence);
		response_set(response, made ? 201 : 200, response_text, g_string_free(to, FALSE));
	} else {
		handle_set_json(response, made ? 201 : 200, silence_json(silence));
	}
	if (made)
		response->location = g_strdup_printf("/silences/%" PRId64, silence->id);
	store_silence_free(silence);
	return true;
}

bool handle_silence_end(const struct request *request, struct response *response, GError **error)
{
	struct app_command *command = NULL;
	int64_t id = 0;

	if (!handle_parse_id(request->parts[0], "a silence", &id, error))
		return false;
	command = app_command_create(APP_COMMAND_END_SILENCE);
	command->id = id;
	handle_await_command(response, command);
	return true;
}
