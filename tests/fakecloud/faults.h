/* faults - rules that make chosen requests go wrong. Under the cloud's lock, unless it says
 * otherwise. */
#ifndef FAKECLOUD_FAULTS_H
#define FAKECLOUD_FAULTS_H

#include "tests/fakecloud/cloud.h"
#include "tests/fakecloud/reply.h"

enum fault_kind {
	FAULT_KIND_NONE = 0,
	FAULT_KIND_STATUS,        /* status, body, content_type, headers */
	FAULT_KIND_LATENCY,       /* latency_ms, then the usual answer */
	FAULT_KIND_HANG,          /* no answer, until the peer goes or the rule is removed */
	FAULT_KIND_RESET,         /* the connection is reset before an answer */
	FAULT_KIND_TRUNCATE,      /* the usual answer, broken off after bytes (default: half) */
	FAULT_KIND_GARBAGE,       /* 200 with bytes that are no JSON and no UTF-8 */
	FAULT_KIND_NOT_HTTP,      /* bytes that are no HTTP answer */
	FAULT_KIND_WRONG_TYPES,   /* the usual JSON, members at depth with other types */
	FAULT_KIND_HUGE,          /* 200 with bytes (default 256 MiB) of filler */
	FAULT_KIND_EMPTY,         /* 200 without a body */
	FAULT_KIND_HTML503,       /* what a front end says */
	FAULT_KIND_ENDLESS_PAGES, /* the usual JSON, always with another nextPageToken */
	FAULT_KIND_DRIP,          /* the usual answer, one byte in latency_ms */
	FAULT_KIND_DENIED,        /* 403 in the API's own shape; permission */
	FAULT_KIND_DISABLED,      /* 403 SERVICE_DISABLED */
	/* 429 RESOURCE_EXHAUSTED; BigQuery: 403 quotaExceeded; GitHub: 403, nothing remaining
	 * (reset in bytes seconds) */
	FAULT_KIND_QUOTA,
	/* the same; BigQuery: 403 rateLimitExceeded; Slack: 429 with Retry-After; GitHub: 403 with
	 * retry-after (bytes seconds) */
	FAULT_KIND_RATE,
	FAULT_KIND_BACKEND, /* 503 UNAVAILABLE; BigQuery: 503 backendError */
	/* status with reason and body as its message, shape B; Slack: reason is the word, its status
	   follows from it */
	FAULT_KIND_REASON,
	/* the usual handling first, so that what was sent is kept; only then: */
	FAULT_KIND_RESET_AFTER,  /* the connection is reset */
	FAULT_KIND_HANG_AFTER,   /* no answer, until the peer goes or the rule is removed */
	FAULT_KIND_STATUS_AFTER, /* status, body, content_type, headers */
};

struct fault_rule {
	unsigned id;
	char *path; /* glob over the path as it came; '*' matches '/'; NULL: any, but then api */
	/* "bigquery", "bigquery.jobs.query", "firestore", "storage" … (fault_match.c); NULL: any */
	char *api;
	char *sends;  /* part of the request's body; NULL: any */
	char *query;  /* part of the query; NULL: any */
	char *method; /* NULL: any */
	enum fault_kind kind;
	int64_t skip;  /* so many matching requests pass first */
	int64_t count; /* so many are hit; -1: all */
	int64_t hits;
	int status;
	int latency_ms;
	int64_t bytes; /* -1: the kind's default */
	int depth;
	char *body;
	char *content_type;
	char *permission;
	char *reason;
	GPtrArray *headers; /* char * "Name: value" */
};

void fault_rule_free(void *rule);

/** Read a rule; NULL with a message for the caller when it is none. */
struct fault_rule *fault_rule_parse(json_object *object, const char **ret_problem);

/** The rule's state as JSON. Caller owns. */
json_object *fault_rule_to_json(const struct fault_rule *rule);

/** The first rule that hits @p request, as a copy (hits counted, id kept); NULL: none. Caller frees
 * with fault_rule_free(). */
struct fault_rule *faults_match(struct cloud *cloud, const struct request *request);

/** Is @p request one of @p api? Pure. */
bool fault_fits_api(const struct request *request, const char *api);

/** Is @p api one that rules can name? */
bool fault_knows_api(const char *api);

/** Errors in the shape of the API that the request is for: a permission, a quota, an API that is
 * switched off … (fault_shape.c). */
void fault_set_denied(const struct fault_rule *rule, const struct request *request,
		      struct reply *reply);
void fault_set_quota(const struct fault_rule *rule, const struct request *request,
		     struct reply *reply);
void fault_set_disabled(const struct request *request, struct reply *reply);
void fault_set_backend(const struct request *request, struct reply *reply);
void fault_set_reason(const struct fault_rule *rule, const struct request *request,
		      struct reply *reply);

/** Faults that come before the usual handling. Without the lock: may wait. Returns true when @p
 * reply is the answer. */
bool faults_before(struct cloud *cloud, const struct fault_rule *rule,
		   const struct request *request, struct reply *reply);

/** Faults that change the usual answer. Without the lock: may wait. */
void faults_after(struct cloud *cloud, const struct fault_rule *rule, const struct request *request,
		  struct reply *reply);

#endif
