/* handlers - one function per route; see router.h for what they may do. Any thread. */
#ifndef DRIFT_HANDLERS_H
#define DRIFT_HANDLERS_H

#include "base.h"
#include "api/problem.h"
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

/* handle_incident.c */
bool handle_incidents(const struct request *request, struct response *response, GError **error);
bool handle_incident(const struct request *request, struct response *response, GError **error);
bool handle_incident_ack(const struct request *request, struct response *response, GError **error);
bool handle_incident_false_alarm(const struct request *request, struct response *response,
				 GError **error);
bool handle_incident_changed(const struct request *request, const struct router_outcome *outcome,
			     struct response *response, GError **error);

/* handle_summary.c */
bool handle_summary(const struct request *request, struct response *response, GError **error);
bool handle_incidents_summary(const struct request *request, struct response *response,
			      GError **error);

/* handle_silence.c */
bool handle_silences(const struct request *request, struct response *response, GError **error);
bool handle_silence_add(const struct request *request, struct response *response, GError **error);
bool handle_silence_end(const struct request *request, struct response *response, GError **error);
bool handle_silence_changed(const struct request *request, const struct router_outcome *outcome,
			    struct response *response, GError **error);

/* handle_notification.c */
bool handle_notifications(const struct request *request, struct response *response, GError **error);

/* handle_ack.c */
bool handle_ack_page(const struct request *request, struct response *response, GError **error);
bool handle_ack_form(const struct request *request, struct response *response, GError **error);
bool handle_ack_done(const struct request *request, const struct router_outcome *outcome,
		     struct response *response, GError **error);

/* handle_hook.c */
bool handle_hook(const struct request *request, struct response *response, GError **error);

/* handle_misc.c */
bool handle_metrics(const struct request *request, struct response *response, GError **error);
bool handle_healthz(const struct request *request, struct response *response, GError **error);
bool handle_readyz(const struct request *request, struct response *response, GError **error);
bool handle_version(const struct request *request, struct response *response, GError **error);
bool handle_openapi(const struct request *request, struct response *response, GError **error);
bool handle_index(const struct request *request, struct response *response, GError **error);
bool handle_asset(const struct request *request, struct response *response, GError **error);

/* handle_events.c */
bool handle_events(const struct request *request, struct response *response, GError **error);

/* handle_badge.c */
bool handle_badge(const struct request *request, struct response *response, GError **error);
bool handle_badge_overall(const struct request *request, struct response *response, GError **error);

/* handle_days.c */
bool handle_days(const struct request *request, struct response *response, GError **error);

/* handle_config.c */
bool handle_config(const struct request *request, struct response *response, GError **error);

/** The current snapshot; DRIFT_ERROR_UNAVAILABLE before the first. Caller unrefs. */
MUST_CHECK struct snapshot *handle_snapshot(const struct request *request, GError **error);

/** Set a JSON document as the answer; takes @p object. */
void handle_set_json(struct response *response, int status, json_object *object);

/** The number that a part of a path is; DRIFT_ERROR_NOT_FOUND with @p what ("an incident"). */
MUST_CHECK bool handle_parse_id(const char *text, const char *what, int64_t *ret_id,
				GError **error);

/** The answer waits for @p command, which is taken. */
void handle_await_command(struct response *response, struct app_command *command);

/** Is there such a target, or was there one? DRIFT_ERROR_NOT_FOUND, or as store_read_known(). */
MUST_CHECK bool handle_check_known(const struct request *request, struct store_reader *reader,
				   const char *target, GError **error);

/** Answer with what a command failed with; @p invalid stands for DRIFT_ERROR_INVALID. */
void handle_command_error(const GError *error, enum problem invalid, struct response *response);

/** One incident of the database. DRIFT_ERROR_NOT_FOUND. Caller frees. */
MUST_CHECK struct store_incident *handle_read_incident(const struct request *request, int64_t id,
						       GError **error);

/** @p text, and below it how to go on behind @p cursor (NULL: nothing follows). Caller frees. */
char *handle_with_more(const char *text, const char *cursor);

/** The words of {kind}, of kind= and of state=. NULL-terminated. */
extern const char *const handle_kinds[];
extern const char *const handle_states[];

#endif
