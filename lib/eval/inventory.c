/* inventory - what should exist against what does. See data.h; DESIGN 7 and 8. */
#include "eval/data_private.h"

#include <string.h>

/* Objects that a message names; the detail lists them all. */
#define OBJECTS_NAMED_MAX 5

/* Longest definition in a message. */
#define DEFINITION_MAX_BYTES 60

static char *cut(const char *definition)
{
	return definition && strlen(definition) > DEFINITION_MAX_BYTES
		       ? g_strdup_printf("%.*s…", DEFINITION_MAX_BYTES, definition)
		       : g_strdup(definition ? definition : "nothing");
}

/* "table analytics.orders", of a changed one with what changed. */
static char *name_of(const struct inventory_difference *difference)
{
	g_autofree char *expected = NULL;
	g_autofree char *actual = NULL;

	if (difference->change != INVENTORY_CHANGE_CHANGED)
		return g_strdup_printf("%s %s", difference->type, difference->object);
	expected = cut(difference->expected);
	actual = cut(difference->actual);
	return g_strdup_printf("%s %s is %s, expected %s", difference->type, difference->object,
			       actual, expected);
}

static char *names_of(const struct inventory_obs *seen, enum inventory_change change)
{
	GString *names = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; i < seen->differences->len && count <= OBJECTS_NAMED_MAX; i++) {
		const struct inventory_difference *difference = seen->differences->pdata[i];
		g_autofree char *name = NULL;

		if (difference->change != change)
			continue;
		name = name_of(difference);
		data_append_name(names, count++, OBJECTS_NAMED_MAX, name);
	}
	return g_string_free(names, FALSE);
}

static void add_differences(struct finding_sink *sink, enum reason_code code,
			    enum inventory_change change, int64_t count)
{
	const struct inventory_obs *seen = sink->input->observation->inventory;
	g_autofree char *names = NULL;
	struct reason *reason;

	if (count == 0)
		return;
	names = names_of(seen, change);
	reason = reason_create(code, STATE_DRIFT, "%" PRId64 " object%s %s: %s", count,
			       data_plural(count), inventory_change_text(change), names);
	reason_add_number(reason, "objects", count);
	reason_add_number(reason, "expected_objects", seen->expected);
	finding_add(sink, reason);
}

static void add_detail(struct finding_sink *sink)
{
	static const char *const columns[] = {"change",   "type",   "object",
					      "expected", "actual", NULL};
	const struct inventory_obs *seen = sink->input->observation->inventory;
	struct verdict_detail *detail = verdict_detail_add(sink->verdict, "inventory");

	verdict_detail_number(detail, "expected", seen->expected);
	verdict_detail_number(detail, "found", seen->found);
	verdict_detail_number(detail, "missing", seen->missing);
	verdict_detail_number(detail, "unexpected", seen->unexpected);
	verdict_detail_number(detail, "changed", seen->changed);
	data_add_cost(detail, seen->cost);
	verdict_detail_list(detail, "objects", columns);
	detail->rows_total = seen->missing + seen->unexpected + seen->changed;
	for (guint i = 0; i < seen->differences->len; i++) {
		const struct inventory_difference *difference = seen->differences->pdata[i];
		const char *cells[] = {inventory_change_text(difference->change), difference->type,
				       difference->object, difference->expected,
				       difference->actual};

		verdict_detail_row(detail, cells);
	}
}

static void make_seen(struct finding_sink *sink)
{
	const struct config_inventory *config = config_to_inventory(sink->input->target);
	const struct inventory_obs *seen = sink->input->observation->inventory;
	bool extra = config->report_unexpected;

	add_detail(sink);
	add_differences(sink, REASON_OBJECT_MISSING, INVENTORY_CHANGE_MISSING, seen->missing);
	add_differences(sink, REASON_OBJECT_CHANGED, INVENTORY_CHANGE_CHANGED, seen->changed);
	if (extra)
		add_differences(sink, REASON_OBJECT_UNEXPECTED, INVENTORY_CHANGE_UNEXPECTED,
				seen->unexpected);
	/* nothing held against anything is no agreement (L01) */
	if (seen->expected == 0 && (seen->unexpected == 0 || !extra))
		finding_add(sink,
			    reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
					  "%s expects nothing, so nothing was compared: write it "
					  "with driftd snapshot %s",
					  config->expect_file, config->target.id));
}

struct verdict *eval_inventory(const struct eval_input *input)
{
	struct finding_sink sink;
	struct verdict *paused;

	if (!frame_begin(&sink, input, &paused))
		return paused;
	if (data_is_seen(&sink))
		make_seen(&sink);
	return frame_end(&sink);
}
