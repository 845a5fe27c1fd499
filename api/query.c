/* query - see query.h */
#include "api/query.h"

#include <string.h>

#include "drift_error.h"

static bool text_is_clean(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (g_ascii_iscntrl(text[i]))
			return false;
	return g_utf8_validate_len(text, length, NULL);
}

bool query_unescape(char *text, bool plus)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from == '%') {
			if (!g_ascii_isxdigit(from[1]) || !g_ascii_isxdigit(from[2]))
				return false;
			guint value = (guint)g_ascii_xdigit_value(from[1]) * 16 +
				      (guint)g_ascii_xdigit_value(from[2]);

			*to++ = (char)value; /* 0..255 as a byte */
			from += 2;
		} else {
			*to++ = (char)(plus && *from == '+' ? ' ' : *from); /* both are */
		}
	}
	*to = '\0';
	return text_is_clean(text, (size_t)(to - text));
}

/* One "name=value" into @p pair. */
static bool parse_pair(char *text, struct query_pair *pair, GError **error)
{
	char *equals = strchr(text, '=');

	if (equals)
		*equals++ = '\0';
	else
		equals = text + strlen(text);
	if (!query_unescape(text, true) || (*equals && !query_unescape(equals, true))) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the query has a broken %% escape, a control character, or is not "
			    "UTF-8: write it as name=value&name=value");
		return false;
	}
	*pair = (struct query_pair){.name = text, .value = equals};
	return true;
}

static size_t count_pairs(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == '&';
	return count;
}

bool query_parse(const char *text, struct query *ret_query, GError **error)
{
	struct query query = {0};
	size_t most = text ? count_pairs(text) : 0;
	char *next = NULL;

	if (!text || !*text) {
		*ret_query = query;
		return true;
	}
	if (most > QUERY_PAIRS_MAX) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "the query has %zu parameters, at most %d are read", most,
			    QUERY_PAIRS_MAX);
		return false;
	}
	query.text = g_strdup(text);
	query.pairs = g_new0(struct query_pair, most);
	next = query.text;
	while (next) {
		char *pair = strsep(&next, "&");

		if (!*pair)
			continue;
		if (!parse_pair(pair, &query.pairs[query.count], error)) {
			query_done(&query);
			return false;
		}
		query.count++;
	}
	*ret_query = query;
	return true;
}

void query_done(struct query *query)
{
	g_free(query->text);
	g_free(query->pairs);
	*query = (struct query){0};
}

const char *query_text(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++)
		if (strcmp(query->pairs[i].name, name) == 0)
			return query->pairs[i].value;
	return NULL;
}

bool query_flag(const struct query *query, const char *name)
{
	const char *value = query_text(query, name);

	return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

int64_t query_number(const struct query *query, const char *name, int64_t fallback)
{
	const char *value = query_text(query, name);
	gint64 number = 0;

	if (!value || !g_ascii_string_to_signed(value, 10, G_MININT64, G_MAXINT64, &number, NULL))
		return fallback;
	return number;
}

bool query_allows(const struct query *query, const char *name, const char *value)
{
	bool asked = false;

	for (size_t i = 0; i < query->count; i++) {
		if (strcmp(query->pairs[i].name, name) != 0)
			continue;
		if (strcmp(query->pairs[i].value, value) == 0)
			return true;
		asked = true;
	}
	return !asked;
}
