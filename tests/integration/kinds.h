/* kinds - what the tests of completions, inventories, assertions and backups share: a world, its configuration, questions to driftd.
 * What goes wrong fails the test (Check). */
#ifndef TESTS_KINDS_H
#define TESTS_KINDS_H

#include "tests/integration/harness.h"

/** One test's world. */
struct kinds {
	struct world *world;
	GString *config; /* sections so far */
	char *checkout;
	char *sha; /* the head of repository "app" */
};

/** World, repository with one commit, base configuration. */
struct kinds *kinds_open(void);
void kinds_close(struct kinds *kinds);

/** Append sections to the configuration. */
void kinds_add(struct kinds *kinds, const char *format, ...) PRINTF_LIKE(2, 3);

/** Write DIRECTORY/NAME. */
void kinds_write(const struct kinds *kinds, const char *name, const char *text);
/** What is in it. Caller frees. */
char *kinds_read(const struct kinds *kinds, const char *name);

/** Start driftd with the configuration and wait for a whole cycle. */
void kinds_begin(struct kinds *kinds);
/** A cycle that looks at everything, billed or not. */
void kinds_look(const struct kinds *kinds);
/** Stop driftd, which must end well, and start it again; no cycle is asked for. */
void kinds_restart(struct kinds *kinds);
/** SIGHUP, and a cycle with the new configuration. */
void kinds_reload(const struct kinds *kinds);

/** Run a driftd command; it must end with @p status. What it printed; caller frees. */
char *kinds_run(const struct kinds *kinds, int status, const char *const *arguments);

/** The state, and one reason (NULL: none at all, "": any). */
void kinds_expect(const struct kinds *kinds, const char *id, const char *state, const char *code);

/** Fails unless @p text is in the answer about target @p id, as JSON and as text for people. */
void kinds_expect_said(const struct kinds *kinds, const char *id, const char *text);

/** A text or a number of the answer about @p id, by its path. Caller frees. */
char *kinds_text(const struct kinds *kinds, const char *id, const char *path);
int64_t kinds_number(const struct kinds *kinds, const char *id, const char *path);

/** The object of array @p list whose member @p name is @p value; NULL when there is none. Borrowed. */
json_object *kinds_find(json_object *list, const char *name, const char *value);

/** "M H * * * ZONE": due every day at the minute that was @p ago_s ago. @p ret_due: that instant. Caller frees. */
char *kinds_due(int64_t ago_s, const char *zone, GDateTime **ret_due);

/** The date of an instant in a zone, so many days on. Caller frees. */
char *kinds_date(GDateTime *at, const char *zone, int days);

/** What nobody may ever see: fails when @p secret is in an answer, text, log, file of the state folder, argument or configuration print. */
void kinds_expect_nowhere(const struct kinds *kinds, const char *const *ids, const char *secret);

TCase *kinds_completion_case(void);
TCase *kinds_evidence_case(void);
TCase *kinds_backup_case(void);
TCase *kinds_inventory_case(void);
TCase *kinds_assert_case(void);
TCase *kinds_catalogue_case(void); /* inventories on PostgreSQL */
TCase *kinds_sql_case(void);       /* assertions on PostgreSQL */
TCase *kinds_server_case(void);    /* the same, with servers that go or ask for passwords */

#endif
