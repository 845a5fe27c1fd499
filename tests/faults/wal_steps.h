/* wal_steps - what a database was after every single transaction that its write-ahead log still
 * holds: a kill could have come behind each of them. For tests; no process may have the database
 * open. */
#ifndef TESTS_WAL_STEPS_H
#define TESTS_WAL_STEPS_H

#include <sqlite3.h>
#include <stdint.h>

/** How far it was looked at, so that no transaction is looked at twice. Zeroed at first. */
struct wal_place {
	uint64_t salt; /* of the log's present round */
	uint32_t frames;
};

/**
 * Call @p look with the database as it was behind each transaction that is new since @p place.
 *
 * @param database  its file; untouched.
 * @param copy      a file to work in, made anew.
 * @return how many there were.
 */
int wal_each_step(const char *database, const char *copy, struct wal_place *place,
		  void (*look)(void *data, sqlite3 *db), void *data);

#endif
