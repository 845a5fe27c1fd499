/* book_hold - why nobody is told now: a dependency that is down itself, a silence, a maintenance
 * window. Texts are the same as long as the hold is, so that a quiet cycle changes no incident. */
#include "alert/book_private.h"

#include <string.h>

/* Dependencies further away, and more of them, are not followed: what is still open then is told. */
#define CHAIN_MAX 32
#define STEPS_MAX 1000

/* Longest text of a hold; ids are shorter. */
#define HELD_MAX_BYTES 300

bool book_silence_is_active(const struct silence *silence, int64_t now_wall_ms)
{
	return silence->ended_wall_ms == 0 && silence->until_wall_ms > now_wall_ms;
}

bool book_window_is_active(const struct config_window *window, int64_t now_wall_ms)
{
	int64_t since = schedule_previous(window->start, now_wall_ms);

	return since > 0 && now_wall_ms < since + window->duration_ms;
}

struct window_state window_state_at(const struct config_window *window, int64_t now_wall_ms)
{
	struct window_state state = {.next_wall_ms = schedule_next(window->start, now_wall_ms)};
	int64_t since = schedule_previous(window->start, now_wall_ms);

	if (since > 0 && now_wall_ms < since + window->duration_ms) {
		state.active = true;
		state.since_wall_ms = since;
		state.until_wall_ms = since + window->duration_ms;
	}
	return state;
}

/* Will @p target have an open incident after this round? Its case, or NULL. */
static const struct book_case *find_open(const struct book_plan *plan, const char *target)
{
	const struct book_case *at = book_plan_find(plan, target);
	const struct incident *incident = at ? book_case_incident(at) : NULL;

	return incident && !incident_is_over(incident) ? at : NULL;
}

static char *const *dependencies(const struct book_case *at)
{
	static char *const none[] = {NULL};
	const struct config_target *config = at->subject ? at->subject->config : NULL;

	return config && config->depends_on ? config->depends_on : none;
}

/* The way from @p at down: is there an open incident that depends on no other open one? Targets
 * that depend on each other in a circle would hold each other for ever: there is none, and all are
 * told. */
static bool has_root(const struct book_plan *plan, const struct book_case *at, int depth,
		     int *steps)
{
	bool is_root = true;

	if (depth >= CHAIN_MAX || ++*steps > STEPS_MAX)
		return false;
	for (char *const *id = dependencies(at); *id; id++) {
		const struct book_case *cause = find_open(plan, *id);

		if (!cause)
			continue;
		if (has_root(plan, cause, depth + 1, steps))
			return true;
		is_root = false;
	}
	return is_root;
}

/* The first open cause; NULL: none. */
static const char *find_cause(const struct book_plan *plan, const struct book_case *at)
{
	for (char *const *id = dependencies(at); *id; id++) {
		const struct book_case *cause = find_open(plan, *id);
		int steps = 0;

		if (cause && cause != at && has_root(plan, cause, 0, &steps))
			return *id;
	}
	return NULL;
}

static const struct silence *find_silence(const struct book_plan *plan,
					  const struct matcher_subject *scope)
{
	const GPtrArray *silences = plan->book->silences;

	for (guint i = 0; i < silences->len; i++) {
		const struct book_silence *held = silences->pdata[i];

		if (held->matcher &&
		    book_silence_is_active(held->silence, plan->moment->now_wall_ms) &&
		    matcher_matches(held->matcher, scope))
			return held->silence;
	}
	return NULL;
}

static const struct config_window *find_window(const struct book_plan *plan,
					       const struct matcher_subject *scope)
{
	for (guint i = 0; i < plan->windows->len; i++) {
		const struct config_window *window = plan->windows->pdata[i];

		for (struct matcher *const *matcher = window->matchers; *matcher; matcher++) {
			if (matcher_matches(*matcher, scope))
				return window;
		}
	}
	return NULL;
}

/* "" : nothing holds it. */
static void describe_hold(const struct book_plan *plan, const struct book_case *at,
			  char text[HELD_MAX_BYTES])
{
	struct matcher_subject scope = book_scope(book_case_incident(at), at->subject, at->entry);
	const char *cause = find_cause(plan, at);
	const struct silence *silence = cause ? NULL : find_silence(plan, &scope);
	const struct config_window *window = cause || silence ? NULL : find_window(plan, &scope);

	text[0] = '\0';
	if (cause)
		(void)g_snprintf(text, HELD_MAX_BYTES, "depends-on %s", cause); /* is long enough */
	else if (silence)
		(void)g_snprintf(text, HELD_MAX_BYTES, "silence %" PRId64, silence->id);
	else if (window)
		(void)g_snprintf(text, HELD_MAX_BYTES, "window %s", window->name);
}

static void set_held(struct book_case *at, const char *text)
{
	const char *before = book_case_incident(at)->held_by;
	struct incident *incident;

	if (strcmp(before ? before : "", text) == 0)
		return;
	incident = book_case_change(at);
	g_free(incident->held_by);
	incident->held_by = *text ? g_strdup(text) : NULL;
}

static void find_windows(struct book_plan *plan)
{
	const GPtrArray *windows = plan->moment->config->windows;

	for (guint i = 0; windows && plan->cases->len > 0 && i < windows->len; i++) {
		if (book_window_is_active(windows->pdata[i], plan->moment->now_wall_ms))
			g_ptr_array_add(plan->windows, windows->pdata[i]);
	}
}

void book_plan_holds(struct book_plan *plan)
{
	char text[HELD_MAX_BYTES];

	find_windows(plan);
	for (guint i = 0; i < plan->cases->len; i++) {
		struct book_case *at = &g_array_index(plan->cases, struct book_case, i);

		if (incident_is_over(book_case_incident(at)))
			continue;
		describe_hold(plan, at, text);
		set_held(at, text);
	}
}
