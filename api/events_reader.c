/* events_reader - one that follows the events: its place among what is kept, and what it missed, from
 * the database. See events.h. */
#include "api/events_private.h"

#include <assert.h>
#include <string.h>

#include "api/app.h"
#include "api/event_text.h"
#include "clk.h"
#include "drift_error.h"
#include "log.h"

/** Transitions of one page: some 20 KiB, which a reader holds while it is sent. */
#define PAGE_ROWS 100

/** What there is for a reader. */
enum step {
	STEP_NONE = 0, /* nothing */
	STEP_TEXT,     /* reader->text */
	STEP_PAGE,     /* something in the database */
	STEP_OVER,
};

static bool refuse(struct events *events, int64_t waiters, GError **error)
{
	int64_t readers = events->readers->len;

	if (events->is_stopped)
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_BUSY,
				    "driftd is stopping: come back when it is here again");
	else if (readers >= EVENTS_READERS_MAX || readers + waiters >= APP_WAITERS_MAX)
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_BUSY,
			    "%d read the events, or wait for something, already: ask again in a "
			    "moment, or read /status now and then",
			    (int)(readers + waiters)); /* some thousands */
	else
		return false;
	return true;
}

static bool wants(const struct events_reader *reader, uint64_t number, const struct kept *kept)
{
	if (!kept->text)
		return false;
	return kept->kind == KEPT_TRANSITION ? kept->id > reader->last_id
					     : number >= reader->fresh_from;
}

/* To the next event it wants; NULL: there is none. */
static const struct kept *go_on(struct events_reader *reader)
{
	const struct events *events = reader->events;

	for (; reader->place < events->end; reader->place++) {
		const struct kept *kept = &events->kept[reader->place % EVENTS_KEPT_MAX];

		if (wants(reader, reader->place, kept))
			return kept;
	}
	return NULL;
}

static void add_shared(GString *to, const struct shared_bytes *text)
{
	if (text)
		g_string_append_len(to, text->bytes, (gssize)text->length); /* far below 2^63 */
}

/* Where it begins, and what it is told at once. An id that was never given out is of another
 * database. */
static void take_place(struct events_reader *reader, int64_t after_id)
{
	struct events *events = reader->events;
	bool is_foreign = after_id > events->last_id;
	GString *start = g_string_new(NULL);

	reader->last_id = after_id < 0 || is_foreign ? events->last_id : after_id;
	reader->fresh_from = events->end;
	reader->is_behind = reader->last_id < events->gone_id;
	reader->place = events->first;
	(void)go_on(reader);
	event_text_add_start(start, reader->last_id);
	add_shared(start, events->snapshot);
	if (is_foreign)
		event_text_add_reset(start, events->last_id);
	add_shared(start, events->check);
	reader->text = event_text_take(start);
}

struct events_reader *events_reader_create(struct events *events, struct app *app, int64_t after_id,
					   GError **error)
{
	struct events_reader *reader = NULL;
	int64_t waiters = app_waiters(app);
	int64_t now = clk_mono_ms();

	events_lock(events);
	if (!refuse(events, waiters, error)) {
		reader = g_new0(struct events_reader, 1);
		reader->events = events;
		reader->app = app;
		reader->taken_mono_ms = now;
		take_place(reader, after_id);
		if (events->readers->len == 0)
			events->due_mono_ms = now + EVENTS_BEAT_MS;
		g_ptr_array_add(events->readers, reader);
	}
	events_unlock(events);
	return reader;
}

/* It goes in the middle of something: because the other end did not take it? One that has left is
 * noticed as soon as it is sent something. */
static bool was_stuck(const struct events_reader *reader)
{
	return !reader->is_over && clk_mono_ms() - reader->taken_mono_ms >= EVENTS_STUCK_MS;
}

void events_reader_free(struct events_reader *reader)
{
	struct events *events = NULL;

	if (!reader)
		return;
	events = reader->events;
	events_lock(events);
	assert(!reader->is_asleep); /* its wake would come to nobody */
	(void)g_ptr_array_remove_fast(events->readers, reader);
	events->dropped_total += was_stuck(reader) ? 1 : 0;
	events_unlock(events);
	shared_bytes_unref(reader->text);
	g_free(reader);
}

/* Looks at what is kept; under the lock. */
static enum step look(struct events_reader *reader)
{
	struct events *events = reader->events;
	const struct kept *kept = NULL;

	if (reader->is_over)
		return STEP_OVER;
	if (reader->is_behind && reader->last_id < events->gone_id)
		return events->is_stopped ? STEP_OVER : STEP_PAGE;
	if (reader->is_behind) {
		reader->is_behind = false;
		reader->place = events->first;
	}
	if (reader->place < events->first) {
		reader->is_over = true;
		events->dropped_total++;
		return STEP_OVER;
	}
	kept = go_on(reader);
	if (!kept)
		return events->is_stopped ? STEP_OVER : STEP_NONE;
	reader->text = shared_bytes_ref(kept->text);
	reader->place++;
	if (kept->kind == KEPT_TRANSITION)
		reader->last_id = kept->id;
	return STEP_TEXT;
}

/* How one that finds nothing falls asleep, and is woken. */
struct bed {
	events_callback suspend, wake;
	void *data;
};

/* The next step. Where there is none it goes to @p bed (NULL: not now). @p ret_until: of STEP_PAGE,
 * the last transition that is to be read. */
static enum step next(struct events_reader *reader, const struct bed *bed, int64_t *ret_until)
{
	struct events *events = reader->events;
	enum step step;

	events_lock(events);
	step = look(reader);
	*ret_until = events->gone_id;
	if (step == STEP_NONE && bed) {
		reader->is_asleep = true;
		reader->wake = bed->wake;
		reader->data = bed->data;
		bed->suspend(bed->data);
	}
	events_unlock(events);
	return step;
}

/* What it missed is gone: it is told so, and goes on with what comes. */
static void give_up_behind(struct events_reader *reader, GString *to)
{
	struct events *events = reader->events;

	events_lock(events);
	reader->last_id = events->last_id;
	reader->is_behind = false;
	reader->place = events->first;
	events_unlock(events);
	event_text_add_reset(to, reader->last_id);
}

/* Ids are given out without gaps, so that a gap is what was pruned. What is behind @p until is kept
 * as well, and comes from there. */
static void take_rows(struct events_reader *reader, const GPtrArray *rows, int64_t until,
		      GString *to)
{
	bool is_gap = rows->len == 0;

	for (guint i = 0; i < rows->len && reader->last_id < until && !is_gap; i++) {
		const struct store_transition *row = rows->pdata[i];

		is_gap = row->id != reader->last_id + 1;
		if (is_gap)
			break;
		event_text_add_transition(to, row);
		reader->last_id = row->id;
	}
	if (is_gap)
		give_up_behind(reader, to);
}

static GPtrArray *read_rows(struct events_reader *reader, GError **error)
{
	struct store_reader *store = app_reader_take(reader->app, error);
	GPtrArray *rows = NULL;

	if (!store)
		return NULL;
	rows = store_read_events(store, reader->last_id, PAGE_ROWS, error);
	app_reader_give(reader->app, store);
	return rows;
}

/* A page of the database into reader->text. Where it cannot be read the reader ends: it comes back,
 * to the same place. */
static void read_page(struct events_reader *reader, int64_t until)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = read_rows(reader, &error);
	GString *text = NULL;

	if (!rows) {
		log_debug("events.not_read", "err=\"%s\"", error->message);
		events_lock(reader->events);
		reader->is_over = true;
		events_unlock(reader->events);
		return;
	}
	text = g_string_new(NULL);
	take_rows(reader, rows, until, text);
	reader->text = event_text_take(text);
}

static size_t copy(struct events_reader *reader, char *buffer, size_t size)
{
	size_t count = MIN(size, reader->text->length - reader->sent);

	memcpy(buffer, reader->text->bytes + reader->sent, count);
	reader->sent += count;
	if (reader->sent == reader->text->length) {
		g_clear_pointer(&reader->text, shared_bytes_unref);
		reader->sent = 0;
	}
	return count;
}

ssize_t events_reader_take(struct events_reader *reader, char *buffer, size_t size,
			   events_callback suspend, events_callback wake, void *data)
{
	const struct bed bed = {suspend, wake, data};
	size_t filled = 0;
	int64_t until = 0;

	reader->taken_mono_ms = clk_mono_ms();
	while (filled < size) {
		if (reader->text) {
			filled += copy(reader, buffer + filled, size - filled);
			continue;
		}
		switch (next(reader, filled == 0 ? &bed : NULL, &until)) {
		case STEP_TEXT:
			continue;
		case STEP_PAGE:
			if (filled > 0)
				return (ssize_t)filled; /* that first: a page takes a moment */
			read_page(reader, until);
			continue;
		case STEP_NONE:
			return (ssize_t)filled; /* no larger than a buffer */
		case STEP_OVER:
			return filled > 0 ? (ssize_t)filled : -1;
		}
	}
	return (ssize_t)filled;
}
