/* value_alert - who is told, how fast, and where: routes, rates and names at GitHub; and accounts
 * that may ask. */
#include "config/value_types.h"

#include "config/config.h"
#include "matcher.h"

#include <string.h>

/* Most messages in one unit of time: the interval between two stays a millisecond or more. */
#define RATE_MAX 1000

/* GitHub's longest name of a label. */
#define LABEL_MAX_CHARACTERS 50

/* GitHub's longest name of a repository; its owners' names are shorter. */
#define REPOSITORY_PART_MAX_BYTES 100

/* Longest address, RFC 5321 4.5.3.1.3. */
#define EMAIL_MAX_BYTES 254

static size_t count_matchers(struct matcher *const *matchers)
{
	size_t count = 0;

	while (matchers && matchers[count])
		count++;
	return count;
}

bool value_parse_matcher(const struct value_context *context, const struct setting *setting,
			 const char *text, void *object, GError **error)
{
	struct matcher ***list = value_field(setting, object);
	struct matcher *matcher = matcher_parse(text, error);
	size_t count = count_matchers(*list); /* at most SETTINGS_VALUES_MAX */

	(void)context;
	if (!matcher)
		return false;
	*list = g_renew(struct matcher *, *list, count + 2);
	(*list)[count] = matcher;
	(*list)[count + 1] = NULL;
	return true;
}

void value_print_matchers(const char *zone, const struct setting *setting, const void *object,
			  GPtrArray *ret_texts)
{
	struct matcher *const *const *field = value_field_const(setting, object);

	(void)zone;
	for (struct matcher *const *at = *field; at && *at; at++)
		g_ptr_array_add(ret_texts, g_strdup(matcher_text(*at)));
}

void value_init_matchers(const struct setting *setting, void *object)
{
	struct matcher ***list = value_field(setting, object);

	if (!*list)
		*list = g_new0(struct matcher *, 1);
}

void value_clear_matchers(const struct setting *setting, void *object)
{
	struct matcher ***list = value_field(setting, object);

	for (struct matcher **at = *list; at && *at; at++)
		matcher_free(*at);
	g_clear_pointer(list, g_free);
}

/* Milliseconds of what is behind the slash; 0: nothing that is known. */
static int64_t unit_ms(const char *unit)
{
	if (strcmp(unit, "s") == 0)
		return MS_PER_S;
	if (strcmp(unit, "m") == 0)
		return MS_PER_MINUTE;
	return strcmp(unit, "h") == 0 ? MS_PER_HOUR : 0;
}

bool value_parse_rate(const struct value_context *context, const struct setting *setting,
		      const char *text, void *object, GError **error)
{
	struct config_channel *channel = object;
	const char *slash = strchr(text, '/');
	g_autofree char *digits = slash ? g_strndup(text, (size_t)(slash - text)) : NULL;
	int64_t per_ms = slash ? unit_ms(slash + 1) : 0;
	guint64 number = 0;

	(void)context;
	if (per_ms == 0 || !g_ascii_string_to_unsigned(digits, 10, 1, RATE_MAX, &number, NULL))
		return value_refuse(error,
				    "write how many messages in a second, minute or hour, from 1 "
				    "to %d: 1/s, 30/m, 100/h",
				    RATE_MAX);
	/* rounded up: never faster than was said; number is at most RATE_MAX */
	channel->rate_interval_ms = (per_ms + (int64_t)number - 1) / (int64_t)number;
	return value_keep_text(setting, text, object);
}

/* One of the two parts: @p more are bytes allowed beside letters, digits and '-'. */
static bool is_github_name(const char *text, const char *more)
{
	g_autofree char *allowed =
		g_strconcat(VALUE_LOWER VALUE_UPPER VALUE_DIGITS "-", more, NULL);

	return value_is_of(text, allowed, REPOSITORY_PART_MAX_BYTES);
}

bool value_parse_github_repository(const struct value_context *context,
				   const struct setting *setting, const char *text, void *object,
				   GError **error)
{
	const char *slash = strchr(text, '/');
	g_autofree char *owner = slash ? g_strndup(text, (size_t)(slash - text)) : NULL;
	const char *name = slash ? slash + 1 : "";

	(void)context;
	if (strstr(text, "://"))
		return value_refuse(error, "write OWNER/NAME, without https:// and host");
	if (!owner || !is_github_name(owner, "_") || !is_github_name(name, "._") ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return value_refuse(error, "write OWNER/NAME, as in example/pipeline");
	return value_keep_text(setting, text, object);
}

bool value_parse_label(const struct value_context *context, const struct setting *setting,
		       const char *text, void *object, GError **error)
{
	(void)context;
	if (strchr(text, ',')) /* lists of labels are asked for with commas */
		return value_refuse(error, "one label is needed, without a comma");
	if (g_utf8_strlen(text, -1) > LABEL_MAX_CHARACTERS)
		return value_refuse(error,
				    "longer than %d characters, which is the most GitHub "
				    "takes",
				    LABEL_MAX_CHARACTERS);
	return value_keep_text(setting, text, object);
}

/* Enough to find slips: what is compared is the whole address. */
static bool is_email(const char *text)
{
	const char *at = strchr(text, '@');

	if (!at || at == text || at[1] == '\0' || strchr(at + 1, '@'))
		return false;
	return strlen(text) <= EMAIL_MAX_BYTES && !strpbrk(text, " \t,;<>*");
}

bool value_parse_email(const struct value_context *context, const struct setting *setting,
		       const char *text, void *object, GError **error)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);

	(void)context;
	if (!is_email(text))
		return value_refuse(error, "one email address is needed, as in "
					   "NAME@PROJECT.iam.gserviceaccount.com; repeat the key "
					   "for more");
	value_append(setting, object, lower);
	return true;
}
