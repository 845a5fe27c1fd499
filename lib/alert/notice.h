/* notice - what is to be told to one channel: one per channel and cycle, as plain data that knows
 * nothing of Slack or any other sink. Written to the outbox as JSON, so that it survives restarts
 * and a change of channel. Pure: any thread. DESIGN 11. */
#ifndef DRIFT_ALERT_NOTICE_H
#define DRIFT_ALERT_NOTICE_H

#include "alert/incident.h"
#include "base.h"

enum notice_kind {
	NOTICE_KIND_NONE = 0,
	/* the order is the order of importance: a notice has the first kind of its items */
	NOTICE_KIND_FIRING,
	NOTICE_KIND_WORSE,
	NOTICE_KIND_CLOSING,
	NOTICE_KIND_REMINDER,
	NOTICE_KIND_DIGEST,
	NOTICE_KIND_TEST,
};
const char *notice_kind_text(
	enum notice_kind kind); /* "firing", "worse", "closing", "reminder", "digest", "test" */
enum notice_kind notice_kind_from_text(const char *text);

/** Undeployed commits named by an item; reasons. */
#define NOTICE_COMMITS_MAX 5
/** Items with all their details; further ones have no commits, links, command and reason. */
#define NOTICE_FULL_ITEMS_MAX 200
/** Lines of a digest; the rest is counted. */
#define NOTICE_LINES_MAX 50
/** Items of one notice: more of a folded one are reduced to the last of each incident. */
#define NOTICE_ITEMS_MAX 2000

struct notice_commit {
	char *short_sha, *subject, *author; /* never NULL, may be empty */
	char *url;                          /* NULL: none */
};

/** One thing that happened to one incident. Shared by the notices that tell it: not changed once it is in one. */
struct notice_item {
	int references;
	enum notice_kind kind; /* FIRING, WORSE, CLOSING, REMINDER */
	int64_t incident;
	char *target;
	enum priority priority;
	char *owner;       /* NULL */
	char *description; /* NULL */
	enum incident_cause cause;
	enum incident_status status; /* after it */
	bool reopened;
	enum state state;                      /* of the target */
	char *summary;                         /* one line */
	char *reason;                          /* message of the worst reason; NULL */
	char *worse;                           /* of WORSE: what made it so; NULL */
	char *acknowledged_by;                 /* NULL */
	int64_t opened_wall_ms, ended_wall_ms; /* ended: of CLOSING; 0 */
	/* items with one key have one cause: a commit, an error; NULL: on its own */
	char *cause_key, *cause_text;
	char *deployed_short, *deployed_url; /* NULL; what serves most traffic */
	char *head_short, *head_url;         /* NULL */
	char *compare_url;                   /* NULL */
	int64_t commits_total;
	GPtrArray *commits;   /* struct notice_commit *, newest first, at most NOTICE_COMMITS_MAX */
	char *authors;        /* "Ann, Bo and 3 more"; NULL */
	char *deploy_command; /* NULL */
};

/** A line of a digest. */
struct notice_line {
	char *target;
	enum priority priority;
	enum state state;
	char *summary;
	int64_t since_wall_ms; /* of what recovered: when it did */
	int64_t incident;      /* 0: none */
};

struct notice_digest {
	int score; /* -1: nothing evaluated */
	enum state overall;
	int64_t count[STATE_COUNT];
	int64_t evaluated, targets_total;
	int64_t since_wall_ms; /* of the digest before; 0: this is the first */
	GPtrArray *not_ok;     /* struct notice_line *, worst first: drift, unknown, pending */
	int64_t not_ok_total;
	/* struct notice_line *: incidents that ended since the digest before, newest first */
	GPtrArray *recovered;
	int64_t recovered_total;
};

struct notice {
	enum notice_kind kind;
	int64_t created_wall_ms;
	GPtrArray *
		items; /* struct notice_item *, in the order they happened; worst first within a cycle */
	struct notice_digest *digest; /* DIGEST; else NULL */
	int64_t folded;               /* of how many notices it is made; 0: it is as it came */
};

struct notice *notice_create(enum notice_kind kind, int64_t created_wall_ms);
struct notice_item *notice_item_create(void);
/** One more reference to @p item. One thread. */
struct notice_item *notice_item_ref(struct notice_item *item);
struct notice_commit *notice_commit_create(void);
struct notice_line *notice_line_create(void);
struct notice_digest *notice_digest_create(void);
/** Each frees what it holds, an item with its last reference; NULL is fine. */
void notice_free(struct notice *notice);
void notice_item_free(struct notice_item *item);
void notice_commit_free(struct notice_commit *commit);
void notice_line_free(struct notice_line *line);
void notice_digest_free(struct notice_digest *digest);

/** Add @p item (taken); the notice's kind becomes the more important of the two. */
void notice_add(struct notice *notice, struct notice_item *item);

/** All its incidents, each once, as a JSON array of numbers. Caller frees. */
char *notice_incidents_json(const struct notice *notice);

/** As the outbox keeps it. Caller frees. Beyond NOTICE_FULL_ITEMS_MAX items are short. */
char *notice_to_json(const struct notice *notice);
/** DRIFT_ERROR_INVALID: not such JSON; every value is checked for type and range. Caller frees. */
MUST_CHECK struct notice *notice_from_json(const char *text, GError **error);

/** One notice of many, in their order: items one behind the other; of more than NOTICE_ITEMS_MAX
 * only the last of each incident. Of digests the last stays, when nothing else is there; else they
 * are left out (a digest is of its moment). Caller frees. */
struct notice *notice_fold(const GPtrArray *notices);

/** One line for logs and terminals: "2 firing, 1 closing: service/a, …". Caller frees. */
char *notice_text(const struct notice *notice);

/** Items of one cause, in the order of their first: a GPtrArray of GPtrArray of struct
 * notice_item * (borrowed). Items of different kinds are never one group. Caller unrefs. */
GPtrArray *notice_groups(const struct notice *notice);

#endif
