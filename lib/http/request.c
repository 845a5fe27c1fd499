/* http_request - made, checked and wiped; see client.h */
#include "http/client.h"

#include <string.h>

/* A request header may carry a secret (Authorization: Basic …). */
static void wipe_text(void *data)
{
	char *text = data;

	if (!text)
		return;
	explicit_bzero(text, strlen(text));
	g_free(text);
}

struct http_request *http_request_create(const char *api, const char *method, const char *url)
{
	struct http_request *request = g_new0(struct http_request, 1);

	request->api = g_strdup(api);
	request->method = g_strdup(method);
	request->url = g_strdup(url);
	request->headers = g_ptr_array_new_with_free_func(wipe_text);
	request->timeout_ms = HTTP_TIMEOUT_DEFAULT_MS;
	request->max_attempts = 1;
	return request;
}

void http_request_free(struct http_request *request)
{
	if (!request)
		return;
	if (request->body)
		explicit_bzero(request->body, request->body_bytes);
	g_free(request->body);
	wipe_text(request->bearer);
	g_ptr_array_unref(request->headers);
	g_free(request->api);
	g_free(request->method);
	g_free(request->url);
	g_free(request);
}

const char *http_failure_text(enum http_failure failure)
{
	switch (failure) {
	case HTTP_FAILURE_NONE:
		return "none";
	case HTTP_FAILURE_RESOLVE:
		return "resolve";
	case HTTP_FAILURE_CONNECT:
		return "connect";
	case HTTP_FAILURE_TLS:
		return "tls";
	case HTTP_FAILURE_TIMEOUT:
		return "timeout";
	case HTTP_FAILURE_RESET:
		return "reset";
	case HTTP_FAILURE_TOO_LARGE:
		return "too_large";
	case HTTP_FAILURE_REDIRECT:
		return "redirect";
	case HTTP_FAILURE_BAD_ANSWER:
		return "bad_answer";
	case HTTP_FAILURE_CANCELLED:
		return "cancelled";
	}
	return "none";
}
