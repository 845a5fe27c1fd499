/* sink_fixture - channels, contexts and notices for the tests of the sinks. */
#ifndef TESTS_SINK_FIXTURE_H
#define TESTS_SINK_FIXTURE_H

#include "alert/sink.h"

#include <json-c/json.h>

/** 2026-11-20T08:10:00Z */
#define SINK_NOW ((int64_t)1795162200000)

/** Contexts of one kind of channel; everything in it lives as long as the program. */
struct sink_context sink_fixture_context(enum channel_kind kind);

/** An item of service/NAME: opened 2 h before SINK_NOW, drift, P1, owner ml, one commit. */
struct notice_item *sink_fixture_item(enum notice_kind kind, int64_t incident, const char *name);

/** A notice of that item. */
struct notice *sink_fixture_notice(enum notice_kind kind, const char *name);

/** A digest: one drifts, one recovered. */
struct notice *sink_fixture_digest(void);

/** Replace a text. */
void sink_fixture_set(char **text, const char *value);

/** Parse what must be JSON; fails the test else. Caller puts. */
json_object *sink_fixture_parse(const char *body);
/** Text at a path "blocks.0.text.text"; "" when there is none. Borrowed. */
const char *sink_fixture_text(json_object *document, const char *path);
/** Value at a path, or NULL. Borrowed. */
json_object *sink_fixture_at(json_object *document, const char *path);

/** The value of a header of @p request, or NULL. Borrowed. */
const char *sink_fixture_header(const struct sink_request *request, const char *name);

#endif
