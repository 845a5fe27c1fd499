/* timers - see timers.h */
#include "http/timers.h"

#include <assert.h>

void timers_init(struct timers *timers)
{
	timers->heap = g_ptr_array_new();
}

void timers_done(struct timers *timers)
{
	g_ptr_array_unref(timers->heap);
	timers->heap = NULL;
}

static struct timer *at(const struct timers *timers, size_t place)
{
	return g_ptr_array_index(timers->heap, place - 1);
}

static void put(struct timers *timers, size_t place, struct timer *timer)
{
	g_ptr_array_index(timers->heap, place - 1) = timer;
	timer->place = place;
}

static void sift_up(struct timers *timers, struct timer *timer)
{
	size_t place = timer->place;

	while (place > 1 && at(timers, place / 2)->due_mono_ms > timer->due_mono_ms) {
		put(timers, place, at(timers, place / 2));
		place /= 2;
	}
	put(timers, place, timer);
}

static void sift_down(struct timers *timers, struct timer *timer)
{
	size_t count = timers->heap->len;
	size_t place = timer->place;

	while (place * 2 <= count) {
		size_t child = place * 2;

		if (child < count &&
		    at(timers, child + 1)->due_mono_ms < at(timers, child)->due_mono_ms)
			child++;
		if (at(timers, child)->due_mono_ms >= timer->due_mono_ms)
			break;
		put(timers, place, at(timers, child));
		place = child;
	}
	put(timers, place, timer);
}

void timers_set(struct timers *timers, struct timer *timer, int64_t due_mono_ms)
{
	timers_clear(timers, timer);
	timer->due_mono_ms = due_mono_ms;
	g_ptr_array_add(timers->heap, timer);
	timer->place = timers->heap->len;
	sift_up(timers, timer);
}

void timers_clear(struct timers *timers, struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last = NULL;

	if (place == 0)
		return;
	assert(place <= timers->heap->len && at(timers, place) == timer);
	timer->place = 0;
	last = g_ptr_array_steal_index_fast(timers->heap, timers->heap->len - 1);
	if (last == timer)
		return;
	put(timers, place, last);
	sift_up(timers, last);
	sift_down(timers, last);
}

int64_t timers_next_mono_ms(const struct timers *timers)
{
	return timers->heap->len > 0 ? at(timers, 1)->due_mono_ms : INT64_MAX;
}

struct timer *timers_take_due(struct timers *timers, int64_t now_mono_ms)
{
	struct timer *first = NULL;

	if (timers->heap->len == 0 || at(timers, 1)->due_mono_ms > now_mono_ms)
		return NULL;
	first = at(timers, 1);
	timers_clear(timers, first);
	return first;
}
