/* timers - a binary heap of moments, earliest first: setting, moving and clearing one of n costs
 * O(log n). The owner keeps the storage of each timer. One thread at a time. */
#ifndef DRIFT_HTTP_TIMERS_H
#define DRIFT_HTTP_TIMERS_H

#include "base.h"

/** Part of another struct, zeroed before first use. */
struct timer {
	int64_t due_mono_ms;
	size_t place;             /* 1-based place in the heap; 0: not set */
	void (*fire)(void *data); /* called when due; the timer is no longer set then */
	void *data;
};

struct timers {
	GPtrArray *heap; /* struct timer *, borrowed */
};

void timers_init(struct timers *timers);
void timers_done(struct timers *timers);

/** Set @p timer to @p due_mono_ms; moves it when it is set already. */
void timers_set(struct timers *timers, struct timer *timer, int64_t due_mono_ms);

/** Does nothing when it is not set. */
void timers_clear(struct timers *timers, struct timer *timer);

/** When the earliest one is due; INT64_MAX when none is set. */
int64_t timers_next_mono_ms(const struct timers *timers);

/** Take out the earliest timer that is due at @p now_mono_ms; NULL: none is. */
struct timer *timers_take_due(struct timers *timers, int64_t now_mono_ms);

#endif
