/* config - the whole configuration as plain, immutable structs. A config is built whole, checked
 * whole, then shared by reference: any thread may read it, references are counted atomically.
 * Which keys there are, their types, ranges and defaults: config/settings.h. DESIGN 5 and 13. */
#ifndef DRIFT_CONFIG_H
#define DRIFT_CONFIG_H

#include "base.h"

enum priority {
	PRIORITY_NONE = 0,
	PRIORITY_P0, /* critical */
	PRIORITY_P1, /* default */
	PRIORITY_P2,
};

/** "P0", "P1", "P2". */
const char *priority_text(enum priority priority);

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
	int64_t retention_ms;
	char *public_url;    /* without trailing slash; NULL when not given */
	char *heartbeat_url; /* NULL when not given; may carry a secret path: never logged or served
			      */
	int log_level;       /* enum log_level */
	uint64_t given; /* which keys were written: bits by settings_index(); for config_print() */
};

/** [auth] */
struct config_auth {
	bool present; /* the section is there */
	char *token;  /* secret, resolved; NULL: none */
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
	char *token;   /* secret, resolved; NULL: none */
	char *web_url; /* for links, without trailing slash; NULL: none, or derived from a
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
	char *token_endpoint;     /* NULL: from the key file, else Google's default */
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
	char *id;   /* "service/prediction-worker" */
	char *kind; /* "service" */
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
};

/** [service NAME] */
struct config_service {
	struct config_target target;
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

/** All of it. */
struct config {
	char *path;      /* main file, absolute */
	char *directory; /* where it lies: relative paths start here */
	struct config_driftd driftd;
	struct config_auth auth;
	GPtrArray *repos;    /* struct config_repo *, in order of appearance */
	GPtrArray *gcps;     /* struct config_gcp * */
	GPtrArray *services; /* struct config_service * */
	GPtrArray *warnings; /* char *: what is accepted and has no effect, or looks wrong */
	GHashTable
		*by_name; /* service's name -> struct config_service *; for config_find_service() */
	int more_refs;    /* references beyond the first; atomic */
};

/** Most targets, repositories (each has a thread), [gcp] sections and included files. */
#define CONFIG_TARGETS_MAX 50000
#define CONFIG_REPOS_MAX 200
#define CONFIG_GCPS_MAX 200
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

/**
 * The same without looking up secrets and credentials, which then are NULL: for path rules in a
 * checkout whose machine has no secrets (driftd affected). Nothing can be fetched or served with it.
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
 * {"sections":[{"section","name","keys":[{"key","value","default":bool}]}],"warnings":[…]}. "name"
 * is null where the section has none; "value" is a text, an array of texts for a repeatable key.
 * Caller frees. */
char *config_print_json(const struct config *config);

/** Service by name, or NULL. */
const struct config_service *config_find_service(const struct config *config, const char *name);

#endif
