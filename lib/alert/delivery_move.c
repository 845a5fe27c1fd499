/* delivery_move - messages whose channel is configured no longer find another. See delivery_private.h */
#include "alert/delivery_private.h"

#include <string.h>

static bool is_routed(const struct config_channel *channel, const struct notice_item *item)
{
	g_autofree char *kind = g_strndup(item->target, strcspn(item->target, "/"));
	const struct matcher_subject subject = {
		.id = item->target,
		.kind = kind,
		.priority = priority_text(item->priority),
		.owner = item->owner,
	};

	if (!channel->routes[0])
		return true;
	for (struct matcher *const *at = channel->routes; *at; at++)
		if (matcher_matches(*at, &subject))
			return true;
	return false;
}

static bool has_many_targets(const struct notice *notice)
{
	const struct notice_item *first = notice->items->len > 0 ? notice->items->pdata[0] : NULL;

	for (guint i = 1; i < notice->items->len; i++)
		if (strcmp(((const struct notice_item *)notice->items->pdata[i])->target,
			   first->target) != 0)
			return true;
	return false;
}

/* Its first item's route before all. Then the same kind, and of those a new one: a channel that was
 * renamed. An issue cannot tell of many targets. */
static int rate_channel(const struct delivery_channel *channel, const struct outgoing *outgoing)
{
	const struct notice *notice = outgoing->notice;
	bool same_kind = g_str_has_prefix(outgoing->channel, channel_kind_text(channel->kind)) &&
			 outgoing->channel[strlen(channel_kind_text(channel->kind))] == '/';
	bool unfit = channel->kind == CHANNEL_KIND_GITHUB && has_many_targets(notice);
	bool routed =
		notice->items->len > 0 && is_routed(channel->settings, notice->items->pdata[0]);

	return (unfit ? 0 : 8) + (routed ? 4 : 0) + (same_kind ? 2 : 0) +
	       (same_kind && channel->fresh ? 1 : 0);
}

static struct delivery_channel *find_other(const struct delivery *delivery,
					   const struct outgoing *outgoing)
{
	struct delivery_channel *best = delivery->channels->pdata[0];

	for (guint i = 1; i < delivery->channels->len; i++)
		if (rate_channel(delivery->channels->pdata[i], outgoing) >
		    rate_channel(best, outgoing))
			best = delivery->channels->pdata[i];
	return best;
}

static void take_in(struct delivery_channel *channel, struct delivery_entry *entry)
{
	delivery_queue_insert(&channel->queue, entry);
	channel->stale = true;
	channel->grown = true;
}

/* False: the owner could not write it down. */
static bool move(struct delivery *delivery, struct delivery_entry *entry)
{
	struct outgoing *outgoing = entry->outgoing;
	struct delivery_channel *channel = find_other(delivery, outgoing);
	struct outgoing before = *outgoing;

	outgoing->channel = g_strdup(channel->id);
	outgoing->next_wall_ms = 0;
	outgoing->plain = false;
	if (!delivery->hooks.moved(delivery->hooks.data, outgoing, before.channel)) {
		g_free(outgoing->channel);
		*outgoing = before;
		return false;
	}
	g_free(before.channel);
	delivery_entry_renew(entry);
	take_in(channel, entry);
	return true;
}

/* Not while a channel that left waits for its answer: what comes of that goes before the rest. */
void delivery_settle(struct delivery *delivery, int64_t now_mono_ms)
{
	if (delivery->channels->len == 0 || delivery->leaving->len > 0 ||
	    now_mono_ms < delivery->lost_mono_ms)
		return;
	while (delivery->lost.length > 0) {
		struct delivery_entry *entry = delivery->lost.head->data;
		struct delivery_channel *own = delivery_find(delivery, entry->outgoing->channel);

		if (own) {
			take_in(own, entry);
		} else if (!move(delivery, entry)) {
			delivery->lost_mono_ms = now_mono_ms + DELIVERY_OFFER_AGAIN_MS;
			return;
		}
		(void)g_queue_pop_head(&delivery->lost); /* it is elsewhere now */
	}
}

void delivery_lose(struct delivery_channel *channel)
{
	struct delivery_entry *entry = NULL;

	while ((entry = g_queue_pop_head(&channel->queue)))
		delivery_queue_insert(&channel->delivery->lost, entry);
}

void delivery_leave(struct delivery_channel *channel)
{
	delivery_lose(channel);
	/* frees it */
	(void)g_ptr_array_remove(channel->delivery->leaving, channel);
}
