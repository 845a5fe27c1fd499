/* bq_query - jobs.query, getQueryResults, jobs.insert, jobs.get, jobs.cancel. API-FACTS C.1, C.2;
 * https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs . */
#include "tests/fakecloud/bq_rest.h"

#include "clk.h"
#include "tests/fakecloud/jsn.h"

#include <string.h>

/** What the server waits at most, whatever timeoutMs says, and what it waits when that is not
 * there. */
#define WAIT_MAX_MS ((int64_t)200 * MS_PER_S)
#define WAIT_DEFAULT_MS ((int64_t)10 * MS_PER_S)

/** How often a waiting request looks. */
#define LOOK_MS 5

/** Rows of a page when nothing says how many. */
#define PAGE_ROWS 100000

static void lock(struct cloud *cloud)
{
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
}

static void unlock(struct cloud *cloud)
{
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
}

static void set_job_error(const struct bq_job *job, struct reply *reply)
{
	bq_set_error(reply, job->status, job->reason, job->message);
}

static int64_t page_limit(const struct cloud *cloud, int64_t wanted)
{
	int64_t most = cloud->options.bigquery_page_rows;

	return MIN(wanted > 0 ? wanted : PAGE_ROWS, most > 0 ? most : PAGE_ROWS);
}

/** A number that JSON may write as text. */
static int64_t number_of(json_object *object, const char *name, int64_t fallback)
{
	const char *text = jsn_text(object, name, NULL);
	gint64 number = 0;

	if (!text || !g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &number, NULL))
		return fallback;
	return number;
}

/** Is the job done, by @p end_ms at the latest? Without the lock; false also when the peer went
 * away. */
static bool wait_for_job(struct cloud *cloud, const struct request *request, const char *project,
			 const char *id, int64_t end_ms)
{
	bool done = false, looked = false;

	while (!atomic_load(&cloud->stopping)) {
		g_autofree char *key = g_strdup_printf("%s:%s", project, id);
		struct bq_job *job = NULL;
		bool by_polls = false;

		lock(cloud);
		job = g_tree_lookup(cloud->bq->jobs, key);
		by_polls = job && !job->never && job->polls_left > 0;
		done = !job || bq_job_is_done(job, !looked);
		unlock(cloud);
		looked = true;
		if (done || by_polls || clk_mono_ms() >= end_ms || request_wait(request, LOOK_MS))
			break;
	}
	return done;
}

/* --- jobs.query --- */

static bool read_request(struct request *request, json_object *body, struct bq_request *ret_request)
{
	json_object *dataset = jsn_at(body, "defaultDataset");

	*ret_request = (struct bq_request){
		.project = request_part(request, 3),
		.query = jsn_text(body, "query", NULL),
		.location = jsn_text(body, "location", NULL),
		.default_dataset = jsn_text(dataset, "datasetId", NULL),
		.request_id = jsn_text(body, "requestId", NULL),
		.labels = jsn_at(body, "labels"),
		.parameters = jsn_at(body, "queryParameters"),
		.max_bytes = number_of(body, "maximumBytesBilled", -1),
		.dry_run = jsn_flag(body, "dryRun"),
		/* the default is legacy SQL */
		.legacy = !jsn_at(body, "useLegacySql") || jsn_flag(body, "useLegacySql"),
	};
	return ret_request->query != NULL;
}

struct query_state {
	char *id;
	bool dry_run;
	int64_t wait_ms;
	struct bq_page page;
};

/** Start it; true when the answer must wait for it. Under lock. */
static bool start_query(struct cloud *cloud, struct request *request, json_object *body,
			struct reply *reply, struct query_state *ret_state)
{
	struct bq_request wanted = {0};
	struct bq_job *job = NULL;

	if (!read_request(request, body, &wanted)) {
		bq_set_error(reply, 400, "required", "Required parameter is missing: query");
		return false;
	}
	job = bq_job_run(cloud->bq, &wanted);
	if (wanted.dry_run) {
		if (job->status != 0)
			set_job_error(job, reply);
		else
			reply_set_json(reply, 200, bq_dry_answer(job));
		bq_job_free(job);
		return false;
	}
	ret_state->id = g_strdup(job->id);
	ret_state->wait_ms = CLAMP(number_of(body, "timeoutMs", WAIT_DEFAULT_MS), 0, WAIT_MAX_MS);
	ret_state->page = (struct bq_page){
		.limit = page_limit(cloud, number_of(body, "maxResults", 0)),
		.int64_timestamps = jsn_flag(jsn_at(body, "formatOptions"), "useInt64Timestamp"),
	};
	return true;
}

static void answer_job(struct cloud *cloud, const char *project, const struct query_state *state,
		       const char *kind, bool done, struct reply *reply)
{
	g_autofree char *key = g_strdup_printf("%s:%s", project, state->id);
	struct bq_job *job = NULL;
	json_object *answer = NULL;

	lock(cloud);
	job = g_tree_lookup(cloud->bq->jobs, key);
	if (!job) {
		bq_set_error(reply, 404, "notFound", "Not found: Job");
	} else if (done && job->status != 0) {
		set_job_error(job, reply);
	} else {
		answer = bq_answer(job, &state->page, done);
		jsn_add_text(answer, "kind", kind);
		if (done && g_str_equal(kind, "bigquery#queryResponse")) {
			jsn_add_int64(answer, "totalBytesBilled", job->billed);
			jsn_add_text(answer, "statementType", job->statement_type);
			jsn_add_text(answer, "location", job->location);
		}
		reply_set_json(reply, 200, answer);
	}
	unlock(cloud);
}

void bq_query(struct cloud *cloud, struct request *request, struct reply *reply)
{
	json_object *body = json_tokener_parse(request->body->str);
	struct query_state state = {0};
	bool waits = false, done = false;
	const char *project = request_part(request, 3);

	request->api = "bigquery.jobs.query";
	if (!json_object_is_type(body, json_type_object)) {
		bq_set_error(reply, 400, "parseError",
			     "This API does not support parsing form-encoded input.");
		json_object_put(body);
		return;
	}
	lock(cloud);
	waits = start_query(cloud, request, body, reply, &state);
	unlock(cloud);
	json_object_put(body);
	if (waits) {
		done = wait_for_job(cloud, request, project, state.id,
				    clk_mono_ms() + state.wait_ms);
		answer_job(cloud, project, &state, "bigquery#queryResponse", done, reply);
	}
	g_free(state.id);
}

/* --- getQueryResults --- */

static int64_t query_number(const struct request *request, const char *name, int64_t fallback)
{
	const char *text = request_query(request, name);
	gint64 number = 0;

	if (!text || !g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &number, NULL))
		return fallback;
	return number;
}

static void set_no_job(const struct request *request, struct reply *reply)
{
	const char *location = request_query(request, "location");
	g_autofree char *message = g_strdup_printf(
		"Not found: Job %s:%s%s%s", request_part(request, 3), location ? location : "",
		location ? "." : "", request_part(request, 5));

	bq_set_error(reply, 404, "notFound", message);
}

/** The job a path names, by the rules of places. Under lock. */
static struct bq_job *path_job(struct cloud *cloud, const struct request *request,
			       struct reply *reply)
{
	struct bq_job *job =
		bq_job_find(cloud->bq, request_part(request, 3), request_part(request, 5),
			    request_query(request, "location"));

	if (!job)
		set_no_job(request, reply);
	return job;
}

void bq_query_results(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const char *token = request_query(request, "pageToken");
	const char *flag = request_query(request, "formatOptions.useInt64Timestamp");
	struct query_state state = {
		.wait_ms = MIN(query_number(request, "timeoutMs", WAIT_DEFAULT_MS), WAIT_MAX_MS),
		.page.int64_timestamps = flag && g_str_equal(flag, "true"),
	};
	const struct bq_job *job = NULL;
	bool done = false;

	request->api = "bigquery.jobs.getQueryResults";
	if (token && !bq_page_parse(token, &state.page.offset)) {
		bq_set_error(reply, 400, "invalid", "Invalid page token");
		return;
	}
	lock(cloud);
	state.page.limit = page_limit(cloud, query_number(request, "maxResults", 0));
	job = path_job(cloud, request, reply);
	state.id = job ? g_strdup(job->id) : NULL;
	unlock(cloud);
	if (!state.id)
		return;
	done = wait_for_job(cloud, request, request_part(request, 3), state.id,
			    clk_mono_ms() + state.wait_ms);
	answer_job(cloud, request_part(request, 3), &state, "bigquery#getQueryResultsResponse",
		   done, reply);
	g_free(state.id);
}

/* --- jobs --- */

static void run_inserted(struct cloud *cloud, const struct bq_request *wanted, struct reply *reply)
{
	struct bq_job *job = bq_job_run(cloud->bq, wanted);

	if (wanted->dry_run && job->status != 0)
		set_job_error(job, reply);
	else
		reply_set_json(reply, 200, bq_job_to_json(job, wanted->dry_run));
	if (wanted->dry_run)
		bq_job_free(job);
}

void bq_insert_job(struct cloud *cloud, struct request *request, struct reply *reply)
{
	json_object *body = json_tokener_parse(request->body->str);
	json_object *configuration = jsn_at(body, "configuration"),
		    *query = jsn_at(configuration, "query");
	json_object *reference = jsn_at(body, "jobReference");
	struct bq_request wanted = {0};

	request->api = "bigquery.jobs.insert";
	lock(cloud);
	if (query && read_request(request, query, &wanted)) {
		wanted.labels = jsn_at(configuration, "labels");
		wanted.dry_run = jsn_flag(configuration, "dryRun");
		wanted.location = jsn_text(reference, "location", NULL);
		wanted.job_id = jsn_text(reference, "jobId", NULL);
		wanted.request_id = NULL;
		run_inserted(cloud, &wanted, reply);
	} else {
		bq_set_error(reply, 400, "required", "Required parameter is missing");
	}
	unlock(cloud);
	json_object_put(body);
}

void bq_get_job(struct cloud *cloud, struct request *request, struct reply *reply)
{
	struct bq_job *job = NULL;

	request->api = "bigquery.jobs.get";
	lock(cloud);
	job = path_job(cloud, request, reply);
	if (job)
		reply_set_json(reply, 200, bq_job_to_json(job, false));
	unlock(cloud);
}

void bq_cancel_job(struct cloud *cloud, struct request *request, struct reply *reply)
{
	json_object *answer = NULL;
	struct bq_job *job = NULL;

	request->api = "bigquery.jobs.cancel";
	lock(cloud);
	job = path_job(cloud, request, reply);
	if (job) {
		bq_job_cancel(cloud->bq, job);
		answer = json_object_new_object();
		jsn_add_text(answer, "kind", "bigquery#jobCancelResponse");
		jsn_add(answer, "job", bq_job_to_json(job, false));
		reply_set_json(reply, 200, answer);
	}
	unlock(cloud);
}
