/* errors - see errors.h */
#include "google/errors.h"

#include "google/errors_said.h"

#include <string.h>

/** A word as long as this in a token endpoint's answer may be a secret that was sent there. */
#define SECRET_WORD_BYTES 40

/** Longer than any deadline: no other attempt is made. */
#define NEVER INT64_MAX

enum fault_class errors_class_of_failure(enum http_failure failure)
{
	switch (failure) {
	case HTTP_FAILURE_RESOLVE:
		return FAULT_RESOLVE;
	case HTTP_FAILURE_CONNECT:
	case HTTP_FAILURE_RESET:
		return FAULT_RESET;
	case HTTP_FAILURE_TLS:
		return FAULT_TLS;
	case HTTP_FAILURE_TIMEOUT:
		return FAULT_TIMEOUT;
	case HTTP_FAILURE_TOO_LARGE:
		return FAULT_TOO_LARGE;
	case HTTP_FAILURE_REDIRECT:
		return FAULT_REDIRECT;
	case HTTP_FAILURE_CANCELLED:
		return FAULT_CANCELLED;
	case HTTP_FAILURE_NONE:
	case HTTP_FAILURE_BAD_ANSWER:
		break;
	}
	return FAULT_BAD_ANSWER;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static bool is_rate_reason(const struct said *said)
{
	static const char *const reasons[] = {"rateLimitExceeded",  "userRateLimitExceeded",
					      "quotaExceeded",      "RATE_LIMIT_EXCEEDED",
					      "dailyLimitExceeded", NULL};

	return is_one_of(said->reason, reasons) || strcmp(said->status, "RESOURCE_EXHAUSTED") == 0;
}

static bool is_disabled_reason(const char *reason)
{
	static const char *const reasons[] = {"SERVICE_DISABLED",    "BILLING_DISABLED",
					      "CONSUMER_INVALID",    "CONSUMER_SUSPENDED",
					      "accessNotConfigured", "billingNotEnabled",
					      "accountDisabled",     NULL};

	return is_one_of(reason, reasons);
}

static enum fault_class class_of(int status, const struct said *said)
{
	if (status == 429 || strcmp(said->status, "RESOURCE_EXHAUSTED") == 0)
		return FAULT_QUOTA;
	if ((status == 403 || status == 400) && is_disabled_reason(said->reason))
		return FAULT_DISABLED;
	if (status == 403)
		return is_rate_reason(said) ? FAULT_QUOTA : FAULT_DENIED;
	if (status == 401)
		return FAULT_DENIED;
	if (status == 404) /* a front end's page says nothing about the thing asked for */
		return said->is_google ? FAULT_NOT_FOUND : FAULT_HTTP_4XX;
	if (status >= 500)
		return FAULT_HTTP_5XX;
	if (status >= 400)
		return FAULT_HTTP_4XX;
	return status >= 300 ? FAULT_REDIRECT : FAULT_BAD_ANSWER;
}

/* The predefined role that carries a permission with the least beside it (API-FACTS L). */
static const char *role_for(const char *permission)
{
	static const struct {
		const char *prefix;
		const char *role;
	} roles[] = {
		{"run.", "roles/run.viewer"},
		{"cloudfunctions.", "roles/cloudfunctions.viewer"},
		{"storage.", "roles/storage.objectViewer"},
		{"bigquery.jobs.", "roles/bigquery.jobUser"},
		{"bigquery.", "roles/bigquery.dataViewer"},
		{"datastore.", "roles/datastore.viewer"},
		{"serviceusage.services.use", "roles/serviceusage.serviceUsageConsumer"},
		{"iam.serviceAccounts.", "roles/iam.serviceAccountTokenCreator"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(roles); i++)
		if (g_str_has_prefix(permission, roles[i].prefix))
			return roles[i].role;
	return NULL;
}

char *errors_advice_denied(int status, const char *permission)
{
	const char *role = permission ? role_for(permission) : NULL;

	if (status == 401)
		return g_strdup("the access token was refused: check [gcp] credentials");
	if (!permission)
		return g_strdup("grant the account the role that allows it");
	return g_strconcat("grant ", permission, role ? " (" : "", role ? role : "",
			   role ? ")" : "", " to the account", NULL);
}

static char *advice_for(enum fault_class class, int status, const char *permission)
{
	switch (class) {
	case FAULT_DENIED:
		return errors_advice_denied(status, permission);
	case FAULT_DISABLED:
		return g_strdup("enable the API and billing in that project");
	case FAULT_QUOTA:
		return g_strdup("raise the quota, or every of these targets");
	case FAULT_NOT_FOUND:
		return g_strdup("check project, region and name");
	case FAULT_HTTP_4XX:
		return g_strdup("check project, region, name and endpoint");
	case FAULT_REDIRECT:
	case FAULT_BAD_ANSWER:
		return g_strdup("check the endpoint");
	case FAULT_HTTP_5XX:
		return g_strdup("Google's side is in trouble: it is tried again");
	case FAULT_NONE:
	case FAULT_TIMEOUT:
	case FAULT_RESET:
	case FAULT_RESOLVE:
	case FAULT_TLS:
	case FAULT_TOO_LARGE:
	case FAULT_CREDENTIALS:
	case FAULT_CANCELLED:
	case FAULT_BROKEN:
	case FAULT_OVER_BUDGET:
		break;
	}
	return g_strdup("try again");
}

/* " PERMISSION_DENIED: what Google says", or as much of it as there is. */
static char *words_of(const struct said *said)
{
	const char *name = *said->status ? said->status : said->reason;

	return g_strconcat(*name ? " " : "", name, *said->text ? ": " : "", said->text, NULL);
}

static struct fault *failure_fault(const char *what, const struct http_response *response)
{
	return fault_create(
		errors_class_of_failure(response->failure), response->status, NULL, "%s: %s", what,
		response->message ? response->message : http_failure_text(response->failure));
}

struct fault *errors_api_fault(const char *what, const char *permission,
			       const struct http_response *response)
{
	struct said said = {0};
	enum fault_class class = FAULT_NONE;
	g_autofree char *words = NULL;
	g_autofree char *advice = NULL;
	struct fault *fault = NULL;

	if (response->failure != HTTP_FAILURE_NONE)
		return failure_fault(what, response);
	said_decode(&said, response);
	class = class_of(response->status, &said);
	if (said.permission)
		permission = said.permission;
	if (class != FAULT_DENIED)
		permission = NULL;
	words = words_of(&said);
	advice = advice_for(class, response->status, permission);
	fault = fault_create(class, response->status, permission, "%s: HTTP %d%s: %s", what,
			     response->status, words, advice);
	said_done(&said);
	return fault;
}

/* Every word that may be a secret becomes "(left out)". */
static char *without_secrets(const char *text)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (guint i = 0; words[i]; i++) {
		if (i > 0)
			g_string_append_c(out, ' ');
		g_string_append(out,
				strlen(words[i]) >= SECRET_WORD_BYTES ? "(left out)" : words[i]);
	}
	return g_string_free(out, FALSE);
}

static const char *token_advice(const struct said *said, int status)
{
	if (strcmp(said->reason, "invalid_rapt") == 0)
		return "log in again: gcloud auth application-default login";
	if (strcmp(said->status, "invalid_grant") == 0)
		return "the key is revoked, the account deleted, the login expired, or the clock "
		       "of this machine is wrong";
	if (strcmp(said->status, "invalid_client") == 0)
		return "client_id or client_secret is wrong";
	if (said->permission)
		return "grant it on the target account (roles/iam.serviceAccountTokenCreator, for "
		       "federation roles/iam.workloadIdentityUser)";
	if (status == 403 || status == 404)
		return "check the account, its roles, and that the API is enabled";
	return "check the credentials";
}

struct fault *errors_token_fault(const char *what, const struct http_response *response)
{
	struct said said = {0};
	enum fault_class class = FAULT_NONE;
	g_autofree char *words = NULL;
	g_autofree char *shown = NULL;
	struct fault *fault = NULL;

	if (response->failure != HTTP_FAILURE_NONE)
		return failure_fault(what, response);
	said_decode(&said, response);
	class = class_of(response->status, &said);
	if (response->status >= 400 && response->status < 500 && class != FAULT_QUOTA)
		class = FAULT_CREDENTIALS;
	words = words_of(&said);
	shown = without_secrets(words);
	fault = fault_create(class, response->status, said.permission, "%s: HTTP %d%s: %s", what,
			     response->status, shown,
			     class == FAULT_CREDENTIALS ? token_advice(&said, response->status)
							: "no token");
	said_done(&said);
	return fault;
}

/* Reasons of BigQuery with which the same request fails again, whatever its status: these need a
 * change, or a new job (https://cloud.google.com/bigquery/docs/error-messages). */
static bool is_final_reason(const char *reason)
{
	static const char *const reasons[] = {"quotaExceeded",
					      "dailyLimitExceeded",
					      "bytesBilledLimitExceeded",
					      "invalidQuery",
					      "responseTooLarge",
					      "resourcesExceeded",
					      "jobBackendError",
					      "jobInternalError",
					      "jobRateLimitExceeded",
					      "stopped",
					      "timeout",
					      "billingTierLimitExceeded",
					      "notImplemented",
					      "billingNotEnabled",
					      NULL};

	return is_one_of(reason, reasons);
}

static int64_t wait_of(const struct http_response *response, const struct said *said)
{
	if (is_final_reason(said->first))
		return NEVER;
	if (response->status == 403)
		return !is_rate_reason(said) ? HTTP_RETRY_BY_STATUS
		       : said->retry_ms >= 0 ? said->retry_ms
					     : HTTP_RETRY_BACKOFF;
	if (said->retry_ms >= 0 && response->status != 501 && response->status != 505)
		return said->retry_ms;
	return HTTP_RETRY_BY_STATUS;
}

int64_t errors_retry(const struct http_response *response)
{
	struct said said = {0};
	int64_t wait_ms = HTTP_RETRY_BY_STATUS;

	if (response->status != 403 && response->status != 429 && response->status < 500)
		return HTTP_RETRY_BY_STATUS;
	said_decode(&said, response);
	wait_ms = wait_of(response, &said);
	said_done(&said);
	return wait_ms;
}
