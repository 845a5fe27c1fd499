/* store_fixture_alerts - rows of incidents and the outbox for tests of the store. */
#ifndef DRIFT_TEST_STORE_FIXTURE_ALERTS_H
#define DRIFT_TEST_STORE_FIXTURE_ALERTS_H

#include "tests/unit/store_fixture.h"

/** Commit @p alerts (taken) by themselves, and say so if it fails. */
void store_fixture_commit_alerts(struct store_alerts *alerts);

/** Rows for @p alerts, all texts set, times from @p at_wall_ms on. An incident is open. */
struct store_incident *store_fixture_incident(struct store_alerts *alerts, int64_t id,
					      const char *target, int64_t at_wall_ms);
/** It becomes "resolved" at @p at_wall_ms. */
void store_fixture_end(struct store_incident *incident, int64_t at_wall_ms);
/** Of "priority=P1", for an hour. */
struct store_silence *store_fixture_silence(struct store_alerts *alerts, int64_t id,
					    int64_t at_wall_ms);
/** It waits, for "slack/default", about incident 1, and says {}. */
struct store_notification *store_fixture_notification(struct store_alerts *alerts, int64_t id,
						      int64_t at_wall_ms);
/** The same, without what it says: @p state, and folded into @p folded_into (0: not). */
struct store_notification *store_fixture_renew(struct store_alerts *alerts, int64_t id,
					       const char *state, int64_t folded_into);
/** It failed with 500. */
struct store_attempt *store_fixture_attempt(struct store_alerts *alerts, int64_t notification,
					    int64_t at_wall_ms);
void store_fixture_memo(struct store_alerts *alerts, const char *name, int64_t value);

/** Replace a text of a row. */
void store_fixture_set(char **text, const char *value);

/** Fails the test when a query of schema/queries.sql goes through a whole table. */
void store_fixture_check_plan(const char *query);

#endif
