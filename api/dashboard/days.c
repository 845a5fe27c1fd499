/* days - see days.h */
#include "api/dashboard/days.h"

#include "schedule.h"
#include "timefmt.h"

static GArray *new_spans(void)
{
	return g_array_new(FALSE, TRUE, sizeof(struct days_span));
}

/* From the newest to the oldest: what is before all of them is put in front of them. */
struct walk {
	GArray *spans; /* newest first */
	int64_t from_wall_ms;
	int64_t end_wall_ms; /* what is from here on is known */
};

static void put_before(struct walk *walk, int64_t from_wall_ms, enum state state,
		       const char *reasons)
{
	struct days_span span = {
		.from_wall_ms = MAX(from_wall_ms, walk->from_wall_ms),
		.to_wall_ms = walk->end_wall_ms,
		.state = state,
		.reasons = reasons,
	};

	/* a clock that was set back: times are those of the rows, their order is that of the ids */
	if (span.from_wall_ms >= span.to_wall_ms)
		return;
	g_array_append_val(walk->spans, span);
	walk->end_wall_ms = span.from_wall_ms;
}

/* The state of now may be younger than what is stored (it expired a moment ago), or older (a cycle
 * was stored since the snapshot was taken). */
static void put_present(struct walk *walk, const struct days_facts *facts,
			const struct store_transition *newest)
{
	bool is_younger = !newest || facts->since_wall_ms >= newest->at_wall_ms;

	if (facts->state == STATE_NONE)
		put_before(walk, newest ? newest->at_wall_ms : 0, STATE_NONE, NULL);
	else if (is_younger && newest && state_from_text(newest->to) == facts->state)
		put_before(walk, facts->since_wall_ms, facts->state, newest->reasons);
	else if (is_younger)
		put_before(walk, facts->since_wall_ms, facts->state, NULL);
}

/* Before the first that is known it was what that one says it was, unless nobody looked before. */
static void put_past(struct walk *walk, const struct days_facts *facts,
		     const struct store_transition *oldest)
{
	if (oldest && oldest->from && !facts->is_cut)
		put_before(walk, facts->known_wall_ms, state_from_text(oldest->from), NULL);
	put_before(walk, walk->from_wall_ms, STATE_NONE, NULL);
}

static void turn_round(GArray *spans)
{
	for (guint i = 0; i < spans->len / 2; i++) {
		struct days_span *a = &g_array_index(spans, struct days_span, i);
		struct days_span *b = &g_array_index(spans, struct days_span, spans->len - 1 - i);
		struct days_span kept = *a;

		*a = *b;
		*b = kept;
	}
}

GArray *days_spans(const struct days_facts *facts, int64_t from_wall_ms, int64_t now_wall_ms)
{
	const GPtrArray *rows = facts->transitions;
	struct walk walk = {new_spans(), from_wall_ms, now_wall_ms};

	put_present(&walk, facts, rows->len > 0 ? rows->pdata[0] : NULL);
	for (guint i = 0; i < rows->len; i++) {
		const struct store_transition *row = rows->pdata[i];

		put_before(&walk, row->at_wall_ms, state_from_text(row->to), row->reasons);
	}
	put_past(&walk, facts, rows->len > 0 ? rows->pdata[rows->len - 1] : NULL);
	turn_round(walk.spans);
	return walk.spans;
}

/* An instant of the calendar: it and its neighbours exist. */
static int64_t end_of(const char *date, const char *zone, int64_t fallback_wall_ms)
{
	int64_t end_wall_ms = fallback_wall_ms;

	if (!timefmt_end_of_day(date, zone, &end_wall_ms, NULL))
		return fallback_wall_ms; /* of the year 1 or 9999: nobody's clock is right */
	return end_wall_ms;
}

GArray *days_calendar(const char *zone, int count, int64_t now_wall_ms)
{
	GArray *days = g_array_new(FALSE, TRUE, sizeof(struct day));
	g_autofree char *before = schedule_date(now_wall_ms, zone, -count);
	int64_t from_wall_ms = end_of(before ? before : "", zone, now_wall_ms);

	for (int i = count - 1; i >= 0; i--) {
		g_autofree char *date = schedule_date(now_wall_ms, zone, -i);
		struct day day = {.from_wall_ms = from_wall_ms, .to_wall_ms = now_wall_ms};

		g_strlcpy(day.date, date ? date : "", sizeof(day.date));
		if (i > 0)
			day.to_wall_ms = MIN(end_of(day.date, zone, now_wall_ms), now_wall_ms);
		from_wall_ms = day.to_wall_ms;
		g_array_append_val(days, day);
	}
	return days;
}

/* Paused is better than anything, and more than nothing. */
static enum state worse_of_day(enum state a, enum state b)
{
	return a == STATE_NONE ? b : state_worse(a, b);
}

static void add_span(struct day *day, const struct days_span *span)
{
	int64_t from = MAX(day->from_wall_ms, span->from_wall_ms);
	int64_t to = MIN(day->to_wall_ms, span->to_wall_ms);

	if (span->state == STATE_NONE || from >= to)
		return;
	day->ms[span->state] += to - from;
	day->worst = worse_of_day(day->worst, span->state);
}

/* Both are in order: each is looked at once. */
static void fill(GArray *days, const GArray *spans)
{
	guint first = 0;

	for (guint i = 0; i < days->len; i++) {
		struct day *day = &g_array_index(days, struct day, i);

		for (guint at = first; at < spans->len; at++) {
			const struct days_span *span = &g_array_index(spans, struct days_span, at);

			if (span->from_wall_ms >= day->to_wall_ms)
				break;
			add_span(day, span);
			if (span->to_wall_ms <= day->to_wall_ms)
				first = at + 1;
		}
	}
}

/* The last day has not ended: what is dated ahead by a clock that was set back is of it too. */
static void count_transitions(GArray *days, const GPtrArray *rows)
{
	guint at = days->len;

	for (guint i = 0; i < rows->len && at > 0; i++) {
		const struct store_transition *row = rows->pdata[i];

		while (at > 0 &&
		       row->at_wall_ms < g_array_index(days, struct day, at - 1).from_wall_ms)
			at--;
		if (at > 0)
			g_array_index(days, struct day, at - 1).transitions++;
	}
}

static int64_t first_of(const GArray *days)
{
	return g_array_index(days, struct day, 0).from_wall_ms;
}

static int64_t end_of_last(const GArray *days)
{
	return g_array_index(days, struct day, days->len - 1).to_wall_ms;
}

GArray *days_make(const GArray *calendar, const struct days_facts *facts)
{
	GArray *days = g_array_new(FALSE, TRUE, sizeof(struct day));
	g_autoptr(GArray) spans = NULL;
	struct day *last = NULL;

	g_array_append_vals(days, calendar->data, calendar->len);
	if (days->len == 0)
		return days;
	spans = days_spans(facts, first_of(days), end_of_last(days));
	fill(days, spans);
	count_transitions(days, facts->transitions);
	/* what holds at this very instant has lasted for nothing yet, and counts */
	last = &g_array_index(days, struct day, days->len - 1);
	last->worst = worse_of_day(last->worst, facts->state);
	return days;
}

bool days_read_facts(struct store_reader *reader, const struct snapshot *snapshot,
		     const char *target, int64_t since_wall_ms, struct days_facts *ret_facts,
		     GError **error)
{
	const struct verdict *verdict = snapshot ? snapshot_find(snapshot, target) : NULL;
	struct days_facts facts = {0};

	facts.transitions = store_read_days(reader, target, since_wall_ms, DAYS_TRANSITIONS_MAX,
					    &facts.is_cut, error);
	if (!facts.transitions)
		return false;
	if (verdict) {
		facts.state = verdict->state;
		facts.since_wall_ms = verdict->since_wall_ms;
	}
	if (snapshot)
		facts.known_wall_ms = snapshot->input.generated_wall_ms -
				      snapshot->input.config->driftd.retention_ms;
	*ret_facts = facts;
	return true;
}

GArray *days_read(struct store_reader *reader, const struct snapshot *snapshot, const char *target,
		  const GArray *calendar, bool *ret_cut, GError **error)
{
	struct days_facts facts = {0};
	GArray *days = NULL;

	if (!days_read_facts(reader, snapshot, target, first_of(calendar), &facts, error))
		return NULL;
	days = days_make(calendar, &facts);
	if (ret_cut)
		*ret_cut = facts.is_cut;
	g_ptr_array_unref(facts.transitions);
	return days;
}
