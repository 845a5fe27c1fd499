/* docs_lab - one run of data targets against a small server that plays Google: for the tests of
 * completion documents and backups. */
#ifndef TESTS_DOCS_LAB_H
#define TESTS_DOCS_LAB_H

#include "data/run.h"
#include "tests/unit/web_fixture.h"

#include <check.h>

/** What the fake clock says when a test begins: 2026-11-20T11:00:00Z. */
#define DOCS_LAB_WALL_MS INT64_C(1795172400000)

#define DOCS_LAB_JSON "Content-Type: application/json; charset=UTF-8\r\n"

/** All of the test that runs. */
struct docs_lab {
	struct web *web;
	struct http_client *client;
	struct pg_pool *postgres; /* NULL: nothing here asks one */
	struct config_gcp gcp;
	struct config config;
	GPtrArray *access;
	struct budget *budget;
	struct data_memory memory;
	/* the fake clock goes on by this much while the client waits once; 0: it stands still */
	int64_t step_ms;
	GPtrArray *observations; /* of the last run, in the order of its targets; NULL */
};

extern struct docs_lab docs_lab;

/** A test case with a server that answers by @p handler is to be made of these. */
void docs_lab_open(web_handler_fn handler);
void docs_lab_close(void);

/** Look at @p targets and wait for the end. */
void docs_lab_look(const struct config_target *const *targets, size_t count);

/** The observation at @p index of the last run. */
const struct observation *docs_lab_seen(size_t index);
/** The same: its fault. The test fails when there is none, when it is of another class, or when @p
 * part is not in its message. */
const struct fault *docs_lab_fault(size_t index, enum fault_class class, const char *part);

/** Replace a text of a configuration. */
void docs_lab_set(char **text, const char *value);

/**
 * [completion NAME] of docs_lab.gcp with document = phase3/{date} in New York.
 *
 * @param expects  "a same_day:b".
 * @param done     "status=success|partial"; NULL.
 */
struct config_completion *docs_lab_completion(const char *name, const char *expects,
					      const char *mode_field, const char *done);
void docs_lab_completion_free(struct config_completion *config);

/** "[mode] a+ b- c!(failed) | x y": done, absent, present and not done, others. Caller frees. */
char *docs_lab_completion_text(const struct completion_obs *seen);

#endif
