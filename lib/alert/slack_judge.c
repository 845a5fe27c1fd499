/* slack_judge - what Slack's incoming webhooks answer: plain words (API-FACTS G; Slack: "Sending
 * messages using incoming webhooks"). */
#include "alert/sink_private.h"

#include <string.h>

#include "text.h"

/* Longer bodies hold no word of Slack's. */
#define WORD_MAX_BYTES 64

#define NEW_WEBHOOK "make a new incoming webhook and put its URL into webhook"

/* Words, whatever the status they came with. */
static const struct {
	const char *word;
	enum sink_outcome outcome;
	const char *advice;
} words[] = {
	{"invalid_payload", SINK_OUTCOME_REFUSED, "Slack does not take this message as it is"},
	{"invalid_blocks", SINK_OUTCOME_REFUSED, "Slack does not take this message as it is"},
	{"invalid_blocks_format", SINK_OUTCOME_REFUSED,
	 "Slack does not take this message as it is"},
	{"msg_blocks_too_long", SINK_OUTCOME_REFUSED, "Slack does not take this message as it is"},
	{"msg_too_long", SINK_OUTCOME_REFUSED, "Slack does not take this message as it is"},
	{"no_text", SINK_OUTCOME_REFUSED, "Slack does not take this message as it is"},
	{"too_many_attachments", SINK_OUTCOME_REFUSED, "Slack does not take this message as it is"},
	{"action_prohibited", SINK_OUTCOME_DEAD, "the workspace forbids it: ask its administrator"},
	{"posting_to_general_channel_denied", SINK_OUTCOME_DEAD,
	 "the workspace forbids posting to its general channel: use another channel"},
	{"invalid_token", SINK_OUTCOME_DEAD, "the URL is no longer valid: " NEW_WEBHOOK},
	{"team_disabled", SINK_OUTCOME_DEAD, "the workspace is disabled"},
	{"no_service", SINK_OUTCOME_DEAD, "the webhook was removed or disabled: " NEW_WEBHOOK},
	{"no_service_id", SINK_OUTCOME_DEAD, "the URL is not whole: " NEW_WEBHOOK},
	{"no_active_hooks", SINK_OUTCOME_DEAD, "the webhook was disabled: " NEW_WEBHOOK},
	{"no_team", SINK_OUTCOME_DEAD, "the workspace is gone or the URL is wrong: " NEW_WEBHOOK},
	{"channel_not_found", SINK_OUTCOME_DEAD, "its channel is gone: " NEW_WEBHOOK},
	{"channel_is_archived", SINK_OUTCOME_DEAD,
	 "its channel is archived: unarchive it, or " NEW_WEBHOOK},
	{"rollup_error", SINK_OUTCOME_RETRY, "trouble at Slack: it is tried again"},
};

static char *first_word(const struct sink_answer *answer)
{
	char *word = NULL;

	if (!answer->body || answer->body_bytes > WORD_MAX_BYTES)
		return g_strdup("");
	word = g_strndup(answer->body, answer->body_bytes);
	return g_strstrip(word);
}

static enum sink_outcome judge_status(int status, const char **ret_advice)
{
	switch (status) {
	case 400:
	case 413:
	case 414:
	case 415:
	case 422:
		*ret_advice = "Slack does not take this message as it is";
		return SINK_OUTCOME_REFUSED;
	case 401:
	case 403:
	case 404:
	case 405:
	case 410:
		*ret_advice = "the webhook does not work any more: " NEW_WEBHOOK;
		return SINK_OUTCOME_DEAD;
	case 429:
		*ret_advice = "too many messages: it is tried again";
		return SINK_OUTCOME_RETRY;
	default:
		break;
	}
	if (status >= 300 && status < 400) {
		*ret_advice = "a redirect, which is not followed: check webhook";
		return SINK_OUTCOME_DEAD;
	}
	*ret_advice = status >= 200 && status < 300
			      ? "that is not Slack's \"ok\": it is tried again"
			      : "it is tried again";
	return SINK_OUTCOME_RETRY;
}

enum sink_outcome slack_judge(const struct sink_context *context, const struct sink_answer *answer,
			      char **ret_error)
{
	g_autofree char *word = first_word(answer);
	const char *advice = NULL;
	enum sink_outcome outcome = SINK_OUTCOME_NONE;

	if (answer->status == 200 && g_str_equal(word, "ok"))
		return SINK_OUTCOME_SENT;
	for (size_t i = 0; answer->status >= 200 && i < G_N_ELEMENTS(words); i++) {
		if (g_str_equal(words[i].word, word)) {
			outcome = words[i].outcome;
			advice = words[i].advice;
		}
	}
	if (outcome == SINK_OUTCOME_NONE)
		outcome = judge_status(answer->status, &advice);
	*ret_error = sink_error(context, answer, advice);
	return outcome;
}
