/* render - see render.h. Targets are serialised one by one: a tree of all of them would cost ten
 * times the memory of the text. */
#include "api/render.h"

#include <inttypes.h>
#include <string.h>

#include "eval/verdict_json.h"
#include "eval/verdict_text.h"
#include "text.h"
#include "timefmt.h"
#include "version.h"

static void append_json(GString *to, json_object *value)
{
	size_t length = 0;
	const char *text = json_object_to_json_string_length(
		value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

	g_string_append_len(to, text, (gssize)length); /* far below 2^63 */
}

/* Appends the members of @p object, without the braces around them; takes it. */
static void append_members(GString *to, json_object *object)
{
	size_t length = 0;
	const char *text = json_object_to_json_string_length(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

	g_string_append_len(to, text + 1, (gssize)(length - 2)); /* far below 2^63 */
	json_object_put(object);
}

void render_add_tally(json_object *object, const struct tally *tally)
{
	json_object *counts = json_object_new_object();

	json_add_text(object, "overall", state_text(tally->overall));
	json_add(object, "score", tally->score < 0 ? NULL : json_object_new_int(tally->score));
	json_add_int(object, "evaluated", tally->evaluated);
	json_add_int(object, "targets_total", tally->targets_total);
	for (enum state state = STATE_OK; state < STATE_COUNT; state++)
		json_add_int(counts, state_text(state), tally->count[state]);
	json_add(object, "counts", counts);
}

json_object *render_check_json(const struct check_status *check)
{
	json_object *object = json_object_new_object();
	bool known = check->id > 0;

	json_add(object, "id", known ? json_object_new_int64(check->id) : NULL);
	json_add_text(object, "trigger", check->trigger);
	json_add_time(object, "started_at", check->started_wall_ms);
	json_add(object, "duration_ms",
		 known && check->duration_ms >= 0 ? json_object_new_int64(check->duration_ms)
						  : NULL);
	json_add_time(object, "next_at", check->next_wall_ms);
	return object;
}

static json_object *repo_json(const struct repo_status *repo)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "name", repo->name);
	json_add_text(object, "branch", repo->branch);
	if (repo->head) {
		json_object *head = git_commit_to_json(repo->head);

		json_add_time(head, "seen_at", repo->head_seen_wall_ms);
		json_add(object, "head", head);
	} else {
		json_add(object, "head", NULL);
	}
	json_add_time(object, "fetched_at", repo->fetched_wall_ms);
	json_add_text(object, "error", repo->error);
	json_add_text(object, "note", repo->note);
	return object;
}

static json_object *repos_json(const GPtrArray *repos)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < repos->len; i++)
		(void)json_object_array_add(array, repo_json(repos->pdata[i]));
	return array;
}

static json_object *unwatched_json(const GPtrArray *services)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < services->len; i++) {
		const struct unwatched *unwatched = services->pdata[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "kind", unwatched->kind);
		json_add_text(object, "project", unwatched->project);
		json_add_text(object, "region", unwatched->region);
		json_add_text(object, "service", unwatched->service);
		(void)json_object_array_add(array, object);
	}
	return array;
}

static json_object *accounts_json(const GPtrArray *accounts)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = accounts->pdata[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "api", account->api);
		json_add_text(object, "outcome", account->outcome);
		json_add_int(object, "calls", account->calls);
		json_add_int(object, "time_ms", account->time_ms);
		json_add_int(object, "bytes", account->bytes);
		(void)json_object_array_add(array, object);
	}
	return array;
}

static json_object *texts_json(const GPtrArray *texts)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < texts->len; i++)
		(void)json_object_array_add(array, json_object_new_string(texts->pdata[i]));
	return array;
}

static json_object *status_head(const struct snapshot *snapshot)
{
	json_object *object = json_object_new_object();

	json_add_time(object, "generated_at", snapshot->input.generated_wall_ms);
	json_add_text(object, "version", version_number);
	render_add_tally(object, &snapshot->tally);
	json_add(object, "check", render_check_json(&snapshot->input.check));
	json_add(object, "repos", repos_json(snapshot->input.repos));
	return object;
}

static json_object *status_tail(const struct snapshot *snapshot)
{
	const struct snapshot_input *input = &snapshot->input;
	json_object *object = json_object_new_object();

	json_add(object, "unwatched", unwatched_json(input->unwatched));
	json_add(object, "channels", json_object_new_array());
	json_add(object, "api_calls", accounts_json(input->accounts));
	json_add(object, "config_warnings", texts_json(input->config->warnings));
	json_add_text(object, "config_error", input->config_error);
	json_add_text(object, "store_error", input->store_error);
	return object;
}

char *render_status_json(const struct snapshot *snapshot)
{
	const GPtrArray *verdicts = snapshot->input.verdicts;
	GString *to = g_string_sized_new(1024 + (gsize)verdicts->len * 384);

	g_string_append_c(to, '{');
	append_members(to, status_head(snapshot));
	g_string_append(to, ",\"targets\":[");
	for (guint i = 0; i < verdicts->len; i++) {
		json_object *line = verdict_to_status_json(verdicts->pdata[i],
							   snapshot->input.generated_wall_ms);

		if (i > 0)
			g_string_append_c(to, ',');
		append_json(to, line);
		json_object_put(line);
	}
	g_string_append(to, "],");
	append_members(to, status_tail(snapshot));
	g_string_append(to, "}\n");
	return g_string_free(to, FALSE);
}

char *render_drift_json(const struct snapshot *snapshot, const struct render_page *page)
{
	GString *to = g_string_sized_new(512 + (gsize)page->items->len * 1024);
	json_object *head = json_object_new_object();
	json_object *tail = json_object_new_object();

	json_add_time(head, "generated_at", snapshot->input.generated_wall_ms);
	render_add_tally(head, &snapshot->tally);
	json_add_int(head, "selected", page->selected);
	g_string_append_c(to, '{');
	append_members(to, head);
	g_string_append(to, ",\"items\":[");
	for (guint i = 0; i < page->items->len; i++) {
		json_object *item = verdict_to_drift_json(page->items->pdata[i],
							  snapshot->input.generated_wall_ms,
							  VERDICT_EXTENT_SHORT);

		if (i > 0)
			g_string_append_c(to, ',');
		append_json(to, item);
		json_object_put(item);
	}
	g_string_append(to, "],");
	json_add_text(tail, "next_cursor", page->next_cursor);
	append_members(to, tail);
	g_string_append(to, "}\n");
	return g_string_free(to, FALSE);
}

char *render_target_json(const struct snapshot *snapshot, const struct verdict *verdict)
{
	int64_t now_wall_ms = snapshot->input.generated_wall_ms;
	json_object *object = json_object_new_object();
	GString *to = g_string_new("{");

	json_add_time(object, "generated_at", now_wall_ms);
	append_members(to, object);
	g_string_append_c(to, ',');
	append_members(to, verdict_to_drift_json(verdict, now_wall_ms, VERDICT_EXTENT_FULL));
	g_string_append(to, "}\n");
	return g_string_free(to, FALSE);
}

/* "LABEL: TEXT" with what could move a terminal's cursor made visible. */
static void append_line(GString *to, const char *label, const char *text)
{
	g_autofree char *shown = text ? text_escape_terminal(text) : NULL;

	if (shown)
		g_string_append_printf(to, "%s: %s\n", label, shown);
}

static void append_check(GString *to, const struct check_status *check)
{
	char at[TIMEFMT_BYTES];

	if (check->id > 0)
		g_string_append_printf(to, "check %" PRId64 " (%s) at %s", check->id,
				       check->trigger ? check->trigger : "-",
				       timefmt_utc(check->started_wall_ms, at));
	else
		g_string_append(to, "no check yet");
	if (check->id > 0 && check->duration_ms >= 0)
		g_string_append_printf(to, ", %" PRId64 " ms", check->duration_ms);
	if (check->next_wall_ms > 0)
		g_string_append_printf(to, ", next at %s", timefmt_utc(check->next_wall_ms, at));
	g_string_append_c(to, '\n');
}

static void append_repo(GString *to, const struct repo_status *repo, int64_t now_wall_ms)
{
	g_autofree char *subject = repo->head ? text_escape_terminal(repo->head->subject) : NULL;
	g_autofree char *age = text_age(now_wall_ms - repo->fetched_wall_ms);

	g_string_append_printf(to, "repo %s %s ", repo->name, repo->branch ? repo->branch : "-");
	if (repo->head)
		g_string_append_printf(to, "%.*s %s", GIT_SHORT_DIGITS, repo->head->sha, subject);
	else
		g_string_append(to, "no head yet");
	if (repo->fetched_wall_ms > 0)
		g_string_append_printf(to, ", fetched %s ago\n", age);
	else
		g_string_append(to, ", never fetched\n");
	append_line(to, "  error", repo->error);
	append_line(to, "  note", repo->note);
}

static void append_unwatched(GString *to, const GPtrArray *services)
{
	for (guint i = 0; i < services->len; i++) {
		const struct unwatched *unwatched = services->pdata[i];
		g_autofree char *text =
			g_strdup_printf("%s %s in %s/%s", unwatched->kind, unwatched->service,
					unwatched->project, unwatched->region);

		append_line(to, "unwatched", text);
	}
}

char *render_status_text(const struct snapshot *snapshot)
{
	const struct snapshot_input *input = &snapshot->input;
	g_autofree char *headline = verdict_text_headline(&snapshot->tally, false);
	g_autofree char *table =
		verdict_text_table(input->verdicts, input->generated_wall_ms, false, false);
	GString *to = g_string_new(headline);

	if (!g_str_has_suffix(headline, "\n"))
		g_string_append_c(to, '\n');
	append_check(to, &input->check);
	for (guint i = 0; i < input->repos->len; i++)
		append_repo(to, input->repos->pdata[i], input->generated_wall_ms);
	append_line(to, "configuration error", input->config_error);
	append_line(to, "database error", input->store_error);
	for (guint i = 0; i < input->config->warnings->len; i++)
		append_line(to, "configuration warning", input->config->warnings->pdata[i]);
	append_unwatched(to, input->unwatched);
	g_string_append_printf(to, "\n%s", table);
	return g_string_free(to, FALSE);
}

char *render_drift_text(const struct snapshot *snapshot, const struct render_page *page)
{
	g_autofree char *headline = verdict_text_headline(&snapshot->tally, false);
	GString *to = g_string_new(headline);

	if (!g_str_has_suffix(headline, "\n"))
		g_string_append_c(to, '\n');
	if (page->items->len > 0) {
		g_autofree char *table = verdict_text_table(
			page->items, snapshot->input.generated_wall_ms, true, false);

		g_string_append_printf(to, "\n%s", table);
	}
	if (page->next_cursor)
		g_string_append_printf(to, "\nmore: the same with cursor=%s\n", page->next_cursor);
	return g_string_free(to, FALSE);
}

char *render_target_text(const struct snapshot *snapshot, const struct verdict *verdict)
{
	return verdict_text_detail(verdict, snapshot->input.generated_wall_ms, false);
}
