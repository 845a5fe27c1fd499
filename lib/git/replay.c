/* replay - see replay.h */
#include "git/replay.h"

/* A path as this replay knows it; valid when run is the replay's. */
struct path_state {
	uint32_t run;
	uint32_t start; /* content at the start */
	uint32_t now;
};

struct replay {
	struct path_state *states; /* by path number */
	uint32_t capacity;
	uint32_t run;
	GArray *touched; /* uint32_t: paths whose state is valid */
	const struct bits *set;
	GArray *undeployed;
	size_t differing;
};

struct replay *replay_create(void)
{
	struct replay *replay = g_new0(struct replay, 1);

	replay->touched = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return replay;
}

void replay_free(struct replay *replay)
{
	if (!replay)
		return;
	g_array_unref(replay->touched);
	g_free(replay->states);
	g_free(replay);
}

static void next_run(struct replay *replay, uint32_t path_count)
{
	if (path_count >= replay->capacity || replay->run == UINT32_MAX) {
		replay->capacity = MAX(replay->capacity, path_count + path_count / 4 + 64);
		g_free(replay->states);
		replay->states = g_new0(struct path_state, replay->capacity);
		replay->run = 0;
	}
	replay->run++;
	replay->differing = 0;
	g_array_set_size(replay->touched, 0);
}

static void enter_path(struct replay *replay, uint32_t path, uint32_t start, uint32_t now)
{
	replay->states[path] = (struct path_state){.run = replay->run, .start = start, .now = now};
	g_array_append_val(replay->touched, path);
	if (start != now)
		replay->differing++;
}

void replay_start(struct replay *replay, uint32_t path_count, const struct bits *set,
		  const GArray *differing, GArray *undeployed)
{
	next_run(replay, path_count);
	replay->set = set;
	replay->undeployed = undeployed;
	for (guint i = 0; differing && i < differing->len; i++) {
		const struct change *change = &g_array_index(differing, struct change, i);

		if (bits_has(set, change->path))
			enter_path(replay, change->path, change->from, change->to);
	}
}

static void apply_change(struct replay *replay, const struct change *change)
{
	struct path_state *state = &replay->states[change->path];

	if (state->run != replay->run) {
		enter_path(replay, change->path, change->from, change->to);
		return;
	}
	if (state->now != state->start)
		replay->differing--;
	state->now = change->to;
	if (state->now != state->start)
		replay->differing++;
}

static void finish_commit(struct replay *replay, int32_t position)
{
	if (replay->differing == 0)
		g_array_set_size(replay->undeployed, 0);
	else
		g_array_append_val(replay->undeployed, position);
}

void replay_follow(struct replay *replay, const struct change *changes, size_t count)
{
	const struct bits *set = replay->set;
	const struct change *latest = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!bits_has(set, changes[i].path))
			continue;
		if (latest && latest->position != changes[i].position)
			finish_commit(replay, latest->position);
		latest = &changes[i];
		apply_change(replay, latest);
	}
	if (latest)
		finish_commit(replay, latest->position);
}

size_t replay_differing(const struct replay *replay)
{
	return replay->differing;
}

void replay_suspend(const struct replay *replay, GArray *differing)
{
	g_array_set_size(differing, 0);
	for (guint i = 0; i < replay->touched->len; i++) {
		uint32_t path = g_array_index(replay->touched, uint32_t, i);
		const struct path_state *state = &replay->states[path];
		struct change change = {.path = path, .from = state->start, .to = state->now};

		if (change.from != change.to)
			g_array_append_val(differing, change);
	}
}
