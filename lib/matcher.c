/* matcher - see matcher.h */
#include "matcher.h"

#include "drift_error.h"
#include "text.h"

#include <string.h>

enum matcher_field {
	MATCHER_FIELD_NONE = 0,
	MATCHER_FIELD_ID,
	MATCHER_FIELD_KIND,
	MATCHER_FIELD_PRIORITY,
	MATCHER_FIELD_OWNER,
};

struct matcher {
	enum matcher_field field;
	char *text;  /* as written, without white space around it */
	char *value; /* what the field must be; of ID a pattern in which '*' stands for any text */
};

/* The kinds of targets, as target_kind_text() has them (a test holds the two together: the
 * configuration is made of matchers, not the reverse), and repositories. */
static const char *const kinds[] = {"service", "table",  "completion", "inventory",
				    "assert",  "backup", "repo",       NULL};
static const char *const priorities[] = {"P0", "P1", "P2", NULL};
static const char *const fields[] = {"priority", "owner", "kind", NULL};

/* Bytes of a target id, and the wildcard. */
#define PATTERN_CHARS                                                                              \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"                        \
	"/*"

#define FORMS                                                                                      \
	"write a priority (P0, P1, P2), owner=NAME, kind=KIND, or a target id in which * stands "  \
	"for any text: service/NAME, table/*, repo/NAME"

#define refuse(error, ...)                                                                         \
	(g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, __VA_ARGS__), false)

/* "; did you mean X?", or nothing. Caller frees. */
static char *suggest(const char *word, const char *const *candidates)
{
	const char *near = text_nearest(word, candidates);

	return near ? g_strdup_printf("; did you mean %s?", near) : g_strdup("");
}

static bool check_priority(const char *value, GError **error)
{
	g_autofree char *near = NULL;

	if (g_strv_contains(priorities, value))
		return true;
	near = suggest(value, priorities);
	return refuse(error, "a priority is P0, P1 or P2%s", near);
}

static bool check_kind(const char *value, GError **error)
{
	g_autofree char *near = NULL;

	if (g_strv_contains(kinds, value))
		return true;
	near = suggest(value, kinds);
	return refuse(error,
		      "a kind is service, table, completion, inventory, assert, backup or repo%s",
		      near);
}

static bool check_owner(const char *value, GError **error)
{
	if (*value == '\0')
		return refuse(error, "owner= needs a name behind it");
	if (strchr(value, '*')) /* it would match nobody, in silence */
		return refuse(error, "* stands for any text in a target id only, not in an owner");
	return true;
}

/* "KIND/NAME" with or without '*': can any id be like that? */
static bool check_pattern(const char *value, GError **error)
{
	const char *slash = strchr(value, '/');
	g_autofree char *kind = slash ? g_strndup(value, (size_t)(slash - value)) : NULL;

	if (value[strspn(value, PATTERN_CHARS)] != '\0')
		return refuse(error, FORMS);
	if (slash && (slash[1] == '\0' || strchr(slash + 1, '/')))
		return refuse(error, "a target id is KIND/NAME: one slash, and a name behind it");
	return !kind || strchr(kind, '*') || check_kind(kind, error);
}

/* A word alone: a priority, or a slip. */
static bool check_word(const char *text, GError **error)
{
	g_autofree char *near = NULL;

	if (g_strv_contains(kinds, text))
		return refuse(error, "write kind=%s for all of that kind", text);
	near = suggest(text, priorities);
	return refuse(error, FORMS "%s", near);
}

/* Text that can be shown and stored as it is. */
static bool check_text(const char *text, GError **error)
{
	if (*text == '\0')
		return refuse(error, FORMS);
	if (strlen(text) > MATCHER_TEXT_MAX_BYTES)
		return refuse(error, "longer than %d bytes", MATCHER_TEXT_MAX_BYTES);
	if (!g_utf8_validate(text, -1, NULL))
		return refuse(error, "not UTF-8");
	for (size_t i = 0; text[i]; i += (size_t)g_utf8_skip[(unsigned char)text[i]])
		if (g_unichar_iscntrl(g_utf8_get_char(text + i)))
			return refuse(error, "a control character; remove it");
	return true;
}

/* "FIELD=VALUE": @p equals is in @p text. */
static bool parse_field(const char *text, const char *equals, struct matcher *matcher,
			GError **error)
{
	g_autofree char *name = g_strchomp(g_strndup(text, (size_t)(equals - text)));
	g_autofree char *near = NULL;

	matcher->value = g_strchug(g_strdup(equals + 1));
	if (strcmp(name, "priority") == 0) {
		matcher->field = MATCHER_FIELD_PRIORITY;
		return check_priority(matcher->value, error);
	}
	if (strcmp(name, "owner") == 0) {
		matcher->field = MATCHER_FIELD_OWNER;
		return check_owner(matcher->value, error);
	}
	if (strcmp(name, "kind") == 0) {
		matcher->field = MATCHER_FIELD_KIND;
		return check_kind(matcher->value, error);
	}
	near = suggest(name, fields);
	return refuse(error, "before = comes priority, owner or kind%s", near);
}

static bool parse(const char *text, struct matcher *matcher, GError **error)
{
	const char *equals = strchr(text, '=');

	if (!check_text(text, error))
		return false;
	if (equals)
		return parse_field(text, equals, matcher, error);
	matcher->value = g_strdup(text);
	if (g_strv_contains(priorities, text)) {
		matcher->field = MATCHER_FIELD_PRIORITY;
		return true;
	}
	matcher->field = MATCHER_FIELD_ID;
	if (!strpbrk(text, "/*"))
		return check_word(text, error);
	return check_pattern(text, error);
}

struct matcher *matcher_parse(const char *text, GError **error)
{
	struct matcher *matcher = g_new0(struct matcher, 1);

	matcher->text = g_strstrip(g_strdup(text));
	if (parse(matcher->text, matcher, error))
		return matcher;
	matcher_free(matcher);
	return NULL;
}

void matcher_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	g_free(matcher->text);
	g_free(matcher->value);
	g_free(matcher);
}

const char *matcher_text(const struct matcher *matcher)
{
	return matcher->text;
}

bool matcher_matches(const struct matcher *matcher, const struct matcher_subject *subject)
{
	switch (matcher->field) {
	case MATCHER_FIELD_ID:
		return text_glob(matcher->value, subject->id);
	case MATCHER_FIELD_KIND:
		return g_strcmp0(matcher->value, subject->kind) == 0;
	case MATCHER_FIELD_PRIORITY:
		return g_strcmp0(matcher->value, subject->priority) == 0;
	case MATCHER_FIELD_OWNER:
		return g_strcmp0(matcher->value, subject->owner) == 0;
	case MATCHER_FIELD_NONE:
		break;
	}
	return false;
}
