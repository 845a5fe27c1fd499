/* api_fixture - a small world for the tests of api/: a configuration, verdicts in chosen states, a
 * snapshot of them, and requests without a server. */
#ifndef DRIFT_TEST_API_FIXTURE_H
#define DRIFT_TEST_API_FIXTURE_H

#include "api/app.h"
#include "api/auth.h"
#include "api/request.h"
#include "api/response.h"
#include "api/snapshot.h"
#include "json.h"

/** 2026-11-20T11:00:03Z. */
#define FIXTURE_NOW_WALL_MS INT64_C(1795172403000)
#define FIXTURE_NOW_MONO_MS INT64_C(5000000)

/** A configuration with two services, made from @p driftd and @p auth (more lines of those
 * sections; NULL: no [auth] section at all). One reference. */
struct config *fixture_config(const char *driftd, const char *auth);

/** The configuration that @p text is. One reference. */
struct config *fixture_config_text(const char *text);

/** service/@p name, observed a minute ago, expiring in 14 minutes by the monotonic clock. */
struct verdict *fixture_verdict(const char *name, enum state state, enum relation relation,
				enum priority priority);

/** The same, behind by @p commits. */
struct verdict *fixture_behind(const char *name, int64_t commits);

/** Input for a snapshot at FIXTURE_NOW with @p verdicts (taken, NULL-terminated). */
struct snapshot_input *fixture_input(struct verdict *first, ...) G_GNUC_NULL_TERMINATED;

/** web ok P0, worker drift P0, billing pending P1, api unknown P1, old paused P2. */
struct snapshot_input *fixture_world(void);

/** An app whose current snapshot is @p input's (NULL: none); no database behind it. */
struct app *fixture_app(struct snapshot_input *input);

/** A request as a test writes it; rules and app are borrowed. */
struct fixture_request {
	struct app *app;
	struct auth_rules *rules;
	const char *method;             /* NULL: GET */
	const char *target;             /* path and query */
	struct request_headers headers; /* host NULL: localhost:8080 */
	struct config *config;          /* borrowed; NULL: the snapshot's */
	const char *body;               /* NULL: none; text without a content type is JSON */
	size_t body_bytes;              /* 0: as long as body, which is text */
	bool is_body_dropped;           /* it was too long to be kept */
	bool keys_awaited;
	bool is_remote; /* the peer is not on this machine */
};

/** Routes it. Free with response_done(). */
struct response fixture_answer(const struct fixture_request *request);

/** The second half of a request that waits for a command: what came of it. Free with response_done(). */
struct response fixture_finish(const struct fixture_request *request, int64_t id,
			       const GError *error);

/** service/@p name, open since an hour; taken by who adds it to a snapshot. */
struct incident *fixture_incident(int64_t id, const char *target);

/** slack/@p name. */
struct channel_status *fixture_channel(const char *name, bool is_failing);

/** What the answer's body is, whoever owns it. */
const char *fixture_body(const struct response *response);

/** The answer's body as JSON. Caller owns. */
json_object *fixture_json(const struct response *response);

#endif
