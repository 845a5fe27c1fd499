/* book_messages - who is told what in a round: see book_plan() in book.h. */
#include "alert/book_private.h"

#include <string.h>

static GPtrArray *letter_of(struct book_plan *plan, guint channel)
{
	return plan->letters->pdata[channel];
}

static struct notice_item *make_item(const struct book_plan *plan, const struct book_case *at,
				     enum notice_kind kind)
{
	struct notice_item *item = book_item_create(kind, book_case_incident(at), at->subject,
						    plan->moment->now_wall_ms);

	if (!at->subject && at->entry) {
		item->owner = g_strdup(at->entry->owner);
		item->description = g_strdup(at->entry->description);
	}
	return item;
}

/* Tell @p channel, and note that it was told. */
static void tell(struct book_plan *plan, struct book_case *at, guint channel, enum notice_kind kind)
{
	const struct config_channel *config = plan->moment->config->channels->pdata[channel];
	struct incident *incident = book_case_change(at);
	const struct incident_told *told = incident_find_told(incident, config->id);
	/* known from before its end: version 0 */
	bool reopened = kind == NOTICE_KIND_FIRING && told && told->version == 0;
	struct notice_item **item = &at->told[kind][reopened];

	if (!*item)
		*item = make_item(plan, at, kind);
	(*item)->reopened = reopened;
	g_ptr_array_add(letter_of(plan, channel), notice_item_ref(*item));
	incident_tell(incident, config->id, plan->moment->now_wall_ms);
}

static struct notice *add_message(struct book_plan *plan, const char *channel)
{
	struct book_message *message = g_new0(struct book_message, 1);

	message->channel = g_strdup(channel);
	message->notice = notice_create(NOTICE_KIND_NONE, plan->moment->now_wall_ms);
	g_ptr_array_add(plan->round->messages, message);
	return message->notice;
}

/* There is no channel at all now: its end waits for those that were told, or for whichever comes
 * instead of them. */
static void tell_end_later(struct book_plan *plan, struct book_case *at)
{
	struct incident *incident = book_case_change(at);

	for (guint i = 0; i < incident->told->len; i++) {
		struct incident_told *told = incident->told->pdata[i];

		if (told->version == 0)
			continue;
		notice_add(add_message(plan, told->channel),
			   make_item(plan, at, NOTICE_KIND_CLOSING));
		told->version = incident->version;
		told->wall_ms = plan->moment->now_wall_ms;
	}
}

/* Its end, to all who could believe that it goes on. */
static void tell_end(struct book_plan *plan, struct book_case *at)
{
	const GPtrArray *channels = plan->moment->config->channels;
	const struct incident *incident = book_case_incident(at);
	struct matcher_subject scope = book_scope(incident, at->subject, at->entry);
	bool anybody = false;

	if (!book_was_told(incident, NULL))
		return;
	if (channels->len == 0)
		tell_end_later(plan, at);
	for (guint i = 0; i < channels->len; i++) {
		const struct config_channel *channel = channels->pdata[i];

		if (!book_was_told(book_case_incident(at), channel->id) &&
		    !book_is_routed(channel, &scope))
			continue;
		tell(plan, at, i, NOTICE_KIND_CLOSING);
		anybody = true;
	}
	if (!anybody && channels->len > 0)
		tell(plan, at, 0, NOTICE_KIND_CLOSING);
}

/* The newest version anybody was told; 0: nobody was told any. */
static int64_t newest_told(const struct incident *incident)
{
	int64_t newest = 0;

	for (guint i = 0; i < incident->told->len; i++)
		newest = MAX(newest,
			     ((const struct incident_told *)incident->told->pdata[i])->version);
	return newest;
}

/* What one channel has to hear of an incident that goes on, before its routes are asked. @p newest:
 * newest_told() before this round. */
static enum notice_kind due_kind(const struct incident *incident,
				 const struct config_channel *channel, int64_t newest,
				 int64_t now_wall_ms)
{
	const struct incident_told *told = incident_find_told(incident, channel->id);
	bool was_told = told && told->version > 0;

	if (newest == 0)
		return NOTICE_KIND_FIRING;
	if ((was_told ? told->version : newest) < incident->version)
		return was_told ? NOTICE_KIND_WORSE : NOTICE_KIND_FIRING;
	if (book_reminder_due(incident, channel, now_wall_ms) > now_wall_ms)
		return NOTICE_KIND_NONE;
	return book_keeps_state(channel) ? NOTICE_KIND_FIRING : NOTICE_KIND_REMINDER;
}

static void tell_open(struct book_plan *plan, struct book_case *at)
{
	const GPtrArray *channels = plan->moment->config->channels;
	const struct incident *before = book_case_incident(at);
	int64_t newest = newest_told(before);
	struct matcher_subject scope;
	GArray *kinds = NULL;

	if (before->held_by)
		return;
	/* all are asked before the first is told: what one hears must not change what others do */
	for (guint i = 0; i < channels->len; i++) {
		enum notice_kind kind =
			due_kind(before, channels->pdata[i], newest, plan->moment->now_wall_ms);

		if (kind == NOTICE_KIND_NONE)
			continue;
		scope = book_scope(before, at->subject, at->entry);
		if (!book_is_routed(channels->pdata[i], &scope))
			continue;
		if (!kinds) {
			kinds = g_array_new(FALSE, TRUE, sizeof(enum notice_kind));
			(void)g_array_set_size(kinds, channels->len);
		}
		g_array_index(kinds, enum notice_kind, i) = kind;
	}
	for (guint i = 0; kinds && i < kinds->len; i++) {
		if (g_array_index(kinds, enum notice_kind, i) != NOTICE_KIND_NONE)
			tell(plan, at, i, g_array_index(kinds, enum notice_kind, i));
	}
	if (kinds)
		g_array_unref(kinds);
}

static int rank(enum state state)
{
	return state == STATE_PAUSED ? -1 : (int)state;
}

/* The order of verdict_compare(). */
static gint compare_items(gconstpointer a, gconstpointer b)
{
	const struct notice_item *left = *(const struct notice_item *const *)a;
	const struct notice_item *right = *(const struct notice_item *const *)b;

	if (rank(left->state) != rank(right->state))
		return rank(left->state) > rank(right->state) ? -1 : 1;
	if (left->priority != right->priority)
		return left->priority < right->priority ? -1 : 1;
	if (left->opened_wall_ms != right->opened_wall_ms)
		return left->opened_wall_ms < right->opened_wall_ms ? -1 : 1;
	return strcmp(left->target, right->target);
}

static void post(struct book_plan *plan, const struct config_channel *channel, GPtrArray *letter)
{
	struct notice *notice = NULL;

	g_ptr_array_sort(letter, compare_items);
	for (guint i = 0; i < letter->len; i++) {
		/* on GitHub each target is an issue of its own */
		if (!notice || channel->kind == CHANNEL_KIND_GITHUB)
			notice = add_message(plan, channel->id);
		notice_add(notice, letter->pdata[i]);
	}
}

void book_plan_messages(struct book_plan *plan)
{
	const GPtrArray *channels = plan->moment->config->channels;

	for (guint i = 0; i < channels->len; i++)
		g_ptr_array_add(plan->letters, g_ptr_array_new());
	for (guint i = 0; i < plan->cases->len; i++) {
		struct book_case *at = &g_array_index(plan->cases, struct book_case, i);

		if (incident_is_over(book_case_incident(at)))
			tell_end(plan, at);
		else if (at->subject) /* else it ends with the next look */
			tell_open(plan, at);
	}
	for (guint i = 0; i < channels->len; i++) {
		post(plan, channels->pdata[i], letter_of(plan, i));
		g_ptr_array_unref(letter_of(plan, i));
	}
}
