/* bigquery - one query from its start to its answer; see bigquery.h. A job is always in one of
 * three places: a call is under way, it rests until its next step, or it has ended and waits for a
 * call to return. */
#include "google/bigquery.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clk.h"
#include "drift_error.h"
#include "google/bigquery_private.h"
#include "google/call.h"
#include "google/credentials_private.h"
#include "google/errors.h"

#define API "bigquery"
#define PERMISSION "bigquery.jobs.create"

/** New jobs after ones that failed on Google's side. */
#define NEW_JOBS_MAX 2
#define NEW_JOB_WAIT_MS (1 * MS_PER_S)

/** A server that does not wait although it was asked to is asked at these intervals, growing. */
#define POLL_WAIT_MIN_MS 100
#define POLL_WAIT_MAX_MS 3200

/** Google's side waits no longer than about 200 s in one call. */
#define SERVER_WAIT_MAX_MS (60 * MS_PER_S)

/** A cancellation that takes longer is left to jobTimeoutMs. */
#define CANCEL_TIMEOUT_MS (5 * MS_PER_S)
#define CANCEL_DEADLINE_MS (10 * MS_PER_S)

struct bigquery_job {
	struct http_client *client;
	struct credentials *credentials; /* one reference */
	struct bigquery_query query;     /* its strings are owned by the job */
	bigquery_done_fn done;
	void *data;
	struct http_timer *deadline; /* NULL: fired or stopped */
	struct http_timer *rest;     /* until the next step; NULL: none */
	void (*step)(struct bigquery_job *job);
	bool calling;                        /* a call is under way */
	bool ended;                          /* done was called, or nobody waits */
	bool wants_new;                      /* the last answer said that only a new job helps */
	char *request_id;                    /* of this attempt's jobs.query */
	struct bigquery_reference reference; /* of the job on Google's side; job NULL: none known */
	bool running;                        /* it is known and not complete */
	bool cut_short;                      /* cancelled, or not read to its end */
	int new_jobs;
	int polls;
	int pages;
	char *page_token;   /* of the next page */
	GHashTable *tokens; /* set of those seen */
	int64_t rows_seen;
	size_t kept_bytes;
	struct bigquery_result *result;
};

/* --- life --- */

static void copy_query(struct bigquery_query *copy, const struct bigquery_query *query)
{
	*copy = *query;
	copy->endpoint = g_strdup(query->endpoint);
	copy->project = g_strdup(query->project);
	copy->location = g_strdup(query->location);
	copy->sql = g_strdup(query->sql);
	copy->what = g_strdup(query->what);
	copy->rows_max = CLAMP(query->rows_max, 0, BIGQUERY_ROWS_MAX);
}

/* Owned, though const in the struct that callers fill. */
static void free_text(const char *text)
{
	g_free((void *)(uintptr_t)text);
}

static void free_query(struct bigquery_query *query)
{
	free_text(query->endpoint);
	free_text(query->project);
	free_text(query->location);
	free_text(query->sql);
	free_text(query->what);
}

/* Forget what came of an attempt. */
static void reset(struct bigquery_job *job)
{
	bigquery_reference_clear(&job->reference);
	g_clear_pointer(&job->page_token, g_free);
	g_clear_pointer(&job->request_id, g_free);
	g_hash_table_remove_all(job->tokens);
	bigquery_result_free(job->result);
	job->result = bigquery_result_create();
	job->running = false;
	job->polls = 0;
	job->pages = 0;
	job->rows_seen = 0;
	job->kept_bytes = 0;
}

static void job_free(struct bigquery_job *job)
{
	assert(job->ended && !job->calling && !job->deadline && !job->rest);
	bigquery_reference_clear(&job->reference);
	bigquery_result_free(job->result);
	g_hash_table_unref(job->tokens);
	g_free(job->page_token);
	g_free(job->request_id);
	free_query(&job->query);
	credentials_unref(job->credentials);
	g_free(job);
}

static void stop_timer(struct http_timer **timer)
{
	if (*timer)
		http_timer_stop(g_steal_pointer(timer));
}

/* --- cancelling --- */

static void on_cancelled(void *data, const char *body, size_t length, struct fault *fault)
{
	(void)data;
	(void)body;
	(void)length;
	(void)fault; /* jobTimeoutMs ends the job all the same, a little later */
}

/* Even if nobody waits any more: it costs money. */
static void cancel(struct bigquery_job *job)
{
	g_autofree char *url = NULL;
	struct google_call call = {.api = API,
				   .what = "cancel a query",
				   .permission = PERMISSION,
				   .timeout_ms = CANCEL_TIMEOUT_MS,
				   .deadline_mono_ms = clk_mono_ms() + CANCEL_DEADLINE_MS};

	if (!job->running)
		return;
	job->running = false;
	job->cut_short = true;
	url = bigquery_cancel_url(&job->query, &job->reference);
	call.url = url;
	google_call_post(job->client, job->credentials, &call, "", on_cancelled, NULL);
}

/* --- the end --- */

static void end(struct bigquery_job *job, const struct bigquery_result *result, struct fault *fault)
{
	assert(!job->ended);
	job->ended = true;
	stop_timer(&job->deadline);
	stop_timer(&job->rest);
	cancel(job);
	job->cut_short = job->cut_short || (fault && job->pages > 0);
	job->done(job->data, result, fault);
	if (!job->calling)
		job_free(job);
}

/* Takes @p fault. */
static void fail(struct bigquery_job *job, struct fault *fault)
{
	end(job, NULL, fault);
	fault_unref(fault);
}

static void fail_answer(struct bigquery_job *job, const char *why)
{
	fail(job, fault_create(FAULT_BAD_ANSWER, 0, NULL,
			       "%s: BigQuery's answer makes no sense: %s", job->query.what, why));
}

static void on_deadline(void *data)
{
	struct bigquery_job *job = data;
	bool running = job->running;

	job->deadline = NULL; /* it has fired */
	fail(job,
	     fault_create(
		     FAULT_TIMEOUT, 0, NULL, "%s: %s", job->query.what,
		     running ? "the query was still running at the end of cycle-timeout, "
			       "and was cancelled: narrow what it reads, or raise cycle-timeout"
			     : "BigQuery did not answer within cycle-timeout; raise it, "
			       "or look at the network"));
}

bool bigquery_job_is_cut_short(const struct bigquery_job *job)
{
	return job->cut_short || job->running;
}

void bigquery_job_abandon(struct bigquery_job *job)
{
	assert(!job->ended);
	job->ended = true;
	stop_timer(&job->deadline);
	stop_timer(&job->rest);
	cancel(job);
	if (!job->calling)
		job_free(job);
}

/* --- steps --- */

static void on_rested(void *data)
{
	struct bigquery_job *job = data;

	job->rest = NULL; /* it has fired */
	job->step(job);
}

static void rest(struct bigquery_job *job, int64_t wait_ms, void (*step)(struct bigquery_job *job))
{
	job->step = step;
	job->rest = http_timer_start(job->client, clk_mono_ms() + wait_ms, on_rested, job);
}

static int64_t left_ms(const struct bigquery_job *job)
{
	return MAX(job->query.deadline_mono_ms - clk_mono_ms(), 1);
}

/* How long Google's side may hold a call: well below what the client waits, so that an answer with
 * the job's name comes before either side gives up. */
static int64_t server_wait_ms(const struct bigquery_job *job)
{
	int64_t patience_ms = MIN(left_ms(job), MAX(job->query.timeout_ms, 1));

	return CLAMP(patience_ms / 2, 1, SERVER_WAIT_MAX_MS);
}

static struct errors_query for_errors(const struct bigquery_job *job)
{
	return (struct errors_query){.what = job->query.what,
				     .location = job->query.location,
				     .max_bytes_billed = job->query.max_bytes_billed};
}

static struct fault *judge(void *data, const struct http_response *response)
{
	struct bigquery_job *job = data;
	struct errors_query query = for_errors(job);

	job->wants_new = errors_wants_new_job(response);
	return errors_query_fault(&query, response);
}

static struct google_call call_of(const struct bigquery_job *job, const char *url)
{
	return (struct google_call){.api = API,
				    .what = job->query.what,
				    .permission = PERMISSION,
				    .url = url,
				    .timeout_ms = job->query.timeout_ms,
				    .deadline_mono_ms = job->query.deadline_mono_ms,
				    .max_body_bytes = BIGQUERY_PAGE_MAX_BYTES,
				    .judge = judge};
}

/* --- answers --- */

static void send_query(struct bigquery_job *job);

/* Another job may succeed where this one failed on Google's side. */
static bool may_start_anew(struct bigquery_job *job, const struct fault *fault,
			   int64_t *ret_wait_ms)
{
	/* not while its pages are read: what was billed would be billed again */
	bool lost = job->reference.job && job->pages == 0 && fault->class == FAULT_HTTP_5XX;

	*ret_wait_ms = (NEW_JOB_WAIT_MS << job->new_jobs) +
		       (int64_t)arc4random_uniform((uint32_t)NEW_JOB_WAIT_MS);
	return (job->wants_new || lost) && job->new_jobs < NEW_JOBS_MAX &&
	       *ret_wait_ms < left_ms(job);
}

/* What BigQuery said of the job itself: there is nothing left to cancel. */
static bool is_about_job(const struct bigquery_job *job, const struct fault *fault)
{
	return job->wants_new || fault->class == FAULT_BROKEN ||
	       fault->class == FAULT_OVER_BUDGET ||
	       (fault->class == FAULT_CANCELLED && fault->status != 0);
}

static void take_fault(struct bigquery_job *job, struct fault *fault)
{
	int64_t wait_ms = 0;

	job->running = job->running && !is_about_job(job, fault);
	if (!may_start_anew(job, fault, &wait_ms)) {
		end(job, NULL, fault);
		return;
	}
	cancel(job); /* it may still run */
	reset(job);
	job->new_jobs++;
	job->wants_new = false;
	rest(job, wait_ms, send_query);
}

static void take_said(struct bigquery_job *job, const char *reason, const char *text)
{
	struct errors_query query = for_errors(job);
	struct fault *fault = errors_query_fault_said(&query, reason, text ? text : "");

	job->wants_new = errors_wants_new_job_said(reason);
	take_fault(job, fault);
	fault_unref(fault);
}

static void take_error(struct bigquery_job *job, const GError *error)
{
	fail(job,
	     fault_create(error->code == DRIFT_ERROR_TOO_LARGE ? FAULT_TOO_LARGE : FAULT_BAD_ANSWER,
			  0, NULL, "%s: BigQuery's answer cannot be read: %s", job->query.what,
			  error->message));
}

/* True: the answer is to be dropped, and the job may be gone. A job that was started meanwhile is
 * cancelled. */
static bool is_too_late(struct bigquery_job *job, const char *body, size_t length)
{
	struct bigquery_page page = {0};

	job->calling = false;
	if (!job->ended)
		return false;
	if (body && !job->reference.job && !job->query.dry_run &&
	    bigquery_page_decode(body, length, NULL, 0, &page, NULL)) {
		job->reference = page.reference;
		page.reference = (struct bigquery_reference){0};
		job->running = job->reference.job && !page.complete;
		bigquery_page_clear(&page);
		cancel(job);
	}
	job_free(job);
	return true;
}

static void finish(struct bigquery_job *job)
{
	job->result->location = g_strdup(job->reference.location);
	end(job, job->result, NULL);
}

static void on_billed(void *data, const char *body, size_t length, struct fault *fault)
{
	struct bigquery_job *job = data;
	int64_t billed = body ? bigquery_billed_decode(body, length) : -1;

	(void)fault; /* a guess must do then */
	if (is_too_late(job, NULL, 0))
		return;
	if (billed >= 0)
		job->result->bytes_billed = billed;
	finish(job);
}

/* getQueryResults does not say what was billed: the job itself does. */
static void ask_billed(struct bigquery_job *job)
{
	g_autofree char *url = bigquery_job_url(&job->query, &job->reference);
	struct google_call call = call_of(job, url);

	job->calling = true;
	google_call_get(job->client, job->credentials, &call, on_billed, job);
}

static void ask_results(struct bigquery_job *job);

/* The first page of a complete job brings the head of the result. */
static void take_head(struct bigquery_job *job, struct bigquery_page *page)
{
	struct bigquery_result *result = job->result;

	g_ptr_array_unref(result->columns);
	result->columns = g_ptr_array_ref(page->columns);
	result->total_rows = page->total_rows;
	result->bytes_processed = page->bytes_processed;
	result->cache_hit = page->cache_hit;
	result->bytes_billed =
		page->bytes_billed >= 0
			? page->bytes_billed
			: bigquery_guess_billed(page->bytes_processed, page->cache_hit);
}

/* NULL, or what is wrong with @p page. */
static const char *judge_page(struct bigquery_job *job, const struct bigquery_page *page)
{
	if (!page->columns)
		return "a complete query without a schema";
	if (page->total_rows < 0)
		return "a complete query without totalRows";
	if (job->pages > 1 && page->total_rows != job->result->total_rows)
		return "totalRows changes from page to page";
	if (job->rows_seen + page->row_count > page->total_rows)
		return "more rows than totalRows says";
	if (page->token && g_hash_table_contains(job->tokens, page->token))
		return "its page tokens repeat";
	if (page->token && job->pages >= BIGQUERY_PAGES_MAX)
		return "its pages never end";
	if (page->token && !job->reference.job)
		return "more pages, and no job to read them from";
	return NULL;
}

static void take_rows(struct bigquery_job *job, struct bigquery_page *page)
{
	job->rows_seen += page->row_count;
	job->kept_bytes += page->kept_bytes;
	for (guint i = 0; i < page->rows->len; i++)
		g_ptr_array_add(job->result->rows, page->rows->pdata[i]);
	g_ptr_array_set_size(page->rows, 0); /* taken */
	g_free(job->page_token);
	job->page_token = g_steal_pointer(&page->token);
	if (job->page_token)
		g_hash_table_add(job->tokens, g_strdup(job->page_token));
}

static void take_complete(struct bigquery_job *job, struct bigquery_page *page)
{
	const char *wrong = NULL;
	bool enough = false;

	job->running = false;
	if (!page->columns && page->error_reason) {
		take_said(job, page->error_reason, page->error_text);
		return;
	}
	job->pages++;
	wrong = judge_page(job, page);
	if (wrong) {
		fail_answer(job, wrong);
		return;
	}
	if (job->pages == 1)
		take_head(job, page);
	take_rows(job, page);
	enough = job->result->rows->len >= job->query.rows_max;
	if (job->kept_bytes > BIGQUERY_ANSWER_MAX_BYTES)
		fail(job, fault_create(FAULT_TOO_LARGE, 0, NULL,
				       "%s: the answer is larger than %d MiB; return fewer rows or "
				       "columns",
				       job->query.what, (int)(BIGQUERY_ANSWER_MAX_BYTES >> 20)));
	else if (job->page_token && !enough)
		rest(job, 0, ask_results);
	else if (!enough && job->rows_seen != job->result->total_rows)
		fail_answer(job, "fewer rows than totalRows says");
	else if (job->polls > 0 && page->bytes_billed < 0 && !page->cache_hit)
		ask_billed(job);
	else
		finish(job);
}

/* Not complete: asked again, longer and longer apart, each time with patience on Google's side. */
static void take_incomplete(struct bigquery_job *job)
{
	int64_t wait_ms = POLL_WAIT_MIN_MS << MIN(job->polls, 5);

	if (!job->reference.job) {
		fail_answer(job, "neither complete nor a job to wait for");
		return;
	}
	if (job->pages > 0) {
		fail_answer(job, "a complete job is incomplete again");
		return;
	}
	job->running = true;
	rest(job, MIN(wait_ms, POLL_WAIT_MAX_MS), ask_results);
}

static void take_page(struct bigquery_job *job, struct bigquery_page *page)
{
	if (!job->reference.job) {
		job->reference = page->reference;
		page->reference = (struct bigquery_reference){0};
	}
	if (page->complete)
		take_complete(job, page);
	else
		take_incomplete(job);
}

static void on_answer(void *data, const char *body, size_t length, struct fault *fault)
{
	struct bigquery_job *job = data;
	struct bigquery_page page = {0};
	g_autoptr(GError) error = NULL;
	int64_t room = 0;

	if (is_too_late(job, body, length))
		return;
	if (fault) {
		take_fault(job, fault);
		return;
	}
	room = job->query.rows_max - (int64_t)job->result->rows->len; /* at most rows_max */
	if (!bigquery_page_decode(body, length, job->pages > 0 ? job->result->columns : NULL, room,
				  &page, &error)) {
		take_error(job, error);
		return;
	}
	take_page(job, &page); /* the job may be gone */
	bigquery_page_clear(&page);
}

static void ask_results(struct bigquery_job *job)
{
	g_autofree char *url = bigquery_results_url(&job->query, &job->reference,
						    server_wait_ms(job), job->page_token);
	struct google_call call = call_of(job, url);

	if (job->pages == 0)
		job->polls++;
	job->calling = true;
	google_call_get(job->client, job->credentials, &call, on_answer, job);
}

static void on_dry_run(void *data, const char *body, size_t length, struct fault *fault)
{
	struct bigquery_job *job = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *reason = NULL;
	g_autofree char *text = NULL;

	if (is_too_late(job, NULL, 0))
		return;
	if (fault)
		take_fault(job, fault);
	else if (!bigquery_dry_run_decode(body, length, job->result, &reason, &text, &error))
		take_error(job, error);
	else if (reason)
		take_said(job, reason, text);
	else
		end(job, job->result, NULL);
}

/* NULL, or why the query cannot be sent. */
static const char *judge_query(const struct bigquery_query *query)
{
	if (strlen(query->sql) > BIGQUERY_SQL_MAX_BYTES)
		return "the SQL is longer than BigQuery takes (1 MB)";
	return g_utf8_validate(query->sql, -1, NULL) ? NULL : "the SQL is not UTF-8 text";
}

static void send_query(struct bigquery_job *job)
{
	g_autofree char *url = bigquery_query_url(&job->query);
	g_autofree char *body = NULL;
	struct google_call call = call_of(job, url);
	const char *wrong = judge_query(&job->query);

	if (wrong) {
		fail(job, fault_create(FAULT_BROKEN, 0, NULL, "%s: %s", job->query.what, wrong));
		return;
	}
	job->request_id = g_uuid_string_random();
	body = bigquery_query_body(&job->query, job->request_id, server_wait_ms(job), left_ms(job));
	job->calling = true;
	google_call_post(job->client, job->credentials, &call, body,
			 job->query.dry_run ? on_dry_run : on_answer, job);
}

struct bigquery_job *bigquery_start(struct http_client *client, struct credentials *credentials,
				    const struct bigquery_query *query, bigquery_done_fn done,
				    void *data)
{
	struct bigquery_job *job = g_new0(struct bigquery_job, 1);

	assert(query->max_bytes_billed > 0 && query->deadline_mono_ms > 0);
	job->client = client;
	job->credentials = credentials_ref(credentials);
	copy_query(&job->query, query);
	job->done = done;
	job->data = data;
	job->tokens = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	job->result = bigquery_result_create();
	job->deadline = http_timer_start(client, query->deadline_mono_ms, on_deadline, job);
	rest(job, 0, send_query); /* a call may fail before it returns: not from here */
	return job;
}
