/* alerts_lab - a world whose services drift when a test says so, and whose messages go to the
 * stand-ins. */
#ifndef TESTS_ALERTS_LAB_H
#define TESTS_ALERTS_LAB_H

#include "tests/integration/harness.h"

/** What links begin with. */
#define LAB_PUBLIC_URL "https://drift.acme.example"

/** Settings of the team; its messages need not wait for each other. */
#define LAB_TEAM "route = *\nremind-every = 1h\nrate = 100/s"

struct lab {
	struct world *world;
	char *checkout;  /* of repository "app" */
	GString *config; /* as written when it begins */
	char *base;      /* a commit that every service has deployed at first */
};

/** @p driftd_extra: more lines of [driftd], or "". */
struct lab *lab_create(const char *driftd_extra);
void lab_free(struct lab *lab);

/** A /version service whose paths are a folder of its name and "shared", without grace, P1,
 * deployed at the base commit. @p lines: more, or "". */
void lab_add_service(struct lab *lab, const char *name, const char *lines);
/** Services "PREFIX-1" … "PREFIX-N". */
void lab_add_services(struct lab *lab, const char *prefix, int count);

/** A [slack "team"] that is told everything and reminds seldom. */
void lab_add_team(struct lab *lab);

/** Write the configuration, start, one cycle. */
void alab_begin(struct lab *lab);
/** The same with a team and one service. */
void lab_begin_with(struct lab *lab, const char *service, const char *lines);
/** The same with a team and services alpha and beta. */
void lab_begin_with_two(struct lab *lab, const char *alpha, const char *beta);
/** Stop, start with the configuration of now; no cycle. */
void lab_restart(struct lab *lab);
/** Take the configuration of now; then a cycle. */
void lab_reload_config(struct lab *lab);

/** Publish a commit in the folder, so that services drift that have it among their paths. Caller
 * frees. */
char *lab_change(struct lab *lab, const char *folder, const char *content);
/** The same, and a cycle. */
void lab_drift(struct lab *lab, const char *folder);
/** Deploy what is published now to the service; no cycle. */
void lab_deploy(struct lab *lab, const char *name);
/** The same, and a cycle. */
void lab_mend(struct lab *lab, const char *name);

/** Cycle until Slack's channel has so many messages behind @p since; fails when that does not
 * happen soon. */
struct answer *lab_cycle_until(struct lab *lab, const char *channel, int64_t since, int64_t count);

/** The newest incident of a target ("service/a"), as /incidents shows it; fails when there is none.
 * Caller puts. */
json_object *lab_incident(const struct lab *lab, const char *target);
/** Fails unless that one's member is this text. */
void lab_expect_incident(const struct lab *lab, const char *target, const char *member,
			 const char *text);
/** Waits until it is. */
void lab_wait_incident(const struct lab *lab, const char *target, const char *member,
		       const char *text);

/** POST a JSON body to driftd; fails unless it is answered with 2xx. */
struct answer *lab_post(const struct lab *lab, const char *path, const char *body);

/** Waits until /status has channel @p name in @p state ("ok", "failing"). */
void lab_wait_channel(const struct lab *lab, const char *name, const char *state);

/** RFC 3339 of so many seconds from now. Caller frees. */
char *lab_time(int64_t offset_s);

/** Give driftd a clock of its own, which lab_set_clock() sets; false where that cannot be. Before
 * alab_begin(). */
bool alab_take_clock(struct lab *lab);

/** Seconds from now until it is this time of day (UTC, "06:01:00") within the day to come. */
int64_t lab_seconds_until(const char *time_of_day);
/** driftd's clock, so many seconds ahead of ours. */
void lab_set_clock(const struct lab *lab, int64_t ahead_s);

#endif
