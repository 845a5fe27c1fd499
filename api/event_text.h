/* event_text - events as they go over the wire (text/event-stream): WHATWG HTML 9.2.6. Data is JSON of
 * one line, made of what is stored alone, so that an event that is told again is byte for byte the
 * first. Pure: any thread. */
#ifndef DRIFT_EVENT_TEXT_H
#define DRIFT_EVENT_TEXT_H

#include "base.h"
#include "store/store.h"

struct shared_bytes;

/** What every stream begins with. It has no data, so nobody is told anything; but a browser that
 * comes back before the next transition says @p id as its Last-Event-ID, and misses none. */
void event_text_add_start(GString *to, int64_t id);

void event_text_add_transition(GString *to, const struct store_transition *transition);
/** @p data: JSON of one line. */
void event_text_add_snapshot(GString *to, const char *data);
void event_text_add_check(GString *to, int64_t id, const char *trigger, bool is_running,
			  int64_t done, int64_t total);
/** Everything is to be read anew; what follows is behind @p last_id. */
void event_text_add_reset(GString *to, int64_t last_id);
void event_text_add_beat(GString *to);

/** What was added, to be shared; @p to is freed. One reference. */
struct shared_bytes *event_text_take(GString *to);

#endif
