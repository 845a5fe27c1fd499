/* control - between the files of the control API. Under the cloud's lock. */
#ifndef FAKECLOUD_CONTROL_H
#define FAKECLOUD_CONTROL_H

#include "tests/fakecloud/cloud.h"
#include "tests/fakecloud/reply.h"

/** One request to the control API. */
struct control {
	struct cloud *cloud;
	const struct request *request;
	struct reply *reply;
};

/** Part of the path; "" when there are fewer. Borrowed. */
const char *control_part(const struct control *control, size_t index);
bool control_is_method(const struct control *control, const char *method);
/** 400, with a reason. */
void control_refuse(const struct control *control, const char *why);
/** The body, or NULL when it is no JSON. Caller owns. */
json_object *control_body(const struct control *control);
/** Text of @p taken. Caller unrefs. */
GBytes *control_bytes(json_object *taken);

/* control_run.c */
void control_run(const struct control *control);
void control_revisions(const struct control *control);
void control_functions(const struct control *control);
void control_unreachable(const struct control *control);
void control_targets(const struct control *control);
void control_bulk(const struct control *control);

/* control_sinks.c */
void control_slack(const struct control *control);
void control_attempts(const struct control *control);
void control_webhooks(const struct control *control);
void control_github(const struct control *control);
void control_oidc(const struct control *control);

/* control_data.c */
void control_objects(const struct control *control);
void control_buckets(const struct control *control);
void control_bigquery(const struct control *control);
void control_routines(const struct control *control);
void control_jobrules(const struct control *control);
void control_firestore(const struct control *control);

#endif
