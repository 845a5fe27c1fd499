/* bq_job - see bq_job.h */
#include "tests/fakecloud/bq_job.h"

#include "clk.h"
#include "tests/fakecloud/jsn.h"

#include <string.h>

/** How many of the last queries the log shows. */
#define RECENT_MAX 50

/** Jobs kept; older ones are forgotten. */
#define JOBS_MAX 5000

void bq_rule_free(void *data)
{
	struct bq_rule *rule = data;

	if (!rule)
		return;
	g_free(rule->query);
	g_free(rule->reason);
	g_free(rule->message);
	g_free(rule->warning);
	g_free(rule);
}

struct bq_rule *bq_rule_parse(json_object *object, const char **ret_problem)
{
	struct bq_rule *rule = NULL;

	if (!json_object_is_type(object, json_type_object)) {
		*ret_problem = "the body is no JSON object";
		return NULL;
	}
	rule = g_new0(struct bq_rule, 1);
	rule->query = g_strdup(jsn_text(object, "query", ""));
	rule->dry_run = jsn_at(object, "dry_run") ? jsn_flag(object, "dry_run") : -1;
	rule->skip = jsn_int(object, "skip", 0);
	rule->count = jsn_int(object, "count", -1);
	rule->wait_ms = jsn_int(object, "wait_ms", 0);
	rule->polls = jsn_int(object, "polls", 0);
	rule->never = jsn_flag(object, "never");
	rule->cache_hit = jsn_flag(object, "cache_hit");
	rule->reason = g_strdup(jsn_text(object, "reason", NULL));
	rule->message = g_strdup(jsn_text(object, "message", rule->reason));
	rule->warning = g_strdup(jsn_text(object, "warning", NULL));
	rule->status = (int)jsn_int(object, "status", 400); /* three digits */
	return rule;
}

void bq_job_free(void *data)
{
	struct bq_job *job = data;

	if (!job)
		return;
	g_free(job->project);
	g_free(job->id);
	g_free(job->location);
	g_free(job->request_id);
	g_free(job->query);
	g_free(job->statement_type);
	g_free(job->warning);
	g_free(job->reason);
	g_free(job->message);
	json_object_put(job->labels);
	json_object_put(job->rows);
	json_object_put(job->referenced);
	if (job->columns)
		g_ptr_array_unref(job->columns);
	g_free(job);
}

/* --- finding --- */

static char *job_key(const char *project, const char *id)
{
	return g_strdup_printf("%s:%s", project, id);
}

/** Outside of the multi-regions a job is only found by those who know where it is (API-FACTS
 * C.2). */
struct bq_job *bq_job_find(struct bq *bq, const char *project, const char *id, const char *location)
{
	g_autofree char *key = job_key(project, id);
	struct bq_job *job = g_tree_lookup(bq->jobs, key);

	if (!job)
		return NULL;
	if (location)
		return g_ascii_strcasecmp(location, job->location) == 0 ? job : NULL;
	return g_ascii_strcasecmp(job->location, "US") == 0 ||
			       g_ascii_strcasecmp(job->location, "EU") == 0
		       ? job
		       : NULL;
}

struct search {
	const char *project, *request_id;
	struct bq_job *found;
	int64_t running;
};

static gboolean match_request(gpointer key, gpointer data, gpointer context)
{
	struct search *search = context;
	struct bq_job *job = data;

	(void)key;
	if (g_strcmp0(job->request_id, search->request_id) == 0 &&
	    g_str_equal(job->project, search->project))
		search->found = job;
	return search->found != NULL;
}

static struct bq_job *find_request(struct bq *bq, const struct bq_request *request)
{
	struct search search = {.project = request->project, .request_id = request->request_id};

	if (request->request_id && *request->request_id)
		g_tree_foreach(bq->jobs, match_request, &search);
	return search.found;
}

static gboolean count_running(gpointer key, gpointer job, gpointer context)
{
	struct search *search = context;

	(void)key;
	search->running += bq_job_is_done(job, false) ? 0 : 1;
	return FALSE;
}

int64_t bq_running(const struct bq *bq)
{
	struct search search = {0};

	g_tree_foreach(bq->jobs, count_running, &search);
	return search.running;
}

/* --- running --- */

static void set_error(struct bq_job *job, int status, const char *reason, const char *message)
{
	if (job->status != 0)
		return;
	job->status = status;
	job->reason = g_strdup(reason);
	job->message = g_strdup(message);
}

static struct bq_rule *take_rule(struct bq *bq, const struct bq_request *request)
{
	for (guint i = 0; i < bq->rules->len; i++) {
		struct bq_rule *rule = bq->rules->pdata[i];

		if (rule->count == 0 || !strstr(request->query, rule->query) ||
		    (rule->dry_run >= 0 && (rule->dry_run != 0) != request->dry_run))
			continue;
		if (rule->skip > 0) {
			rule->skip--;
			continue;
		}
		if (rule->count > 0)
			rule->count--;
		return rule;
	}
	return NULL;
}

static void apply_rule(struct bq_job *job, const struct bq_rule *rule)
{
	job->never = rule->never;
	job->ready_mono_ms = clk_mono_ms() + rule->wait_ms;
	job->polls_left = rule->polls;
	job->cache_hit = rule->cache_hit;
	job->warning = g_strdup(rule->warning);
	if (rule->reason)
		set_error(job, rule->status, rule->reason, rule->message);
}

static void add_referenced(struct bq_job *job, const struct sql_plan *plan)
{
	job->referenced = json_object_new_array();
	for (guint i = 0; i < plan->tables->len; i++) {
		const struct bq_table *table = plan->tables->pdata[i];
		json_object *one = json_object_new_object();

		jsn_add_text(one, "projectId", table->project);
		jsn_add_text(one, "datasetId", table->dataset);
		jsn_add_text(one, "tableId", table->name);
		json_object_array_add(job->referenced, one);
	}
	for (guint i = 0; i < plan->views->len; i++) {
		g_auto(GStrv) parts = g_strsplit_set(plan->views->pdata[i], ":.", 3);
		json_object *one = json_object_new_object();

		jsn_add_text(one, "projectId", parts[0]);
		jsn_add_text(one, "datasetId", parts[1]);
		jsn_add_text(one, "tableId", parts[2]);
		json_object_array_add(job->referenced, one);
	}
}

/** The cap is held against what would be billed; a query above it costs nothing. */
static void check_cap(struct bq_job *job, const struct bq_request *request)
{
	g_autofree char *message = NULL;

	if (request->dry_run || request->max_bytes < 0 || job->billed <= request->max_bytes)
		return;
	message = g_strdup_printf("Query exceeded limit for bytes billed: %" G_GINT64_FORMAT
				  ". %" G_GINT64_FORMAT " or higher required.",
				  request->max_bytes, job->billed);
	set_error(job, 400, "bytesBilledLimitExceeded", message);
}

static gpointer copy_field(gconstpointer field, gpointer data)
{
	(void)data;
	return bq_field_copy(field);
}

static void take_columns(struct bq_job *job, const struct sql_plan *plan)
{
	job->columns = g_ptr_array_copy(plan->columns, copy_field, NULL);
	g_ptr_array_set_free_func(job->columns, bq_field_free);
}

static void execute(struct bq *bq, struct bq_job *job, const struct bq_request *request)
{
	const struct sql_context context = {.bq = bq,
					    .project = request->project,
					    .default_dataset = request->default_dataset,
					    .location = request->location,
					    .parameters = request->parameters};
	struct sql_plan *plan = sql_plan_create(&context, request->query);

	job->statement_type = g_strdup(plan->statement_type);
	job->location = g_strdup(plan->location ? plan->location : "US");
	if (plan->status == 0) {
		job->processed = sql_plan_processed(plan);
		job->billed = request->dry_run || job->cache_hit ? 0 : sql_plan_billed(plan);
		add_referenced(job, plan);
		check_cap(job, request);
		if (plan->columns)
			take_columns(job, plan);
	}
	if (plan->status == 0 && job->status == 0 && plan->sqlite && !request->dry_run)
		job->rows = sql_run(plan);
	if (plan->status != 0)
		set_error(job, plan->status, plan->reason, plan->message);
	if (job->status != 0)
		job->billed = 0;
	sql_plan_free(plan);
}

/* --- counting --- */

static void count_labels(struct bq *bq, const struct bq_request *request)
{
	bool labelled = false;

	if (json_object_is_type(request->labels, json_type_object)) {
		json_object_object_foreach(request->labels, name, value)
		{
			char *label = g_strdup_printf("%s=%s", name, json_object_get_string(value));
			guint count = GPOINTER_TO_UINT(g_hash_table_lookup(bq->labels, label));

			labelled |= g_str_equal(label, "app=driftd");
			g_hash_table_replace(bq->labels, label, GUINT_TO_POINTER(count + 1));
		}
	}
	bq->counts.unlabelled += labelled ? 0 : 1;
}

static void count(struct bq *bq, const struct bq_request *request, const struct bq_job *job)
{
	struct bq_counts *counts = &bq->counts;

	count_labels(bq, request);
	if (request->dry_run) {
		counts->dry_runs++;
		return;
	}
	counts->queries++;
	counts->uncapped += request->max_bytes < 0 ? 1 : 0;
	counts->bytes_processed += job->status == 0 ? job->processed : 0;
	counts->bytes_billed += job->billed;
	if (job->status == 0 && job->statement_type && !g_str_equal(job->statement_type, "SELECT"))
		counts->writes++;
	if (bq->recent->len >= RECENT_MAX)
		g_ptr_array_remove_index(bq->recent, 0);
	g_ptr_array_add(bq->recent, g_strdup(request->query));
}

static struct bq_job *job_create(struct bq *bq, const struct bq_request *request)
{
	struct bq_job *job = g_new0(struct bq_job, 1);

	job->project = g_strdup(request->project);
	job->id = request->job_id ? g_strdup(request->job_id)
				  : g_strdup_printf("job_fake_%08u", ++bq->next_job);
	job->request_id = g_strdup(request->request_id);
	job->query = g_strdup(request->query);
	job->created_ms = clk_wall_ms();
	if (request->labels)
		(void)json_object_deep_copy(request->labels, &job->labels, NULL); /* text only */
	return job;
}

struct bq_job *bq_job_run(struct bq *bq, const struct bq_request *request)
{
	struct bq_job *job = find_request(bq, request);
	const struct bq_rule *rule = NULL;

	if (job) {
		bq->counts.repeated++;
		return job;
	}
	job = job_create(bq, request);
	rule = take_rule(bq, request);
	if (rule)
		apply_rule(job, rule);
	if (request->legacy) {
		bq->counts.legacy++;
		set_error(job, 400, "invalidQuery",
			  "This stand-in runs no legacy SQL: useLegacySql must be false");
	}
	execute(bq, job, request);
	count(bq, request, job);
	if (request->dry_run)
		return job;
	if (g_tree_nnodes(bq->jobs) >= JOBS_MAX)
		g_tree_remove_all(bq->jobs);
	g_tree_replace(bq->jobs, job_key(job->project, job->id), job);
	return job;
}

bool bq_job_is_done(struct bq_job *job, bool look)
{
	if (job->cancelled)
		return true;
	if (job->never || clk_mono_ms() < job->ready_mono_ms)
		return false;
	if (job->polls_left <= 0)
		return true;
	job->polls_left -= look ? 1 : 0;
	return false;
}

void bq_job_cancel(struct bq *bq, struct bq_job *job)
{
	bq->counts.cancels++;
	if (bq_job_is_done(job, false))
		return;
	job->cancelled = true;
	job->status = 0; /* an error that was to come does not any more */
	g_clear_pointer(&job->reason, g_free);
	g_clear_pointer(&job->message, g_free);
	set_error(job, 499, "stopped", "Job execution was cancelled: User requested cancellation");
}

json_object *bq_job_reference(const struct bq_job *job, bool dry_run)
{
	json_object *reference = json_object_new_object();

	jsn_add_text(reference, "projectId", job->project);
	if (!dry_run)
		jsn_add_text(reference, "jobId", job->id);
	jsn_add_text(reference, "location", job->location);
	return reference;
}
