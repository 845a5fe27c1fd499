/* slack - incoming webhooks: POST /slack/services/T…/B…/CHANNEL_SECRET. The channel is what the
 * last part has before its last "_" (all of it, when there is none), so that a test can have
 * secrets that are nowhere else. API-FACTS G. */
#include "tests/fakecloud/slack.h"

#include "tests/fakecloud/blocks.h"
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void slack_set_word(struct reply *reply, const char *word)
{
	static const struct {
		const char *word;
		int status;
	} words[] = {
		{"ok", 200},
		{"invalid_payload", 400},
		{"invalid_blocks", 400},
		{"invalid_blocks_format", 400},
		{"msg_blocks_too_long", 400},
		{"no_text", 400},
		{"too_many_attachments", 400},
		{"user_not_found", 400},
		{"action_prohibited", 403},
		{"posting_to_general_channel_denied", 403},
		{"invalid_token", 403},
		{"team_disabled", 403},
		{"no_service", 404},
		{"no_service_id", 404},
		{"no_active_hooks", 404},
		{"no_team", 404},
		{"channel_not_found", 404},
		{"channel_is_archived", 410},
		{"rate_limited", 429},
		{"rollup_error", 500},
	};
	int status = 500;

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_str_equal(words[i].word, word))
			status = words[i].status;
	}
	reply_set_text(reply, status, "text/html", word);
}

/** Caller frees. */
static char *channel_of(const struct request *request)
{
	const char *last = request_part(request, 4), *mark = strrchr(last, '_');

	return mark ? g_strndup(last, (gsize)(mark - last)) : g_strdup(last);
}

static bool is_json(const struct request *request)
{
	const char *type = request_header(request, "Content-Type");

	return type && g_ascii_strncasecmp(type, "application/json", 16) == 0;
}

/** The body, all of it, as a JSON object; NULL: it is none. Caller owns. */
static json_object *parse_message(const struct request *request)
{
	struct json_tokener *tokener = json_tokener_new();
	json_object *message = NULL;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	message = json_tokener_parse_ex(tokener, request->body->str,
					(int)request->body->len); /* at most 64 MiB */
	/* what goes on may belong to it still */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		message = NULL;
	json_tokener_free(tokener);
	if (json_object_is_type(message, json_type_object))
		return message;
	json_object_put(message);
	return NULL;
}

/** One write of the whole line: once it is done, no kill takes it back. A crash of the machine may. */
static bool append_line(const char *path, const char *line)
{
	g_autofree char *text = g_strconcat(line, "\n", NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	size_t length = strlen(text);
	bool ok = fd >= 0 && write(fd, text, length) == (ssize_t)length;

	if (!ok)
		(void)fprintf(stderr, "fakecloud: append to %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd); /* written already */
	return ok;
}

/** Under lock. */
static bool keep_message(struct cloud *cloud, const struct request *request, json_object *taken)
{
	g_autofree char *channel = channel_of(request);
	json_object *object = json_object_new_object();
	const struct record *record = NULL;

	jsn_add_text(object, "path", request->path);
	jsn_add(object, "truncated",
		json_object_new_boolean(blocks_chars(jsn_text(taken, "text", "")) >
					BLOCKS_TEXT_MAX_CHARS));
	jsn_add(object, "message", taken);
	record = records_add(&cloud->sinks->slack, channel, object);
	return !cloud->options.slack_log || append_line(cloud->options.slack_log, record->line);
}

static void take_message(struct cloud *cloud, const struct request *request, struct reply *reply)
{
	json_object *message = is_json(request) ? parse_message(request) : NULL;
	g_autofree char *detail = NULL;
	const char *word = message ? blocks_problem(message, &detail) : "invalid_payload";
	bool kept = false;

	if (word) {
		slack_set_word(reply, word);
		/* Slack does not say more; people who debug want to know */
		if (detail)
			reply_add_header(reply, "X-Fakecloud-Detail", detail);
		json_object_put(message);
		return;
	}
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
	kept = keep_message(cloud, request, message);
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
	slack_set_word(reply, kept ? "ok" : "fakecloud_cannot_write_its_log");
}

bool serve_slack(struct cloud *cloud, struct request *request, struct reply *reply)
{
	if (!g_str_equal(request_part(request, 0), "slack"))
		return false;
	request->api = "slack";
	if (!request_matches(request, "slack/services/?/?/?") || !*request_part(request, 4))
		slack_set_word(reply, "no_service");
	else if (!g_str_equal(request->method, "POST"))
		slack_set_word(reply, "invalid_payload");
	else
		take_message(cloud, request, reply);
	return true;
}
