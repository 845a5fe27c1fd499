/* moment - see moment.h */
#include "daemon/moment.h"

#include "clk.h"
#include "daemon/alerting.h"

/* Somebody looked and could not tell, or the last look is too long ago. A target that nobody has
 * looked at yet is not blind. */
static bool is_blind(const struct verdict *verdict)
{
	if (verdict->state != STATE_UNKNOWN)
		return false;
	for (guint i = 0; i < verdict->reasons->len; i++)
		if (((const struct reason *)verdict->reasons->pdata[i])->code !=
		    REASON_NOT_EVALUATED)
			return true;
	return false;
}

static void note(bool blind, struct blindness *blindness)
{
	if (!blind)
		*blindness = (struct blindness){0};
	else if (blindness->since_mono_ms == 0)
		*blindness = (struct blindness){clk_mono_ms(), clk_wall_ms()};
}

void moment_note_blindness(struct engine *engine, const GPtrArray *verdicts)
{
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];
		struct target_state *target = g_hash_table_lookup(engine->by_id, verdict->id);

		if (target)
			note(is_blind(verdict), &target->blindness);
	}
	for (guint i = 0; i < engine->repos->len; i++) {
		struct repo_state *repo = engine->repos->pdata[i];

		note(repo->fetch_error != NULL, &repo->blindness);
	}
}

static void set_blindness(struct book_subject *subject, const struct blindness *blindness)
{
	subject->blind_for_ms = -1;
	if (blindness->since_mono_ms == 0)
		return;
	subject->blind_for_ms = clk_mono_ms() - blindness->since_mono_ms;
	subject->blind_since_wall_ms = blindness->since_wall_ms;
}

static void add_target(struct moment *moment, const struct target_state *target,
		       const struct verdict *verdict)
{
	struct book_subject *subject = &moment->subjects[moment->book.subject_count++];
	const struct config_target *config = target->config;

	*subject = (struct book_subject){
		.id = config->id,
		.kind = target_kind_text(config->kind),
		.priority = config->priority,
		.owner = config->owner,
		.verdict = verdict,
		.config = config,
		.head_url_prefix = target->repo ? target->repo->commit_url : NULL,
	};
	set_blindness(subject, &target->blindness);
}

/* As important as the most important of the services that use it. */
static enum priority priority_of(const struct engine *engine, const struct repo_state *repo)
{
	enum priority priority = PRIORITY_NONE;

	for (guint i = 0; i < engine->targets->len; i++) {
		const struct target_state *target = engine->targets->pdata[i];

		if (target->repo == repo &&
		    (priority == PRIORITY_NONE || target->config->priority < priority))
			priority = target->config->priority;
	}
	return priority == PRIORITY_NONE ? PRIORITY_P1 : priority;
}

static void add_repo(struct moment *moment, const struct engine *engine,
		     const struct repo_state *repo)
{
	struct book_subject *subject = &moment->subjects[moment->book.subject_count++];
	char *id = g_strdup_printf("repo/%s", repo->config->name);

	g_ptr_array_add(moment->texts, id);
	*subject = (struct book_subject){
		.id = id,
		.kind = "repo",
		/* of no interest as long as it can be fetched */
		.priority = repo->fetch_error ? priority_of(engine, repo) : PRIORITY_P1,
		.repo_error = repo->fetch_error,
	};
	set_blindness(subject, &repo->blindness);
}

void moment_init(struct moment *moment, const struct engine *engine, const GPtrArray *verdicts,
		 const struct tally *tally)
{
	*moment = (struct moment){
		.book = {.config = engine->config,
			 .tally = tally,
			 .now_wall_ms = clk_wall_ms(),
			 .complete = true},
		.subjects = g_new0(struct book_subject, (gsize)verdicts->len + engine->repos->len),
		.texts = g_ptr_array_new_with_free_func(g_free),
	};
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];
		const struct target_state *target = g_hash_table_lookup(engine->by_id, verdict->id);

		if (target)
			add_target(moment, target, verdict);
	}
	for (guint i = 0; i < engine->repos->len; i++)
		add_repo(moment, engine, engine->repos->pdata[i]);
	moment->book.subjects = moment->subjects;
}

void moment_done(struct moment *moment)
{
	g_free(moment->subjects);
	g_ptr_array_unref(moment->texts);
}

static int64_t due_of(const struct engine *engine, const struct blindness *blindness,
		      int64_t after_mono_ms)
{
	int64_t due = blindness->since_mono_ms + engine->config->driftd.unknown_after_ms;

	return blindness->since_mono_ms == 0 || due <= after_mono_ms ? INT64_MAX : due;
}

int64_t moment_due_mono_ms(const struct engine *engine, int64_t after_mono_ms)
{
	int64_t due = INT64_MAX;

	for (guint i = 0; i < engine->targets->len; i++) {
		const struct target_state *target = engine->targets->pdata[i];

		due = MIN(due, due_of(engine, &target->blindness, after_mono_ms));
	}
	for (guint i = 0; i < engine->repos->len; i++) {
		const struct repo_state *repo = engine->repos->pdata[i];

		due = MIN(due, due_of(engine, &repo->blindness, after_mono_ms));
	}
	return due;
}
