/* handlers - one function per route; see router.h for what they may do. Any thread. */
#ifndef DRIFT_HANDLERS_H
#define DRIFT_HANDLERS_H

#include "base.h"
#include "api/router.h"
#include "json.h"

/* handle_status.c */
bool handle_status(const struct request *request, struct response *response, GError **error);
bool handle_drift(const struct request *request, struct response *response, GError **error);
bool handle_target(const struct request *request, struct response *response, GError **error);
bool handle_target_name(const struct request *request, struct response *response, GError **error);

/* handle_gate.c */
bool handle_gate(const struct request *request, struct response *response, GError **error);

/* handle_check.c */
bool handle_check(const struct request *request, struct response *response, GError **error);
bool handle_check_id(const struct request *request, struct response *response, GError **error);
bool handle_check_outcome(const struct request *request, const struct router_outcome *outcome,
			  struct response *response, GError **error);

/* handle_history.c */
bool handle_history(const struct request *request, struct response *response, GError **error);

/* handle_misc.c */
bool handle_metrics(const struct request *request, struct response *response, GError **error);
bool handle_healthz(const struct request *request, struct response *response, GError **error);
bool handle_readyz(const struct request *request, struct response *response, GError **error);
bool handle_version(const struct request *request, struct response *response, GError **error);
bool handle_openapi(const struct request *request, struct response *response, GError **error);
bool handle_index(const struct request *request, struct response *response, GError **error);

/** The current snapshot; DRIFT_ERROR_UNAVAILABLE before the first. Caller unrefs. */
MUST_CHECK struct snapshot *handle_snapshot(const struct request *request, GError **error);

/** Set a JSON document as the answer; takes @p object. */
void handle_set_json(struct response *response, int status, json_object *object);

/** The words of {kind}, of kind= and of state=. NULL-terminated. */
extern const char *const handle_kinds[];
extern const char *const handle_states[];

#endif
