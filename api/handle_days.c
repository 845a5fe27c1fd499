/* handle_days - GET /history/{kind}/{name}/days: how a target fared, day by day, oldest first. */
#include "api/handlers.h"

#include "api/dashboard/days.h"
#include "text.h"

struct days_answer {
	const char *target;
	const char *zone;
	GArray *days; /* struct day */
	bool is_cut;
};

static json_object *seconds_json(const struct day *day)
{
	json_object *object = json_object_new_object();

	for (enum state state = STATE_OK; state <= STATE_PAUSED; state++)
		json_add_int(object, state_text(state), day->ms[state] / MS_PER_S);
	return object;
}

static json_object *day_json(const struct day *day)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "date", day->date);
	json_add_text(object, "worst", day->worst == STATE_NONE ? NULL : state_text(day->worst));
	json_add(object, "seconds", seconds_json(day));
	json_add_int(object, "transitions", day->transitions);
	return object;
}

static json_object *days_json(const struct days_answer *answer)
{
	json_object *object = json_object_new_object();
	json_object *days = json_object_new_array();

	for (guint i = 0; i < answer->days->len; i++)
		(void)json_object_array_add(days,
					    day_json(&g_array_index(answer->days, struct day, i)));
	json_add_text(object, "target", answer->target);
	json_add_text(object, "timezone", answer->zone);
	json_add(object, "days", days);
	json_add(object, "complete", json_object_new_boolean(!answer->is_cut));
	return object;
}

static void append_day(GString *to, const struct day *day)
{
	g_string_append_printf(to, "%s  %-7s  %11" PRId64, day->date,
			       day->worst == STATE_NONE ? "-" : state_text(day->worst),
			       day->transitions);
	for (enum state state = STATE_OK; state <= STATE_PAUSED; state++) {
		g_autofree char *lasted =
			day->ms[state] > 0 ? text_age(day->ms[state]) : g_strdup("-");

		g_string_append_printf(to, "  %7s", lasted);
	}
	g_string_append_c(to, '\n');
}

static char *days_text(const struct days_answer *answer)
{
	GString *to = g_string_new("DATE        WORST    TRANSITIONS");

	for (enum state state = STATE_OK; state <= STATE_PAUSED; state++) {
		g_autofree char *word = g_ascii_strup(state_text(state), -1);

		g_string_append_printf(to, "  %7s", word);
	}
	g_string_append_c(to, '\n');
	for (guint i = 0; i < answer->days->len; i++)
		append_day(to, &g_array_index(answer->days, struct day, i));
	g_string_append_printf(to, "\ndays of %s\n", answer->zone);
	if (answer->is_cut)
		g_string_append_printf(to, "more than %d transitions: older days are not known\n",
				       DAYS_TRANSITIONS_MAX);
	return g_string_free(to, FALSE);
}

static GArray *read_days(const struct request *request, const struct snapshot *snapshot,
			 const struct days_answer *answer, bool *ret_cut, GError **error)
{
	int count = (int)query_number(request->query, "days", DAYS_DEFAULT); /* 1..DAYS_MAX */
	g_autoptr(GArray) calendar =
		days_calendar(answer->zone, count, snapshot->input.generated_wall_ms);
	struct store_reader *reader = app_reader_take(request->app, error);
	GArray *days = NULL;

	if (!reader)
		return NULL;
	if (handle_check_known(request, reader, answer->target, error))
		days = days_read(reader, snapshot, answer->target, calendar, ret_cut, error);
	app_reader_give(request->app, reader);
	return days;
}

bool handle_days(const struct request *request, struct response *response, GError **error)
{
	g_autofree char *target = g_strconcat(request->parts[0], "/", request->parts[1], NULL);
	struct snapshot *snapshot = handle_snapshot(request, error);
	struct days_answer answer = {.target = target};

	if (!snapshot)
		return false;
	answer.zone = snapshot->input.config->driftd.timezone;
	answer.days = read_days(request, snapshot, &answer, &answer.is_cut, error);
	if (answer.days && request->wants_text)
		response_set(response, 200, response_text, days_text(&answer));
	else if (answer.days)
		handle_set_json(response, 200, days_json(&answer));
	if (answer.days)
		g_array_unref(answer.days);
	snapshot_unref(snapshot);
	return answer.days != NULL;
}
