/* gzip - see gzip.h */
#include "api/gzip.h"

#include <assert.h>
#define ZLIB_CONST 1
#include <zlib.h>

/** The largest window, with a gzip header and trailer (zlib.h, deflateInit2). */
#define WINDOW_BITS (15 + 16)
#define MEMORY_LEVEL 8 /* zlib's default */

char *gzip_compress(const char *bytes, size_t length, size_t *ret_length)
{
	z_stream stream = {0};
	char *to = NULL;
	uLong bound = 0;

	assert(length <= GZIP_MAX_BYTES);
	if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		g_error("gzip: out of memory");
	bound = deflateBound(&stream, length);
	to = g_malloc(bound);
	stream.next_in = (const Bytef *)bytes; /* zlib's bytes are unsigned */
	stream.avail_in = (uInt)length;        /* at most GZIP_MAX_BYTES */
	stream.next_out = (Bytef *)to;
	stream.avail_out = (uInt)bound; /* a little more */
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		g_error("gzip: zlib took more than it said it would");
	*ret_length = stream.total_out;
	(void)deflateEnd(&stream); /* nothing is left in it */
	return g_realloc(to, *ret_length);
}
