/* resolve_target - what sections of several kinds have in common when their keys are held together.
 * Private to lib/config/. */
#ifndef DRIFT_CONFIG_RESOLVE_TARGET_H
#define DRIFT_CONFIG_RESOLVE_TARGET_H

#include "base.h"
#include "config/build.h"
#include "config/sql_text.h"

/** How often, how long it counts, how many must agree. @return false: it was warned that verdicts
 * expire before the next look. */
bool resolve_target_times(struct build *build, struct config_target *target);

/** Refuse keys that the source or method has no use for. */
void resolve_target_keys(struct build *build);

/** The [gcp] section and the project. @return false: there is none, which is reported. */
bool resolve_target_google(struct build *build, const struct config_gcp **gcp, char **project);

/** location, for which region stands in. @p ret_location is a copy, or NULL. */
void resolve_target_location(struct build *build, const char *given, const char *region,
			     char **ret_location);

/** expected with its holidays; refuses what means nothing without it. */
void resolve_target_schedule(struct build *build, struct schedule **expected, int64_t grace_ms,
			     const char *holidays);

/** Check SQL of the key @p key, and cut it behind its statement. NULL is fine. */
void resolve_target_sql(struct build *build, const char *key, enum sql_dialect dialect,
			enum sql_form form, char *sql);

#endif
