/* errors - see errors.h */
#include "google/errors.h"

#include "json.h"
#include "text.h"

#include <string.h>

/** Longest permission or role name that is believed. */
#define PERMISSION_MAX_BYTES 100

/** A word as long as this in a token endpoint's answer may be a secret that was sent there. */
#define SECRET_WORD_BYTES 40

#define STATUS_MAX_BYTES 60

/** What is left of an answer when it was decoded. */
struct said {
	bool is_google; /* an error object of shape A or B was there */
	char *status;   /* "PERMISSION_DENIED", "invalid_grant", "rateLimitExceeded"; "" if none */
	char *reason;   /* ErrorInfo.reason or errors[0].reason; "" if none */
	char *text;     /* message for people, bounded, one line; "" if none */
	char *permission; /* NULL if none was named */
	int64_t retry_ms; /* RetryInfo.retryDelay; -1: none */
};

static void said_done(struct said *said)
{
	g_free(said->status);
	g_free(said->reason);
	g_free(said->text);
	g_free(said->permission);
}

/* Bounded UTF-8 in one line. */
static char *line_of(const char *text, size_t max_bytes)
{
	char *line = text_to_utf8(text, strlen(text), max_bytes);

	for (char *at = line; *at; at++)
		if (g_ascii_iscntrl(*at))
			*at = ' ';
	return g_strstrip(line);
}

static bool is_permission(const char *text, size_t length)
{
	if (length == 0 || length > PERMISSION_MAX_BYTES || !memchr(text, '.', length))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isalnum(text[i]) && text[i] != '.' && text[i] != '_')
			return false;
	return true;
}

/* The word between @p before and the next of @p ends. */
static char *permission_between(const char *text, const char *before, const char *ends)
{
	const char *start = strstr(text, before);
	size_t length = 0;

	if (!start)
		return NULL;
	start += strlen(before);
	length = strcspn(start, ends);
	return is_permission(start, length) ? g_strndup(start, length) : NULL;
}

/* "Permission 'x' denied", "Permission x denied", "… does not have x access …" (Storage). */
static char *permission_in(const char *text)
{
	static const struct {
		const char *before;
		const char *ends;
	} forms[] = {
		{"Permission '", "'"}, {"Permission \"", "\""}, {"permission '", "'"},
		{"Permission ", " "},  {"does not have ", " "},
	};
	char *found = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(forms) && !found; i++)
		found = permission_between(text, forms[i].before, forms[i].ends);
	return found;
}

/* "1.5s" (API-FACTS 0: durations). */
static int64_t duration_ms(const char *text)
{
	char *end = NULL;
	double seconds = g_ascii_strtod(text, &end);

	if (end == text || strcmp(end, "s") != 0 || !(seconds >= 0) || seconds > 86400)
		return -1;
	return (int64_t)(seconds * (double)MS_PER_S); /* in range */
}

static void take_detail(struct said *said, json_object *detail)
{
	const char *type = json_member_text(detail, "@type", "");
	json_object *metadata = json_member_object(detail, "metadata");
	const char *permission = metadata ? json_member_text(metadata, "permission", "") : "";

	if (g_str_has_suffix(type, "google.rpc.RetryInfo"))
		said->retry_ms = duration_ms(json_member_text(detail, "retryDelay", ""));
	if (!g_str_has_suffix(type, "google.rpc.ErrorInfo"))
		return;
	g_free(said->reason);
	said->reason = line_of(json_member_text(detail, "reason", ""), STATUS_MAX_BYTES);
	if (!said->permission && is_permission(permission, strlen(permission)))
		said->permission = g_strdup(permission);
}

static void take_list(struct said *said, json_object *error, const char *name)
{
	json_object *array = json_member_array(error, name);
	size_t count = array ? json_object_array_length(array) : 0;

	for (size_t i = 0; i < MIN(count, 20); i++) {
		json_object *entry = json_object_array_get_idx(array, i);

		if (!json_object_is_type(entry, json_type_object))
			continue;
		if (strcmp(name, "details") == 0)
			take_detail(said, entry);
		else if (!*said->reason) {
			g_free(said->reason);
			said->reason =
				line_of(json_member_text(entry, "reason", ""), STATUS_MAX_BYTES);
		}
	}
}

/* Shapes A and B. */
static void take_error(struct said *said, json_object *error)
{
	const char *message = json_member_text(error, "message", "");

	said->is_google = true;
	g_free(said->status);
	g_free(said->text);
	said->status = line_of(json_member_text(error, "status", ""), STATUS_MAX_BYTES);
	said->text = line_of(message, ERRORS_TEXT_MAX_BYTES);
	take_list(said, error, "details");
	take_list(said, error, "errors");
	if (!said->permission)
		said->permission = permission_in(message);
}

/* Shape C: {"error":"invalid_grant","error_description":"…"}. */
static void take_oauth(struct said *said, json_object *document)
{
	const char *subtype = json_member_text(document, "error_subtype", "");

	g_free(said->status);
	g_free(said->reason);
	g_free(said->text);
	said->status = line_of(json_member_text(document, "error", ""), STATUS_MAX_BYTES);
	said->reason = line_of(subtype, STATUS_MAX_BYTES);
	said->text =
		line_of(json_member_text(document, "error_description", ""), ERRORS_TEXT_MAX_BYTES);
}

/* Some Storage answers to alt=media are plain text whatever their type says: one line of it. */
static void take_plain(struct said *said, const struct http_response *response)
{
	const char *body = response->body;

	while (g_ascii_isspace(*body))
		body++;
	if (!*body || *body == '<')
		return; /* shape D: a page for browsers, or nothing */
	g_free(said->text);
	said->text = line_of(body, ERRORS_TEXT_MAX_BYTES);
	if (g_str_has_prefix(body, "No such object") ||
	    g_str_has_prefix(body, "The specified bucket does not exist"))
		said->is_google = true;
	said->permission = permission_in(body);
}

static void decode(struct said *said, const struct http_response *response)
{
	json_object *document = NULL;

	*said = (struct said){.status = g_strdup(""),
			      .reason = g_strdup(""),
			      .text = g_strdup(""),
			      .retry_ms = -1};
	if (!response->body || response->body_bytes == 0 ||
	    response->body_bytes > ERRORS_BODY_MAX_BYTES)
		return;
	document = json_parse(response->body, response->body_bytes, NULL);
	/* a list with one error object in it is what some listings answer */
	if (json_object_is_type(document, json_type_object)) {
		json_object *error = json_member_object(document, "error");

		if (error)
			take_error(said, error);
		else
			take_oauth(said, document);
	} else if (!document) {
		take_plain(said, response);
	}
	json_object_put(document);
}

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

static char *advice_denied(int status, const char *permission)
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
		return advice_denied(status, permission);
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
	decode(&said, response);
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
	decode(&said, response);
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

int64_t errors_retry(const struct http_response *response)
{
	struct said said = {0};
	int64_t wait_ms = HTTP_RETRY_BY_STATUS;

	if (response->status != 403 && response->status != 429 && response->status < 500)
		return HTTP_RETRY_BY_STATUS;
	decode(&said, response);
	if (response->status == 403 && !is_rate_reason(&said))
		wait_ms = HTTP_RETRY_BY_STATUS;
	else if (said.retry_ms >= 0 && response->status != 501 && response->status != 505)
		wait_ms = said.retry_ms;
	else if (response->status == 403)
		wait_ms = HTTP_RETRY_BACKOFF;
	said_done(&said);
	return wait_ms;
}
