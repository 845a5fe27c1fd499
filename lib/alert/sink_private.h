/* sink_private - what the sinks share: words for people, outside text made harmless, links, and how
 * answers are judged. For lib/alert/sink*.c, slack*.c, webhook.c, alertmanager.c and github*.c
 * only. Pure: any thread. */
#ifndef DRIFT_ALERT_SINK_PRIVATE_H
#define DRIFT_ALERT_SINK_PRIVATE_H

#include "alert/sink.h"

/** Longer URLs are not made links of: nobody's commit or compare page has one. */
#define SINK_URL_MAX_BYTES 600

/** Outside text as one line of valid UTF-8: tabs, line breaks and separators become a space;
 * control and bidirectional characters are gone; at most @p max_bytes. NULL gives "". Caller
 * frees. */
char *sink_line(const char *text, size_t max_bytes);

/** http or https, printable ASCII, not longer than SINK_URL_MAX_BYTES, and nothing in it that ends
 * a link of mrkdwn, Markdown or HTML. NULL is not. */
bool sink_url_is_safe(const char *url);

/** Page of @p target on the dashboard; NULL without public-url. Caller frees. */
char *sink_target_url(const struct sink_context *context, const char *target);
/** Page to acknowledge it; NULL without public-url, of a closing, and when it is acknowledged.
 * Signed: whoever reads it may acknowledge, so only where a message goes to few, never into an
 * issue or a list of alerts. Caller frees. */
char *sink_ack_url(const struct sink_context *context, const struct notice_item *item,
		   bool is_signed);

/** "06:10 UTC", on another day than now "2026-11-19 06:10 UTC"; in the context's zone. Caller frees. */
char *sink_time(const struct sink_context *context, int64_t wall_ms);
/** "since 06:10 UTC, 2 h"; of a closing "from 04:10 UTC to 06:10 UTC, 2 h". Caller frees. */
char *sink_since(const struct sink_context *context, const struct notice_item *item);

/** What happened, in words that need no colour: "Firing", "Firing again", "Worse", "Still, for
 * 6 h", "Resolved after 2 h", "Withdrawn after 2 h". Caller frees. */
char *sink_word(const struct notice_item *item, int64_t now_wall_ms);

/** How many of which: "2 firing, 1 worse, 3 resolved"; "Digest: drift, score 81"; "Test message".
 * Caller frees. */
char *sink_headline(const struct notice *notice);
/** "12 ok, 1 pending, …, evaluated 15 of 15" of a digest. Caller frees. */
char *sink_counts(const struct notice_digest *digest);

/** The one item that stands for a group (its texts borrowed from it): opened first, ended last, of
 * the highest priority. */
struct notice_item sink_lead(const GPtrArray *group);
/** "service/a, service/b and 7 more" by names cut to @p max_bytes; @p wrap is put around each name.
 * Caller frees. */
char *sink_names(const GPtrArray *group, size_t max_bytes);
/** Owners of a group, each once, at most five; NULL: there is none. Caller frees. */
char *sink_owners(const GPtrArray *group);

struct sink_request *sink_request_create(const char *method, const char *url);
void sink_request_add_header(struct sink_request *request, const char *name, const char *value);
/** @p body is taken. Adds Content-Type application/json. */
void sink_request_set_json(struct sink_request *request, char *body);

/** An answer as it came. Borrowed. */
struct sink_answer {
	int status;
	const char *body;
	size_t body_bytes;
	const char *failure;
};

/** "slack/default: hooks.slack.com answered 404 (no_service): ADVICE": names the host alone, the
 * words of the answer made harmless. Caller frees. */
char *sink_error(const struct sink_context *context, const struct sink_answer *answer,
		 const char *advice);

/** @p text without the secrets of @p channel, parts of its URL and signatures of ours: the other
 * side may have repeated them. To be asked for before anything is cut off. Caller frees. */
char *sink_without_secrets(const struct config_channel *channel, const char *text);

/** github*.c */
struct sink_request *github_make_request(const struct sink_context *context,
					 const struct notice *notice,
					 const struct sink_progress *progress);
enum sink_outcome github_judge(const struct sink_context *context, const struct notice *notice,
			       struct sink_progress *progress, const struct sink_answer *answer,
			       char **ret_error);
/** slack_judge.c */
enum sink_outcome slack_judge(const struct sink_context *context, const struct sink_answer *answer,
			      char **ret_error);

#endif
