/* verdict - the result of evaluation, the words of DESIGN 1, 6 and 8, and their JSON. Verdicts are
 * immutable once made and shared by reference (atomic): any thread may read them. */
#ifndef DRIFT_VERDICT_H
#define DRIFT_VERDICT_H

#include "base.h"
#include "config/config.h"
#include "git/answer.h"

enum state {
	STATE_NONE = 0,
	STATE_OK, /* the order is the order of badness */
	STATE_PENDING,
	STATE_UNKNOWN,
	STATE_DRIFT,
	STATE_PAUSED, /* outside the order */
};
#define STATE_COUNT 6

/** Longest message of a reason: what comes from outside is cut. */
#define REASON_MESSAGE_MAX_BYTES 600

/** Longest summary: it is one line of a table. */
#define VERDICT_SUMMARY_MAX_BYTES 240

enum relation {
	RELATION_NONE = 0, /* kinds other than services, or paused and never seen: JSON null */
	RELATION_UNKNOWN,
	RELATION_PINNED,
	RELATION_IN_SYNC,
	RELATION_BEHIND,
	RELATION_AHEAD,
	RELATION_DIVERGED,
	RELATION_BY_TIME,
};

/** Codes of DESIGN 8. */
enum reason_code {
	REASON_NONE = 0,
	REASON_BEHIND,
	REASON_AHEAD,
	REASON_DIVERGED,
	REASON_BY_TIME,
	REASON_COMMIT_NOT_IN_REPO,
	REASON_TRAFFIC_NOT_LATEST,
	REASON_ROLLOUT_FAILED,
	REASON_SETTING_CHANGED,
	REASON_ENV_MISSING,
	REASON_ENV_FORBIDDEN,
	REASON_VALUE_DIFFERS,
	REASON_WRONG_IDENTITY,
	REASON_DIRTY_BUILD,
	REASON_IMAGE_REUSED,
	REASON_SERVICE_MISSING,
	REASON_MARKERS_DISAGREE,
	REASON_DEPLOYING,
	REASON_PIN_EXPIRED,
	REASON_PATHS_MISSING,
	REASON_FETCH_FAILED,
	REASON_PERMISSION_DENIED,
	REASON_BROKEN_CHECK,
	REASON_NO_TRAFFIC,
	REASON_SHALLOW_REPO,
	REASON_AMBIGUOUS_COMMIT,
	REASON_COMMIT_UNREADABLE,
	REASON_EXPIRED,       /* the verdict is older than expires_at (an addition to DESIGN 8) */
	REASON_NOT_EVALUATED, /* no observation yet since the target was configured (an addition to
				 DESIGN 8) */
	REASON_STALE,
	REASON_LATE,
	REASON_EMPTY,
	REASON_TOO_FEW_ROWS,
	REASON_TABLE_MISSING,
	REASON_SILENT_WRITE_FAILURE,
	REASON_INCOMPLETE,
	REASON_TRACKING_GAP,
	REASON_OBJECT_MISSING,
	REASON_OBJECT_UNEXPECTED,
	REASON_OBJECT_CHANGED,
	REASON_ASSERTION_FAILED,
	REASON_ASSERTION_WARNING,
	REASON_BACKUP_STALE,
	REASON_BACKUP_INCOMPLETE,
	REASON_BACKUP_UNREADABLE,
	REASON_BACKUP_SHRUNK,
	REASON_RETENTION_EXCEEDED,
	REASON_OVER_BUDGET,
	REASON_NOT_DUE,
};

/** One datum of a reason: either text or number. */
struct reason_datum {
	char *name; /* snake_case, unit in the name */
	char *text; /* NULL: it is a number */
	int64_t number;
};

struct reason {
	enum reason_code code;
	enum state state; /* after grace and caps */
	char *message;    /* one human sentence, UTF-8, bounded */
	GPtrArray *data;  /* struct reason_datum * */
};

/** Evidence as served. */
struct verdict_evidence {
	char *source;
	char *value;
	char *sha; /* full id it resolved to; NULL: none */
};

enum datum_type {
	DATUM_TYPE_NONE = 0,
	DATUM_TYPE_TEXT,
	DATUM_TYPE_NUMBER,
	DATUM_TYPE_BOOLEAN,
	DATUM_TYPE_TIME,
};

/** One datum of a detail. */
struct verdict_datum {
	char *name; /* snake_case, unit in the name */
	enum datum_type type;
	char *text;     /* TEXT; NULL: JSON null */
	int64_t number; /* NUMBER, BOOLEAN (0, 1), TIME (wall ms; 0: JSON null) */
};

/**
 * What a verdict about data rests on, as served: one JSON object named after what it is ("freshness",
 * "completion", "inventory", "assertion", "backup") with data and at most one list of rows, which
 * is an array of objects whose members are the columns. All kinds are served, stored, shown as text and read back by
 * the same code.
 */
struct verdict_detail {
	char *name;
	GPtrArray *data; /* struct verdict_datum *, in the order they are served */
	int64_t aged_wall_ms; /* "age_s" is added when served, counted from here; 0: served as null; -1: there is none */
	char *list_name; /* "partitions", "keys", "objects", "rows", "folders"; NULL: no list */
	bool list_is_table; /* columns come from outside (an assertion's): served as "columns":[…] and arrays instead of
			       objects */
	GPtrArray *columns; /* char * */
	GArray *types; /* enum datum_type, one for each column: TEXT unless told; NUMBER; BOOLEAN */
	GPtrArray *
		rows; /* char **, as long as columns; cells NULL: JSON null; text, of a NUMBER in decimal, of a BOOLEAN
			    "yes" or "no": only JSON has them otherwise */
	int64_t rows_total; /* of which rows are the first; served as LIST_NAME + "_total" */
};

/** Rows of a detail that lists of targets show; one target by itself shows all it has. */
#define VERDICT_DETAIL_SHORT 5

/** One revision that serves traffic. */
struct verdict_deployed {
	char *revision; /* NULL for source http */
	int percent;
	char *sha;                 /* full id when resolved, else the hit as found; NULL: none */
	int64_t deployed_wall_ms;  /* revision's creation; for http when first seen; 0: not known */
	int64_t committed_wall_ms; /* of sha; neither served nor stored; 0: not known */
	enum relation relation;
	char *digest;        /* NULL when not known */
	GPtrArray *evidence; /* struct verdict_evidence * */
};

/** A setting: what is expected and what is there. */
struct verdict_setting {
	char *name;
	char *expected; /* NULL for env values */
	char *actual;   /* NULL when absent, or an env value */
	bool ok;
};

/** What undeployed means for this target. */
struct verdict_behind {
	int64_t commits, files;
	bool basis_seen;       /* else committed */
	int64_t since_wall_ms; /* oldest's first_seen: behind_for_s is computed from it when
				  rendered */
	bool rolled_back;
	struct git_commit *oldest, *newest; /* may be NULL when commits is 0 */
	GPtrArray *authors;                 /* char * */
	char *compare_url;                  /* NULL when no web url is known */
	GPtrArray *list;                    /* struct git_commit *, newest first */
	char *commit_url_prefix;            /* "https://…/commit/"; NULL */
};

/** An older verdict shown beside an unknown one. */
struct verdict_last_known {
	enum state state;
	enum relation relation;
	char *summary;
	int64_t observed_wall_ms;
};

struct verdict {
	char *id, *kind, *name;
	enum priority priority;
	char *owner;       /* NULL */
	char *description; /* NULL */
	char *repo;        /* NULL for kinds without */
	enum state state;
	enum relation relation;
	int64_t since_wall_ms;        /* state entered */
	int64_t observed_wall_ms;     /* 0: never */
	int64_t expires_wall_ms;      /* 0: never observed, or paused */
	int64_t head_fetched_wall_ms; /* of the head it rests on; 0: not known (restored, or none) */
	int64_t expires_mono_ms; /* this process's clock; 0: judge by the wall clock (restored after
				    a restart) */
	int confirmations;       /* drift observations in a row that counted; see confirm */
	int64_t confirmed_mono_ms;   /* when the last of them counted; 0 after a restart */
	int64_t next_change_wall_ms; /* when the clock alone changes it (grace, pin, deploy-timeout
					end); 0: never */
	GPtrArray *reasons;          /* struct reason *, worst first */
	struct verdict_last_known *last_known; /* NULL */
	GPtrArray *deployed;                   /* struct verdict_deployed * */
	struct git_commit *head;               /* NULL */
	struct verdict_behind *behind;         /* NULL */
	int64_t ahead_commits;                 /* with ahead and diverged; else -1 */
	GPtrArray *settings;                   /* struct verdict_setting * */
	struct verdict_detail *detail;         /* NULL for services, and before the first look */
	char *deploy_command;                  /* NULL */
	char *paused_reason;                   /* NULL */
	char *definition; /* digest of the configuration it rests on, kept with the stored facts only; NULL: not known */
	char *pin_note; /* "pinned to 1a2b3c4d until … by … because …" while a pin is in force;
			   NULL */
};

const char *state_text(enum state state);     /* "ok", "pending", "unknown", "drift", "paused" */
enum state state_from_text(const char *text); /* STATE_NONE when it is none */
const char *relation_text(enum relation relation); /* "in_sync" …; NULL for RELATION_NONE */
enum relation relation_from_text(const char *text);
const char *reason_code_text(enum reason_code code);
enum reason_code reason_code_from_text(const char *text);

struct verdict *verdict_create(const char *id);
struct verdict *
verdict_ref(const struct verdict *verdict); /* drops const: the count is not part of the value */
void verdict_unref(struct verdict *verdict);

/** The worse of two states; STATE_NONE and STATE_PAUSED count as better than ok. */
enum state state_worse(enum state a, enum state b);

struct reason *reason_create(enum reason_code code, enum state state, const char *format, ...)
	PRINTF_LIKE(3, 4);
void reason_free(struct reason *reason);
/** A NULL @p text adds nothing. */
void reason_add_text(struct reason *reason, const char *name, const char *text);
void reason_add_number(struct reason *reason, const char *name, int64_t number);

/** Made empty, for arrays of a verdict; freed with it. */
struct verdict_deployed *verdict_deployed_create(void);
struct verdict_behind *verdict_behind_create(void);
void verdict_add_evidence(struct verdict_deployed *deployed, const char *source, const char *value,
			  const char *sha);
void verdict_add_setting(struct verdict *verdict, const char *name, const char *expected,
			 const char *actual, bool ok);

/** Give @p verdict an empty detail. Borrowed, to be filled. */
struct verdict_detail *verdict_detail_add(struct verdict *verdict, const char *name);
void verdict_detail_free(struct verdict_detail *detail);
/** Caller frees. */
struct verdict_detail *verdict_detail_copy(const struct verdict_detail *detail);
/** Data of a detail; a NULL text and a time of 0 are served as null. */
void verdict_detail_text(struct verdict_detail *detail, const char *name, const char *text);
void verdict_detail_number(struct verdict_detail *detail, const char *name, int64_t number);
void verdict_detail_boolean(struct verdict_detail *detail, const char *name, bool answer);
void verdict_detail_time(struct verdict_detail *detail, const char *name, int64_t wall_ms);
/** @p columns is NULL-terminated: all of texts. */
void verdict_detail_list(struct verdict_detail *detail, const char *list_name,
			 const char *const *columns);
/** One more column, before the first row. */
void verdict_detail_column(struct verdict_detail *detail, const char *name, enum datum_type type);
/** The column that is there holds @p type: TEXT, NUMBER or BOOLEAN. */
void verdict_detail_set_type(struct verdict_detail *detail, const char *column,
			     enum datum_type type);
/** As many @p cells as there are columns, copied; a NULL cell is JSON null. */
void verdict_detail_row(struct verdict_detail *detail, const char *const *cells);
/** The datum, or NULL. Borrowed. */
const struct verdict_datum *verdict_detail_find(const struct verdict_detail *detail,
						const char *name);

/** What @p verdict leaves behind for an unknown one that follows it: itself when it could tell,
 * else what it had from before; NULL: nothing. Caller owns. */
struct verdict_last_known *verdict_to_last_known(const struct verdict *verdict);

/** Into a fresh @p verdict: kind, name, priority, owner, description, repo, command. */
void verdict_copy_identity(struct verdict *verdict, const struct verdict *from);
/** Into a fresh @p verdict: deployed, head, settings and detail as last seen, without judgement. */
void verdict_copy_sight(struct verdict *verdict, const struct verdict *from);

/** The worst first; equal ones keep their order. */
void verdict_sort_reasons(struct verdict *verdict);

/** "4 commits behind, oldest 2 h", "in sync", "could not be read: timeout" … made when shown, for
 * @p now. Caller frees. */
char *verdict_summary(const struct verdict *verdict, int64_t now_wall_ms);

/** Has it expired? An observed_at in the future (wall clock) counts, where the monotonic clock
 * cannot tell. */
bool verdict_is_expired(const struct verdict *verdict, int64_t now_wall_ms, int64_t now_mono_ms);

/** @p verdict itself (a new reference), or when it has expired a new one: unknown, REASON_EXPIRED,
 * the old one as last_known. */
struct verdict *verdict_at(const struct verdict *verdict, int64_t now_wall_ms, int64_t now_mono_ms);

/** Order of every list: worst state first, then priority, then oldest since, then id. For
 * g_ptr_array_sort (pointers to pointers). */
int verdict_compare(gconstpointer a, gconstpointer b);

/** Counts, score and overall of a set of verdicts (already passed through verdict_at()). DESIGN 1.
 */
struct tally {
	int64_t count[STATE_COUNT]; /* by enum state */
	int64_t evaluated;          /* neither unknown nor paused */
	int64_t targets_total;      /* all but paused */
	int score;                  /* 0..100; -1: null, nothing evaluated */
	enum state overall;         /* unknown when nothing was evaluated; never paused */
};
struct tally tally_make(const GPtrArray *verdicts);

#endif
