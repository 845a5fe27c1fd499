/* accept - see accept.h */
#include "api/accept.h"

#include <string.h>

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
static int fit_type(const char *range, size_t length, const char *type)
{
	size_t major = strcspn(type, "/") + 1;

	if (length == strlen(type) && g_ascii_strncasecmp(range, type, length) == 0)
		return 3;
	if (length == major + 1 && range[major] == '*' &&
	    g_ascii_strncasecmp(range, type, major) == 0)
		return 2;
	return length == 3 && memcmp(range, "*/*", 3) == 0 ? 1 : 0;
}

/* The same for content codings: by name, or "*". */
static int fit_coding(const char *range, size_t length, const char *coding)
{
	if (length == strlen(coding) && g_ascii_strncasecmp(range, coding, length) == 0)
		return 2;
	return length == 1 && *range == '*' ? 1 : 0;
}

struct preference {
	const char *name;
	int (*fit)(const char *range, size_t length, const char *name);
	int specificity; /* of what fits best so far; 0: nothing does */
	int quality;
};

static void weigh(struct preference *preference, const char *item, size_t length)
{
	size_t name_length = 0;
	int fit = 0;

	while (name_length < length && !strchr("; \t", item[name_length]))
		name_length++;
	fit = preference->fit(item, name_length, preference->name);
	if (fit > preference->specificity) {
		preference->specificity = fit;
		preference->quality = parse_quality(item + name_length, length - name_length);
	}
}

static void weigh_all(const char *list, struct preference *preferences, size_t count)
{
	while (*list) {
		size_t length = 0;

		list += strspn(list, " \t,");
		length = strcspn(list, ",");
		for (size_t i = 0; i < count && length > 0; i++)
			weigh(&preferences[i], list, length);
		list += length;
	}
}

enum accept_form accept_choose_form(const char *accept, bool has_text, bool has_html)
{
	struct preference forms[] = {
		[ACCEPT_FORM_JSON] = {.name = "application/json", .fit = fit_type},
		[ACCEPT_FORM_TEXT] = {.name = "text/plain", .fit = fit_type},
		[ACCEPT_FORM_HTML] = {.name = "text/html", .fit = fit_type},
	};
	enum accept_form best = ACCEPT_FORM_JSON;

	if (!accept || strcmp(accept, "*/*") == 0)
		return ACCEPT_FORM_JSON;
	weigh_all(accept, forms, G_N_ELEMENTS(forms));
	if (has_text && forms[ACCEPT_FORM_TEXT].quality > forms[best].quality)
		best = ACCEPT_FORM_TEXT;
	if (has_html && forms[ACCEPT_FORM_HTML].quality > forms[best].quality)
		best = ACCEPT_FORM_HTML;
	return best;
}

enum accept_coding accept_choose_coding(const char *accept_encoding)
{
	struct preference codings[] = {
		{.name = "gzip", .fit = fit_coding},
		{.name = "x-gzip", .fit = fit_coding}, /* the same (RFC 9110 8.4.1.3) */
		{.name = "identity", .fit = fit_coding},
	};
	const struct preference *alias = &codings[1], *identity = &codings[2];
	int gzip = 0;

	if (!accept_encoding)
		return ACCEPT_CODING_IDENTITY;
	weigh_all(accept_encoding, codings, G_N_ELEMENTS(codings));
	gzip = codings[0].specificity < alias->specificity ? alias->quality : codings[0].quality;
	if (gzip == 0)
		return ACCEPT_CODING_IDENTITY;
	if (identity->specificity > 0 && identity->quality == 0)
		return ACCEPT_CODING_GZIP_ONLY;
	/* identity that is only meant by "*", or by nothing, is not asked for */
	return identity->specificity == 2 && identity->quality > gzip ? ACCEPT_CODING_IDENTITY
								      : ACCEPT_CODING_GZIP;
}
