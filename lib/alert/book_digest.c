/* book_digest - the digest of a channel, at the instants of its schedule: all that is not ok, and
 * what recovered since the one before. */
#include "alert/book_private.h"

#include <string.h>

#include "text.h"

bool book_wants_digest(const struct config_channel *channel)
{
	/* the others keep a state per target: there is nothing a digest could be */
	return channel->digest &&
	       (channel->kind == CHANNEL_KIND_SLACK || channel->kind == CHANNEL_KIND_WEBHOOK);
}

static struct notice_line *line_create(const char *target, enum priority priority, enum state state,
				       const char *summary)
{
	struct notice_line *line = notice_line_create();

	line->target = g_strdup(target);
	line->priority = priority == PRIORITY_NONE ? PRIORITY_P1 : priority;
	line->state = state;
	line->summary = text_to_line(summary, VERDICT_SUMMARY_MAX_BYTES);
	return line;
}

/* Every open incident has a case. */
static const struct incident *open_incident(const struct book_plan *plan, const char *target)
{
	const struct book_case *at = book_plan_find(plan, target);
	const struct incident *incident = at ? book_case_incident(at) : NULL;

	return incident && !incident_is_over(incident) ? incident : NULL;
}

static bool is_not_ok(enum state state)
{
	return state == STATE_PENDING || state == STATE_UNKNOWN || state == STATE_DRIFT;
}

static gint compare_subjects(gconstpointer a, gconstpointer b)
{
	const struct book_subject *left = *(const struct book_subject *const *)a;
	const struct book_subject *right = *(const struct book_subject *const *)b;

	/* repositories behind the targets */
	if (!left->verdict || !right->verdict)
		return left->verdict ? -1 : right->verdict ? 1 : strcmp(left->id, right->id);
	return verdict_compare(&left->verdict, &right->verdict);
}

/* const struct book_subject *, worst first. Caller unrefs. */
static GPtrArray *find_not_ok(const struct book_plan *plan)
{
	GPtrArray *found = g_ptr_array_new();

	for (size_t i = 0; i < plan->moment->subject_count; i++) {
		const struct book_subject *subject = &plan->moment->subjects[i];
		bool bad = subject->verdict ? is_not_ok(subject->verdict->state)
					    : subject->repo_error &&
						      open_incident(plan, subject->id) != NULL;

		if (bad)
			g_ptr_array_add(found, (gpointer)(uintptr_t)subject);
	}
	g_ptr_array_sort(found, compare_subjects);
	return found;
}

static void add_not_ok(const struct book_plan *plan, struct notice_digest *digest)
{
	g_autoptr(GPtrArray) found = find_not_ok(plan);

	digest->not_ok_total = found->len;
	for (guint i = 0; i < found->len && i < NOTICE_LINES_MAX; i++) {
		const struct book_subject *subject = found->pdata[i];
		const struct incident *incident = open_incident(plan, subject->id);
		g_autofree char *summary = book_facts_summary(subject, plan->moment->now_wall_ms);
		struct notice_line *line = line_create(
			subject->id, subject->priority,
			subject->verdict ? subject->verdict->state : STATE_UNKNOWN, summary);

		line->since_wall_ms = subject->verdict ? subject->verdict->since_wall_ms
						       : subject->blind_since_wall_ms;
		line->since_wall_ms = MAX(line->since_wall_ms, 0);
		line->incident = incident ? incident->id : 0;
		g_ptr_array_add(digest->not_ok, line);
	}
}

/* What it will be when this round is applied. */
static const struct incident *incident_after(const struct book_plan *plan,
					     const struct book_entry *entry)
{
	if (entry->round != plan->book->round)
		return entry->incident;
	return book_case_incident(&g_array_index(plan->cases, struct book_case, entry->case_index));
}

static gint compare_ended(gconstpointer a, gconstpointer b)
{
	const struct incident *left = *(const struct incident *const *)a;
	const struct incident *right = *(const struct incident *const *)b;

	if (left->ended_wall_ms != right->ended_wall_ms)
		return left->ended_wall_ms > right->ended_wall_ms ? -1 : 1;
	return strcmp(left->target, right->target);
}

static void add_recovered(const struct book_plan *plan, struct notice_digest *digest)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, plan->book->by_target);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct incident *incident = incident_after(plan, value);

		if (incident->status == INCIDENT_STATUS_RESOLVED &&
		    incident->ended_wall_ms > digest->since_wall_ms)
			g_ptr_array_add(found, (gpointer)(uintptr_t)incident);
	}
	g_ptr_array_sort(found, compare_ended);
	digest->recovered_total = found->len;
	for (guint i = 0; i < found->len && i < NOTICE_LINES_MAX; i++) {
		const struct incident *incident = found->pdata[i];
		struct notice_line *line =
			line_create(incident->target, incident->priority, STATE_OK,
				    incident->summary ? incident->summary : "");

		line->since_wall_ms = incident->ended_wall_ms;
		line->incident = incident->id;
		g_ptr_array_add(digest->recovered, line);
	}
}

static struct notice_digest *make_digest(const struct book_plan *plan, int64_t since_wall_ms)
{
	const struct tally *tally = plan->moment->tally;
	struct notice_digest *digest = notice_digest_create();

	digest->overall = tally ? tally->overall : STATE_UNKNOWN;
	digest->score = tally ? tally->score : -1;
	for (int state = 0; tally && state < STATE_COUNT; state++)
		digest->count[state] = tally->count[state];
	digest->evaluated = tally ? tally->evaluated : 0;
	digest->targets_total = tally ? tally->targets_total : 0;
	digest->since_wall_ms = since_wall_ms;
	add_not_ok(plan, digest);
	add_recovered(plan, digest);
	return digest;
}

static void note(struct book_plan *plan, const struct config_channel *channel)
{
	(void)g_hash_table_replace(
		plan->round->digests, g_strdup(channel->id),
		g_memdup2(&plan->moment->now_wall_ms, sizeof(int64_t))); /* once a round */
}

static void send(struct book_plan *plan, const struct config_channel *channel,
		 int64_t since_wall_ms)
{
	struct notice_digest *digest = make_digest(plan, since_wall_ms);
	struct book_message *message;

	/* nothing was evaluated: that is not "all is well" */
	if (digest->not_ok_total == 0 && digest->recovered_total == 0 &&
	    digest->overall == STATE_OK && !channel->digest_when_ok) {
		notice_digest_free(digest);
		return;
	}
	message = g_new0(struct book_message, 1);
	message->channel = g_strdup(channel->id);
	message->notice = notice_create(NOTICE_KIND_DIGEST, plan->moment->now_wall_ms);
	message->notice->digest = digest;
	g_ptr_array_add(plan->round->messages, message);
}

static void plan_channel(struct book_plan *plan, const struct config_channel *channel)
{
	const int64_t *last = g_hash_table_lookup(plan->book->digests, channel->id);
	int64_t now_wall_ms = plan->moment->now_wall_ms;
	int64_t due_wall_ms;

	/* seen for the first time, or by a clock that was set back since: it counts from now */
	if (!last || *last > now_wall_ms + BOOK_CLOCK_SLACK_MS) {
		note(plan, channel);
		return;
	}
	due_wall_ms = schedule_previous(channel->digest, now_wall_ms);
	if (due_wall_ms == 0 || due_wall_ms <= *last)
		return;
	note(plan, channel);
	if (now_wall_ms - due_wall_ms <= BOOK_DIGEST_LATE_MS)
		send(plan, channel, *last);
}

void book_plan_digests(struct book_plan *plan)
{
	const GPtrArray *channels = plan->moment->config->channels;

	for (guint i = 0; i < channels->len && plan->book->evaluated; i++) {
		if (book_wants_digest(channels->pdata[i]))
			plan_channel(plan, channels->pdata[i]);
	}
}
