/* data_lanes - a world in which every API that data targets are read by can be made to fail, several times side by side: each kind of
 * look has a project (or a bucket) of its own in each lane, so that a rule of the cloud hits one of them and nothing else. Beside the
 * lanes there is one target of each kind that no rule touches, and two services. */
#ifndef TESTS_DATA_LANES_H
#define TESTS_DATA_LANES_H

#include "tests/integration/harness.h"

/** What is read, and by which API. */
enum source {
	SOURCE_METADATA,   /* tables.get */
	SOURCE_COLUMN,     /* jobs.query, two tables in one query */
	SOURCE_PARTITION,  /* jobs.query of INFORMATION_SCHEMA */
	SOURCE_ACTIVE,     /* jobs.query of active-when */
	SOURCE_ASSERT,     /* jobs.query */
	SOURCE_INVENTORY,  /* jobs.query of INFORMATION_SCHEMA */
	SOURCE_COMPLETION, /* documents:batchGet */
	SOURCE_LIST,       /* objects.list */
	SOURCE_OBJECT,     /* objects.get of a backup's metadata */
	SOURCE_TOKEN,      /* the token endpoint of a table's own [gcp] section */
	SOURCE_COUNT,
};

#define BIT(source) (1U << (source))
#define ALL (BIT(SOURCE_COUNT) - 1)
#define QUERIES                                                                                    \
	(BIT(SOURCE_COLUMN) | BIT(SOURCE_PARTITION) | BIT(SOURCE_ACTIVE) | BIT(SOURCE_ASSERT) |    \
	 BIT(SOURCE_INVENTORY))
#define BIGQUERY (QUERIES | BIT(SOURCE_METADATA))
#define STORAGE (BIT(SOURCE_LIST) | BIT(SOURCE_OBJECT))
#define APIS (ALL & ~BIT(SOURCE_TOKEN))

/** Targets of a source in one lane, at most. */
#define LANE_TARGETS_MAX 2

/** Seconds, and what may come on top when the machine is busy. */
#define LANES_CYCLE_TIMEOUT_MS (HARNESS_SANITIZED ? 4000 : 2000)
#define LANES_SLACK_MS (HARNESS_SANITIZED ? 6000 : 2500)

struct lanes {
	struct world *world;
	int count;
	unsigned sources;     /* BIT()s of those that are there */
	int64_t made_wall_ms; /* backups are named by it */
};

/** Tables, documents, objects, configuration; driftd does not run yet. */
void lanes_create(struct lanes *lanes, int count, unsigned sources);
/** Further sections, before driftd starts. */
void lanes_configure_more(const struct lanes *lanes, const char *text);
void lanes_free(struct lanes *lanes);

/** Name of @p source, for messages. Borrowed. */
const char *lanes_source_name(enum source source);
/** Id of target @p index of @p source in @p lane; NULL when there are fewer. Caller frees. */
char *lanes_target(enum source source, int lane, int index);
/** What a message must name so that a person knows what was looked at. Caller frees. */
char *lanes_subject(enum source source, int lane);
/** The permission that is needed there; NULL: none. Borrowed. */
const char *lanes_permission(enum source source);

/** Make @p source fail in @p lane: members of a rule of faults.h, without "path". Where it is denied, the permission is that of the
 * source. */
void lanes_fault(const struct lanes *lanes, enum source source, int lane, const char *members);
/** The same for another API of the source's project ("bigquery.tables.get"). */
void lanes_fault_of(const struct lanes *lanes, enum source source, int lane, const char *api,
		    const char *members);
/** The same for the jobs it starts: members of a rule of bq_job.h. @p table: ".shop.a" for those that name it, "" for all. */
void lanes_jobrule(const struct lanes *lanes, enum source source, int lane, const char *table,
		   const char *members);
/** How often the fault that was hit least was hit. */
int64_t lanes_hits(const struct lanes *lanes);
/** No fault is left, nor a rule for jobs. */
void lanes_heal(const struct lanes *lanes);

/** What is remembered is to be read anew: metadata of backups. */
void lanes_renew(const struct lanes *lanes);

/** A cycle that asks what is billed too; it must end in time. */
void lanes_cycle(const struct lanes *lanes);

/** All that no rule touches is ok. */
void lanes_expect_bystanders(const struct lanes *lanes, const char *when);
/** Every target is ok. */
void lanes_expect_all_ok(const struct lanes *lanes, const char *when);

#endif
