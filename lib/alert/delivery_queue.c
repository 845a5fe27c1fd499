/* delivery_queue - the messages of one channel and which of them goes next; see delivery_private.h */
#include "alert/delivery_private.h"

#include "clk.h"

/* The wall clock is looked at once, here; from now on the monotonic one counts, whatever the other
 * does. */
struct delivery_entry *delivery_entry_create(struct outgoing *outgoing)
{
	struct delivery_entry *entry = g_new0(struct delivery_entry, 1);
	int64_t now_mono_ms = clk_mono_ms();
	int64_t now_wall_ms = clk_wall_ms();
	int64_t created_wall_ms = CLAMP(outgoing->created_wall_ms, 0, now_wall_ms);

	entry->outgoing = outgoing;
	entry->added_mono_ms = now_mono_ms;
	entry->expire_mono_ms =
		now_mono_ms +
		MAX(created_wall_ms + DELIVERY_GIVE_UP_MS - now_wall_ms, DELIVERY_LAST_CHANCE_MS);
	if (outgoing->next_wall_ms > now_wall_ms)
		entry->due_mono_ms = now_mono_ms + MIN(outgoing->next_wall_ms - now_wall_ms,
						       DELIVERY_RETRY_AFTER_MAX_MS);
	return entry;
}

void delivery_entry_free(struct delivery_entry *entry)
{
	if (!entry)
		return;
	outgoing_free(entry->outgoing);
	g_free(entry);
}

void delivery_entry_renew(struct delivery_entry *entry)
{
	entry->added_mono_ms = clk_mono_ms();
	entry->expire_mono_ms =
		MAX(entry->expire_mono_ms, entry->added_mono_ms + DELIVERY_LAST_CHANCE_MS);
	entry->due_mono_ms = 0;
	entry->outgoing->next_wall_ms = 0;
	entry->outgoing->plain = false;
	entry->refusals = 0;
	entry->steps = 0;
	entry->begun = false;
	entry->aside = false;
	entry->tried = false;
	entry->progress = (struct sink_progress){0};
}

void delivery_queue_insert(GQueue *queue, struct delivery_entry *entry)
{
	GList *at = queue->tail; /* the newest, nearly always */

	while (at && ((struct delivery_entry *)at->data)->outgoing->id > entry->outgoing->id)
		at = at->prev;
	g_queue_insert_after(queue, at, entry);
}

guint delivery_queue_length(const struct delivery_channel *channel)
{
	return channel->queue.length - (channel->trip && channel->trip->entry ? 1 : 0);
}

static bool goes_by_target(enum channel_kind kind)
{
	return kind == CHANNEL_KIND_ALERTMANAGER || kind == CHANNEL_KIND_GITHUB;
}

GHashTable *delivery_subjects_create(enum channel_kind kind)
{
	if (goes_by_target(kind))
		return g_hash_table_new(g_str_hash, g_str_equal);
	return g_hash_table_new(g_int64_hash, g_int64_equal);
}

static void *subject_of(enum channel_kind kind, struct notice_item *item)
{
	return goes_by_target(kind) ? (void *)item->target : (void *)&item->incident;
}

void delivery_mark_subjects(enum channel_kind kind, GHashTable *subjects,
			    const struct delivery_entry *entry)
{
	const GPtrArray *items = entry->outgoing->notice->items;

	for (guint i = 0; i < items->len; i++)
		(void)g_hash_table_add(subjects,
				       subject_of(kind, items->pdata[i])); /* new or not */
}

bool delivery_shares_subject(enum channel_kind kind, GHashTable *subjects,
			     const struct delivery_entry *entry)
{
	const GPtrArray *items = entry->outgoing->notice->items;

	for (guint i = 0; g_hash_table_size(subjects) > 0 && i < items->len; i++)
		if (g_hash_table_contains(subjects, subject_of(kind, items->pdata[i])))
			return true;
	return false;
}

/* Messages that nobody refused come first: else many refused ones would use up the rate. */
struct delivery_entry *delivery_queue_pick(const struct delivery_channel *channel,
					   int64_t now_mono_ms, int64_t *ret_due_mono_ms)
{
	g_autoptr(GHashTable) before = delivery_subjects_create(channel->kind);
	struct delivery_entry *aside = NULL;
	struct delivery_entry *next = NULL;

	for (const GList *at = channel->queue.head; at; at = at->next) {
		struct delivery_entry *entry = at->data;
		bool blocked = delivery_shares_subject(channel->kind, before, entry);

		if (!blocked && !entry->aside) {
			next = entry;
			break;
		}
		if (!blocked && (!aside || entry->due_mono_ms < aside->due_mono_ms))
			aside = entry;
		delivery_mark_subjects(channel->kind, before, entry);
	}
	if (!next ||
	    (aside && next->due_mono_ms > now_mono_ms && aside->due_mono_ms < next->due_mono_ms))
		next = aside;
	*ret_due_mono_ms = next ? next->due_mono_ms : INT64_MAX;
	return next;
}

/* Told to have failed is only what was tried: by itself, or as one of those that its channel, which
 * is in trouble, keeps waiting. */
int64_t delivery_give_up_mono_ms(const struct delivery_channel *channel,
				 const struct delivery_entry *entry)
{
	bool in_trouble = channel->troubles > 0 && channel->trouble_mono_ms >= entry->added_mono_ms;

	if (channel->trip && channel->trip->entry == entry)
		return INT64_MAX;
	return entry->tried || in_trouble ? entry->expire_mono_ms : INT64_MAX;
}
