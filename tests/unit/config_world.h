/* config_world - a fresh directory with a configuration in it, for tests of lib/config. */
#ifndef DRIFT_TESTS_CONFIG_WORLD_H
#define DRIFT_TESTS_CONFIG_WORLD_H

#include "config/config.h"

/* A configuration that is right, to put things into. Lines 1 to 5. */
#define CONFIG_WORLD_BASE                                                                          \
	"[repo \"main\"]\nurl = https://git.example.com/a.git\n[service \"web\"]\nsource = http\n" \
	"url = https://web.example.com/version\n"
/* The same with a Cloud Run service. Lines 1 to 7; more keys of it follow in line 8. */
#define CONFIG_WORLD_CLOUD                                                                         \
	"[repo \"main\"]\nurl = https://git.example.com/a.git\n[gcp]\nproject = p\n"               \
	"region = us-west2\n[service \"web\"]\nsource = cloud-run\n"

/** Fixture: make the directory, and the environment that the tests expect; remove it. */
void config_world_set_up(void);
void config_world_tear_down(void);

/** The directory. */
const char *config_world_directory(void);

/** Write a file into the directory; folders on the way are made. Its path; caller frees. */
char *config_world_put(const char *name, const char *text);
/** The same for those who need no path. */
void config_world_put_only(const char *name, const char *text);

/** Load "driftd.ini" with @p text. All problems as text, without the directory, or NULL with a
 * configuration. Caller frees. */
char *config_world_try_text(const char *text, struct config **ret_config);

/** Load @p text, or fail the test. */
struct config *config_world_must_load(const char *text);

/** Fail the test unless the problems of @p text are just @p want. */
void config_world_must_fail(const char *text, const char *want);

/** The same, or load it when @p want is NULL; and "hunter2", a secret, may not be shown. */
void config_world_check(const char *text, const char *want);

/** Service number @p index. */
const struct config_service *config_world_service_of(const struct config *config, guint index);

#endif
