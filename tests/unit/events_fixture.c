/* events_fixture - see events_fixture.h */
#include "events_fixture.h"

#include <check.h>
#include <inttypes.h>

GPtrArray *events_fixture_rows(int64_t from, int64_t to)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)store_transition_free);

	for (int64_t id = from; id <= to; id++) {
		struct store_transition *row = store_transition_create();

		row->id = id;
		row->target = g_strdup_printf("service/s%" PRId64, id);
		row->at_wall_ms = EVENTS_FIXTURE_WALL_MS;
		row->from = g_strdup("ok");
		row->to = g_strdup("drift");
		row->relation = g_strdup("behind");
		row->reasons = g_strdup("[\"behind\"]");
		g_ptr_array_add(rows, row);
	}
	return rows;
}

void events_fixture_add(struct events *events, int64_t from, int64_t to)
{
	g_autoptr(GPtrArray) rows = events_fixture_rows(from, to);

	events_add_transitions(events, rows);
}

char *events_fixture_text(int64_t from, int64_t to)
{
	GString *text = g_string_new(NULL);

	for (int64_t id = from; id <= to; id++)
		g_string_append_printf(
			text,
			"id: %" PRId64 "\nevent: transition\ndata: {\"id\":%" PRId64
			",\"target\":\"service/s%" PRId64
			"\",\"at\":\"2026-11-20T11:00:03Z\",\"from\":\"ok\",\"to\":\"drift\","
			"\"relation\":\"behind\",\"reasons\":[\"behind\"]}\n\n",
			id, id, id);
	return g_string_free(text, FALSE);
}

static void note_suspend(void *data)
{
	((struct tap *)data)->asleep++;
}

static void note_wake(void *data)
{
	((struct tap *)data)->woken++;
}

char *tap_take(struct tap *tap, size_t size)
{
	GString *text = g_string_new(NULL);
	g_autofree char *buffer = g_malloc(size);
	ssize_t got;

	ck_assert_int_eq(tap->asleep, tap->woken); /* else it is not asked */
	while ((got = events_reader_take(tap->reader, buffer, size, note_suspend, note_wake, tap)) >
	       0)
		g_string_append_len(text, buffer, got);
	tap->is_over = got < 0;
	ck_assert_int_eq(tap->asleep - tap->woken, got == 0 ? 1 : 0);
	return g_string_free(text, FALSE);
}

struct tap *tap_open(struct events *events, struct app *app, int64_t after_id)
{
	g_autoptr(GError) error = NULL;
	struct tap *tap = g_new0(struct tap, 1);

	tap->reader = events_reader_create(events, app, after_id, &error);
	ck_assert_msg(tap->reader, "%s", error ? error->message : "");
	return tap;
}

void tap_close(struct tap *tap)
{
	events_reader_free(tap->reader);
	g_free(tap);
}
