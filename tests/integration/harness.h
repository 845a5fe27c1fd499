/* harness - one test's world: a folder, a stand-in cloud, real repositories, and the real driftd.
 * What goes wrong in here fails the test at once (Check), with what was tried. Everything started
 * dies with the process that started it, also when a test fails. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include "base.h"

#include <check.h>
#include <json-c/json.h>
#include <sys/types.h>

/** Built with a sanitizer: slower, and no other library can be preloaded. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HARNESS_SANITIZED true
#elif defined(__has_feature)
#define HARNESS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define HARNESS_SANITIZED false
#endif

/** Longest wait for something that should happen soon; sanitizer builds are slow. */
#define SOON_MS 20000

/* --- processes --- */

struct process {
	pid_t pid;      /* 0: none */
	char *log_path; /* its standard error */
};

/** Extra settings of a process; all may be NULL. */
struct process_setup {
	const char *const *environment; /* "NAME=VALUE", on top of ours; NULL-terminated */
	const char *directory;          /* where it runs */
	int64_t file_max_bytes;         /* RLIMIT_FSIZE; 0: none */
	uid_t uid;                      /* 0: ours */
	const char *output_path;        /* its standard output; NULL: with standard error */
	int death_signal;               /* what it gets when we die; 0: SIGKILL */
};

/** Start @p arguments (NULL-terminated); it is killed when we die. */
struct process process_start(const char *const *arguments, const char *log_path,
			     const struct process_setup *setup);

/** Wait for its end. Returns the exit status, or 128 + the signal; -1 after @p timeout_ms. */
int process_wait(struct process *process, int timeout_ms);

/** Kill it (SIGKILL), wait, forget. */
void process_end(struct process *process);

/** What follows @p mark in the log, up to white space, once it is there; NULL when the process ends
 * or takes too long before. Caller frees. */
char *process_wait_for(const struct process *process, const char *mark);

/** All that a process wrote to its log so far. Caller frees. */
char *process_log(const struct process *process);

/** Run a program to its end; standard output and error together. */
struct run {
	int status; /* exit status, or 128 + signal */
	char *output;
};
struct run run_program(const char *const *arguments, const struct process_setup *setup);
void run_clear(struct run *run);

/** The folder of all temporary files of this run. Borrowed. */
const char *test_directory(void);

/** build/<variant>/NAME beside this program. Borrowed. */
const char *program_path(const char *name);

/** Does @p condition become true within @p timeout_ms? Looks often, sleeps never long. */
bool wait_until(bool (*condition)(void *data), void *data, int timeout_ms);

/* --- HTTP --- */

struct answer {
	int status; /* 0: no answer; then body says why */
	char *body;
	json_object *json;   /* NULL when the body is no JSON */
	GHashTable *headers; /* lower-case name -> value */
};

/** One request; @p headers ("Name: value", NULL-terminated) and @p body may be NULL. A body is
 * JSON, unless a Content-Type says something else. */
struct answer *http_call(const char *method, const char *url, const char *const *headers,
			 const char *body);
void answer_free(struct answer *answer);
typedef struct answer struct_answer; /* for g_autoptr */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(struct_answer, answer_free)

/** A header of the answer, or NULL. Borrowed. */
const char *answer_header(const struct answer *answer, const char *name);

/** Many requests at once; statuses as they came (0: none). */
void http_call_many(const char *method, const char *const *urls, int count, int *ret_statuses);

/** Value at a path of member names and array indexes ("repos.0.head.sha"), or NULL. Borrowed. */
json_object *json_at(json_object *document, const char *path);
/** As text; "" when it is not there. Borrowed. */
const char *json_text_at(json_object *document, const char *path);
/** As a number; -1 when it is not there. */
int64_t json_int_at(json_object *document, const char *path);

/* --- the world --- */

struct world {
	char *directory; /* holds all of it */
	char *cloud;     /* "http://127.0.0.1:PORT" of the stand-in */
	char *origin;    /* of driftd; NULL while it does not run */
	struct process fakecloud;
	struct process driftd;
	const char *const *environment; /* for driftd, on top of ours; NULL: none */
	int64_t file_max_bytes;         /* RLIMIT_FSIZE of driftd; 0: none */
	const char *token; /* sent with every world_call() that names no credential; NULL: none */
};

/** Folder and cloud. */
struct world *world_create(void);
/** Stop driftd and the cloud; both must end well. */
void world_stop_all(struct world *world);
/** Stop both, remove the folder. */
void world_free(struct world *world);

/** False when a daemon of a fixture that lasted for several tests did not end well. */
bool world_all_ended_well(void);

/** Write DIRECTORY/driftd.ini. */
void world_configure(const struct world *world, const char *text);

/**
 * Configuration to start from: [driftd] on a free port that only checks when asked, one repository
 * "app" over HTTP from the cloud, [gcp] with the cloud's endpoints and a service account key.
 *
 * @param driftd_extra  more lines of [driftd], or "".
 */
GString *world_base_config(struct world *world, const char *driftd_extra);

/** A service section; @p lines follow the header. */
void config_add_service(GString *config, const char *name, const char *lines);

/** Replace the first @p old, which must be there. */
void config_replace(GString *config, const char *old, const char *new);

/** Path below the world's folder. Caller frees. */
char *world_path(const struct world *world, const char *name);

/** Start driftd and wait until it listens. */
void world_start(struct world *world);
/** The same in two steps. */
void world_launch(struct world *world);
void world_await(struct world *world);

/** Start driftd that is expected to give up; its exit status, what it said in ret_log. */
int world_start_failing(struct world *world, char **ret_log);

/** SIGTERM, wait; the exit status. */
int world_stop(struct world *world);

/** libfaketime's library, or NULL where it is not installed. Borrowed. */
const char *faketime_library(void);

/** The clock of a driftd that runs under libfaketime from now on, as an offset ("+2h"). */
void world_set_clock(const struct world *world, const char *offset);

/** Write driftd.ini, SIGHUP, and wait until driftd has taken it. */
void world_reload(struct world *world, const char *text);

/** SIGKILL. */
void world_kill(struct world *world);

/** Run a driftd command ("status", …; NULL-terminated) in the world's folder. */
struct run world_run(const struct world *world, const char *const *arguments);

/** GET @p path of driftd; must answer 200. */
struct answer *world_get(const struct world *world, const char *path);
/** Any request to driftd. */
struct answer *world_call(const struct world *world, const char *method, const char *path,
			  const char *const *headers, const char *body);

/** POST /check: its summary, after a cycle that began now. */
struct answer *world_check(const struct world *world);
/** The same, for when the summary does not matter. */
void world_cycle(const struct world *world);

/** Ask the cloud's control API; must answer 200. Caller owns the answer. */
struct answer *cloud_control(const struct world *world, const char *method, const char *path,
			     const char *body);
/** The same with a formatted body, the answer dropped. */
void cloud_put(const struct world *world, const char *path, const char *format, ...)
	PRINTF_LIKE(3, 4);
void cloud_fault(const struct world *world, const char *rule);
void cloud_heal(const struct world *world);
/** How often an API ("run.services.list") was called since the log was cleared. */
int64_t cloud_calls(const struct world *world, const char *api);
void cloud_clear_log(const struct world *world);

/** A Run service of acme-prod/us-west2 with one revision that carries @p sha as its label. */
void cloud_deploy(const struct world *world, const char *name, const char *sha);
/** A /version target that says {"commit":SHA}. */
void cloud_target(const struct world *world, const char *name, const char *sha);

/** Any request to the cloud itself. */
struct answer *cloud_call(const struct world *world, const char *method, const char *path,
			  const char *body);
/** jobs.query of acme-prod; @p more are further members with a leading comma, or "". */
struct answer *cloud_query(const struct world *world, const char *sql, const char *more);
/** Fails unless @p answer is an error of BigQuery or Cloud Storage with this status and reason. */
void expect_cloud_error(const struct answer *answer, int status, const char *reason);

/* --- data: tables, documents, objects --- */

/** A table ("acme-prod.sales.orders") as tests/fakecloud/bq.h describes it. */
void cloud_table(const struct world *world, const char *name, const char *format, ...)
	PRINTF_LIKE(3, 4);
void cloud_drop_table(const struct world *world, const char *name);
/** A Firestore document of acme-prod ("COLLECTION/DOCUMENT"), plain JSON. */
void cloud_document(const struct world *world, const char *path, const char *format, ...)
	PRINTF_LIKE(3, 4);
/** An object; @p created ("now-2h", NULL: some day) is its timeCreated. */
void cloud_object(const struct world *world, const char *bucket, const char *name,
		  const char *created, const char *content);
/** What becomes of BigQuery's jobs from now on: a rule of tests/fakecloud/bq_job.h. */
void cloud_jobrule(const struct world *world, const char *rule);
/** All jobs end as they should again. */
void cloud_clear_jobrules(const struct world *world);
/** A counter of BigQuery ("queries", "dry_runs", "writes", "bytes_billed", "running" …) since the log was cleared. */
int64_t cloud_bigquery(const struct world *world, const char *counter);

/* --- where messages go: Slack, webhooks, GitHub's issues (harness_sinks.c) --- */

/** A Slack webhook of @p channel, with a secret in it that is nowhere else (SLACK_SECRET). Caller
 * frees. */
char *world_slack_url(const struct world *world, const char *channel);
#define SLACK_SECRET "xoSlackHookSecret24chars"

/** A [slack] section for it; @p lines follow. */
void config_add_slack(GString *config, const struct world *world, const char *name,
		      const char *lines);

/** File of all messages that Slack took, one JSON object a line, as in slack_messages(). Caller frees. */
char *world_slack_log(const struct world *world);

/** What Slack took:
 * {"count","last","items":[{"seq","channel","at_ms","message":{"text","blocks"}}]}, oldest first.
 * @p channel NULL: any; @p since: only those behind this seq. */
struct answer *slack_messages(const struct world *world, const char *channel, int64_t since);
/** seq of the last message taken; 0: none. */
int64_t slack_last(const struct world *world);
/** The same, once there are at least @p count; fails when they do not come soon. */
struct answer *slack_wait(const struct world *world, const char *channel, int64_t since,
			  int64_t count);
/** Fails unless there are exactly @p count, none of which comes later than the messages of a cycle
 * that ran before. */
void slack_expect_count(const struct world *world, const char *channel, int64_t since,
			int64_t count);
/** Item @p index of such an answer; fails when there is none. Borrowed. */
json_object *slack_item(const struct answer *messages, size_t index);
/** All that a reader sees of an item: its text and the texts and links of its blocks, a line each.
 * Caller frees. */
char *slack_text(json_object *item);
/** Fails unless the item says @p words somewhere; or says them, when it must not. */
void expect_says(json_object *item, const char *words);
void expect_silent(json_object *item, const char *words);
/** The first link of the item that holds @p part. Caller frees; NULL: none. */
char *slack_link(json_object *item, const char *part);

/** Every request to "slack", "webhook", "github" or "oidc", taken or not:
 * {"items":[{"at_ms","status",…}]}. */
struct answer *sink_attempts(const struct world *world, const char *family, int64_t since);
/** Waits until there are @p count of them; fails when they do not come soon. */
struct answer *sink_attempts_wait(const struct world *world, const char *family, int64_t since,
				  int64_t count);

/** A receiver of webhooks. Caller frees. */
char *world_webhook_url(const struct world *world, const char *name);
/** What it verifies signatures with. */
void webhook_set_secret(const struct world *world, const char *name, const char *secret);
/** Deliveries to it: {"items":[{"headers","body","json","signature"}]}. */
struct answer *webhook_records(const struct world *world, const char *name, int64_t since);
struct answer *webhook_wait(const struct world *world, const char *name, int64_t since,
			    int64_t count);

/** A repository ("acme/ops") with issues, for whoever has @p token. Driftd's api-url is
 * world->cloud and "/github". */
void github_make(const struct world *world, const char *repository, const char *token);
/** {"issues":[{"number","title","body","state","labels","comment_bodies":[…]}]}, oldest first. */
struct answer *github_issues(const struct world *world, const char *repository);
/** Waits until issue @p number is @p state with @p comments comments at least. */
struct answer *github_wait(const struct world *world, const char *repository, int64_t number,
			   const char *state, int64_t comments);

/* --- who may ask (harness_callers.c) --- */

/** Any request to driftd with this bearer token. */
struct answer *world_call_as(const struct world *world, const char *token, const char *method,
			     const char *path, const char *body);

/** Lines for [auth] that take tokens of the stand-in issuer for @p audience and @p email. Caller
 * frees. */
char *world_oidc_lines(const struct world *world, const char *audience, const char *email);
/** An RS256 token with these claims (JSON object) over the usual ones. Caller frees. */
char *oidc_token(const struct world *world, const char *claims);
/** Any token, also bad ones: tests/fakecloud/issuer.h. Caller frees. */
char *oidc_mint(const struct world *world, const char *spec);
/** New keys; @p keep: the old ones are published still. */
void oidc_rotate(const struct world *world, bool keep);
void oidc_set_max_age(const struct world *world, int64_t max_age_s);

/** "sha256=…" of @p body, as GitHub signs. Caller frees. */
char *hmac_sha256_hex(const char *secret, const char *body, size_t length);

/** A push as a hosting service reports it. */
struct push {
	const char *secret;         /* signs, or is the token; NULL: not sent */
	const char *repository;     /* "acme/app" */
	const char *url;            /* clone URL; NULL: that of the world's repository "app" */
	const char *ref;            /* NULL: "refs/heads/main" */
	const char *before, *after; /* NULL: some commit */
	const char *delivery;       /* NULL: a new id each time */
	const char *event;          /* NULL: "push" */
	bool form;                  /* GitHub: form encoded */
	bool forced, deleted;
};
/** POST /hooks/github and /hooks/gitlab. */
struct answer *push_github(const struct world *world, const struct push *push);
struct answer *push_gitlab(const struct world *world, const struct push *push);
/** The payload that GitHub would send. Caller frees. */
char *push_payload(const struct world *world, const struct push *push);

/* --- verdicts --- */

/** Any target by its id ("table/orders"), as /drift/KIND/NAME shows it. */
struct answer *world_any_target(const struct world *world, const char *id);
/** Fails unless target @p id is in @p state; @p code (NULL: any) is the code of one of its reasons. */
void expect_any_state(const struct world *world, const char *id, const char *state,
		      const char *code);

/** One target as /drift/service/NAME shows it. */
struct answer *world_target(const struct world *world, const char *name);

/** Fails unless service NAME is in @p state; @p code (NULL: any) is the code of one of its reasons.
 */
void expect_state(const struct world *world, const char *name, const char *state, const char *code);
/** Fails unless its relation is this one. */
void expect_relation(const struct world *world, const char *name, const char *relation);
/** Is it in @p state now? */
bool target_is(const struct world *world, const char *name, const char *state);
/** Waits until it is; fails when it does not happen soon. */
void wait_for_state(const struct world *world, const char *name, const char *state);
/** The same, with a cycle before every look. */
void cycle_until_state(const struct world *world, const char *name, const char *state);
/** A reason of the target by its code, or NULL. Borrowed from @p target. */
json_object *find_reason(const struct answer *target, const char *code);

/* --- git --- */

/** Run git with NULL-terminated arguments in @p directory; what it printed, trimmed. Caller frees.
 */
char *git(const char *directory, ...) G_GNUC_NULL_TERMINATED;

/** A bare repository NAME that the cloud serves and a checkout of it. Returns the checkout's path;
 * caller frees. */
char *repo_make(const struct world *world, const char *name);

/** Write a file ("" deletes it) in the checkout, commit it as @p age_s old. Its id; caller frees.
 */
char *repo_commit(const char *checkout, const char *path, const char *content, int64_t age_s);

/** Push HEAD to branch main of the bare one, forced. */
void repo_push(const char *checkout);

/** Commit and push. Caller frees. */
char *repo_publish(const char *checkout, const char *path, const char *content, int64_t age_s);

/* --- PostgreSQL --- */

/** A real server of Debian's package: initialised in a folder of its own, run by an unprivileged user. */
struct postgres {
	char *directory; /* holds all of it */
	int port;        /* of 127.0.0.1 and of the socket in directory */
	struct process server;
};

/** Start one; fails the test, saying why, when there can be none. It ends at once when its test dies. */
struct postgres *postgres_start(void);
void postgres_stop(struct postgres *postgres);

/** End the server at once, as a crash would; and start it again on the same port. */
void postgres_kill(struct postgres *postgres);
void postgres_restart(struct postgres *postgres);

/** A database for this test alone, filled by @p schema; its name, caller frees. Each test is a process of its own. */
char *postgres_database(const struct postgres *postgres, const char *schema);
void postgres_drop_database(const struct postgres *postgres, const char *database);

/** Connection string by TCP for @p user, who needs no password. Caller frees. */
char *postgres_dsn(const struct postgres *postgres, const char *database, const char *user);

/** As the superuser "postgres": several statements. Fails the test when they do. */
void postgres_run(const struct postgres *postgres, const char *database, const char *sql);
/** First cell of the answer, "" when there is none. Caller frees. */
char *postgres_ask(const struct postgres *postgres, const char *database, const char *sql);

/** A case of @p suite whose tests each begin with @p setup, end with @p teardown and have @p seconds. */
TCase *harness_case(Suite *suite, const char *name, SFun setup, SFun teardown, double seconds);

/** Seconds, for ages. */
#define AN_HOUR ((int64_t)3600)
#define A_DAY (24 * AN_HOUR)

#endif
