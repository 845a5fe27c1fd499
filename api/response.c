/* response - see response.h */
#include "api/response.h"

#include <openssl/evp.h>
#include <string.h>

#include "api/app.h"

const char response_json[] = "application/json";
const char response_text[] = "text/plain; charset=utf-8";
const char response_problem[] = "application/problem+json";
const char response_html[] = "text/html; charset=utf-8";
const char response_metrics[] = "text/plain; version=0.0.4; charset=utf-8";

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

/* "q=0.5" among the parameters, in thousandths; 1000 when there is none, 0 when it is broken. */
static int parse_quality(const char *parameters, size_t length)
{
	g_autofree char *text = g_strndup(parameters, length);
	char *next = text;

	while (next) {
		char *parameter = g_strstrip(strsep(&next, ";"));
		int quality = 0;

		if (g_ascii_strncasecmp(parameter, "q=", 2) != 0)
			continue;
		if (!g_ascii_isdigit(parameter[2]) || parameter[2] > '1')
			return 0;
		quality = (parameter[2] - '0') * 1000;
		if (parameter[3] == '.')
			for (int i = 4, unit = 100; g_ascii_isdigit(parameter[i]) && unit > 0;
			     i++, unit /= 10)
				quality += (parameter[i] - '0') * unit;
		return MIN(quality, 1000);
	}
	return 1000;
}

/* How well does a range ("text/plain", "text/ *", "* / *") fit a type? 0: not at all. */
static int specificity(const char *range, size_t length, const char *type)
{
	size_t major = strcspn(type, "/") + 1;

	if (length == strlen(type) && g_ascii_strncasecmp(range, type, length) == 0)
		return 3;
	if (length == major + 1 && range[major] == '*' &&
	    g_ascii_strncasecmp(range, type, major) == 0)
		return 2;
	return length == 3 && memcmp(range, "*/*", 3) == 0 ? 1 : 0;
}

struct preference {
	const char *type;
	int specificity;
	int quality;
};

static void weigh(struct preference *preference, const char *item, size_t length)
{
	size_t type_length = 0;
	int fit = 0;

	while (type_length < length && item[type_length] != ';' && item[type_length] != ' ' &&
	       item[type_length] != '\t')
		type_length++;
	fit = specificity(item, type_length, preference->type);
	if (fit > preference->specificity) {
		preference->specificity = fit;
		preference->quality = parse_quality(item + type_length, length - type_length);
	}
}

bool response_prefers_text(const char *accept)
{
	struct preference text = {.type = "text/plain"};
	struct preference json = {.type = "application/json"};

	if (!accept || strcmp(accept, "*/*") == 0)
		return false;
	while (*accept) {
		size_t length = 0;

		accept += strspn(accept, " \t,");
		length = strcspn(accept, ",");
		weigh(&text, accept, length);
		weigh(&json, accept, length);
		accept += length;
	}
	return text.quality > json.quality;
}
