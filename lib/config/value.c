/* value - one row per type; types with rules of their own have files of their own. */
#include "config/value.h"

#include "config/config.h"
#include "config/net.h"
#include "config/secret.h"
#include "config/value_types.h"
#include "dur.h"
#include "git/pathset.h"
#include "text.h"
#include "timefmt.h"

#include <assert.h>
#include <string.h>

/* Room for the field of any setting that is kept nowhere. */
union scratch {
	char *text;
	char **texts;
	int64_t number;
};

void *value_field(const struct setting *setting, void *object)
{
	return (char *)object + setting->offset;
}

const void *value_field_const(const struct setting *setting, const void *object)
{
	return (const char *)object + setting->offset;
}

void value_append(const struct setting *setting, void *object, const char *text)
{
	char ***list = value_field(setting, object);
	size_t count = *list ? g_strv_length(*list) : 0; /* at most SETTINGS_VALUES_MAX */

	*list = g_renew(char *, *list, count + 2);
	(*list)[count] = g_strdup(text);
	(*list)[count + 1] = NULL;
}

bool value_keep_text(const struct setting *setting, const char *text, void *object)
{
	char **field = value_field(setting, object);

	g_free(*field);
	*field = g_strdup(text);
	return true;
}

bool value_is_of(const char *text, const char *allowed, size_t max_bytes)
{
	size_t length = strspn(text, allowed);

	return length > 0 && text[length] == '\0' && length <= max_bytes;
}

bool value_check_length(const char *text, size_t max_bytes, GError **error)
{
	if (strlen(text) > max_bytes)
		return value_refuse(error, "longer than %zu bytes", max_bytes);
	return true;
}

bool value_is_env_name(const char *text)
{
	return value_is_of(text, VALUE_LOWER VALUE_UPPER "_" VALUE_DIGITS, 256) &&
	       !g_ascii_isdigit(*text);
}

/* How a type is read, written back and freed. */
struct type {
	value_parse_fn *parse;
	value_print_fn *print;
	value_clear_fn *clear;
	const char *hide_from; /* messages show a value up to the first of these bytes; NULL: all */
};

static const struct type types[SETTING_TYPE_COUNT] = {
	[SETTING_TYPE_TEXT] = {value_parse_text, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_DURATION] = {value_parse_duration, value_print_duration, value_clear_nothing,
				   NULL},
	[SETTING_TYPE_TEXTS] = {value_parse_texts, value_print_texts, value_clear_texts, NULL},
	[SETTING_TYPE_SIZE] = {value_parse_size, value_print_size, value_clear_nothing, NULL},
	[SETTING_TYPE_ROWS] = {value_parse_rows, value_print_rows, value_clear_nothing, NULL},
	[SETTING_TYPE_NUMBER] = {value_parse_rows, value_print_rows, value_clear_nothing, NULL},
	[SETTING_TYPE_PERCENT] = {value_parse_percent, value_print_percent, value_clear_nothing,
				  NULL},
	[SETTING_TYPE_INTEGER] = {value_parse_integer, value_print_integer, value_clear_nothing,
				  NULL},
	[SETTING_TYPE_BOOLEAN] = {value_parse_boolean, value_print_boolean, value_clear_nothing,
				  NULL},
	[SETTING_TYPE_CHOICE] = {value_parse_choice, value_print_choice, value_clear_nothing, NULL},
	[SETTING_TYPE_SECRET] = {value_parse_secret, value_print_secret, value_clear_secret, NULL},
	[SETTING_TYPE_SECRET_URL] = {value_parse_secret_url, value_print_secret_url,
				     value_clear_secret, NULL},
	[SETTING_TYPE_URL] = {value_parse_url, value_print_text, value_clear_text, "?"},
	[SETTING_TYPE_BASE_URL] = {value_parse_base_url, value_print_text, value_clear_text, "?"},
	[SETTING_TYPE_DIRECTORY] = {value_parse_directory, value_print_text, value_clear_text,
				    NULL},
	[SETTING_TYPE_FILE] = {value_parse_directory, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_ZONE] = {value_parse_zone, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_LISTEN] = {value_parse_listen, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_HOSTS] = {value_parse_host, value_print_texts, value_clear_texts, NULL},
	[SETTING_TYPE_INCLUDE] = {value_parse_include, value_print_nothing, value_clear_nothing,
				  NULL},
	[SETTING_TYPE_REPOSITORY_URL] = {value_parse_repository_url, value_print_repository_url,
					 value_clear_repository_url, "?"},
	[SETTING_TYPE_BRANCH] = {value_parse_branch, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_CREDENTIALS] = {value_parse_credentials, value_print_credentials,
				      value_clear_credentials, NULL},
	[SETTING_TYPE_PROJECT] = {value_parse_project, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_REGION] = {value_parse_region, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_REGIONS] = {value_parse_regions, value_print_texts, value_clear_texts, NULL},
	[SETTING_TYPE_CLOUD_NAME] = {value_parse_cloud_name, value_print_text, value_clear_text,
				     NULL},
	[SETTING_TYPE_REPO] = {value_parse_repo, value_print_repo, value_clear_nothing, NULL},
	[SETTING_TYPE_GCP] = {value_parse_gcp, value_print_gcp, value_clear_nothing, NULL},
	[SETTING_TYPE_TARGETS] = {value_parse_target, value_print_texts, value_clear_texts, NULL},
	[SETTING_TYPE_PATHS] = {value_parse_paths, value_print_texts, value_clear_texts, NULL},
	[SETTING_TYPE_COMMIT_FROM] = {value_parse_commit_from, value_print_texts, value_clear_texts,
				      NULL},
	[SETTING_TYPE_ENV_NAMES] = {value_parse_env_name, value_print_texts, value_clear_texts,
				    NULL},
	[SETTING_TYPE_EXPECT] = {value_parse_expect, value_print_expect, value_clear_expect, "="},
	[SETTING_TYPE_EXPECT_FROM] = {value_parse_expect_from, value_print_expect_from,
				      value_clear_expect_from, NULL},
	[SETTING_TYPE_PROBE_EXPECT] = {value_parse_probe_expect, value_print_probe_expect,
				       value_clear_probe_expect, "="},
	[SETTING_TYPE_POINTER] = {value_parse_pointer, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_PIN] = {value_parse_pin, value_print_pin, value_clear_pin, NULL},
	[SETTING_TYPE_PAUSED] = {value_parse_paused, value_print_paused, value_clear_paused, NULL},
	[SETTING_TYPE_LOCATION] = {value_parse_location, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_TABLE] = {value_parse_table, value_print_table, value_clear_table, NULL},
	[SETTING_TYPE_DATASETS] = {value_parse_dataset, value_print_texts, value_clear_texts, NULL},
	[SETTING_TYPE_COLUMN] = {value_parse_column, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_SQL] = {value_parse_text, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_SCHEDULE] = {value_parse_schedule, value_print_schedule, value_clear_schedule,
				   NULL},
	[SETTING_TYPE_HOLIDAYS] = {value_parse_holidays, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_DOCUMENT] = {value_parse_document, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_DAY_OFFSET] = {value_parse_day_offset, value_print_day_offset,
				     value_clear_nothing, NULL},
	[SETTING_TYPE_COMPLETION_KEYS] = {value_parse_completion_key, value_print_completion_keys,
					  value_clear_completion_keys, NULL},
	[SETTING_TYPE_FIELD_NAME] = {value_parse_field_name, value_print_text, value_clear_text,
				     NULL},
	[SETTING_TYPE_DONE] = {value_parse_done, value_print_done, value_clear_done, NULL},
	[SETTING_TYPE_EVIDENCE] = {value_parse_evidence, value_print_evidence, value_clear_evidence,
				   NULL},
	[SETTING_TYPE_CONDITION] = {value_parse_condition, value_print_condition,
				    value_clear_condition, NULL},
	[SETTING_TYPE_BUCKET] = {value_parse_bucket, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_PREFIX] = {value_parse_prefix, value_print_prefix, value_clear_text, NULL},
	[SETTING_TYPE_FOLDER_FORMAT] = {value_parse_folder_format, value_print_text,
					value_clear_text, NULL},
	[SETTING_TYPE_FILE_NAME] = {value_parse_file_name, value_print_text, value_clear_text,
				    NULL},
	[SETTING_TYPE_FILE_NAMES] = {value_parse_file_names, value_print_texts, value_clear_texts,
				     NULL},
	[SETTING_TYPE_MATCHERS] = {value_parse_matcher, value_print_matchers, value_clear_matchers,
				   NULL},
	[SETTING_TYPE_RATE] = {value_parse_rate, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_GITHUB_REPOSITORY] = {value_parse_github_repository, value_print_text,
					    value_clear_text, NULL},
	[SETTING_TYPE_LABEL] = {value_parse_label, value_print_text, value_clear_text, NULL},
	[SETTING_TYPE_EMAILS] = {value_parse_email, value_print_texts, value_clear_texts, NULL},
};

/* Settings without a field are those that mean nothing for their kind, and include. */
static bool is_kept(const struct setting *setting)
{
	return !(setting->flags & SETTING_UNUSED) && setting->type != SETTING_TYPE_INCLUDE;
}

bool value_parse(const struct value_context *context, const struct setting *setting,
		 const char *text, void *object, GError **error)
{
	const struct type *type = &types[setting->type];
	union scratch scratch = {0};
	bool ok;

	if (is_kept(setting))
		return type->parse(context, setting, text, object, error);
	assert(setting->offset == 0);
	ok = type->parse(context, setting, text, &scratch, error);
	type->clear(setting, &scratch);
	return ok;
}

void value_print(const char *zone, const struct setting *setting, const void *object,
		 GPtrArray *ret_texts)
{
	if (is_kept(setting))
		types[setting->type].print(zone, setting, object, ret_texts);
}

int value_choice(const struct setting *setting, const void *object)
{
	int value = 0;

	memcpy(&value, value_field_const(setting, object), sizeof(value));
	return value;
}

bool value_applies(const struct setting *setting, const void *object)
{
	const struct setting *selector =
		setting->applies_to ? settings_selector(setting->kind) : NULL;
	int choice = selector ? value_choice(selector, object) : 0;

	return choice == 0 || (setting->applies_to & 1U << choice);
}

void value_init(const struct setting *setting, void *object)
{
	if (is_kept(setting) && types[setting->type].print == value_print_texts) {
		char ***list = value_field(setting, object);

		if (!*list)
			*list = g_new0(char *, 1);
	} else if (is_kept(setting) && setting->type == SETTING_TYPE_MATCHERS) {
		value_init_matchers(setting, object);
	}
}

void value_clear(const struct setting *setting, void *object)
{
	if (is_kept(setting))
		types[setting->type].clear(setting, object);
}

/* How much of @p text may be shown: URLs may carry secrets. */
static size_t shown_length(const struct setting *setting, const char *text)
{
	const char *hide_from = types[setting->type].hide_from;

	if (setting->flags & SETTING_SECRET)
		return 0;
	if (setting->type == SETTING_TYPE_CREDENTIALS && g_str_has_prefix(text, "token:"))
		return strlen("token:");
	if (!hide_from)
		return strlen(text);
	return *hide_from == '?' && strchr(text, '@') ? 0 : strcspn(text, hide_from);
}

char *value_shown(const struct setting *setting, const char *text)
{
	size_t length = shown_length(setting, text);
	g_autofree char *cut = NULL;

	if (length == 0)
		return NULL;
	cut = text_to_utf8(text, length, VALUE_SHOWN_MAX_BYTES);
	return text_escape_terminal(cut);
}
