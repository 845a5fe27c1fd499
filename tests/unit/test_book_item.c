/* test_book_item - what a message tells of a target: made from a verdict with everything in it. */
#include <check.h>
#include <string.h>

#include "book_world.h"

Suite *book_item_suite(void);

#define DEPLOYED "1a2b3c4d00000000000000000000000000000000"
#define HEAD "18f6ecfe00000000000000000000000000000000"
#define OLDEST "0abc1234000000000000000000000000000000aa"
#define WEB "https://example.com/r/commit/"

static struct git_commit *make_commit(const char *sha, const char *subject, const char *author)
{
	struct git_commit *commit = g_new0(struct git_commit, 1);

	g_strlcpy(commit->sha, sha, sizeof(commit->sha));
	commit->subject = g_strdup(subject);
	commit->author = g_strdup(author);
	return commit;
}

static void add_deployed(struct verdict *verdict, const char *sha, int percent)
{
	struct verdict_deployed *deployed = verdict_deployed_create();

	deployed->sha = g_strdup(sha);
	deployed->percent = percent;
	g_ptr_array_add(verdict->deployed, deployed);
}

static struct verdict_behind *make_behind(int commits)
{
	struct verdict_behind *behind = verdict_behind_create();

	behind->commits = commits;
	behind->since_wall_ms = BOOK_WORLD_NOW_MS - MS_PER_HOUR;
	behind->oldest = make_commit(OLDEST, "shared: \x01 change", "Ann");
	behind->commit_url_prefix = g_strdup(WEB);
	behind->compare_url = g_strdup("https://example.com/r/compare/a...b");
	for (int i = 0; i < commits; i++)
		g_ptr_array_add(behind->list, make_commit(i + 1 < commits ? HEAD : OLDEST,
							  "line one\nline two", "Bo"));
	return behind;
}

/* The verdict of subject @p name, as if it were behind. */
static struct verdict *make_stale(struct book_world *world, const char *name, int commits)
{
	g_autofree char *id = g_strconcat("service/", name, NULL);
	const struct book_subject *subject = g_hash_table_lookup(world->subjects, id);
	struct verdict *verdict = (struct verdict *)(uintptr_t)subject->verdict;

	verdict->relation = RELATION_BEHIND;
	add_deployed(verdict, HEAD, 10);
	add_deployed(verdict, DEPLOYED, 90);
	verdict->head = make_commit(HEAD, "head", "Cy");
	verdict->behind = make_behind(commits);
	verdict->deploy_command = g_strdup("./deploy.sh a");
	return verdict;
}

static const struct notice *notice_at(const struct book_world *world, guint index)
{
	ck_assert_uint_gt(world->messages->len, index);
	return ((const struct book_message *)world->messages->pdata[index])->notice;
}

static const struct notice_item *item_at(const struct book_world *world, guint index)
{
	ck_assert_uint_gt(notice_at(world, 0)->items->len, index);
	return notice_at(world, 0)->items->pdata[index];
}

static struct book_world *stale_world(int commits)
{
	struct book_world *world = book_world_create();
	struct verdict *verdict;

	book_world_run(world, "target a P0 ml;a drift");
	verdict = make_stale(world, "a", commits);
	g_ptr_array_add(verdict->behind->authors, g_strdup("Bo"));
	g_ptr_array_add(verdict->behind->authors, g_strdup("Ann"));
	return world;
}

START_TEST(test_firing)
{
	struct book_world *world = stale_world(7);
	const struct notice_item *item;
	const struct notice_commit *commit;

	book_world_run(world, "!");
	item = item_at(world, 0);
	ck_assert_int_eq(item->kind, NOTICE_KIND_FIRING);
	ck_assert_int_eq(item->incident, 1);
	ck_assert_str_eq(item->target, "service/a");
	ck_assert_int_eq(item->priority, PRIORITY_P0);
	ck_assert_str_eq(item->owner, "ml");
	ck_assert_int_eq(item->state, STATE_DRIFT);
	ck_assert(!item->reopened);
	ck_assert_str_eq(item->summary, "7 commits behind, oldest 1 h");
	ck_assert_str_eq(item->reason, "behind of service/a");
	ck_assert_int_eq(item->opened_wall_ms, BOOK_WORLD_NOW_MS - MS_PER_HOUR);
	ck_assert_int_eq(item->ended_wall_ms, 0);
	ck_assert_str_eq(item->deployed_short, "1a2b3c4d");
	ck_assert_str_eq(item->deployed_url, WEB DEPLOYED);
	ck_assert_str_eq(item->head_short, "18f6ecfe");
	ck_assert_str_eq(item->head_url, WEB HEAD);
	ck_assert_str_eq(item->compare_url, "https://example.com/r/compare/a...b");
	ck_assert_int_eq(item->commits_total, 7);
	ck_assert_uint_eq(item->commits->len, NOTICE_COMMITS_MAX);
	commit = item->commits->pdata[0];
	ck_assert_str_eq(commit->subject, "line one line two");
	ck_assert_str_eq(commit->author, "Bo");
	ck_assert_str_eq(commit->url, WEB HEAD);
	ck_assert_str_eq(item->authors, "Bo and Ann");
	ck_assert_str_eq(item->deploy_command, "./deploy.sh a");
	ck_assert_str_eq(item->cause_key, "commit main " OLDEST);
	ck_assert_str_eq(item->cause_text, "0abc1234 shared:   change (Ann)");
	book_world_free(world);
}
END_TEST

START_TEST(test_closing)
{
	struct book_world *world = stale_world(2);
	const struct notice_item *item;

	book_world_run(world, "!;+ 2h;a ok;!");
	item = item_at(world, 0);
	ck_assert_int_eq(item->kind, NOTICE_KIND_CLOSING);
	ck_assert_int_eq(item->status, INCIDENT_STATUS_RESOLVED);
	ck_assert_int_eq(item->state, STATE_OK);
	ck_assert_int_eq(item->priority, PRIORITY_P0);
	ck_assert_str_eq(item->summary, "in sync");
	ck_assert_int_eq(item->ended_wall_ms, BOOK_WORLD_NOW_MS + 2 * MS_PER_HOUR);
	ck_assert_ptr_null(item->deploy_command);
	ck_assert_ptr_null(item->cause_key);
	book_world_free(world);
}
END_TEST

START_TEST(test_removed_target)
{
	struct book_world *world = stale_world(2);
	const struct notice_item *item;

	book_world_run(world, "b ok;!;a gone;!");
	item = item_at(world, 0);
	ck_assert_int_eq(item->status, INCIDENT_STATUS_WITHDRAWN);
	ck_assert_str_eq(item->target, "service/a");
	ck_assert_str_eq(item->owner, "ml");
	ck_assert_str_eq(item->summary, "2 commits behind, oldest 1 h");
	ck_assert_int_eq(item->state, STATE_PAUSED);
	book_world_free(world);
}
END_TEST

START_TEST(test_repository)
{
	struct book_world *world = book_world_create();
	const struct notice_item *item;

	book_world_run(world, "@ blind;!");
	item = item_at(world, 0);
	ck_assert_str_eq(item->target, "repo/main");
	ck_assert_int_eq(item->cause, INCIDENT_CAUSE_BLIND);
	ck_assert_int_eq(item->state, STATE_UNKNOWN);
	ck_assert_str_eq(item->summary, "fetch of main failed: timeout");
	ck_assert_ptr_null(item->cause_key);
	book_world_run(world, "@ ok;!");
	ck_assert_int_eq(item_at(world, 0)->kind, NOTICE_KIND_CLOSING);
	book_world_free(world);
}
END_TEST

static const struct {
	const char *names, *want;
} authors[] = {
	{"Ann", "Ann"},
	{"Ann,Bo", "Ann and Bo"},
	{"Ann,Bo,Cy", "Ann, Bo and 1 more"},
	{"Ann,Bo,Cy,Di,Ed", "Ann, Bo and 3 more"},
};

START_TEST(test_authors)
{
	struct book_world *world = book_world_create();
	g_auto(GStrv) names = g_strsplit(authors[_i].names, ",", -1);
	struct verdict *verdict;

	book_world_run(world, "a drift");
	verdict = make_stale(world, "a", 1);
	for (char **name = names; *name; name++)
		g_ptr_array_add(verdict->behind->authors, g_strdup(*name));
	book_world_run(world, "!");
	ck_assert_str_eq(item_at(world, 0)->authors, authors[_i].want);
	book_world_free(world);
}
END_TEST

/* Nine services made stale by one commit under shared/ are one group; one with more wrong stands by
 * itself. */
START_TEST(L26_nine_services_one_cause)
{
	struct book_world *world = book_world_create();
	g_autoptr(GPtrArray) groups = NULL;

	for (int i = 0; i < 10; i++) {
		g_autofree char *name = g_strdup_printf("s%d", i);
		g_autofree char *step = g_strdup_printf("%s drift %s", name,
							i < 9 ? "behind" : "behind env_missing");

		book_world_run(world, step);
		(void)make_stale(world, name, 1 + i);
	}
	book_world_run(world, "!");
	ck_assert_uint_eq(world->messages->len, 1);
	ck_assert_uint_eq(notice_at(world, 0)->items->len, 10);
	groups = notice_groups(notice_at(world, 0));
	ck_assert_uint_eq(groups->len, 2);
	ck_assert_uint_eq(((const GPtrArray *)groups->pdata[0])->len, 9);
	book_world_free(world);
}
END_TEST

static void fail_look(struct book_world *world, const char *id, enum reason_code code,
		      const char *class)
{
	const struct book_subject *subject = g_hash_table_lookup(world->subjects, id);
	struct verdict *verdict = (struct verdict *)(uintptr_t)subject->verdict;
	struct reason *reason = reason_create(code, STATE_UNKNOWN, "%s: timeout", id);

	reason_add_text(reason, "class", class);
	g_ptr_array_set_size(verdict->reasons, 0);
	g_ptr_array_add(verdict->reasons, reason);
}

/* The same fault in the same project is one cause; of what has no project, or is the target's own,
 * each is one. */
static const struct {
	enum reason_code code;
	const char *class, *other_class;
	const char *project; /* of all; NULL: none */
	guint want;          /* groups of three */
	const char *text;    /* of the first; NULL: none */
} faults[] = {
	{REASON_FETCH_FAILED, "timeout", "timeout", "p", 1,
	 "fetch_failed (timeout), project p, us-west2"},
	{REASON_FETCH_FAILED, "timeout", "5xx", "p", 2,
	 "fetch_failed (timeout), project p, us-west2"},
	{REASON_FETCH_FAILED, "timeout", "timeout", NULL, 3, NULL},
	{REASON_FETCH_FAILED, "git", "git", NULL, 1, "fetch_failed (git), repository main"},
	{REASON_PERMISSION_DENIED, "denied", "denied", "p", 1,
	 "permission_denied (denied), project p, us-west2"},
	{REASON_BROKEN_CHECK, "broken", "broken", "p", 3, NULL},
	{REASON_PATHS_MISSING, "git", "git", "p", 3, NULL},
};

START_TEST(test_faults)
{
	static const char *const ids[] = {"service/a", "service/b", "service/c"};
	struct book_world *world = book_world_create();
	g_autoptr(GPtrArray) groups = NULL;

	book_world_run(world, "a blind;b blind;c blind");
	for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
		struct config_service *service = world->config.services->pdata[i];

		fail_look(world, ids[i], faults[_i].code,
			  i < 2 ? faults[_i].class : faults[_i].other_class);
		service->project = (char *)(uintptr_t)faults[_i].project;
		service->region = (char *)(uintptr_t) "us-west2";
	}
	book_world_run(world, "!");
	groups = notice_groups(notice_at(world, 0));
	ck_assert_uint_eq(groups->len, faults[_i].want);
	ck_assert_str_eq(item_at(world, 0)->target, "service/a");
	if (faults[_i].text)
		ck_assert_str_eq(item_at(world, 0)->cause_text, faults[_i].text);
	else
		ck_assert_ptr_null(item_at(world, 0)->cause_key);
	book_world_free(world);
}
END_TEST

/* Whatever stands in a verdict: bounded, one line, and JSON that can be read back. */
START_TEST(test_hostile_texts)
{
	struct book_world *world = stale_world(3);
	const struct book_subject *subject = g_hash_table_lookup(world->subjects, "service/a");
	struct verdict *verdict = (struct verdict *)(uintptr_t)subject->verdict;
	g_autofree char *huge = g_strnfill(100000, '\n');
	g_autofree char *text = NULL;
	struct notice *back;

	g_free(verdict->deploy_command);
	verdict->deploy_command = g_strdup(huge);
	g_free(verdict->behind->compare_url);
	verdict->behind->compare_url = g_strdup(huge);
	g_free(verdict->behind->oldest->subject);
	verdict->behind->oldest->subject = g_strdup("\xff\xfe <!channel>");
	g_free(((struct verdict_deployed *)verdict->deployed->pdata[1])->sha);
	((struct verdict_deployed *)verdict->deployed->pdata[1])->sha = g_strdup("not-a-sha");
	book_world_run(world, "!");
	ck_assert_ptr_null(item_at(world, 0)->compare_url);
	ck_assert_ptr_null(item_at(world, 0)->deployed_short);
	ck_assert_ptr_null(item_at(world, 0)->deployed_url);
	ck_assert_ptr_null(strchr(item_at(world, 0)->deploy_command, '\n'));
	text = notice_to_json(notice_at(world, 0));
	ck_assert_uint_lt(strlen(text), 10000);
	back = notice_from_json(text, NULL);
	ck_assert_ptr_nonnull(back);
	notice_free(back);
	book_world_free(world);
}
END_TEST

Suite *book_item_suite(void)
{
	Suite *suite = suite_create("book_item");
	TCase *tcase = tcase_create("items");

	tcase_add_test(tcase, test_firing);
	tcase_add_test(tcase, test_closing);
	tcase_add_test(tcase, test_removed_target);
	tcase_add_test(tcase, test_repository);
	tcase_add_loop_test(tcase, test_authors, 0, G_N_ELEMENTS(authors));
	tcase_add_test(tcase, L26_nine_services_one_cause);
	tcase_add_loop_test(tcase, test_faults, 0, G_N_ELEMENTS(faults));
	tcase_add_test(tcase, test_hostile_texts);
	suite_add_tcase(suite, tcase);
	return suite;
}
