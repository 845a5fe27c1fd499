/* resolve_depends - what explains the trouble of a target must not be explained by it. */
#include "config/build.h"

/* Targets of a cycle that are named; there may be thousands. */
#define NAMED_MAX 10

/* A target on the way that is being followed. */
struct step {
	const struct config_target *target;
	size_t next; /* of its depends_on: those before it are done */
};

/* A walk along depends-on, depth first, without recursion: the way may be as long as there are
 * targets. */
struct walk {
	struct loader *loader;
	GArray *way;        /* struct step: from where it began to where it is */
	GHashTable *on_way; /* target -> 1 + its place in way; counts only while it is not done */
	GHashTable *done;   /* set of targets from which every way was followed */
};

/* "a -> b -> a": from place @p first on. Caller frees. */
static char *name_cycle(const GArray *way, guint first)
{
	GString *text = g_string_new(NULL);
	guint count = way->len - first;

	for (guint i = first; i < way->len; i++) {
		if (count > NAMED_MAX && i - first >= NAMED_MAX - 1 && i + 1 < way->len)
			continue; /* the beginning, and the last */
		if (count > NAMED_MAX && i + 1 == way->len)
			g_string_append_printf(text, "... (%u more) -> ", count - NAMED_MAX);
		g_string_append_printf(text, "%s -> ",
				       g_array_index(way, struct step, i).target->id);
	}
	g_string_append(text, g_array_index(way, struct step, first).target->id);
	return g_string_free(text, FALSE);
}

static void report_cycle(struct walk *walk, guint first, const char *id)
{
	const struct step *last = &g_array_index(walk->way, struct step, walk->way->len - 1);
	struct build *build = g_hash_table_lookup(walk->loader->headers, last->target->id);
	g_autofree char *cycle = NULL;

	if (!build || walk->loader->problems->len >= CONFIG_PROBLEMS_MAX)
		return;
	cycle = name_cycle(walk->way, first);
	build_refuse_value(build, "depends-on", id, "goes round in a circle: %s", cycle);
}

static void enter(struct walk *walk, const struct config_target *target)
{
	const struct step step = {.target = target};

	g_array_append_val(walk->way, step);
	g_hash_table_insert(walk->on_way, (void *)(uintptr_t)target,
			    GUINT_TO_POINTER(walk->way->len));
}

static void leave(struct walk *walk)
{
	void *target =
		(void *)(uintptr_t)g_array_index(walk->way, struct step, walk->way->len - 1).target;

	g_hash_table_add(walk->done, target);
	g_array_set_size(walk->way, walk->way->len - 1);
}

/* One step further, or back. */
static void go_on(struct walk *walk)
{
	struct step *step = &g_array_index(walk->way, struct step, walk->way->len - 1);
	const char *id = step->target->depends_on[step->next];
	const struct config_target *next;
	guint place;

	if (!id) {
		leave(walk);
		return;
	}
	step->next++;
	next = config_find_target(walk->loader->config, id);
	if (!next || g_hash_table_contains(walk->done, next))
		return; /* repositories depend on nothing */
	place = GPOINTER_TO_UINT(g_hash_table_lookup(walk->on_way, next));
	if (place > 0)
		report_cycle(walk, place - 1, id);
	else
		enter(walk, next);
}

void resolve_depends(struct loader *loader)
{
	const GPtrArray *targets = loader->config->targets;
	struct walk walk = {.loader = loader,
			    .way = g_array_new(FALSE, FALSE, sizeof(struct step)),
			    .on_way = g_hash_table_new(NULL, NULL),
			    .done = g_hash_table_new(NULL, NULL)};

	for (guint i = 0; i < targets->len; i++) {
		if (g_hash_table_contains(walk.done, g_ptr_array_index(targets, i)))
			continue;
		enter(&walk, g_ptr_array_index(targets, i));
		while (walk.way->len > 0)
			go_on(&walk);
	}
	g_array_unref(walk.way);
	g_hash_table_unref(walk.on_way);
	g_hash_table_unref(walk.done);
}
