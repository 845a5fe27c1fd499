/* cycle - one cycle as a state machine: collect (git fetch and sources at once), ask git, judge,
 * record, publish. DESIGN 3. */
#include "daemon/engine_private.h"

#include "clk.h"
#include "daemon/alerting.h"
#include "daemon/memory.h"
#include "daemon/moment.h"
#include "log.h"

#include <assert.h>
#include <string.h>

static void submit_fetch(struct engine *engine, struct repo_state *repo)
{
	struct git_job *job = g_new0(struct git_job, 1);

	job->fetch = true;
	job->tag = engine->cycle.id;
	if (repo->head)
		g_strlcpy(job->previous_head, repo->head->sha, sizeof(job->previous_head));
	else if (repo->stored_head)
		g_strlcpy(job->previous_head, repo->stored_head->sha, sizeof(job->previous_head));
	repo->fetch_in_flight = true;
	git_worker_submit(repo->worker, job);
}

static bool is_listed(const struct collection *collection, const struct unwatched *entry)
{
	for (guint i = 0; i < collection->listed->len; i++) {
		const struct unwatched *place = collection->listed->pdata[i];

		if (g_strcmp0(place->project, entry->project) == 0 &&
		    g_strcmp0(place->region, entry->region) == 0)
			return true;
	}
	return false;
}

/* What was known of places that were not listed completely this time stays. */
static void take_unwatched(struct engine *engine, struct collection *collection)
{
	for (guint i = engine->unwatched->len; i > 0; i--)
		if (is_listed(collection, engine->unwatched->pdata[i - 1]))
			(void)g_ptr_array_remove_index(engine->unwatched, i - 1);
	for (guint i = 0; i < collection->unwatched->len; i++)
		g_ptr_array_add(engine->unwatched, collection->unwatched->pdata[i]);
	g_ptr_array_set_free_func(collection->unwatched, NULL); /* they are ours now */
}

/* A billed look that failed for free. One that timed out may have been billed all the same. */
static bool may_retry(const struct target_state *target)
{
	const struct fault *fault = target->observation ? target->observation->fault : NULL;

	return fault && fault->class != FAULT_TIMEOUT;
}

static void on_collected(void *data, struct collection *collection)
{
	struct engine *engine = data;

	engine->cycle.collecting = false;
	for (guint i = 0; i < collection->observations->len; i++) {
		struct observation *observation = collection->observations->pdata[i];
		struct target_state *target =
			g_hash_table_lookup(engine->by_id, observation->target_id);

		assert(target); /* asked for by this cycle, and the configuration does not change
				   meanwhile */
		target->observation = observation_ref(observation);
		if (target->config->billed && may_retry(target))
			target->due_mono_ms = MIN(target->due_mono_ms,
						  engine->cycle.started_mono_ms +
							  engine->config->driftd.check_interval_ms);
	}
	take_unwatched(engine, collection);
	collection_free(collection);
}

static bool is_pause_over(const struct target_state *target, int64_t wall_ms)
{
	return target->verdict && target->verdict->state == STATE_PAUSED &&
	       !config_target_is_paused(target->config, wall_ms);
}

/* Is it looked at in this cycle? What is billed is not looked at again just because somebody asks. */
static bool is_due(const struct target_state *target, const struct cycle *cycle)
{
	bool due = target->due_mono_ms <= cycle->started_mono_ms + ENGINE_DUE_SLACK_MS;

	switch (cycle->scope) {
	case CYCLE_SCOPE_FORCED:
		return true;
	case CYCLE_SCOPE_EVERYTHING:
		return due || !target->config->billed || may_retry(target);
	case CYCLE_SCOPE_DUE:
		break;
	}
	return due;
}

/* Does something else than a new observation change what is concluded? */
static bool is_to_be_judged(const struct target_state *target, const struct cycle *cycle)
{
	const struct verdict *verdict = target->verdict;

	if (target->repo)
		return target->repo->phase != REPO_PHASE_NONE || target->repo->head_moved ||
		       (target->observation && verdict && verdict->next_change_wall_ms > 0 &&
			verdict->next_change_wall_ms <= cycle->started_wall_ms);
	if (cycle->scope != CYCLE_SCOPE_DUE &&
	    config_target_is_paused(target->config, cycle->started_wall_ms))
		return true; /* a pause needs no look */
	return target->observation && (cycle->scope != CYCLE_SCOPE_DUE ||
				       (verdict && verdict->next_change_wall_ms > 0 &&
					verdict->next_change_wall_ms <= cycle->started_wall_ms));
}

/* Which repositories and targets take part. */
static void choose_due(struct engine *engine)
{
	bool everything = engine->cycle.scope != CYCLE_SCOPE_DUE;
	int64_t now = engine->cycle.started_mono_ms + ENGINE_DUE_SLACK_MS;
	int64_t wall = engine->cycle.started_wall_ms;

	for (guint i = 0; i < engine->repos->len; i++) {
		struct repo_state *repo = engine->repos->pdata[i];

		if (!everything && repo->due_mono_ms > now)
			continue;
		repo->due_mono_ms = engine->cycle.started_mono_ms + repo->config->every_ms;
		repo->phase = REPO_PHASE_FETCHING;
		if (!repo->fetch_in_flight)
			submit_fetch(engine, repo);
	}
	engine->cycle.asked = g_ptr_array_new();
	for (guint i = 0; i < engine->targets->len; i++) {
		struct target_state *target = engine->targets->pdata[i];
		bool over = is_pause_over(target, wall);
		bool due = over || is_due(target, &engine->cycle);

		target->judge = due || is_to_be_judged(target, &engine->cycle);
		if (!due)
			continue;
		target->due_mono_ms = engine->cycle.started_mono_ms + target->config->every_ms;
		if (config_target_is_paused(target->config, wall))
			continue;
		g_ptr_array_add(engine->cycle.asked, (gpointer)(uintptr_t)target->config);
		/* a new one comes, or a fault: both at once would double what observations weigh */
		g_clear_pointer(&target->observation, observation_unref);
	}
	for (guint i = 0; i < engine->repos->len; i++)
		((struct repo_state *)engine->repos->pdata[i])->head_moved = false;
}

void engine_start_cycle(struct engine *engine, const char *trigger, enum cycle_scope scope)
{
	struct cycle *cycle = &engine->cycle;

	assert(!cycle->running);
	if (engine->hooks.begin)
		engine->hooks.begin(engine->hooks.data, engine->next_id, trigger);
	*cycle = (struct cycle){
		.running = true,
		.id = engine->next_id++,
		.trigger = g_strdup(trigger),
		.started_wall_ms = clk_wall_ms(),
		.started_mono_ms = clk_mono_ms(),
		.scope = scope,
		.collecting = true,
	};
	cycle->deadline_mono_ms = cycle->started_mono_ms + engine->config->driftd.cycle_timeout_ms;
	cycle->pushes = g_steal_pointer(&engine->pushes);
	engine->pushes = g_ptr_array_new_with_free_func((GDestroyNotify)push_free);
	judge_expired(engine); /* what is found now is news */
	choose_due(engine);
	progress_begin(engine);
	log_debug("cycle.start", "id=%" PRId64 " trigger=%s targets=%u", cycle->id, trigger,
		  cycle->asked->len);
	if (cycle->asked->len > 0)
		sources_collect(engine->sources, cycle->asked, cycle->deadline_mono_ms,
				on_collected, engine);
	else
		cycle->collecting = false;
	engine_wake(engine); /* a cycle with nothing to wait for ends in the next poll */
}

static void note_head_change(struct repo_state *repo, const struct git_head *head)
{
	if (!head->forced)
		return;
	g_free(repo->note);
	repo->note = g_strdup_printf(
		"forced push: %.8s replaced %.8s, %" PRId64 " commit%s no longer on %s", head->sha,
		head->previous, head->rewound, head->rewound == 1 ? "" : "s", head->branch);
	log_warn("repo.forced_push", "repo=%s head=%.8s previous=%.8s", repo->config->name,
		 head->sha, head->previous);
}

/* A head not seen before is remembered; it is written with the cycle that judges by it. */
static void remember_head(struct engine *engine, struct repo_state *repo,
			  const struct git_head *head)
{
	struct git_seen_head *seen = g_new0(struct git_seen_head, 1);
	struct store_head *row = store_head_create();

	seen->seen_wall_ms = clk_wall_ms();
	g_strlcpy(seen->sha, head->sha, sizeof(seen->sha));
	g_ptr_array_add(repo->seen, seen);
	repo->head_seen_wall_ms = seen->seen_wall_ms;
	row->repo = g_strdup(repo->config->name);
	row->url = g_strdup(repo->config->url);
	row->branch = g_strdup(head->branch);
	row->sha = g_strdup(head->sha);
	row->subject = g_strdup(head->commit.subject);
	row->author = g_strdup(head->commit.author);
	row->committed_wall_ms = head->commit.committed_wall_ms;
	row->seen_wall_ms = seen->seen_wall_ms;
	row->fetched_wall_ms = repo->fetched_wall_ms;
	row->forced = head->forced;
	g_ptr_array_add(engine->new_heads, row);
}

static const char *known_head(const struct repo_state *repo)
{
	if (repo->head)
		return repo->head->sha;
	return repo->stored_head ? repo->stored_head->sha : "";
}

static const char *newest_seen(const struct repo_state *repo)
{
	const struct git_seen_head *newest =
		repo->seen->len > 0 ? repo->seen->pdata[repo->seen->len - 1] : NULL;

	return newest ? newest->sha : "";
}

static void take_head(struct engine *engine, struct repo_state *repo, struct git_result *result)
{
	struct git_head *head = g_steal_pointer(&result->head);
	bool first = repo->head == NULL;

	repo->fetched_wall_ms = result->fetched_wall_ms;
	repo->fetched_mono_ms = result->fetched_mono_ms;
	if (strcmp(newest_seen(repo), head->sha) != 0) {
		note_head_change(repo, head);
		remember_head(engine, repo, head);
		repo->head_moved = true;
		log_info("repo.head", "repo=%s branch=%s head=%.8s", repo->config->name,
			 head->branch, head->sha);
	}
	if (first)
		repo->head_moved = true;
	g_free(repo->branch);
	repo->branch = g_strdup(head->branch);
	git_head_free(repo->head);
	repo->head = head;
}

static void take_fetch(struct engine *engine, struct repo_state *repo, struct git_result *result)
{
	bool failed_before = repo->fetch_error != NULL;

	if (result->remade) {
		g_free(repo->note);
		repo->note = g_strdup_printf("mirror made anew: %s", result->remade_why);
		log_warn("repo.mirror_remade", "repo=%s why=\"%s\"", repo->config->name,
			 result->remade_why);
	}
	g_clear_pointer(&repo->fetch_error, g_free);
	if (result->fetched && result->head) {
		take_head(engine, repo, result);
		if (failed_before)
			log_info("repo.fetch_recovered", "repo=%s", repo->config->name);
		return;
	}
	repo->fetch_error =
		g_strdup(result->fetch_error ? result->fetch_error : "the fetch brought no head");
	/* after a restart the mirror's head stands, as old as the database says */
	if (!repo->head)
		repo->head = g_steal_pointer(&result->head);
	if (!failed_before)
		log_warn("repo.fetch_failed", "repo=%s err=\"%s\"", repo->config->name,
			 repo->fetch_error);
}

static GPtrArray *copy_seen(const struct repo_state *repo)
{
	GPtrArray *copy = g_ptr_array_new_full(repo->seen->len, g_free);

	for (guint i = 0; i < repo->seen->len; i++)
		g_ptr_array_add(copy,
				g_memdup2(repo->seen->pdata[i], sizeof(struct git_seen_head)));
	return copy;
}

static struct git_job *ask_job(const struct engine *engine, const struct repo_state *repo)
{
	struct git_job *job = g_new0(struct git_job, 1);

	job->tag = engine->cycle.id;
	job->questions = g_ptr_array_new_with_free_func((GDestroyNotify)git_question_free);
	job->seen = copy_seen(repo);
	return job;
}

/* Targets that git cannot or need not be asked about are judged at once, the others when the
 * answers come. */
static void ask_repo(struct engine *engine, struct repo_state *repo)
{
	struct git_job *job = ask_job(engine, repo);

	repo->head_moved = false;
	for (guint i = 0; i < engine->targets->len; i++) {
		struct target_state *target = engine->targets->pdata[i];
		struct git_question *question;

		if (target->repo != repo || !target->judge)
			continue;
		question = repo->head ? judge_question(target) : NULL;
		if (question)
			g_ptr_array_add(job->questions, question);
		else
			judge_target(engine, target, NULL, NULL);
	}
	if (job->questions->len == 0) {
		git_job_free(job);
		repo->phase = REPO_PHASE_NONE;
		return;
	}
	repo->phase = REPO_PHASE_ASKING;
	git_worker_submit(repo->worker, job);
}

/* Judge by the answers; what needs a newer head than it was answered against is asked once more
 * after a fetch. */
static void take_answers(struct engine *engine, struct repo_state *repo, struct git_result *result)
{
	bool again = repo->phase == REPO_PHASE_ASKING;
	struct git_job *job = ask_job(engine, repo);

	for (guint i = 0; i < result->answers->len; i++) {
		struct git_answer *answer = result->answers->pdata[i];
		struct target_state *target = g_hash_table_lookup(engine->by_id, answer->target_id);

		assert(target); /* asked by this cycle */
		if (again && judge_needs_newer_head(engine, target, answer))
			g_ptr_array_add(job->questions, judge_question(target));
		else
			judge_target(engine, target, answer, NULL);
	}
	repo->phase = REPO_PHASE_NONE;
	if (job->questions->len == 0) {
		git_job_free(job);
		return;
	}
	job->fetch = true;
	g_strlcpy(job->previous_head, known_head(repo), sizeof(job->previous_head));
	repo->phase = REPO_PHASE_ASKING_AGAIN;
	repo->fetch_in_flight = true;
	git_worker_submit(repo->worker, job);
}

static void take_result(struct engine *engine, struct repo_state *repo, struct git_result *result)
{
	bool of_this_cycle = engine->cycle.running && result->tag == engine->cycle.id;

	if (result->fetched || result->fetch_error) {
		repo->fetch_in_flight = false;
		take_fetch(engine, repo, result);
		if (repo->phase == REPO_PHASE_FETCHING && engine->cycle.scope != CYCLE_SCOPE_DUE &&
		    !of_this_cycle)
			submit_fetch(
				engine,
				repo); /* it began earlier: what was pushed since may be missing */
		else if (repo->phase == REPO_PHASE_FETCHING)
			repo->phase = REPO_PHASE_FETCHED;
	}
	if (of_this_cycle &&
	    (repo->phase == REPO_PHASE_ASKING || repo->phase == REPO_PHASE_ASKING_AGAIN) &&
	    result->answers && result->answers->len > 0)
		take_answers(engine, repo, result);
}

void cycle_take_git_results(struct engine *engine)
{
	for (guint i = 0; i < engine->repos->len; i++) {
		struct repo_state *repo = engine->repos->pdata[i];
		struct git_result *result;

		while ((result = git_worker_take(repo->worker))) {
			take_result(engine, repo, result);
			git_result_free(result);
		}
	}
}

/* What was concluded from this head and this observation stands, until it expires. */
static bool still_stands(const struct repo_state *repo, const struct target_state *target)
{
	const struct verdict *verdict = target->verdict;

	return repo->head && verdict && verdict == target->committed && verdict->head &&
	       strcmp(verdict->head->sha, repo->head->sha) == 0 && target->observation &&
	       !target->observation->fault && record_is_stored_observation(target);
}

/* This repository is not waited for any longer: what can only be told with it is told without. */
static void give_up_repo(struct engine *engine, struct repo_state *repo)
{
	g_autofree char *why =
		g_strdup_printf("git had not answered when the cycle timed out after %" PRId64
				" s (cycle-timeout): the remote is slow or hangs",
				engine->config->driftd.cycle_timeout_ms / MS_PER_S);

	for (guint i = 0; i < engine->targets->len; i++) {
		struct target_state *target = engine->targets->pdata[i];

		if (target->repo != repo || !target->judge)
			continue;
		if (still_stands(repo, target))
			target->judge = false;
		else
			judge_target(engine, target, NULL, why);
	}
	if (repo->phase == REPO_PHASE_FETCHING && !repo->fetch_error)
		repo->fetch_error = g_strdup(why);
	repo->phase = REPO_PHASE_NONE;
}

/* A fetch has until the cycle's deadline, answers a little longer: they may begin only there. */
static bool is_late(const struct engine *engine, const struct repo_state *repo)
{
	int64_t late_ms = clk_mono_ms() - engine->cycle.deadline_mono_ms;

	if (repo->phase == REPO_PHASE_NONE || repo->phase == REPO_PHASE_FETCHED)
		return false;
	return late_ms >= (repo->phase == REPO_PHASE_FETCHING ? 0 : engine_answer_extra_ms(engine));
}

/* Everything collected for this repository: ask. True while something is still awaited. */
static bool advance_repo(struct engine *engine, struct repo_state *repo)
{
	bool wanted = false;

	if (repo->phase == REPO_PHASE_NONE && !engine->cycle.collecting) {
		for (guint i = 0; i < engine->targets->len && !wanted; i++) {
			struct target_state *target = engine->targets->pdata[i];

			wanted = target->repo == repo && target->judge;
		}
		if (!wanted)
			return false;
	}
	if (engine->cycle.collecting)
		return true;
	if (repo->phase == REPO_PHASE_FETCHED || repo->phase == REPO_PHASE_NONE)
		ask_repo(engine, repo);
	if (is_late(engine, repo))
		give_up_repo(engine, repo);
	return repo->phase != REPO_PHASE_NONE;
}

static void send_heartbeat(struct engine *engine);

/* Write the cycle down; what went wrong is shown until a cycle is written again. */
static bool record(struct engine *engine, const char *summary, const struct book_moment *moment)
{
	g_autoptr(GError) error = NULL;

	engine->round_mono_ms = clk_mono_ms();
	if (record_cycle(engine, summary, moment, &error)) {
		if (engine->store_error)
			log_info("store.recovered", "cycle=%" PRId64, engine->cycle.id);
		g_clear_pointer(&engine->store_error, g_free);
		return true;
	}
	engine->cycle_failures_total++;
	if (!engine->store_error)
		log_error("store.commit_failed", "err=\"%s\"", error->message);
	g_free(engine->store_error);
	engine->store_error = g_strdup(error->message);
	return false;
}

static void log_end(const struct cycle_end *end)
{
	const struct tally *tally = &end->snapshot->tally;

	log_info("cycle.done",
		 "id=%" PRId64 " trigger=%s overall=%s evaluated=%" PRId64 " of=%" PRId64
		 " drift=%" PRId64 " duration_ms=%" PRId64,
		 end->id, end->trigger, state_text(tally->overall), tally->evaluated,
		 tally->targets_total, tally->count[STATE_DRIFT],
		 end->snapshot->input.check.duration_ms);
}

/* Deliveries that may be sent again: what they were about was not fetched, or not written. */
static GPtrArray *failed_pushes(const struct engine *engine, bool committed)
{
	GPtrArray *failed = g_ptr_array_new();

	for (guint i = 0; i < engine->cycle.pushes->len; i++) {
		const struct push *push = engine->cycle.pushes->pdata[i];

		if (push->delivery && (!committed || !push_is_served(engine, push)))
			g_ptr_array_add(failed, push->delivery);
	}
	return failed;
}

static void begin_end(struct engine *engine)
{
	const struct cycle *cycle = &engine->cycle;

	g_free(engine->last_check.trigger);
	engine->last_check = (struct check_status){
		.id = cycle->id,
		.trigger = g_strdup(cycle->trigger),
		.started_wall_ms = cycle->started_wall_ms,
		.duration_ms = clk_mono_ms() - cycle->started_mono_ms,
	};
	engine->cycles_total++;
	engine->first_cycle_done = true;
}

static void end_cycle(struct engine *engine)
{
	struct cycle *cycle = &engine->cycle;
	struct cycle_end end = {.id = cycle->id, .trigger = cycle->trigger};
	struct snapshot_input *input;
	struct moment moment;
	struct tally tally;
	g_autofree char *summary = NULL;
	g_autoptr(GPtrArray) failed = NULL;
	g_autoptr(GPtrArray) events = NULL;

	begin_end(engine);
	judge_data(engine);
	judge_expired(engine);
	/* the bodies are made last: what is to be written and what is to be served need not be in memory together */
	input = present_input(engine);
	snapshot_input_settle(input);
	tally = tally_make(input->verdicts);
	summary = snapshot_check_summary(input, &tally, input->verdicts);
	moment_note_blindness(engine, input->verdicts);
	moment_init(&moment, engine, input->verdicts, &tally);
	end.committed = record(engine, summary, engine->alerting ? &moment.book : NULL);
	moment_done(&moment);
	failed = failed_pushes(engine, end.committed);
	end.failed_pushes = failed;
	present_alerts(engine, input);
	g_free(input->store_error);
	input->store_error = g_strdup(engine->store_error);
	input->ready = end.committed;
	end.commit_error = engine->store_error;
	end.snapshot = snapshot_create(input);
	end.summary = end.snapshot->summary_json;
	engine_publish_snapshot(engine, snapshot_ref(end.snapshot));
	events = end.committed ? record_take_events(engine) : NULL;
	end.transitions = events;
	if (end.committed && tally.evaluated > 0)
		send_heartbeat(engine);
	log_end(&end);
	cycle->running = false;
	engine->hooks.end(engine->hooks.data, &end);
	snapshot_unref(end.snapshot);
	cycle_clear(engine);
	memory_trim_heap();
}

void cycle_clear(struct engine *engine)
{
	for (guint i = 0; i < engine->repos->len; i++)
		((struct repo_state *)engine->repos->pdata[i])->phase = REPO_PHASE_NONE;
	for (guint i = 0; i < engine->targets->len; i++)
		((struct target_state *)engine->targets->pdata[i])->judge = false;
	g_clear_pointer(&engine->cycle.asked, g_ptr_array_unref);
	g_clear_pointer(&engine->cycle.pushes, g_ptr_array_unref);
	g_clear_pointer(&engine->cycle.trigger, g_free);
	engine->cycle.running = false;
}

void cycle_advance(struct engine *engine)
{
	bool waiting = engine->cycle.collecting;

	if (!engine->cycle.running)
		return;
	for (guint i = 0; i < engine->repos->len; i++)
		waiting |= advance_repo(engine, engine->repos->pdata[i]);
	if (!waiting)
		end_cycle(engine);
}

/* Jobs that nobody waits for any more are cancelled at Google's side: those calls get a moment. */
static void send_cancels(struct engine *engine)
{
	int64_t end_mono_ms = clk_mono_ms() + ENGINE_CANCEL_PATIENCE_MS;

	/* what waits for its moment to begin (a token's exchange) begins: only then it can be cancelled, and who waits for it is
	 * told */
	http_client_poll(engine->http, 0, -1);
	while (http_client_pending(engine->http) > 0 && clk_mono_ms() < end_mono_ms)
		http_client_poll(engine->http, end_mono_ms - clk_mono_ms(), -1);
}

void engine_cancel(struct engine *engine)
{
	struct cycle_end end = {
		.id = engine->cycle.id, .trigger = engine->cycle.trigger, .cancelled = true};
	g_autoptr(GPtrArray) failed = NULL;

	if (!engine->cycle.running)
		return;
	sources_cancel(engine->sources);
	send_cancels(engine);
	engine_settle_messages(engine);
	http_client_cancel_all(engine->http);
	engine->cycle.running = false;
	failed = failed_pushes(engine, false);
	end.failed_pushes = failed;
	engine->hooks.end(engine->hooks.data, &end);
	cycle_clear(engine);
}

static void heartbeat_done(void *data, const struct http_response *response)
{
	(void)data;
	if (response->failure != HTTP_FAILURE_NONE || response->status >= 400)
		log_warn("heartbeat.failed", "status=%d class=%s", response->status,
			 http_failure_text(response->failure));
}

static void send_heartbeat(struct engine *engine)
{
	struct http_request *request;

	if (!engine->config->driftd.heartbeat_url)
		return;
	request = http_request_create("heartbeat", "GET", engine->config->driftd.heartbeat_url);
	request->timeout_ms = engine->config->driftd.request_timeout_ms;
	request->max_attempts = 1;
	request->apart = true;
	http_client_send(engine->http, request, heartbeat_done, NULL);
}
