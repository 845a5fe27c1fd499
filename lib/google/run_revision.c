/* run_revision - revisions and conditions; see run.h */
#include "google/run.h"

#include <string.h>

#include "drift_error.h"
#include "google/decode.h"
#include "google/run_decode.h"
#include "text.h"

#define WORD_MAX_BYTES 128
#define MESSAGE_MAX_BYTES ((size_t)64 * 1024)
#define FAILURE_MAX_BYTES 1000

static enum run_ready ready_of(const char *state)
{
	static const struct {
		const char *word;
		enum run_ready ready;
	} states[] = {
		{"CONDITION_PENDING", RUN_READY_WAITING},
		{"CONDITION_RECONCILING", RUN_READY_WAITING},
		{"CONDITION_FAILED", RUN_READY_FAILED},
		{"CONDITION_SUCCEEDED", RUN_READY_YES},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		if (g_strcmp0(state, states[i].word) == 0)
			return states[i].ready;
	return RUN_READY_NONE;
}

static bool decode_failure(json_object *object, char **ret_failure, GError **error)
{
	static const char *const members[] = {"message", "reason", "revisionReason",
					      "executionReason"};
	g_autofree char *text = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(members) && !text; i++)
		if (!decode_text(object, members[i], MESSAGE_MAX_BYTES, &text, error))
			return false;
	*ret_failure = text ? text_to_utf8(text, strlen(text), FAILURE_MAX_BYTES)
			    : g_strdup("no reason was given");
	return true;
}

bool run_condition_decode(json_object *object, struct run_condition *ret_condition, GError **error)
{
	struct run_condition condition = {0};
	g_autofree char *state = NULL;

	if (!decode_text(object, "state", WORD_MAX_BYTES, &state, error))
		return false;
	condition.ready = ready_of(state);
	if (condition.ready == RUN_READY_FAILED &&
	    !decode_failure(object, &condition.failure, error))
		return false;
	*ret_condition = condition;
	return true;
}

/* Is it the one that is looked for? With type NULL: did it fail, and does that matter? */
static bool decode_if_meant(json_object *object, const char *type, struct run_condition *condition,
			    GError **error)
{
	g_autofree char *its_type = NULL;
	g_autofree char *severity = NULL;

	if (!decode_text(object, "type", WORD_MAX_BYTES, &its_type, error) ||
	    !decode_text(object, "severity", WORD_MAX_BYTES, &severity, error))
		return false;
	if (type && g_strcmp0(type, its_type) != 0)
		return true;
	if (!type && (g_strcmp0(severity, "WARNING") == 0 || g_strcmp0(severity, "INFO") == 0))
		return true;
	if (!run_condition_decode(object, condition, error))
		return false;
	if (!type && condition->ready != RUN_READY_FAILED)
		condition->ready = RUN_READY_NONE;
	return true;
}

bool run_condition_find(json_object *object, const char *type, struct run_condition *ret_condition,
			GError **error)
{
	struct run_condition condition = {0};
	json_object *array = NULL;
	size_t count = 0;

	if (!decode_array(object, "conditions", RUN_CONDITIONS_MAX, &array, error))
		return false;
	count = array ? json_object_array_length(array) : 0;
	for (size_t i = 0; i < count && condition.ready == RUN_READY_NONE; i++) {
		json_object *item = NULL;

		if (!decode_element(array, "conditions", i, &item, error) ||
		    !decode_if_meant(item, type, &condition, error))
			return false;
	}
	*ret_condition = condition;
	return true;
}

static void revision_clear(void *data)
{
	struct run_revision *revision = data;

	g_free(revision->name);
	g_free(revision->failure);
	run_template_free(revision->template);
}

struct run_revision *run_revision_ref(struct run_revision *revision)
{
	return g_rc_box_acquire(revision);
}

void run_revision_unref(struct run_revision *revision)
{
	if (revision)
		g_rc_box_release_full(revision, revision_clear);
}

static bool decode_revision(json_object *object, const struct run_wants *wants,
			    struct run_revision *revision, GError **error)
{
	struct run_condition ready = {0};

	if (!decode_last_part(object, "name", &revision->name, error) ||
	    !decode_time(object, "createTime", &revision->created_wall_ms, error) ||
	    !run_template_decode(object, wants, &revision->template, error) ||
	    !run_condition_find(object, "Ready", &ready, error))
		return false;
	revision->ready = ready.ready;
	revision->failure = ready.failure;
	if (revision->name)
		return true;
	g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "name is missing");
	return false;
}

struct run_revision *run_revision_decode(const char *bytes, size_t length,
					 const struct run_wants *wants, GError **error)
{
	json_object *object = json_parse(bytes, length, error);
	struct run_revision *revision = NULL;

	if (!object)
		return NULL;
	revision = g_rc_box_new0(struct run_revision);
	if (!json_object_is_type(object, json_type_object)) {
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "not a JSON object");
		g_clear_pointer(&revision, run_revision_unref);
	} else if (!decode_revision(object, wants, revision, error)) {
		g_clear_pointer(&revision, run_revision_unref);
	}
	json_object_put(object);
	return revision;
}
