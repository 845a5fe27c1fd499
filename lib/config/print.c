/* print - the configuration in force, key by key as the table has them. */
#include "config/config.h"

#include "config/kinds.h"
#include "config/settings.h"
#include "config/value.h"
#include "json.h"

/* What is done with each key that has a value. */
struct printer {
	const struct config *config;
	GString *text;         /* INI; or NULL */
	json_object *sections; /* JSON; or NULL */
};

/* One section to be printed. */
struct printed {
	enum setting_kind kind;
	const char *name; /* NULL: none */
	const void *object;
	uint64_t given;
};

/* The texts of a setting's value; empty when it has none. Caller unrefs. */
static GPtrArray *texts_of(const struct printer *printer, const struct setting *setting,
			   const struct printed *section)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);

	if (value_applies(setting, section->object)) /* else it is not in force */
		value_print(printer->config->driftd.timezone, setting, section->object, texts);
	return texts;
}

static bool is_default(const struct setting *setting, const struct printed *section)
{
	return !(section->given & ((uint64_t)1 << settings_index(setting)));
}

static size_t print_keys(const struct printer *printer, const struct printed *section,
			 bool defaults, GString *ret_text)
{
	size_t count;
	size_t printed = 0;
	const struct setting *settings = settings_of_kind(section->kind, &count);

	for (size_t i = 0; i < count; i++) {
		g_autoptr(GPtrArray) texts = NULL;

		if (is_default(&settings[i], section) != defaults)
			continue;
		texts = texts_of(printer, &settings[i], section);
		for (guint j = 0; j < texts->len; j++, printed++)
			g_string_append_printf(ret_text, "%s = %s\n", settings[i].key,
					       (const char *)g_ptr_array_index(texts, j));
	}
	return printed;
}

static void print_section(const struct printer *printer, const struct printed *section)
{
	g_autoptr(GString) defaults = g_string_new(NULL);

	g_string_append_printf(printer->text, "\n[%s", settings_kind_text(section->kind));
	if (section->name)
		g_string_append_printf(printer->text, " \"%s\"", section->name);
	g_string_append(printer->text, "]\n");
	(void)print_keys(printer, section, false, printer->text); /* may be none */
	if (print_keys(printer, section, true, defaults) > 0)
		g_string_append_printf(printer->text, "# defaults:\n%s", defaults->str);
}

static void add_key(json_object *keys, const struct setting *setting, const GPtrArray *texts,
		    bool is_fallback)
{
	json_object *key = json_object_new_object();

	json_add_text(key, "key", setting->key);
	if (setting->flags & SETTING_REPEATABLE) {
		json_object *values = json_object_new_array();

		for (guint i = 0; i < texts->len; i++)
			(void)json_object_array_add(
				values, json_object_new_string(g_ptr_array_index(texts, i)));
		json_add(key, "value", values);
	} else {
		json_add_text(key, "value", g_ptr_array_index(texts, 0));
	}
	json_add_bool(key, "default", is_fallback);
	(void)json_object_array_add(keys, key); /* aborts without memory, as GLib does */
}

static void add_section(const struct printer *printer, const struct printed *section)
{
	json_object *object = json_object_new_object();
	json_object *keys = json_object_new_array();
	size_t count;
	const struct setting *settings = settings_of_kind(section->kind, &count);

	for (size_t i = 0; i < count; i++) {
		g_autoptr(GPtrArray) texts = texts_of(printer, &settings[i], section);

		if (texts->len > 0)
			add_key(keys, &settings[i], texts, is_default(&settings[i], section));
	}
	json_add_text(object, "section", settings_kind_text(section->kind));
	json_add_text(object, "name", section->name);
	json_add(object, "keys", keys);
	(void)json_object_array_add(printer->sections, object);
}

static void visit(const struct printer *printer, enum setting_kind kind, const void *object)
{
	const struct printed section = {.kind = kind,
					.name = kind_name(kind, object),
					.object = object,
					.given = kind_given(kind, object)};

	if (printer->text)
		print_section(printer, &section);
	else
		add_section(printer, &section);
}

static void visit_all(const struct printer *printer)
{
	const struct config *config = printer->config;

	visit(printer, SETTING_KIND_DRIFTD, &config->driftd);
	if (config->auth.present)
		visit(printer, SETTING_KIND_AUTH, &config->auth);
	for (enum setting_kind kind = SETTING_KIND_REPO; kind < SETTING_KIND_COUNT; kind++) {
		const GPtrArray *list = kind_objects(kind, config);

		for (guint i = 0; i < list->len && !kind_shares_list(kind); i++) {
			const void *object = g_ptr_array_index(list, i);

			visit(printer, kind_of(kind, object), object);
		}
	}
}

char *config_print(const struct config *config)
{
	GString *text = g_string_new(NULL);
	const struct printer printer = {.config = config, .text = text};

	g_string_append_printf(text, "# The configuration in force, from %s\n", config->path);
	visit_all(&printer);
	return g_string_free(text, FALSE);
}

char *config_print_json(const struct config *config)
{
	json_object *root = json_object_new_object();
	json_object *sections = json_object_new_array();
	json_object *warnings = json_object_new_array();
	const struct printer printer = {.config = config, .sections = sections};
	char *text;

	visit_all(&printer);
	for (guint i = 0; i < config->warnings->len; i++)
		(void)json_object_array_add(
			warnings, json_object_new_string(g_ptr_array_index(config->warnings, i)));
	json_add(root, "sections", sections);
	json_add(root, "warnings", warnings);
	text = json_to_text(root, NULL);
	(void)json_object_put(root); /* the only reference */
	return text;
}
