/* completion - a document that says what is done, held against the tables themselves. See data.h; DESIGN 7, LESSONS
 * L19. */
#include "eval/table_private.h"

#include <string.h>

/* Keys that a message names. */
#define KEYS_NAMED_MAX 6

/* What the tables say of one key; the larger decides. */
enum evidence_state {
	EVIDENCE_STATE_NONE = 0, /* there is none */
	EVIDENCE_STATE_FRESH,
	EVIDENCE_STATE_WAITING, /* not there, inside its grace */
	EVIDENCE_STATE_UNKNOWN,
	EVIDENCE_STATE_BAD,
};

/* Keys of one sort. */
struct keys {
	guint count;
	GString *names;
};

struct completion_making {
	struct finding_sink *sink;
	const struct config_completion *config;
	const struct completion_obs *seen;
	struct due due;
	struct verdict **tables; /* what each of the evidence says; as many as there are */
	int64_t drift_wall_ms;   /* until when the document may be incomplete; 0: not at all */
	int64_t done;            /* keys */
	struct keys undone;      /* all that are not done */
	struct keys sure;        /* of them, those no table speaks for */
	struct keys silent;      /* done, and their table is not there yet */
	bool silent_is_bad;      /* and beyond its grace */
	const struct verdict
		*undone_doubt; /* a table of an undone key that could not be told; NULL */
	const struct verdict *done_doubt;   /* the same of a done one */
	const struct verdict *silent_table; /* the first */
};

static void keys_add(struct keys *keys, const char *name)
{
	data_append_name(keys->names, keys->count++, KEYS_NAMED_MAX, name);
}

/* Why a table is as it is; NULL: it does not say, as one read back from a database may not. */
static const struct reason *main_reason(const struct verdict *table)
{
	return table->reasons->len > 0 ? table->reasons->pdata[0] : NULL;
}

/* Past warn-after only is fresh. */
static enum evidence_state state_of_table(const struct verdict *table)
{
	switch (table->state) {
	case STATE_DRIFT:
		return EVIDENCE_STATE_BAD;
	case STATE_OK:
		return EVIDENCE_STATE_FRESH;
	case STATE_PENDING:
		if (table->confirmations > 0) /* of an earlier process: bad, not yet often enough */
			return EVIDENCE_STATE_BAD;
		for (guint i = 0; i < table->reasons->len; i++) {
			const struct reason *reason = table->reasons->pdata[i];

			if (reason->state == STATE_PENDING && reason->code != REASON_STALE)
				return EVIDENCE_STATE_WAITING;
		}
		return main_reason(table) ? EVIDENCE_STATE_FRESH : EVIDENCE_STATE_UNKNOWN;
	case STATE_NONE:
	case STATE_UNKNOWN:
	case STATE_PAUSED:
		break;
	}
	return EVIDENCE_STATE_UNKNOWN;
}

static const char *evidence_text(enum evidence_state state)
{
	static const char *const texts[] = {
		[EVIDENCE_STATE_NONE] = NULL,         [EVIDENCE_STATE_FRESH] = "fresh",
		[EVIDENCE_STATE_WAITING] = "waiting", [EVIDENCE_STATE_UNKNOWN] = "unknown",
		[EVIDENCE_STATE_BAD] = "bad",
	};

	return texts[state];
}

/* Out of season it says nothing about what should have been written. */
static bool is_out_of_season(const struct eval_evidence *evidence)
{
	if (!evidence->observation)
		return evidence->verdict && data_is_not_active(evidence->verdict);
	return evidence->observation->table && evidence->observation->table->not_active;
}

/* The worst table of @p key. @p ret_table: which; NULL: there is none. */
static enum evidence_state look_up(const struct completion_making *making, const char *key,
				   const struct verdict **ret_table)
{
	const struct eval_input *input = making->sink->input;
	enum evidence_state worst = EVIDENCE_STATE_NONE;

	*ret_table = NULL;
	for (size_t i = 0; i < input->evidence_count; i++) {
		enum evidence_state state;

		if (strcmp(input->evidence[i].key, key) != 0 ||
		    is_out_of_season(&input->evidence[i]))
			continue;
		state = state_of_table(making->tables[i]);
		if (state > worst) {
			worst = state;
			*ret_table = making->tables[i];
		}
	}
	return worst;
}

static void sort_undone(struct completion_making *making, const char *key)
{
	const struct verdict *table = NULL;
	enum evidence_state state = look_up(making, key, &table);

	keys_add(&making->undone, key);
	if (state == EVIDENCE_STATE_UNKNOWN)
		making->undone_doubt = table;
	else if (state != EVIDENCE_STATE_FRESH)
		keys_add(&making->sure, key);
}

static void sort_done(struct completion_making *making, const char *key)
{
	const struct verdict *table = NULL;
	enum evidence_state state = look_up(making, key, &table);

	making->done++;
	if (state == EVIDENCE_STATE_UNKNOWN)
		making->done_doubt = table;
	if (state != EVIDENCE_STATE_WAITING && state != EVIDENCE_STATE_BAD)
		return;
	if (making->silent.count == 0 || (state == EVIDENCE_STATE_BAD && !making->silent_is_bad))
		making->silent_table = table;
	making->silent_is_bad |= state == EVIDENCE_STATE_BAD;
	keys_add(&making->silent, key);
}

static bool is_done(const struct completion_making *making, const struct completion_key *key)
{
	return making->seen->found && key->present && key->done;
}

static void sort_keys(struct completion_making *making)
{
	for (guint i = 0; i < making->seen->keys->len; i++) {
		const struct completion_key *key = making->seen->keys->pdata[i];

		if (is_done(making, key))
			sort_done(making, key->name);
		else
			sort_undone(making, key->name);
	}
}

/* --- what it comes to --- */

static const char *words_of(const struct reason *why)
{
	return why ? why->message : "it does not say why";
}

static void add_data(const struct completion_making *making, struct reason *reason,
		     const struct keys *keys)
{
	reason_add_text(reason, "document", making->seen->document);
	reason_add_text(reason, "keys", keys->names->str);
	reason_add_number(reason, "done", making->done);
	reason_add_number(reason, "expected", making->seen->keys->len);
	data_add_time(reason, "expected_at", making->seen->due_wall_ms);
	finding_add(making->sink, reason);
}

/* "phase3/2026-11-19 does not exist", "… has 1 of 5 done, without a, b". */
static char *what_is_there(const struct completion_making *making)
{
	if (!making->seen->found)
		return g_strdup_printf("document %s does not exist", making->seen->document);
	return g_strdup_printf("document %s has %" PRId64 " of %u done, without %s",
			       making->seen->document, making->done, making->seen->keys->len,
			       making->undone.names->str);
}

static enum state overdue_state(struct completion_making *making)
{
	return making->drift_wall_ms > 0 ? data_clock_state(making->sink, making->drift_wall_ms)
					 : STATE_DRIFT;
}

static bool is_in_grace(const struct completion_making *making)
{
	return making->sink->input->now_wall_ms < making->drift_wall_ms;
}

static void add_incomplete(struct completion_making *making)
{
	g_autofree char *what = what_is_there(making);
	g_autofree char *end = is_in_grace(making) ? due_text(making->drift_wall_ms,
							      schedule_zone(making->due.schedule))
						   : NULL;

	add_data(making,
		 reason_create(REASON_INCOMPLETE, overdue_state(making), "%s%s%s", what,
			       end ? ": it has until " : ": see what should have written it",
			       end ? end : ""),
		 &making->undone);
}

static void add_tracking_gap(struct completion_making *making)
{
	g_autofree char *what = what_is_there(making);

	add_data(making,
		 reason_create(REASON_TRACKING_GAP, STATE_PENDING,
			       "%s, while the tables are fresh: correct what writes the document",
			       what),
		 &making->undone);
}

static void add_silent(struct completion_making *making)
{
	const struct reason *why = main_reason(making->silent_table);
	enum state state = making->silent_is_bad ? overdue_state(making) : STATE_PENDING;
	struct reason *reason = reason_create(
		REASON_SILENT_WRITE_FAILURE, state, "document %s says %s %s done, but %s: %s",
		making->seen->document, making->silent.names->str,
		making->silent.count == 1 ? "is" : "are", making->silent_table->id, words_of(why));

	reason_add_text(reason, "table", making->silent_table->id);
	reason_add_text(reason, "table_reason", why ? reason_code_text(why->code) : NULL);
	add_data(making, reason, &making->silent);
}

/* The evidence would have decided, and could not be told: its reason is this one's. */
static void add_doubt(struct completion_making *making, const struct verdict *table)
{
	const struct reason *why = main_reason(table);
	struct reason *reason = reason_create(why ? why->code : REASON_NOT_EVALUATED, STATE_UNKNOWN,
					      "document %s has %" PRId64
					      " of %u done, and %s could not be told: %s",
					      making->seen->document, making->done,
					      making->seen->keys->len, table->id, words_of(why));

	reason_add_text(reason, "table", table->id);
	finding_add(making->sink, reason);
}

static void add_nothing_expected(struct completion_making *making)
{
	struct reason *reason =
		reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
			      "nothing is expected of document %s%s%s: add an expect for it, or "
			      "one without a mode",
			      making->seen->document, making->seen->mode ? " in mode " : "",
			      making->seen->mode ? making->seen->mode : "");

	reason_add_text(reason, "mode", making->seen->mode);
	finding_add(making->sink, reason);
}

static void conclude(struct completion_making *making)
{
	bool decided = false;

	if (making->undone.count > 0) {
		decided = is_in_grace(making) || making->sure.count > 0;
		if (decided)
			add_incomplete(making);
		else if (making->undone_doubt)
			add_doubt(making, making->undone_doubt);
		else
			add_tracking_gap(making);
	}
	if (making->silent.count > 0)
		add_silent(making);
	if (making->done_doubt && !making->silent_is_bad && (!decided || is_in_grace(making)))
		add_doubt(making, making->done_doubt);
}

/* --- detail --- */

static const char *yes_or_no(bool answer)
{
	return answer ? "yes" : "no";
}

static void add_key_row(const struct completion_making *making, struct verdict_detail *detail,
			const struct completion_key *key)
{
	const struct verdict *table = NULL;
	enum evidence_state state = look_up(making, key->name, &table);
	const char *cells[] = {
		key->name,   yes_or_no(key->present),  yes_or_no(is_done(making, key)),
		key->actual, table ? table->id : NULL, evidence_text(state),
	};

	verdict_detail_row(detail, cells);
}

static void add_detail(struct completion_making *making)
{
	static const char *const columns[] = {"key",      "present",        "done", "value",
					      "evidence", "evidence_state", NULL};
	const struct completion_obs *seen = making->seen;
	struct verdict_detail *detail = verdict_detail_add(making->sink->verdict, "completion");

	verdict_detail_text(detail, "document", seen->document);
	verdict_detail_boolean(detail, "found", seen->found);
	verdict_detail_text(detail, "date", seen->date);
	verdict_detail_text(detail, "mode", seen->mode);
	verdict_detail_number(detail, "expected", seen->keys->len);
	verdict_detail_number(detail, "done", making->done);
	verdict_detail_time(detail, "updated_at", seen->updated_wall_ms);
	verdict_detail_number(detail, "unexpected", seen->others->len);
	if (making->config->active_when)
		data_add_cost(detail, seen->cost);
	data_add_due(detail, &making->due);
	if (making->due.schedule)
		data_set_time(detail, "expected_at", seen->due_wall_ms);
	verdict_detail_list(detail, "keys", columns);
	verdict_detail_set_type(detail, "present", DATUM_TYPE_BOOLEAN);
	verdict_detail_set_type(detail, "done", DATUM_TYPE_BOOLEAN);
	detail->rows_total = seen->keys->len;
	for (guint i = 0; i < seen->keys->len; i++)
		add_key_row(making, detail, seen->keys->pdata[i]);
}

/* --- the whole --- */

/* Nobody looks at it, until somebody ends that. One reference. */
static struct verdict *make_paused(const struct config_table *table)
{
	const struct config_target *target = &table->target;
	struct verdict *verdict = verdict_create(target->id);
	g_autofree char *until = target->paused_until_wall_ms > 0
					 ? due_text(target->paused_until_wall_ms, "UTC")
					 : NULL;
	struct reason *reason = reason_create(
		REASON_NOT_EVALUATED, STATE_UNKNOWN,
		"%s is paused%s%s%s%s%s: end that, or take it out of evidence", target->id,
		until ? " until " : "", until ? until : "", target->paused_reason ? " (" : "",
		target->paused_reason ? target->paused_reason : "",
		target->paused_reason ? ")" : "");

	verdict->kind = g_strdup(target_kind_text(TARGET_KIND_TABLE));
	verdict->state = STATE_UNKNOWN;
	verdict->next_change_wall_ms = target->paused_until_wall_ms;
	g_ptr_array_add(verdict->reasons, reason);
	return verdict;
}

/* What one of the tables says. One reference. */
static struct verdict *look_at(const struct eval_evidence *evidence, int64_t now_wall_ms)
{
	if (evidence->paused)
		return make_paused(evidence->table);
	if (evidence->observation || !evidence->verdict)
		return table_glance(evidence->table, evidence->observation, evidence->verdict,
				    now_wall_ms);
	return verdict_ref(evidence->verdict); /* one of an earlier process stands for a look */
}

static void glance_at_tables(struct completion_making *making)
{
	const struct eval_input *input = making->sink->input;

	making->tables = g_new0(struct verdict *, input->evidence_count + 1);
	for (size_t i = 0; i < input->evidence_count; i++) {
		making->tables[i] = look_at(&input->evidence[i], input->now_wall_ms);
		finding_changes_at(making->sink, making->tables[i]->next_change_wall_ms);
	}
}

static void judge(struct completion_making *making)
{
	const struct completion_obs *seen = making->seen;
	const struct due *due = &making->due;

	glance_at_tables(making);
	sort_keys(making);
	add_detail(making);
	finding_changes_at(making->sink, due->next_wall_ms);
	if (due->schedule && seen->due_wall_ms == 0)
		data_add_not_due(making->sink, due, "its schedule has not come to its first time");
	else if (due->schedule && seen->due_wall_ms <= due->waived_wall_ms)
		data_add_not_due(making->sink, due, "active-when was false when it was due");
	else if (seen->keys->len == 0)
		add_nothing_expected(making);
	else
		conclude(making);
}

static void done(struct completion_making *making)
{
	for (size_t i = 0; making->tables && i < making->sink->input->evidence_count; i++)
		verdict_unref(making->tables[i]);
	g_free(making->tables);
	(void)g_string_free(making->undone.names, TRUE); /* NULL, as it is freed */
	(void)g_string_free(making->sure.names, TRUE);
	(void)g_string_free(making->silent.names, TRUE);
}

static void make_seen(struct finding_sink *sink)
{
	const struct eval_input *input = sink->input;
	const struct config_completion *config = config_to_completion(input->target);
	struct completion_making making = {
		.sink = sink,
		.config = config,
		.seen = input->observation->completion,
		.due = due_make(config->expected, config->grace_ms, input->before,
				input->now_wall_ms),
		.undone.names = g_string_new(NULL),
		.sure.names = g_string_new(NULL),
		.silent.names = g_string_new(NULL),
	};

	if (making.seen->due_wall_ms > 0)
		making.drift_wall_ms = making.seen->due_wall_ms + config->grace_ms;
	if (making.seen->not_active) {
		(void)data_keep_detail(sink, "completion"); /* it is there now */
		data_add_not_active(sink, &making.due, making.seen->cost);
	} else {
		judge(&making);
	}
	done(&making);
}

struct verdict *eval_completion(const struct eval_input *input)
{
	struct finding_sink sink;
	struct verdict *paused;

	if (!frame_begin(&sink, input, &paused))
		return paused;
	if (data_is_seen(&sink))
		make_seen(&sink);
	return frame_end(&sink);
}
