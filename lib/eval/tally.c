/* tally - the order of every list, and counts, score and overall of a set of verdicts; see
 * verdict.h. DESIGN 1. */
#include "eval/verdict.h"

#include <string.h>

/* paused stands outside the order: it comes last */
static int rank(const struct verdict *verdict)
{
	return verdict->state == STATE_PAUSED ? -1 : (int)verdict->state;
}

static enum priority priority_of(const struct verdict *verdict)
{
	return verdict->priority == PRIORITY_NONE ? PRIORITY_P1 : verdict->priority;
}

int verdict_compare(gconstpointer a, gconstpointer b)
{
	const struct verdict *left = *(const struct verdict *const *)a;
	const struct verdict *right = *(const struct verdict *const *)b;

	if (rank(left) != rank(right))
		return rank(left) > rank(right) ? -1 : 1;
	if (priority_of(left) != priority_of(right))
		return priority_of(left) < priority_of(right) ? -1 : 1;
	if (left->since_wall_ms != right->since_wall_ms)
		return left->since_wall_ms < right->since_wall_ms ? -1 : 1;
	return strcmp(left->id, right->id);
}

static int64_t weight_of(const struct verdict *verdict)
{
	switch (priority_of(verdict)) {
	case PRIORITY_P0:
		return 4;
	case PRIORITY_NONE:
	case PRIORITY_P1:
		return 2;
	case PRIORITY_P2:
		return 1;
	}
	return 2;
}

/* Halves, so that whole numbers do: ok counts two, pending one, the rest nothing. */
static int64_t halves_of(enum state state)
{
	if (state == STATE_OK)
		return 2;
	return state == STATE_PENDING ? 1 : 0;
}

/* To the nearest, but 100 says that all is ok, and nothing else may say so. */
static int score_of(int64_t halves, int64_t all_halves)
{
	int64_t rounded = (halves * 200 + all_halves) / (all_halves * 2);

	return halves < all_halves ? (int)MIN(rounded, 99) : 100;
}

struct tally tally_make(const GPtrArray *verdicts)
{
	struct tally tally = {.score = -1, .overall = STATE_UNKNOWN};
	enum state worst = STATE_NONE;
	int64_t halves = 0, all_halves = 0;

	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];
		/* a verdict without a state is a bug elsewhere, and may not look healthy */
		enum state state = verdict->state == STATE_NONE ? STATE_UNKNOWN : verdict->state;

		tally.count[state]++;
		if (state == STATE_PAUSED)
			continue;
		tally.targets_total++;
		tally.evaluated += state != STATE_UNKNOWN;
		worst = state_worse(worst, state);
		halves += halves_of(state) * weight_of(verdict);
		all_halves += 2 * weight_of(verdict);
	}
	if (tally.evaluated > 0) {
		tally.overall = worst;
		tally.score = score_of(halves, all_halves);
	}
	return tally;
}
