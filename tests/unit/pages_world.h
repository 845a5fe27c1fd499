/* pages_world - pages of the dashboard over the database of alerts_world: for their tests. */
#ifndef DRIFT_TEST_PAGES_WORLD_H
#define DRIFT_TEST_PAGES_WORLD_H

#include "alerts_world.h"

/** The page of @p target, which has no format yet; its status is 200. Caller frees. */
char *pages_get(const struct alerts_world *world, const char *target);

void pages_check_has(const char *page, const char *part);
void pages_check_lacks(const char *page, const char *part);
/** Every element that begins ends, in order. */
void pages_check_balanced(const char *page);
/** Ids stand once. */
void pages_check_ids(const char *page);

/** More for the database. Takes @p alerts. */
void pages_commit(const struct alerts_world *world, struct store_alerts *alerts);

/** What a message says about so many incidents: 5, 4 and others, of service/made-0, service/made-1 and so
 * on; the second one is closing. Caller frees. */
char *pages_content(int count, const char *summary);

/** Message 10 about the incidents 5 and 4, which waits. Takes @p content. */
void pages_add_message(const struct alerts_world *world, char *content, int64_t created_wall_ms);

#endif
