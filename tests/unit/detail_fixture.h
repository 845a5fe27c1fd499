/* detail_fixture - verdicts with details of every shape, for the tests of what is made of them. */
#ifndef DRIFT_TEST_DETAIL_FIXTURE_H
#define DRIFT_TEST_DETAIL_FIXTURE_H

#include "eval/verdict.h"

/** 2026-11-20T11:00:03Z */
#define DETAIL_FIXTURE_NOW (INT64_C(1795172403) * MS_PER_S)

/** What nobody wants on a terminal. */
#define DETAIL_FIXTURE_HOSTILE "\x1b[2J\n\"\\</script>\xe2\x80\xae \xe6\x97\xa5"

/** KIND/x, drift for an hour; with an empty detail of that name unless it is NULL. Caller owns. */
struct verdict *detail_fixture_make(const char *kind, const char *name);

/* Caller owns. */
/** By partition, with a list of two rows out of 64. */
struct verdict *detail_fixture_freshness(void);
/** Nothing was ever loaded; no list. */
struct verdict *detail_fixture_never_loaded(void);
/** Seven rows, hostile texts, the largest numbers. */
struct verdict *detail_fixture_completion(void);
/** Columns as a database names them: twice the same, none, anything; 20 rows out of 21. */
struct verdict *detail_fixture_assertion(void);
/** A list without columns or rows. */
struct verdict *detail_fixture_inventory(void);
/** Columns without rows. */
struct verdict *detail_fixture_empty_table(void);
/** An age without a time it could be counted from. */
struct verdict *detail_fixture_backup(void);
/** Two times, the age counted from the second. */
struct verdict *detail_fixture_older_backup(void);
/** Nothing but an age that is not known. */
struct verdict *detail_fixture_age_only(void);
/** A service: no detail. */
struct verdict *detail_fixture_service(void);

/** All of them. */
#define DETAIL_FIXTURES 10
extern struct verdict *(*const detail_fixture_makers[DETAIL_FIXTURES])(void);

#endif
