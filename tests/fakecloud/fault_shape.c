/* fault_shape - errors in the shape of the API that a request is for. API-FACTS 0, C.7, D, E. See
 * faults.h. */
#include "tests/fakecloud/bq_rest.h"
#include "tests/fakecloud/faults.h"
#include "tests/fakecloud/firestore.h"
#include "tests/fakecloud/github.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/slack.h"

#include <string.h>

enum shape {
	SHAPE_RUN = 0, /* and all others of shape A */
	SHAPE_STORAGE,
	SHAPE_BIGQUERY,
	SHAPE_FIRESTORE,
	SHAPE_SLACK,
	SHAPE_GITHUB,
};

static enum shape shape_of(const struct request *request)
{
	if (g_str_has_prefix(request->path, "/storage/"))
		return SHAPE_STORAGE;
	if (fault_fits_api(request, "bigquery"))
		return SHAPE_BIGQUERY;
	if (fault_fits_api(request, "firestore"))
		return SHAPE_FIRESTORE;
	if (fault_fits_api(request, "slack"))
		return SHAPE_SLACK;
	if (fault_fits_api(request, "github"))
		return SHAPE_GITHUB;
	return SHAPE_RUN;
}

/** Errors of a streamed call come in an array. */
static void end_firestore(const struct request *request, struct reply *reply)
{
	if (fault_fits_api(request, "firestore.documents.batchGet"))
		firestore_wrap_error(reply);
}

static void denied_bigquery(const struct fault_rule *rule, const struct request *request,
			    struct reply *reply)
{
	bool job = fault_fits_api(request, "bigquery.jobs.query") ||
		   fault_fits_api(request, "bigquery.jobs.insert");
	const char *permission = rule->permission ? rule->permission
				 : job            ? "bigquery.jobs.create"
						  : "bigquery.tables.get";
	g_autofree char *message = NULL;

	if (job)
		message = g_strdup_printf("Access Denied: Project %s: User does not have %s "
					  "permission in project %s.",
					  request_part(request, 3), permission,
					  request_part(request, 3));
	else
		message = g_strdup_printf(
			"Access Denied: Table %s:%s.%s: Permission %s denied on table "
			"%s:%s.%s (or it may not exist).",
			request_part(request, 3), request_part(request, 5),
			request_part(request, 7), permission, request_part(request, 3),
			request_part(request, 5), request_part(request, 7));
	bq_set_error(reply, 403, "accessDenied", message);
}

static void denied_run(const struct fault_rule *rule, const struct request *request,
		       struct reply *reply)
{
	const char *permission = rule->permission ? rule->permission : "run.services.list";
	const struct reply_error_info info = {.reason = "IAM_PERMISSION_DENIED",
					      .domain = "iam.googleapis.com",
					      .permission = permission,
					      .resource = request->path + 1};
	g_autofree char *message =
		g_strdup_printf("Permission '%s' denied on resource '%s' (or it may not exist).",
				permission, request->path + 1);

	reply_set_error_a(reply, "PERMISSION_DENIED", &info, message);
}

void fault_set_denied(const struct fault_rule *rule, const struct request *request,
		      struct reply *reply)
{
	const char *permission = rule->permission ? rule->permission : "storage.objects.get";
	g_autofree char *message = NULL;

	switch (shape_of(request)) {
	case SHAPE_STORAGE:
		message = g_strdup_printf(
			"fake@acme.iam.gserviceaccount.com does not have %s access to the "
			"Google Cloud Storage object.",
			permission);
		reply_set_error_b(reply, 403, "forbidden", message);
		break;
	case SHAPE_BIGQUERY:
		denied_bigquery(rule, request, reply);
		break;
	case SHAPE_FIRESTORE:
		reply_set_error_a(reply, "PERMISSION_DENIED", NULL,
				  "Missing or insufficient permissions.");
		end_firestore(request, reply);
		break;
	case SHAPE_SLACK:
		slack_set_word(reply, "action_prohibited");
		break;
	case SHAPE_GITHUB:
		github_set_error(reply, 403, "Resource not accessible by personal access token");
		break;
	case SHAPE_RUN:
		denied_run(rule, request, reply);
		break;
	}
}

/** One message a second (API-FACTS G), unless the rule names its Retry-After itself. */
static void set_slack_rate(const struct fault_rule *rule, struct reply *reply)
{
	g_autofree char *seconds =
		g_strdup_printf("%" G_GINT64_FORMAT, rule->bytes >= 0 ? rule->bytes : 1);

	slack_set_word(reply, "rate_limited");
	if (rule->headers->len == 0)
		reply_add_header(reply, "Retry-After", seconds);
}

void fault_set_quota(const struct fault_rule *rule, const struct request *request,
		     struct reply *reply)
{
	bool rate = rule->kind == FAULT_KIND_RATE;
	const struct reply_error_info info = {.reason = "RATE_LIMIT_EXCEEDED",
					      .service = "run.googleapis.com"};

	switch (shape_of(request)) {
	case SHAPE_STORAGE:
		reply_set_error_b(reply, 429, "rateLimitExceeded", "The rate limit was exceeded.");
		break;
	case SHAPE_BIGQUERY:
		bq_set_error(reply, 403, rate ? "rateLimitExceeded" : "quotaExceeded",
			     rate ? "Exceeded rate limits: too many concurrent queries for this "
				    "project_and_region"
				  : "Quota exceeded: Your project exceeded quota for free query "
				    "bytes scanned.");
		break;
	case SHAPE_FIRESTORE:
		reply_set_error_a(reply, "RESOURCE_EXHAUSTED", NULL, "Quota exceeded.");
		end_firestore(request, reply);
		break;
	case SHAPE_SLACK:
		set_slack_rate(rule, reply);
		break;
	case SHAPE_GITHUB:
		github_set_rate_limit(reply, !rate, rule->bytes);
		break;
	case SHAPE_RUN:
		reply_set_error_a(reply, "RESOURCE_EXHAUSTED", &info,
				  "Quota exceeded for quota metric 'Read requests'.");
		break;
	}
	for (guint i = 0; i < rule->headers->len; i++)
		g_ptr_array_add(reply->headers, g_strdup(rule->headers->pdata[i]));
}

/** BigQuery and Storage have both the list of shape B and the details of shape A. */
static void add_errors_list(struct reply *reply, const char *reason)
{
	json_object *envelope = json_tokener_parse(reply->body->str),
		    *error = jsn_at(envelope, "error");
	json_object *errors = json_object_new_array(), *one = json_object_new_object();

	jsn_add_text(one, "message", jsn_text(error, "message", ""));
	jsn_add_text(one, "domain", "usageLimits");
	jsn_add_text(one, "reason", reason);
	json_object_array_add(errors, one);
	jsn_add(error, "errors", errors);
	reply_set_json(reply, reply->status, envelope);
}

void fault_set_disabled(const struct request *request, struct reply *reply)
{
	static const struct {
		const char *service, *name;
	} names[] = {
		[SHAPE_RUN] = {"run.googleapis.com", "Cloud Run Admin API"},
		[SHAPE_STORAGE] = {"storage.googleapis.com", "Cloud Storage JSON API"},
		[SHAPE_BIGQUERY] = {"bigquery.googleapis.com", "BigQuery API"},
		[SHAPE_FIRESTORE] = {"firestore.googleapis.com", "Cloud Firestore API"},
		/* these have no such error: it is what a front end would say */
		[SHAPE_SLACK] = {"hooks.slack.com", "Slack"},
		[SHAPE_GITHUB] = {"api.github.com", "GitHub"},
	};
	enum shape shape = shape_of(request);
	const struct reply_error_info info = {.reason = "SERVICE_DISABLED",
					      .service = names[shape].service};
	g_autofree char *message =
		g_strdup_printf("%s has not been used in project 81234 before or it is disabled.",
				names[shape].name);

	reply_set_error_a(reply, "PERMISSION_DENIED", &info, message);
	if (shape == SHAPE_BIGQUERY || shape == SHAPE_STORAGE)
		add_errors_list(reply, "accessNotConfigured");
	end_firestore(request, reply);
}

void fault_set_backend(const struct request *request, struct reply *reply)
{
	switch (shape_of(request)) {
	case SHAPE_STORAGE:
		reply_set_error_b(reply, 503, "backendError", "Backend Error");
		break;
	case SHAPE_BIGQUERY:
		bq_set_error(reply, 503, "backendError",
			     "Error encountered during execution. Retrying may solve the problem.");
		break;
	case SHAPE_SLACK:
		slack_set_word(reply, "rollup_error");
		break;
	case SHAPE_GITHUB:
		github_set_error(reply, 502, "Server Error");
		break;
	case SHAPE_FIRESTORE:
	case SHAPE_RUN:
		reply_set_error_a(reply, "UNAVAILABLE", NULL,
				  "The service is currently unavailable.");
		end_firestore(request, reply);
		break;
	}
}

void fault_set_reason(const struct fault_rule *rule, const struct request *request,
		      struct reply *reply)
{
	const char *reason = rule->reason ? rule->reason : "backendError";

	if (shape_of(request) == SHAPE_SLACK)
		slack_set_word(reply, reason);
	else if (shape_of(request) == SHAPE_GITHUB)
		github_set_error(reply, rule->status, reason);
	else
		bq_set_error(reply, rule->status, reason, rule->body ? rule->body : reason);
	for (guint i = 0; i < rule->headers->len; i++)
		g_ptr_array_add(reply->headers, g_strdup(rule->headers->pdata[i]));
}
