/* run - see run.h */
#include "data/run.h"

#include <assert.h>

#include "clk.h"
#include "source/gcp_access.h"

/* So much of what is left, at most so much, is kept for what queries say at their deadline. */
#define MARGIN_PART 10
#define MARGIN_MAX_MS MS_PER_S

/* Something awaited: a call, a job or a question. */
struct await {
	struct data_run *run;
	void *data;
	google_call_done_fn on_call;
	bigquery_done_fn on_query;
	pg_done_fn on_answer;
	struct bigquery_job *job;     /* of a query; NULL: not started, or done */
	const struct config_gcp *gcp; /* that pays for it; borrowed until the end */
	int64_t held_bytes;
	struct http_timer
		*timer;      /* of a query that cannot be started: told later, as every answer is */
	struct fault *fault; /* why it cannot */
};

/* What a collector keeps until the run is freed. */
struct owned {
	void *object;
	GDestroyNotify free;
};

struct data_run {
	struct data_run_input input;
	GPtrArray *access;  /* a reference of that in input: calls may outlive the collection */
	GPtrArray *errands; /* struct errand * */
	GPtrArray *owned;   /* struct owned * */
	GPtrArray *jobs;    /* struct await * of queries */
	int pending;        /* awaits, and one while they are being started */
	bool ended;         /* handed over, or not wanted any more */
	struct http_timer *timer; /* the deadline; NULL: fired or stopped */
	data_run_end_fn end;
	void *end_data;
};

static void (*const collectors[TARGET_KIND_COUNT])(struct data_run *, const GPtrArray *) = {
	[TARGET_KIND_TABLE] = tables_collect,
	[TARGET_KIND_COMPLETION] = completions_collect,
	[TARGET_KIND_INVENTORY] = inventories_collect,
	[TARGET_KIND_ASSERT] = asserts_collect,
	[TARGET_KIND_BACKUP] = backups_collect,
};

const struct data_run_input *data_run_input(const struct data_run *run)
{
	return &run->input;
}

/* --- targets --- */

bool errand_is_settled(const struct errand *errand)
{
	return errand->observation != NULL;
}

guint data_run_settled(const struct data_run *run)
{
	guint settled = 0;

	for (guint i = 0; i < run->errands->len; i++)
		settled += errand_is_settled(run->errands->pdata[i]) ? 1 : 0;
	return settled;
}

static struct observation *settle(struct errand *errand)
{
	errand->observation = observation_create(errand->target->id, clk_wall_ms(), clk_mono_ms());
	return errand->observation;
}

void errand_fail(struct errand *errand, struct fault *fault)
{
	assert(fault);
	if (!errand_is_settled(errand))
		settle(errand)->fault = fault_ref(fault);
}

void errand_settle_table(struct errand *errand, struct table_obs *table)
{
	if (errand_is_settled(errand))
		table_obs_free(table);
	else
		settle(errand)->table = table;
}

void errand_settle_completion(struct errand *errand, struct completion_obs *completion)
{
	if (errand_is_settled(errand))
		completion_obs_free(completion);
	else
		settle(errand)->completion = completion;
}

void errand_settle_inventory(struct errand *errand, struct inventory_obs *inventory)
{
	if (errand_is_settled(errand))
		inventory_obs_free(inventory);
	else
		settle(errand)->inventory = inventory;
}

void errand_settle_assert(struct errand *errand, struct assert_obs *assertion)
{
	if (errand_is_settled(errand))
		assert_obs_free(assertion);
	else
		settle(errand)->assertion = assertion;
}

void errand_settle_backup(struct errand *errand, struct backup_obs *backup)
{
	if (errand_is_settled(errand))
		backup_obs_free(backup);
	else
		settle(errand)->backup = backup;
}

/* --- life --- */

static void free_errand(gpointer data)
{
	struct errand *errand = data;

	if (errand->observation)
		observation_unref(errand->observation);
	g_free(errand);
}

static void free_owned(gpointer data)
{
	struct owned *owned = data;

	owned->free(owned->object);
	g_free(owned);
}

static void unref_observation(gpointer data)
{
	observation_unref(data);
}

void data_run_own(struct data_run *run, void *object, GDestroyNotify free)
{
	struct owned *owned = g_new0(struct owned, 1);

	owned->object = object;
	owned->free = free;
	g_ptr_array_add(run->owned, owned);
}

const char *data_run_text(struct data_run *run, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	data_run_own(run, text, g_free);
	return text;
}

struct data_run *data_run_create(const struct data_run_input *input, const GPtrArray *targets)
{
	struct data_run *run = g_new0(struct data_run, 1);

	run->input = *input;
	run->access = g_ptr_array_ref(input->access);
	run->errands = g_ptr_array_new_with_free_func(free_errand);
	run->owned = g_ptr_array_new_with_free_func(free_owned);
	run->jobs = g_ptr_array_new();
	for (guint i = 0; i < targets->len; i++) {
		const struct config_target *target = targets->pdata[i];
		struct errand *errand;

		if (target->kind == TARGET_KIND_SERVICE)
			continue;
		errand = g_new0(struct errand, 1);
		errand->run = run;
		errand->target = target;
		g_ptr_array_add(run->errands, errand);
	}
	return run;
}

/* Only when nothing is awaited any more: it all points in here. */
static void run_free(struct data_run *run)
{
	assert(run->pending == 0 && !run->timer && run->jobs->len == 0);
	g_ptr_array_unref(run->owned);
	g_ptr_array_unref(run->errands);
	g_ptr_array_unref(run->jobs);
	g_ptr_array_unref(run->access);
	g_free(run);
}

/* It is billed perhaps, though not to anybody: without this, what never ends in time would never be
 * over budget. */
static void keep_held(const struct await *await)
{
	if (await->job && bigquery_job_is_cut_short(await->job))
		budget_keep(await->run->input.budget, await->gcp, await->held_bytes, clk_wall_ms());
}

static void abandon_jobs(struct data_run *run)
{
	while (run->jobs->len > 0) {
		struct await *await = g_ptr_array_steal_index(run->jobs, run->jobs->len - 1);

		keep_held(await);
		if (await->job)
			bigquery_job_abandon(await->job);
		if (await->timer)
			http_timer_stop(await->timer);
		fault_unref(await->fault);
		g_free(await);
		run->pending--;
	}
}

static void fail_unanswered(struct errand *errand)
{
	struct fault *fault;

	if (errand_is_settled(errand))
		return;
	fault = fault_create(FAULT_TIMEOUT, 0, NULL,
			     "%s: no answer within cycle-timeout; raise it, or look at the network",
			     errand->waits_for ? errand->waits_for : errand->target->id);
	errand_fail(errand, fault);
	fault_unref(fault);
}

/* The callee may start the next run, and free the sources. */
static void hand_over(struct data_run *run)
{
	GPtrArray *observations = g_ptr_array_new_with_free_func(unref_observation);

	for (guint i = 0; i < run->errands->len; i++) {
		struct errand *errand = run->errands->pdata[i];

		fail_unanswered(errand);
		g_ptr_array_add(observations, g_steal_pointer(&errand->observation));
	}
	run->ended = true;
	abandon_jobs(run);
	run->end(run->end_data, observations);
}

static void on_deadline(void *data)
{
	struct data_run *run = data;

	run->timer = NULL; /* it has fired */
	hand_over(run);
	if (run->pending == 0)
		run_free(run);
}

/* The end of one await. */
static void release(struct data_run *run)
{
	run->pending--;
	if (run->pending > 0)
		return;
	if (run->timer)
		http_timer_stop(g_steal_pointer(&run->timer));
	if (!run->ended)
		hand_over(run);
	run_free(run);
}

static void collect_kind(struct data_run *run, enum target_kind kind)
{
	g_autoptr(GPtrArray) errands = g_ptr_array_new();

	for (guint i = 0; i < run->errands->len; i++) {
		struct errand *errand = run->errands->pdata[i];

		if (errand->target->kind == kind)
			g_ptr_array_add(errands, errand);
	}
	if (errands->len > 0)
		collectors[kind](run, errands);
}

void data_run_start(struct data_run *run, data_run_end_fn end, void *data)
{
	int64_t end_mono_ms = run->input.deadline_mono_ms;

	run->end = end;
	run->end_data = data;
	run->pending++; /* calls may fail before they return: the end must wait */
	for (enum target_kind kind = TARGET_KIND_TABLE; kind < TARGET_KIND_COUNT; kind++)
		collect_kind(run, kind);
	run->pending--;
	if (run->pending == 0) /* nothing to ask, or all failed at once */
		end_mono_ms = clk_mono_ms();
	run->timer = http_timer_start(run->input.client, end_mono_ms, on_deadline, run);
}

void data_run_abandon(struct data_run *run)
{
	run->ended = true;
	if (run->timer)
		http_timer_stop(g_steal_pointer(&run->timer));
	abandon_jobs(run);
	if (run->pending == 0)
		run_free(run);
}

/* --- what is awaited --- */

static struct await *await_create(struct data_run *run, void *data)
{
	struct await *await = g_new0(struct await, 1);

	await->run = run;
	await->data = data;
	run->pending++;
	return await;
}

static void await_end(struct await *await)
{
	struct data_run *run = await->run;

	g_free(await);
	release(run);
}

static void on_call(void *data, const char *body, size_t length, struct fault *fault)
{
	struct await *await = data;

	if (!await->run->ended)
		await->on_call(await->data, body, length, fault);
	await_end(await);
}

static struct fault *no_credentials(const struct config_gcp *gcp)
{
	return fault_create(FAULT_CREDENTIALS, 0, NULL,
			    "there is no [gcp] section %s to take credentials from", gcp->name);
}

void data_run_call(struct data_run *run, const struct config_gcp *gcp,
		   const struct google_call *call, const char *body, google_call_done_fn done,
		   void *data)
{
	struct credentials *credentials = gcp_access_find(run->access, gcp->name);
	struct google_call whole = *call;
	struct await *await;

	if (!credentials) {
		struct fault *fault = no_credentials(gcp);

		done(data, NULL, 0, fault);
		fault_unref(fault);
		return;
	}
	whole.timeout_ms = run->input.timeout_ms;
	whole.deadline_mono_ms = run->input.deadline_mono_ms;
	await = await_create(run, data);
	await->on_call = done;
	if (body)
		google_call_post(run->input.client, credentials, &whole, body, on_call, await);
	else
		google_call_get(run->input.client, credentials, &whole, on_call, await);
}

static void on_query(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct await *await = data;

	(void)g_ptr_array_remove_fast(await->run->jobs, await); /* it was there */
	if (fault)
		keep_held(await);
	if (!await->run->ended)
		await->on_query(await->data, result, fault);
	await_end(await);
}

static void on_refusal(void *data)
{
	struct await *await = data;
	struct fault *fault = g_steal_pointer(&await->fault);

	await->timer = NULL; /* it has fired */
	on_query(await, NULL, fault);
	fault_unref(fault);
}

/* Queries end a little before the run: they know better why than the run does. */
static int64_t query_deadline(const struct data_run *run)
{
	int64_t left_ms = run->input.deadline_mono_ms - clk_mono_ms();

	return run->input.deadline_mono_ms - CLAMP(left_ms / MARGIN_PART, 0, MARGIN_MAX_MS);
}

void data_run_query(struct data_run *run, const struct config_gcp *gcp,
		    const struct bigquery_query *query, int64_t held_bytes, bigquery_done_fn done,
		    void *data)
{
	struct credentials *credentials = gcp_access_find(run->access, gcp->name);
	struct bigquery_query whole = *query;
	struct await *await = await_create(run, data);

	await->on_query = done;
	await->gcp = gcp;
	await->held_bytes = held_bytes;
	g_ptr_array_add(run->jobs, await);
	if (!credentials) {
		await->fault = no_credentials(gcp);
		await->timer =
			http_timer_start(run->input.client, clk_mono_ms(), on_refusal, await);
		return;
	}
	whole.endpoint = gcp->bigquery_endpoint;
	whole.timeout_ms = run->input.timeout_ms;
	whole.deadline_mono_ms = query_deadline(run);
	await->job = bigquery_start(run->input.client, credentials, &whole, on_query, await);
}

static void on_answer(void *data, const GPtrArray *results, struct fault *fault)
{
	struct await *await = data;

	if (!await->run->ended)
		await->on_answer(await->data, results, fault);
	await_end(await);
}

void data_run_ask_postgres(struct data_run *run, const struct pg_question *question,
			   pg_done_fn done, void *data)
{
	struct pg_question whole = *question;
	struct await *await = await_create(run, data);

	await->on_answer = done;
	whole.deadline_mono_ms = query_deadline(run);
	pg_pool_ask(run->input.postgres, &whole, on_answer, await);
}
