/* eval_arrange - see eval_arrange.h: commits, markers, heads. */
#include "eval_arrange.h"

#include <string.h>

#define H MS_PER_HOUR
#define MIN_ MS_PER_MINUTE

void arrange_as_is(struct world *w)
{
	(void)w;
}

void arrange_behind_late(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_BEHIND, 4, WORLD_NOW_MS - 2 * H);
}

void arrange_behind_in_grace(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_BEHIND, 1, WORLD_NOW_MS - 5 * MIN_);
}

void arrange_behind_at_grace_end(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_BEHIND, 1, WORLD_NOW_MS - 30 * MIN_);
}

void arrange_behind_just_before(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_BEHIND, 1, WORLD_NOW_MS - 30 * MIN_ + 1);
}

void arrange_behind_from_future(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_BEHIND, 1, WORLD_NOW_MS + 365 * MS_PER_DAY);
}

void arrange_rolled_back(struct world *w)
{
	arrange_behind_late(w);
	((struct git_comparison *)w->answer.comparisons->pdata[0])->later_seen = true;
}

void arrange_ahead(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_AHEAD, 0, 0);
}

void arrange_ahead_equal(struct world *w)
{
	arrange_ahead(w);
	((struct git_comparison *)w->answer.comparisons->pdata[0])->content_equal = true;
	w->head.fetched_mono_ms = WORLD_MONO_MS - 1; /* no newer head is needed for that */
}

void arrange_ahead_old_head(struct world *w)
{
	arrange_ahead(w);
	w->head.fetched_mono_ms = WORLD_MONO_MS - 1;
}

void arrange_ahead_old_process(struct world *w)
{
	arrange_ahead(w);
	w->head.fetched_mono_ms = 0;
}

void arrange_diverged(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_DIVERGED, 3, WORLD_NOW_MS - 2 * H);
}

void arrange_diverged_old_head(struct world *w)
{
	arrange_diverged(w);
	w->head.fetched_mono_ms = WORLD_MONO_MS - 1;
}

void arrange_shallow_topology(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_SHALLOW, 0, 0);
}

void arrange_shallow_but_equal(struct world *w)
{
	arrange_shallow_topology(w);
	((struct git_comparison *)w->answer.comparisons->pdata[0])->content_equal = true;
}

void arrange_unreadable_topology(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_UNREADABLE, 0, 0);
}

void arrange_unreadable_but_equal(struct world *w)
{
	arrange_unreadable_topology(w);
	((struct git_comparison *)w->answer.comparisons->pdata[0])->content_equal = true;
}

void arrange_same_commit(struct world *w)
{
	((struct git_comparison *)w->answer.comparisons->pdata[0])->topology = GIT_TOPOLOGY_SAME;
}

void arrange_no_comparison(struct world *w)
{
	g_ptr_array_set_size(w->answer.comparisons, 0);
}

static void resolution(struct world *w, enum git_resolution_status status)
{
	(void)world_resolve(w, WORLD_DEPLOYED, status, NULL);
}

void arrange_absent(struct world *w)
{
	resolution(w, GIT_RESOLUTION_ABSENT);
}

void arrange_absent_old_head(struct world *w)
{
	arrange_absent(w);
	w->head.fetched_mono_ms = WORLD_MONO_MS - 1;
}

void arrange_nobody_to_ask(struct world *w)
{
	resolution(w, GIT_RESOLUTION_NOBODY_TO_ASK);
}

void arrange_unasked(struct world *w)
{
	resolution(w, GIT_RESOLUTION_UNASKED);
}

void arrange_ambiguous(struct world *w)
{
	resolution(w, GIT_RESOLUTION_AMBIGUOUS);
}

void arrange_no_commit(struct world *w)
{
	resolution(w, GIT_RESOLUTION_NO_COMMIT);
}

void arrange_not_resolved_shallow(struct world *w)
{
	resolution(w, GIT_RESOLUTION_SHALLOW);
}

void arrange_not_resolved_unreadable(struct world *w)
{
	resolution(w, GIT_RESOLUTION_UNREADABLE);
}

void arrange_not_asked(struct world *w)
{
	g_ptr_array_set_size(w->answer.resolutions, 0);
}

/* --- markers --- */

void arrange_label_unknown(struct world *w)
{
	world_unmark(w);
	(void)world_mark(w->revision, "label:commit-sha", "unknown");
}

void arrange_label_unknown_env_good(struct world *w)
{
	arrange_label_unknown(w);
	(void)world_mark(w->revision, "env:GIT_COMMIT", WORLD_DEPLOYED);
}

void arrange_soft_absent_then_env(struct world *w)
{
	world_unmark(w);
	(void)world_mark(w->revision, "label:revision", "1234567");
	(void)world_resolve(w, "1234567", GIT_RESOLUTION_NO_COMMIT, NULL);
	(void)world_mark(w->revision, "env:GIT_COMMIT", WORLD_DEPLOYED);
}

void arrange_soft_hit_first(struct world *w)
{
	world_unmark(w);
	(void)world_mark(w->revision, "label:revision", "1234567");
	(void)world_resolve(w, "1234567", GIT_RESOLUTION_FOUND, WORLD_DEPLOYED);
	(void)world_mark(w->revision, "image-tag", "latest");
}

void arrange_soft_unasked(struct world *w)
{
	world_unmark(w);
	(void)world_mark(w->revision, "image-tag", WORLD_OTHER);
	(void)world_resolve(w, WORLD_OTHER, GIT_RESOLUTION_UNASKED, NULL);
}

void arrange_all_digit_id(struct world *w)
{
	world_unmark(w);
	(void)world_mark(w->revision, "label:commit-sha", "60091099");
	(void)world_resolve(w, "60091099", GIT_RESOLUTION_FOUND, WORLD_DEPLOYED);
}

void arrange_service_label_only(struct world *w)
{
	world_unmark(w);
	(void)world_mark(w->revision, "service-label:commit-sha", WORLD_DEPLOYED);
	w->revision->created_wall_ms = 0;
}

void arrange_service_label_differs(struct world *w)
{
	(void)world_mark(w->revision, "service-label:commit-sha", WORLD_OTHER);
	(void)world_resolve(w, WORLD_OTHER, GIT_RESOLUTION_FOUND, WORLD_OTHER);
}

static char *commit_from_env[] = {(char[]){"env:APP_COMMIT"}, NULL};

void arrange_commit_from_missing(struct world *w)
{
	world_unmark(w);
	git_commit_free(w->answer.last_change); /* by time all would be well */
	w->answer.last_change = world_commit(WORLD_OLDEST, WORLD_NOW_MS - 2 * H, 0);
	w->service.commit_from = commit_from_env;
}

void arrange_commit_from_bad(struct world *w)
{
	struct marker *marker;

	world_unmark(w);
	marker = world_mark(w->revision, "env:APP_COMMIT", "v1.2");
	marker->chosen_by_user = true;
	(void)world_mark(w->revision, "label:commit-sha", WORLD_DEPLOYED);
	w->service.commit_from = commit_from_env;
}

void arrange_commit_from_first_bad(struct world *w)
{
	world_unmark(w);
	world_mark(w->revision, "label:app", "v1.2")->chosen_by_user = true;
	world_mark(w->revision, "env:APP_COMMIT", WORLD_DEPLOYED)->chosen_by_user = true;
	w->service.commit_from = commit_from_env;
}

void arrange_commit_from_good(struct world *w)
{
	world_unmark(w);
	world_mark(w->revision, "env:APP_COMMIT", WORLD_DEPLOYED)->chosen_by_user = true;
	w->service.commit_from = commit_from_env;
}

void arrange_commit_from_soft_absent(struct world *w)
{
	struct marker *marker;

	world_unmark(w);
	marker = world_mark(w->revision, "image-tag", "abcdef1");
	marker->chosen_by_user = true;
	(void)world_resolve(w, "abcdef1", GIT_RESOLUTION_NO_COMMIT, NULL);
	w->service.commit_from = commit_from_env;
}

static void disagree(struct world *w, int64_t created_ago_ms)
{
	(void)world_mark(w->revision, "env:GIT_COMMIT", WORLD_OTHER);
	(void)world_resolve(w, WORLD_OTHER, GIT_RESOLUTION_FOUND, WORLD_OTHER);
	w->revision->created_wall_ms = WORLD_NOW_MS - created_ago_ms;
}

void arrange_disagree_late(struct world *w)
{
	disagree(w, H);
}

void arrange_disagree_in_grace(struct world *w)
{
	disagree(w, 5 * MIN_);
}

void arrange_same_commit_in_short(struct world *w)
{
	(void)world_mark(w->revision, "image-tag", "1a2b3c4d");
	(void)world_resolve(w, "1a2b3c4d", GIT_RESOLUTION_FOUND, WORLD_DEPLOYED);
}

void arrange_disagree_soft_no_hit(struct world *w)
{
	(void)world_mark(w->revision, "image-tag", "20251120");
	(void)world_resolve(w, "20251120", GIT_RESOLUTION_NO_COMMIT, NULL);
}

void arrange_disagree_untold(struct world *w)
{
	(void)world_mark(w->revision, "env:GIT_COMMIT", WORLD_OTHER);
	(void)world_resolve(w, WORLD_OTHER, GIT_RESOLUTION_UNASKED, NULL);
}

void arrange_disagree_absent(struct world *w)
{
	arrange_disagree_late(w);
	(void)world_resolve(w, WORLD_OTHER, GIT_RESOLUTION_ABSENT, NULL);
}

void arrange_dirty(struct world *w)
{
	world_unmark(w);
	(void)world_mark(w->revision, "label:commit-sha", WORLD_DEPLOYED "-dirty");
}

void arrange_service_label_dirty(struct world *w)
{
	(void)world_mark(w->revision, "service-label:commit-sha", WORLD_DEPLOYED "-dirty");
}

/* A side branch can differ from the head without an undeployed first-parent commit. */
void arrange_behind_without_commits(struct world *w)
{
	world_move(w, GIT_TOPOLOGY_BEHIND, 0, 0);
}

/* --- by time --- */

static void by_time(struct world *w, int64_t change_ago_ms, int64_t created_ago_ms)
{
	world_unmark(w);
	(void)world_mark(w->revision, "image-tag", "latest");
	git_commit_free(w->answer.last_change);
	w->answer.last_change = world_commit(WORLD_OLDEST, WORLD_NOW_MS - change_ago_ms, 0);
	w->revision->created_wall_ms = WORLD_NOW_MS - created_ago_ms;
}

void arrange_by_time_ok(struct world *w)
{
	by_time(w, 2 * H, H);
}

void arrange_by_time_equal(struct world *w)
{
	by_time(w, H, H);
}

void arrange_by_time_late(struct world *w)
{
	by_time(w, H, 2 * H);
}

void arrange_by_time_in_grace(struct world *w)
{
	by_time(w, 29 * MIN_, 2 * H);
}

void arrange_by_time_no_creation(struct world *w)
{
	by_time(w, 2 * H, H);
	w->revision->created_wall_ms = 0;
}

void arrange_by_time_no_change(struct world *w)
{
	world_unmark(w);
}

void arrange_by_time_shallow(struct world *w)
{
	world_unmark(w);
	w->git_head.shallow = true;
}

void arrange_by_time_date_tag(struct world *w)
{
	arrange_by_time_ok(w);
	(void)world_mark(w->revision, "image-tag", "20251120");
	(void)world_resolve(w, "20251120", GIT_RESOLUTION_NO_COMMIT, NULL);
}

void arrange_tag_of_elsewhere(struct world *w)
{
	arrange_by_time_ok(w);
	(void)world_mark(w->revision, "image-tag", "deadbee");
	(void)world_resolve(w, "deadbee", GIT_RESOLUTION_NO_COMMIT, NULL);
}

void arrange_by_time_paths_missing(struct world *w)
{
	arrange_by_time_ok(w);
	world_miss_path(w, "gone/**", false, false);
}

/* --- head and git as a whole --- */

void arrange_no_head(struct world *w)
{
	w->head.head = NULL;
	w->head.fetch_error = "could not connect";
	w->input.answer = NULL;
}

void arrange_answer_missing(struct world *w)
{
	w->input.answer = NULL;
}

void arrange_answer_error(struct world *w)
{
	w->input.answer = NULL;
	w->input.answer_error = "the worker is busy";
}

void arrange_answer_failed(struct world *w)
{
	w->answer.error = g_strdup("object is corrupt");
	g_ptr_array_add(w->strings, w->answer.error); /* freed there */
}

void arrange_answer_shallow(struct world *w)
{
	arrange_answer_failed(w);
	w->answer.shallow = true;
}

void arrange_answer_of_older_head(struct world *w)
{
	g_strlcpy(w->answer.head, WORLD_OTHER, GIT_SHA_BYTES);
}

void arrange_fetch_fails_old_head(struct world *w)
{
	w->head.fetch_error = "could not connect";
	w->head.fetched_mono_ms -= 5 * MIN_;
	w->head.fetched_wall_ms -= 5 * MIN_;
}

void arrange_paths_missing(struct world *w)
{
	world_miss_path(w, "predictions/worker/**", false, true);
}

void arrange_paths_removed(struct world *w)
{
	world_miss_path(w, "predictions/worker/**", true, true);
}

void arrange_paths_missing_behind(struct world *w)
{
	arrange_behind_late(w);
	arrange_paths_removed(w);
}
