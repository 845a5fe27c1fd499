/* completions - reads completion documents: one documents:batchGet per project and [gcp] section,
 * after active-when; see run.h */
#include "data/completions.h"

#include "clk.h"
#include "data/active.h"
#include "data/run.h"

/* One target. */
struct look {
	struct errand *errand;
	const struct config_completion *config;
	struct group *group;
	struct data_cost cost;
	struct completion_obs *observation; /* NULL: not begun, or handed over */
};

/* Targets whose documents are read together: of one project, with the same question about their
 * season, so that nobody waits for the answer to another's. */
struct group {
	struct data_run *run;
	const struct config_gcp *gcp;
	const char *project;
	GPtrArray *looks; /* struct look * */
	GPtrArray *ready; /* struct look *: in season; borrowed from looks */
	guint waiting;    /* answers of active-when that have not come */
};

/* One call. */
struct batch {
	struct group *group;
	GPtrArray *looks; /* struct look *, borrowed from the group */
	const char *what; /* for messages; borrowed from the run */
};

static void look_free(gpointer data)
{
	struct look *look = data;

	completion_obs_free(look->observation);
	g_free(look);
}

static void group_free(gpointer data)
{
	struct group *group = data;

	g_ptr_array_unref(group->looks);
	g_ptr_array_unref(group->ready);
	g_free(group);
}

static void batch_free(gpointer data)
{
	struct batch *batch = data;

	g_ptr_array_unref(batch->looks);
	g_free(batch);
}

/* --- ends --- */

static const char *what_of(const struct look *look)
{
	return data_run_text(look->group->run, "read document %s of %s",
			     look->observation->document, look->group->project);
}

static void look_fail(struct look *look, enum fault_class class, const char *why)
{
	struct fault *fault = fault_create(class, 0, NULL, "%s: %s", what_of(look), why);

	errand_fail(look->errand, fault);
	fault_unref(fault);
}

static void look_finish(struct look *look, const struct firestore_answer *answer)
{
	g_autoptr(GError) error = NULL;

	if (answer->damage) {
		look_fail(look, FAULT_BAD_ANSWER, answer->damage);
		return;
	}
	if (!completions_judge(look->config, answer, look->observation, &error)) {
		look_fail(look, FAULT_BROKEN, error->message);
		return;
	}
	look->observation->cost = look->cost;
	errand_settle_completion(look->errand, g_steal_pointer(&look->observation));
}

static void batch_fail(const struct batch *batch, struct fault *fault)
{
	for (guint i = 0; i < batch->looks->len; i++) {
		const struct look *look = batch->looks->pdata[i];

		errand_fail(look->errand, fault);
	}
}

/* --- calls --- */

/* A document the answer does not tell of is not missing: nothing is known about it. */
static void take_answers(const struct batch *batch, const struct firestore_batch *answers)
{
	struct fault *stopped = NULL;

	if (answers->error)
		stopped = firestore_stream_fault(batch->what, answers->error);
	for (guint i = 0; i < batch->looks->len; i++) {
		struct look *look = batch->looks->pdata[i];
		const struct firestore_answer *answer =
			g_hash_table_lookup(answers->answers, look->observation->document);

		if (answer)
			look_finish(look, answer);
		else if (stopped)
			errand_fail(look->errand, stopped);
		else
			look_fail(look, FAULT_BAD_ANSWER,
				  "the answer does not tell of it: check firestore-endpoint");
	}
	fault_unref(stopped);
}

static void send_batch(struct group *group, GPtrArray *looks);

static GPtrArray *slice(const GPtrArray *looks, guint from, guint to)
{
	GPtrArray *part = g_ptr_array_new();

	for (guint i = from; i < to; i++)
		g_ptr_array_add(part, looks->pdata[i]);
	return part;
}

/* May one document be to blame that the others are not read with? */
static bool is_of_one(const struct fault *fault)
{
	return fault->class == FAULT_TOO_LARGE ||
	       (fault->class == FAULT_HTTP_4XX && fault->status == 400);
}

static void take_fault(const struct batch *batch, struct fault *fault)
{
	guint count = batch->looks->len;
	struct fault *told = firestore_explain_fault(batch->what, fault);

	if (count > 1 && is_of_one(told)) {
		send_batch(batch->group, slice(batch->looks, 0, count / 2));
		send_batch(batch->group, slice(batch->looks, count / 2, count));
	} else {
		batch_fail(batch, told);
	}
	fault_unref(told);
}

static void on_batch(void *data, const char *body, size_t length, struct fault *fault)
{
	const struct batch *batch = data;
	g_autoptr(GError) error = NULL;
	struct firestore_batch *answers = NULL;

	if (fault) {
		take_fault(batch, fault);
		return;
	}
	answers = firestore_batch_decode(body, length, &error);
	if (answers) {
		take_answers(batch, answers);
		firestore_batch_free(answers);
		return;
	}
	fault = fault_create(FAULT_BAD_ANSWER, 0, NULL, "%s: %s: check firestore-endpoint",
			     batch->what, error->message);
	batch_fail(batch, fault);
	fault_unref(fault);
}

static const char *batch_text(const struct batch *batch)
{
	const struct look *first = batch->looks->pdata[0];
	guint more = batch->looks->len - 1;
	const char *document = first->observation->document;

	if (more == 0)
		return data_run_text(batch->group->run, "read document %s of %s", document,
				     batch->group->project);
	return data_run_text(batch->group->run, "read document %s of %s and %u more", document,
			     batch->group->project, more);
}

/* @p looks is taken. */
static void send_batch(struct group *group, GPtrArray *looks)
{
	struct batch *batch = g_new0(struct batch, 1);
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	g_autofree char *url = firestore_batch_url(group->gcp->firestore_endpoint, group->project);
	g_autofree char *body = NULL;
	struct google_call call = {
		.api = "firestore", .permission = FIRESTORE_PERMISSION, .url = url};

	batch->group = group;
	batch->looks = looks;
	data_run_own(group->run, batch, batch_free);
	batch->what = batch_text(batch);
	call.what = batch->what;
	for (guint i = 0; i < looks->len; i++) {
		const struct look *look = looks->pdata[i];

		look->errand->waits_for = batch->what;
		g_ptr_array_add(paths, look->observation->document);
	}
	body = firestore_batch_body(group->project, paths);
	data_run_call(group->run, group->gcp, &call, body, on_batch, batch);
}

/* Which document it is; false: it can be none, and the look has failed. */
static bool begin(struct look *look, int64_t now_wall_ms)
{
	g_autoptr(GError) error = NULL;

	look->observation = completions_begin(look->config, now_wall_ms);
	if (firestore_check_path(look->observation->document, &error))
		return true;
	look_fail(look, FAULT_BROKEN, error->message);
	return false;
}

static void read_documents(struct group *group)
{
	int64_t now_wall_ms = clk_wall_ms();
	g_autoptr(GPtrArray) fit = g_ptr_array_new();

	for (guint i = 0; i < group->ready->len; i++)
		if (begin(group->ready->pdata[i], now_wall_ms))
			g_ptr_array_add(fit, group->ready->pdata[i]);
	for (guint from = 0; from < fit->len; from += FIRESTORE_BATCH_MAX)
		send_batch(group, slice(fit, from, MIN(from + FIRESTORE_BATCH_MAX, fit->len)));
}

/* --- in season? --- */

static void settle_not_active(struct look *look)
{
	struct completion_obs *observation = completion_obs_create();

	observation->not_active = true;
	observation->cost = look->cost;
	errand_settle_completion(look->errand, observation);
}

static void on_active(void *data, bool active, struct fault *fault, struct data_cost cost)
{
	struct look *look = data;
	struct group *group = look->group;

	look->cost = cost;
	if (fault)
		errand_fail(look->errand, fault);
	else if (!active)
		settle_not_active(look);
	else
		g_ptr_array_add(group->ready, look);
	group->waiting--;
	if (group->waiting == 0)
		read_documents(group);
}

static void start_group(struct group *group)
{
	for (guint i = 0; i < group->looks->len; i++) {
		struct look *look = group->looks->pdata[i];
		const struct config_completion *config = look->config;

		if (!config->active_when) {
			g_ptr_array_add(group->ready, look);
			continue;
		}
		group->waiting++;
		look->errand->waits_for =
			data_run_text(group->run, "active-when of %s", config->target.id);
		active_ask_bigquery(look->errand, config->gcp, config->project, config->location,
				    config->active_when, on_active, look);
	}
	if (group->waiting == 0)
		read_documents(group);
}

static struct group *find_group(GHashTable *groups, struct data_run *run,
				const struct config_completion *config)
{
	const char *location = config->active_when && config->location ? config->location : "";
	g_autofree char *key =
		g_strdup_printf("%s\n%s\n%s\n%s", config->gcp->name, config->project, location,
				config->active_when ? config->active_when : "");
	struct group *group = g_hash_table_lookup(groups, key);

	if (group)
		return group;
	group = g_new0(struct group, 1);
	group->run = run;
	group->gcp = config->gcp;
	group->project = config->project;
	group->looks = g_ptr_array_new_with_free_func(look_free);
	group->ready = g_ptr_array_new();
	data_run_own(run, group, group_free);
	g_hash_table_insert(groups, g_steal_pointer(&key), group);
	return group;
}

void completions_collect(struct data_run *run, const GPtrArray *errands)
{
	g_autoptr(GHashTable) groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GHashTableIter iter;
	gpointer group = NULL;

	for (guint i = 0; i < errands->len; i++) {
		struct look *look = g_new0(struct look, 1);

		look->errand = errands->pdata[i];
		look->config = config_to_completion(look->errand->target);
		look->group = find_group(groups, run, look->config);
		g_ptr_array_add(look->group->looks, look);
	}
	g_hash_table_iter_init(&iter, groups);
	while (g_hash_table_iter_next(&iter, NULL, &group))
		start_group(group);
}
