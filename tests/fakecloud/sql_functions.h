/* sql_functions - functions of GoogleSQL that SQLite has not, as sql_call.c and its neighbours name
 * them. Any thread: each database its own. */
#ifndef FAKECLOUD_SQL_FUNCTIONS_H
#define FAKECLOUD_SQL_FUNCTIONS_H

#include "base.h"

#include <sqlite3.h>

/** All of them. */
bool sql_functions_register(sqlite3 *db);

/** Those of dates and times (sql_dates.c). */
bool sql_dates_register(sqlite3 *db);

/** Text of an argument; "" for NULL. Borrowed. */
const char *sql_argument_text(sqlite3_value *value);

/** Is one of them NULL? Then so is the result. */
bool sql_any_null(int count, sqlite3_value **values);

#endif
