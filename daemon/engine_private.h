/* engine_private - the engine's own state, shared by its files: engine (life), cycle (collect,
 * ask), judge (evaluate), record (commit), present (snapshot). Nobody else includes this. */
#ifndef DRIFT_ENGINE_PRIVATE_H
#define DRIFT_ENGINE_PRIVATE_H

#include "daemon/engine.h"
#include "eval/data.h"
#include "eval/service.h"
#include "git/worker.h"
#include "http/client.h"
#include "source/sources.h"
#include "store/store.h"

/** Deployments of a target kept in memory: enough to see rollbacks and reused images. */
#define ENGINE_PAST_MAX 50
/** Observation times reach the database this often (DESIGN 3.3). */
#define ENGINE_FLUSH_INTERVAL_MS (15 * MS_PER_MINUTE)
/** Old rows are deleted this often, at most so many at a time. */
#define ENGINE_PRUNE_INTERVAL_MS (10 * MS_PER_MINUTE)
#define ENGINE_PRUNE_ROWS 2000
/** What is due within this time of a cycle's start is taken along, so that intervals do not drift
 * apart. */
#define ENGINE_DUE_SLACK_MS 250
/** A stop waits this long for calls under way to end. */
#define ENGINE_CANCEL_PATIENCE_MS 300
/** And this long for messages under way: one whose answer nobody hears is sent again. */
#define ENGINE_SETTLE_PATIENCE_MS (2 * MS_PER_S)
/** Answers of git are waited for this long after the cycle's deadline has ended collection. */
#define ENGINE_ANSWER_EXTRA_MS (5 * MS_PER_S)

/** A round of the book is not made again sooner than this, whatever the clock brings. */
#define ENGINE_ROUND_PAUSE_MS MS_PER_S
/** How far a cycle is, is told this often at most. */
#define ENGINE_PROGRESS_PAUSE_MS INT64_C(200)
/** Transitions told after one cycle: those beyond are told after the next. */
#define ENGINE_EVENTS_MAX 100000
/** What happens to messages is published this often at most. */
#define ENGINE_NEWS_PAUSE_MS MS_PER_S
/** … and, where making a snapshot takes long, once in so many times that: the outbox of a storm is
 * not to keep the thread busy with showing it … */
#define ENGINE_NEWS_COST_TIMES 20
/** … but at least this often. */
#define ENGINE_NEWS_PAUSE_MAX_MS (10 * MS_PER_S)
/** A cycle this much past its time to begin, or to end, means that the scheduler is stuck. */
#define ENGINE_STUCK_MS MS_PER_MINUTE

/** Since when nothing could be told of something, without a break in this process; 0: it can. */
struct blindness {
	int64_t since_mono_ms, since_wall_ms;
};

/** A push that was accepted. */
struct push {
	char *repo;
	char *delivery; /* NULL: the sender gave none */
};

/** Where a repository is in the running cycle. */
enum repo_phase {
	REPO_PHASE_NONE = 0, /* no part in it, or done */
	REPO_PHASE_FETCHING,
	REPO_PHASE_FETCHED, /* waits for the sources */
	REPO_PHASE_ASKING,
	REPO_PHASE_ASKING_AGAIN, /* a newer head was needed */
};

struct repo_state {
	const struct config_repo *config; /* in engine.config */
	char *identity; /* url, branch, token …: a change starts the worker anew */
	struct git_worker *worker;
	struct git_head *head;          /* NULL: none known in this process */
	struct git_commit *stored_head; /* from the database, until the first fetch; NULL */
	char *branch;                   /* as last seen; NULL */
	GPtrArray *seen;                /* struct git_seen_head *, oldest first */
	int64_t head_seen_wall_ms;
	int64_t fetched_wall_ms, fetched_mono_ms;
	int64_t committed_fetched_wall_ms; /* of the head that the database has; 0: not in this process */
	char *fetch_error;                 /* NULL: the last try worked */
	struct blindness blindness;
	char *commit_url; /* "https://HOST/REPO/commit/"; NULL: not known */
	char *note;       /* forced push, mirror made anew; NULL */
	int64_t due_mono_ms;
	enum repo_phase phase;
	bool fetch_in_flight; /* also across cycles: a slow clone */
	bool head_moved;      /* since its targets were last judged */
};

struct target_state {
	const struct config_target *config;   /* in engine.config */
	const struct config_service *service; /* the same, of a service; NULL for the other kinds */
	struct repo_state *repo;              /* of a service; NULL for the other kinds */
	char *definition;                     /* digest of what is observed and held against what */
	struct observation *observation;      /* the latest; NULL: none in this process */
	struct verdict *committed;            /* what the database holds; NULL: nothing readable */
	struct verdict *verdict;              /* the latest; NULL: none yet */
	GPtrArray *past;                      /* struct past_deployment *, newest first */
	guint8 stored_facts[16];              /* digest of the verdict facts in the database */
	guint8 stored_observation[16];        /* digest of the observation facts in the database */
	struct store_sample
		*sample;         /* of a table, the newest in the database; NULL: there is none */
	enum state stored_state; /* after the last committed transition; NONE: there is none */
	int64_t expired_wall_ms; /* when the committed verdict expired, not written yet; 0: it did not */
	int64_t due_mono_ms;
	struct blindness blindness;
	bool fresh; /* history has not been loaded yet */
	bool judge; /* to be judged in this cycle */
};

struct cycle {
	bool running;
	int64_t id;
	char *trigger;
	int64_t started_wall_ms, started_mono_ms;
	int64_t deadline_mono_ms;
	enum cycle_scope
		scope; /* not DUE: asked for, its answers rest on what was fetched after its start */
	bool collecting;      /* sources have not all answered */
	GPtrArray *asked;     /* const struct config_target *, borrowed by the sources until done */
	GPtrArray *pushes;    /* struct push *: that it answers */
	int64_t fetches;      /* repositories fetched at its start */
	int64_t told_mono_ms; /* when its progress was told last */
};

struct engine {
	struct config *config;
	struct engine_hooks hooks;
	struct store *store;
	char *state_dir; /* locked by us: stays, whatever a reload says */
	struct http_client *http;
	struct sources *sources;
	struct alerting *alerting; /* NULL: muted */
	int64_t round_mono_ms;     /* of the last round */
	int64_t publish_mono_ms;   /* of the last snapshot */
	int64_t publish_took_ms;   /* to make and publish one */
	bool news;                 /* of the outbox, not published yet */
	GPtrArray *pushes;         /* struct push *: for the next cycle */
	GPtrArray *repos;          /* struct repo_state * */
	GPtrArray *targets;        /* struct target_state * */
	GHashTable *by_id;         /* target id -> struct target_state * */
	GPtrArray *unwatched;      /* struct unwatched * of the last collection */
	GPtrArray *new_heads;      /* struct store_head * not committed yet */
	GPtrArray *removed;        /* char *: ids whose rows are to go */
	struct cycle cycle;
	struct check_status last_check;
	int64_t next_id;
	int64_t last_event_id; /* of the newest transition that was told */
	int64_t cycles_total, cycle_failures_total;
	int64_t waiters;
	bool first_cycle_done;
	char *store_error, *config_error;
	int64_t valid_until_mono_ms, valid_until_wall_ms;
	int64_t flush_mono_ms, prune_mono_ms;
	int64_t clocks_apart_ms; /* wall minus monotonic at the last pruning: a jump postpones the next */
	int wake_fd;
};

/* cycle.c */
void cycle_take_git_results(struct engine *engine);
void cycle_advance(struct engine *engine);
void cycle_clear(struct engine *engine);
struct repo_state *engine_find_repo(const struct engine *engine, const char *name);
void push_free(struct push *push);
/** Was what @p push is about fetched? */
bool push_is_served(const struct engine *engine, const struct push *push);

/* judge.c */
struct git_question *judge_question(const struct target_state *target);
/** Judge one target. @p answer may be NULL, then @p answer_error may say why. */
void judge_target(struct engine *engine, struct target_state *target,
		  const struct git_answer *answer, const char *answer_error);
/** Judge the targets of this cycle that do not depend on a repository. */
void judge_data(struct engine *engine);
/** Targets whose verdict has expired get the verdict that says so: a transition like any other. */
void judge_expired(struct engine *engine);
/** A target defined anew: what was concluded before is its last known, and no more. */
void judge_redefined(struct engine *engine, struct target_state *target);
/** Would a head fetched now change what is concluded? */
bool judge_needs_newer_head(const struct engine *engine, const struct target_state *target,
			    const struct git_answer *answer);

/* definition.c */
/** What the verdicts of @p target rest on: where it is observed, and what it is held against, as a digest. Another
 * definition is another question, and the old answer says nothing about it. @p key: store_hash_key(), for secrets. Caller
 * frees. */
char *definition_of(const struct config_target *target, const char *key);

/* record.c */
/** Write the cycle, and what it means for incidents (@p moment; NULL: nothing); on success what is
 * in memory counts as stored. */
struct book_moment;
MUST_CHECK bool record_cycle(struct engine *engine, const char *summary,
			     const struct book_moment *moment, GError **error);
/** Transitions written since this was called last, oldest first: struct store_transition *. NULL: they
 * could not be read, which is logged. Caller unrefs. */
GPtrArray *record_take_events(struct engine *engine);
MUST_CHECK bool record_times(struct engine *engine, GError **error);
/** Take up what the database knows: heads, verdicts, deployments. */
MUST_CHECK bool record_load(struct engine *engine, GError **error);
/** Is the observation in memory the one that is in the database? */
bool record_is_stored_observation(const struct target_state *target);
/** What was spent today, into the budget. */
MUST_CHECK bool record_load_usages(struct engine *engine, GError **error);
MUST_CHECK bool record_load_repo(struct engine *engine, struct repo_state *repo, GError **error);
void past_deployment_free(struct past_deployment *past);

/* present.c */
/** What is known now, for snapshot_create(), but for alerts. */
struct snapshot_input *present_input(struct engine *engine);
/** Incidents, channels and windows of now. */
void present_alerts(const struct engine *engine, struct snapshot_input *input);

/* progress.c */
void progress_begin(struct engine *engine);
/** If it is time for it. */
void progress_tell(struct engine *engine);

/* upkeep.c */
/** How long answers of git are waited for past the cycle's deadline: a second fetch may begin only there. */
int64_t engine_answer_extra_ms(const struct engine *engine);

/* engine.c */
void engine_publish_snapshot(struct engine *engine, struct snapshot *snapshot);

/** Wait a moment for the answers of messages under way; none is begun meanwhile (that is
 * engine_poll()'s). */
void engine_settle_messages(struct engine *engine);

#endif
