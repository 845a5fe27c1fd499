/* wal_steps - see wal_steps.h; https://www.sqlite.org/fileformat2.html#walformat and
 * https://www.sqlite.org/walformat.html */
#include "tests/faults/wal_steps.h"

#include "base.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/** Of the log: its header and that of a frame. */
#define HEADER_BYTES 32
#define FRAME_HEADER_BYTES 24

/** Of the shared memory: where it says how many frames are in the database itself already. */
#define BACKFILL_OFFSET 96

struct bytes {
	char *at;
	gsize length;
};

static struct bytes read_file(const char *database, const char *suffix)
{
	g_autofree char *path = g_strconcat(database, suffix, NULL);
	struct bytes bytes = {0};

	(void)g_file_get_contents(path, &bytes.at, &bytes.length,
				  NULL); /* NULL when it is not there */
	return bytes;
}

static void write_file(const char *copy, const char *suffix, const char *bytes, gsize length)
{
	g_autofree char *path = g_strconcat(copy, suffix, NULL);

	ck_assert(g_file_set_contents(path, bytes, (gssize)length, NULL));
}

static uint32_t big_endian(const struct bytes *log, gsize offset)
{
	const unsigned char *at = (const unsigned char *)log->at + offset;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t salt_at(const struct bytes *log, gsize offset)
{
	return (uint64_t)big_endian(log, offset) << 32 | big_endian(log, offset + 4);
}

/** Frames that went into the database: what it was before them cannot be had any more. */
static uint32_t count_backfilled(const char *database)
{
	struct bytes memory = read_file(database, "-shm");
	uint32_t count = 0;

	if (memory.length >= BACKFILL_OFFSET + sizeof(count))
		memcpy(&count, memory.at + BACKFILL_OFFSET, sizeof(count)); /* native order */
	g_free(memory.at);
	return count;
}

/** The copy is left as it is: it serves for the next step. */
static void look_at(const char *copy, void (*look)(void *data, sqlite3 *db), void *data)
{
	g_autofree char *memory = g_strconcat(copy, "-shm", NULL);
	sqlite3 *db = NULL;

	(void)remove(memory); /* made anew from the log; the first time there is none */
	ck_assert_int_eq(sqlite3_open(copy, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL),
			 SQLITE_OK);
	look(data, db);
	(void)sqlite3_close(db); /* only a copy */
}

int wal_each_step(const char *database, const char *copy, struct wal_place *place,
		  void (*look)(void *data, sqlite3 *db), void *data)
{
	struct bytes file = read_file(database, ""), log = read_file(database, "-wal");
	gsize frame_bytes =
		log.length > HEADER_BYTES ? FRAME_HEADER_BYTES + big_endian(&log, 8) : 0;
	uint64_t salt = frame_bytes > 0 ? salt_at(&log, 16) : 0;
	uint32_t backfilled = count_backfilled(database), frames = 0;
	int steps = 0;

	if (salt != place->salt)
		*place = (struct wal_place){.salt = salt};
	write_file(copy, "", file.at, file.length);
	for (gsize at = HEADER_BYTES; frame_bytes > 0 && at + frame_bytes <= log.length;
	     at += frame_bytes) {
		frames++;
		if (salt_at(&log, at + 8) != salt)
			break; /* of an earlier round */
		if (big_endian(&log, at + 4) == 0 || frames <= place->frames || frames < backfilled)
			continue; /* in the middle of a transaction, or nothing new */
		write_file(copy, "-wal", log.at, at + frame_bytes);
		look_at(copy, look, data);
		place->frames = frames;
		steps++;
	}
	g_free(file.at);
	g_free(log.at);
	return steps;
}
