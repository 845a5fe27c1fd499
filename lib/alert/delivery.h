/* delivery - drains the outbox: one message under way per channel, in order, with backoff,
 * Retry-After, a rate and folding; a channel that fails delays no other. Every attempt is told to
 * the owner, who writes it down before the next is made. Scheduler thread (the HTTP client's).
 * DESIGN 11. */
#ifndef DRIFT_ALERT_DELIVERY_H
#define DRIFT_ALERT_DELIVERY_H

#include "alert/book.h"
#include "alert/sink.h"
#include "base.h"
#include "http/client.h"

struct delivery;

/** Past so many waiting messages of a channel they become one. */
#define DELIVERY_WAITING_MAX 20
/** Given up after this long; but only what was tried in this process, by itself or as one that a
 * failing channel keeps waiting, and not before ten minutes of trying: a driftd that was down for
 * two days delivers first, and has the time to find its network. */
#define DELIVERY_GIVE_UP_MS (MS_PER_DAY)
/** Backoff: doubled from the first to the last, with full jitter on top of half of it. */
#define DELIVERY_BACKOFF_FIRST_MS (1 * MS_PER_S)
#define DELIVERY_BACKOFF_LAST_MS (5 * MS_PER_MINUTE)
/** A Retry-After of more is cut. */
#define DELIVERY_RETRY_AFTER_MAX_MS (MS_PER_HOUR)

enum delivery_state {
	DELIVERY_STATE_NONE = 0,
	DELIVERY_STATE_WAITING,
	DELIVERY_STATE_SENT,
	DELIVERY_STATE_FAILED,
	DELIVERY_STATE_FOLDED, /* told with another */
};
const char *
delivery_state_text(enum delivery_state state); /* "waiting", "sent", "failed", "folded" */
enum delivery_state delivery_state_from_text(const char *text);

/** A message in the outbox. */
struct outgoing {
	int64_t id;
	char *channel; /* id */
	struct notice *notice;
	int64_t created_wall_ms;
	int64_t attempts;
	int64_t next_wall_ms; /* not before; 0: at once */
	enum delivery_state state;
	int64_t folded_into; /* 0 */
	bool plain;          /* slack refused its blocks */
};
struct outgoing *outgoing_create(void);
void outgoing_free(struct outgoing *outgoing);

/** An attempt that ended. */
struct delivery_attempt {
	const struct outgoing *outgoing; /* with its new state, attempts and next_wall_ms */
	int64_t at_wall_ms;
	int status;        /* HTTP; 0: no answer */
	const char *error; /* NULL when sent; one line, no secret */
	int64_t issue;     /* github: the target's issue; 0: nothing learnt */
	const char *issue_target;
};

struct delivery_hooks {
	/** Write it down, at the latest before what delivery_run() asks for next is sent: every
	 * attempt, and once more when a message is given up without another (FAILED, attempts as
	 * before). False: it could not be written; delivery goes on in memory and does not send it
	 * again in this process. No hook may call delivery_*(). */
	bool (*attempted)(void *data, const struct delivery_attempt *attempt);
	/** @p carrier, the newest, has become one of itself and @p folded (struct outgoing *).
	 * Write it down; false: leave all as it was. */
	bool (*folded)(void *data, const struct outgoing *carrier, const GPtrArray *folded);
	/** A message goes to another channel (outgoing->channel), because its own, @p from, is
	 * configured no longer. False: it waits and is offered again later. */
	bool (*moved)(void *data, const struct outgoing *outgoing, const char *from);
	/** Incidents @p channel was told of: book_live_items(). */
	GPtrArray *(*live)(void *data, const char *channel);
	/** The issue of @p target on the github channel @p channel; 0: none known. */
	int64_t (*issue)(void *data, const char *channel, const char *target);
	void *data;
};

struct delivery *delivery_create(struct http_client *http, const struct delivery_hooks *hooks);
/** What is under way stays waiting for the next process: nobody is told of it, its request ends
 * with the HTTP client or by itself. NULL is fine. */
void delivery_free(struct delivery *delivery);

/** Channels, routes, secrets of now; a reference is taken. Waiting messages of channels that are
 * gone move, each to one of the channels of now that its first item is routed to, of these rather
 * to one of the same kind, and of those rather to a new one (it was renamed); when none is routed,
 * to the same kind, else the first; without any channel they wait. They move within this call, or
 * when the answer of one that is under way on a channel that is gone has come. Backoff of channels
 * whose settings changed ends, what they refused is sent anew. Added messages may come before the
 * first call. */
void delivery_set_config(struct delivery *delivery, struct config *config);

/** Take @p outgoing (waiting, committed) in, owned from now on; order is that of ids. Its
 * next_wall_ms is kept, for an hour at most. */
void delivery_add(struct delivery *delivery, struct outgoing *outgoing);

/** Start what is due, fold, give up what is too old, re-send live alerts. Cheap when nothing is. */
void delivery_run(struct delivery *delivery);

/** When delivery_run() has something to do: monotonic; INT64_MAX: only after an answer. */
int64_t delivery_due_mono_ms(const struct delivery *delivery);

/** Messages waiting or under way, of all channels. */
size_t delivery_waiting(const struct delivery *delivery);
/** Is the answer to a message awaited? Who ends now will send it once more. */
bool delivery_is_sending(const struct delivery *delivery);

/** A channel as /status shows it. */
struct channel_status {
	char *id, *kind, *name; /* "slack/default", "slack", "default" */
	bool failing;           /* from the first attempt that failed until one is sent */
	int64_t waiting;        /* or under way */
	/* given up, as far as known since the start (the owner adds what the store has) */
	int64_t failed;
	int64_t sent;     /* since the start */
	char *last_error; /* NULL; one line; stays after it recovered */
	int64_t last_error_wall_ms, last_sent_wall_ms; /* 0 */
};
void channel_status_free(struct channel_status *status);
struct channel_status *channel_status_copy(const struct channel_status *status);
/** struct channel_status * in the order of the configuration. Caller unrefs. */
GPtrArray *delivery_channels(const struct delivery *delivery);

#endif
