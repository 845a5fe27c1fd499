/* verdict - see verdict.h: making, sharing and freeing verdicts, and what time does to them. */
#include "eval/verdict.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include "text.h"
#include "timefmt.h"

/* The count is no part of the value: it lies behind it, so that a const verdict can be shared. */
struct counted {
	struct verdict verdict; /* first: both have the same address */
	atomic_int references;
};

static void datum_free(gpointer data)
{
	struct reason_datum *datum = data;

	g_free(datum->name);
	g_free(datum->text);
	g_free(datum);
}

void reason_free(struct reason *reason)
{
	if (!reason)
		return;
	g_free(reason->message);
	g_ptr_array_unref(reason->data);
	g_free(reason);
}

static void evidence_free(gpointer data)
{
	struct verdict_evidence *evidence = data;

	g_free(evidence->source);
	g_free(evidence->value);
	g_free(evidence->sha);
	g_free(evidence);
}

static void deployed_free(gpointer data)
{
	struct verdict_deployed *deployed = data;

	g_free(deployed->revision);
	g_free(deployed->sha);
	g_free(deployed->digest);
	g_ptr_array_unref(deployed->evidence);
	g_free(deployed);
}

static void setting_free(gpointer data)
{
	struct verdict_setting *setting = data;

	g_free(setting->name);
	g_free(setting->expected);
	g_free(setting->actual);
	g_free(setting);
}

static void behind_free(struct verdict_behind *behind)
{
	if (!behind)
		return;
	git_commit_free(behind->oldest);
	git_commit_free(behind->newest);
	g_ptr_array_unref(behind->authors);
	g_ptr_array_unref(behind->list);
	g_free(behind->compare_url);
	g_free(behind->commit_url_prefix);
	g_free(behind);
}

static void last_known_free(struct verdict_last_known *last_known)
{
	if (!last_known)
		return;
	g_free(last_known->summary);
	g_free(last_known);
}

struct verdict *verdict_create(const char *id)
{
	struct counted *counted = g_new0(struct counted, 1);
	struct verdict *verdict = &counted->verdict;

	atomic_init(&counted->references, 1);
	verdict->id = g_strdup(id);
	verdict->ahead_commits = -1;
	verdict->reasons = g_ptr_array_new_with_free_func((GDestroyNotify)reason_free);
	verdict->deployed = g_ptr_array_new_with_free_func(deployed_free);
	verdict->settings = g_ptr_array_new_with_free_func(setting_free);
	return verdict;
}

static void verdict_free(struct verdict *verdict)
{
	g_free(verdict->id);
	g_free(verdict->kind);
	g_free(verdict->name);
	g_free(verdict->owner);
	g_free(verdict->description);
	g_free(verdict->repo);
	g_ptr_array_unref(verdict->reasons);
	last_known_free(verdict->last_known);
	g_ptr_array_unref(verdict->deployed);
	git_commit_free(verdict->head);
	behind_free(verdict->behind);
	g_ptr_array_unref(verdict->settings);
	verdict_detail_free(verdict->detail);
	g_free(verdict->deploy_command);
	g_free(verdict->paused_reason);
	g_free(verdict->definition);
	g_free(verdict->pin_note);
	g_free(verdict); /* the address of the counted struct around it */
}

static struct counted *counted_of(const struct verdict *verdict)
{
	/* every verdict was made by verdict_create(), so it is writable behind the const */
	return (struct counted *)(uintptr_t)verdict;
}

struct verdict *verdict_ref(const struct verdict *verdict)
{
	struct counted *counted = counted_of(verdict);
	int before = atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);

	assert(before > 0);
	return &counted->verdict;
}

void verdict_unref(struct verdict *verdict)
{
	int before;

	if (!verdict)
		return;
	before = atomic_fetch_sub_explicit(&counted_of(verdict)->references, 1,
					   memory_order_acq_rel);
	assert(before > 0);
	if (before == 1)
		verdict_free(verdict);
}

struct reason *reason_create(enum reason_code code, enum state state, const char *format, ...)
{
	struct reason *reason = g_new0(struct reason, 1);
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	reason->code = code;
	reason->state = state;
	reason->message = text_to_utf8(message, strlen(message), REASON_MESSAGE_MAX_BYTES);
	reason->data = g_ptr_array_new_with_free_func(datum_free);
	return reason;
}

static struct reason_datum *add_datum(struct reason *reason, const char *name)
{
	struct reason_datum *datum = g_new0(struct reason_datum, 1);

	datum->name = g_strdup(name);
	g_ptr_array_add(reason->data, datum);
	return datum;
}

void reason_add_text(struct reason *reason, const char *name, const char *text)
{
	if (text)
		add_datum(reason, name)->text = g_strdup(text);
}

void reason_add_number(struct reason *reason, const char *name, int64_t number)
{
	add_datum(reason, name)->number = number;
}

struct verdict_deployed *verdict_deployed_create(void)
{
	struct verdict_deployed *deployed = g_new0(struct verdict_deployed, 1);

	deployed->evidence = g_ptr_array_new_with_free_func(evidence_free);
	return deployed;
}

struct verdict_behind *verdict_behind_create(void)
{
	struct verdict_behind *behind = g_new0(struct verdict_behind, 1);

	behind->authors = g_ptr_array_new_with_free_func(g_free);
	behind->list = g_ptr_array_new_with_free_func((GDestroyNotify)git_commit_free);
	return behind;
}

void verdict_add_evidence(struct verdict_deployed *deployed, const char *source, const char *value,
			  const char *sha)
{
	struct verdict_evidence *evidence = g_new0(struct verdict_evidence, 1);

	evidence->source = g_strdup(source);
	evidence->value = g_strdup(value);
	evidence->sha = g_strdup(sha);
	g_ptr_array_add(deployed->evidence, evidence);
}

void verdict_add_setting(struct verdict *verdict, const char *name, const char *expected,
			 const char *actual, bool ok)
{
	struct verdict_setting *setting = g_new0(struct verdict_setting, 1);

	setting->name = g_strdup(name);
	setting->expected = g_strdup(expected);
	setting->actual = g_strdup(actual);
	setting->ok = ok;
	g_ptr_array_add(verdict->settings, setting);
}

static bool could_tell(const struct verdict *verdict)
{
	return verdict->state == STATE_OK || verdict->state == STATE_PENDING ||
	       verdict->state == STATE_DRIFT;
}

struct verdict_last_known *verdict_to_last_known(const struct verdict *verdict)
{
	const struct verdict_last_known *older = verdict ? verdict->last_known : NULL;
	struct verdict_last_known *last_known = g_new0(struct verdict_last_known, 1);

	if (verdict && could_tell(verdict)) {
		last_known->state = verdict->state;
		last_known->relation = verdict->relation;
		last_known->observed_wall_ms = verdict->observed_wall_ms;
		/* as of then: a summary that aged would be a new fact every minute */
		last_known->summary = verdict_summary(verdict, verdict->observed_wall_ms);
	} else if (older) {
		*last_known = *older;
		last_known->summary = g_strdup(older->summary);
	} else {
		g_clear_pointer(&last_known, g_free);
	}
	return last_known;
}

static void copy_deployed(struct verdict *verdict, const struct verdict *from)
{
	for (guint i = 0; i < from->deployed->len; i++) {
		const struct verdict_deployed *old = from->deployed->pdata[i];
		struct verdict_deployed *copy = verdict_deployed_create();

		copy->revision = g_strdup(old->revision);
		copy->percent = old->percent;
		copy->sha = g_strdup(old->sha);
		copy->deployed_wall_ms = old->deployed_wall_ms;
		copy->relation = old->relation;
		copy->digest = g_strdup(old->digest);
		for (guint j = 0; j < old->evidence->len; j++) {
			const struct verdict_evidence *evidence = old->evidence->pdata[j];

			verdict_add_evidence(copy, evidence->source, evidence->value,
					     evidence->sha);
		}
		g_ptr_array_add(verdict->deployed, copy);
	}
}

void verdict_copy_identity(struct verdict *verdict, const struct verdict *from)
{
	verdict->kind = g_strdup(from->kind);
	verdict->name = g_strdup(from->name);
	verdict->priority = from->priority;
	verdict->owner = g_strdup(from->owner);
	verdict->description = g_strdup(from->description);
	verdict->repo = g_strdup(from->repo);
	verdict->deploy_command = g_strdup(from->deploy_command);
}

void verdict_copy_sight(struct verdict *verdict, const struct verdict *from)
{
	verdict->head = from->head ? git_commit_copy(from->head) : NULL;
	copy_deployed(verdict, from);
	for (guint i = 0; i < from->settings->len; i++) {
		const struct verdict_setting *setting = from->settings->pdata[i];

		verdict_add_setting(verdict, setting->name, setting->expected, setting->actual,
				    setting->ok);
	}
	verdict->detail = from->detail ? verdict_detail_copy(from->detail) : NULL;
}

/* Insertion sort: there are few, and equal ones must keep their order. */
void verdict_sort_reasons(struct verdict *verdict)
{
	gpointer *reasons = verdict->reasons->pdata;

	for (guint i = 1; i < verdict->reasons->len; i++) {
		struct reason *moving = reasons[i];
		guint j = i;

		for (; j > 0 && ((struct reason *)reasons[j - 1])->state < moving->state; j--)
			reasons[j] = reasons[j - 1];
		reasons[j] = moving;
	}
}

bool verdict_is_expired(const struct verdict *verdict, int64_t now_wall_ms, int64_t now_mono_ms)
{
	if (verdict->state == STATE_PAUSED) /* a pause that has ended is none */
		return verdict->next_change_wall_ms > 0 &&
		       now_wall_ms >= verdict->next_change_wall_ms;
	if (verdict->expires_wall_ms == 0)
		return false;
	if (verdict->expires_mono_ms != 0)
		return now_mono_ms >= verdict->expires_mono_ms;
	return now_wall_ms >= verdict->expires_wall_ms || verdict->observed_wall_ms > now_wall_ms;
}

static struct reason *expired_reason(const struct verdict *verdict)
{
	char observed[TIMEFMT_BYTES];
	struct reason *reason;

	if (verdict->state == STATE_PAUSED)
		return reason_create(REASON_EXPIRED, STATE_UNKNOWN,
				     "the pause of %s ended at %s: wait for the next check",
				     verdict->id,
				     timefmt_utc(verdict->next_change_wall_ms, observed));
	if (verdict->head_fetched_wall_ms > 0 &&
	    verdict->head_fetched_wall_ms < verdict->observed_wall_ms) {
		reason = reason_create(REASON_EXPIRED, STATE_UNKNOWN,
				       "repository %s was last fetched at %s, too long ago to rely "
				       "on: see its error in "
				       "/status",
				       verdict->repo ? verdict->repo : "",
				       timefmt_utc(verdict->head_fetched_wall_ms, observed));
		reason_add_text(reason, "repo", verdict->repo);
		reason_add_text(reason, "fetched_at", observed);
		return reason;
	}
	return reason_create(REASON_EXPIRED, STATE_UNKNOWN,
			     "what is known of %s is from %s and too old to rely on: see the "
			     "checks and fetches in /status",
			     verdict->id, timefmt_utc(verdict->observed_wall_ms, observed));
}

static void copy_reasons(struct verdict *verdict, const struct verdict *from)
{
	for (guint i = 0; i < from->reasons->len; i++) {
		const struct reason *old = from->reasons->pdata[i];
		struct reason *copy = reason_create(old->code, old->state, "%s", old->message);

		for (guint j = 0; j < old->data->len; j++) {
			const struct reason_datum *datum = old->data->pdata[j];

			if (datum->text)
				reason_add_text(copy, datum->name, datum->text);
			else
				reason_add_number(copy, datum->name, datum->number);
		}
		g_ptr_array_add(verdict->reasons, copy);
	}
}

static bool has_reason(const struct verdict *verdict, enum reason_code code)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		if (((const struct reason *)verdict->reasons->pdata[i])->code == code)
			return true;
	}
	return false;
}

static struct verdict *make_expired(const struct verdict *verdict, int64_t now_wall_ms)
{
	struct verdict *expired = verdict_create(verdict->id);

	verdict_copy_identity(expired, verdict);
	verdict_copy_sight(expired, verdict);
	expired->state = STATE_UNKNOWN;
	expired->relation = verdict->relation == RELATION_NONE ? RELATION_NONE : RELATION_UNKNOWN;
	expired->observed_wall_ms = verdict->observed_wall_ms;
	expired->expires_wall_ms = verdict->expires_wall_ms;
	expired->expires_mono_ms = verdict->expires_mono_ms;
	expired->head_fetched_wall_ms = verdict->head_fetched_wall_ms;
	expired->confirmations = verdict->confirmations;
	expired->confirmed_mono_ms = verdict->confirmed_mono_ms;
	expired->last_known = verdict_to_last_known(verdict);
	if (verdict->state == STATE_UNKNOWN) { /* why it could not tell is still worth saying */
		copy_reasons(expired, verdict);
		expired->since_wall_ms = verdict->since_wall_ms;
	} else {
		int64_t end_wall_ms = verdict->state == STATE_PAUSED ? verdict->next_change_wall_ms
								     : verdict->expires_wall_ms;

		expired->since_wall_ms = MIN(end_wall_ms, now_wall_ms);
	}
	if (!has_reason(expired, REASON_EXPIRED))
		g_ptr_array_add(expired->reasons, expired_reason(verdict));
	verdict_sort_reasons(expired);
	return expired;
}

struct verdict *verdict_at(const struct verdict *verdict, int64_t now_wall_ms, int64_t now_mono_ms)
{
	if (!verdict_is_expired(verdict, now_wall_ms, now_mono_ms))
		return verdict_ref(verdict);
	return make_expired(verdict, now_wall_ms);
}
