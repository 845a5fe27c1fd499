/* book - all incidents that are open or ended lately, all silences, and what of them is to be told
 * to whom: one round per cycle (or command) computes what changes, the caller commits it, and only
 * then the book takes it up. No I/O, no clock of its own. One thread (the scheduler's). DESIGN 3.3
 * and 11. */
#ifndef DRIFT_ALERT_BOOK_H
#define DRIFT_ALERT_BOOK_H

#include "alert/incident.h"
#include "alert/notice.h"
#include "base.h"
#include "config/config.h"

struct book;

/** Most silences at a time. */
#define BOOK_SILENCES_MAX 1000

/** A silence. */
struct silence {
	int64_t id;
	char *matcher; /* text */
	int64_t until_wall_ms;
	char *who, *why; /* never NULL */
	int64_t created_wall_ms;
	int64_t ended_wall_ms; /* taken back before its time; 0: not */
};
struct silence *silence_create(void);
struct silence *silence_copy(const struct silence *silence);
void silence_free(struct silence *silence);

/** What the store has when driftd starts; arrays are taken. */
struct book_input {
	/* struct incident *: all that are not over, and of each target the last that ended */
	GPtrArray *incidents;
	GPtrArray *silences; /* struct silence *: not ended, not past */
	int64_t next_incident_id, next_silence_id;
	GHashTable *digests; /* channel id -> int64_t * wall ms of its last digest */
};
struct book *book_create(struct book_input *input);
void book_free(struct book *book);

/** A message for a channel. */
struct book_message {
	char *channel; /* id */
	struct notice *notice;
};

/** What a round changes. Everything in it is new values; nothing of it is in the book before
 * book_apply(). */
struct book_round {
	GPtrArray *incidents; /* struct incident *: new or changed, with ids */
	GPtrArray *silences;  /* struct silence *: new or changed */
	GPtrArray *messages;  /* struct book_message * */
	GHashTable *digests;  /* channel id -> int64_t *: sent in this round */
};
void book_round_free(struct book_round *round);
bool book_round_is_empty(const struct book_round *round);

/** One target, or repository, in a round. Borrowed for the call. */
struct book_subject {
	const char *id, *kind; /* "service/a", "service"; "repo/main", "repo" */
	enum priority priority;
	const char *owner;                  /* NULL */
	const struct verdict *verdict;      /* settled (verdict_at); NULL: a repository */
	const struct config_target *config; /* NULL: a repository */
	/* of a repository: why it cannot be fetched; NULL: it can */
	const char *repo_error;
	int64_t blind_for_ms; /* -1: not blind; see struct incident_facts */
	int64_t blind_since_wall_ms;
	const char *head_url_prefix; /* "https://host/repo/commit/"; NULL */
};

/** All that a round needs to know. Borrowed for the call. */
struct book_moment {
	const struct config *config;
	const struct book_subject *subjects; /* all targets and repositories of the configuration */
	size_t subject_count;
	const struct tally *tally; /* for digests */
	int64_t now_wall_ms;
	/* false: only what the clock brings (reminders, digests, ends of silences): verdicts are
	 * those of before, and incidents are neither opened nor closed by them */
	bool complete;
};

/**
 * A round. Rules:
 * - Each incident goes through incident_step(); open incidents of ids that are no subject any more
 *   are withdrawn.
 * - Held: an incident is told to nobody while one of its config's depends-on has an open incident
 *   itself (drift or blind), while a silence or a running window matches it. held_by says which.
 *   When that ends and it is still open, the firing (or what got worse) is told then. Checking and
 *   resolving go on meanwhile.
 * - Routes: channels with a route that matches (by incident priority, owner, kind, id), or with no
 *   routes at all.
 * - To each routed channel: FIRING when nobody was ever told; WORSE when its version, or, of a
 *   channel that was never told, the newest version that anybody was told, is older than the
 *   incident's; REMINDER when remind-every has passed since it, or else anybody, was told. A
 *   channel that comes into play by a WORSE gets the item as FIRING. Acknowledged incidents get no
 *   reminders. Held ones nothing.
 * - CLOSING: when somebody was told: to the routes of now, and to every channel that was told and
 *   still is configured; when that is nobody, to the first channel; when there is no channel at
 *   all, to those that were told (it waits until there is one, delivery.h); never held back. An
 *   incident that nobody was told of ends silently.
 * - One message per channel: items worst first (verdict_compare order: state, priority, since, id).
 *   Channels of kind github get a message per target, because each target is an issue of its own;
 *   those of alertmanager and github no reminders (the other side shows what is open): one that was
 *   never told gets FIRING when a reminder would be due.
 * - Digests: at each instant of a channel's digest schedule that passed since its last one (several
 *   missed make one; one missed by more than 6 h while driftd was down is left out; the first
 *   counts from when the channel was first seen): DIGEST when something is not ok or recovered, or
 *   digest-when-ok.
 * - A subject that is not in the book and ok, pending or not blind long enough: nothing.
 */
struct book_round *book_plan(struct book *book, const struct book_moment *moment);

/** The round was committed: the book takes it up (the round keeps its own values). */
void book_apply(struct book *book, const struct book_round *round);

/** The next moment at which a round may bring something without a cycle: a reminder, a digest, an
 * end of an acknowledgement, silence or window, the begin of none. Wall ms; INT64_MAX: never. */
int64_t book_due_wall_ms(const struct book *book, const struct config *config, int64_t now_wall_ms);

/** Commands. Each gives the round that does it, or NULL with DRIFT_ERROR_NOT_FOUND (no such
 * incident or silence; of an incident that ended long ago too), DRIFT_ERROR_INVALID (says what;
 * e.g. the incident is over, until is past, or more than a year ahead). Not applied yet. */
MUST_CHECK struct book_round *book_acknowledge(struct book *book, int64_t incident, const char *who,
					       const char *why, int64_t now_wall_ms,
					       int64_t expires_after_ms, GError **error);
/** @p incident is a copy of one read from the store when the book has it no longer; NULL: look in
 * the book. */
MUST_CHECK struct book_round *book_mark_false_alarm(struct book *book, int64_t id,
						    const struct incident *incident,
						    bool false_alarm, GError **error);
MUST_CHECK struct book_round *book_add_silence(struct book *book, const char *matcher,
					       int64_t until_wall_ms, const char *who,
					       const char *why, int64_t now_wall_ms,
					       GError **error);
MUST_CHECK struct book_round *book_end_silence(struct book *book, int64_t id, int64_t now_wall_ms,
					       GError **error);

/** @p notice goes to the channel @p to, because @p from is configured no longer: whoever hears of a
 * beginning is told of the end. The round that notes it. */
struct book_round *book_note_moved(const struct book *book, const struct notice *notice,
				   const char *from, const char *to);

/** Open incidents, struct incident * borrowed from the book until its next change; sorted by id.
 * Caller unrefs. */
GPtrArray *book_open_incidents(const struct book *book);
/** Silences in force. */
int64_t book_count_silences(const struct book *book, int64_t now_wall_ms);
/** The open incident of @p target, or NULL. Borrowed. */
const struct incident *book_find_open(const struct book *book, const char *target);

/** A maintenance window at a moment. */
struct window_state {
	bool active;
	int64_t since_wall_ms, until_wall_ms; /* of the one that runs; 0: none */
	int64_t next_wall_ms;                 /* start of the next; 0: none within reach */
};
struct window_state window_state_at(const struct config_window *window, int64_t now_wall_ms);

/** What alertmanager channels are told again and again: an item for every open incident that
 * @p channel was told of. struct notice_item *, caller unrefs. */
GPtrArray *book_live_items(const struct book *book, const char *channel);

#endif
