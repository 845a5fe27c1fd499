/* client - see client.h */
#include "daemon/client.h"

#include "drift_error.h"
#include "http/client.h"

#include <string.h>

struct asking {
	bool done;
	struct client_answer answer;
	char *failure;
};

static void on_answer(void *data, const struct http_response *response)
{
	struct asking *asking = data;

	asking->done = true;
	if (response->failure != HTTP_FAILURE_NONE) {
		asking->failure = g_strdup(response->message);
		return;
	}
	asking->answer.status = response->status;
	asking->answer.body = g_strndup(response->body, response->body_bytes);
}

static void set_body(struct http_request *request, const char *body)
{
	if (!body)
		return;
	request->body = g_strdup(body);
	request->body_bytes = strlen(body);
	g_ptr_array_add(request->headers, g_strdup("Content-Type: application/json"));
}

bool client_ask(const struct client_place *place, const struct client_question *question,
		int64_t timeout_ms, struct client_answer *ret_answer, GError **error)
{
	g_autofree char *base = g_strdup(place->url ? place->url : CLIENT_DEFAULT_URL);
	g_autofree char *url = NULL;
	const char *token = place->token ? place->token : g_getenv("DRIFTD_TOKEN");
	struct asking asking = {0};
	struct http_client *http = http_client_create(1, error);
	struct http_request *request;

	if (!http)
		return false;
	while (g_str_has_suffix(base, "/"))
		base[strlen(base) - 1] = '\0';
	url = g_strconcat(base, question->path, NULL);
	request = http_request_create("driftd", question->method, url);
	request->timeout_ms = timeout_ms;
	request->max_attempts = 1;
	set_body(request, question->body);
	if (token && *token)
		request->bearer = g_strdup(token);
	http_client_send(http, request, on_answer, &asking);
	while (!asking.done)
		http_client_poll(http, MS_PER_S, -1);
	http_client_free(http);
	if (asking.failure) {
		g_set_error(
			error, DRIFT_ERROR, DRIFT_ERROR_UNAVAILABLE,
			"%s; is driftd running there? Name another place with --url or $DRIFTD_URL",
			asking.failure);
		g_free(asking.failure);
		return false;
	}
	*ret_answer = asking.answer;
	return true;
}
