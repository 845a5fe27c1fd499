/* delivery_send - the requests of messages and of live alerts. What their answers mean is in
 * delivery_answer.c. See delivery_private.h */
#include "alert/delivery_private.h"

#include "clk.h"

/* --- asking --- */

void delivery_trip_free(struct delivery_trip *trip)
{
	if (!trip)
		return;
	notice_free(trip->live);
	if (trip->live_items)
		g_ptr_array_unref(trip->live_items);
	config_unref(trip->config);
	g_free(trip);
}

static struct delivery_trip *make_trip(struct delivery_channel *channel,
				       struct delivery_entry *entry)
{
	struct delivery_trip *trip = g_new0(struct delivery_trip, 1);
	struct delivery *delivery = channel->delivery;

	trip->channel = channel;
	trip->entry = entry;
	trip->config = config_ref(delivery->config);
	trip->context = (struct sink_context){
		.channel = channel->settings,
		.public_url = delivery->config->driftd.public_url,
		.link_secret = delivery->config->auth.link_secret,
		.timezone = delivery->config->driftd.timezone,
		.now_wall_ms = clk_wall_ms(),
	};
	return trip;
}

static int64_t known_issue(const struct delivery_channel *channel,
			   const struct delivery_entry *entry)
{
	const struct delivery_hooks *hooks = &channel->delivery->hooks;
	const char *target = delivery_first_target(entry->outgoing);

	if (channel->kind != CHANNEL_KIND_GITHUB || !target)
		return 0;
	return hooks->issue(hooks->data, channel->id, target);
}

static struct http_request *make_request(const struct delivery_channel *channel,
					 struct sink_request *from)
{
	struct http_request *request =
		http_request_create(channel_kind_text(channel->kind), from->method, from->url);

	g_ptr_array_unref(request->headers);
	request->headers = g_steal_pointer(&from->headers);
	request->bearer = g_steal_pointer(&from->bearer);
	request->body = g_steal_pointer(&from->body);
	request->body_bytes = from->body_bytes;
	request->timeout_ms = channel->delivery->config->driftd.request_timeout_ms;
	request->max_attempts = 1; /* each attempt is written down, so the next is ours to make */
	request->follow_redirects = false;
	request->apart = true; /* a channel that hangs keeps nobody from looking */
	request->max_body_bytes = channel->kind == CHANNEL_KIND_GITHUB
					  ? DELIVERY_GITHUB_ANSWER_MAX_BYTES
					  : DELIVERY_ANSWER_MAX_BYTES;
	from->headers = g_ptr_array_new_with_free_func(g_free); /* sink_request_free() wants some */
	return request;
}

/* False: there is nothing to ask; @p trip is freed. */
static bool send_trip(struct delivery_trip *trip, const struct notice *notice,
		      const struct sink_progress *progress, int64_t now_mono_ms)
{
	struct delivery_channel *channel = trip->channel;
	struct sink_request *request = sink_make_request(&trip->context, notice, progress);

	if (!request) {
		delivery_trip_free(trip);
		return false;
	}
	channel->trip = trip;
	channel->rate_mono_ms = now_mono_ms + channel->settings->rate_interval_ms;
	http_client_send(channel->delivery->http, make_request(channel, request),
			 delivery_take_answer, trip);
	sink_request_free(request);
	return true;
}

/* --- starting --- */

/* Alerts that are told again, so that Alertmanager does not forget them. False: there are none. */
static bool start_live(struct delivery_channel *channel, int64_t now_mono_ms)
{
	const struct delivery_hooks *hooks = &channel->delivery->hooks;
	GPtrArray *items = hooks->live(hooks->data, channel->id);
	struct delivery_trip *trip = NULL;

	channel->live_mono_ms = now_mono_ms + SINK_ALERT_RESEND_MS;
	if (!items || items->len == 0) {
		if (items)
			g_ptr_array_unref(items);
		return false;
	}
	trip = make_trip(channel, NULL);
	trip->live = notice_create(NOTICE_KIND_REMINDER, clk_wall_ms());
	trip->live_items = items;
	trip->context.live = items;
	return send_trip(trip, trip->live, &trip->live_progress, now_mono_ms);
}

/* False: it needed no request and is done. */
static bool start_message(struct delivery_channel *channel, struct delivery_entry *entry,
			  int64_t now_mono_ms)
{
	const struct delivery_outcome nothing = {.word = SINK_OUTCOME_SENT, .wait_ms = -1};
	struct delivery_trip *trip = make_trip(channel, entry);

	trip->context.notification = entry->outgoing->id;
	trip->context.plain = entry->outgoing->plain;
	trip->context.issue = known_issue(channel, entry);
	if (send_trip(trip, entry->outgoing->notice, &entry->progress, now_mono_ms)) {
		entry->steps++;
		return true;
	}
	delivery_finish(channel, entry, DELIVERY_STATE_SENT, &nothing);
	return false;
}

void delivery_start(struct delivery_channel *channel, int64_t now_mono_ms)
{
	bool rests = now_mono_ms < MAX(channel->resume_mono_ms, channel->rate_mono_ms);
	int64_t due_mono_ms = 0;

	if (channel->trip || !channel->settings || rests)
		return;
	if (channel->kind == CHANNEL_KIND_ALERTMANAGER && channel->live_mono_ms <= now_mono_ms &&
	    start_live(channel, now_mono_ms))
		return;
	for (int i = 0; i < DELIVERY_QUIET_MAX; i++) {
		struct delivery_entry *entry =
			delivery_queue_pick(channel, now_mono_ms, &due_mono_ms);

		if (!entry || due_mono_ms > now_mono_ms ||
		    start_message(channel, entry, now_mono_ms))
			return;
	}
}
