/* observation - what a source said about a target, and when; here the part of services. Plain data:
 * built by the sources, read by evaluation, never edited afterwards. Pure: any thread. */
#ifndef DRIFT_OBSERVATION_H
#define DRIFT_OBSERVATION_H

#include "base.h"
#include "source/data_observation.h"
#include "source/fault.h"

/** A marker says which commit a revision was built from. All are kept; which of them counts is
 * decided by evaluation. */
struct marker {
	char *source; /* "label:commit-sha", "service-label:commit-sha", "env:GIT_COMMIT",
			 "image-tag", "annotation:K", "pointer:/build/commit", "body" */
	char *value;  /* as found, UTF-8, at most MARKER_VALUE_MAX_BYTES; "(secret)" for a variable
			 that is filled from a secret, which driftd does not read: no hit */
	char *commit; /* lower-case hex digits (7..40) when the value is a hit, "-dirty" removed;
			 NULL: no hit */
	bool dirty;   /* "-dirty" followed, or the http answer said "dirty": true beside it */
	bool soft; /* image tag or label "revision": a value that resolves to no commit is no hit */
	bool chosen_by_user; /* named by commit-from: a value that is no hit makes the target
				unknown */
	bool service_level;  /* a label of the service, not of the revision: evidence only */
};

#define MARKER_VALUE_MAX_BYTES 200

/** One revision that serves traffic (percent > 0). Source http has one, without a name. */
struct revision_obs {
	char *name;              /* short name; NULL for source http */
	int percent;             /* 1..100 */
	int64_t created_wall_ms; /* 0: not known */
	char *image;             /* NULL when not known */
	char *digest;            /* "sha256:…" when the image names one; else NULL */
	GPtrArray *markers;      /* struct marker *, in the order of DESIGN 6; may be empty */
	bool from_template; /* the template stands for it; false: the revision itself was read */
};

/** A setting as it is: name as in config_expect (without env.), value as text ("0", "true",
 * "512Mi", "300s"). */
struct setting_obs {
	const char *name; /* one of a few constants: never freed */
	char *value;      /* in the same block of memory */
};

/** What came of one expect-from, same index as in config_service.expects_from. */
struct expect_from_obs {
	struct fault *fault;  /* the manifest could not be read, or the pointer leads nowhere; NULL:
				 read */
	char *wanted;         /* value at the pointer; NULL with fault */
	bool object_missing;  /* the value names a gs:// object (or bucket-relative path) that does
				 not exist */
	char *object_checked; /* which object was looked for; NULL: the value names none */
	bool actual_present;  /* the service has that setting or variable (in its serving template)
			       */
	bool equal;           /* actual equals wanted */
};

/** What came of one `expect = env.NAME=VALUE`. The value itself was compared where it was decoded;
 * it is not kept. In the order of config_service.expects, those that are not env.… left out: look
 * them up by name. */
struct env_check {
	char *name;        /* without "env." */
	bool present;      /* the serving template has the variable */
	bool is_reference; /* present, but taken from a secret: driftd cannot read its value, equal
			      is false */
	bool equal;        /* present, and its value is the expected one */
};

/** What came of one probe-expect, same index as in config_service.probe_expects. */
struct probe_obs {
	bool found;   /* there is a scalar at the pointer */
	char *actual; /* bounded text; NULL unless found */
	bool equal;
};

/** Everything a source said about one service. */
struct service_obs {
	bool found;             /* false: a complete list does not have it */
	GPtrArray *revisions;   /* struct revision_obs *, percent > 0, largest share first; empty:
				   no_traffic */
	bool is_cloud;          /* cloud-run, cloud-function: the fields from here to env_names mean
				   something */
	bool latest_serves_all; /* all traffic goes to the latest ready revision */
	bool follows_latest;    /* the wish is TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST at 100 % */
	char *latest_created;   /* short name; NULL when not said */
	char *latest_ready;     /* short name; NULL when not said */
	int64_t latest_created_wall_ms; /* createTime of the latest created revision; 0: not known
					 */
	bool reconciling;               /* or generation != observedGeneration */
	char *rollout_error;  /* message of the condition that failed; NULL: none failed */
	GPtrArray *settings;  /* struct setting_obs *, of the serving revision with the largest
				   share, or of the template */
	GPtrArray *env_names; /* char *, sorted, of the same; a name's hash is told by
				   service_obs_env_hash() */
	struct env_check *env_checks; /* see there; 0 of them when none is configured */
	size_t env_check_count;
	struct expect_from_obs *expects_from; /* count as configured */
	size_t expect_from_count;
	struct fault *probe_fault; /* the probe itself could not be read; NULL: it was, or there is
				      none */
	struct probe_obs *probes;
	size_t probe_count;
};

/** Header of every observation; reference counted (atomic), immutable once handed over. */
struct observation {
	char *target_id;
	int64_t observed_wall_ms;
	int64_t observed_mono_ms;
	struct fault *fault; /* could not be observed: all below are NULL then; else exactly one of
				them is not */
	struct service_obs *service;
	struct table_obs *table;
	struct completion_obs *completion;
	struct inventory_obs *inventory;
	struct assert_obs *assertion;
	struct backup_obs *backup;
};

/** A deployed service that no section names. */
struct unwatched {
	char *kind; /* "cloud-run" or "cloud-function" */
	char *project;
	char *region;
	char *service;
};

struct observation *observation_create(const char *target_id, int64_t wall_ms, int64_t mono_ms);
struct observation *observation_ref(struct observation *observation);
void observation_unref(struct observation *observation);
/** Arrays and tables are made, all else is empty. */
struct service_obs *service_obs_create(void);
void service_obs_free(struct service_obs *service);
/** @p name must be a constant: it is kept as it is. */
void service_obs_add_setting(struct service_obs *service, const char *name, const char *value);
/** Names must come sorted, each once. */
void service_obs_add_env(struct service_obs *service, const char *name, const char *hash);
/** Keyed hash of a variable's value (env_hash.h), or of the reference to a secret it is taken from;
 * NULL when it is not there. Borrowed. */
const char *service_obs_env_hash(const struct service_obs *service, const char *name);
struct revision_obs *revision_obs_create(const char *name, int percent);
void revision_obs_free(struct revision_obs *revision);
void unwatched_free(struct unwatched *unwatched);

/**
 * Make a marker; finds out whether @p value is a hit ([0-9a-fA-F]{7,40}, optionally "-dirty", as
 * the whole value; with @p is_image_tag, which makes it soft, the whole tag or its last part after
 * '.', '_' or '-').
 */
struct marker *marker_create(const char *source, const char *value, bool is_image_tag);

/**
 * The facts without the times, as JSON text: equal exactly when nothing changed. What the store
 * keeps as deployment history. Contains env hashes, never env values. NULL for kinds other than
 * services: what matters of them is in their verdicts and samples. Caller frees. */
char *observation_facts_json(const struct observation *observation);

#endif
