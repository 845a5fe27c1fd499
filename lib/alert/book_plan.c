/* book_plan - one round: what each target's moment does to its incident, then who is held, told,
 * reminded. See book.h. */
#include "alert/book_private.h"

#include <assert.h>

const struct book_case *book_plan_find(const struct book_plan *plan, const char *target)
{
	const struct book_entry *entry = g_hash_table_lookup(plan->book->by_target, target);
	guint fresh;

	if (entry && entry->round == plan->book->round)
		return &g_array_index(plan->cases, struct book_case, entry->case_index);
	fresh = plan->fresh ? GPOINTER_TO_UINT(g_hash_table_lookup(plan->fresh, target)) : 0;
	return fresh > 0 ? &g_array_index(plan->cases, struct book_case, fresh - 1) : NULL;
}

const struct incident *book_case_incident(const struct book_case *at)
{
	assert(at->next || at->entry); /* one that is not bad gets no case */
	return at->next ? at->next : at->entry->incident;
}

struct incident *book_case_change(struct book_case *at)
{
	if (!at->next)
		at->next = incident_copy(at->entry->incident);
	if (at->change == INCIDENT_CHANGE_NONE)
		at->change = INCIDENT_CHANGE_UPDATED;
	return at->next;
}

static struct book_case *add_case(struct book_plan *plan, struct book_entry *entry,
				  const struct book_subject *subject)
{
	struct book_case at = {.entry = entry, .subject = subject};
	guint index = plan->cases->len;

	if (entry) {
		entry->round = plan->book->round;
		entry->case_index = index;
	}
	g_array_append_val(plan->cases, at);
	return &g_array_index(plan->cases, struct book_case, index);
}

static void remember_text(char **text, const char *now_is)
{
	if (g_strcmp0(*text, now_is) == 0)
		return;
	g_free(*text);
	*text = g_strdup(now_is);
}

/* What is told again without a look at the target needs it. */
static void remember_subject(struct book_entry *entry, const struct book_subject *subject)
{
	entry->known = true;
	remember_text(&entry->owner, subject->owner);
	remember_text(&entry->description, subject->config ? subject->config->description : NULL);
}

static void step(struct book_plan *plan, struct book_case *at, struct incident_facts *facts)
{
	const struct config_driftd *driftd = &plan->moment->config->driftd;
	struct incident_rules rules = {.unknown_after_ms = driftd->unknown_after_ms,
				       .reopen_within_ms = driftd->reopen_within_ms};
	const struct incident *now_is = at->entry ? at->entry->incident : NULL;
	g_autofree const char **codes = NULL;
	g_autofree char *summary = NULL;

	if (at->subject) {
		facts->mark = book_facts_mark(at->subject);
		if (!now_is || incident_is_over(now_is) || facts->mark != now_is->mark) {
			codes = book_facts_codes(at->subject);
			summary = book_facts_summary(at->subject, plan->moment->now_wall_ms);
			facts->codes = codes;
			facts->summary = summary;
		}
	}
	at->change = incident_step(now_is, facts, &rules, plan->moment->now_wall_ms, &at->next);
}

/* Whatever it was, it is fine, or not bad for long enough. */
static bool is_quiet(const struct book_plan *plan, const struct incident_facts *facts)
{
	if (facts->state == STATE_DRIFT)
		return false;
	return facts->state != STATE_UNKNOWN || facts->blind_for_ms < 0 ||
	       facts->blind_for_ms < plan->moment->config->driftd.unknown_after_ms;
}

static void remember_fresh(struct book_plan *plan, const struct book_subject *subject)
{
	remember_subject(book_add_newcomer(plan->book, subject->id), subject);
	if (!plan->fresh)
		plan->fresh = g_hash_table_new(g_str_hash, g_str_equal);
	/* the case was added last: its index + 1 */
	(void)g_hash_table_insert(plan->fresh, (gpointer)(uintptr_t)subject->id,
				  GUINT_TO_POINTER(plan->cases->len));
}

static void plan_subject(struct book_plan *plan, const struct book_subject *subject)
{
	struct book_entry *entry = g_hash_table_lookup(plan->book->by_target, subject->id);
	bool is_open = entry && entry->open_index != BOOK_NOT_OPEN;
	struct incident_facts facts;
	struct book_case *at;

	if (entry && (is_open || plan->moment->complete))
		remember_subject(entry, subject);
	if (!plan->moment->complete) {
		if (!is_open)
			return;
		at = add_case(plan, entry, subject);
		at->change = incident_tick(entry->incident, plan->moment->now_wall_ms, &at->next);
		return;
	}
	facts = book_facts(subject);
	if (!is_open && is_quiet(plan, &facts))
		return;
	at = add_case(plan, entry, subject);
	step(plan, at, &facts);
	if (at->change == INCIDENT_CHANGE_OPENED)
		at->next->id = plan->book->next_incident_id + plan->opened++;
	if (!entry)
		remember_fresh(plan, subject);
}

/* Open incidents of what is configured no longer. */
static void plan_gone(struct book_plan *plan)
{
	for (guint i = 0; i < plan->book->open->len; i++) {
		struct book_entry *entry = plan->book->open->pdata[i];
		struct incident_facts facts = {
			.id = entry->incident->target, .state = STATE_NONE, .blind_for_ms = -1};
		struct book_case *at;

		if (entry->round == plan->book->round)
			continue;
		at = add_case(plan, entry, NULL);
		if (plan->moment->complete)
			step(plan, at, &facts);
	}
}

static bool has_alertmanager(const struct config *config)
{
	for (guint i = 0; i < config->channels->len; i++)
		if (((const struct config_channel *)config->channels->pdata[i])->kind ==
		    CHANNEL_KIND_ALERTMANAGER)
			return true;
	return false;
}

/* Alertmanager hears of what is open with all that is known of it, as of its last change. */
static void remember_live(struct book_plan *plan, const struct book_case *at)
{
	const struct incident *incident = book_case_incident(at);
	struct book_entry *entry =
		at->entry || !at->subject
			? at->entry
			: g_hash_table_lookup(plan->book->newcomers, at->subject->id);

	if (!entry || (entry->live && !at->next && entry->live->status == incident->status))
		return;
	g_clear_pointer(&entry->live, notice_item_free);
	if (at->subject && !incident_is_over(incident))
		entry->live = book_item_create(NOTICE_KIND_FIRING, incident, at->subject,
					       plan->moment->now_wall_ms);
}

static void free_told(struct book_case *at)
{
	for (size_t kind = 0; kind < G_N_ELEMENTS(at->told); kind++)
		for (size_t i = 0; i < G_N_ELEMENTS(at->told[kind]); i++)
			notice_item_free(at->told[kind][i]);
}

static void collect(struct book_plan *plan)
{
	bool keeps_live = has_alertmanager(plan->moment->config);

	for (guint i = 0; i < plan->cases->len; i++) {
		struct book_case *at = &g_array_index(plan->cases, struct book_case, i);

		free_told(at);
		if (keeps_live)
			remember_live(plan, at);
		if (at->next)
			g_ptr_array_add(plan->round->incidents, g_steal_pointer(&at->next));
	}
}

struct book_round *book_plan(struct book *book, const struct book_moment *moment)
{
	struct book_plan plan = {
		.book = book,
		.moment = moment,
		.cases = g_array_new(FALSE, FALSE, sizeof(struct book_case)),
		.letters = g_ptr_array_new(),
		.windows = g_ptr_array_new(),
		.round = book_round_create(),
	};

	book->round++;
	g_hash_table_remove_all(book->newcomers);
	book->due_config = NULL;
	book->evaluated = book->evaluated || moment->complete;
	for (size_t i = 0; i < moment->subject_count; i++)
		plan_subject(&plan, &moment->subjects[i]);
	plan_gone(&plan);
	book_plan_holds(&plan);
	book_plan_messages(&plan);
	book_plan_digests(&plan);
	collect(&plan);
	g_array_unref(plan.cases);
	if (plan.fresh)
		g_hash_table_unref(plan.fresh);
	g_ptr_array_unref(plan.letters);
	g_ptr_array_unref(plan.windows);
	return plan.round;
}
