/* sink - see sink.h: requests and judgements by kind of channel. */
#include "alert/sink.h"

#include <string.h>

#include "alert/link.h"
#include "alert/sink_private.h"
#include "text.h"
#include "version.h"

/* Of an answer's body in an error: enough for a sentence. */
#define SAID_MAX_BYTES 200
/* Looked through for secrets, which must not be cut in two. */
#define LOOKED_THROUGH_BYTES 4096

#define FAILURE_MAX_BYTES 300

static void wipe_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

static void wipe_free_text(void *text)
{
	wipe_free(text);
}

struct sink_request *sink_request_create(const char *method, const char *url)
{
	struct sink_request *request = g_new0(struct sink_request, 1);

	request->method = g_strdup(method);
	request->url = g_strdup(url);
	request->headers = g_ptr_array_new_with_free_func(wipe_free_text);
	return request;
}

void sink_request_free(struct sink_request *request)
{
	if (!request)
		return;
	g_free(request->method);
	wipe_free(request->url);
	g_ptr_array_unref(request->headers);
	wipe_free(request->bearer);
	if (request->body) /* has signed links */
		explicit_bzero(request->body, request->body_bytes);
	g_free(request->body);
	g_free(request);
}

void sink_request_add_header(struct sink_request *request, const char *name, const char *value)
{
	g_ptr_array_add(request->headers, g_strdup_printf("%s: %s", name, value));
}

void sink_request_set_json(struct sink_request *request, char *body)
{
	request->body = body;
	request->body_bytes = strlen(body);
	sink_request_add_header(request, "Content-Type", "application/json");
}

static void add_agent(struct sink_request *request)
{
	g_autofree char *agent = g_strconcat("driftd/", version_number, NULL);

	sink_request_add_header(request, "User-Agent", agent);
}

static struct sink_request *make_slack(const struct sink_context *context,
				       const struct notice *notice)
{
	struct sink_request *request = sink_request_create("POST", context->channel->url);

	sink_request_set_json(request, slack_encode(context, notice));
	add_agent(request);
	return request;
}

static struct sink_request *make_webhook(const struct sink_context *context,
					 const struct notice *notice)
{
	const struct config_channel *channel = context->channel;
	struct sink_request *request = sink_request_create("POST", channel->url);
	g_autofree char *delivery = g_strdup_printf("%" PRId64, context->notification);

	sink_request_set_json(request, webhook_encode(context, notice));
	add_agent(request);
	sink_request_add_header(request, "X-Driftd-Delivery", delivery);
	sink_request_add_header(request, "X-Driftd-Event", notice_kind_text(notice->kind));
	if (channel->secret && *channel->secret) {
		g_autofree char *hex =
			link_hmac_hex(channel->secret, request->body, request->body_bytes);
		g_autofree char *signature = g_strconcat("sha256=", hex, NULL);

		sink_request_add_header(request, "X-Driftd-Signature-256", signature);
	}
	return request;
}

static struct sink_request *make_alertmanager(const struct sink_context *context,
					      const struct notice *notice)
{
	char *body = alertmanager_encode(context, notice);
	g_autofree char *base = g_strdup(context->channel->url);
	g_autofree char *url = NULL;
	struct sink_request *request = NULL;

	if (g_str_equal(body, "[]")) {
		g_free(body);
		return NULL;
	}
	while (g_str_has_suffix(base, "/"))
		base[strlen(base) - 1] = '\0';
	url = g_strconcat(base, "/api/v2/alerts", NULL);
	request = sink_request_create("POST", url);
	sink_request_set_json(request, body);
	add_agent(request);
	return request;
}

struct sink_request *sink_make_request(const struct sink_context *context,
				       const struct notice *notice,
				       const struct sink_progress *progress)
{
	switch (context->channel->kind) {
	case CHANNEL_KIND_SLACK:
		return make_slack(context, notice);
	case CHANNEL_KIND_WEBHOOK:
		return make_webhook(context, notice);
	case CHANNEL_KIND_ALERTMANAGER:
		return make_alertmanager(context, notice);
	case CHANNEL_KIND_GITHUB:
		return github_make_request(context, notice, progress);
	case CHANNEL_KIND_NONE:
	case CHANNEL_KIND_COUNT:
		break;
	}
	return NULL;
}

static char *host_of(const struct config_channel *channel)
{
	g_autoptr(GUri) uri =
		channel->url ? g_uri_parse(channel->url, G_URI_FLAGS_NONE, NULL) : NULL;
	const char *host = uri ? g_uri_get_host(uri) : NULL;

	return sink_line(host && *host ? host : "its host", SAID_MAX_BYTES);
}

/* The body, as far as it can be shown; "" when it is empty. */
static char *said_text(const struct config_channel *channel, const struct sink_answer *answer)
{
	g_autofree char *valid =
		text_to_utf8(answer->body, answer->body_bytes, LOOKED_THROUGH_BYTES);
	g_autofree char *clean = sink_without_secrets(channel, valid);
	g_autofree char *cut = text_to_utf8(clean, strlen(clean), SAID_MAX_BYTES);
	char *said = text_escape_terminal(cut);

	return g_strstrip(said);
}

char *sink_error(const struct sink_context *context, const struct sink_answer *answer,
		 const char *advice)
{
	g_autofree char *host = host_of(context->channel);
	g_autofree char *said = said_text(context->channel, answer);

	if (answer->status <= 0) {
		g_autofree char *valid =
			text_to_utf8(answer->failure, answer->failure ? strlen(answer->failure) : 0,
				     FAILURE_MAX_BYTES);
		g_autofree char *why = text_escape_terminal(valid);

		return g_strdup_printf("%s: no answer from %s%s%s: it is tried again",
				       context->channel->id, host, *why ? ": " : "", why);
	}
	return g_strdup_printf("%s: %s answered %d%s%s%s: %s", context->channel->id, host,
			       answer->status, *said ? " (" : "", said, *said ? ")" : "", advice);
}

/* What every HTTP server means by it. */
static enum sink_outcome judge_other(int status, const char **ret_advice)
{
	if (status >= 300 && status < 400) {
		*ret_advice = "a redirect, which is not followed: put the new address into url";
		return SINK_OUTCOME_DEAD;
	}
	*ret_advice = "it is tried again";
	return SINK_OUTCOME_RETRY;
}

static enum sink_outcome judge_webhook(int status, const char **ret_advice)
{
	switch (status) {
	case 401:
	case 403:
		*ret_advice = "the receiver does not let us in: check url and secret";
		return SINK_OUTCOME_DEAD;
	case 404:
	case 405:
	case 410:
		*ret_advice = "there is no receiver: check url";
		return SINK_OUTCOME_DEAD;
	case 400:
	case 413:
	case 415:
	case 422:
		*ret_advice = "the receiver does not take this message: look into its log";
		return SINK_OUTCOME_REFUSED;
	default:
		return judge_other(status, ret_advice);
	}
}

static enum sink_outcome judge_alertmanager(int status, const char **ret_advice)
{
	switch (status) {
	case 400:
	case 413:
	case 422:
		*ret_advice = "Alertmanager does not take these alerts";
		return SINK_OUTCOME_REFUSED;
	case 401:
	case 403:
		*ret_advice = "something in front of Alertmanager does not let us in";
		return SINK_OUTCOME_DEAD;
	case 404:
	case 405:
	case 410:
		*ret_advice = "there is no API v2: url must be what comes before /api/v2 "
			      "(Alertmanager 0.16 or later)";
		return SINK_OUTCOME_DEAD;
	default:
		return judge_other(status, ret_advice);
	}
}

/* Those that say all they have to say in the status. */
static enum sink_outcome judge_status(const struct sink_context *context,
				      const struct sink_answer *answer, char **ret_error)
{
	bool webhook = context->channel->kind == CHANNEL_KIND_WEBHOOK;
	int status = answer->status;
	const char *advice = NULL;
	enum sink_outcome outcome;

	if (status == 200 || (webhook && status > 200 && status < 300))
		return SINK_OUTCOME_SENT;
	outcome = webhook ? judge_webhook(status, &advice) : judge_alertmanager(status, &advice);
	*ret_error = sink_error(context, answer, advice);
	return outcome;
}

/* NOLINTNEXTLINE(readability-function-size): an answer as the HTTP client has it, taken apart so that this needs no HTTP */
enum sink_outcome sink_judge(const struct sink_context *context, const struct notice *notice,
			     struct sink_progress *progress, int status, const char *body,
			     size_t body_bytes, const char *failure, char **ret_error)
{
	const struct sink_answer answer = {status, body, body ? body_bytes : 0, failure};

	switch (context->channel->kind) {
	case CHANNEL_KIND_SLACK:
		return slack_judge(context, &answer, ret_error);
	case CHANNEL_KIND_WEBHOOK:
	case CHANNEL_KIND_ALERTMANAGER:
		return judge_status(context, &answer, ret_error);
	case CHANNEL_KIND_GITHUB:
		return github_judge(context, notice, progress, &answer, ret_error);
	case CHANNEL_KIND_NONE:
	case CHANNEL_KIND_COUNT:
		break;
	}
	*ret_error = g_strdup("not a channel");
	return SINK_OUTCOME_DEAD;
}
