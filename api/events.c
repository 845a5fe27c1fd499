/* events - see events.h: what is kept for readers, and waking them. */
#include "api/events_private.h"

#include "api/event_text.h"

/** Somebody who sleeps until there is something. */
struct sleeper {
	events_callback wake;
	void *data;
};

void events_lock(struct events *events)
{
	if (pthread_mutex_lock(&events->lock) != 0)
		g_error("events: lock"); /* fails on misuse only */
}

void events_unlock(struct events *events)
{
	if (pthread_mutex_unlock(&events->lock) != 0)
		g_error("events: unlock");
}

struct events *events_create(int64_t last_id)
{
	struct events *events = g_new0(struct events, 1);

	if (pthread_mutex_init(&events->lock, NULL) != 0)
		g_error("pthread_mutex_init: out of resources");
	events->kept = g_new0(struct kept, EVENTS_KEPT_MAX);
	events->readers = g_ptr_array_new();
	events->last_id = events->gone_id = last_id;
	return events;
}

static struct kept *at(struct events *events, uint64_t number)
{
	return &events->kept[number % EVENTS_KEPT_MAX];
}

static void drop_text(struct events *events, struct kept *kept)
{
	if (!kept->text)
		return;
	events->bytes -= kept->text->length;
	g_clear_pointer(&kept->text, shared_bytes_unref);
}

static void drop_first(struct events *events)
{
	struct kept *kept = at(events, events->first++);

	if (kept->kind == KEPT_TRANSITION)
		events->gone_id = kept->id;
	drop_text(events, kept);
}

void events_free(struct events *events)
{
	if (!events)
		return;
	while (events->first < events->end)
		drop_first(events);
	g_ptr_array_unref(events->readers);
	shared_bytes_unref(events->snapshot);
	shared_bytes_unref(events->check);
	g_free(events->fact);
	g_free(events->kept);
	(void)pthread_mutex_destroy(&events->lock); /* fails only when held: a bug */
	g_free(events);
}

/* Up to where everybody has taken everything. */
static uint64_t taken_by_all(const struct events *events)
{
	uint64_t taken = events->end;

	for (guint i = 0; i < events->readers->len; i++) {
		const struct events_reader *reader = events->readers->pdata[i];

		if (!reader->is_behind && !reader->is_over)
			taken = MIN(taken, reader->place);
	}
	return taken;
}

/* What all have taken is not needed, but for a little of it. */
static void trim(struct events *events)
{
	uint64_t taken = taken_by_all(events);

	while (events->first < taken && events->end - events->first > EVENTS_SPARE)
		drop_first(events);
}

/* Who has not taken the newest of this kind does not need it any more. */
static void supersede(struct events *events, enum kept_kind kind)
{
	uint64_t next = events->next_of[kind];

	if (next > events->first)
		drop_text(events, at(events, next - 1));
}

/* Takes @p text. Whoever needs what makes room for it is dropped. */
static void keep(struct events *events, enum kept_kind kind, int64_t id, struct shared_bytes *text)
{
	while (events->first < events->end &&
	       (events->end - events->first == EVENTS_KEPT_MAX ||
		events->bytes + text->length > EVENTS_KEPT_MAX_BYTES))
		drop_first(events);
	*at(events, events->end++) = (struct kept){.kind = kind, .id = id, .text = text};
	events->next_of[kind] = events->end;
	events->bytes += text->length;
}

/* All who sleep, who are then no longer asleep: the caller wakes them when it has let go of the
 * lock. NULL: nobody. */
static GArray *take_sleepers(struct events *events)
{
	GArray *sleepers = NULL;

	for (guint i = 0; i < events->readers->len; i++) {
		struct events_reader *reader = events->readers->pdata[i];
		struct sleeper sleeper = {reader->wake, reader->data};

		if (!reader->is_asleep)
			continue;
		reader->is_asleep = false;
		if (!sleepers)
			sleepers = g_array_new(FALSE, FALSE, sizeof(struct sleeper));
		g_array_append_val(sleepers, sleeper);
	}
	return sleepers;
}

/* A reader is not touched here: from its wake on it may be gone. */
static void wake(GArray *sleepers)
{
	if (!sleepers)
		return;
	for (guint i = 0; i < sleepers->len; i++) {
		const struct sleeper *sleeper = &g_array_index(sleepers, struct sleeper, i);

		sleeper->wake(sleeper->data);
	}
	g_array_unref(sleepers);
}

static void unlock_and_wake(struct events *events)
{
	GArray *sleepers = take_sleepers(events);

	events_unlock(events);
	wake(sleepers);
}

void events_set_last_id(struct events *events, int64_t last_id)
{
	events_lock(events);
	events->last_id = events->gone_id = last_id;
	events_unlock(events);
}

static struct shared_bytes *transition_text(const struct store_transition *transition)
{
	GString *text = g_string_new(NULL);

	event_text_add_transition(text, transition);
	return event_text_take(text);
}

void events_add_transitions(struct events *events, const GPtrArray *transitions)
{
	if (transitions->len == 0)
		return;
	events_lock(events);
	for (guint i = 0; i < transitions->len && !events->is_stopped; i++) {
		const struct store_transition *transition = transitions->pdata[i];

		keep(events, KEPT_TRANSITION, transition->id, transition_text(transition));
		events->last_id = transition->id;
	}
	trim(events);
	unlock_and_wake(events);
}

void events_set_snapshot(struct events *events, const char *fact, const char *data)
{
	GString *made = g_string_new(NULL);
	struct shared_bytes *text = NULL;
	struct shared_bytes *old = NULL;

	event_text_add_snapshot(made, data);
	text = event_text_take(made);
	events_lock(events);
	old = events->snapshot;
	events->snapshot = text;
	if (g_strcmp0(fact, events->fact) == 0 || events->is_stopped) {
		events_unlock(events);
	} else {
		g_free(events->fact);
		events->fact = g_strdup(fact);
		supersede(events, KEPT_SNAPSHOT);
		keep(events, KEPT_SNAPSHOT, 0, shared_bytes_ref(text));
		trim(events);
		unlock_and_wake(events);
	}
	shared_bytes_unref(old);
}

void events_set_check(struct events *events, int64_t id, const char *trigger, bool is_running,
		      int64_t done, int64_t total)
{
	GString *made = g_string_new(NULL);
	struct shared_bytes *text = NULL;
	struct shared_bytes *old = NULL;

	event_text_add_check(made, id, trigger, is_running, done, total);
	text = event_text_take(made);
	events_lock(events);
	old = events->check;
	events->check = text;
	if (!events->is_stopped) {
		supersede(events, KEPT_RUNNING);
		keep(events, is_running ? KEPT_RUNNING : KEPT_FINISHED, 0, shared_bytes_ref(text));
		trim(events);
	}
	unlock_and_wake(events);
	shared_bytes_unref(old);
}

void events_beat(struct events *events, int64_t now_mono_ms)
{
	GString *text = NULL;

	events_lock(events);
	if (events->readers->len == 0 || now_mono_ms < events->due_mono_ms || events->is_stopped) {
		events_unlock(events);
		return;
	}
	text = g_string_new(NULL);
	event_text_add_beat(text);
	supersede(events, KEPT_BEAT);
	keep(events, KEPT_BEAT, 0, event_text_take(text));
	events->due_mono_ms = now_mono_ms + EVENTS_BEAT_MS;
	trim(events);
	unlock_and_wake(events);
}

int64_t events_due_mono_ms(struct events *events)
{
	int64_t due;

	events_lock(events);
	due = events->readers->len > 0 && !events->is_stopped ? events->due_mono_ms : INT64_MAX;
	events_unlock(events);
	return due;
}

void events_end_readers(struct events *events)
{
	events_lock(events);
	for (guint i = 0; i < events->readers->len; i++)
		((struct events_reader *)events->readers->pdata[i])->is_over = true;
	unlock_and_wake(events);
}

void events_stop(struct events *events)
{
	events_lock(events);
	events->is_stopped = true;
	unlock_and_wake(events);
}

struct events_stats events_get_stats(struct events *events)
{
	struct events_stats stats = {0};

	events_lock(events);
	stats.readers = events->readers->len;
	stats.dropped_total = events->dropped_total;
	events_unlock(events);
	return stats;
}
