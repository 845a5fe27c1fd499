/* book_private - what the files of the book share. */
#ifndef DRIFT_ALERT_BOOK_PRIVATE_H
#define DRIFT_ALERT_BOOK_PRIVATE_H

#include "alert/book.h"

/** A digest that was missed by more is left out: yesterday's is no news. */
#define BOOK_DIGEST_LATE_MS (6 * MS_PER_HOUR)

/** Clocks are set back by seconds now and then: a digest of so little in the future still counts as
 * told. */
#define BOOK_CLOCK_SLACK_MS (MS_PER_HOUR)

/** What is known of a target: its open incident, or the last that ended. */
struct book_entry {
	struct incident *incident;
	char *owner, *description; /* of the subject when last seen; NULL */
	bool known;                /* it was a subject in this process */
	guint open_index;          /* in book.open; BOOK_NOT_OPEN */
	uint64_t round;            /* that last saw its subject */
	guint case_index;          /* in that round */
	struct notice_item
		*live; /* what alertmanager channels hear again and again; NULL: not made */
};
#define BOOK_NOT_OPEN G_MAXUINT

struct book_silence {
	struct silence *silence;
	struct matcher *matcher; /* NULL: it is none (of a newer driftd): matches nothing */
};

struct book {
	GHashTable *by_target; /* id (the entry's incident's) -> struct book_entry * */
	GPtrArray *open;       /* struct book_entry *, borrowed, any order */
	/* id -> struct book_entry * without incident: what the last round opened, until it is
	 * applied */
	GHashTable *newcomers;
	GPtrArray *silences; /* struct book_silence *, by id */
	GHashTable *digests; /* channel id -> int64_t * */
	int64_t next_incident_id, next_silence_id;
	uint64_t round;
	bool evaluated; /* a complete round was planned in this process */
	/* book_due_wall_ms() as computed last */
	const struct config *due_config;
	int64_t due_from_wall_ms, due_wall_ms;
};

/** What a round does to one target. */
struct book_case {
	struct book_entry *entry;           /* NULL: it has none yet */
	const struct book_subject *subject; /* NULL: it is gone */
	struct incident *next;              /* the new value, owned; NULL: as it was */
	enum incident_change change;
	/* told in this round, for the channels to share, owned: by kind, and whether it is reopened */
	struct notice_item *told[NOTICE_KIND_REMINDER + 1][2];
};

/** A round while it is planned. */
struct book_plan {
	struct book *book;
	const struct book_moment *moment;
	GArray *cases; /* struct book_case */
	GHashTable *
		fresh; /* target -> index + 1 of its case: incidents without an entry; NULL: none */
	int64_t opened; /* new incidents so far */
	/* per channel of the configuration: GPtrArray of struct notice_item *, not owned; may be
	 * empty */
	GPtrArray *letters;
	GPtrArray *windows; /* const struct config_window * that run now */
	struct book_round *round;
};

struct book_round *book_round_create(void);

/** What is known of a target that has, or will have, an incident for the first time. */
struct book_entry *book_add_newcomer(struct book *book, const char *id);

/** The case of @p target, or NULL. */
const struct book_case *book_plan_find(const struct book_plan *plan, const char *target);

/** The incident as it will be; NULL: there is none. */
const struct incident *book_case_incident(const struct book_case *at);
/** The same to be changed: a copy is made when there is none yet. */
struct incident *book_case_change(struct book_case *at);

/** Whom @p incident is about, for matchers. @p subject and @p entry may be NULL. */
struct matcher_subject book_scope(const struct incident *incident,
				  const struct book_subject *subject,
				  const struct book_entry *entry);
/** The same by the configuration; false: it is not there. */
bool book_scope_by_config(const struct incident *incident, const struct config *config,
			  struct matcher_subject *ret_scope);
/** Does a route of @p channel take it? */
bool book_is_routed(const struct config_channel *channel, const struct matcher_subject *scope);

/** Was @p channel (NULL: any) told of it since it was opened (last)? */
bool book_was_told(const struct incident *incident, const char *channel);

/** Does the other side show what is open, until it is told of the end? Then nobody needs to be
 * reminded there. */
bool book_keeps_state(const struct config_channel *channel);

/** When a reminder on @p channel is due, whatever its routes; INT64_MAX: never. */
int64_t book_reminder_due(const struct incident *incident, const struct config_channel *channel,
			  int64_t now_wall_ms);

/** Does @p silence matter at all now? */
bool book_silence_is_active(const struct silence *silence, int64_t now_wall_ms);
bool book_window_is_active(const struct config_window *window, int64_t now_wall_ms);

/** Enter into each incident of the round that is open by whom it is held. */
void book_plan_holds(struct book_plan *plan);
/** Decide who is told what. */
void book_plan_messages(struct book_plan *plan);
/** Digests that are due. */
void book_plan_digests(struct book_plan *plan);

bool book_wants_digest(const struct config_channel *channel);

/** Facts of @p subject for incident_step(), without summary and codes. */
struct incident_facts book_facts(const struct book_subject *subject);
/** What it says, as one number that stays while it says the same. Never 0. */
uint64_t book_facts_mark(const struct book_subject *subject);
/** Reason codes of its state, worst first: borrowed words, NULL-terminated. Caller frees the array. */
const char **book_facts_codes(const struct book_subject *subject);
/** Its summary. Caller frees. */
char *book_facts_summary(const struct book_subject *subject, int64_t now_wall_ms);

/** What @p kind tells of @p incident. @p subject NULL: its target is gone. Caller owns. */
struct notice_item *book_item_create(enum notice_kind kind, const struct incident *incident,
				     const struct book_subject *subject, int64_t now_wall_ms);
/** cause_key and cause_text, where others may have the same cause. */
void book_item_add_cause(struct notice_item *item, const struct book_subject *subject);

#endif
