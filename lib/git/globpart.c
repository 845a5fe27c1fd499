/* globpart - see globpart.h */
#include "git/globpart.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "drift_error.h"

struct globpart {
	char *prefix; /* literal bytes up to the first wildcard, unescaped */
	size_t prefix_length;
	char *suffix; /* PREFIX*SUFFIX: the bytes after the only star; NULL: another shape */
	size_t suffix_length;
	bool literal;
	pcre2_code *code; /* NULL when prefix and suffix decide */
};

bool globpart_is_wild(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\\')
			i++;
		else if (strchr("*?[", text[i]))
			return true;
	}
	return false;
}

/* Unescapes up to the first wildcard; returns how many bytes of text that took. */
static size_t take_literal(const char *text, size_t length, GString *out)
{
	size_t i = 0;

	for (; i < length && !strchr("*?[", text[i]); i++) {
		if (text[i] == '\\' && i + 1 < length)
			i++;
		g_string_append_c(out, text[i]);
	}
	return i;
}

static bool ends_in_backslash(const char *text, size_t length)
{
	size_t count = 0;

	while (count < length && text[length - 1 - count] == '\\')
		count++;
	return count % 2 == 1;
}

static pcre2_code *compile_regex(const PCRE2_UCHAR *regex, PCRE2_SIZE length, GError **error)
{
	int code = 0;
	PCRE2_SIZE offset = 0;
	PCRE2_UCHAR message[128] = {0};
	pcre2_code *compiled = pcre2_compile(regex, length, 0, &code, &offset, NULL);

	if (compiled)
		return compiled;
	(void)pcre2_get_error_message(code, message, sizeof(message)); /* cut is fine */
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s", (const char *)message);
	return NULL;
}

/* pcre2convert(3). Its own "**" is switched off: that is a whole part, and pathset's. */
static pcre2_code *compile_glob(const char *text, size_t length, GError **error)
{
	pcre2_convert_context *context = pcre2_convert_context_create(NULL);
	PCRE2_UCHAR *regex = NULL;
	PCRE2_SIZE regex_length = 0;
	pcre2_code *code = NULL;

	if (context && pcre2_set_glob_separator(context, '/') == 0 &&
	    pcre2_set_glob_escape(context, '\\') == 0 &&
	    pcre2_pattern_convert((PCRE2_SPTR)text, length,
				  PCRE2_CONVERT_GLOB | PCRE2_CONVERT_GLOB_NO_STARSTAR, &regex,
				  &regex_length, context) == 0)
		code = compile_regex(regex, regex_length, error);
	else
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "a class '[…]' is not closed or its range is reversed");
	pcre2_converted_pattern_free(regex);
	pcre2_convert_context_free(context);
	return code;
}

/* "*", "*.md", "test_*", "a*z" need no regular expression. */
static bool take_simple_star(struct globpart *part, const char *rest, size_t length)
{
	g_autoptr(GString) suffix = g_string_new(NULL);
	size_t stars = 0;

	while (stars < length && rest[stars] == '*')
		stars++;
	if (stars == 0 || globpart_is_wild(rest + stars, length - stars))
		return false;
	(void)take_literal(rest + stars, length - stars, suffix); /* all of it is literal */
	part->suffix_length = suffix->len;
	part->suffix = g_string_free(g_steal_pointer(&suffix), FALSE);
	return true;
}

struct globpart *globpart_compile(const char *text, size_t length, GError **error)
{
	struct globpart *part;
	GString *prefix;
	size_t taken;

	if (ends_in_backslash(text, length)) {
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "a backslash at the end escapes nothing");
		return NULL;
	}
	part = g_new0(struct globpart, 1);
	prefix = g_string_new(NULL);
	taken = take_literal(text, length, prefix);
	part->prefix_length = prefix->len;
	part->prefix = g_string_free(prefix, FALSE);
	part->literal = taken == length;
	if (part->literal || take_simple_star(part, text + taken, length - taken))
		return part;
	part->code = compile_glob(text, length, error);
	if (part->code)
		return part;
	globpart_free(part);
	return NULL;
}

void globpart_free(struct globpart *part)
{
	if (!part)
		return;
	g_free(part->prefix);
	g_free(part->suffix);
	pcre2_code_free(part->code);
	g_free(part);
}

static bool match_regex(const struct globpart *part, const char *text, size_t length)
{
	/* for each call: matching may run on several threads, and it costs less than a match */
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	bool matched =
		data && pcre2_match(part->code, (PCRE2_SPTR)text, length, 0, 0, data, NULL) >= 0;

	pcre2_match_data_free(data);
	return matched;
}

bool globpart_match(const struct globpart *part, const char *text, size_t length)
{
	if (length < part->prefix_length || memcmp(text, part->prefix, part->prefix_length) != 0)
		return false;
	if (part->literal)
		return length == part->prefix_length;
	if (part->suffix)
		return length >= part->prefix_length + part->suffix_length &&
		       memcmp(text + length - part->suffix_length, part->suffix,
			      part->suffix_length) == 0;
	return match_regex(part, text, length);
}

const char *globpart_prefix(const struct globpart *part)
{
	return part->prefix;
}

bool globpart_is_literal(const struct globpart *part)
{
	return part->literal;
}
