/* value_types - the types of values with rules of their own; and helpers for them. */
#ifndef DRIFT_CONFIG_VALUE_TYPES_H
#define DRIFT_CONFIG_VALUE_TYPES_H

#include "config/value.h"

#include "drift_error.h"

/** Sets of bytes for value_is_of(). */
#define VALUE_LOWER "abcdefghijklmnopqrstuvwxyz"
#define VALUE_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define VALUE_DIGITS "0123456789"

/** A whole number within the setting's range. */
MUST_CHECK bool value_parse_number(const struct setting *setting, const char *text,
				   int64_t *ret_number, GError **error);

/** Set @p error and be false. */
#define value_refuse(error, ...)                                                                   \
	(g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, __VA_ARGS__), false)

typedef bool value_parse_fn(const struct value_context *context, const struct setting *setting,
			    const char *text, void *object, GError **error);
typedef void value_print_fn(const char *zone, const struct setting *setting, const void *object,
			    GPtrArray *ret_texts);
typedef void value_clear_fn(const struct setting *setting, void *object);

/** The setting's field in the section's struct. */
void *value_field(const struct setting *setting, void *object);
const void *value_field_const(const struct setting *setting, const void *object);

/** Replace the text at the setting's field. Always true. */
bool value_keep_text(const struct setting *setting, const char *text, void *object);

/** Append a copy of @p text to the NULL-terminated list at the setting's field. */
void value_append(const struct setting *setting, void *object, const char *text);

/** Only bytes of @p allowed, 1 to @p max_bytes of them. */
bool value_is_of(const char *text, const char *allowed, size_t max_bytes);

/** Project of Google's: lower-case letters, digits and '-', maybe with the domain of old accounts
 * before it, example.com:project. */
bool value_is_project(const char *text);

/** Is @p text no more than @p max_bytes long? */
MUST_CHECK bool value_check_length(const char *text, size_t max_bytes, GError **error);

/** The key of @p ids of the same kind whose name is nearest to that of @p id ("table/ordrs").
 * Caller frees. NULL: none is near. */
char *value_nearest_id(GHashTable *ids, const char *id);

/** Name of an environment variable: [A-Za-z_][A-Za-z0-9_]*. */
bool value_is_env_name(const char *text);

/* value_basic.c: texts, numbers, words, secrets */
value_parse_fn value_parse_text, value_parse_duration, value_parse_integer, value_parse_boolean,
	value_parse_choice, value_parse_secret, value_parse_secret_url, value_parse_texts;
value_print_fn value_print_text, value_print_texts, value_print_nothing, value_print_duration,
	value_print_integer, value_print_boolean, value_print_choice, value_print_secret,
	value_print_secret_url;
value_clear_fn value_clear_text, value_clear_texts, value_clear_nothing, value_clear_secret;

/* value_name.c: names of things */
value_parse_fn value_parse_url, value_parse_base_url, value_parse_directory, value_parse_zone,
	value_parse_listen, value_parse_host, value_parse_include, value_parse_project,
	value_parse_region, value_parse_regions, value_parse_cloud_name, value_parse_repo,
	value_parse_gcp, value_parse_target, value_parse_paths, value_parse_env_name;
value_print_fn value_print_repo, value_print_gcp;

/* value_repo.c: repositories and credentials */
value_parse_fn value_parse_repository_url, value_parse_branch, value_parse_credentials;
value_print_fn value_print_repository_url, value_print_credentials;
value_clear_fn value_clear_repository_url, value_clear_credentials;

/* value_expect.c: what a running service must have */
value_parse_fn value_parse_expect, value_parse_pointer, value_parse_expect_from,
	value_parse_probe_expect, value_parse_commit_from;
value_print_fn value_print_expect, value_print_expect_from, value_print_probe_expect;
value_clear_fn value_clear_expect, value_clear_expect_from, value_clear_probe_expect;

/* value_until.c: what may end on a day */
value_parse_fn value_parse_pin, value_parse_paused;
value_print_fn value_print_pin, value_print_paused;
value_clear_fn value_clear_pin, value_clear_paused;

/* value_number.c: sizes, counts, percentages, days */
value_parse_fn value_parse_size, value_parse_rows, value_parse_percent, value_parse_day_offset;
value_print_fn value_print_size, value_print_rows, value_print_percent, value_print_day_offset;

/* value_bigquery.c: places and names of BigQuery */
value_parse_fn value_parse_location, value_parse_table, value_parse_dataset, value_parse_column;
value_print_fn value_print_table;
value_clear_fn value_clear_table;

/* value_schedule.c: when data is due */
value_parse_fn value_parse_schedule, value_parse_holidays;
value_print_fn value_print_schedule;
value_clear_fn value_clear_schedule;

/* value_completion.c: completion documents */
value_parse_fn value_parse_document, value_parse_completion_key, value_parse_field_name,
	value_parse_done, value_parse_evidence;
value_print_fn value_print_completion_keys, value_print_done, value_print_evidence;
value_clear_fn value_clear_completion_keys, value_clear_done, value_clear_evidence;

/* value_condition.c: what an answer must be */
value_parse_fn value_parse_condition;
value_print_fn value_print_condition;
value_clear_fn value_clear_condition;

/* value_bucket.c: places in Cloud Storage */
value_parse_fn value_parse_bucket, value_parse_prefix, value_parse_folder_format,
	value_parse_file_name, value_parse_file_names;
value_print_fn value_print_prefix;

/* value_alert.c: channels, windows, accounts */
value_parse_fn value_parse_matcher, value_parse_rate, value_parse_github_repository,
	value_parse_label, value_parse_email;
value_print_fn value_print_matchers;
value_clear_fn value_init_matchers, value_clear_matchers;

/** The name of a bucket? */
bool value_is_bucket(const char *text);

#endif
