/* answer_fault - see answer_fault.h */
#include "source/answer_fault.h"

#include <string.h>

#include "google/errors.h"
#include "text.h"

#define ADDRESS_MAX_BYTES 300
#define STATUS_OK 200

char *answer_fault_address(const char *url)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
	g_autofree char *text = NULL;

	if (!uri || !g_uri_get_host(uri))
		return g_strdup("the address given");
	text = g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(uri), NULL, g_uri_get_host(uri),
			  g_uri_get_port(uri), g_uri_get_path(uri), NULL, NULL);
	return text_to_utf8(text, strlen(text), ADDRESS_MAX_BYTES);
}

static enum fault_class class_of_status(int status)
{
	if (status == 401 || status == 403)
		return FAULT_DENIED;
	if (status == 429)
		return FAULT_QUOTA;
	if (status >= 400 && status < 500)
		return FAULT_HTTP_4XX;
	if (status >= 500)
		return FAULT_HTTP_5XX;
	return status >= 300 ? FAULT_REDIRECT : FAULT_BAD_ANSWER;
}

static const char *advice_for(enum fault_class class)
{
	switch (class) {
	case FAULT_DENIED:
		return "driftd sends no credentials there: let it read this path without";
	case FAULT_HTTP_4XX:
		return "check the setting, and that this path is deployed";
	case FAULT_QUOTA:
		return "it is asked too often: raise every";
	case FAULT_HTTP_5XX:
		return "the service itself is in trouble";
	case FAULT_REDIRECT:
		return "set the address it leads to";
	case FAULT_NONE:
	case FAULT_TIMEOUT:
	case FAULT_RESET:
	case FAULT_RESOLVE:
	case FAULT_TLS:
	case FAULT_BAD_ANSWER:
	case FAULT_TOO_LARGE:
	case FAULT_CREDENTIALS:
	case FAULT_DISABLED:
	case FAULT_NOT_FOUND:
	case FAULT_CANCELLED:
	case FAULT_BROKEN:
	case FAULT_OVER_BUDGET:
		break;
	}
	return "200 is expected";
}

/* The client says "GET ORIGIN: why", of which the path is missing: the address has it. */
static const char *why_of(const struct http_response *response)
{
	const char *message = response->message;
	const char *why = NULL;

	if (!message)
		return http_failure_text(response->failure);
	why = g_str_has_prefix(message, "GET ") ? strstr(message, ": ") : NULL;
	return why ? why + strlen(": ") : message;
}

struct fault *answer_fault_create(const struct http_response *response, const char *address,
				  const char *setting)
{
	enum fault_class class = FAULT_NONE;

	if (response->failure != HTTP_FAILURE_NONE)
		return fault_create(errors_class_of_failure(response->failure), response->status,
				    NULL, "GET %s (%s): %s", address, setting, why_of(response));
	if (response->status == STATUS_OK)
		return NULL;
	class = class_of_status(response->status);
	return fault_create(class, response->status, NULL, "GET %s (%s) answered %d; %s", address,
			    setting, response->status, advice_for(class));
}
