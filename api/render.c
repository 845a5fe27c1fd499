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
	g_autofree char *text = json_to_text(value, NULL);

	g_string_append(to, text);
}

/* Appends the members of @p object, without the braces around them; takes it. */
static void append_members(GString *to, json_object *object)
{
	size_t length = 0;
	g_autofree char *text = json_to_text(object, &length);

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

static json_object *channels_json(const GPtrArray *channels)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < channels->len; i++) {
		const struct channel_status *channel = channels->pdata[i];
		json_object *object = json_object_new_object();

		json_add_text(object, "id", channel->id);
		json_add_text(object, "name", channel->name);
		json_add_text(object, "kind", channel->kind);
		json_add_text(object, "state", channel->failing ? "failing" : "ok");
		json_add_int(object, "waiting", channel->waiting);
		json_add_int(object, "failed", channel->failed);
		json_add_text(object, "last_error", channel->last_error);
		json_add_time(object, "last_error_at", channel->last_error_wall_ms);
		json_add_time(object, "last_sent_at", channel->last_sent_wall_ms);
		(void)json_object_array_add(array, object);
	}
	return array;
}

/* NULL: it has none that is not over. */
static json_object *incident_json(const struct incident *incident)
{
	json_object *object = NULL;

	if (!incident)
		return NULL;
	object = json_object_new_object();
	json_add_int(object, "id", incident->id);
	json_add_text(object, "status", incident_status_text(incident->status));
	json_add_text(object, "acknowledged_by", incident->acknowledged_by);
	json_add_text(object, "held_by", incident->held_by);
	return object;
}

/* An item of /drift, with its incident. */
static json_object *target_json(const struct snapshot *snapshot, const struct verdict *verdict,
				enum verdict_extent extent)
{
	json_object *item =
		verdict_to_drift_json(verdict, snapshot->input.generated_wall_ms, extent);

	json_add(item, "incident", incident_json(snapshot_find_incident(snapshot, verdict->id)));
	return item;
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
	json_add(object, "channels", channels_json(input->channels));
	json_add_int(object, "incidents_open", input->incidents->len);
	json_add_int(object, "silences_active", input->silences_active);
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
		json_object *item =
			target_json(snapshot, page->items->pdata[i], VERDICT_EXTENT_SHORT);

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
	append_members(to, target_json(snapshot, verdict, VERDICT_EXTENT_FULL));
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

static void append_channel(GString *to, const struct channel_status *channel)
{
	g_autofree char *error =
		channel->last_error ? text_escape_terminal(channel->last_error) : NULL;

	if (!channel->failing && channel->waiting == 0 && channel->failed == 0)
		return; /* nothing to be said of it */
	g_string_append_printf(to, "channel %s  %s, %" PRId64 " waiting, %" PRId64 " failed%s%s\n",
			       channel->id, channel->failing ? "failing" : "ok", channel->waiting,
			       channel->failed, channel->failing && error ? ": " : "",
			       channel->failing && error ? error : "");
}

static void append_alerts(GString *to, const struct snapshot_input *input)
{
	if (input->incidents->len > 0)
		g_string_append_printf(to, "incidents open: %u\n", input->incidents->len);
	if (input->silences_active > 0)
		g_string_append_printf(to, "silences active: %" PRId64 "\n",
				       input->silences_active);
	for (guint i = 0; i < input->channels->len; i++)
		append_channel(to, input->channels->pdata[i]);
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
	append_alerts(to, input);
	append_line(to, "configuration error", input->config_error);
	append_line(to, "database error", input->store_error);
	for (guint i = 0; i < input->config->warnings->len; i++)
		append_line(to, "configuration warning", input->config->warnings->pdata[i]);
	append_unwatched(to, input->unwatched);
	g_string_append_printf(to, "\n%s", table);
	return g_string_free(to, FALSE);
}

/* "incident 12, acknowledged by ann, held by silence 3". Caller frees. */
static char *incident_text(const struct incident *incident)
{
	g_autofree char *who =
		text_escape_terminal(incident->acknowledged_by ? incident->acknowledged_by : "");
	g_autofree char *held = text_escape_terminal(incident->held_by ? incident->held_by : "");

	return g_strdup_printf("incident %" PRId64 "%s%s%s%s", incident->id,
			       *who ? ", acknowledged by " : "", who,
			       *held ? ", told to nobody: " : "", held);
}

/* The incident's line below the target's own in @p table, whose lines of detail are all indented. */
static void append_table(GString *to, const struct snapshot *snapshot, const GPtrArray *items,
			 const char *table)
{
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	guint next = 0;

	for (size_t i = 0; lines[i] && (*lines[i] || lines[i + 1]); i++) {
		const struct incident *incident = NULL;

		g_string_append_printf(to, "%s\n", lines[i]);
		if (i == 0 || g_ascii_isspace(*lines[i]) || next >= items->len)
			continue; /* titles, details */
		incident = snapshot_find_incident(
			snapshot, ((const struct verdict *)items->pdata[next++])->id);
		if (incident) {
			g_autofree char *text = incident_text(incident);

			g_string_append_printf(to, "    %s\n", text);
		}
	}
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

		g_string_append_c(to, '\n');
		append_table(to, snapshot, page->items, table);
	}
	if (page->next_cursor)
		g_string_append_printf(to, "\nmore: the same with cursor=%s\n", page->next_cursor);
	return g_string_free(to, FALSE);
}

char *render_target_text(const struct snapshot *snapshot, const struct verdict *verdict)
{
	const struct incident *incident = snapshot_find_incident(snapshot, verdict->id);
	char *detail = verdict_text_detail(verdict, snapshot->input.generated_wall_ms, false);
	g_autofree char *text = incident ? incident_text(incident) : NULL;
	char *both = NULL;

	if (!incident)
		return detail;
	both = g_strdup_printf("%s  %s\n", detail, text);
	g_free(detail);
	return both;
}

char *render_event_json(const struct snapshot *snapshot)
{
	const struct snapshot_input *input = &snapshot->input;
	json_object *object = json_object_new_object();
	char *text = NULL;

	json_add_time(object, "generated_at", input->generated_wall_ms);
	render_add_tally(object, &snapshot->tally);
	json_add_int(object, "incidents_open", input->incidents->len);
	json_add(object, "check_id",
		 input->check.id > 0 ? json_object_new_int64(input->check.id) : NULL);
	json_add_text(object, "fact", snapshot->fact);
	text = json_to_text(object, NULL);
	json_object_put(object);
	return text;
}
