/* assets - the files of the dashboard, embedded when driftd is built, plain and compressed. Pure: any
 * thread. Their names carry one hash of all of them: a page and what it loads are of one build, and
 * may be kept for ever. */
#ifndef DRIFT_ASSETS_H
#define DRIFT_ASSETS_H

#include "base.h"

struct asset {
	const char *name; /* "dashboard.css" */
	const char *content_type;
	const unsigned char *bytes;
	size_t length;
	const unsigned char *gzip_bytes; /* the same, compressed */
	size_t gzip_length;
};

/** Made by the Makefile. The last has no name. */
extern const struct asset assets[];
/** Hexadecimal digits, over all of them. */
extern const char assets_hash[];

/** The frame of every page, of api/dashboard/frame.html. NUL-terminated. */
extern const char assets_frame[];

/** NULL: there is none of that name. */
const struct asset *assets_find(const char *name);

/** "/assets/HASH/NAME". Caller frees. */
char *assets_path(const char *name);

#endif
