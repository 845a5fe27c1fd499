/* table - is a table there, has it rows, and is it fresh? See data.h; DESIGN 7. Existence, rows and freshness are
 * questions of their own (L13); shape is asked when the configuration is loaded, and answers with broken_check. */
#include "eval/table_private.h"

#include <string.h>

#include "dur.h"
#include "timefmt.h"

int64_t table_min_rows(const struct config_table *table)
{
	return MAX(table->min_rows, 1);
}

const char *table_means(const struct table_making *making)
{
	return making->seen->over_budget ? " (by metadata, the budget of bytes is spent)" : "";
}

/* --- freshness --- */

static void add_thresholds(const struct table_making *making, struct reason *reason)
{
	const struct config_table *table = making->table;

	if (table->warn_after_ms > 0)
		reason_add_number(reason, "warn_after_s", table->warn_after_ms / MS_PER_S);
	if (table->error_after_ms > 0)
		reason_add_number(reason, "error_after_s", table->error_after_ms / MS_PER_S);
	reason_add_text(reason, "method", table_method_text(making->seen->method));
}

/* "… was last loaded at …", "… has rows up to partition …". Caller frees. */
static char *age_text(const struct table_making *making)
{
	char base[TIMEFMT_BYTES];

	timefmt_utc(making->base_wall_ms, base);
	if (making->newest)
		return g_strdup_printf("%s has rows up to partition %s, which ended at %s",
				       making->name, making->newest->id, base);
	return g_strdup_printf("%s was last loaded at %s%s", making->name, base,
			       table_means(making));
}

/* @p at_wall_ms: the instant at which the age counts; 0: now. */
static void add_stale(struct table_making *making, enum state state, bool is_error,
		      int64_t at_wall_ms)
{
	const struct config_table *table = making->table;
	g_autofree char *limit =
		dur_format(is_error ? table->error_after_ms : table->warn_after_ms);
	g_autofree char *what = age_text(making);
	g_autofree char *at =
		at_wall_ms > 0 ? due_text(at_wall_ms, schedule_zone(making->due.schedule)) : NULL;
	struct reason *reason = reason_create(REASON_STALE, state,
					      "%s, more than %s = %s %s%s: see what should "
					      "have written it",
					      what, is_error ? "error-after" : "warn-after", limit,
					      at ? "before it was due at " : "ago", at ? at : "");

	data_add_time(reason, making->newest ? "data_until" : "last_loaded_at",
		      making->base_wall_ms);
	reason_add_text(reason, "partition", making->newest ? making->newest->id : NULL);
	data_add_time(reason, "expected_at", at_wall_ms);
	add_thresholds(making, reason);
	finding_add(making->sink, reason);
}

static void judge_age_now(struct table_making *making)
{
	const struct config_table *table = making->table;
	int64_t warn = making->base_wall_ms + table->warn_after_ms;
	int64_t error = making->base_wall_ms + table->error_after_ms;
	int64_t now = making->sink->input->now_wall_ms;

	if (table->warn_after_ms > 0)
		finding_changes_at(making->sink, warn);
	if (table->error_after_ms > 0)
		finding_changes_at(making->sink, error);
	if (table->error_after_ms > 0 && now >= error)
		add_stale(making, data_clock_state(making->sink, error), true, 0);
	else if (table->warn_after_ms > 0 && now >= warn)
		add_stale(making, STATE_PENDING, false, 0);
}

/* Old, and nobody owes it anything: worth saying why that is well. */
static void add_excuse(struct table_making *making)
{
	const struct config_table *table = making->table;
	int64_t limit = table->warn_after_ms > 0 ? table->warn_after_ms : table->error_after_ms;
	int64_t from = making->base_wall_ms + limit;

	if (limit == 0)
		return;
	finding_changes_at(making->sink, from);
	if (making->sink->input->now_wall_ms >= from)
		data_add_not_due(making->sink, &making->held, "it has what was due so far");
}

/* Against a schedule the age counts at the newest instant whose grace is over: between instants nobody owes anything
 * (L22). */
static void judge_age_when_due(struct table_making *making)
{
	const struct config_table *table = making->table;
	int64_t at = making->held.judged_wall_ms;
	int64_t age = at - making->base_wall_ms;

	if (at == 0 || making->held.waived_wall_ms >= at || making->held.met_wall_ms < at) {
		if (due_settled(&making->held) >= making->held.newest_wall_ms)
			add_excuse(making);
		return;
	}
	if (table->error_after_ms > 0 && age >= table->error_after_ms)
		add_stale(making, data_clock_state(making->sink, at + table->grace_ms), true, at);
	else if (table->warn_after_ms > 0 && age >= table->warn_after_ms)
		add_stale(making, STATE_PENDING, false, at);
	else if (due_settled(&making->held) >= making->held.newest_wall_ms)
		add_excuse(making);
}

void table_judge_age(struct table_making *making)
{
	if (making->base_wall_ms == 0 || making->base_is_future)
		return;
	if (making->due.schedule)
		judge_age_when_due(making);
	else
		judge_age_now(making);
}

/* "last loaded …", "never loaded". */
static char *last_text(const struct table_making *making)
{
	char text[TIMEFMT_BYTES];

	if (making->base_wall_ms == 0)
		return g_strdup("no load is known");
	return g_strdup_printf("the last load is of %s", timefmt_utc(making->base_wall_ms, text));
}

static const char *zone_of(const struct table_making *making)
{
	return making->due.schedule ? schedule_zone(making->due.schedule) : "UTC";
}

void table_add_late(struct table_making *making, int64_t due_wall_ms, int64_t drift_wall_ms,
		    const char *partition)
{
	enum state state = data_clock_state(making->sink, drift_wall_ms);
	bool in_grace = making->sink->input->now_wall_ms < drift_wall_ms;
	g_autofree char *due = due_text(due_wall_ms, zone_of(making));
	g_autofree char *end = in_grace ? due_text(drift_wall_ms, zone_of(making)) : NULL;
	g_autofree char *last = partition ? g_strdup_printf("partition %s has no rows", partition)
					  : last_text(making);
	struct reason *reason = reason_create(
		REASON_LATE, state, "%s was due at %s, and %s%s: %s%s", making->name, due, last,
		table_means(making), in_grace ? "it has until " : "see what should have written it",
		in_grace ? end : "");

	data_add_time(reason, "expected_at", due_wall_ms);
	reason_add_text(reason, "zone", zone_of(making));
	reason_add_number(reason, "grace_s", making->table->grace_ms / MS_PER_S);
	reason_add_text(reason, "partition", partition);
	if (!partition)
		data_add_time(reason, "last_loaded_at", making->base_wall_ms);
	reason_add_text(reason, "method", table_method_text(making->seen->method));
	finding_add(making->sink, reason);
}

static void judge_late(struct table_making *making)
{
	const struct due *held = &making->held;
	int64_t overdue = due_overdue(held);

	finding_changes_at(making->sink, held->next_wall_ms);
	if (held->newest_wall_ms == 0)
		data_add_not_due(making->sink, held, "its schedule has not come to its first time");
	else if (overdue > 0)
		table_add_late(making, overdue, overdue + held->grace_ms, NULL);
	else if (due_settled(held) < held->newest_wall_ms)
		table_add_late(making, held->newest_wall_ms, held->newest_wall_ms + held->grace_ms,
			       NULL);
}

/* --- rows --- */

void table_add_few(struct table_making *making, enum state state, int64_t rows,
		   const char *partition)
{
	int64_t least = table_min_rows(making->table);
	const char *under = making->table->filter && making->seen->method == TABLE_METHOD_COLUMN
				    ? " under its filter"
				    : "";
	struct reason *reason;

	if (rows == 0)
		reason = reason_create(REASON_EMPTY, state,
				       "%s is empty%s%s: no rows, at least %" PRId64 " expected",
				       making->name, under, table_means(making), least);
	else
		reason = reason_create(REASON_TOO_FEW_ROWS, state,
				       "%s%s%s has %" PRId64 " row%s%s%s, at least %" PRId64
				       " expected (min-rows)",
				       partition ? "partition " : "", partition ? partition : "",
				       partition ? "" : making->name, rows, data_plural(rows),
				       under, table_means(making), least);
	reason_add_number(reason, "rows", rows);
	reason_add_number(reason, "min_rows", least);
	reason_add_text(reason, "partition", partition);
	finding_add(making->sink, reason);
}

/* Under a filter that moves with the date. */
static bool rows_may_go(const struct table_making *making)
{
	return making->due.schedule && making->table->filter &&
	       making->table->method == TABLE_METHOD_COLUMN;
}

/*
 * There rows go away by themselves: when there were enough at what was due last,
 * the next ones are owed at the next instant. Until then it is pending.
 */
static enum state few_state(struct table_making *making)
{
	const struct due *held = &making->held;
	bool in_grace = held->newest_wall_ms > held->judged_wall_ms;
	int64_t next = in_grace ? held->newest_wall_ms : held->next_wall_ms;

	if (!rows_may_go(making) || held->judged_wall_ms == 0 ||
	    making->rows_met_wall_ms < held->judged_wall_ms || next == 0)
		return STATE_DRIFT;
	return data_clock_state(making->sink, next + held->grace_ms);
}

static void add_unknown_rows(struct table_making *making, const char *why)
{
	struct reason *reason = reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN, "rows of %s: %s",
					      making->name, why);

	reason_add_number(reason, "min_rows", table_min_rows(making->table));
	finding_add(making->sink, reason);
}

/* Rows of the whole table when those under the filter are asked for: only that there are too few says something, as the
 * filter makes fewer of them. */
static bool rows_are_of_all(const struct table_making *making)
{
	return making->seen->over_budget && making->table->filter;
}

/* At which instant there were enough. */
static void note_rows_met(struct table_making *making)
{
	int64_t looked = making->observation->observed_wall_ms;

	if (!rows_may_go(making) || making->seen->over_budget)
		return;
	making->rows_met_wall_ms = looked >= making->due.newest_wall_ms
					   ? making->due.newest_wall_ms
					   : schedule_previous(making->due.schedule, looked);
	making->rows_met_carried = true;
}

static void judge_rows(struct table_making *making)
{
	int64_t rows = making->seen->rows;
	int64_t least = table_min_rows(making->table);

	if (rows_are_of_all(making) && (rows < 0 || rows >= least || making->seen->streaming))
		return;
	if (rows >= least) {
		note_rows_met(making);
		return;
	}
	if (making->seen->streaming && rows <= 0 && least == 1)
		return; /* there are some, in the buffer */
	if (making->seen->streaming)
		add_unknown_rows(making,
				 "some are in the streaming buffer, which metadata does not "
				 "count: use method = column, or leave out min-rows");
	else if (rows < 0)
		add_unknown_rows(making, "their number was not told");
	else
		table_add_few(making, few_state(making), rows, NULL);
}

/* --- by loads --- */

/* Without rows under a filter the newest load is out of sight, not undone. */
static bool load_is_out_of_sight(const struct table_making *making)
{
	return making->seen->loaded_wall_ms == 0 && making->seen->rows == 0 &&
	       making->due.schedule && making->table->filter;
}

static void count_load(struct table_making *making)
{
	bool other = making->seen->over_budget;

	making->base_wall_ms = making->seen->loaded_wall_ms;
	if (load_is_out_of_sight(making)) {
		making->base_wall_ms = making->due.met_by_wall_ms;
		return;
	}
	due_count_load(&making->held, making->seen->loaded_wall_ms, other);
	if (!other)
		making->due = making->held;
}

static void add_future(struct table_making *making)
{
	char text[TIMEFMT_BYTES];
	struct reason *reason = reason_create(
		REASON_BROKEN_CHECK, STATE_UNKNOWN,
		"the newest load of %s is of %s, which is ahead of the clock: how fresh it is "
		"cannot "
		"be told. %s",
		making->name, timefmt_utc(making->seen->loaded_wall_ms, text),
		making->seen->method == TABLE_METHOD_COLUMN
			? "Correct those rows or the zone they are written in, or leave them out "
			  "with filter"
			: "Compare the clock of this machine");

	data_add_time(reason, "last_loaded_at", making->seen->loaded_wall_ms);
	finding_add(making->sink, reason);
}

static void add_never(struct table_making *making)
{
	if (making->seen->method == TABLE_METHOD_COLUMN)
		finding_add(making->sink,
			    reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
					  "%s is NULL in all rows of %s%s: when they were loaded "
					  "cannot be told",
					  making->table->loaded_at_field, making->name,
					  making->table->filter ? " under its filter" : ""));
	else
		finding_add(making->sink,
			    reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
					  "when %s was loaded was not told", making->name));
}

static void judge_loads(struct table_making *making)
{
	const struct table_obs *seen = making->seen;

	judge_rows(making);
	if (seen->loaded_wall_ms > making->observation->observed_wall_ms + DATA_FUTURE_MS) {
		making->base_is_future = true;
		add_future(making);
		return;
	}
	if (seen->loaded_wall_ms == 0 && (seen->rows != 0 || seen->streaming)) {
		add_never(making);
		return;
	}
	if (load_is_out_of_sight(making) && !making->due.carried)
		return; /* that there are no rows has been said, and is all there is to say */
	count_load(making);
	if (making->due.schedule)
		judge_late(making);
	table_judge_age(making);
}

/* --- over budget --- */

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Codes of what is wrong, in the order of the alphabet: the same ones are the same text. Caller frees; NULL: nothing. */
static char *codes_of(const GPtrArray *reasons)
{
	g_autoptr(GPtrArray) codes = g_ptr_array_new();
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < reasons->len; i++) {
		const struct reason *reason = reasons->pdata[i];

		if (reason->state != STATE_OK)
			g_ptr_array_add(codes, (gpointer)(uintptr_t)reason_code_text(reason->code));
	}
	g_ptr_array_sort(codes, compare_texts);
	for (guint i = 0; i < codes->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
				       (const char *)codes->pdata[i]);
	return g_string_free(text, text->len == 0);
}

/* What the query said last, and since when it has said that. */
static void note_found(struct table_making *making)
{
	char *codes = codes_of(making->sink->verdict->reasons);

	if (g_strcmp0(codes, making->found) != 0)
		making->found_wall_ms = codes ? making->observation->observed_wall_ms : 0;
	g_free(making->found);
	making->found = codes;
}

static void add_over_budget(struct table_making *making)
{
	char since[TIMEFMT_BYTES];
	struct reason *reason = reason_create(
		REASON_OVER_BUDGET, STATE_UNKNOWN,
		"the query about %s has found %s since %s; the budget of bytes is spent, and "
		"metadata cannot tell that it is over: raise daily-bytes, or wait for the next day "
		"(UTC)",
		making->name, making->found, timefmt_utc(making->found_wall_ms, since));

	reason_add_text(reason, "found_by_query", making->found);
	data_add_time(reason, "found_by_query_at", making->found_wall_ms);
	finding_add(making->sink, reason);
}

/* Metadata finds more, and clears nothing that the query found: see data.h. */
static void judge_found(struct table_making *making)
{
	if (making->table->method != TABLE_METHOD_COLUMN || !making->seen->found)
		return;
	if (!making->seen->over_budget)
		note_found(making);
	else if (making->found)
		add_over_budget(making);
}

/* --- the whole --- */

static void add_missing(struct table_making *making)
{
	struct reason *reason =
		reason_create(REASON_TABLE_MISSING, STATE_DRIFT,
			      "%s does not exist: create it, or correct table = %s.%s",
			      making->name, making->table->dataset, making->table->table);

	reason_add_text(reason, "table", making->name);
	finding_add(making->sink, reason);
}

static void make_not_active(struct table_making *making)
{
	struct verdict_detail *detail = data_keep_detail(making->sink, "freshness");

	if (detail->data->len == 0)
		verdict_detail_text(detail, "method", table_method_text(making->table->method));
	data_add_not_active(making->sink, &making->due, making->seen->cost);
}

static void judge(struct table_making *making)
{
	if (making->seen->not_active) {
		make_not_active(making);
		return;
	}
	if (!making->seen->found)
		add_missing(making);
	else if (making->seen->method == TABLE_METHOD_PARTITION)
		table_judge_partitions(making);
	else
		judge_loads(making);
	judge_found(making);
	table_add_detail(making);
}

static const char *carried_text(const struct verdict *before, const char *name)
{
	const struct verdict_datum *datum =
		before ? verdict_detail_find(before->detail, name) : NULL;

	return datum && datum->type == DATUM_TYPE_TEXT ? datum->text : NULL;
}

static void make_seen(struct finding_sink *sink, const struct config_table *table)
{
	const struct eval_input *input = sink->input;
	struct table_making making = {
		.sink = sink,
		.table = table,
		.observation = input->observation,
		.seen = input->observation->table,
		.due = due_make(table->expected, table->grace_ms, input->before,
				input->now_wall_ms),
		.name = g_strdup_printf("%s.%s.%s", table->table_project, table->dataset,
					table->table),
		.due_rows = -1,
		.rows = -1,
		.volume = {.median_rows = -1},
	};

	making.held = making.due;
	making.found = g_strdup(carried_text(input->before, "found_by_query"));
	making.found_wall_ms = due_carried_time(input->before, "found_by_query_at", NULL);
	making.rows_met_wall_ms =
		due_carried_time(input->before, "rows_met_at", &making.rows_met_carried);
	judge(&making);
	g_free(making.name);
	g_free(making.found);
	g_free(making.due_id);
}

struct verdict *eval_table(const struct eval_input *input)
{
	struct finding_sink sink;
	struct verdict *paused;

	if (!frame_begin(&sink, input, &paused))
		return paused;
	if (data_is_seen(&sink))
		make_seen(&sink, config_to_table(input->target));
	return frame_end(&sink);
}

struct verdict *table_glance(const struct config_table *table,
			     const struct observation *observation, const struct verdict *before,
			     int64_t now_wall_ms)
{
	struct eval_input input = {
		.target = &table->target,
		.observation = observation,
		.before = before,
		.now_wall_ms = now_wall_ms,
	};
	struct verdict *verdict = verdict_create(table->target.id);
	struct finding_sink sink = {.input = &input, .verdict = verdict, .floor = STATE_OK};

	verdict->kind = g_strdup(target_kind_text(TARGET_KIND_TABLE));
	if (data_is_seen(&sink))
		make_seen(&sink, table);
	verdict->state = STATE_OK;
	for (guint i = 0; i < verdict->reasons->len; i++)
		verdict->state = state_worse(
			verdict->state, ((const struct reason *)verdict->reasons->pdata[i])->state);
	verdict->next_change_wall_ms = sink.change_wall_ms;
	verdict_sort_reasons(verdict);
	return verdict;
}
