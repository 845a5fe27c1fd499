/* run_decode - between the files that decode Run's answers: run.c, run_template.c, run_revision.c.
 * Takes json-c objects, so nobody else includes it. Pure: any thread. */
#ifndef DRIFT_GOOGLE_RUN_DECODE_H
#define DRIFT_GOOGLE_RUN_DECODE_H

#include "google/run.h"
#include "json.h"

/** Members of a template or a revision. DRIFT_ERROR_INVALID. */
MUST_CHECK bool run_template_decode(json_object *object, const struct run_wants *wants,
				    struct run_template **ret_template, GError **error);

/** A condition as driftd needs it. */
struct run_condition {
	enum run_ready ready;
	char *failure; /* message, else reason, bounded; NULL unless it failed */
};

MUST_CHECK bool run_condition_decode(json_object *object, struct run_condition *ret_condition,
				     GError **error);

/**
 * The condition of type @p type in array member "conditions".
 *
 * @param type           NULL: the first one that failed with severity error.
 * @param ret_condition  RUN_READY_NONE when it is not there.
 */
MUST_CHECK bool run_condition_find(json_object *object, const char *type,
				   struct run_condition *ret_condition, GError **error);

#endif
