/* errors_query - what BigQuery says of a query that failed; see errors.h */
#include "google/errors.h"

#include "google/errors_said.h"

#include <string.h>

#define PERMISSION_JOBS "bigquery.jobs.create"
#define PERMISSION_DATA "bigquery.tables.getData"

/** One kind of trouble and what to do about it. */
struct trouble {
	const char *word; /* reason, or part of the message */
	enum fault_class class;
	const char *kind;
	const char *advice;
};

/* What is wrong with a query, by a part of what BigQuery says; the first that fits. */
static const struct trouble query_troubles[] = {
	{"without a filter over column", FAULT_BROKEN, "partition filter missing",
	 "the table wants a condition on that column: add it to filter, or to the SQL"},
	{"Syntax error", FAULT_BROKEN, "SQL syntax error", "correct the SQL"},
	{"Unrecognized name", FAULT_BROKEN, "no such column",
	 "correct the column's name, or the SQL"},
	{"not found inside", FAULT_BROKEN, "no such column",
	 "correct the column's name, or the SQL"},
	{"Column not found", FAULT_BROKEN, "no such column",
	 "correct the column's name, or the SQL"},
	{"Field name", FAULT_BROKEN, "no such field", "correct the column's name, or the SQL"},
	{"No matching signature", FAULT_BROKEN, "wrong type",
	 "the column's type does not fit: cast it, or correct the SQL"},
	{"cannot be coerced", FAULT_BROKEN, "wrong type",
	 "the column's type does not fit: cast it, or correct the SQL"},
	{"Could not cast", FAULT_BROKEN, "wrong type",
	 "the column's type does not fit: cast it, or correct the SQL"},
	{"Invalid cast", FAULT_BROKEN, "wrong type",
	 "the column's type does not fit: cast it, or correct the SQL"},
	{"should return type", FAULT_BROKEN, "wrong type",
	 "the expression's type does not fit: cast it, or correct the SQL"},
	{"Function not found", FAULT_BROKEN, "no such function", "correct the SQL"},
	{"qualified with a dataset", FAULT_BROKEN, "table without dataset",
	 "write DATASET.TABLE, or PROJECT.DATASET.TABLE"},
	{"different locations", FAULT_BROKEN, "wrong location",
	 "all tables of a query must be in one location: check location"},
	{"location", FAULT_BROKEN, "invalid query", "correct the SQL, or location"},
	{"", FAULT_BROKEN, "invalid query", "correct the SQL"},
};

/* What a notFound is about. A table that is not there is a finding: nothing else may look like
 * it. */
static const struct trouble absences[] = {
	{"Not found: Job", FAULT_HTTP_4XX, "job lost", "it is tried again"},
	{"Not found: Project", FAULT_HTTP_4XX, "no such project", "check [gcp] project"},
	{"Not found: Function", FAULT_BROKEN, "no such function", "correct the SQL"},
	{"Not found: Routine", FAULT_BROKEN, "no such routine", "correct the SQL"},
	{"Not found: Model", FAULT_BROKEN, "no such model", "correct the SQL"},
	{"Not found: Connection", FAULT_BROKEN, "no such connection", "correct the SQL"},
	{"Table", FAULT_NOT_FOUND, "no such table",
	 "check project, dataset and table, and location: a wrong one looks like this"},
	{"Dataset", FAULT_NOT_FOUND, "no such dataset",
	 "check project and dataset, and location: a wrong one looks like this"},
	{"", FAULT_HTTP_4XX, "not found", "check project, dataset, table and location"},
};

/* Reasons (https://cloud.google.com/bigquery/docs/error-messages). The three with more than one
 * meaning are refined. */
static const struct trouble reasons[] = {
	{"invalidQuery", FAULT_BROKEN, NULL, NULL},
	{"badRequest", FAULT_BROKEN, NULL, NULL},
	{"invalid", FAULT_BROKEN, NULL, NULL},
	{"notFound", FAULT_NOT_FOUND, NULL, NULL},
	{"accessDenied", FAULT_DENIED, "access denied", NULL},
	{"bytesBilledLimitExceeded", FAULT_OVER_BUDGET, "over max-bytes-billed", NULL},
	{"billingTierLimitExceeded", FAULT_BROKEN, "too much work for the bytes it reads",
	 "make the query simpler"},
	{"responseTooLarge", FAULT_BROKEN, "answer too large", "return fewer rows or columns"},
	{"resourcesExceeded", FAULT_BROKEN, "too much work", "make the query simpler"},
	{"notImplemented", FAULT_BROKEN, "not implemented", "correct the SQL"},
	{"quotaExceeded", FAULT_QUOTA, "quota exceeded",
	 "raise the quota, or every of these targets"},
	{"rateLimitExceeded", FAULT_QUOTA, "too many requests",
	 "it is tried again; raise every of these targets"},
	{"jobRateLimitExceeded", FAULT_QUOTA, "too many jobs",
	 "it is tried again; raise every of these targets"},
	{"backendError", FAULT_HTTP_5XX, "trouble on Google's side", "it is tried again"},
	{"internalError", FAULT_HTTP_5XX, "trouble on Google's side", "it is tried again"},
	{"badGateway", FAULT_HTTP_5XX, "trouble on Google's side", "it is tried again"},
	{"jobBackendError", FAULT_HTTP_5XX, "trouble on Google's side", "it is tried again"},
	{"jobInternalError", FAULT_HTTP_5XX, "trouble on Google's side", "it is tried again"},
	{"tableUnavailable", FAULT_HTTP_5XX, "table unavailable", "it is tried again"},
	{"stopped", FAULT_CANCELLED, "job cancelled",
	 "somebody cancelled it, or it ran into a limit: it is tried again"},
	{"timeout", FAULT_TIMEOUT, "job timed out",
	 "make the query simpler, or raise cycle-timeout"},
	{"billingNotEnabled", FAULT_DISABLED, "billing is off", "enable billing in that project"},
	{"blocked", FAULT_HTTP_4XX, "blocked by BigQuery", "ask Google's support"},
};

static const struct trouble *find_part(const struct trouble *troubles, const char *text)
{
	while (!strstr(text, troubles->word))
		troubles++;
	return troubles; /* the last one fits anything */
}

static const struct trouble *find_reason(const char *reason)
{
	for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
		if (strcmp(reason, reasons[i].word) == 0)
			return &reasons[i];
	return NULL;
}

static const struct trouble *find_trouble(const struct said *said)
{
	const struct trouble *trouble = find_reason(said->first);

	if (trouble && trouble->class == FAULT_NOT_FOUND)
		return find_part(absences, said->text);
	if (trouble && trouble->class == FAULT_CANCELLED && strstr(said->text, "timed out"))
		return find_reason("timeout"); /* by jobTimeoutMs */
	return trouble && !trouble->kind ? find_part(query_troubles, said->text) : trouble;
}

/* What must be granted: named by the message, or told by what it was denied on. */
static const char *permission_of(const struct said *said)
{
	if (said->permission)
		return said->permission;
	return strstr(said->text, "Access Denied: Project") ? PERMISSION_JOBS : PERMISSION_DATA;
}

static char *advice_of(const struct trouble *trouble, const struct errors_query *query,
		       const char *permission)
{
	if (trouble->class == FAULT_DENIED)
		return errors_advice_denied(403, permission);
	if (trouble->class == FAULT_OVER_BUDGET)
		return g_strdup_printf("nothing was billed; raise max-bytes-billed (it is %" PRIi64
				       " bytes), or read less",
				       query->max_bytes_billed);
	if (trouble->class == FAULT_NOT_FOUND && query->location)
		return g_strdup_printf("%s (it is %s)", trouble->advice, query->location);
	return g_strdup(trouble->advice);
}

static struct fault *make_fault(const struct errors_query *query, const struct said *said,
				const struct trouble *trouble, int status)
{
	const char *permission = trouble->class == FAULT_DENIED ? permission_of(said) : NULL;
	g_autofree char *advice = advice_of(trouble, query, permission);

	return fault_create(trouble->class, status, permission, "%s: %s (%s): %s%s%s", query->what,
			    trouble->kind, said->first, said->text, *said->text ? ": " : "",
			    advice);
}

struct fault *errors_query_fault(const struct errors_query *query,
				 const struct http_response *response)
{
	struct said said = {0};
	const struct trouble *trouble = NULL;
	struct fault *fault = NULL;

	if (response->failure != HTTP_FAILURE_NONE)
		return errors_api_fault(query->what, NULL, response);
	said_decode(&said, response);
	trouble = find_trouble(&said);
	fault = trouble ? make_fault(query, &said, trouble, response->status)
			: errors_api_fault(query->what, PERMISSION_JOBS, response);
	said_done(&said);
	return fault;
}

struct fault *errors_query_fault_said(const struct errors_query *query, const char *reason,
				      const char *text)
{
	static const struct trouble unknown = {"", FAULT_BAD_ANSWER, "query failed",
					       "it is tried again"};
	struct said said = {0};
	const struct trouble *trouble = NULL;
	struct fault *fault = NULL;

	said_fill(&said, reason, text);
	trouble = find_trouble(&said);
	fault = make_fault(query, &said, trouble ? trouble : &unknown, 0);
	said_done(&said);
	return fault;
}

bool errors_wants_new_job_said(const char *reason)
{
	return strcmp(reason, "jobBackendError") == 0 || strcmp(reason, "jobInternalError") == 0 ||
	       strcmp(reason, "jobRateLimitExceeded") == 0;
}

bool errors_wants_new_job(const struct http_response *response)
{
	struct said said = {0};
	bool wants = false;

	if (response->failure != HTTP_FAILURE_NONE)
		return false;
	said_decode(&said, response);
	wants = errors_wants_new_job_said(said.first);
	said_done(&said);
	return wants;
}
