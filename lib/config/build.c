/* build - from the keys of a section to the fields of its struct, and the reports of what is wrong
 * on the way. */
#include "config/build.h"

#include "text.h"

#include <assert.h>
#include <string.h>

void build_free(struct build *build)
{
	/* the objects of the others are the configuration's */
	if (build->duplicate)
		config_free_object(build->kind, build->object);
	g_free(build->label);
	g_free(build);
}

/* Takes @p message. */
static void add_problem(struct loader *loader, unsigned file_index, int line, char *message)
{
	const struct ini *file = g_ptr_array_index(loader->files, file_index);
	struct build_problem *problem;

	if (loader->problems->len >= CONFIG_PROBLEMS_MAX) {
		loader->dropped_problems++;
		g_free(message);
		return;
	}
	problem = g_new0(struct build_problem, 1);
	problem->problem.file = g_strdup(file->file);
	problem->problem.line = line;
	problem->problem.message = message;
	problem->file_index = file_index;
	problem->number = loader->problems->len;
	g_ptr_array_add(loader->problems, problem);
}

void build_report(struct loader *loader, unsigned file_index, int line, const char *format, ...)
{
	va_list arguments;
	char *message;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	add_problem(loader, file_index, line, message);
}

/* Where @p key is written with @p value; NULL: nowhere. */
static const struct ini_entry *find_value(const struct build *build, const char *key,
					  const char *value)
{
	for (size_t i = 0; key && build->section && i < build->section->entry_count; i++) {
		const struct ini_entry *entry = &build->section->entries[i];

		if (strcmp(entry->key, key) == 0 && (!value || strcmp(entry->value, value) == 0))
			return entry;
	}
	return NULL;
}

/* Where @p key is written first; NULL: nowhere. */
static const struct ini_entry *find_entry(const struct build *build, const char *key)
{
	return find_value(build, key, NULL);
}

static int line_of(const struct build *build, const struct ini_entry *entry)
{
	if (entry)
		return entry->line;
	return build->section ? build->section->line : 0;
}

/* "[section] key = value: MESSAGE", with as much of that as there is. Takes @p message. */
static void refuse_entry(struct build *build, const struct ini_entry *entry, const char *key,
			 char *message)
{
	const struct setting *setting = key ? settings_find(build->kind, key) : NULL;
	g_autofree char *shown = entry && setting ? value_shown(setting, entry->value) : NULL;
	char *whole =
		g_strdup_printf("%s%s%s%s%s: %s", build->label, key ? " " : "", key ? key : "",
				shown ? " = " : "", shown ? shown : "", message);

	g_free(message);
	add_problem(build->loader, build->file_index, line_of(build, entry), whole);
}

void build_refuse(struct build *build, const char *key, const char *format, ...)
{
	va_list arguments;
	char *message;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	refuse_entry(build, find_entry(build, key), key, message);
}

void build_refuse_value(struct build *build, const char *key, const char *value, const char *format,
			...)
{
	va_list arguments;
	char *message;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	refuse_entry(build, find_value(build, key, value), key, message);
}

/* Takes @p warning. */
static void add_warning(struct loader *loader, char *warning)
{
	if (loader->config->warnings->len < CONFIG_PROBLEMS_MAX)
		g_ptr_array_add(loader->config->warnings, warning);
	else
		g_free(warning);
}

/* "FILE:LINE: [section] key: MESSAGE". */
static void warn_entry(struct build *build, const struct ini_entry *entry, const char *key,
		       const char *message)
{
	const struct ini *file = g_ptr_array_index(build->loader->files, build->file_index);

	add_warning(build->loader,
		    g_strdup_printf("%s:%d: %s%s%s: %s", file->file, line_of(build, entry),
				    build->label, key ? " " : "", key ? key : "", message));
}

void build_warn(struct build *build, const char *key, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	warn_entry(build, find_entry(build, key), key, message);
}

void build_warn_value(struct build *build, const char *key, const char *value, const char *format,
		      ...)
{
	g_autofree char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	warn_entry(build, find_value(build, key, value), key, message);
}

void build_warn_all(struct loader *loader, const char *format, ...)
{
	const struct ini *file = g_ptr_array_index(loader->files, 0);
	g_autofree char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	add_warning(loader, g_strdup_printf("%s: %s", file->file, message));
}

static uint64_t bit_of(const struct build *build, const char *key)
{
	const struct setting *setting = settings_find(build->kind, key);

	assert(setting); /* callers name keys of the table */
	return (uint64_t)1 << settings_index(setting);
}

bool build_is_given(const struct build *build, const char *key)
{
	return build->given & bit_of(build, key);
}

bool build_is_refused(const struct build *build, const char *key)
{
	return build->failed & bit_of(build, key);
}

/* The key of this kind that @p key may be a slip of; NULL: none. */
static const char *nearest_key(enum setting_kind kind, const char *key)
{
	size_t count;
	const struct setting *settings = settings_of_kind(kind, &count);
	g_autofree const char **keys = g_new0(const char *, count + 1);

	for (size_t i = 0; i < count; i++)
		keys[i] = settings[i].key;
	return text_nearest(key, keys);
}

/* The value is never shown: it may be a secret under a misspelt key. */
static void refuse_unknown(struct build *build, const struct ini_entry *entry)
{
	const char *near = nearest_key(build->kind, entry->key);

	if (near) {
		refuse_entry(build, entry, entry->key,
			     g_strdup_printf("unknown key; did you mean %s?", near));
		return;
	}
	for (enum setting_kind kind = SETTING_KIND_DRIFTD; kind < SETTING_KIND_COUNT; kind++)
		if (settings_find(kind, entry->key)) {
			refuse_entry(build, entry, entry->key,
				     g_strdup_printf("unknown key here; it belongs in [%s]",
						     settings_kind_text(kind)));
			return;
		}
	refuse_entry(build, entry, entry->key, g_strdup("unknown key"));
}

/* Entries of @p key before entry number @p index. */
static size_t count_before(const struct build *build, size_t index, const char **ret_same_value)
{
	const struct ini_entry *entries = build->section->entries;
	size_t count = 0;

	*ret_same_value = NULL;
	for (size_t i = 0; i < index; i++) {
		if (strcmp(entries[i].key, entries[index].key) != 0)
			continue;
		count++;
		if (strcmp(entries[i].value, entries[index].value) == 0)
			*ret_same_value = entries[i].value;
	}
	return count;
}

/* May the key be here once more? What is wrong, or NULL. Caller frees. */
static char *check_repetition(const struct build *build, const struct setting *setting,
			      size_t index)
{
	const char *same = NULL;
	size_t before;

	if (!(build->given & ((uint64_t)1 << settings_index(setting))))
		return NULL; /* the first, as nearly always */
	before = count_before(build, index, &same);
	if (!(setting->flags & SETTING_REPEATABLE))
		return g_strdup_printf("given twice, first in line %d",
				       line_of(build, find_entry(build, setting->key)));
	if (before >= SETTINGS_VALUES_MAX)
		return g_strdup_printf("more than %d values", SETTINGS_VALUES_MAX);
	if (same && (setting->flags & SETTING_DISTINCT))
		return g_strdup("the same value is given twice");
	return NULL;
}

/* The value of one entry into its field. What is wrong, or NULL. Caller frees. */
static char *take_value(struct build *build, const struct setting *setting,
			const struct ini_entry *entry)
{
	g_autoptr(GError) error = NULL;

	if (*entry->value == '\0')
		return g_strdup("the value is empty");
	if (!value_parse(&build->loader->context, setting, entry->value, build->object, &error))
		return g_strdup(error->message);
	return NULL;
}

static void take_entry(struct build *build, size_t index)
{
	const struct ini_entry *entry = &build->section->entries[index];
	const struct setting *setting = settings_find(build->kind, entry->key);
	uint64_t bit;
	char *why;

	if (!setting) {
		refuse_unknown(build, entry);
		return;
	}
	bit = (uint64_t)1 << settings_index(setting);
	why = check_repetition(build, setting, index);
	if (!why)
		why = take_value(build, setting, entry);
	if (!why && (setting->flags & SETTING_UNUSED) && !(build->given & bit))
		build_warn(build, setting->key, "has no effect: %s means nothing in [%s]",
			   setting->key, settings_kind_text(build->kind));
	build->given |= bit;
	if (why) {
		build->failed |= bit;
		refuse_entry(build, entry, entry->key, why);
	}
}

/* Defaults also stand in for refused values, so that later checks find something sensible. */
static void take_default(struct build *build, const struct setting *setting)
{
	uint64_t bit = (uint64_t)1 << settings_index(setting);
	g_autoptr(GError) error = NULL;
	bool ok = true;

	value_init(setting, build->object);
	if (setting->fallback && (!(build->given & bit) || (build->failed & bit)))
		ok = value_parse(&build->loader->context, setting, setting->fallback, build->object,
				 &error);
	assert(ok); /* the table's own defaults */
	if ((setting->flags & SETTING_REQUIRED) && !(build->given & bit) && !build->duplicate &&
	    !build->quiet)
		refuse_entry(build, NULL, NULL,
			     g_strdup_printf("%s is missing: %s", setting->key, setting->help));
}

void build_values(struct build *build)
{
	size_t count;
	const struct setting *settings = settings_of_kind(build->kind, &count);

	for (size_t i = 0; build->section && i < build->section->entry_count; i++)
		take_entry(build, i);
	for (size_t i = 0; i < count; i++)
		take_default(build, &settings[i]);
}
