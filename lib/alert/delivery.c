/* delivery - see delivery.h. Time: backoff, rate and age run on the monotonic clock in this
 * process; what is stored for the next one is wall time, and believed for an hour at most. Every
 * change marks a channel stale; delivery_run() looks at those and at the ones that are due. */
#include "alert/delivery_private.h"

#include "clk.h"

#include <assert.h>
#include <stdlib.h>

static uint32_t draw(void)
{
	return arc4random();
}

static void free_channel(void *data)
{
	delivery_channel_free(data);
}

static void free_entry(void *data)
{
	delivery_entry_free(data);
}

struct delivery *delivery_create(struct http_client *http, const struct delivery_hooks *hooks)
{
	struct delivery *delivery = g_new0(struct delivery, 1);

	assert(hooks->attempted && hooks->folded && hooks->moved && hooks->live && hooks->issue);
	delivery->owner = pthread_self();
	delivery->http = http;
	delivery->hooks = *hooks;
	delivery->channels = g_ptr_array_new_with_free_func(free_channel);
	delivery->leaving = g_ptr_array_new_with_free_func(free_channel);
	delivery->draw = draw;
	return delivery;
}

void delivery_free(struct delivery *delivery)
{
	if (!delivery)
		return;
	assert(pthread_equal(delivery->owner, pthread_self()));
	g_ptr_array_unref(delivery->channels);
	g_ptr_array_unref(delivery->leaving);
	g_queue_clear_full(&delivery->lost, free_entry);
	config_unref(delivery->config);
	g_free(delivery);
}

/* --- channels --- */

struct delivery_channel *delivery_channel_create(struct delivery *delivery,
						 const struct config_channel *settings)
{
	struct delivery_channel *channel = g_new0(struct delivery_channel, 1);

	channel->delivery = delivery;
	channel->id = g_strdup(settings->id);
	channel->kind = settings->kind;
	channel->fresh = true;
	channel->live_mono_ms = clk_mono_ms();
	return channel;
}

void delivery_channel_free(struct delivery_channel *channel)
{
	if (!channel)
		return;
	if (channel->trip)
		channel->trip->channel = NULL; /* its answer, or end, frees it */
	g_queue_clear_full(&channel->queue, free_entry);
	g_free(channel->id);
	g_free(channel->last_error);
	g_free(channel);
}

struct delivery_channel *delivery_find(const struct delivery *delivery, const char *id)
{
	for (guint i = 0; i < delivery->channels->len; i++) {
		struct delivery_channel *channel = delivery->channels->pdata[i];

		if (g_strcmp0(channel->id, id) == 0)
			return channel;
	}
	return NULL;
}

/* Take the channel called @p id out of @p channels; NULL. */
static struct delivery_channel *steal_channel(GPtrArray *channels, const char *id)
{
	for (guint i = 0; i < channels->len; i++)
		if (g_strcmp0(((struct delivery_channel *)channels->pdata[i])->id, id) == 0)
			return g_ptr_array_steal_index(channels, i);
	return NULL;
}

static bool is_changed(const struct config_channel *old, const struct config_channel *new)
{
	return g_strcmp0(old->url, new->url) != 0 || g_strcmp0(old->secret, new->secret) != 0 ||
	       g_strcmp0(old->token, new->token) != 0 ||
	       g_strcmp0(old->repository, new->repository) != 0 ||
	       g_strcmp0(old->label, new->label) != 0;
}

/* Somebody has mended it: everything is tried anew, at once. */
static void renew_channel(struct delivery_channel *channel)
{
	if (channel->trip)
		channel->trip->outdated = true;
	for (GList *at = channel->queue.head; at; at = at->next)
		if (!channel->trip || channel->trip->entry != at->data)
			delivery_entry_renew(at->data);
	channel->troubles = 0;
	channel->resume_mono_ms = 0;
	channel->dead_told = false;
	channel->live_mono_ms = clk_mono_ms();
}

/* @p settings are those of now; @p changed: not those it knew. */
static void set_settings(struct delivery_channel *channel, const struct config_channel *settings,
			 bool changed)
{
	channel->settings = settings;
	channel->rate_mono_ms =
		MIN(channel->rate_mono_ms, clk_mono_ms() + settings->rate_interval_ms);
	channel->stale = true;
	if (changed)
		renew_channel(channel);
}

/* The channel of @p settings: as it was, come back, or new. */
static struct delivery_channel *take_channel(struct delivery *delivery, GPtrArray *old,
					     const struct config_channel *settings)
{
	struct delivery_channel *channel = steal_channel(old, settings->id);
	bool changed = false;

	if (channel) {
		channel->fresh = false;
		changed = is_changed(channel->settings, settings);
	} else if ((channel = steal_channel(delivery->leaving, settings->id))) {
		changed = true; /* what it was is forgotten */
	} else {
		channel = delivery_channel_create(delivery, settings);
	}
	set_settings(channel, settings, changed);
	return channel;
}

/* What is left of @p old is gone. */
static void drop_channels(struct delivery *delivery, GPtrArray *old)
{
	while (old->len > 0) {
		struct delivery_channel *channel = g_ptr_array_steal_index(old, 0);

		channel->settings = NULL;
		if (channel->trip) {
			g_ptr_array_add(delivery->leaving, channel);
			continue;
		}
		delivery_lose(channel);
		delivery_channel_free(channel);
	}
}

void delivery_set_config(struct delivery *delivery, struct config *config)
{
	GPtrArray *old = delivery->channels;
	struct config *old_config = delivery->config;

	assert(pthread_equal(delivery->owner, pthread_self()));
	delivery->config = config_ref(config);
	delivery->channels = g_ptr_array_new_with_free_func(free_channel);
	for (guint i = 0; i < config->channels->len; i++)
		g_ptr_array_add(delivery->channels,
				take_channel(delivery, old, config->channels->pdata[i]));
	drop_channels(delivery, old);
	g_ptr_array_unref(old);
	config_unref(old_config);
	delivery->lost_mono_ms = 0;
	delivery_settle(delivery, clk_mono_ms());
}

/* --- the way through --- */

void delivery_add(struct delivery *delivery, struct outgoing *outgoing)
{
	struct delivery_channel *channel = delivery_find(delivery, outgoing->channel);
	struct delivery_entry *entry = NULL;

	assert(pthread_equal(delivery->owner, pthread_self()));
	assert(outgoing->notice && outgoing->state == DELIVERY_STATE_WAITING);
	entry = delivery_entry_create(outgoing);
	if (!channel) {
		delivery_queue_insert(&delivery->lost, entry);
		return;
	}
	delivery_queue_insert(&channel->queue, entry);
	channel->stale = true;
	channel->grown = true;
}

static int64_t next_give_up_mono_ms(const struct delivery_channel *channel)
{
	int64_t next_mono_ms = INT64_MAX;

	for (const GList *at = channel->queue.head; at; at = at->next)
		next_mono_ms = MIN(next_mono_ms, delivery_give_up_mono_ms(channel, at->data));
	return next_mono_ms;
}

/* When there is something to do again, if nothing changes. */
static int64_t plan(const struct delivery_channel *channel, int64_t now_mono_ms)
{
	int64_t start_mono_ms = INT64_MAX;
	int64_t due_mono_ms = INT64_MAX;

	if (channel->grown && delivery_queue_length(channel) > DELIVERY_WAITING_MAX)
		due_mono_ms = channel->fold_mono_ms;
	if (channel->trip)
		return due_mono_ms;
	(void)delivery_queue_pick(channel, now_mono_ms, &start_mono_ms); /* only when */
	if (channel->kind == CHANNEL_KIND_ALERTMANAGER)
		start_mono_ms = MIN(start_mono_ms, channel->live_mono_ms);
	start_mono_ms = MAX(start_mono_ms, MAX(channel->resume_mono_ms, channel->rate_mono_ms));
	due_mono_ms = MIN(due_mono_ms, start_mono_ms);
	return MIN(due_mono_ms, next_give_up_mono_ms(channel));
}

void delivery_run(struct delivery *delivery)
{
	int64_t now_mono_ms = clk_mono_ms();

	assert(pthread_equal(delivery->owner, pthread_self()));
	delivery_settle(delivery, now_mono_ms);
	for (guint i = 0; i < delivery->channels->len; i++) {
		struct delivery_channel *channel = delivery->channels->pdata[i];

		if (!channel->stale && channel->due_mono_ms > now_mono_ms)
			continue;
		channel->stale = false;
		delivery_give_up(channel, now_mono_ms);
		delivery_fold(channel, now_mono_ms);
		delivery_start(channel, now_mono_ms);
		channel->due_mono_ms = plan(channel, now_mono_ms);
	}
}

int64_t delivery_due_mono_ms(const struct delivery *delivery)
{
	int64_t due_mono_ms = INT64_MAX;

	if (delivery->lost.length > 0 && delivery->channels->len > 0 && delivery->leaving->len == 0)
		due_mono_ms = delivery->lost_mono_ms;
	for (guint i = 0; i < delivery->channels->len; i++) {
		const struct delivery_channel *channel = delivery->channels->pdata[i];

		due_mono_ms = MIN(due_mono_ms, channel->stale ? 0 : channel->due_mono_ms);
	}
	return due_mono_ms;
}

/* --- what is shown --- */

size_t delivery_waiting(const struct delivery *delivery)
{
	size_t waiting = delivery->lost.length;

	for (guint i = 0; i < delivery->channels->len; i++)
		waiting += ((struct delivery_channel *)delivery->channels->pdata[i])->queue.length;
	for (guint i = 0; i < delivery->leaving->len; i++)
		waiting += ((struct delivery_channel *)delivery->leaving->pdata[i])->queue.length;
	return waiting;
}

bool delivery_is_sending(const struct delivery *delivery)
{
	for (guint i = 0; i < delivery->channels->len; i++) {
		const struct delivery_channel *channel = delivery->channels->pdata[i];

		if (channel->trip && channel->trip->entry)
			return true;
	}
	return delivery->leaving->len > 0;
}

static void free_status(void *data)
{
	channel_status_free(data);
}

static struct channel_status *make_status(const struct delivery_channel *channel)
{
	struct channel_status *status = g_new0(struct channel_status, 1);

	status->id = g_strdup(channel->id);
	status->kind = g_strdup(channel_kind_text(channel->kind));
	status->name = g_strdup(channel->settings->name);
	status->failing = channel->failing;
	status->waiting = channel->queue.length;
	status->failed = channel->failed;
	status->sent = channel->sent;
	status->last_error = g_strdup(channel->last_error);
	status->last_error_wall_ms = channel->last_error_wall_ms;
	status->last_sent_wall_ms = channel->last_sent_wall_ms;
	return status;
}

GPtrArray *delivery_channels(const struct delivery *delivery)
{
	GPtrArray *statuses = g_ptr_array_new_with_free_func(free_status);

	for (guint i = 0; i < delivery->channels->len; i++)
		g_ptr_array_add(statuses, make_status(delivery->channels->pdata[i]));
	return statuses;
}
