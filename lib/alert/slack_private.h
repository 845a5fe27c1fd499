/* slack_private - for lib/alert/slack*.c only: mrkdwn text of bounded length. Everything that comes
 * from outside goes through slack_escape() or one of the functions below. Lengths are bytes: never
 * less than what Slack counts, whether that is characters or UTF-16 units. Pure: any thread. */
#ifndef DRIFT_ALERT_SLACK_PRIVATE_H
#define DRIFT_ALERT_SLACK_PRIVATE_H

#include "alert/sink_private.h"

/** Slack's limits (API-FACTS G), each with some room left. */
#define SLACK_TEXT_MAX_BYTES 3900
#define SLACK_SECTION_MAX_BYTES 2900
#define SLACK_HEADER_MAX_BYTES 140
#define SLACK_BLOCKS_MAX 50
/** Of all blocks as JSON: the undocumented limit is about 13,000 characters. */
#define SLACK_ALL_BLOCKS_MAX_BYTES 11900

/** Lines that are whole or not there: markup is never cut. */
struct slack_lines {
	GString *text;
	size_t max_bytes;
	guint left_out; /* lines that had no room */
};
void slack_lines_init(struct slack_lines *lines, size_t max_bytes);
/** Add @p line (taken). False: there was no room for it. */
bool slack_lines_add(struct slack_lines *lines, char *line);
void slack_lines_done(struct slack_lines *lines);

/** "<URL|LABEL>", or the label alone when the URL is missing or not safe. @p label is escaped here. */
void slack_append_link(GString *to, const char *url, const char *label, size_t label_max_bytes);

/** What is told of a group: its facts, and what to do about it (commits, command, links). */
void slack_add_facts(struct slack_lines *lines, const struct sink_context *context,
		     const GPtrArray *group);
void slack_add_work(struct slack_lines *lines, const struct sink_context *context,
		    const GPtrArray *group);
/** The same in one line, without links. Caller frees. */
char *slack_short_line(const struct sink_context *context, const GPtrArray *group);

/** A line of a digest: drifts, or recovered. Caller frees. */
char *slack_digest_line(const struct sink_context *context, const struct notice_line *line,
			bool recovered);

#endif
