/* fault - why something could not be read: the class decides the reason code, the message is for
 * people. Pure: any thread. */
#ifndef DRIFT_FAULT_H
#define DRIFT_FAULT_H

#include "base.h"

enum fault_class {
	FAULT_NONE = 0,
	FAULT_HTTP_4XX, /* final: 400, 404 (of an http source) … */
	FAULT_HTTP_5XX,
	FAULT_TIMEOUT,
	FAULT_RESET, /* connection refused, broken, truncated */
	FAULT_RESOLVE,
	FAULT_TLS,
	FAULT_BAD_ANSWER, /* not JSON, wrong types, missing fields, not text */
	FAULT_TOO_LARGE,
	FAULT_REDIRECT,
	FAULT_QUOTA,       /* 429, RESOURCE_EXHAUSTED */
	FAULT_DENIED,      /* 403 and 401: becomes permission_denied */
	FAULT_CREDENTIALS, /* no credentials, or refused, or unusable: becomes permission_denied. A
			      token endpoint that is merely away gives TIMEOUT, RESET, HTTP_5XX …
			      instead */
	FAULT_DISABLED,  /* API not enabled, billing off: a configuration error on Google's side */
	FAULT_NOT_FOUND, /* the object or collection asked for is certainly not there */
	FAULT_CANCELLED,
	/* the check itself cannot run (bad column, SQL error, missing partition filter): becomes
	 * broken_check */
	FAULT_BROKEN,
	FAULT_OVER_BUDGET, /* it would cost more than allowed: becomes over_budget */
};

/** Longest message: what upstream said is bounded before, this is the outer fence. */
#define FAULT_MESSAGE_MAX_BYTES 1000

/** Shared by all targets that one failed call concerns: reference counted (atomic), immutable. */
struct fault {
	enum fault_class class;
	int status;       /* HTTP status, 0 when none */
	char *message;    /* one line: what was tried, on what, why it failed, what to do; UTF-8,
			     bounded, no secret */
	char *permission; /* permission or role that is missing, when known; else NULL */
};

/** @p permission may be NULL. The message is formatted, made UTF-8, one line, and cut at
 * FAULT_MESSAGE_MAX_BYTES. One reference. */
struct fault *fault_create(enum fault_class class, int status, const char *permission,
			   const char *format, ...) PRINTF_LIKE(4, 5);
/** NULL is fine for both. */
struct fault *fault_ref(struct fault *fault);
void fault_unref(struct fault *fault);

/** "4xx", "5xx", "timeout", "reset", "resolve", "tls", "bad_answer", "too_large", "redirect",
 * "quota", "denied", "credentials", "disabled", "not_found", "cancelled", "broken",
 * "over_budget". */
const char *fault_class_text(enum fault_class class);

#endif
