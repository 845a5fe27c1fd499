/* data - see data.h and data_private.h: which kind is judged by whom, and what they share. */
#include "eval/data_private.h"

#include <assert.h>
#include <string.h>

#include "eval/service.h"
#include "timefmt.h"

struct verdict *eval_target(const struct eval_input *input)
{
	switch (input->target->kind) {
	case TARGET_KIND_SERVICE:
		return eval_service(input);
	case TARGET_KIND_TABLE:
		return eval_table(input);
	case TARGET_KIND_COMPLETION:
		return eval_completion(input);
	case TARGET_KIND_INVENTORY:
		return eval_inventory(input);
	case TARGET_KIND_ASSERT:
		return eval_assert(input);
	case TARGET_KIND_BACKUP:
		return eval_backup(input);
	case TARGET_KIND_NONE:
	case TARGET_KIND_COUNT:
		break;
	}
	assert(false); /* a target has a kind */
	return NULL;
}

bool data_is_seen(struct finding_sink *sink)
{
	const struct observation *observation = sink->input->observation;
	const struct verdict *before = sink->input->before;

	if (observation && !observation->fault)
		return true;
	if (!observation) {
		finding_add(sink, reason_create(REASON_NOT_EVALUATED, STATE_UNKNOWN,
						"not observed yet: wait for the next check"));
		return false;
	}
	finding_add(sink, finding_of_fault(observation->fault, NULL));
	if (before && before->detail)
		sink->verdict->detail = verdict_detail_copy(before->detail);
	return false;
}

struct verdict_detail *data_keep_detail(struct finding_sink *sink, const char *name)
{
	const struct verdict *before = sink->input->before;

	if (!before || !before->detail || strcmp(before->detail->name, name) != 0)
		return verdict_detail_add(sink->verdict, name);
	sink->verdict->detail = verdict_detail_copy(before->detail);
	return sink->verdict->detail;
}

enum state data_clock_state(struct finding_sink *sink, int64_t drift_wall_ms)
{
	int64_t now = sink->input->now_wall_ms;
	int64_t looked = sink->input->observation->observed_wall_ms;
	int64_t next_look = looked + sink->input->target->every_ms;

	finding_changes_at(sink, drift_wall_ms);
	if (now < drift_wall_ms)
		return STATE_PENDING;
	if (looked >= drift_wall_ms || now >= next_look)
		return STATE_DRIFT;
	finding_changes_at(sink, next_look);
	return STATE_PENDING;
}

void data_add_not_due(struct finding_sink *sink, const struct due *due, const char *why)
{
	g_autofree char *next = due->next_wall_ms > 0
					? due_text(due->next_wall_ms, schedule_zone(due->schedule))
					: NULL;
	struct reason *reason = reason_create(REASON_NOT_DUE, STATE_OK, "not due: %s%s%s", why,
					      next ? "; next due at " : "", next ? next : "");

	data_add_time(reason, "next_expected_at", due->next_wall_ms);
	finding_add(sink, reason);
	finding_changes_at(sink, due->next_wall_ms);
}

void data_add_not_active(struct finding_sink *sink, struct due *due, struct data_cost cost)
{
	struct verdict_detail *detail = sink->verdict->detail;

	due_waive(due, sink->input->observation->observed_wall_ms);
	data_add_not_due(sink, due, "active-when is false");
	reason_add_text(g_ptr_array_index(sink->verdict->reasons, sink->verdict->reasons->len - 1),
			"active_when", "false");
	data_add_cost(detail, cost);
	data_add_due(detail, due);
}

bool data_is_not_active(const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		for (guint j = 0; reason->code == REASON_NOT_DUE && j < reason->data->len; j++) {
			const struct reason_datum *datum = reason->data->pdata[j];

			if (strcmp(datum->name, "active_when") == 0)
				return true;
		}
	}
	return false;
}

/* @return false: there is no such datum. */
static bool replace(struct verdict_detail *detail, const char *name, enum datum_type type,
		    int64_t number)
{
	for (guint i = 0; i < detail->data->len; i++) {
		struct verdict_datum *datum = detail->data->pdata[i];

		if (strcmp(datum->name, name) == 0) {
			datum->type = type;
			datum->number = number;
			g_clear_pointer(&datum->text, g_free);
			return true;
		}
	}
	return false;
}

void data_set_time(struct verdict_detail *detail, const char *name, int64_t wall_ms)
{
	if (!replace(detail, name, DATUM_TYPE_TIME, wall_ms))
		verdict_detail_time(detail, name, wall_ms);
}

static void set_number(struct verdict_detail *detail, const char *name, int64_t number)
{
	if (!replace(detail, name, DATUM_TYPE_NUMBER, number))
		verdict_detail_number(detail, name, number);
}

void data_add_due(struct verdict_detail *detail, const struct due *due)
{
	if (!due->schedule)
		return;
	data_set_time(detail, "expected_at", due->newest_wall_ms);
	data_set_time(detail, "next_expected_at", due->next_wall_ms);
	if (due->waived_wall_ms > 0)
		data_set_time(detail, "waived_at", due->waived_wall_ms);
}

void data_add_number(struct verdict_detail *detail, const char *name, int64_t number)
{
	if (number >= 0)
		verdict_detail_number(detail, name, number);
}

void data_add_time(struct reason *reason, const char *name, int64_t wall_ms)
{
	char text[TIMEFMT_BYTES];

	if (wall_ms != 0)
		reason_add_text(reason, name, timefmt_utc(wall_ms, text));
}

void data_add_cost(struct verdict_detail *detail, struct data_cost cost)
{
	set_number(detail, "bytes_processed", cost.bytes_processed);
	set_number(detail, "bytes_billed", cost.bytes_billed);
}

const char *data_plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

void data_append_name(GString *list, guint index, guint max, const char *name)
{
	if (index < max)
		g_string_append_printf(list, "%s%s", index > 0 ? ", " : "", name);
	else if (index == max)
		g_string_append(list, ", …");
}
