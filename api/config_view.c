/* config_view - see config_view.h */
#include "api/config_view.h"

#include <assert.h>
#include <string.h>

#include "text.h"

struct config_view config_view_open(const struct request *request)
{
	struct snapshot *snapshot = app_snapshot(request->app);

	return (struct config_view){
		.config = config_ref(snapshot ? snapshot->input.config : request->config),
		.snapshot = snapshot,
		.error = snapshot ? snapshot->input.config_error : NULL,
		.part = query_text(request->query, "q"),
	};
}

void config_view_done(struct config_view *view)
{
	config_unref(view->config);
	snapshot_unref(view->snapshot);
	*view = (struct config_view){0};
}

json_object *config_view_json(const struct config_view *view, size_t max, size_t *ret_left_out)
{
	const struct config_choice choice = {.part = view->part, .max = max};
	g_autofree char *text = config_print_json_some(view->config, &choice, ret_left_out);
	json_object *object = json_parse(text, strlen(text), NULL);

	assert(object); /* we have just made it */
	json_add_time(object, "loaded_at", view->config->loaded_wall_ms);
	json_add_text(object, "error", view->error);
	return object;
}

static void append_remark(GString *to, const char *what, const char *text)
{
	g_autofree char *shown = text_escape_terminal(text);

	g_string_append_printf(to, "# %s: %s\n", what, shown);
}

char *config_view_text(const struct config_view *view)
{
	const struct config_choice choice = {.part = view->part};
	g_autofree char *printed = config_print_some(view->config, &choice);
	GString *to = g_string_new(NULL);

	if (view->error)
		append_remark(to, "the files are not in force as they are now", view->error);
	for (guint i = 0; i < view->config->warnings->len; i++)
		append_remark(to, "warning", view->config->warnings->pdata[i]);
	g_string_append(to, printed); /* config_print() shows what is not fit to be seen */
	return g_string_free(to, FALSE);
}
