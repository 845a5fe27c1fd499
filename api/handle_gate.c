/* handle_gate - GET /gate: may a pipeline go on? DESIGN 9. */
#include "api/handlers.h"

#include <inttypes.h>

#include "api/select.h"
#include "drift_error.h"
#include "text.h"

/* How the selected targets fall. Arrays of const struct verdict *. */
struct gate {
	GPtrArray *failing, *pending, *paused, *unknown; /* unknown: let pass on request */
	struct tally tally;
};

static void gate_init(struct gate *gate, const GPtrArray *selected, const struct query *query)
{
	bool strict = query_flag(query, "strict");
	bool allow_unknown = query_flag(query, "allow-unknown");

	*gate = (struct gate){
		.failing = g_ptr_array_new(),
		.pending = g_ptr_array_new(),
		.paused = g_ptr_array_new(),
		.unknown = g_ptr_array_new(),
		.tally = tally_make(selected),
	};
	for (guint i = 0; i < selected->len; i++) {
		const struct verdict *verdict = selected->pdata[i];
		GPtrArray *list = gate->failing; /* also for what has no state: never open */

		if (verdict->state == STATE_OK)
			continue;
		if (verdict->state == STATE_PAUSED)
			list = gate->paused;
		else if (verdict->state == STATE_PENDING && !strict)
			list = gate->pending;
		else if (verdict->state == STATE_UNKNOWN && allow_unknown)
			list = gate->unknown;
		g_ptr_array_add(list, selected->pdata[i]);
	}
}

static void gate_done(struct gate *gate)
{
	g_ptr_array_unref(gate->failing);
	g_ptr_array_unref(gate->pending);
	g_ptr_array_unref(gate->paused);
	g_ptr_array_unref(gate->unknown);
}

static json_object *ids_json(const GPtrArray *verdicts)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		(void)json_object_array_add(array, json_object_new_string(verdict->id));
	}
	return array;
}

static json_object *failing_json(const GPtrArray *verdicts, int64_t now_wall_ms)
{
	json_object *array = json_object_new_array();

	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];
		g_autofree char *summary = verdict_summary(verdict, now_wall_ms);
		json_object *object = json_object_new_object();

		json_add_text(object, "id", verdict->id);
		json_add_text(object, "state", state_text(verdict->state));
		json_add_text(object, "relation", relation_text(verdict->relation));
		json_add_text(object, "summary", summary);
		(void)json_object_array_add(array, object);
	}
	return array;
}

static json_object *gate_json(const struct gate *gate, guint selected, int64_t now_wall_ms)
{
	json_object *object = json_object_new_object();

	json_add_bool(object, "pass", gate->failing->len == 0);
	json_add_int(object, "selected", selected);
	json_add_int(object, "evaluated", gate->tally.evaluated);
	json_add_int(object, "targets_total", gate->tally.targets_total);
	json_add(object, "failing", failing_json(gate->failing, now_wall_ms));
	json_add(object, "pending", ids_json(gate->pending));
	json_add(object, "paused", ids_json(gate->paused));
	json_add(object, "unknown", ids_json(gate->unknown));
	return object;
}

static void append_ids(GString *to, const char *word, const GPtrArray *verdicts)
{
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		g_string_append_printf(to, "%-8s %s\n", word, verdict->id);
	}
}

static char *gate_text(const struct gate *gate, guint selected, int64_t now_wall_ms)
{
	GString *to = g_string_new(NULL);

	g_string_append_printf(to, "%s  selected %u, evaluated %" PRId64 " of %" PRId64 "\n",
			       gate->failing->len == 0 ? "pass" : "fail", selected,
			       gate->tally.evaluated, gate->tally.targets_total);
	for (guint i = 0; i < gate->failing->len; i++) {
		const struct verdict *verdict = gate->failing->pdata[i];
		g_autofree char *summary = verdict_summary(verdict, now_wall_ms);
		g_autofree char *shown = text_escape_terminal(summary);

		g_string_append_printf(to, "%-8s %s: %s\n", state_text(verdict->state), verdict->id,
				       shown);
	}
	append_ids(to, "pending", gate->pending);
	append_ids(to, "paused", gate->paused);
	append_ids(to, "unknown", gate->unknown);
	return g_string_free(to, FALSE);
}

static void set_answer(const struct gate *gate, guint selected, const struct request *request,
		       int64_t now_wall_ms, struct response *response)
{
	int status = gate->failing->len == 0 ? 200 : 409;

	if (request->wants_text)
		response_set(response, status, response_text,
			     gate_text(gate, selected, now_wall_ms));
	else
		handle_set_json(response, status, gate_json(gate, selected, now_wall_ms));
}

/* Before the first cycle has ended, what is unknown may only not have been looked at: that is no answer to go by. A drift
 * of an earlier process that has not expired is one. */
static bool is_too_early(const struct snapshot *snapshot, const struct gate *gate, GError **error)
{
	const struct verdict *first = NULL;

	if (snapshot->input.first_cycle_done || gate->failing->len == 0)
		return false;
	for (guint i = 0; i < gate->failing->len; i++)
		if (((const struct verdict *)gate->failing->pdata[i])->state != STATE_UNKNOWN)
			return false;
	first = gate->failing->pdata[0];
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_UNAVAILABLE,
		    "the first check since driftd started is not done, and %u of the selected "
		    "targets would not pass yet, the first %s (%s): ask again in a moment",
		    gate->failing->len, first->id, state_text(first->state));
	return true;
}

bool handle_gate(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = handle_snapshot(request, error);
	g_autoptr(GPtrArray) selected = NULL;
	struct gate gate = {0};
	bool ok = false;

	if (!snapshot)
		return false;
	selected = select_gate(snapshot, request->query, error);
	if (!selected) {
		snapshot_unref(snapshot);
		return false;
	}
	gate_init(&gate, selected, request->query);
	ok = !is_too_early(snapshot, &gate, error);
	if (ok)
		set_answer(&gate, selected->len, request, snapshot->input.generated_wall_ms,
			   response);
	gate_done(&gate);
	snapshot_unref(snapshot);
	return ok;
}
