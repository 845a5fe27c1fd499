/* value_until - pin and paused: what may end on a day, which is the end of that day in the zone of
 * the configuration. */
#include "config/value_types.h"

#include "config/config.h"
#include "timefmt.h"

#include <string.h>

/* The last day before @p until_wall_ms, as until_parse() reads it. Caller frees. */
static char *date_text(int64_t until_wall_ms, const char *zone_name)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(zone_name);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(until_wall_ms / MS_PER_S - 1);
	g_autoptr(GDateTime) local = zone && utc ? g_date_time_to_timezone(utc, zone) : NULL;

	return local ? g_date_time_format(local, "%Y-%m-%d") : NULL;
}

static bool parse_end(const struct value_context *context, const char *date, int64_t *ret_wall_ms,
		      GError **error)
{
	if (timefmt_end_of_day(date, context->timezone, ret_wall_ms, NULL))
		return true;
	return value_refuse(error, "behind until comes a date, YYYY-MM-DD");
}

/* The next word of *at, which moves behind it. Caller frees; "" at the end. */
static char *take_word(const char **at)
{
	size_t length = strcspn(*at, " \t");
	char *word = g_strndup(*at, length);

	*at += length;
	*at += strspn(*at, " \t");
	return word;
}

/* Step over @p keyword when it is the next word. */
static bool take_keyword(const char **at, const char *keyword)
{
	size_t length = strlen(keyword);

	if (strncmp(*at, keyword, length) != 0 || !strchr(" \t", (*at)[length]))
		return false;
	*at += length;
	*at += strspn(*at, " \t");
	return true;
}

/* Everything up to " because " or the end. */
static char *take_who(const char **at)
{
	const char *because = strstr(*at, " because ");
	size_t length = because ? (size_t)(because - *at) : strlen(*at);
	char *who;

	if (g_str_has_prefix(*at, "because "))
		length = 0;
	who = g_strstrip(g_strndup(*at, length));

	*at += length;
	*at += strspn(*at, " \t");
	return who;
}

static bool parse_pin(const struct value_context *context, const char *text, struct config_pin *pin,
		      GError **error)
{
	g_autofree char *commit = take_word(&text);

	if (strspn(commit, "0123456789abcdefABCDEF") != strlen(commit) || strlen(commit) < 7 ||
	    strlen(commit) > 40)
		return value_refuse(error,
				    "a pin begins with a commit: 7 to 40 hexadecimal digits");
	pin->commit = g_ascii_strdown(commit, -1);
	if (take_keyword(&text, "until")) {
		g_autofree char *date = take_word(&text);

		if (!parse_end(context, date, &pin->until_wall_ms, error))
			return false;
	}
	if (take_keyword(&text, "by"))
		pin->by = take_who(&text);
	if (take_keyword(&text, "because"))
		pin->because = g_strdup(text);
	if ((pin->by && !*pin->by) || (pin->because && !*pin->because))
		return value_refuse(error, "something is missing behind by or because");
	if (!pin->because && *text)
		return value_refuse(error, "behind the commit come, in this order, until "
					   "YYYY-MM-DD, by WHO, because WHY");
	return true;
}

static void clear_pin(struct config_pin *pin)
{
	g_free(pin->commit);
	g_free(pin->by);
	g_free(pin->because);
	*pin = (struct config_pin){0};
}

bool value_parse_pin(const struct value_context *context, const struct setting *setting,
		     const char *text, void *object, GError **error)
{
	struct config_pin *field = value_field(setting, object);
	struct config_pin pin = {0};

	if (!parse_pin(context, text, &pin, error)) {
		clear_pin(&pin);
		return false;
	}
	clear_pin(field);
	*field = pin;
	return true;
}

void value_print_pin(const char *zone, const struct setting *setting, const void *object,
		     GPtrArray *ret_texts)
{
	const struct config_pin *pin = value_field_const(setting, object);
	g_autoptr(GString) text = g_string_new(pin->commit);

	if (!pin->commit)
		return;
	if (pin->until_wall_ms) {
		g_autofree char *date = date_text(pin->until_wall_ms, zone);

		g_string_append_printf(text, " until %s", date);
	}
	if (pin->by)
		g_string_append_printf(text, " by %s", pin->by);
	if (pin->because)
		g_string_append_printf(text, " because %s", pin->because);
	g_ptr_array_add(ret_texts, g_strdup(text->str));
}

void value_clear_pin(const struct setting *setting, void *object)
{
	clear_pin(value_field(setting, object));
}

/* Words that someone writes who means a boolean: as a reason they would pause what "no" should not.
 */
static bool looks_boolean(const char *text)
{
	static const char *const words[] = {"true", "false", "yes", "no",   "on", "off", "0",
					    "1",    "y",     "n",   "none", "t",  "f",   NULL};
	g_autofree char *lower = g_ascii_strdown(text, -1);

	return g_strv_contains(words, lower);
}

/* " until X" at the end of @p reason: cut it off and give X, else NULL. */
static char *cut_until(char *reason)
{
	char *space = strrchr(reason, ' ');
	char *date;

	if (!space)
		return NULL;
	date = g_strdup(space + 1);
	*space = '\0';
	g_strchomp(reason);
	/* whatever the last word is: a pause meant to end must not become one without end */
	if (strcmp(reason, "until") == 0 || g_str_has_suffix(reason, " until")) {
		reason[strlen(reason) - strlen("until")] = '\0';
		g_strchomp(reason);
		return date;
	}
	g_free(date);
	return NULL;
}

bool value_parse_paused(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	struct config_target *target = object; /* first in the struct of every kind */
	g_autofree char *reason = g_strdup(text);
	g_autofree char *date = cut_until(reason);
	int64_t until_wall_ms = 0;

	if (!date && strcmp(text, "false") == 0) {
		value_clear_paused(setting, object);
		return true;
	}
	if (date && !parse_end(context, date, &until_wall_ms, error))
		return false;
	if (!date) { /* the reason was cut to look for one */
		g_free(reason);
		reason = g_strdup(text);
	}
	if (strcmp(reason, "true") != 0 && looks_boolean(reason))
		return value_refuse(error, "must be true, false or a reason, optionally with until "
					   "YYYY-MM-DD behind it");
	value_clear_paused(setting, object);
	target->paused = true;
	target->paused_until_wall_ms = until_wall_ms;
	if (*reason && strcmp(reason, "true") != 0)
		target->paused_reason = g_steal_pointer(&reason);
	return true;
}

void value_print_paused(const char *zone, const struct setting *setting, const void *object,
			GPtrArray *ret_texts)
{
	const struct config_target *target = object;
	g_autoptr(GString) text = g_string_new(target->paused ? "true" : "false");

	(void)setting;
	if (target->paused && target->paused_reason)
		g_string_assign(text, target->paused_reason);
	if (target->paused && target->paused_until_wall_ms) {
		g_autofree char *date = date_text(target->paused_until_wall_ms, zone);

		g_string_append_printf(text, " until %s", date);
	}
	g_ptr_array_add(ret_texts, g_strdup(text->str));
}

void value_clear_paused(const struct setting *setting, void *object)
{
	struct config_target *target = object;

	(void)setting;
	target->paused = false;
	target->paused_until_wall_ms = 0;
	g_clear_pointer(&target->paused_reason, g_free);
}
