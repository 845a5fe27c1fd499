/* sink - how a notice looks to one kind of channel: the HTTP requests that tell it, and what an
 * answer means. Pure: any thread. Sources: Slack incoming webhooks and Block Kit limits (API-FACTS
 * G), Alertmanager API v2, GitHub REST (API-FACTS H.2). */
#ifndef DRIFT_ALERT_SINK_H
#define DRIFT_ALERT_SINK_H

#include "alert/notice.h"
#include "base.h"
#include "config/config.h"

/** What encoders need besides the notice. Borrowed. */
struct sink_context {
	const struct config_channel *channel;
	int64_t notification;    /* id in the outbox; 0: none (test) */
	const char *public_url;  /* NULL: no links to driftd */
	const char *link_secret; /* NULL: acknowledge links are plain */
	const char *timezone;    /* for people */
	int64_t now_wall_ms;
	bool plain;      /* slack: the sink refused the blocks: text alone */
	int64_t issue;   /* github: the target's issue, 0: none is known */
	GPtrArray *live; /* alertmanager: struct notice_item * told again with it; NULL: none */
};

/** A request to be made. */
struct sink_request {
	char *method;       /* "POST", "PATCH", "GET" */
	char *url;          /* may be secret: never logged */
	GPtrArray *headers; /* char * "Name: value" */
	char *bearer;       /* secret; NULL */
	char *body;
	size_t body_bytes;
};
void sink_request_free(struct sink_request *request);

/** Bodies are never longer than this. */
#define SINK_BODY_MAX_BYTES ((size_t)32 * 1024 * 1024)

/** What became of an attempt. */
enum sink_outcome {
	SINK_OUTCOME_NONE = 0,
	SINK_OUTCOME_SENT,
	/* github: a further request is needed (sink_make_request() again with what was learnt) */
	SINK_OUTCOME_MORE,
	SINK_OUTCOME_RETRY,   /* the channel has trouble: everything for it waits */
	SINK_OUTCOME_REFUSED, /* this message is not taken as it is: others may pass it */
	/* the channel is gone or the credential wrong: a person must act; waits as RETRY, loudly */
	SINK_OUTCOME_DEAD,
};

/**
 * What was learnt from the answers to earlier requests for one notice (github: which issue, whether
 * it is open). Start with {0}; after RETRY, REFUSED and DEAD it may be kept or begun anew.
 *
 * [github]: the issue is context->issue when it bears the target's marker, else the newest with the
 * label and the marker ("<!-- driftd:service/billing -->") of the 1,000 newest; none: it is opened.
 * What was told bears a second marker, with the number and a digest of the message: an issue or
 * comment that has it is not made again. A closed issue is reopened before, an open one closed
 * after the comment. The label must be one that the token may set (push access). Notices about
 * several targets (of a channel that was another) go through one issue after the other; then issue
 * is 0 at the end.
 */
struct sink_progress {
	int step;
	int64_t issue;     /* found or made; kept by the caller per channel and target when sent */
	bool issue_closed; /* as GitHub says */
};

/** The next request for @p notice. NULL: there is nothing to tell this channel (then it counts as
 * sent): of alertmanager reminders and digests, of github likewise. */
struct sink_request *sink_make_request(const struct sink_context *context,
				       const struct notice *notice,
				       const struct sink_progress *progress);

/**
 * Judge an answer. Status 0: there was none.
 *
 * @param ret_error  one line for people, without secrets: what, why, what to do; set unless SENT or
 *                   MORE. Caller frees.
 * @param progress   updated.
 */
enum sink_outcome sink_judge(const struct sink_context *context, const struct notice *notice,
			     struct sink_progress *progress, int status, const char *body,
			     size_t body_bytes, const char *failure, char **ret_error);

/** Slack's JSON, {"text","blocks"}; within Slack's limits whatever the notice. Caller frees. slack.c */
char *slack_encode(const struct sink_context *context, const struct notice *notice);
/** Escaped for mrkdwn (& < >), control characters gone, so that nothing in it is markup, link or
 * mention. Cut to @p max_bytes after escaping, never inside an entity or a UTF-8 sequence. Caller
 * frees. */
char *slack_escape(const char *text, size_t max_bytes);
/**
 * The envelope of [webhook] (webhook.c). Caller frees. Members may be added, never renamed; times
 * are RFC 3339 UTC, durations seconds; what is not known is null:
 * - "version":1, "id": of the message (the same when it is sent again: drop what you have),
 *   "kind":"firing|worse|closing|reminder|digest|test", "created_at", "sent_at", "channel",
 *   "folded": of how many messages it is made, "public_url";
 * -
 *   "items":[{"kind","incident","target","priority","owner","description","cause","status","reopened","state","summary","reason","worse","acknowledged_by",
 *   "opened_at","ended_at","open_for_s","cause_key","cause_text","deployed_short","deployed_url","head_short","head_url","compare_url","commits_total",
 *   "commits":[{"short_sha","subject","author","url"}],"authors","deploy_command","url": its page
 *   on the dashboard, "ack_url": signed}] in the order they happened, and "items_left_out": how
 *   many did not fit;
 * - "digest": null or
 *   {"overall","score","evaluated","targets_total","counts":{"ok","pending","unknown","drift","paused"},"since",
 *   "not_ok":[{"target","priority","state","summary","since","incident","url"}],"not_ok_total","recovered":[…],"recovered_total"}.
 *   Headers: Content-Type: application/json; User-Agent: driftd/VERSION; X-Driftd-Delivery: id;
 *   X-Driftd-Event: kind; with a secret X-Driftd-Signature-256: sha256=HEX, the HMAC-SHA-256 over
 *   the raw body.
 */
char *webhook_encode(const struct sink_context *context, const struct notice *notice);
/**
 * JSON array of alerts (API v2), "[]" when there is nothing to tell (reminder, digest). Caller
 * frees. alertmanager.c
 *
 * An alert is its labels, and what is told with other labels leaves the alert before it firing: so
 * only what never changes for a target is a label: alertname=DriftdIncident, target, kind, name.
 * What may change while the incident lasts, by escalation, by a reload, or from blindness to drift,
 * is an annotation: priority, owner, cause, state, status, incident, summary, description, reason,
 * worse, since, deployed, head, undeployed_commits, authors, deploy_command, ack_url (plain: many
 * read it). Who is told by priority or owner is decided by the routes of the channel. An alert for
 * each target: the last item of each, then context->live of targets that have none. A test is
 * alertname=DriftdTest, channel.
 */
char *alertmanager_encode(const struct sink_context *context, const struct notice *notice);

/** Alerts are told again this often, and end by themselves so long after driftd fell silent:
 * Alertmanager keeps none over its restart, and a watcher that died must not read as "resolved"
 * soon. */
#define SINK_ALERT_RESEND_MS (MS_PER_MINUTE)
#define SINK_ALERT_LIFE_MS (MS_PER_DAY)

#endif
