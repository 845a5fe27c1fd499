/* intern - byte strings given small numbers, each once: paths, tree entries, commit ids, names.
 * Numbers count from 1 and never change; 0 means none. One thread. */
#ifndef DRIFT_GIT_INTERN_H
#define DRIFT_GIT_INTERN_H

#include "base.h"

struct intern;

/** Most entries one table can be asked to hold. */
#define INTERN_MAX_ENTRIES ((uint32_t)1 << 28)

/** Longest entry; longer ones are refused like those of a full table. */
#define INTERN_ENTRY_MAX_BYTES 65535

/** An empty table for at most @p max_entries. Caller frees. */
struct intern *intern_create(uint32_t max_entries);
void intern_free(struct intern *table);

/** The number of these bytes, a new one if need be. 0: the table is full, or they are too long. */
uint32_t intern_put(struct intern *table, const void *bytes, size_t length);

/** The number of these bytes, or 0 when they are not there. */
uint32_t intern_find(const struct intern *table, const void *bytes, size_t length);

/** The bytes of @p number (1..count), with a NUL behind them. Borrowed for the table's life. */
const char *intern_bytes(const struct intern *table, uint32_t number);

/** How many bytes @p number has, without the NUL. */
size_t intern_length(const struct intern *table, uint32_t number);

/** How many entries there are: the highest number. */
uint32_t intern_count(const struct intern *table);

#endif
