/* response - see response.h */
#include "api/response.h"

#include <openssl/evp.h>
#include <string.h>

#include "api/app.h"
#include "api/events.h"

const char response_json[] = "application/json";
const char response_text[] = "text/plain; charset=utf-8";
const char response_problem[] = "application/problem+json";
const char response_metrics[] = "text/plain; version=0.0.4; charset=utf-8";
const char response_html[] = "text/html; charset=utf-8";
const char response_svg[] = "image/svg+xml; charset=utf-8";
const char response_events[] = "text/event-stream";

/* 128 bits: enough that two bodies never share a tag. */
#define ETAG_HASH_BYTES 16

void response_done(struct response *response)
{
	g_free(response->bytes);
	g_free(response->etag);
	g_free(response->allow);
	g_free(response->location);
	if (response->snapshot)
		snapshot_unref(response->snapshot);
	app_command_free(response->wait.command);
	events_reader_free(response->events);
	*response = (struct response){0};
}

void response_set(struct response *response, int status, const char *content_type, char *bytes)
{
	g_free(response->bytes);
	response->status = status;
	response->content_type = content_type;
	response->bytes = bytes;
	response->length = strlen(bytes);
}

void response_set_body(struct response *response, struct snapshot *snapshot, struct body *body)
{
	response->status = 200;
	response->snapshot = snapshot;
	response->body = body;
}

char *response_etag(const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[EVP_MAX_MD_SIZE] = {0};
	char *etag = g_malloc(ETAG_HASH_BYTES * 2 + 3);
	char *to = etag;

	if (EVP_Digest(bytes, length, hash, NULL, EVP_sha256(), NULL) != 1)
		g_error("SHA-256 is not available in this OpenSSL");
	*to++ = '"';
	for (size_t i = 0; i < ETAG_HASH_BYTES; i++) {
		*to++ = digits[hash[i] >> 4];
		*to++ = digits[hash[i] & 15];
	}
	*to++ = '"';
	*to = '\0';
	return etag;
}

static const char *skip_spaces(const char *p)
{
	return p + strspn(p, " \t");
}

/* Behind an entity tag that begins at p, its opaque part set; NULL when there is none. */
static const char *take_etag(const char *p, const char **ret_opaque, size_t *ret_length)
{
	const char *end = NULL;

	if (p[0] == 'W' && p[1] == '/')
		p += 2;
	if (*p != '"')
		return NULL;
	end = strchr(p + 1, '"');
	if (!end)
		return NULL;
	*ret_opaque = p;
	*ret_length = (size_t)(end + 1 - p);
	return end + 1;
}

bool response_etag_matches(const char *if_none_match, const char *etag)
{
	const char *p = skip_spaces(if_none_match);
	const char *wanted = g_str_has_prefix(etag, "W/") ? etag + 2 : etag;
	size_t wanted_length = strlen(wanted);

	if (*p == '*' && !*skip_spaces(p + 1))
		return true;
	while (*p) {
		const char *opaque = NULL;
		size_t length = 0;

		p = take_etag(p, &opaque, &length);
		if (!p)
			return false;
		if (length == wanted_length && memcmp(opaque, wanted, length) == 0)
			return true;
		p += strspn(p, " \t,");
	}
	return false;
}
