/* config_page - GET /config for people: what is in force, by section, and what is wrong or doubtful. It
 * shows what the JSON has, from which secrets are left out. */
#include "api/dashboard/pages.h"

#include "api/config_view.h"
#include "api/dashboard/frame.h"
#include "api/dashboard/html.h"
#include "clk.h"
#include "config/settings.h"
#include "config/value.h"

/** More are searched for. */
#define SECTIONS_MAX 200

static void add_banner(GString *to, const char *class, const char *title, const char *text)
{
	html_add(to,
		 "<div class=\"banner %s\"><svg class=\"icon\" aria-hidden=\"true\">"
		 "<use href=\"#i-warn\"/></svg><p><strong>%s</strong> ",
		 class, title);
	html_text(to, text);
	g_string_append(to, "</p></div>\n");
}

static void add_error(GString *to, const struct config_view *view)
{
	if (view->error)
		add_banner(to, "banner-error",
			   "The files are not in force as they are now:", view->error);
}

static void add_warnings(GString *to, json_object *warnings)
{
	for (size_t i = 0; i < json_object_array_length(warnings); i++)
		add_banner(to, "banner-warn", "Warning:",
			   json_object_get_string(json_object_array_get_idx(warnings, i)));
}

static void add_files(GString *to, const struct config_view *view, json_object *files)
{
	g_string_append(to, "<section class=\"card\">\n<h2>Files</h2>\n<p class=\"muted\">Read ");
	html_time(to, view->config->loaded_wall_ms, clk_wall_ms());
	g_string_append(to, ", the first one first.</p>\n<ul class=\"files mono\">\n");
	for (size_t i = 0; i < json_object_array_length(files); i++) {
		g_string_append(to, "<li>");
		html_text(to, json_object_get_string(json_object_array_get_idx(files, i)));
		g_string_append(to, "</li>\n");
	}
	g_string_append(to, "</ul>\n</section>\n");
}

static bool is_secret(const char *section, const char *key)
{
	const struct setting *setting = settings_find(settings_kind_from_text(section), key);

	return setting && (setting->flags & SETTING_SECRET);
}

static void add_text(GString *to, const char *text)
{
	g_string_append(to, "<div class=\"value mono\">");
	html_text(to, text);
	g_string_append(to, "</div>");
}

static void add_value(GString *to, const char *section, json_object *setting)
{
	json_object *values = json_member_array(setting, "value");
	size_t count = values ? json_object_array_length(values) : 0;

	/* of some a part is no secret */
	if (is_secret(section, json_member_text(setting, "key", "")) &&
	    g_strcmp0(json_member_text(setting, "value", NULL), VALUE_SECRET) == 0) {
		g_string_append(to, "<span class=\"chip\">secret, not shown</span>");
		return;
	}
	for (size_t i = 0; i < count; i++)
		add_text(to, json_object_get_string(json_object_array_get_idx(values, i)));
	if (!values)
		add_text(to, json_member_text(setting, "value", NULL));
}

static void add_settings(GString *to, const char *section, json_object *keys, bool is_default)
{
	for (size_t i = 0; i < json_object_array_length(keys); i++) {
		json_object *setting = json_object_array_get_idx(keys, i);

		if (json_member_bool(setting, "default", false) != is_default)
			continue;
		g_string_append(to, is_default ? "<tr class=\"is-default\">" : "<tr>");
		g_string_append(to, "<th scope=\"row\" class=\"mono\">");
		html_text(to, json_member_text(setting, "key", ""));
		g_string_append(to, "</th><td>");
		add_value(to, section, setting);
		g_string_append(to, is_default ? "</td><td class=\"muted\">default</td></tr>\n"
					       : "</td><td></td></tr>\n");
	}
}

static void add_section(GString *to, json_object *section)
{
	const char *kind = json_member_text(section, "section", "");
	const char *name = json_member_text(section, "name", NULL);
	json_object *keys = json_member_array(section, "keys");

	g_string_append(to, "<details class=\"card config\" open id=\"config-");
	html_attribute(to, kind);
	g_string_append_c(to, '-');
	html_attribute(to, name);
	g_string_append(to, "\"><summary><h2>");
	html_text(to, kind);
	if (name) {
		g_string_append_c(to, ' ');
		html_text(to, name);
	}
	g_string_append(to, "</h2></summary>\n<table class=\"table settings\">\n"
			    "<caption class=\"visually-hidden\">Settings</caption>\n"
			    "<thead class=\"visually-hidden\"><tr><th scope=\"col\">Key</th>"
			    "<th scope=\"col\">Value</th><th scope=\"col\">From</th></tr></thead>\n"
			    "<tbody>\n");
	add_settings(to, kind, keys, false);
	add_settings(to, kind, keys, true);
	g_string_append(to, "</tbody>\n</table>\n</details>\n");
}

static void add_search(GString *to, const struct config_view *view)
{
	g_string_append(
		to, "<form class=\"actions\" role=\"search\" method=\"get\" action=\"/config\">\n"
		    "<label for=\"config-q\">Section</label>\n<input id=\"config-q\" "
		    "type=\"search\" name=\"q\" data-live-search value=\"");
	html_attribute(to, view->part);
	g_string_append(to, "\">\n<button class=\"button\">Search</button>\n"
			    "<a href=\"/config?format=text\">all as text</a>\n</form>\n");
}

static void add_sections(GString *to, json_object *sections, size_t left_out)
{
	if (json_object_array_length(sections) == 0)
		g_string_append(to, "<p class=\"empty\">No section has that in its name.</p>\n");
	for (size_t i = 0; i < json_object_array_length(sections); i++)
		add_section(to, json_object_array_get_idx(sections, i));
	if (left_out > 0) {
		g_string_append(to, "<p class=\"muted\">And ");
		html_count(to, (int64_t)left_out, "more section", "more sections"); /* bounded */
		g_string_append(to, ": search, or read all as text.</p>\n");
	}
}

bool page_config(const struct request *request, struct response *response, GError **error)
{
	struct config_view view = config_view_open(request);
	size_t left_out = 0;
	json_object *object = config_view_json(&view, SECTIONS_MAX, &left_out);
	struct frame frame = {.title = "Configuration",
			      .section = "/config",
			      .status = 200,
			      .snapshot = view.snapshot};

	(void)error; /* there is always one in force */
	frame.main = g_string_new("<h1>Configuration</h1>\n");
	add_error(frame.main, &view);
	add_warnings(frame.main, json_member_array(object, "warnings"));
	add_search(frame.main, &view);
	add_sections(frame.main, json_member_array(object, "sections"), left_out);
	add_files(frame.main, &view, json_member_array(object, "files"));
	frame_respond(request, &frame, response);
	json_object_put(object);
	config_view_done(&view);
	return true;
}
