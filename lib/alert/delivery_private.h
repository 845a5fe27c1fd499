/* delivery_private - the parts of delivery: each channel has a queue in the order of ids, at most
 * one request under way, and a moment at which it wants to be looked at again. Scheduler thread. */
#ifndef DRIFT_ALERT_DELIVERY_PRIVATE_H
#define DRIFT_ALERT_DELIVERY_PRIVATE_H

#include "alert/delivery.h"
#include "base.h"

#include <pthread.h>

/** Longest error that is kept and shown. */
#define DELIVERY_ERROR_MAX_BYTES 500
/** Most of an answer that is read: the words of an error. GitHub's lists of issues hold their texts. */
#define DELIVERY_ANSWER_MAX_BYTES ((size_t)64 * 1024)
#define DELIVERY_GITHUB_ANSWER_MAX_BYTES ((size_t)16 * 1024 * 1024)
/** Requests for one attempt of one message: a stranger's answers must not keep us asking. */
#define DELIVERY_STEPS_MAX 100
/** Messages that need no request, done in one go: each is written down, which takes a while. */
#define DELIVERY_QUIET_MAX 20
/** What the owner could not write down is offered again after this long. */
#define DELIVERY_OFFER_AGAIN_MS (10 * MS_PER_S)
/** A message that was old when it came in (driftd was down), or whose channel has been mended, has
 * this long before it is given up. */
#define DELIVERY_LAST_CHANCE_MS (10 * MS_PER_MINUTE)
/** GitHub asks for this much after its secondary limit, when it names no time (API-FACTS H.2). */
#define DELIVERY_GITHUB_PAUSE_MS (MS_PER_MINUTE)

struct delivery_channel;

/** A message that is not told yet. */
struct delivery_entry {
	struct outgoing *outgoing;
	int64_t added_mono_ms;  /* to this channel */
	int64_t due_mono_ms;    /* not before; 0 */
	int64_t expire_mono_ms; /* given up from then on, once it was tried */
	int refusals;           /* one behind the other */
	int steps;              /* requests of this attempt so far */
	bool begun;             /* a part of it is told: progress says which */
	bool aside;             /* refused: others may pass it */
	bool tried;             /* itself, since it came to this channel */
	struct sink_progress progress;
};

/** A request under way. */
struct delivery_trip {
	struct delivery_channel *channel; /* NULL: nobody wants the answer any more */
	struct delivery_entry *entry;     /* borrowed; NULL: live alerts */
	struct notice *live;              /* of live alerts; else NULL */
	GPtrArray *live_items;            /* the same */
	struct sink_progress live_progress;
	struct sink_context context;
	struct config *config; /* a reference: of the context's texts */
	bool outdated;         /* the channel's settings have changed since */
};

struct delivery_channel {
	struct delivery *delivery;
	char *id;
	enum channel_kind kind;
	const struct config_channel
		*settings;          /* of delivery->config; NULL: gone, waits for its answer */
	bool fresh;                 /* new with the configuration of now */
	bool stale;                 /* something changed: due_mono_ms says nothing */
	bool grown;                 /* messages came in since it was folded */
	GQueue queue;               /* struct delivery_entry *, by id; also the one under way */
	struct delivery_trip *trip; /* NULL */
	int troubles;               /* RETRY and DEAD, one behind the other */
	int64_t trouble_mono_ms;    /* of the last one */
	int64_t resume_mono_ms;     /* nothing starts before: backoff, Retry-After */
	int64_t rate_mono_ms;       /* nor before: rate */
	int64_t live_mono_ms;       /* alertmanager: live alerts are due */
	int64_t fold_mono_ms;       /* not folded before */
	int64_t due_mono_ms;
	bool dead_told; /* logged */
	bool failing;
	int64_t failed, sent;
	int last_status;
	char *last_error;
	int64_t last_error_wall_ms, last_sent_wall_ms;
};

struct delivery {
	pthread_t owner;
	struct http_client *http;
	struct delivery_hooks hooks;
	struct config *config;  /* NULL before the first */
	GPtrArray *channels;    /* struct delivery_channel *, in the order of the configuration */
	GPtrArray *leaving;     /* the same: gone, with a request under way */
	GQueue lost;            /* struct delivery_entry *, by id: of channels that are gone */
	int64_t lost_mono_ms;   /* not offered before */
	uint32_t (*draw)(void); /* the dice of backoff; tests load them */
};

/* --- queue --- */

struct delivery_entry *delivery_entry_create(struct outgoing *outgoing);
void delivery_entry_free(struct delivery_entry *entry);
/** At its place by id. */
void delivery_queue_insert(GQueue *queue, struct delivery_entry *entry);
/** It came to a channel, or the channel was mended: nothing that was learnt there counts. */
void delivery_entry_renew(struct delivery_entry *entry);
/** What goes next, and from when on; NULL: nothing. Those set aside go when nothing else can; what
 * is about the same as one before it waits. */
struct delivery_entry *delivery_queue_pick(const struct delivery_channel *channel,
					   int64_t now_mono_ms, int64_t *ret_due_mono_ms);
/** Waiting, the one under way not counted. */
guint delivery_queue_length(const struct delivery_channel *channel);
/** When @p entry is to be given up; INT64_MAX: not as things are. */
int64_t delivery_give_up_mono_ms(const struct delivery_channel *channel,
				 const struct delivery_entry *entry);
/** What must keep its order: incidents; where the other side keeps one thing per target (an alert,
 * an issue), targets. An empty set of it, with keys borrowed from entries; add what @p entry is
 * about; is it about something in there? */
GHashTable *delivery_subjects_create(enum channel_kind kind);
void delivery_mark_subjects(enum channel_kind kind, GHashTable *subjects,
			    const struct delivery_entry *entry);
bool delivery_shares_subject(enum channel_kind kind, GHashTable *subjects,
			     const struct delivery_entry *entry);

/* --- the rest --- */

/** Fold when too many wait. */
void delivery_fold(struct delivery_channel *channel, int64_t now_mono_ms);

/** What an answer came to. */
struct delivery_outcome {
	enum sink_outcome word;
	int status;
	char *error;     /* NULL: none */
	int64_t wait_ms; /* asked for; -1 */
};

/** Of the first item; NULL: there is none. Borrowed. */
const char *delivery_first_target(const struct outgoing *outgoing);
/** It is told, or given up: out of the queue, told to the owner, freed. */
void delivery_finish(struct delivery_channel *channel, struct delivery_entry *entry,
		     enum delivery_state state, const struct delivery_outcome *outcome);
/** A http_done_fn; @p data is a struct delivery_trip *, taken. */
void delivery_take_answer(void *data, const struct http_response *response);

/** Start what is due: at most one request. */
void delivery_start(struct delivery_channel *channel, int64_t now_mono_ms);
/** Give up what is too old. */
void delivery_give_up(struct delivery_channel *channel, int64_t now_mono_ms);
/** Half of the doubled time and a part of the other half, as @p random says; @p tries from 1 on. */
int64_t delivery_backoff_ms(int tries, uint32_t random);
/** How long @p response asks to wait: Retry-After, GitHub's reset; -1: it does not. */
int64_t delivery_asked_ms(enum channel_kind kind, const struct http_response *response);
/** One line without control characters, and without the secrets of @p settings should the other
 * side have repeated them. Caller frees. */
char *delivery_clean_error(const struct config_channel *settings, const char *error);

/** NULL is fine. */
void delivery_trip_free(struct delivery_trip *trip);

struct delivery_channel *delivery_channel_create(struct delivery *delivery,
						 const struct config_channel *settings);
/** Leaves a request under way to itself. */
void delivery_channel_free(struct delivery_channel *channel);
/** By id among the channels of now; NULL. */
struct delivery_channel *delivery_find(const struct delivery *delivery, const char *id);
/** Put its messages among the lost. */
void delivery_lose(struct delivery_channel *channel);
/** A channel that left has its answer: done with it. */
void delivery_leave(struct delivery_channel *channel);
/** Bring the lost to the channels of now. */
void delivery_settle(struct delivery *delivery, int64_t now_mono_ms);

#endif
