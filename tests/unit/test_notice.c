/* test_notice - messages as plain data: their JSON there and back, folding, grouping, one line of
 * text. */
#include <check.h>
#include <string.h>

#include "alert/notice.h"
#include "drift_error.h"

Suite *notice_suite(void);

#define NOW INT64_C(1795172400000)

static struct notice_item *make_item(enum notice_kind kind, int64_t incident, const char *target)
{
	struct notice_item *item = notice_item_create();

	item->kind = kind;
	item->incident = incident;
	item->target = g_strdup(target);
	item->priority = PRIORITY_P1;
	item->cause = INCIDENT_CAUSE_DRIFT;
	item->status = INCIDENT_STATUS_OPEN;
	item->state = STATE_DRIFT;
	item->summary = g_strdup("1 commit behind");
	item->opened_wall_ms = NOW - 5000;
	return item;
}

static void add_commit(struct notice_item *item, const char *subject)
{
	struct notice_commit *commit = notice_commit_create();

	commit->short_sha = g_strdup("1a2b3c4d");
	commit->subject = g_strdup(subject);
	commit->author = g_strdup("Ann");
	commit->url = g_strdup("https://example.com/commit/1a2b3c4d");
	g_ptr_array_add(item->commits, commit);
}

/* With a value in every field. */
static struct notice_item *full_item(void)
{
	struct notice_item *item = make_item(NOTICE_KIND_WORSE, 12, "service/a");

	item->priority = PRIORITY_P0;
	item->owner = g_strdup("ml");
	item->description = g_strdup("Generates \"predictions\"\n<b>\xc3\xa9</b>");
	item->cause = INCIDENT_CAUSE_BLIND;
	item->status = INCIDENT_STATUS_ACKNOWLEDGED;
	item->reopened = true;
	item->state = STATE_UNKNOWN;
	item->reason = g_strdup("reason");
	item->worse = g_strdup("worse");
	item->acknowledged_by = g_strdup("bo");
	item->ended_wall_ms = NOW;
	item->cause_key = g_strdup("commit main 1a2b");
	item->cause_text = g_strdup("1a2b3c4d shared: x (Ann)");
	item->deployed_short = g_strdup("1a2b3c4d");
	item->deployed_url = g_strdup("https://example.com/1");
	item->head_short = g_strdup("18f6ecfe");
	item->head_url = g_strdup("https://example.com/2");
	item->compare_url = g_strdup("https://example.com/3");
	item->commits_total = 9;
	for (int i = 0; i < NOTICE_COMMITS_MAX; i++)
		add_commit(item, "<!channel> & \x01");
	item->authors = g_strdup("Ann and Bo");
	item->deploy_command = g_strdup("./deploy.sh a");
	return item;
}

static struct notice *read_back(const struct notice *notice)
{
	g_autofree char *text = notice_to_json(notice);
	g_autoptr(GError) error = NULL;
	struct notice *back = notice_from_json(text, &error);

	ck_assert_msg(back != NULL, "%s", error ? error->message : "");
	return back;
}

static void check_stable(const struct notice *notice)
{
	g_autofree char *before = notice_to_json(notice);
	struct notice *back = read_back(notice);
	g_autofree char *after = notice_to_json(back);

	ck_assert_str_eq(before, after);
	notice_free(back);
}

START_TEST(test_json_of_all_fields)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, NOW);
	struct notice *back;
	const struct notice_item *item;

	notice_add(notice, full_item());
	notice->folded = 3;
	back = read_back(notice);
	ck_assert_int_eq(back->kind, NOTICE_KIND_WORSE);
	ck_assert_int_eq(back->created_wall_ms, NOW);
	ck_assert_int_eq(back->folded, 3);
	ck_assert_uint_eq(back->items->len, 1);
	item = back->items->pdata[0];
	ck_assert_int_eq(item->kind, NOTICE_KIND_WORSE);
	ck_assert_int_eq(item->incident, 12);
	ck_assert_int_eq(item->priority, PRIORITY_P0);
	ck_assert_int_eq(item->cause, INCIDENT_CAUSE_BLIND);
	ck_assert_int_eq(item->status, INCIDENT_STATUS_ACKNOWLEDGED);
	ck_assert_int_eq(item->state, STATE_UNKNOWN);
	ck_assert(item->reopened);
	ck_assert_int_eq(item->opened_wall_ms, NOW - 5000);
	ck_assert_int_eq(item->ended_wall_ms, NOW);
	ck_assert_int_eq(item->commits_total, 9);
	ck_assert_str_eq(item->description, "Generates \"predictions\"\n<b>\xc3\xa9</b>");
	ck_assert_str_eq(item->deploy_command, "./deploy.sh a");
	ck_assert_str_eq(item->compare_url, "https://example.com/3");
	ck_assert_str_eq(item->cause_key, "commit main 1a2b");
	ck_assert_uint_eq(item->commits->len, NOTICE_COMMITS_MAX);
	ck_assert_str_eq(((const struct notice_commit *)item->commits->pdata[0])->subject,
			 "<!channel> & \x01");
	check_stable(notice);
	notice_free(back);
	notice_free(notice);
}
END_TEST

static struct notice_line *make_line(const char *target, enum state state)
{
	struct notice_line *line = notice_line_create();

	line->target = g_strdup(target);
	line->priority = PRIORITY_P2;
	line->state = state;
	line->summary = g_strdup("s");
	line->since_wall_ms = NOW - 1;
	line->incident = 4;
	return line;
}

static struct notice *make_digest(int64_t created_wall_ms)
{
	struct notice *notice = notice_create(NOTICE_KIND_DIGEST, created_wall_ms);

	notice->digest = notice_digest_create();
	notice->digest->score = 81;
	notice->digest->overall = STATE_DRIFT;
	for (int i = STATE_OK; i < STATE_COUNT; i++)
		notice->digest->count[i] = 10 + i;
	notice->digest->evaluated = 15;
	notice->digest->targets_total = 16;
	notice->digest->since_wall_ms = NOW - MS_PER_DAY;
	g_ptr_array_add(notice->digest->not_ok, make_line("service/a", STATE_DRIFT));
	notice->digest->not_ok_total = 70;
	g_ptr_array_add(notice->digest->recovered, make_line("service/b", STATE_OK));
	notice->digest->recovered_total = 60;
	return notice;
}

START_TEST(test_json_of_a_digest)
{
	struct notice *notice = make_digest(NOW);
	struct notice *back = read_back(notice);
	const struct notice_line *line = back->digest->not_ok->pdata[0];

	ck_assert_int_eq(back->digest->score, 81);
	ck_assert_int_eq(back->digest->overall, STATE_DRIFT);
	for (int i = STATE_OK; i < STATE_COUNT; i++)
		ck_assert_int_eq(back->digest->count[i], 10 + i);
	ck_assert_int_eq(back->digest->evaluated, 15);
	ck_assert_int_eq(back->digest->targets_total, 16);
	ck_assert_int_eq(back->digest->since_wall_ms, NOW - MS_PER_DAY);
	ck_assert_int_eq(back->digest->not_ok_total, 70);
	ck_assert_int_eq(back->digest->recovered_total, 60);
	ck_assert_str_eq(line->target, "service/a");
	ck_assert_int_eq(line->priority, PRIORITY_P2);
	ck_assert_int_eq(line->since_wall_ms, NOW - 1);
	ck_assert_int_eq(line->incident, 4);
	ck_assert_uint_eq(back->digest->recovered->len, 1);
	notice->digest->score = -1;
	check_stable(notice);
	notice_free(back);
	notice_free(notice);
}
END_TEST

START_TEST(test_json_of_a_test)
{
	struct notice *notice = notice_create(NOTICE_KIND_TEST, NOW);
	struct notice *back = read_back(notice);

	ck_assert_int_eq(back->kind, NOTICE_KIND_TEST);
	ck_assert_uint_eq(back->items->len, 0);
	notice_free(back);
	notice_free(notice);
}
END_TEST

/* Fill a notice with @p count incidents. */
static struct notice *make_storm(int count)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, NOW);

	for (int i = 0; i < count; i++) {
		struct notice_item *item = full_item();

		item->incident = i + 1;
		notice_add(notice, item);
	}
	return notice;
}

/* Every incident of a storm is told, in a message that the outbox takes. */
START_TEST(test_json_of_a_storm)
{
	struct notice *notice = make_storm(50000);
	g_autofree char *text = notice_to_json(notice);
	struct notice *back = notice_from_json(text, NULL);
	const struct notice_item *last;

	ck_assert_uint_lt(strlen(text), (size_t)32 * 1024 * 1024);
	ck_assert_ptr_nonnull(back);
	ck_assert_uint_eq(back->items->len, 50000);
	last = back->items->pdata[NOTICE_FULL_ITEMS_MAX - 1];
	ck_assert_uint_eq(last->commits->len, NOTICE_COMMITS_MAX);
	ck_assert_ptr_nonnull(last->deploy_command);
	last = back->items->pdata[NOTICE_FULL_ITEMS_MAX];
	ck_assert_uint_eq(last->commits->len, 0);
	ck_assert_ptr_null(last->deploy_command);
	ck_assert_ptr_null(last->reason);
	ck_assert_str_eq(last->summary, "1 commit behind");
	last = back->items->pdata[49999];
	ck_assert_int_eq(last->incident, 50000);
	ck_assert_str_eq(last->target, "service/a");
	notice_free(back);
	notice_free(notice);
}
END_TEST

#define ITEM_HEAD                                                                                  \
	"{\"kind\":\"firing\",\"items\":[{\"kind\":\"firing\",\"incident\":1,\"priority\":\"P1\"," \
	"\"cause\":\"drift\",\"status\":\"open\",\"state\":\"drift\",\"target\":\"service/a\""
#define DIGEST_HEAD "{\"kind\":\"digest\",\"items\":[],\"digest\":{\"overall\":\"ok\","
#define COUNTS "\"counts\":{\"ok\":1}"

static const struct {
	const char *text, *says; /* says NULL: good */
} decodings[] = {
	{ITEM_HEAD "}]}", NULL},
	{ITEM_HEAD ",\"unheard_of\":[1]}]}", NULL},
	{ITEM_HEAD ",\"owner\":null}]}", NULL},
	{ITEM_HEAD ",\"commits\":[{\"short_sha\":\"1\",\"subject\":\"\",\"author\":\"\"}]}]}",
	 NULL},
	{DIGEST_HEAD "\"score\":100," COUNTS "}}", NULL},
	{"{\"kind\":\"test\"}", NULL},
	{NULL, "missing"},
	{"", "empty"},
	{"[]", "no object"},
	{"{}", "kind"},
	{"{\"kind\":\"none\"}", "kind"},
	{"{\"kind\":\"firing\",\"items\":[]}", "items"},
	{"{\"kind\":\"firing\",\"items\":{}}", "items"},
	{"{\"kind\":\"firing\",\"items\":[1]}", "items"},
	{"{\"kind\":\"digest\"}", "digest"},
	{"{\"kind\":\"test\",\"digest\":{}}", "digest"},
	{"{\"kind\":\"test\",\"digest\":1}", "digest"},
	{"{\"kind\":\"test\",\"created_wall_ms\":-1}", "created_wall_ms"},
	{"{\"kind\":\"test\",\"created_wall_ms\":\"1\"}", "created_wall_ms"},
	{"{\"kind\":\"test\",\"created_wall_ms\":9223372036854775807}", "created_wall_ms"},
	{"{\"kind\":\"test\",\"folded\":1.5}", "folded"},
	{ITEM_HEAD ",\"owner\":3}]}", "owner"},
	{ITEM_HEAD ",\"owner\":\"a\\u0000b\"}]}", "owner"},
	{ITEM_HEAD ",\"reopened\":1}]}", "reopened"},
	{ITEM_HEAD ",\"commits_total\":-3}]}", "commits_total"},
	{ITEM_HEAD ",\"commits\":[{\"short_sha\":\"1\",\"subject\":\"\"}]}]}", "author"},
	{ITEM_HEAD ",\"commits\":[[]]}]}", "commits"},
	{ITEM_HEAD ",\"commits\":[{},{},{},{},{},{}]}]}", "too long"},
	{"{\"kind\":\"firing\",\"items\":[{\"kind\":\"digest\"}]}", "kind"},
	{"{\"kind\":\"firing\",\"items\":[{\"kind\":\"firing\",\"cause\":\"x\"}]}", "cause"},
	{"{\"kind\":\"firing\",\"items\":[{\"kind\":\"firing\",\"cause\":\"drift\",\"status\":1}]}",
	 "status"},
	{"{\"kind\":\"firing\",\"items\":[{\"kind\":\"firing\",\"cause\":\"drift\",\"status\":"
	 "\"open\","
	 "\"priority\":\"P3\"}]}",
	 "priority"},
	{"{\"kind\":\"firing\",\"items\":[{\"kind\":\"firing\",\"cause\":\"drift\",\"status\":"
	 "\"open\","
	 "\"priority\":\"P2\",\"state\":\"fine\"}]}",
	 "state"},
	{"{\"kind\":\"firing\",\"items\":[{\"kind\":\"firing\",\"cause\":\"drift\",\"status\":"
	 "\"open\","
	 "\"priority\":\"P2\",\"state\":\"drift\"}]}",
	 "target"},
	{"{\"kind\":\"firing\",\"items\":[{\"kind\":\"firing\",\"cause\":\"drift\",\"status\":"
	 "\"open\","
	 "\"priority\":\"P2\",\"state\":\"drift\",\"target\":\"x\"}]}",
	 "incident"},
	{"{\"kind\":\"firing\",\"items\":[{\"kind\":\"firing\",\"cause\":\"drift\",\"status\":"
	 "\"open\","
	 "\"priority\":\"P2\",\"state\":\"drift\",\"target\":\"\",\"incident\":1}]}",
	 "target"},
	{DIGEST_HEAD "\"score\":101," COUNTS "}}", "score"},
	{DIGEST_HEAD "\"score\":-2," COUNTS "}}", "score"},
	{DIGEST_HEAD COUNTS "}}", "score"},
	{DIGEST_HEAD "\"score\":1}}", "counts"},
	{DIGEST_HEAD "\"score\":1,\"counts\":{\"ok\":-1}}}", "ok"},
	{DIGEST_HEAD "\"score\":1," COUNTS ",\"not_ok\":[{}]}}", "target"},
	{DIGEST_HEAD "\"score\":1," COUNTS ",\"recovered\":3}}", "recovered"},
};

START_TEST(test_decode)
{
	g_autoptr(GError) error = NULL;
	struct notice *notice = notice_from_json(decodings[_i].text, &error);

	if (!decodings[_i].says) {
		ck_assert_msg(notice != NULL, "%s: %s", decodings[_i].text,
			      error ? error->message : "");
		check_stable(notice);
		notice_free(notice);
		return;
	}
	ck_assert_msg(notice == NULL, "%s", decodings[_i].text);
	ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
	ck_assert_msg(strstr(error->message, decodings[_i].says) != NULL, "%s: %s",
		      decodings[_i].text, error->message);
}
END_TEST

START_TEST(test_kind_is_the_most_important)
{
	static const enum notice_kind kinds[] = {NOTICE_KIND_REMINDER, NOTICE_KIND_CLOSING,
						 NOTICE_KIND_WORSE, NOTICE_KIND_FIRING};
	struct notice *notice = notice_create(NOTICE_KIND_NONE, NOW);

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		notice_add(notice, make_item(kinds[i], (int64_t)i + 1, "service/a"));
		ck_assert_int_eq(notice->kind, kinds[i]);
	}
	notice_add(notice, make_item(NOTICE_KIND_REMINDER, 9, "service/a"));
	ck_assert_int_eq(notice->kind, NOTICE_KIND_FIRING);
	for (int i = NOTICE_KIND_FIRING; i <= NOTICE_KIND_TEST; i++)
		ck_assert_int_eq(notice_kind_from_text(notice_kind_text((enum notice_kind)i)), i);
	ck_assert_int_eq(notice_kind_from_text("none"), NOTICE_KIND_NONE);
	ck_assert_int_eq(notice_kind_from_text(NULL), NOTICE_KIND_NONE);
	notice_free(notice);
}
END_TEST

START_TEST(test_incidents_json)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, NOW);
	g_autofree char *none = notice_incidents_json(notice);
	g_autofree char *some = NULL;

	ck_assert_str_eq(none, "[]");
	notice_add(notice, make_item(NOTICE_KIND_FIRING, 5, "service/a"));
	notice_add(notice, make_item(NOTICE_KIND_FIRING, 3, "service/b"));
	notice_add(notice, make_item(NOTICE_KIND_CLOSING, 5, "service/a"));
	some = notice_incidents_json(notice);
	ck_assert_str_eq(some, "[5,3]");
	notice_free(notice);
}
END_TEST

static void free_notice(gpointer notice)
{
	notice_free(notice);
}

/* One notice of one item each: incidents 1, 2, 3, … @p incidents, over and over. */
static GPtrArray *many_notices(int count, int incidents)
{
	GPtrArray *notices = g_ptr_array_new_with_free_func(free_notice);

	for (int i = 0; i < count; i++) {
		struct notice *notice = notice_create(NOTICE_KIND_NONE, NOW + i);
		bool last = i + incidents >= count;

		notice_add(notice, make_item(last ? NOTICE_KIND_CLOSING : NOTICE_KIND_FIRING,
					     i % incidents + 1, "service/a"));
		g_ptr_array_add(notices, notice);
	}
	return notices;
}

static const struct {
	int notices, incidents;
	guint want;
} folds[] = {
	{1, 1, 1},
	{25, 5, 25},
	{NOTICE_ITEMS_MAX - 1, 10, NOTICE_ITEMS_MAX - 1},
	{NOTICE_ITEMS_MAX, 10, NOTICE_ITEMS_MAX},
	{NOTICE_ITEMS_MAX + 1, 10, 10},
	{10000, 3000, 3000},
	{10000, 10000, 10000},
};

START_TEST(test_fold)
{
	g_autoptr(GPtrArray) notices = many_notices(folds[_i].notices, folds[_i].incidents);
	struct notice *folded = notice_fold(notices);
	const struct notice_item *last;

	ck_assert_uint_eq(folded->items->len, folds[_i].want);
	ck_assert_int_eq(folded->folded, folds[_i].notices);
	ck_assert_int_eq(folded->created_wall_ms, NOW);
	last = folded->items->pdata[folded->items->len - 1];
	ck_assert_int_eq(last->incident, (folds[_i].notices - 1) % folds[_i].incidents + 1);
	ck_assert_int_eq(last->kind, NOTICE_KIND_CLOSING);
	if (folds[_i].want == (guint)folds[_i].incidents) { /* the last of each, in order */
		for (guint i = 0; i < folded->items->len; i++)
			ck_assert_int_eq(
				((const struct notice_item *)folded->items->pdata[i])->kind,
				NOTICE_KIND_CLOSING);
		ck_assert_int_eq(folded->kind, NOTICE_KIND_CLOSING);
	} else {
		ck_assert_int_eq(folded->kind, NOTICE_KIND_FIRING);
	}
	notice_free(folded);
}
END_TEST

START_TEST(test_fold_keeps_all_fields)
{
	g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(free_notice);
	struct notice *notice = notice_create(NOTICE_KIND_NONE, NOW);
	struct notice *folded;
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;

	notice_add(notice, full_item());
	before = notice_to_json(notice);
	g_ptr_array_add(notices, notice);
	folded = notice_fold(notices);
	folded->folded = 0;
	after = notice_to_json(folded);
	ck_assert_str_eq(before, after);
	notice_free(folded);
}
END_TEST

START_TEST(test_fold_of_folded_and_digests)
{
	g_autoptr(GPtrArray) notices = many_notices(2, 2);
	struct notice *digest = make_digest(NOW + 1);
	struct notice *folded;

	((struct notice *)notices->pdata[0])->folded = 20;
	digest->digest->score = 33;
	g_ptr_array_add(notices, make_digest(NOW));
	g_ptr_array_add(notices, digest);
	folded = notice_fold(notices);
	ck_assert_int_eq(folded->folded, 23);
	ck_assert_ptr_null(folded->digest);
	ck_assert_uint_eq(folded->items->len, 2);
	check_stable(folded);
	notice_free(folded);
	g_ptr_array_remove_range(notices, 0, 2);
	folded = notice_fold(notices);
	ck_assert_int_eq(folded->kind, NOTICE_KIND_DIGEST);
	ck_assert_int_eq(folded->digest->score, 33);
	check_stable(folded);
	notice_free(folded);
}
END_TEST

START_TEST(test_fold_of_tests)
{
	g_autoptr(GPtrArray) notices = g_ptr_array_new_with_free_func(free_notice);
	struct notice *folded;

	g_ptr_array_add(notices, notice_create(NOTICE_KIND_TEST, NOW));
	g_ptr_array_add(notices, notice_create(NOTICE_KIND_TEST, NOW));
	folded = notice_fold(notices);
	ck_assert_int_eq(folded->kind, NOTICE_KIND_TEST);
	check_stable(folded);
	notice_free(folded);
}
END_TEST

static struct notice_item *caused(enum notice_kind kind, int64_t incident, const char *key)
{
	struct notice_item *item = make_item(kind, incident, "service/a");

	item->cause_key = g_strdup(key);
	return item;
}

/* "1,3 2 4": incidents of each group. */
static char *groups_text(const struct notice *notice)
{
	g_autoptr(GPtrArray) groups = notice_groups(notice);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < groups->len; i++) {
		const GPtrArray *group = groups->pdata[i];

		for (guint j = 0; j < group->len; j++)
			g_string_append_printf(
				text, "%s%" PRId64,
				j > 0   ? ","
				: i > 0 ? " "
					: "",
				((const struct notice_item *)group->pdata[j])->incident);
	}
	return g_string_free(text, FALSE);
}

START_TEST(L26_grouped_by_cause)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, NOW);
	g_autofree char *text = NULL;

	notice_add(notice, caused(NOTICE_KIND_FIRING, 1, "x"));
	notice_add(notice, caused(NOTICE_KIND_FIRING, 2, NULL));
	notice_add(notice, caused(NOTICE_KIND_FIRING, 3, "y"));
	notice_add(notice, caused(NOTICE_KIND_FIRING, 4, "x"));
	notice_add(notice, caused(NOTICE_KIND_REMINDER, 5, "x"));
	notice_add(notice, caused(NOTICE_KIND_FIRING, 6, NULL));
	notice_add(notice, caused(NOTICE_KIND_FIRING, 7, "x"));
	text = groups_text(notice);
	ck_assert_str_eq(text, "1,4,7 2 3 5 6");
	notice_free(notice);
}
END_TEST

START_TEST(test_text)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, NOW);
	struct notice *digest = make_digest(NOW);
	struct notice *test = notice_create(NOTICE_KIND_TEST, NOW);
	g_autofree char *one = NULL;
	g_autofree char *many = NULL;
	g_autofree char *of_digest = notice_text(digest);
	g_autofree char *of_test = notice_text(test);

	notice_add(notice, make_item(NOTICE_KIND_CLOSING, 1, "service/a"));
	one = notice_text(notice);
	ck_assert_str_eq(one, "1 closing: service/a");
	for (int i = 0; i < 6; i++)
		notice_add(notice, make_item(NOTICE_KIND_FIRING, i, "service/b"));
	notice->folded = 25;
	many = notice_text(notice);
	ck_assert_str_eq(many, "6 firing, 1 closing: service/a, service/b, service/b, service/b, "
			       "service/b and 2 more (of 25 messages)");
	ck_assert_str_eq(of_digest, "digest: score 81, 70 not ok, 60 recovered");
	ck_assert_str_eq(of_test, "test");
	notice_free(notice);
	notice_free(digest);
	notice_free(test);
}
END_TEST

Suite *notice_suite(void)
{
	Suite *suite = suite_create("notice");
	TCase *tcase = tcase_create("notice");

	tcase_set_timeout(tcase, 60); /* 50,000 items, also under sanitizers */
	tcase_add_test(tcase, test_json_of_all_fields);
	tcase_add_test(tcase, test_json_of_a_digest);
	tcase_add_test(tcase, test_json_of_a_test);
	tcase_add_test(tcase, test_json_of_a_storm);
	tcase_add_loop_test(tcase, test_decode, 0, G_N_ELEMENTS(decodings));
	tcase_add_test(tcase, test_kind_is_the_most_important);
	tcase_add_test(tcase, test_incidents_json);
	tcase_add_loop_test(tcase, test_fold, 0, G_N_ELEMENTS(folds));
	tcase_add_test(tcase, test_fold_keeps_all_fields);
	tcase_add_test(tcase, test_fold_of_folded_and_digests);
	tcase_add_test(tcase, test_fold_of_tests);
	tcase_add_test(tcase, L26_grouped_by_cause);
	tcase_add_test(tcase, test_text);
	suite_add_tcase(suite, tcase);
	return suite;
}
