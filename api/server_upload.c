/* server_upload - the bodies that are kept while they arrive, and the memory that all of them
 * together may take. Any thread of the pool. */
#include "api/server_private.h"

#include <string.h>

/** First piece of memory for a body: most have a hundred bytes. */
#define FIRST_BYTES ((size_t)4096)

void upload_start(struct upload *upload, struct server *server, int64_t keep_max_bytes,
		  int64_t share_bytes)
{
	*upload = (struct upload){
		.server = server,
		.keep_max_bytes = (size_t)keep_max_bytes, /* at most a MiB */
		.share_bytes = share_bytes,
		.keeps = true,
	};
}

static bool reserve(struct upload *upload, size_t more)
{
	int64_t bytes = (int64_t)more; /* at most twice keep_max_bytes */
	int64_t before = atomic_fetch_add(&upload->server->kept_bytes, bytes);

	if (before + bytes <= upload->share_bytes)
		return true;
	(void)atomic_fetch_sub(&upload->server->kept_bytes, bytes); /* it was too much */
	return false;
}

/* Room for @p length bytes and the NUL behind them. */
static bool make_room(struct upload *upload, size_t length)
{
	size_t capacity = MAX(upload->capacity, FIRST_BYTES);

	if (length < upload->capacity)
		return true;
	while (capacity <= length)
		capacity *= 2;
	if (!reserve(upload, capacity - upload->capacity))
		return false;
	upload->bytes = g_realloc(upload->bytes, capacity);
	upload->capacity = capacity;
	return true;
}

void upload_add(struct upload *upload, const char *bytes, size_t length)
{
	if (!upload->keeps)
		return;
	if (length > upload->keep_max_bytes - upload->length) {
		upload_drop(upload);
		return;
	}
	if (!make_room(upload, upload->length + length)) {
		upload_drop(upload);
		upload->is_crowded_out = true;
		return;
	}
	memcpy(upload->bytes + upload->length, bytes, length);
	upload->length += length;
	upload->bytes[upload->length] = '\0';
}

void upload_drop(struct upload *upload)
{
	if (upload->server && upload->capacity > 0)
		(void)atomic_fetch_sub(&upload->server->kept_bytes,
				       (int64_t)upload->capacity); /* as reserved */
	if (upload->bytes)
		explicit_bzero(upload->bytes, upload->length); /* perhaps a token was in it */
	g_free(upload->bytes);
	upload->bytes = NULL;
	upload->length = upload->capacity = 0;
	upload->keeps = false;
}
