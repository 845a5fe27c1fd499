/* value_completion - what is expected of completion documents. */
#include "config/value_types.h"

#include "config/config.h"

#include <string.h>

/* Firestore's limits on a path and on the name of a field.
 * https://firebase.google.com/docs/firestore/quotas */
#define PATH_MAX_BYTES 6144
#define PART_MAX_BYTES 1500
#define FIELD_MAX_BYTES 1500

#define DATE "{date}"

/* One part of a path. */
static const char *check_part(const char *part)
{
	if (*part == '\0')
		return "it begins or ends with '/' or has two in a row";
	if (strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
		return "a part of it is . or ..";
	if (g_str_has_prefix(part, "__") && g_str_has_suffix(part, "__"))
		return "a part of it is __NAME__, which is Firestore's own";
	if (strlen(part) > PART_MAX_BYTES)
		return "a part of it is longer than 1500 bytes";
	return NULL;
}

/* The one placeholder there is, once. */
static const char *check_placeholders(const char *path)
{
	const char *date = strstr(path, DATE);
	const char *rest = date ? date + strlen(DATE) : path;

	if (date && strstr(rest, DATE))
		return "{date} can be in it once";
	if (strpbrk(rest, "{}") || (date && memchr(path, '{', (size_t)(date - path))) ||
	    (date && memchr(path, '}', (size_t)(date - path))))
		return "the only placeholder is {date}";
	return NULL;
}

bool value_parse_document(const struct value_context *context, const struct setting *setting,
			  const char *text, void *object, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(text, "/", -1);
	const char *why = check_placeholders(text);

	(void)context;
	if (!value_check_length(text, PATH_MAX_BYTES, error))
		return false;
	for (size_t i = 0; parts[i] && !why; i++)
		why = check_part(parts[i]);
	if (why)
		return value_refuse(error, "no path of a document: %s", why);
	if (g_strv_length(parts) % 2 != 0)
		return value_refuse(error, "no path of a document: it has an odd number of parts, "
					   "COLLECTION/DOCUMENT has two");
	return value_keep_text(setting, text, object);
}

bool value_parse_field_name(const struct value_context *context, const struct setting *setting,
			    const char *text, void *object, GError **error)
{
	(void)context;
	return value_check_length(text, FIELD_MAX_BYTES, error) &&
	       value_keep_text(setting, text, object);
}

static bool is_expected(const struct config_completion *completion, const char *mode,
			const char *key)
{
	for (size_t i = 0; i < completion->expect_count; i++)
		if (g_strcmp0(completion->expects[i].mode, mode) == 0 &&
		    strcmp(completion->expects[i].key, key) == 0)
			return true;
	return false;
}

static bool check_key(const char *key, GError **error)
{
	if (*key == '\0')
		return value_refuse(error, "write KEY or MODE: KEY");
	if (*key == '_')
		return value_refuse(error, "keys that begin with _ never count");
	return value_check_length(key, FIELD_MAX_BYTES, error);
}

bool value_parse_completion_key(const struct value_context *context, const struct setting *setting,
				const char *text, void *object, GError **error)
{
	struct config_completion *completion = object;
	const char *colon = strchr(text, ':');
	g_autofree char *mode = colon ? g_strchomp(g_strndup(text, (size_t)(colon - text))) : NULL;
	g_autofree char *key = g_strstrip(g_strdup(colon ? colon + 1 : text));

	(void)context;
	(void)setting;
	if (mode && *mode == '\0')
		return value_refuse(error, "write KEY or MODE: KEY");
	if (!check_key(key, error))
		return false;
	if (is_expected(completion, mode, key))
		return value_refuse(error, "%s is expected twice", key);
	completion->expects = g_renew(struct config_completion_key, completion->expects,
				      completion->expect_count + 1);
	completion->expects[completion->expect_count++] = (struct config_completion_key){
		.mode = g_steal_pointer(&mode), .key = g_steal_pointer(&key)};
	return true;
}

void value_print_completion_keys(const char *zone, const struct setting *setting,
				 const void *object, GPtrArray *ret_texts)
{
	const struct config_completion *completion = object;

	(void)zone;
	(void)setting;
	for (size_t i = 0; i < completion->expect_count; i++) {
		const struct config_completion_key *one = &completion->expects[i];

		g_ptr_array_add(ret_texts, g_strconcat(one->mode ? one->mode : "",
						       one->mode ? ": " : "", one->key, NULL));
	}
}

void value_clear_completion_keys(const struct setting *setting, void *object)
{
	struct config_completion *completion = object;

	(void)setting;
	for (size_t i = 0; i < completion->expect_count; i++) {
		g_free(completion->expects[i].mode);
		g_free(completion->expects[i].key);
	}
	g_clear_pointer(&completion->expects, g_free);
	completion->expect_count = 0;
}

/* The texts of "VALUE|VALUE", trimmed; NULL when one is empty. Caller frees. */
static GStrv split_values(const char *text)
{
	g_auto(GStrv) values = g_strsplit(text, "|", SETTINGS_VALUES_MAX);

	for (size_t i = 0; values[i]; i++)
		if (*g_strstrip(values[i]) == '\0' || strchr(values[i], '|'))
			return NULL;
	return values[0] ? g_steal_pointer(&values) : NULL;
}

bool value_parse_done(const struct value_context *context, const struct setting *setting,
		      const char *text, void *object, GError **error)
{
	struct config_completion *completion = object;
	const char *equals = strchr(text, '=');
	g_autofree char *field =
		equals ? g_strchomp(g_strndup(text, (size_t)(equals - text))) : NULL;
	g_auto(GStrv) values = equals ? split_values(equals + 1) : NULL;

	(void)context;
	if (!field || *field == '\0' || !values)
		return value_refuse(error, "write FIELD=VALUE or FIELD=VALUE|VALUE, for example "
					   "status=success|partial");
	value_clear_done(setting, object);
	completion->done_field = g_steal_pointer(&field);
	completion->done_values = g_steal_pointer(&values);
	return true;
}

void value_print_done(const char *zone, const struct setting *setting, const void *object,
		      GPtrArray *ret_texts)
{
	const struct config_completion *completion = object;
	g_autofree char *values =
		completion->done_values ? g_strjoinv("|", completion->done_values) : NULL;

	(void)zone;
	(void)setting;
	if (values)
		g_ptr_array_add(ret_texts, g_strconcat(completion->done_field, "=", values, NULL));
}

void value_clear_done(const struct setting *setting, void *object)
{
	struct config_completion *completion = object;

	(void)setting;
	g_clear_pointer(&completion->done_field, g_free);
	g_clear_pointer(&completion->done_values, g_strfreev);
}

/* The table called @p id, or NULL with @p error and the likely spelling. */
static const struct config_table *find_table(const struct value_context *context, const char *id,
					     GError **error)
{
	const struct config_target *target = g_hash_table_lookup(context->targets, id);
	g_autofree char *near = NULL;

	if (!g_str_has_prefix(id, "table/")) {
		(void)value_refuse(error, "write KEY table/NAME, with the name of a [table] "
					  "section");
		return NULL;
	}
	if (target)
		return config_to_table(target);
	near = value_nearest_id(context->targets, id);
	(void)value_refuse(error, "there is no %s%s%s%s", id, near ? "; did you mean " : "",
			   near ? near : "", near ? "?" : "");
	return NULL;
}

static const char *last_word(const char *text)
{
	const char *word = text;

	for (const char *at = text; *at; at++)
		if (*at == ' ' || *at == '\t')
			word = at + 1;
	return word;
}

bool value_parse_evidence(const struct value_context *context, const struct setting *setting,
			  const char *text, void *object, GError **error)
{
	struct config_completion *completion = object;
	const char *id = last_word(text);
	g_autofree char *key = g_strchomp(g_strndup(text, (size_t)(id - text)));
	const struct config_table *table = find_table(context, id, error);

	(void)setting;
	if (!table)
		return false;
	if (*key == '\0')
		return value_refuse(error, "write KEY table/NAME: the key that the table is "
					   "evidence for");
	for (size_t i = 0; i < completion->evidence_count; i++)
		if (completion->evidence[i].table == table &&
		    strcmp(completion->evidence[i].key, key) == 0)
			return value_refuse(error, "the same is given twice");
	completion->evidence = g_renew(struct config_evidence, completion->evidence,
				       completion->evidence_count + 1);
	completion->evidence[completion->evidence_count++] = (struct config_evidence){
		.key = g_steal_pointer(&key), .table_id = g_strdup(id), .table = table};
	return true;
}

void value_print_evidence(const char *zone, const struct setting *setting, const void *object,
			  GPtrArray *ret_texts)
{
	const struct config_completion *completion = object;

	(void)zone;
	(void)setting;
	for (size_t i = 0; i < completion->evidence_count; i++)
		g_ptr_array_add(ret_texts, g_strconcat(completion->evidence[i].key, " ",
						       completion->evidence[i].table_id, NULL));
}

void value_clear_evidence(const struct setting *setting, void *object)
{
	struct config_completion *completion = object;

	(void)setting;
	for (size_t i = 0; i < completion->evidence_count; i++) {
		g_free(completion->evidence[i].key);
		g_free(completion->evidence[i].table_id);
	}
	g_clear_pointer(&completion->evidence, g_free);
	completion->evidence_count = 0;
}
