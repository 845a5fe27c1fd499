/* progress - how far the running cycle is, told now and then: targets observed and repositories
 * fetched, of all that take part. What follows (git's answers, judging, writing) is short. */
#include "daemon/engine_private.h"

#include "clk.h"

static int64_t fetching(const struct engine *engine)
{
	int64_t count = 0;

	for (guint i = 0; i < engine->repos->len; i++) {
		const struct repo_state *repo = engine->repos->pdata[i];

		count += repo->phase == REPO_PHASE_FETCHING ? 1 : 0;
	}
	return count;
}

void progress_begin(struct engine *engine)
{
	engine->cycle.fetches = fetching(engine);
	engine->cycle.told_mono_ms = engine->cycle.started_mono_ms;
	if (engine->hooks.progress)
		engine->hooks.progress(engine->hooks.data, 0,
				       engine->cycle.asked->len + engine->cycle.fetches);
}

void progress_tell(struct engine *engine)
{
	const struct cycle *cycle = &engine->cycle;
	int64_t done;

	if (!cycle->running || !engine->hooks.progress ||
	    clk_mono_ms() < cycle->told_mono_ms + ENGINE_PROGRESS_PAUSE_MS)
		return;
	engine->cycle.told_mono_ms = clk_mono_ms();
	done = cycle->collecting ? sources_settled(engine->sources) : cycle->asked->len;
	/* a fetch that must be made again is one more to wait for, and none less that was done */
	done += MAX(cycle->fetches - fetching(engine), 0);
	engine->hooks.progress(engine->hooks.data, done, cycle->asked->len + cycle->fetches);
}
