/* event_text - see event_text.h */
#include "api/event_text.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "api/events.h"
#include "api/snapshot.h"
#include "json.h"

/* Takes @p object. */
static void add_event(GString *to, const char *name, json_object *object)
{
	g_autofree char *data = json_to_text(object, NULL);

	g_string_append_printf(to, "event: %s\ndata: %s\n\n", name, data);
	json_object_put(object);
}

static void add_id(GString *to, int64_t id)
{
	g_string_append_printf(to, "id: %" PRId64 "\n", id);
}

void event_text_add_start(GString *to, int64_t id)
{
	g_string_append_printf(to, "retry: %" PRId64 "\n", (int64_t)EVENTS_RETRY_MS);
	add_id(to, id);
	g_string_append_c(to, '\n');
}

void event_text_add_transition(GString *to, const struct store_transition *transition)
{
	json_object *object = json_object_new_object();

	json_add_int(object, "id", transition->id);
	json_add_text(object, "target", transition->target);
	json_add_time(object, "at", transition->at_wall_ms);
	json_add_text(object, "from", transition->from);
	json_add_text(object, "to", transition->to);
	json_add_text(object, "relation", transition->relation);
	json_add(object, "reasons", json_parse_array(transition->reasons));
	add_id(to, transition->id);
	add_event(to, "transition", object);
}

void event_text_add_snapshot(GString *to, const char *data)
{
	assert(!strchr(data, '\n') && !strchr(data, '\r')); /* the rest would be another field */
	g_string_append_printf(to, "event: snapshot\ndata: %s\n\n", data);
}

void event_text_add_check(GString *to, int64_t id, const char *trigger, bool is_running,
			  int64_t done, int64_t total)
{
	json_object *object = json_object_new_object();

	json_add_int(object, "id", id);
	json_add_text(object, "trigger", trigger);
	json_add_text(object, "state", is_running ? "running" : "finished");
	json_add_int(object, "done", done);
	json_add_int(object, "total", total);
	add_event(to, "check", object);
}

/* The id stands before it: a browser that comes back begins behind it, not at the old place again. */
void event_text_add_reset(GString *to, int64_t last_id)
{
	json_object *object = json_object_new_object();

	add_id(to, last_id);
	g_string_append_c(to, '\n');
	json_add_int(object, "last_id", last_id);
	add_event(to, "reset", object);
}

void event_text_add_beat(GString *to)
{
	g_string_append(to, ": beat\n\n");
}

struct shared_bytes *event_text_take(GString *to)
{
	struct shared_bytes *shared = g_new0(struct shared_bytes, 1);

	shared->references = 1;
	shared->length = to->len;
	shared->bytes = g_string_free(to, FALSE);
	return shared;
}
