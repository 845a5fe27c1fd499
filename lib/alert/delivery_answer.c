/* delivery_answer - what an answer means for the message and for its channel, and what the owner is
 * told. See delivery_private.h */
#include "alert/delivery_private.h"

#include "clk.h"
#include "log.h"

#include <assert.h>

/* --- telling the owner --- */

const char *delivery_first_target(const struct outgoing *outgoing)
{
	const GPtrArray *items = outgoing->notice->items;

	return items->len > 0 ? ((const struct notice_item *)items->pdata[0])->target : NULL;
}

static void tell_attempt(const struct delivery_channel *channel, const struct delivery_entry *entry,
			 const struct delivery_outcome *outcome)
{
	const struct delivery_hooks *hooks = &channel->delivery->hooks;
	bool is_github = channel->kind == CHANNEL_KIND_GITHUB;
	const struct delivery_attempt attempt = {
		.outgoing = entry->outgoing,
		.at_wall_ms = clk_wall_ms(),
		.status = outcome->status,
		.error = outcome->error,
		.issue = is_github ? entry->progress.issue : 0,
		.issue_target = is_github ? delivery_first_target(entry->outgoing) : NULL,
	};

	/* not written: what is done stays done all the same, in this process */
	(void)hooks->attempted(hooks->data, &attempt);
}

void delivery_finish(struct delivery_channel *channel, struct delivery_entry *entry,
		     enum delivery_state state, const struct delivery_outcome *outcome)
{
	entry->outgoing->state = state;
	entry->outgoing->next_wall_ms = 0;
	if (state == DELIVERY_STATE_SENT)
		channel->sent++;
	else
		channel->failed++;
	(void)g_queue_remove(&channel->queue, entry); /* it is in there */
	tell_attempt(channel, entry, outcome);
	delivery_entry_free(entry);
}

static void finish_given_up(struct delivery_channel *channel, struct delivery_entry *entry,
			    const struct delivery_outcome *outcome)
{
	g_autofree char *error =
		g_strdup_printf("given up after %" G_GINT64_FORMAT " h; last error: %s",
				(gint64)(DELIVERY_GIVE_UP_MS / MS_PER_HOUR),
				outcome->error ? outcome->error : "none");
	const struct delivery_outcome last = {.status = outcome->status, .error = error};

	delivery_finish(channel, entry, DELIVERY_STATE_FAILED, &last);
}

/* --- the channel --- */

static void note_sent(struct delivery_channel *channel)
{
	if (channel->failing)
		log_info("channel.recovered", "channel=%s", channel->id);
	channel->failing = false;
	channel->dead_told = false;
	channel->troubles = 0;
	channel->resume_mono_ms = 0;
}

/* Once when it starts, once more when a person is needed. */
static void log_failure(const struct delivery_channel *channel, bool dead)
{
	g_autofree char *error = log_quote(channel->last_error);

	if (dead && !channel->dead_told)
		log_error("channel.dead", "channel=%s err=%s", channel->id, error);
	else if (!channel->failing)
		log_warn("channel.failing", "channel=%s err=%s", channel->id, error);
}

static void note_failure(struct delivery_channel *channel, const struct delivery_outcome *outcome)
{
	bool dead = outcome->word == SINK_OUTCOME_DEAD;

	g_free(channel->last_error);
	channel->last_error = g_strdup(outcome->error);
	channel->last_error_wall_ms = clk_wall_ms();
	channel->last_status = outcome->status;
	log_failure(channel, dead);
	channel->failing = true;
	channel->dead_told |= dead;
}

/* Doubled each time; what the other side asks for when that is more. */
static int64_t draw_wait_ms(const struct delivery_channel *channel, int tries,
			    const struct delivery_outcome *outcome)
{
	return MAX(delivery_backoff_ms(tries, channel->delivery->draw()), outcome->wait_ms);
}

/* Returns how long the channel rests. Nothing when its settings are others now. */
static int64_t note_trouble(struct delivery_channel *channel, const struct delivery_trip *trip,
			    const struct delivery_outcome *outcome, int64_t now_mono_ms)
{
	int64_t wait_ms = 0;

	if (trip->outdated || !channel->settings)
		return 0;
	channel->troubles++;
	channel->trouble_mono_ms = now_mono_ms;
	wait_ms = draw_wait_ms(channel, channel->troubles, outcome);
	channel->resume_mono_ms = now_mono_ms + wait_ms;
	return wait_ms;
}

/* The channel answers, only not to this. */
static int64_t set_aside(struct delivery_channel *channel, const struct delivery_trip *trip,
			 const struct delivery_outcome *outcome, int64_t now_mono_ms)
{
	struct delivery_entry *entry = trip->entry;
	int64_t wait_ms = 0;

	channel->troubles = 0;
	channel->resume_mono_ms = 0;
	if (trip->outdated || !channel->settings)
		return 0;
	if (channel->kind == CHANNEL_KIND_SLACK && !entry->outgoing->plain) {
		entry->outgoing->plain = true;
		return 0;
	}
	entry->aside = true;
	entry->refusals++;
	wait_ms = draw_wait_ms(channel, entry->refusals, outcome);
	entry->due_mono_ms = now_mono_ms + wait_ms;
	return wait_ms;
}

/* --- answers --- */

/* These two say all they have to say in their status: a body that is too long, or breaks off, does
 * not undo that they took the message. */
static bool status_is_enough(enum channel_kind kind, int status)
{
	return (kind == CHANNEL_KIND_WEBHOOK || kind == CHANNEL_KIND_ALERTMANAGER) &&
	       status >= 200 && status < 300;
}

static struct delivery_outcome judge(struct delivery_trip *trip, const struct notice *notice,
				     struct sink_progress *progress,
				     const struct http_response *response)
{
	const struct config_channel *settings = trip->context.channel;
	bool answered = response->failure == HTTP_FAILURE_NONE ||
			status_is_enough(settings->kind, response->status);
	g_autofree char *error = NULL;
	struct delivery_outcome outcome = {
		.status = answered ? response->status : 0,
		.wait_ms = delivery_asked_ms(settings->kind, response),
	};

	outcome.word = sink_judge(&trip->context, notice, progress, outcome.status,
				  response->body ? response->body : "",
				  response->body ? response->body_bytes : 0,
				  answered ? NULL : response->message, &error);
	if (outcome.word == SINK_OUTCOME_MORE && trip->entry &&
	    trip->entry->steps >= DELIVERY_STEPS_MAX) {
		outcome.word = SINK_OUTCOME_RETRY;
		error = g_strdup_printf("not done after %d requests", DELIVERY_STEPS_MAX);
	}
	if (outcome.word == SINK_OUTCOME_SENT || outcome.word == SINK_OUTCOME_MORE)
		return outcome;
	if (!error)
		error = g_strdup_printf("HTTP %d", outcome.status);
	outcome.error = delivery_clean_error(settings, error);
	return outcome;
}

static void take_failure(struct delivery_channel *channel, const struct delivery_trip *trip,
			 const struct delivery_outcome *outcome, int64_t now_mono_ms)
{
	struct delivery_entry *entry = trip->entry;
	int64_t wait_ms = 0;

	note_failure(channel, outcome);
	entry->due_mono_ms = 0;
	if (outcome->word == SINK_OUTCOME_REFUSED)
		wait_ms = set_aside(channel, trip, outcome, now_mono_ms);
	else
		wait_ms = note_trouble(channel, trip, outcome, now_mono_ms);
	if (trip->outdated)
		delivery_entry_renew(entry);
	if (delivery_give_up_mono_ms(channel, entry) <= now_mono_ms) {
		finish_given_up(channel, entry, outcome);
		return;
	}
	entry->outgoing->next_wall_ms = wait_ms > 0 ? clk_wall_ms() + wait_ms : 0;
	tell_attempt(channel, entry, outcome);
}

static void take_message_answer(struct delivery_channel *channel, struct delivery_trip *trip,
				const struct http_response *response, int64_t now_mono_ms)
{
	struct delivery_entry *entry = trip->entry;
	struct delivery_outcome outcome =
		judge(trip, entry->outgoing->notice, &entry->progress, response);

	if (outcome.word == SINK_OUTCOME_MORE) {
		entry->begun = true;
		return;
	}
	entry->steps = 0;
	entry->tried = true;
	entry->outgoing->attempts++;
	if (outcome.word == SINK_OUTCOME_SENT) {
		note_sent(channel);
		channel->last_sent_wall_ms = clk_wall_ms();
		delivery_finish(channel, entry, DELIVERY_STATE_SENT, &outcome);
	} else {
		take_failure(channel, trip, &outcome, now_mono_ms);
	}
	g_free(outcome.error);
}

static void take_live_answer(struct delivery_channel *channel, struct delivery_trip *trip,
			     const struct http_response *response, int64_t now_mono_ms)
{
	struct delivery_outcome outcome = judge(trip, trip->live, &trip->live_progress, response);

	if (outcome.word == SINK_OUTCOME_SENT || outcome.word == SINK_OUTCOME_MORE) {
		note_sent(channel);
	} else {
		note_failure(channel, &outcome);
		if (outcome.word != SINK_OUTCOME_REFUSED) {
			(void)note_trouble(channel, trip, &outcome, now_mono_ms);
			channel->live_mono_ms = now_mono_ms; /* first thing when it rested */
		}
	}
	g_free(outcome.error);
}

void delivery_take_answer(void *data, const struct http_response *response)
{
	struct delivery_trip *trip = data;
	struct delivery_channel *channel = trip->channel;
	int64_t now_mono_ms = clk_mono_ms();

	if (!channel) {
		delivery_trip_free(trip);
		return;
	}
	assert(channel->trip == trip);
	channel->trip = NULL;
	channel->stale = true;
	if (response->failure == HTTP_FAILURE_CANCELLED)
		channel->resume_mono_ms = now_mono_ms + DELIVERY_BACKOFF_FIRST_MS;
	else if (trip->entry)
		take_message_answer(channel, trip, response, now_mono_ms);
	else
		take_live_answer(channel, trip, response, now_mono_ms);
	delivery_trip_free(trip);
	if (!channel->settings)
		delivery_leave(channel);
}

void delivery_give_up(struct delivery_channel *channel, int64_t now_mono_ms)
{
	const struct delivery_outcome last = {.status = channel->last_status,
					      .error = channel->last_error};
	GList *next = NULL;

	for (GList *at = channel->queue.head; at; at = next) {
		next = at->next;
		if (delivery_give_up_mono_ms(channel, at->data) <= now_mono_ms)
			finish_given_up(channel, at->data, &last);
	}
}
