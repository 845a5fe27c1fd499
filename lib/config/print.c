/* print - the configuration in force, key by key as the table has them. */
#include "config/config.h"

#include "config/kinds.h"
#include "config/settings.h"
#include "config/value.h"
#include "json.h"
#include "text.h"

#include <string.h>

/* What is done with each key that has a value. */
struct printer {
	const struct config *config;
	GString *text;         /* INI; or NULL */
	json_object *sections; /* JSON; or NULL */
	const char *part;      /* of the sections that are printed, lower case; NULL: all are */
	size_t max;            /* sections printed at most */
	size_t printed, left_out;
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
		for (guint j = 0; j < texts->len; j++, printed++) {
			g_autofree char *shown = text_escape_terminal(g_ptr_array_index(texts, j));

			g_string_append_printf(ret_text, "%s = %s\n", settings[i].key, shown);
		}
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

/* Is it meant by what was searched for? */
static bool is_meant(const struct printer *printer, enum setting_kind kind, const char *name)
{
	g_autofree char *id = g_strconcat(settings_kind_text(kind), name ? "/" : NULL, name, NULL);
	g_autofree char *lower = g_ascii_strdown(id, -1);

	return !printer->part || strstr(lower, printer->part);
}

static void visit(struct printer *printer, enum setting_kind kind, const void *object)
{
	const struct printed section = {.kind = kind,
					.name = kind_name(kind, object),
					.object = object,
					.given = kind_given(kind, object)};

	if (!is_meant(printer, kind, section.name))
		return;
	if (printer->printed >= printer->max) {
		printer->left_out++;
		return;
	}
	printer->printed++;
	if (printer->text)
		print_section(printer, &section);
	else
		add_section(printer, &section);
}

static void visit_all(struct printer *printer)
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

/* What is printed, as a printer; @p ret_part is freed when it is done. */
static struct printer printer_of(const struct config *config, const struct config_choice *choice,
				 char **ret_part)
{
	*ret_part = choice && choice->part ? g_ascii_strdown(choice->part, -1) : NULL;
	return (struct printer){.config = config,
				.part = *ret_part,
				.max = choice && choice->max > 0 ? choice->max : SIZE_MAX};
}

char *config_print(const struct config *config)
{
	return config_print_some(config, NULL);
}

char *config_print_some(const struct config *config, const struct config_choice *choice)
{
	GString *text = g_string_new(NULL);
	g_autofree char *part = NULL;
	struct printer printer = printer_of(config, choice, &part);

	printer.text = text;
	g_string_append_printf(text, "# The configuration in force, from %s\n", config->path);
	visit_all(&printer);
	return g_string_free(text, FALSE);
}

char *config_print_json(const struct config *config)
{
	return config_print_json_some(config, NULL, NULL);
}

static json_object *texts_json(const GPtrArray *texts)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < texts->len; i++)
		json_append(array, json_object_new_string(g_ptr_array_index(texts, i)));
	return array;
}

char *config_print_json_some(const struct config *config, const struct config_choice *choice,
			     size_t *ret_left_out)
{
	json_object *root = json_object_new_object();
	g_autofree char *part = NULL;
	struct printer printer = printer_of(config, choice, &part);
	char *text;

	printer.sections = json_object_new_array();
	visit_all(&printer);
	json_add(root, "sections", printer.sections);
	json_add(root, "warnings", texts_json(config->warnings));
	json_add(root, "files", texts_json(config->files));
	text = json_to_text(root, NULL);
	(void)json_object_put(root); /* the only reference */
	if (ret_left_out)
		*ret_left_out = printer.left_out;
	return text;
}
