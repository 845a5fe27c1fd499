/* google_call - see call.h */
#include "google/call.h"

#include "google/credentials_private.h"
#include "google/errors.h"
#include "google/secret.h"

#include <string.h>

/** With backoff of 1, 2 and 4 s at most, all inside the deadline. */
#define CALL_ATTEMPTS 4

/** So much of a token in an answer is no accident. */
#define TOKEN_PREFIX_BYTES 16

/** A call under way. */
struct call {
	struct http_client *client;
	struct credentials *credentials; /* one reference */
	char *api;
	char *what;
	char *permission; /* NULL: not known */
	char *url;
	char *body; /* NULL: a GET */
	int64_t timeout_ms;
	int64_t deadline_mono_ms;
	size_t max_body_bytes;
	google_call_judge_fn judge; /* NULL: errors_api_fault() */
	google_call_done_fn done;
	void *data;
	char *token;    /* secret: the one that was sent */
	bool refreshed; /* after a 401; it is done once */
};

static void call_free(struct call *call)
{
	credentials_unref(call->credentials);
	secret_free(call->token);
	g_free(call->api);
	g_free(call->what);
	g_free(call->permission);
	g_free(call->url);
	g_free(call->body);
	g_free(call);
}

/* Takes @p fault. */
static void fail(struct call *call, struct fault *fault)
{
	call->done(call->data, NULL, 0, fault);
	fault_unref(fault);
	call_free(call);
}

/* A server that repeats what it got must not bring the token into logs and answers. */
static struct fault *without_token(const struct call *call, struct fault *fault)
{
	g_autofree char *prefix = g_strndup(call->token, TOKEN_PREFIX_BYTES);
	struct fault *clean = NULL;

	if (!strstr(fault->message, prefix))
		return fault;
	clean = fault_create(fault->class, fault->status, fault->permission,
			     "%s: HTTP %d (its words are left out: they repeat the access token)",
			     call->what, fault->status);
	fault_unref(fault);
	return clean;
}

static struct fault *judge(const struct call *call, const struct http_response *response)
{
	if (call->judge)
		return call->judge(call->data, response);
	return errors_api_fault(call->what, call->permission, response);
}

static void ask_token(struct call *call);

static void on_answer(void *data, const struct http_response *response)
{
	struct call *call = data;
	bool answered = response->failure == HTTP_FAILURE_NONE;

	if (answered && response->status >= 200 && response->status < 300) {
		call->done(call->data, response->body, response->body_bytes, NULL);
		call_free(call);
		return;
	}
	if (answered && response->status == 401 && !call->refreshed) {
		call->refreshed = true;
		credentials_reject(call->credentials, call->token);
		ask_token(call);
		return;
	}
	fail(call, without_token(call, judge(call, response)));
}

static void send(struct call *call)
{
	const char *method = call->body ? "POST" : "GET";
	struct http_request *request = http_request_create(call->api, method, call->url);
	const char *project = credentials_quota_project(call->credentials);

	request->bearer = g_strdup(call->token);
	if (call->timeout_ms > 0)
		request->timeout_ms = call->timeout_ms;
	request->deadline_mono_ms = call->deadline_mono_ms;
	request->max_body_bytes = call->max_body_bytes;
	request->max_attempts = CALL_ATTEMPTS;
	request->retry = errors_retry;
	if (project)
		g_ptr_array_add(request->headers,
				g_strdup_printf("X-Goog-User-Project: %s", project));
	if (call->body) {
		g_ptr_array_add(request->headers, g_strdup("Content-Type: application/json"));
		request->body = g_strdup(call->body);
		request->body_bytes = strlen(call->body);
	}
	http_client_send(call->client, request, on_answer, call);
}

static void on_token(void *data, const char *token, struct fault *fault)
{
	struct call *call = data;

	if (fault) {
		fail(call, fault_create(fault->class, fault->status, fault->permission, "%s: %s",
					call->what, fault->message));
		return;
	}
	secret_free(call->token);
	call->token = g_strdup(token);
	send(call);
}

static void ask_token(struct call *call)
{
	credentials_get(call->credentials, call->deadline_mono_ms, on_token, call);
}

static void start(struct http_client *client, struct credentials *credentials,
		  const struct google_call *call, const char *body, google_call_done_fn done,
		  void *data)
{
	struct call *copy = g_new0(struct call, 1);

	copy->client = client;
	copy->credentials = credentials_ref(credentials);
	copy->api = g_strdup(call->api);
	copy->what = g_strdup(call->what);
	copy->permission = g_strdup(call->permission);
	copy->url = g_strdup(call->url);
	copy->body = g_strdup(body);
	copy->timeout_ms = call->timeout_ms;
	copy->deadline_mono_ms = call->deadline_mono_ms;
	copy->max_body_bytes = call->max_body_bytes;
	copy->judge = call->judge;
	copy->done = done;
	copy->data = data;
	ask_token(copy);
}

void google_call_get(struct http_client *client, struct credentials *credentials,
		     const struct google_call *call, google_call_done_fn done, void *data)
{
	start(client, credentials, call, NULL, done, data);
}

void google_call_post(struct http_client *client, struct credentials *credentials,
		      const struct google_call *call, const char *body, google_call_done_fn done,
		      void *data)
{
	start(client, credentials, call, body, done, data);
}
