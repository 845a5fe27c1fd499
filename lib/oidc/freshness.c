/* freshness - see freshness.h */
#include "oidc/freshness.h"

#include <string.h>

/* RFC 9111 1.2.2: what to hold numbers to that are too large. */
#define SECONDS_MAX ((int64_t)0x80000000)

#define WHITE_SPACE " \t"

/* -1: not a number of digits only. */
static int64_t seconds(const char *text, size_t length)
{
	int64_t value = 0;

	if (length == 0)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (!g_ascii_isdigit(text[i]))
			return -1;
		value = MIN(value * 10 + g_ascii_digit_value(text[i]), SECONDS_MAX);
	}
	return value;
}

/* Length of the directive at @p text: up to a comma that is not in a quoted string. */
static size_t directive_length(const char *text)
{
	bool quoted = false;
	size_t i = 0;

	for (; text[i] && (quoted || text[i] != ','); i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (quoted && text[i] == '\\' && text[i + 1])
			i++;
	}
	return i;
}

static bool is_named(const char *directive, size_t length, const char *name)
{
	return length == strlen(name) && g_ascii_strncasecmp(directive, name, length) == 0;
}

/* What "max-age=N" or "max-age="N"" says; -1: no number. */
static int64_t argument(const char *text, size_t length)
{
	if (length >= 2 && text[0] == '"' && text[length - 1] == '"')
		return seconds(text + 1, length - 2);
	return seconds(text, length);
}

static int64_t lifetime_s(const char *text)
{
	int64_t life_s = -1;
	bool found = false;

	while (*text) {
		const char *start = text + strspn(text, WHITE_SPACE);
		size_t length = directive_length(start);
		size_t name = strcspn(start, "= \t,");

		text = start + length + (start[length] == ',' ? 1 : 0);
		while (length > 0 && strchr(WHITE_SPACE, start[length - 1]))
			length--;
		name = MIN(name, length);
		if (is_named(start, name, "no-store") || is_named(start, name, "no-cache"))
			return 0;
		if (found || !is_named(start, name, "max-age"))
			continue;
		found = true;
		if (name < length && start[name] == '=')
			life_s = argument(start + name + 1, length - name - 1);
	}
	return life_s;
}

int64_t freshness_ms(const char *cache_control, const char *age)
{
	int64_t life_s = cache_control ? lifetime_s(cache_control) : -1;
	int64_t age_s = age ? seconds(age, strlen(age)) : 0;

	if (life_s < 0)
		return -1;
	return MAX(life_s - MAX(age_s, 0), 0) * MS_PER_S;
}
