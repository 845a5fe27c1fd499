/* book_due - when the clock alone will bring something. It must never name a moment at which
 * book_plan() then finds nothing to do. */
#include "alert/book_private.h"

#include <string.h>

/* When the silence that holds it ends; now when it is over, or was taken back. */
static int64_t silence_due(const struct book *book, const char *id, int64_t now_wall_ms)
{
	for (guint i = 0; i < book->silences->len; i++) {
		const struct silence *silence =
			((const struct book_silence *)book->silences->pdata[i])->silence;
		g_autofree char *text = g_strdup_printf("%" PRId64, silence->id);

		if (strcmp(text, id) == 0 && book_silence_is_active(silence, now_wall_ms))
			return silence->until_wall_ms;
	}
	return now_wall_ms;
}

/* The same of a maintenance window. */
static int64_t window_due(const struct config *config, const char *name, int64_t now_wall_ms)
{
	for (guint i = 0; config->windows && i < config->windows->len; i++) {
		const struct config_window *window = config->windows->pdata[i];
		struct window_state state = window_state_at(window, now_wall_ms);

		if (strcmp(window->name, name) == 0 && state.active)
			return state.until_wall_ms;
	}
	return now_wall_ms;
}

/* A cause that is over shows in a cycle. */
static int64_t hold_due(const struct book *book, const struct config *config,
			const struct incident *incident, int64_t now_wall_ms)
{
	const char *held_by = incident->held_by ? incident->held_by : "";

	if (g_str_has_prefix(held_by, "silence "))
		return silence_due(book, held_by + strlen("silence "), now_wall_ms);
	if (g_str_has_prefix(held_by, "window "))
		return window_due(config, held_by + strlen("window "), now_wall_ms);
	return INT64_MAX;
}

static int64_t reminders_due(const struct incident *incident, const struct config *config,
			     const struct matcher_subject *scope, int64_t now_wall_ms)
{
	int64_t due = INT64_MAX;

	for (guint i = 0; i < config->channels->len; i++) {
		const struct config_channel *channel = config->channels->pdata[i];
		int64_t at = book_reminder_due(incident, channel, now_wall_ms);

		if (at < due && book_is_routed(channel, scope))
			due = at;
	}
	return due;
}

static int64_t ack_due(const struct incident *incident, int64_t now_wall_ms)
{
	int64_t expires = incident->ack_expires_wall_ms;
	int64_t since = incident->acknowledged_wall_ms;

	if (incident->status != INCIDENT_STATUS_ACKNOWLEDGED || expires <= 0)
		return INT64_MAX;
	return incident_time_passed(since, expires - since, now_wall_ms) ? MIN(expires, now_wall_ms)
									 : expires;
}

static int64_t incident_due(const struct book *book, const struct book_entry *entry,
			    const struct config *config, int64_t now_wall_ms)
{
	const struct incident *incident = entry->incident;
	struct matcher_subject scope;

	/* it is gone: the next look ends it */
	if (!book_scope_by_config(incident, config, &scope))
		return INT64_MAX;
	if (incident->held_by || incident->status != INCIDENT_STATUS_OPEN)
		return MIN(ack_due(incident, now_wall_ms),
			   hold_due(book, config, incident, now_wall_ms));
	return reminders_due(incident, config, &scope, now_wall_ms);
}

static int64_t digests_due(const struct book *book, const struct config *config)
{
	int64_t due = INT64_MAX;

	for (guint i = 0; i < config->channels->len && book->evaluated; i++) {
		const struct config_channel *channel = config->channels->pdata[i];
		const int64_t *last = g_hash_table_lookup(book->digests, channel->id);
		int64_t next = last && book_wants_digest(channel)
				       ? schedule_next(channel->digest, *last)
				       : 0;

		if (next > 0)
			due = MIN(due, next);
	}
	return due;
}

static int64_t compute(const struct book *book, const struct config *config, int64_t now_wall_ms)
{
	int64_t due = digests_due(book, config);

	for (guint i = 0; i < book->open->len; i++)
		due = MIN(due, incident_due(book, book->open->pdata[i], config, now_wall_ms));
	return due;
}

/* What was computed last holds until it is due: rounds, which alone change the book, forget it. */
int64_t book_due_wall_ms(const struct book *book, const struct config *config, int64_t now_wall_ms)
{
	struct book *cache = (struct book *)(uintptr_t)book; /* not part of its value */

	if (book->due_config == config && now_wall_ms >= book->due_from_wall_ms &&
	    now_wall_ms < book->due_wall_ms)
		return book->due_wall_ms;
	cache->due_wall_ms = compute(book, config, now_wall_ms);
	cache->due_from_wall_ms = now_wall_ms;
	cache->due_config = config;
	return cache->due_wall_ms;
}
