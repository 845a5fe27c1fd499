/* assertion - does what a query answers hold? See data.h; DESIGN 7 and 8. */
#include "eval/data_private.h"

static bool asks_value(const struct config_condition *condition)
{
	return condition->subject == CONDITION_SUBJECT_VALUE;
}

/* Why the answer has no single value; NULL: it has one. Caller frees. */
static char *why_no_value(const struct assert_obs *seen)
{
	if (seen->rows == 1 && seen->columns_total == 1)
		return NULL;
	if (seen->rows < 0)
		return g_strdup("its rows were not counted");
	return g_strdup_printf("it has %" PRId64 " row%s of %" PRId64 " column%s, and one value is "
			       "needed",
			       seen->rows, data_plural(seen->rows), seen->columns_total,
			       data_plural(seen->columns_total));
}

static void add_broken(struct finding_sink *sink, const struct config_condition *condition,
		       const char *why)
{
	const struct config_assert *config = config_to_assert(sink->input->target);
	struct reason *reason = reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
					      "the answer to %s cannot be held against \"%s\": %s",
					      config->sql_file, condition->text, why);

	reason_add_text(reason, "class", fault_class_text(FAULT_BROKEN));
	finding_add(sink, reason);
}

/* @return true when it was told; else the reason is added. */
static bool ask(struct finding_sink *sink, const struct config_condition *condition,
		bool *ret_holds)
{
	const struct assert_obs *seen = sink->input->observation->assertion;
	g_autofree char *why = asks_value(condition) ? why_no_value(seen) : NULL;
	g_autoptr(GError) error = NULL;

	if (!why && eval_condition(condition, seen->rows, seen->value, ret_holds, &error))
		return true;
	add_broken(sink, condition, why ? why : error->message);
	return false;
}

/* "12 rows", "the value 0.25". */
static char *found_text(const struct config_condition *condition, const struct assert_obs *seen)
{
	if (asks_value(condition))
		return g_strdup_printf("the value is %s", seen->value);
	return g_strdup_printf("there %s %" PRId64 " row%s", seen->rows == 1 ? "is" : "are",
			       seen->rows, data_plural(seen->rows));
}

static void add_failed(struct finding_sink *sink, const struct config_condition *condition,
		       bool is_warning)
{
	const struct assert_obs *seen = sink->input->observation->assertion;
	g_autofree char *found = found_text(condition, seen);
	struct reason *reason =
		reason_create(is_warning ? REASON_ASSERTION_WARNING : REASON_ASSERTION_FAILED,
			      is_warning ? STATE_PENDING : STATE_DRIFT, "expected %s, but %s%s",
			      condition->text, found, is_warning ? " (warn)" : "");

	reason_add_text(reason, is_warning ? "warn" : "expect", condition->text);
	if (seen->rows >= 0)
		reason_add_number(reason, "rows", seen->rows);
	if (asks_value(condition))
		reason_add_text(reason, "value", seen->value);
	finding_add(sink, reason);
}

static void judge(struct finding_sink *sink, const struct config_assert *config)
{
	bool holds = false;
	bool told = ask(sink, &config->expect, &holds);

	if (told && !holds)
		add_failed(sink, &config->expect, false);
	if (!told || !holds || config->warn.subject == CONDITION_SUBJECT_NONE)
		return;
	if (ask(sink, &config->warn, &holds) && !holds)
		add_failed(sink, &config->warn, true);
}

static void add_rows(const struct assert_obs *seen, struct verdict_detail *detail)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < seen->columns->len; i++)
		g_ptr_array_add(names, seen->columns->pdata[i]);
	g_ptr_array_add(names, NULL);
	verdict_detail_list(detail, "rows", (const char *const *)names->pdata);
	detail->list_is_table = true;
	detail->rows_total = MAX(seen->rows, (int64_t)seen->cells->len);
	for (guint i = 0; i < seen->cells->len; i++)
		verdict_detail_row(detail, (const char *const *)seen->cells->pdata[i]);
}

static void add_detail(struct finding_sink *sink, const struct config_assert *config)
{
	const struct assert_obs *seen = sink->input->observation->assertion;
	struct verdict_detail *detail = verdict_detail_add(sink->verdict, "assertion");

	data_add_number(detail, "row_count", seen->rows);
	/* the first cell of rows that may not be shown is no value either */
	if (asks_value(&config->expect) || asks_value(&config->warn))
		verdict_detail_text(detail, "value", seen->value);
	verdict_detail_text(detail, "expect", config->expect.text);
	verdict_detail_text(detail, "warn",
			    config->warn.subject == CONDITION_SUBJECT_NONE ? NULL
									   : config->warn.text);
	data_add_cost(detail, seen->cost);
	/* rows of an answer that holds are nobody's business: they are not kept */
	if (config->show_rows && seen->columns->len > 0 && sink->verdict->reasons->len > 0)
		add_rows(seen, detail);
}

static void make_seen(struct finding_sink *sink)
{
	const struct config_assert *config = config_to_assert(sink->input->target);

	if (sink->input->observation->assertion->not_active) {
		struct due none = {0};

		(void)data_keep_detail(sink, "assertion"); /* it is there now */
		data_add_not_active(sink, &none, sink->input->observation->assertion->cost);
		return;
	}
	judge(sink, config);
	add_detail(sink, config);
}

struct verdict *eval_assert(const struct eval_input *input)
{
	struct finding_sink sink;
	struct verdict *paused;

	if (!frame_begin(&sink, input, &paused))
		return paused;
	if (data_is_seen(&sink))
		make_seen(&sink);
	return frame_end(&sink);
}
