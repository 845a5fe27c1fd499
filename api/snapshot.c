/* snapshot - see snapshot.h */
#include "api/snapshot.h"

#include <string.h>

#include "api/metrics.h"
#include "api/render.h"
#include "api/response.h"
#include "api/select.h"
#include "drift_error.h"

static void account_free(gpointer data)
{
	struct http_account *account = data;

	g_free(account->api);
	g_free(account->outcome);
	g_free(account);
}

static void spent_free(gpointer data)
{
	struct snapshot_spent *spent = data;

	g_free(spent->gcp);
	g_free(spent);
}

struct snapshot_input *snapshot_input_create(void)
{
	struct snapshot_input *input = g_new0(struct snapshot_input, 1);

	input->verdicts = g_ptr_array_new_with_free_func((GDestroyNotify)verdict_unref);
	input->repos = g_ptr_array_new_with_free_func((GDestroyNotify)repo_status_free);
	input->unwatched = g_ptr_array_new_with_free_func((GDestroyNotify)unwatched_free);
	input->incidents = g_ptr_array_new_with_free_func((GDestroyNotify)incident_free);
	input->channels = g_ptr_array_new_with_free_func((GDestroyNotify)channel_status_free);
	input->windows = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_window_free);
	input->accounts = g_ptr_array_new_with_free_func(account_free);
	input->spent = g_ptr_array_new_with_free_func(spent_free);
	return input;
}

static void input_done(struct snapshot_input *input)
{
	if (input->config)
		config_unref(input->config);
	g_ptr_array_unref(input->verdicts);
	g_ptr_array_unref(input->repos);
	g_ptr_array_unref(input->unwatched);
	g_ptr_array_unref(input->incidents);
	g_ptr_array_unref(input->channels);
	g_ptr_array_unref(input->windows);
	g_ptr_array_unref(input->accounts);
	g_ptr_array_unref(input->spent);
	g_free(input->check.trigger);
	g_free(input->config_error);
	g_free(input->store_error);
}

void snapshot_input_free(struct snapshot_input *input)
{
	if (!input)
		return;
	input_done(input);
	g_free(input);
}

void snapshot_window_free(struct snapshot_window *window)
{
	if (!window)
		return;
	g_free(window->name);
	g_strfreev(window->matchers);
	g_free(window);
}

static struct snapshot_window *window_copy(const struct snapshot_window *window)
{
	struct snapshot_window *copy = g_memdup2(window, sizeof(*window));

	copy->name = g_strdup(window->name);
	copy->matchers = g_strdupv(window->matchers);
	return copy;
}

void repo_status_free(struct repo_status *status)
{
	if (!status)
		return;
	g_free(status->name);
	g_free(status->branch);
	git_commit_free(status->head);
	g_free(status->error);
	g_free(status->note);
	g_free(status);
}

struct repo_status *repo_status_copy(const struct repo_status *status)
{
	struct repo_status *copy = g_memdup2(status, sizeof(*status));

	copy->name = g_strdup(status->name);
	copy->branch = g_strdup(status->branch);
	copy->head = status->head ? git_commit_copy(status->head) : NULL;
	copy->error = g_strdup(status->error);
	copy->note = g_strdup(status->note);
	return copy;
}

static struct shared_bytes *shared_bytes_create(char *bytes)
{
	struct shared_bytes *shared = g_new0(struct shared_bytes, 1);

	shared->references = 1;
	shared->bytes = bytes;
	shared->length = strlen(bytes);
	return shared;
}

struct shared_bytes *shared_bytes_ref(struct shared_bytes *shared)
{
	g_atomic_int_inc(&shared->references);
	return shared;
}

void shared_bytes_unref(struct shared_bytes *shared)
{
	if (!shared || !g_atomic_int_dec_and_test(&shared->references))
		return;
	g_free(shared->bytes);
	g_free(shared);
}

/* Takes @p bytes and @p etag. */
static void body_init(struct body *body, const char *content_type, char *bytes, char *etag)
{
	body->shared = shared_bytes_create(bytes);
	body->bytes = body->shared->bytes;
	body->length = body->shared->length;
	body->content_type = content_type;
	body->etag = etag;
}

static void body_done(struct body *body)
{
	for (size_t i = 0; i < G_N_ELEMENTS(body->cache); i++)
		if (body->cache[i])
			body->cache[i]->free(body->cache[i]);
	g_free(body->etag);
	shared_bytes_unref(body->shared);
}

/* Expired verdicts become what they are now; then the order of every list. */
void snapshot_input_settle(struct snapshot_input *input)
{
	GPtrArray *verdicts = input->verdicts;

	for (guint i = 0; i < verdicts->len; i++) {
		struct verdict *verdict = verdicts->pdata[i];

		verdicts->pdata[i] =
			verdict_at(verdict, input->generated_wall_ms, input->generated_mono_ms);
		verdict_unref(verdict);
	}
	g_ptr_array_sort(verdicts, verdict_compare);
}

/* Earliest expiry still to come, by the clock that decides it (verdict_is_expired()). What has
 * expired already is shown so and cannot expire again. */
static void find_validity(struct snapshot *snapshot)
{
	const struct snapshot_input *input = &snapshot->input;

	snapshot->valid_until_wall_ms = INT64_MAX;
	snapshot->valid_until_mono_ms = INT64_MAX;
	for (guint i = 0; i < input->verdicts->len; i++) {
		const struct verdict *verdict = input->verdicts->pdata[i];

		if (verdict->state == STATE_PAUSED && verdict->next_change_wall_ms > 0)
			snapshot->valid_until_wall_ms =
				MIN(snapshot->valid_until_wall_ms, verdict->next_change_wall_ms);
		if (verdict->state == STATE_PAUSED || verdict->expires_wall_ms == 0 ||
		    verdict_is_expired(verdict, input->generated_wall_ms, input->generated_mono_ms))
			continue;
		if (verdict->expires_mono_ms != 0)
			snapshot->valid_until_mono_ms =
				MIN(snapshot->valid_until_mono_ms, verdict->expires_mono_ms);
		else
			snapshot->valid_until_wall_ms =
				MIN(snapshot->valid_until_wall_ms, verdict->expires_wall_ms);
	}
}

static void index_verdicts(struct snapshot *snapshot)
{
	const GPtrArray *verdicts = snapshot->input.verdicts;

	snapshot->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < verdicts->len; i++) {
		struct verdict *verdict = verdicts->pdata[i];

		(void)g_hash_table_insert(snapshot->by_id, verdict->id, verdict); /* ids differ */
	}
}

static void index_incidents(struct snapshot *snapshot)
{
	const GPtrArray *incidents = snapshot->input.incidents;

	snapshot->incident_by_target = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < incidents->len; i++) {
		struct incident *incident = incidents->pdata[i];

		(void)g_hash_table_insert(snapshot->incident_by_target, incident->target,
					  incident); /* one of each target */
	}
}

const struct incident *snapshot_find_incident(const struct snapshot *snapshot, const char *id)
{
	return g_hash_table_lookup(snapshot->incident_by_target, id);
}

int64_t snapshot_next_look(const struct snapshot *snapshot, const struct verdict *verdict)
{
	const struct snapshot_input *input = &snapshot->input;
	const struct config_target *target = config_find_target(input->config, verdict->id);
	int64_t next_wall_ms = input->check.next_wall_ms;

	if (verdict->state == STATE_PAUSED || next_wall_ms == 0)
		return 0;
	if (!target || verdict->observed_wall_ms == 0)
		return next_wall_ms;
	return MAX(next_wall_ms, verdict->observed_wall_ms + target->every_ms);
}

static void render_drift(struct snapshot *snapshot)
{
	const struct query no_query = {0};
	struct select_page page = {0};
	struct render_page shown = {0};

	if (!select_drift(snapshot, &no_query, &page, NULL))
		g_error("a list without a cursor cannot fail"); /* nothing to refuse in it */
	shown = (struct render_page){page.items, page.selected, page.next_cursor};
	body_init(&snapshot->drift_json, response_json, render_drift_json(snapshot, &shown),
		  render_drift_etag(snapshot, &shown, false));
	body_init(&snapshot->drift_text, response_text, render_drift_text(snapshot, &shown),
		  render_drift_etag(snapshot, &shown, true));
	select_page_done(&page);
}

struct snapshot *snapshot_create(struct snapshot_input *input)
{
	struct snapshot *snapshot = g_new0(struct snapshot, 1);

	snapshot->references = 1;
	snapshot->input = *input;
	g_free(input); /* its contents have moved */
	snapshot_input_settle(&snapshot->input);
	snapshot->tally = tally_make(snapshot->input.verdicts);
	find_validity(snapshot);
	index_verdicts(snapshot);
	index_incidents(snapshot);
	body_init(&snapshot->status_json, response_json, render_status_json(snapshot),
		  render_status_etag(snapshot, false));
	body_init(&snapshot->status_text, response_text, render_status_text(snapshot),
		  render_status_etag(snapshot, true));
	render_drift(snapshot);
	body_init(&snapshot->metrics, response_metrics, metrics_render(snapshot), NULL);
	snapshot->summary_json = snapshot_check_summary(&snapshot->input, &snapshot->tally,
							snapshot->input.verdicts);
	render_fact(snapshot, snapshot->fact);
	snapshot->event_json = render_event_json(snapshot);
	return snapshot;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	g_atomic_int_inc(&snapshot->references);
	return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (!snapshot || !g_atomic_int_dec_and_test(&snapshot->references))
		return;
	body_done(&snapshot->status_json);
	body_done(&snapshot->status_text);
	body_done(&snapshot->drift_json);
	body_done(&snapshot->drift_text);
	body_done(&snapshot->metrics);
	g_hash_table_unref(snapshot->by_id);
	g_hash_table_unref(snapshot->incident_by_target);
	g_free(snapshot->event_json);
	g_free(snapshot->summary_json);
	input_done(&snapshot->input);
	g_free(snapshot);
}

static struct unwatched *unwatched_copy(const struct unwatched *unwatched)
{
	struct unwatched *copy = g_new0(struct unwatched, 1);

	copy->kind = g_strdup(unwatched->kind);
	copy->project = g_strdup(unwatched->project);
	copy->region = g_strdup(unwatched->region);
	copy->service = g_strdup(unwatched->service);
	return copy;
}

static struct http_account *account_copy(const struct http_account *account)
{
	struct http_account *copy = g_memdup2(account, sizeof(*account));

	copy->api = g_strdup(account->api);
	copy->outcome = g_strdup(account->outcome);
	return copy;
}

static struct snapshot_spent *spent_copy(const struct snapshot_spent *spent)
{
	struct snapshot_spent *copy = g_memdup2(spent, sizeof(*spent));

	copy->gcp = g_strdup(spent->gcp);
	return copy;
}

static void copy_arrays(struct snapshot_input *to, const struct snapshot_input *from)
{
	for (guint i = 0; i < from->verdicts->len; i++)
		g_ptr_array_add(to->verdicts, verdict_ref(from->verdicts->pdata[i]));
	for (guint i = 0; i < from->repos->len; i++)
		g_ptr_array_add(to->repos, repo_status_copy(from->repos->pdata[i]));
	for (guint i = 0; i < from->unwatched->len; i++)
		g_ptr_array_add(to->unwatched, unwatched_copy(from->unwatched->pdata[i]));
	for (guint i = 0; i < from->incidents->len; i++)
		g_ptr_array_add(to->incidents, incident_copy(from->incidents->pdata[i]));
	for (guint i = 0; i < from->channels->len; i++)
		g_ptr_array_add(to->channels, channel_status_copy(from->channels->pdata[i]));
	for (guint i = 0; i < from->windows->len; i++)
		g_ptr_array_add(to->windows, window_copy(from->windows->pdata[i]));
	for (guint i = 0; i < from->accounts->len; i++)
		g_ptr_array_add(to->accounts, account_copy(from->accounts->pdata[i]));
	for (guint i = 0; i < from->spent->len; i++)
		g_ptr_array_add(to->spent, spent_copy(from->spent->pdata[i]));
}

struct snapshot *snapshot_at(const struct snapshot *snapshot, int64_t now_wall_ms,
			     int64_t now_mono_ms)
{
	const struct snapshot_input *from = &snapshot->input;
	struct snapshot_input *input = snapshot_input_create();

	input->config = config_ref(from->config);
	copy_arrays(input, from);
	input->check = from->check;
	input->check.trigger = g_strdup(from->check.trigger);
	input->config_error = g_strdup(from->config_error);
	input->store_error = g_strdup(from->store_error);
	input->first_cycle_done = from->first_cycle_done;
	input->ready = from->ready;
	input->cycles_total = from->cycles_total;
	input->cycle_failures_total = from->cycle_failures_total;
	input->waiters = from->waiters;
	input->silences_active = from->silences_active;
	input->database_bytes = from->database_bytes;
	input->generated_wall_ms = now_wall_ms;
	input->generated_mono_ms = now_mono_ms;
	return snapshot_create(input);
}

const struct verdict *snapshot_find(const struct snapshot *snapshot, const char *id)
{
	return g_hash_table_lookup(snapshot->by_id, id);
}

const struct verdict *snapshot_find_name(const struct snapshot *snapshot, const char *name,
					 GError **error)
{
	const GPtrArray *verdicts = snapshot->input.verdicts;
	g_autoptr(GString) candidates = g_string_new(NULL);
	const struct verdict *found = NULL;
	int count = 0;

	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		if (strcmp(verdict->name, name) != 0)
			continue;
		found = verdict;
		g_string_append_printf(candidates, "%s%s", count++ > 0 ? ", " : "", verdict->id);
	}
	if (count == 1)
		return found;
	if (count == 0)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no target named %s: GET /status lists all", name);
	else
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_AMBIGUOUS,
			    "%d targets are named %s: say which, of %s", count, name,
			    candidates->str);
	return NULL;
}

char *snapshot_check_summary(const struct snapshot_input *input, const struct tally *tally,
			     const GPtrArray *sorted_verdicts)
{
	json_object *object = json_object_new_object();
	json_object *not_ok = json_object_new_array();
	char *text = NULL;

	json_add(object, "check", render_check_json(&input->check));
	render_add_tally(object, tally);
	for (guint i = 0; i < sorted_verdicts->len; i++) {
		const struct verdict *verdict = sorted_verdicts->pdata[i];

		if (select_is_not_ok(verdict))
			(void)json_object_array_add(not_ok, json_object_new_string(verdict->id));
	}
	json_add(object, "not_ok", not_ok);
	text = json_to_text(object, NULL);
	json_object_put(object);
	return text;
}
