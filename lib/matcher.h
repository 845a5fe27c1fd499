/* matcher - which targets a route, a silence or a maintenance window is about. Immutable once made;
 * pure: any thread. DESIGN 5 (route), 9 (silences), 13 (window). */
#ifndef DRIFT_MATCHER_H
#define DRIFT_MATCHER_H

#include "base.h"

/** Longest text of a matcher. */
#define MATCHER_TEXT_MAX_BYTES 256

struct matcher;

/** What is matched; borrowed. */
struct matcher_subject {
	const char *id;       /* "service/billing", "repo/main" */
	const char *kind;     /* "service", "repo" */
	const char *priority; /* "P0" */
	const char
		*owner; /* NULL: none, which only patterns over id, kind and priority can match */
};

/**
 * One of: "P1" or "priority=P1"; "owner=ml"; "kind=table" (also "kind=repo"); a target id in which
 * '*' stands for any text ("service/a*", "table/orders", "*").
 *
 * @param error  DRIFT_ERROR_INVALID: says what it could be; also an unknown kind or priority.
 * @return caller frees.
 */
MUST_CHECK struct matcher *matcher_parse(const char *text, GError **error);
/** NULL is fine. */
void matcher_free(struct matcher *matcher);

/** As written. Borrowed. */
const char *matcher_text(const struct matcher *matcher);

bool matcher_matches(const struct matcher *matcher, const struct matcher_subject *subject);

#endif
