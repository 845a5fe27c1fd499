/* problem - errors as RFC 9457 problem details: one table from kind to status, type and title. Pure:
 * any thread. */
#ifndef DRIFT_PROBLEM_H
#define DRIFT_PROBLEM_H

#include "base.h"
#include "api/response.h"

enum problem {
	PROBLEM_NONE = 0,
	PROBLEM_INVALID_REQUEST,
	PROBLEM_UNKNOWN_PARAMETER,
	PROBLEM_REPEATED_PARAMETER,
	PROBLEM_INVALID_PARAMETER,
	PROBLEM_AMBIGUOUS_TARGET,
	PROBLEM_CREDENTIAL_NEEDED,
	PROBLEM_FORBIDDEN,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD_NOT_ALLOWED,
	PROBLEM_BODY_TOO_LARGE,
	PROBLEM_URI_TOO_LONG,
	PROBLEM_WRONG_HOST,
	PROBLEM_HEADERS_TOO_LARGE,
	PROBLEM_INTERNAL,
	PROBLEM_CHECK_FAILED,
	PROBLEM_NOT_READY,
	PROBLEM_BUSY,
	PROBLEM_TIMEOUT,
	PROBLEM_STORE_UNAVAILABLE,
	PROBLEM_INVALID_BODY,
	PROBLEM_UNKNOWN_FIELD,
	PROBLEM_CONFLICT,
	PROBLEM_UNSUPPORTED_MEDIA_TYPE,
};
#define PROBLEM_COUNT 24

/** One row of the table. */
struct problem_kind {
	int status;
	const char *type; /* relative reference: "/problems/NAME" */
	const char *title;
};
const struct problem_kind *problem_get(enum problem problem);

/** Answer with @p problem; the detail is formatted. */
void problem_set(struct response *response, enum problem problem, const char *format, ...)
	PRINTF_LIKE(3, 4);

/** The same with "allowed": what could stand there instead, NULL-terminated; NULL: left out. */
void problem_set_allowed(struct response *response, enum problem problem,
			 const char *const *allowed, const char *format, ...) PRINTF_LIKE(4, 5);

/** Answer with what a failed call said. */
void problem_set_error(struct response *response, const GError *error);

#endif
