/* delivery_lab - a delivery with channels on a server under the test's control, and all it told its
 * owner. The clock stands still unless a test moves it. */
#ifndef TESTS_DELIVERY_LAB_H
#define TESTS_DELIVERY_LAB_H

#include "alert/delivery.h"
#include "config/config.h"
#include "http/client.h"
#include "tests/unit/web_fixture.h"

#include <check.h>

/** Where both clocks begin. */
#define LAB_MONO_MS ((int64_t)1000000)
#define LAB_WALL_MS ((int64_t)1795000000000)
/** A test that waits longer hangs. */
#define LAB_PATIENCE_MS 20000

/** What attempted() was told. */
struct dlab_attempt {
	int64_t id;
	enum delivery_state state;
	int64_t attempts, next_wall_ms, at_wall_ms;
	int status;
	bool plain;
	char *channel, *error;
	int64_t issue;
	guint requests; /* that the server had seen by then */
};

struct dlab {
	struct web *web;
	struct http_client *http;
	struct delivery *delivery;
	GPtrArray *configs;  /* struct config *, freed at the end */
	GPtrArray *attempts; /* struct dlab_attempt * */
	GPtrArray *folds;    /* char *: "25 <- 5 6 7" */
	GPtrArray *moves;    /* char *: "7 slack/b" */
	GPtrArray
		*live; /* int64_t as pointers: incidents that alertmanager channels were told of */
	int64_t issue; /* that the owner knows */
	int refuse;    /* so many calls of hooks fail */
};
extern struct dlab dlab;

/** A test case with all of it. */
TCase *dlab_case(Suite *suite, const char *name);

/** What the server answers to requests whose path begins with @p path, one word each, the last one
 * for ever: "200", "200=BODY", "429/7" (Retry-After), "hang", "reset", "huge" (200 and 100 KiB).
 * Without: 200 "ok". */
void dlab_script(const char *path, const char *words);
/** Numbers N of "service/mN" in each request to @p path: "1 2 3+4+5". '!' behind it: text alone.
 * Caller frees. */
char *dlab_seen(const char *path);
/** Fails unless they are these. */
void dlab_expect_seen(const char *path, const char *want);
/** Requests to @p path. */
guint dlab_count(const char *path);
/** Body of the newest request. Caller frees. */
char *dlab_last_body(void);

/** A configuration with the channels of @p ids ("slack/a webhook/b"); each has its id as path on
 * the server, and no rate. Freed with the dlab. */
struct config *dlab_config(const char *ids);
struct config_channel *dlab_channel(const struct config *config, const char *id);
/** Change a channel's URL to another path. */
void dlab_set_path(struct config *config, const char *id, const char *path);
/** Use one. */
void dlab_use(struct config *config);

/** A message about @p incident of target "service/mID". */
struct outgoing *dlab_message(const char *channel, int64_t id, int64_t incident);
void dlab_add(const char *channel, int64_t id, int64_t incident);
/** Messages with ids from @p first to @p last, each of an incident of its own. */
void dlab_add_many(const char *channel, int64_t first, int64_t last);

/** Run what is due now until nothing is due or under way; the clock stands still. */
void dlab_settle(void);
/** Run and wait for real until @p count requests to @p path were seen. */
void dlab_await(const char *path, guint count);
/** Run for a while, whatever happens. */
void dlab_idle(int rounds);
void dlab_advance(int64_t ms);
/** Go to what is due next, at most @p limit_ms further, and settle; again until nothing waits or
 * the limit is reached. How far it went. */
int64_t dlab_drain(int64_t limit_ms);
/** Until the next thing is due, from now; INT64_MAX: nothing. */
int64_t dlab_due_ms(void);

/** Number @p index; negative: from the end. */
const struct dlab_attempt *dlab_attempt_at(int index);
/** Of one channel; caller frees. */
struct channel_status *dlab_status(const char *id);

#endif
