/* config - the whole configuration as plain, immutable structs. A config is built whole, checked
 * whole, then shared by reference: any thread may read it, references are counted atomically.
 * Which keys there are, their types, ranges and defaults: config/settings.h. DESIGN 5 and 13. */
#ifndef DRIFT_CONFIG_H
#define DRIFT_CONFIG_H

#include "base.h"
#include "matcher.h"
#include "schedule.h"

/** Kinds of targets; a target's id is KIND/NAME. */
enum target_kind {
	TARGET_KIND_NONE = 0,
	TARGET_KIND_SERVICE,
	TARGET_KIND_TABLE,
	TARGET_KIND_COMPLETION,
	TARGET_KIND_INVENTORY,
	TARGET_KIND_ASSERT,
	TARGET_KIND_BACKUP,
	TARGET_KIND_COUNT,
};

/** "service", "table", "completion", "inventory", "assert", "backup". */
const char *target_kind_text(enum target_kind kind);

/** TARGET_KIND_NONE when it is none. */
enum target_kind target_kind_from_text(const char *text);

enum priority {
	PRIORITY_NONE = 0,
	PRIORITY_P0, /* critical */
	PRIORITY_P1, /* default */
	PRIORITY_P2,
};

/** "P0", "P1", "P2". */
const char *priority_text(enum priority priority);

/** PRIORITY_NONE when it is none; NULL is fine. */
enum priority priority_from_text(const char *text);

enum config_protect {
	CONFIG_PROTECT_NONE = 0,
	CONFIG_PROTECT_WRITE, /* what changes state needs a credential */
	CONFIG_PROTECT_ALL,   /* reads too */
};

enum config_source {
	CONFIG_SOURCE_NONE = 0,
	CONFIG_SOURCE_CLOUD_RUN,
	CONFIG_SOURCE_CLOUD_FUNCTION,
	CONFIG_SOURCE_HTTP,
};

/** "cloud-run", "cloud-function", "http". */
const char *config_source_text(enum config_source source);

/** [driftd] */
struct config_driftd {
	char *listen;         /* HOST:PORT, [::1]:PORT; port 0 asks the kernel */
	char **allowed_hosts; /* lower case, IPv6 without brackets; NULL-terminated, never NULL */
	char *state_dir;      /* absolute */
	int64_t check_interval_ms;
	int64_t cycle_timeout_ms;
	int64_t request_timeout_ms;
	int max_parallel_requests; /* 1..1024 */
	char *timezone;            /* IANA name, known */
	int64_t expire_after_ms;   /* 0: 3 x the target's every */
	int confirm;               /* 1..10 */
	int64_t unknown_after_ms;  /* blindness this long opens an incident */
	int64_t reopen_within_ms;  /* an incident that ended this lately is opened again */
	int64_t ack_expires_ms;    /* an acknowledged incident that lasts longer is told again */
	int64_t retention_ms;
	char *public_url;    /* without trailing slash; NULL when not given */
	char *heartbeat_url; /* NULL when not given; may carry a secret path: never logged or served
			      */
	int log_level;       /* enum log_level */
	int64_t daily_bytes; /* billed by all [gcp] sections together per UTC day; 0: no budget */
	uint64_t given; /* which keys were written: bits by settings_index(); for config_print() */
};

/** [auth] */
struct config_auth {
	bool present;          /* the section is there */
	char *token;           /* secret, resolved; NULL: none */
	char **oidc_audiences; /* NULL-terminated, never NULL; empty: no OIDC */
	char **oidc_emails;    /* the same; lower case; at least one with an audience */
	char *oidc_issuer;     /* never NULL (default https://accounts.google.com) */
	char *oidc_jwks_url;   /* never NULL (default https://www.googleapis.com/oauth2/v3/certs) */
	char *link_secret;     /* secret, resolved, at least 16 bytes; NULL: links are plain */
	enum config_protect protect;
	bool allow_anonymous;
	uint64_t given; /* which keys were written: bits by settings_index(); for config_print() */
};

/** [repo NAME] */
struct config_repo {
	char *name;
	char *url;        /* as given */
	bool is_local;    /* a path to a repository on this machine, read in place */
	char *local_path; /* absolute; NULL unless is_local */
	char *branch;     /* NULL: the remote's HEAD */
	int64_t every_ms;
	char *token;          /* secret, resolved; NULL: none */
	char *webhook_secret; /* secret, resolved; NULL: pushes are not taken for it */
	char *web_url;        /* for links, without trailing slash; NULL: none, or derived from a
			  github/gitlab https url */
	int64_t fetch_timeout_ms;
	uint64_t given; /* which keys were written: bits by settings_index(); for config_print() */
};

enum config_credentials {
	CONFIG_CREDENTIALS_NONE = 0,
	CONFIG_CREDENTIALS_ADC,
	CONFIG_CREDENTIALS_METADATA,
	CONFIG_CREDENTIALS_FILE,
	CONFIG_CREDENTIALS_TOKEN, /* a fixed access token */
};

/** [gcp NAME] */
struct config_gcp {
	char *name;     /* "default" for the unnamed one */
	char *project;  /* NULL when not given */
	char **regions; /* NULL-terminated, may be empty */
	enum config_credentials credentials;
	char *credentials_file;  /* absolute, for _FILE */
	char *credentials_token; /* secret, resolved, for _TOKEN */
	bool report_unwatched;
	char *run_endpoint;       /* without trailing slash; never NULL (default
				     https://run.googleapis.com) */
	char *functions_endpoint; /* https://cloudfunctions.googleapis.com */
	char *storage_endpoint;   /* https://storage.googleapis.com */
	char *bigquery_endpoint;  /* https://bigquery.googleapis.com */
	char *firestore_endpoint; /* https://firestore.googleapis.com */
	char *token_endpoint;     /* NULL: from the key file, else Google's default */
	int64_t daily_bytes;      /* billed with this section per UTC day; 0: no budget */
	uint64_t given; /* which keys were written: bits by settings_index(); for config_print() */
};

/** expect = NAME=VALUE */
struct config_expect {
	char *name; /* min-instances, max-instances, cpu-idle, memory, concurrency, timeout,
		       service-account, image, env.NAME */
	char *value;
};

/** expect-from = env.NAME gs://BUCKET/OBJECT#POINTER */
struct config_expect_from {
	char *name; /* "env.MODEL_PATH" or a setting's name, as in config_expect */
	char *bucket;
	char *object;
	char *pointer; /* RFC 6901; {/x} inside is itself a pointer into the same document */
};

/** probe-expect = POINTER=VALUE */
struct config_probe_expect {
	char *pointer;
	char *value;
};

/** pin = COMMIT [until YYYY-MM-DD] [by WHO] [because WHY] */
struct config_pin {
	char *commit;          /* NULL: no pin; 7..40 hex digits */
	int64_t until_wall_ms; /* the end of that day in driftd.timezone; 0: no end */
	char *by;              /* NULL when not given */
	char *because;         /* NULL when not given */
};

/** What every target has, whatever its kind. */
struct config_target {
	char *id; /* "service/prediction-worker" */
	enum target_kind kind;
	char *name;
	enum priority priority;
	char *owner;       /* NULL when not given */
	char *description; /* NULL when not given */
	bool paused;
	char *paused_reason;          /* NULL when none was given */
	int64_t paused_until_wall_ms; /* 0: no end */
	int64_t every_ms;             /* resolved: never 0 */
	int64_t expire_after_ms;      /* resolved: never 0 */
	int confirm;                  /* resolved: 1..10 */
	char *deploy_command;         /* NULL when not given */
	/* target ids and "repo/NAME", all of this config; NULL-terminated, never NULL */
	char **depends_on;
	int64_t escalate_commits;  /* more undeployed commits raise the priority; 0: never */
	int64_t escalate_after_ms; /* an older one does; 0: never */
	bool billed; /* every look costs money (BigQuery): not repeated before every_ms is over just
			because somebody asks */
};

/** [service NAME] */
struct config_service {
	struct config_target target; /* comes first in the struct of every kind */
	enum config_source source;
	const struct config_repo *repo; /* in the same config */
	char **paths;       /* as given; NULL-terminated, may be empty (the whole tree) */
	char **commit_from; /* "label:K", "env:K", "image-tag", "annotation:K"; may be empty */
	int64_t grace_ms;
	const struct config_gcp *gcp; /* in the same config; NULL for source http */
	char *project;                /* resolved; NULL for source http */
	char *region;                 /* resolved; NULL for source http */
	char *service;                /* its name there; NULL for source http */
	bool traffic_latest;          /* traffic = latest; false: any */
	int64_t deploy_timeout_ms;
	struct config_expect *expects; /* count below */
	size_t expect_count;
	struct config_expect_from *expects_from;
	size_t expect_from_count;
	char **require_env; /* NULL-terminated, never NULL */
	char **forbid_env;
	char *probe_url; /* NULL: no probe */
	struct config_probe_expect *probe_expects;
	size_t probe_expect_count;
	struct config_pin pin;
	char *url;            /* source http */
	char *commit_pointer; /* NULL: the body is the commit */
	uint64_t given; /* which keys were written: bits by settings_index(); for config_print() */
};

enum table_method {
	TABLE_METHOD_NONE = 0,
	TABLE_METHOD_METADATA,
	TABLE_METHOD_COLUMN,
	TABLE_METHOD_PARTITION,
};

/** "metadata", "column", "partition". */
const char *table_method_text(enum table_method method);

/** [table NAME] */
struct config_table {
	struct config_target target;
	const struct config_gcp *gcp; /* in the same config */
	char *project;                /* where queries run and are billed; resolved */
	char *location_given;         /* as written; NULL: not given */
	char *region;                 /* the same: stands in for location */
	char *location;               /* resolved from these two; NULL: as tables.get says */
	char *table_given;            /* as written; NULL: the section's name stands for it */
	/* where the data is; resolved: that of the three parts, else project */
	char *table_project;
	char *dataset;
	char *table;
	enum table_method method;
	char *loaded_at_field;     /* column method; NULL: not given */
	char *filter;              /* SQL condition; NULL: none */
	int64_t warn_after_ms;     /* 0: not given */
	int64_t error_after_ms;    /* 0: not given */
	struct schedule *expected; /* NULL: none */
	int64_t grace_ms;
	char *holidays;           /* path, absolute; its dates are in expected; NULL: none */
	char *active_when;        /* SQL of one boolean; NULL: always */
	int64_t min_rows;         /* 0: not given; then 1 */
	int volume_pct;           /* volume = 30%: 30; 0: not given. partition method only */
	int64_t max_bytes_billed; /* of one look; 0: not given */
	uint64_t given;
};

/** Cap of one billed look whose max-bytes-billed is not given: ten tables' minimum. */
#define CONFIG_MAX_BYTES_BILLED ((int64_t)1000 * 1000 * 1000)

/** expect = KEY or MODE: KEY */
struct config_completion_key {
	char *mode; /* NULL: every mode without entries of its own */
	char *key;
};

/** evidence = KEY table/NAME */
struct config_evidence {
	char *key;
	char *table_id;                   /* "table/player_game_summary" */
	const struct config_table *table; /* in the same config; resolved */
};

/** [completion NAME] */
struct config_completion {
	struct config_target target;
	const struct config_gcp *gcp;
	char *project;
	/* "phase3_completion/{date}": COLLECTION/DOCUMENT[/…], even number of parts */
	char *document;
	char *date_zone; /* IANA; resolved: the zone of expected, else driftd.timezone */
	/* keeps date_zone in GLib's cache: schedule_date() is then cheap, and cannot fail */
	GTimeZone *date_zone_held;
	int date_offset_days;                  /* added to the date, -366..366 */
	struct config_completion_key *expects; /* at least one */
	size_t expect_count;
	char *mode_field; /* NULL: no modes */
	/* done = FIELD=VALUE|VALUE: field in the map under each key; NULL: presence is enough */
	char *done_field;
	char **done_values; /* NULL-terminated; NULL without done_field */
	struct config_evidence *evidence;
	size_t evidence_count;
	struct schedule *expected; /* NULL: always due */
	int64_t grace_ms;
	char *holidays;
	char *active_when;
	char *location; /* of the active_when query; NULL: Google finds it */
	uint64_t given;
};

enum config_data_source {
	CONFIG_DATA_SOURCE_NONE = 0,
	CONFIG_DATA_SOURCE_BIGQUERY,
	CONFIG_DATA_SOURCE_POSTGRESQL,
};

/** [inventory NAME] */
struct config_inventory {
	struct config_target target;
	enum config_data_source source;
	const struct config_gcp *gcp; /* bigquery; else NULL */
	char *project;                /* bigquery; else NULL */
	char *location_given;         /* as written; NULL: not given */
	char *region;                 /* the same: stands in for location */
	char *location;               /* resolved from these two; NULL: Google finds it */
	char **datasets;   /* bigquery: DATASET or PROJECT.DATASET, at least one; NULL-terminated */
	char *dsn;         /* postgresql: libpq connection string, secret; else NULL */
	char **schemas;    /* postgresql; empty: all but pg_* and information_schema */
	char *expect_file; /* absolute; need not exist when the configuration is loaded */
	char **ignores;    /* globs over names; may be empty */
	bool report_unexpected;
	uint64_t given;
};

enum condition_subject {
	CONDITION_SUBJECT_NONE = 0,
	CONDITION_SUBJECT_ROWS,
	CONDITION_SUBJECT_VALUE,
};

enum condition_operator {
	CONDITION_OPERATOR_NONE = 0,
	CONDITION_OPERATOR_EQ,
	CONDITION_OPERATOR_NE,
	CONDITION_OPERATOR_LT,
	CONDITION_OPERATOR_LE,
	CONDITION_OPERATOR_GT,
	CONDITION_OPERATOR_GE,
	CONDITION_OPERATOR_BETWEEN,
};

/** "rows = 0", "value >= 0.5", "value between 1 and 2". */
struct config_condition {
	enum condition_subject subject; /* NONE: not given */
	enum condition_operator operator;
	double bound; /* rounded, as upper is: what is judged is text */
	double upper; /* BETWEEN: both ends belong to it */
	char *text;   /* as written */
};

/** [assert NAME] */
struct config_assert {
	struct config_target target;
	enum config_data_source source;
	const struct config_gcp *gcp;
	char *project;
	char *location_given; /* as written; NULL: not given */
	char *region;         /* the same: stands in for location */
	char *location;       /* resolved from these two; NULL: Google finds it */
	char *sql_file;       /* absolute */
	/* its content, read with the configuration: one statement, without ';', white space and
	 * comments at its end; NULL with config_load_rules() */
	char *sql;
	struct config_condition expect;
	struct config_condition warn;
	char *dsn;
	bool show_rows;
	int64_t max_bytes_billed; /* 0: not given */
	char *active_when;        /* SQL of the same source */
	uint64_t given;
};

/** [backup NAME] */
struct config_backup {
	struct config_target target;
	const struct config_gcp *gcp;
	char *project;
	char *bucket;
	char *prefix;        /* resolved: "" or ending in '/' */
	char *folder_format; /* folder_format.h */
	char **files;        /* names inside the folder, at least one */
	char *metadata;      /* NULL: none */
	int64_t max_age_ms;
	int64_t retention_ms; /* 0: not given */
	uint64_t given;
};

enum channel_kind {
	CHANNEL_KIND_NONE = 0,
	CHANNEL_KIND_SLACK,
	CHANNEL_KIND_WEBHOOK,
	CHANNEL_KIND_ALERTMANAGER,
	CHANNEL_KIND_GITHUB,
	CHANNEL_KIND_COUNT,
};

/** "slack", "webhook", "alertmanager", "github". */
const char *channel_kind_text(enum channel_kind kind);

/** [slack NAME], [webhook NAME], [alertmanager NAME], [github NAME] */
struct config_channel {
	char *id; /* "slack/default" */
	enum channel_kind kind;
	char *name; /* "default" for [slack] without one */
	struct matcher **
		routes; /* any that matches will do; NULL-terminated, never NULL; empty: everything */
	int64_t remind_every_ms;
	int64_t rate_interval_ms; /* rate = 1/s: 1000; between two messages */
	char *rate;               /* as written */
	struct schedule *digest;  /* NULL: none */
	bool digest_when_ok;
	char *url; /* slack, webhook: secret, resolved; alertmanager: base URL; github: that of the API */
	char *secret;     /* webhook: signs; secret; NULL: unsigned */
	char *repository; /* github: OWNER/NAME; else NULL */
	char *token;      /* github; secret; else NULL */
	char *label;      /* github; else NULL */
	uint64_t given;
};

/** [window NAME]: maintenance. */
struct config_window {
	char *name;
	struct schedule *start;
	int64_t duration_ms;
	struct matcher **matchers; /* any that matches will do; at least one; NULL-terminated */
	uint64_t given;
};

/** All of it. */
struct config {
	char *path;      /* main file, absolute */
	char *directory; /* where it lies: relative paths start here */
	/* char *: all that were read, absolute, the main file first */
	GPtrArray *files;
	int64_t loaded_wall_ms;
	struct config_driftd driftd;
	struct config_auth auth;
	GPtrArray *repos;    /* struct config_repo *, in order of appearance */
	GPtrArray *gcps;     /* struct config_gcp * */
	GPtrArray *services; /* struct config_service * */
	/* const struct config_target * of all kinds, in order of appearance; borrowed from the
	 * arrays of their kinds */
	GPtrArray *targets;
	GPtrArray *tables;      /* struct config_table * */
	GPtrArray *completions; /* struct config_completion * */
	GPtrArray *inventories; /* struct config_inventory * */
	GPtrArray *asserts;     /* struct config_assert * */
	GPtrArray *backups;     /* struct config_backup * */
	GPtrArray *channels;    /* struct config_channel * of all kinds, in order of appearance */
	GPtrArray *windows;     /* struct config_window * */
	GPtrArray *warnings;    /* char *: what is accepted and has no effect, or looks wrong */
	GHashTable *by_id; /* target id -> const struct config_target *; for config_find_target() */
	int more_refs;     /* references beyond the first; atomic */
};

/** Most targets of all kinds together, repositories (each has a thread), [gcp] sections and
 * included files. */
#define CONFIG_TARGETS_MAX 50000
#define CONFIG_REPOS_MAX 200
#define CONFIG_GCPS_MAX 200
#define CONFIG_CHANNELS_MAX 200
#define CONFIG_WINDOWS_MAX 200
#define CONFIG_INCLUDES_MAX 1000

/** More problems, or warnings, are counted but not kept. */
#define CONFIG_PROBLEMS_MAX 1000

/** Longest value of a secret. */
#define CONFIG_SECRET_MAX_BYTES ((size_t)64 * 1024)

/** One thing wrong with a configuration. */
struct config_problem {
	char *file;    /* as the user would open it */
	int line;      /* 1-based; 0: none */
	char *message; /* section, key, value (unless secret), reason, likely spelling; one line */
};

/**
 * Read and check everything: main file, includes, secrets, references, zones.
 *
 * @param path          main configuration file.
 * @param ret_config    one reference, caller unrefs; set on success only.
 * @param ret_problems  struct config_problem *, all that is wrong, in file order, set on failure
 * only; caller unrefs. A file that cannot be read at all is a problem too.
 * @return true when there is no problem at all.
 */
MUST_CHECK bool config_load(const char *path, struct config **ret_config, GPtrArray **ret_problems);

/** Longest content of a sql-file, in bytes: what BigQuery takes. */
#define CONFIG_SQL_MAX_BYTES ((size_t)1000 * 1000)

/**
 * The same without looking up secrets and credentials, which then are NULL, and without reading
 * files of SQL and of holidays: for path rules in a checkout whose machine has no secrets (driftd
 * affected). Nothing can be fetched or served with it.
 */
MUST_CHECK bool config_load_rules(const char *path, struct config **ret_config,
				  GPtrArray **ret_problems);

/** "FILE:LINE: MESSAGE" for each problem, a line each. Caller frees. */
char *config_problems_text(const GPtrArray *problems);

struct config *config_ref(struct config *config);
void config_unref(struct config *config);

/** For g_autoptr(struct_config); the plain name would be shadowed by every parameter called so. */
typedef struct config struct_config;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(struct_config, config_unref)

/** The effective configuration, every key with its value in force, secrets as "(secret)", in each
 * section what was written first, then the defaults. INI text that could be read back.
 * Caller frees. */
char *config_print(const struct config *config);

/** The same as a JSON text:
 * {"sections":[{"section","name","keys":[{"key","value","default":bool}]}],"warnings":[…],
 * "files":[…]}. "name" is null where the section has none; "value" is a text, an array of texts for a repeatable key.
 * Caller frees. */
char *config_print_json(const struct config *config);

/** Which sections are printed. */
struct config_choice {
	const char *part; /* those with this in "KIND/NAME", whatever the case; NULL: all */
	size_t max;       /* the first of them; 0: all */
};
/** The same of some sections; @p choice NULL: of all. @p ret_left_out: how many there are beyond
 * max; may be NULL. Caller frees. */
char *config_print_some(const struct config *config, const struct config_choice *choice);
char *config_print_json_some(const struct config *config, const struct config_choice *choice,
			     size_t *ret_left_out);

/** Target by id ("table/orders"), or NULL. */
const struct config_target *config_find_target(const struct config *config, const char *id);

/** Channel by id ("slack/default"), or NULL. */
const struct config_channel *config_find_channel(const struct config *config, const char *id);

/** The struct that @p target is the beginning of; NULL when it is of another kind. */
const struct config_service *config_to_service(const struct config_target *target);
const struct config_table *config_to_table(const struct config_target *target);
const struct config_completion *config_to_completion(const struct config_target *target);
const struct config_inventory *config_to_inventory(const struct config_target *target);
const struct config_assert *config_to_assert(const struct config_target *target);
const struct config_backup *config_to_backup(const struct config_target *target);

/** The [gcp] that a target looks with; NULL: none. */
const struct config_gcp *config_target_gcp(const struct config_target *target);

/** Is the target paused at @p now_wall_ms? */
bool config_target_is_paused(const struct config_target *target, int64_t now_wall_ms);

#endif
