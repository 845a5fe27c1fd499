/* incident - from the moment a target's drift, or blindness, is confirmed until it is over: how one
 * step of time changes it. Pure: the clock is an argument; any thread. DESIGN 1, 8 and 11. */
#ifndef DRIFT_ALERT_INCIDENT_H
#define DRIFT_ALERT_INCIDENT_H

#include "base.h"
#include "config/config.h"
#include "eval/verdict.h"

enum incident_cause {
	INCIDENT_CAUSE_NONE = 0,
	INCIDENT_CAUSE_DRIFT,
	INCIDENT_CAUSE_BLIND, /* unknown for unknown-after */
};

enum incident_status {
	INCIDENT_STATUS_NONE = 0,
	INCIDENT_STATUS_OPEN,
	INCIDENT_STATUS_ACKNOWLEDGED,
	INCIDENT_STATUS_RESOLVED,  /* the target became ok */
	INCIDENT_STATUS_WITHDRAWN, /* the target was removed or paused */
};

const char *incident_cause_text(enum incident_cause cause); /* "drift", "blind" */
const char *incident_status_text(
	enum incident_status status); /* "open", "acknowledged", "resolved", "withdrawn" */
/** NONE when it is none. */
enum incident_cause incident_cause_from_text(const char *text);
enum incident_status incident_status_from_text(const char *text);

/** Reason codes kept of an incident; longest texts. */
#define INCIDENT_CODES_MAX 64
/** Channels remembered of one incident: of more the one told longest ago is forgotten. */
#define INCIDENT_TOLD_MAX 400
#define INCIDENT_WHO_MAX_BYTES 200
#define INCIDENT_WHY_MAX_BYTES 1000

/** A channel that was told. */
struct incident_told {
	char *channel; /* "slack/default" */
	/* the incident's, when it was told last; 0: it was told of an earlier time only, and of its
	 * end (reopened since) */
	int64_t version;
	int64_t wall_ms; /* when: the next reminder counts from here */
};

struct incident {
	int64_t id;             /* 0: not given yet */
	char *target;           /* target id, or "repo/NAME" */
	enum priority priority; /* severity: the highest it has had */
	enum incident_cause cause;
	enum incident_status status;
	char *summary;    /* of the latest verdict that was not ok; one line */
	GPtrArray *codes; /* char *: reason codes seen at its cause's state so far */
	/* since when it has been wrong, as far as can be known: never later than detected */
	int64_t opened_wall_ms;
	int64_t detected_wall_ms;     /* confirmed by driftd; at a reopening the first time */
	int64_t acknowledged_wall_ms; /* 0: not, or no longer */
	char *acknowledged_by, *why;  /* NULL */
	int64_t ack_expires_wall_ms;  /* 0: not acknowledged */
	int64_t first_ack_wall_ms; /* stays when that expired or was renewed; 0: nobody has ever */
	int64_t ended_wall_ms;     /* resolved or withdrawn; 0: not */
	bool false_alarm;
	int64_t reopened; /* how many times */
	/* 1; one more each time it gets worse, is reopened or its acknowledgement expires */
	int64_t version;
	char *worse; /* what made it so the last time, a few words; NULL */
	GPtrArray *
		told; /* struct incident_told *: empty: nobody, so that nobody is told of its end */
	/* of what its summary was made, in this process: see struct incident_facts; 0: not known;
	 * not stored */
	uint64_t mark;
	/* why nobody is told now: "depends-on repo/main", "silence 3", "window nightly"; NULL */
	char *held_by;
};

struct incident *incident_create(void);
struct incident *incident_copy(const struct incident *incident);
/** NULL is fine. */
void incident_free(struct incident *incident);
bool incident_is_over(const struct incident *incident);
/** The entry of @p channel, or NULL. Borrowed. */
struct incident_told *incident_find_told(const struct incident *incident, const char *channel);
/** Enter, or renew, what @p channel was told now. */
void incident_tell(struct incident *incident, const char *channel, int64_t now_wall_ms);
/** What @p from was told last goes to @p to. False: nothing that @p to does not know. */
bool incident_tell_instead(struct incident *incident, const char *from, const char *to);

/** "told" and "codes" as the store keeps them. Caller frees. */
char *incident_told_json(const struct incident *incident);
char *incident_codes_json(const struct incident *incident);
/** The reverse; what is not such JSON gives DRIFT_ERROR_INVALID and changes nothing. */
MUST_CHECK bool incident_set_told_json(struct incident *incident, const char *text, GError **error);
MUST_CHECK bool incident_set_codes_json(struct incident *incident, const char *text,
					GError **error);

/** What one moment says of one target (or repository). Borrowed for the call. */
struct incident_facts {
	const char *id;
	enum priority priority; /* configured */
	enum state state;       /* PAUSED or NONE (removed): withdrawn */
	const char *summary;    /* NULL: as it was (its mark is the same) */
	/* the same as long as the verdict says the same: a summary tells ages, and would be news
	 * every minute; 0: the summary itself is compared */
	uint64_t mark;
	const char *const
		*codes;        /* of reasons that have this state, worst first; NULL-terminated */
	int64_t began_wall_ms; /* since when it is so, as far as the verdict knows */
	/* unknown without a break, in this process, by its monotonic clock; -1: it is not */
	int64_t blind_for_ms;
	int64_t undeployed;        /* commits; 0: none, or no service */
	int64_t oldest_wall_ms;    /* of the oldest of them first seen; 0: none */
	int64_t escalate_commits;  /* more than so many raise the priority; 0: never */
	int64_t escalate_after_ms; /* older than this; 0: never */
};

struct incident_rules {
	int64_t unknown_after_ms;
	int64_t reopen_within_ms;
};

enum incident_change {
	INCIDENT_CHANGE_NONE = 0,
	INCIDENT_CHANGE_UPDATED, /* summary, codes: nothing to tell */
	INCIDENT_CHANGE_OPENED,
	INCIDENT_CHANGE_REOPENED,
	/* a higher priority, drift after blindness, or, of drift, a code that was not there before:
	 * codes of blindness come and go */
	INCIDENT_CHANGE_WORSE,
	INCIDENT_CHANGE_ACK_EXPIRED, /* open again, and told again as worse */
	INCIDENT_CHANGE_RESOLVED,
	INCIDENT_CHANGE_WITHDRAWN,
};

/**
 * One step. Rules: only ok ends an incident (pending and unknown do not); drift wins over
 * blindness, which inside a drift incident only updates its summary; priority never falls within an
 * incident; escalation raises the configured priority by one step, not beyond P0; an end that is
 * younger than reopen_within is taken back by the next confirmed drift or blindness (status open,
 * acknowledgement gone, ended 0, reopened + 1); a withdrawn one is never reopened.
 *
 * @param now_is  the target's incident as it is: open, or the last that ended, or NULL.
 * @param ret_incident  the new value, caller frees; NULL when nothing changed. A new one has id 0.
 */
enum incident_change incident_step(const struct incident *now_is,
				   const struct incident_facts *facts,
				   const struct incident_rules *rules, int64_t now_wall_ms,
				   struct incident **ret_incident);

/** What the clock alone does to @p now_is: ACK_EXPIRED or NONE. */
enum incident_change incident_tick(const struct incident *now_is, int64_t now_wall_ms,
				   struct incident **ret_incident);

/** Has @p after_ms passed since @p at_wall_ms? A moment further in the future than that is one of a
 * clock that was set back: it counts as passed, so that nothing is put off for years. */
bool incident_time_passed(int64_t at_wall_ms, int64_t after_ms, int64_t now_wall_ms);

/** The priority of @p facts with escalation, which only drift has. */
enum priority incident_priority(const struct incident_facts *facts, int64_t now_wall_ms);

/** Acknowledge. False when it is over. @p who and @p why are cut at their bounds; @p why may be
 * NULL. Renews an older one. */
bool incident_acknowledge(struct incident *incident, const char *who, const char *why,
			  int64_t now_wall_ms, int64_t expires_after_ms);

#endif
