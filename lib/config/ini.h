/* ini - reads INI text into sections, keys and values with their lines. Knows nothing of settings:
 * which sections and keys there are, and which may repeat, is for the caller. Pure but for
 * ini_load(): any thread. DESIGN 5; layout as systemd.syntax(7).
 *
 * A line is a [kind] or [kind "name"] header, a "key = value", a comment (first byte '#' or ';') or
 * blank. A value is the rest of the line, taken literally, without white space around it. A line
 * that ends in an odd number of backslashes goes on with the next one: the last backslash becomes a
 * space, leading white space of the next line goes, comment lines between are skipped. Lines end in
 * LF or CR LF. */
#ifndef DRIFT_INI_H
#define DRIFT_INI_H

#include "base.h"

/** Largest file: a thousand services with comments are a tenth of it; more belongs in includes. */
#define INI_FILE_MAX_BYTES ((size_t)1024 * 1024)

/** Longest line after continuation: the longest sensible value is a query of some pages. */
#define INI_LINE_MAX_BYTES ((size_t)64 * 1024)

/** Most entries, and most headers, of one file. */
#define INI_ENTRIES_MAX 10000

/** Longest key. */
#define INI_KEY_MAX_BYTES 64

/** More problems are counted but not kept: nobody reads them, and a binary file has a million. */
#define INI_PROBLEMS_MAX 100

/** One "key = value". */
struct ini_entry {
	const char *key;   /* [a-z][a-z0-9-]*, at most INI_KEY_MAX_BYTES; in the ini */
	const char *value; /* UTF-8 without control characters but tab; may be ""; in the ini */
	int line;          /* 1-based, where it begins */
};

/** One header and what follows it. A header that occurs twice makes two of these. */
struct ini_section {
	const char *kind;                /* [a-z][a-z0-9-]*; in the ini */
	const char *name;                /* between the quotes, any text but '"'; NULL: none */
	int line;                        /* 1-based */
	const struct ini_entry *entries; /* in order of appearance; in the ini */
	size_t entry_count;              /* 0: an empty section */
};

/** One thing that is no INI. */
struct ini_problem {
	int line;      /* 1-based; 0: the file as a whole */
	char *message; /* one line; never quotes the file, which may hold secrets */
};

/** A file that was read. */
struct ini {
	char *file;                   /* as given */
	struct ini_section *sections; /* count below; those with good headers */
	size_t section_count;
	struct ini_problem *problems; /* count below, in order; 0: none */
	size_t problem_count;
	bool is_cut; /* it was not read to its end: what is missing in it may be further down */
	struct ini_entry *entries; /* backs the sections' entries */
	char *text;                /* backs all texts; wiped when freed */
	size_t text_bytes;
};

/**
 * Read @p bytes. Always gives an ini: what is wrong is in its problems, what is right in its
 * sections.
 *
 * @param file    what to call it; copied.
 * @param bytes   borrowed for the call; anything.
 * @return caller frees with ini_free().
 */
struct ini *ini_parse(const char *file, const char *bytes, size_t length);

/**
 * Read the file at @p path.
 *
 * @param file   what to call it in messages.
 * @param error  DRIFT_ERROR_NOT_FOUND, DENIED, TOO_LARGE or IO: it cannot be read at all.
 * @return caller frees with ini_free(); NULL with error set.
 */
MUST_CHECK struct ini *ini_load(const char *path, const char *file, GError **error);

/** NULL is fine. */
void ini_free(struct ini *ini);

#endif
