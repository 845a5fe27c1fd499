/* request - see request.h */
#include "tests/fakecloud/request.h"

#include <microhttpd.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

GHashTable *request_parse_form(const char *text)
{
	GHashTable *members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) pairs = g_strsplit(text, "&", -1);

	for (size_t i = 0; pairs[i]; i++) {
		char *equals = strchr(pairs[i], '=');
		char *value = NULL;

		g_strdelimit(pairs[i], "+", ' ');
		if (equals) {
			*equals = '\0';
			value = g_uri_unescape_string(equals + 1, NULL);
		}
		if (*pairs[i])
			g_hash_table_replace(members, g_uri_unescape_string(pairs[i], NULL),
					     value ? value : g_strdup(""));
		else
			g_free(value);
	}
	return members;
}

static GPtrArray *split_path(const char *path)
{
	GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) pieces = g_strsplit(*path == '/' ? path + 1 : path, "/", -1);

	for (size_t i = 0; pieces[i]; i++) {
		char *decoded = g_uri_unescape_string(pieces[i], NULL);

		g_ptr_array_add(parts, decoded ? decoded : g_strdup(pieces[i]));
	}
	return parts;
}

struct request *request_create(const char *uri)
{
	struct request *request = g_new0(struct request, 1);
	const char *mark = strchr(uri, '?');

	request->uri = g_strdup(uri);
	request->path = mark ? g_strndup(uri, (gsize)(mark - uri)) : g_strdup(uri);
	request->parts = split_path(request->path);
	request->query = request_parse_form(mark ? mark + 1 : "");
	request->body = g_string_new(NULL);
	request->spool_fd = -1;
	if (g_str_has_prefix(request->path, "/git/"))
		request->spool_fd = memfd_create("request", MFD_CLOEXEC);
	return request;
}

void request_free(struct request *request)
{
	if (!request)
		return;
	if (request->spool_fd >= 0)
		(void)close(request->spool_fd); /* nothing on disk to lose */
	g_free(request->method);
	g_free(request->uri);
	g_free(request->path);
	g_ptr_array_unref(request->parts);
	g_hash_table_unref(request->query);
	g_string_free(request->body, TRUE);
	g_free(request);
}

static void spool(struct request *request, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t wrote = write(request->spool_fd, bytes, length);

		if (wrote <= 0) {
			request->too_large = true;
			return;
		}
		bytes += wrote;
		length -= (size_t)wrote; /* positive: checked above */
		request->spool_bytes += wrote;
	}
}

void request_take_body(struct request *request, const char *bytes, size_t length)
{
	if (request->spool_fd >= 0) {
		spool(request, bytes, length);
	} else if (request->body->len + length > REQUEST_BODY_MAX_BYTES) {
		request->too_large = true;
	} else {
		g_string_append_len(request->body, bytes,
				    (gssize)length); /* far below the maximum: checked above */
	}
}

const char *request_part(const struct request *request, size_t index)
{
	return index < request->parts->len ? request->parts->pdata[index] : "";
}

bool request_matches(const struct request *request, const char *pattern)
{
	g_auto(GStrv) wanted = g_strsplit(pattern, "/", -1);
	size_t count = g_strv_length(wanted);

	if (count != request->parts->len)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!g_str_equal(wanted[i], "?") &&
		    !g_str_equal(wanted[i], request_part(request, i)))
			return false;
	}
	return true;
}

const char *request_query(const struct request *request, const char *name)
{
	return g_hash_table_lookup(request->query, name);
}

const char *request_header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct taking {
	void (*take)(void *data, const char *name, const char *value);
	void *data;
};

static enum MHD_Result take_header(void *data, enum MHD_ValueKind kind, const char *name,
				   const char *value)
{
	const struct taking *taking = data;

	(void)kind;
	taking->take(taking->data, name, value ? value : "");
	return MHD_YES;
}

void request_each_header(const struct request *request,
			 void (*take)(void *data, const char *name, const char *value), void *data)
{
	struct taking taking = {take, data};

	(void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, take_header,
					&taking); /* how many is of no interest */
}

const char *request_bearer(const struct request *request)
{
	const char *value = request_header(request, "Authorization");

	if (!value || g_ascii_strncasecmp(value, "Bearer ", 7) != 0)
		return NULL;
	return value + 7;
}

bool request_wait(const struct request *request, int wait_ms)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct pollfd peer = {.fd = info->connect_fd, .events = POLLRDHUP};

	return poll(&peer, 1, wait_ms) != 0;
}
