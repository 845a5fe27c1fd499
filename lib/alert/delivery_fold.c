/* delivery_fold - a storm becomes one message: what waits for a channel is folded into the newest
 * of it, which lives longest. See delivery_private.h */
#include "alert/delivery_private.h"

static void free_group(void *data)
{
	g_ptr_array_unref(data);
}

/* Subjects of what was refused, and of what has to wait for that: such messages stay among
 * themselves, or all others would wait with them. */
static GHashTable *find_stuck(const struct delivery_channel *channel)
{
	GHashTable *stuck = delivery_subjects_create(channel->kind);

	for (const GList *at = channel->queue.head; at; at = at->next)
		if (((struct delivery_entry *)at->data)->aside)
			delivery_mark_subjects(channel->kind, stuck, at->data);
	for (const GList *at = channel->queue.head; at && g_hash_table_size(stuck) > 0;
	     at = at->next)
		if (delivery_shares_subject(channel->kind, stuck, at->data))
			delivery_mark_subjects(channel->kind, stuck, at->data);
	return stuck;
}

/* What is told in part is told to its end. */
static bool is_begun(const struct delivery_channel *channel, const struct delivery_entry *entry)
{
	return entry->begun || (channel->trip && channel->trip->entry == entry);
}

/* GitHub has an issue per target. */
static const char *group_key(const struct delivery_channel *channel,
			     const struct delivery_entry *entry)
{
	const GPtrArray *items = entry->outgoing->notice->items;

	if (channel->kind != CHANNEL_KIND_GITHUB || items->len == 0)
		return "";
	return ((const struct notice_item *)items->pdata[0])->target;
}

/* GPtrArray of GPtrArray of entries: those that are stuck, or those that are not. */
static GPtrArray *make_groups(const struct delivery_channel *channel, GHashTable *stuck,
			      bool want_stuck)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func(free_group);
	g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (const GList *at = channel->queue.head; at; at = at->next) {
		struct delivery_entry *entry = at->data;
		const char *key = group_key(channel, entry);
		GPtrArray *group = g_hash_table_lookup(by_key, key);
		bool is_stuck =
			entry->aside || delivery_shares_subject(channel->kind, stuck, entry);

		if (is_begun(channel, entry) || is_stuck != want_stuck)
			continue;
		if (!group) {
			group = g_ptr_array_new();
			g_ptr_array_add(groups, group);
			(void)g_hash_table_insert(by_key, g_strdup(key), group); /* is new */
		}
		g_ptr_array_add(group, entry);
	}
	return groups;
}

static struct notice *fold_notices(const GPtrArray *group)
{
	g_autoptr(GPtrArray) notices = g_ptr_array_new();

	for (guint i = 0; i < group->len; i++)
		g_ptr_array_add(notices,
				((struct delivery_entry *)group->pdata[i])->outgoing->notice);
	return notice_fold(notices);
}

/* All but the last are in the message @p carrier now; 0: they wait again. Returns them, borrowed. */
static GPtrArray *set_folded(const GPtrArray *group, int64_t carrier)
{
	GPtrArray *others = g_ptr_array_new();

	for (guint i = 0; i + 1 < group->len; i++) {
		struct outgoing *outgoing = ((struct delivery_entry *)group->pdata[i])->outgoing;

		outgoing->state = carrier > 0 ? DELIVERY_STATE_FOLDED : DELIVERY_STATE_WAITING;
		outgoing->folded_into = carrier;
		g_ptr_array_add(others, outgoing);
	}
	return others;
}

/* What one of them has to wait for (a Retry-After of before the start), all do. What was refused is
 * another message now. */
static void settle_carrier(struct delivery_entry *carrier, const GPtrArray *group)
{
	int64_t due_mono_ms = 0;
	int64_t next_wall_ms = 0;
	int64_t expire_mono_ms = 0;

	for (guint i = 0; i < group->len; i++) {
		const struct delivery_entry *entry = group->pdata[i];

		expire_mono_ms = MAX(expire_mono_ms, entry->expire_mono_ms);
		if (entry->aside)
			continue;
		due_mono_ms = MAX(due_mono_ms, entry->due_mono_ms);
		next_wall_ms = MAX(next_wall_ms, entry->outgoing->next_wall_ms);
	}
	carrier->due_mono_ms = due_mono_ms;
	carrier->expire_mono_ms = expire_mono_ms;
	carrier->outgoing->next_wall_ms = next_wall_ms;
	carrier->outgoing->plain = false;
	carrier->aside = false;
	carrier->refusals = 0;
	carrier->progress = (struct sink_progress){0};
}

/* False: the owner could not write it down, all is as it was. */
static bool fold_group(struct delivery_channel *channel, const GPtrArray *group)
{
	const struct delivery_hooks *hooks = &channel->delivery->hooks;
	struct delivery_entry *carrier = group->pdata[group->len - 1];
	struct delivery_entry before = *carrier;
	struct outgoing outgoing_before = *carrier->outgoing;
	g_autoptr(GPtrArray) folded = NULL;

	if (group->len < 2)
		return true;
	carrier->outgoing->notice = fold_notices(group);
	folded = set_folded(group, carrier->outgoing->id);
	settle_carrier(carrier, group);
	if (hooks->folded(hooks->data, carrier->outgoing, folded)) {
		notice_free(outgoing_before.notice);
		return true;
	}
	notice_free(carrier->outgoing->notice);
	*carrier = before;
	*carrier->outgoing = outgoing_before;
	g_ptr_array_unref(g_steal_pointer(&folded));
	folded = set_folded(group, 0);
	return false;
}

static void drop_folded(struct delivery_channel *channel)
{
	GList *next = NULL;

	for (GList *at = channel->queue.head; at; at = next) {
		struct delivery_entry *entry = at->data;

		next = at->next;
		if (entry->outgoing->state != DELIVERY_STATE_FOLDED)
			continue;
		g_queue_delete_link(&channel->queue, at);
		delivery_entry_free(entry);
	}
}

static bool fold_groups(struct delivery_channel *channel, bool stuck)
{
	g_autoptr(GHashTable) subjects = find_stuck(channel);
	g_autoptr(GPtrArray) groups = make_groups(channel, subjects, stuck);
	bool ok = true;

	for (guint i = 0; ok && i < groups->len; i++)
		ok = fold_group(channel, groups->pdata[i]);
	drop_folded(channel);
	return ok;
}

void delivery_fold(struct delivery_channel *channel, int64_t now_mono_ms)
{
	bool ok = true;

	if (!channel->grown || now_mono_ms < channel->fold_mono_ms)
		return;
	if (delivery_queue_length(channel) > DELIVERY_WAITING_MAX)
		ok = fold_groups(channel, false);
	if (ok && delivery_queue_length(channel) > DELIVERY_WAITING_MAX)
		ok = fold_groups(channel, true);
	channel->grown = !ok;
	if (!ok)
		channel->fold_mono_ms = now_mono_ms + DELIVERY_OFFER_AGAIN_MS;
}
