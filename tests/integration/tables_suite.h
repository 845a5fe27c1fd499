/* tables_suite - the parts of the suite of tables; see test_tables.c. */
#ifndef TESTS_TABLES_SUITE_H
#define TESTS_TABLES_SUITE_H

#include "tests/integration/tables_lab.h"

/** A case with fixtures and a time limit, in @p suite. Borrowed. */
TCase *tables_make_case(Suite *suite, const char *name, SFun setup_one, SFun teardown_one);

/* tables_billing.c: what is billed, when it is asked again, and the budget */
void tables_add_billing(Suite *suite);
/* tables_time.c: ages, schedules, seasons, partitions and volume */
void tables_add_time(Suite *suite);
/* tables_shown.c: status, drift, gate, metrics, history, commands */
void tables_add_shown(Suite *suite);

#endif
