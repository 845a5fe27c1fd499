/* completions_judge - what a completion document says; see completions.h */
#include "data/completions.h"

#include <string.h>

#include "drift_error.h"
#include "schedule.h"
#include "text.h"

#define DATE "{date}"

/** A list of modes in a message is cut here. */
#define MODES_SHOWN_MAX_BYTES 200

static char *shown(const char *text)
{
	return text_to_utf8(text, strlen(text), COMPLETIONS_TEXT_MAX_BYTES);
}

/* --- which document --- */

static char *with_date(const char *document, const char *date)
{
	g_auto(GStrv) parts = g_strsplit(document, DATE, -1);

	return g_strjoinv(date, parts);
}

struct completion_obs *completions_begin(const struct config_completion *config,
					 int64_t now_wall_ms)
{
	struct completion_obs *observation = completion_obs_create();

	if (config->expected)
		observation->due_wall_ms = schedule_previous(config->expected, now_wall_ms);
	if (strstr(config->document, DATE)) {
		int64_t at_wall_ms =
			observation->due_wall_ms ? observation->due_wall_ms : now_wall_ms;

		observation->date =
			schedule_date(at_wall_ms, config->date_zone, config->date_offset_days);
		observation->document = with_date(config->document, observation->date);
	} else {
		observation->document = g_strdup(config->document);
	}
	return observation;
}

/* --- which keys --- */

static bool is_own(const char *key)
{
	return key[0] == '_';
}

static bool has_mode(const struct config_completion *config, const char *mode)
{
	for (size_t i = 0; i < config->expect_count; i++)
		if (g_strcmp0(config->expects[i].mode, mode) == 0)
			return true;
	return false;
}

static void add_key(struct completion_obs *observation, const char *name)
{
	struct completion_key *key = NULL;

	for (guint i = 0; i < observation->keys->len; i++) {
		key = observation->keys->pdata[i];
		if (strcmp(key->name, name) == 0)
			return; /* of two modes, or written twice */
	}
	key = g_new0(struct completion_key, 1);
	key->name = g_strdup(name);
	g_ptr_array_add(observation->keys, key);
}

/* Keys of @p mode (NULL: of no mode), or with @p all of every one. */
static void add_keys(const struct config_completion *config, const char *mode, bool all,
		     struct completion_obs *observation)
{
	for (size_t i = 0; i < config->expect_count; i++)
		if (all || g_strcmp0(config->expects[i].mode, mode) == 0)
			add_key(observation, config->expects[i].key);
}

/* "a, b" of the modes configured. */
static char *modes_text(const struct config_completion *config)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t i = 0; i < config->expect_count; i++) {
		char *mode = config->expects[i].mode;

		if (mode && g_hash_table_add(seen, mode))
			g_string_append_printf(text, "%s%s", text->len ? ", " : "", mode);
	}
	return text_to_utf8(text->str, text->len, MODES_SHOWN_MAX_BYTES);
}

static void refuse_mode(const struct config_completion *config, const char *mode, const char *type,
			GError **error)
{
	const char *field = config->mode_field ? config->mode_field : "(no mode-field)";
	g_autofree char *modes = modes_text(config);
	g_autofree char *found =
		mode ? g_strdup_printf("is \"%s\"", mode)
		     : g_strdup_printf("%s%s", type ? "is a value of type " : "is absent",
				       type ? type : "");

	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "%s %s, and keys are expected in mode %s only: add an expect for it, or one "
		    "without "
		    "a mode",
		    field, found, modes);
}

/* The mode the document says it was written in; NULL: it says none. @p ret_type: of what stands
 * there instead. */
static const char *mode_of(const struct config_completion *config, GHashTable *fields,
			   const char **ret_type)
{
	const struct firestore_value *value = NULL;

	if (config->mode_field)
		value = g_hash_table_lookup(fields, config->mode_field);
	if (value && !value->text)
		*ret_type = firestore_type_text(value->type);
	return value ? value->text : NULL;
}

static bool choose_keys(const struct config_completion *config, GHashTable *fields,
			struct completion_obs *observation, GError **error)
{
	const char *type = NULL;
	const char *mode = mode_of(config, fields, &type);

	if (mode)
		observation->mode = shown(mode);
	if (mode && has_mode(config, mode)) {
		add_keys(config, mode, false, observation);
		return true;
	}
	if (!has_mode(config, NULL)) {
		refuse_mode(config, observation->mode, type, error);
		return false;
	}
	add_keys(config, NULL, false, observation);
	return true;
}

/* --- what they hold --- */

static bool is_done_value(const struct config_completion *config, const char *text)
{
	return text && g_strv_contains((const char *const *)config->done_values, text);
}

static void judge_map(const struct config_completion *config, const struct firestore_value *map,
		      struct completion_key *key)
{
	const struct firestore_value *value = NULL;

	if (map->type != FIRESTORE_TYPE_MAP)
		return; /* there is no field in it that could say so */
	value = g_hash_table_lookup(map->fields, config->done_field);
	if (!value || !value->text)
		return;
	key->actual = shown(value->text);
	key->done = is_done_value(config, value->text);
}

static void judge_key(const struct config_completion *config, GHashTable *fields,
		      struct completion_key *key)
{
	const struct firestore_value *value = g_hash_table_lookup(fields, key->name);

	if (is_own(key->name) || !value || value->type == FIRESTORE_TYPE_NULL)
		return;
	key->present = true;
	if (config->done_field)
		judge_map(config, value, key);
	else
		key->done =
			value->type != FIRESTORE_TYPE_BOOLEAN || strcmp(value->text, "false") != 0;
}

/* --- what nobody expects --- */

static bool is_expected(const struct config_completion *config, const char *name)
{
	for (size_t i = 0; i < config->expect_count; i++)
		if (strcmp(config->expects[i].key, name) == 0)
			return true;
	return g_strcmp0(config->mode_field, name) == 0;
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_others(const struct config_completion *config, GHashTable *fields,
		       struct completion_obs *observation)
{
	GHashTableIter iter;
	gpointer name = NULL;

	g_hash_table_iter_init(&iter, fields);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		if (!is_own(name) && !is_expected(config, name))
			g_ptr_array_add(observation->others, shown(name));
	g_ptr_array_sort(observation->others, compare_texts);
	if (observation->others->len > COMPLETIONS_OTHERS_MAX)
		g_ptr_array_set_size(observation->others, COMPLETIONS_OTHERS_MAX);
}

bool completions_judge(const struct config_completion *config,
		       const struct firestore_answer *answer, struct completion_obs *observation,
		       GError **error)
{
	if (!answer->found) {
		add_keys(config, NULL, !has_mode(config, NULL), observation);
		return true;
	}
	if (!choose_keys(config, answer->fields, observation, error))
		return false;
	for (guint i = 0; i < observation->keys->len; i++)
		judge_key(config, answer->fields, observation->keys->pdata[i]);
	add_others(config, answer->fields, observation);
	observation->found = true;
	observation->updated_wall_ms = answer->updated_wall_ms;
	return true;
}
