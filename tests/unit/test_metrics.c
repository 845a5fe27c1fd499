#include <check.h>
#include <string.h>

#include "api/metrics.h"
#include "api_fixture.h"
#include "data_fixture.h"

Suite *metrics_suite(void);

static char *render(struct snapshot_input *input)
{
	struct snapshot *snapshot = snapshot_create(input);
	struct app *app = fixture_app(NULL);
	char *process = metrics_render_process(app);
	char *text = g_strconcat(process, snapshot->metrics.bytes, NULL);

	g_free(process);
	app_free(app);
	snapshot_unref(snapshot);
	return text;
}

static char *render_world(void)
{
	struct snapshot_input *input = fixture_world();
	struct http_account *account = g_new0(struct http_account, 1);

	*account = (struct http_account){g_strdup("run"), g_strdup("200"), 6, 1812, 402113};
	g_ptr_array_add(input->accounts, account);
	input->database_bytes = 4096;
	input->cycle_failures_total = 1;
	return render(input);
}

static char *render_data_world(void)
{
	struct snapshot_input *input = data_fixture_world();
	struct snapshot_spent *spent = g_new0(struct snapshot_spent, 1);

	spent->gcp = g_strdup("a\"b");
	spent->bytes = 20971520;
	g_ptr_array_add(input->spent, spent);
	return render(input);
}

static const char *const data_lines[] = {
	"driftd_target_state{target=\"table/scores\",priority=\"P0\"} 3",
	"driftd_target_state{target=\"table/events\",priority=\"P0\"} 0",
	"driftd_table_age_seconds{target=\"table/scores\",priority=\"P0\"} 93600",
	"driftd_table_rows{target=\"table/scores\",priority=\"P0\"} 51233",
	"driftd_table_last_load_timestamp_seconds{target=\"table/scores\",priority=\"P0\"} "
	"1795078803",
	"driftd_target_bytes_billed{target=\"table/scores\",priority=\"P0\"} 10485760",
	"driftd_target_bytes_billed{target=\"assert/range\",priority=\"P0\"} 10485760",
	"driftd_inventory_differences{target=\"inventory/warehouse\",priority=\"P0\",change="
	"\"missing\"} 1",
	"driftd_inventory_differences{target=\"inventory/warehouse\",priority=\"P0\",change="
	"\"unexpected\"} 1",
	"driftd_inventory_differences{target=\"inventory/warehouse\",priority=\"P0\",change="
	"\"changed\"} 1",
	"driftd_assertion_rows{target=\"assert/range\",priority=\"P0\"} 21",
	"driftd_backup_age_seconds{target=\"backup/captions\",priority=\"P0\"} 126000",
	"driftd_bytes_billed_today{gcp=\"a\\\"b\"} 20971520",
};

START_TEST(test_value_of_data)
{
	g_autofree char *text = render_data_world();
	g_autofree char *line = g_strconcat("\n", data_lines[_i], "\n", NULL);

	ck_assert_msg(strstr(text, line), "%s\nis not in\n%.8000s", data_lines[_i], text);
}
END_TEST

static const char *const data_families[] = {
	"driftd_table_",  "driftd_target_bytes_billed", "driftd_inventory_", "driftd_assertion_",
	"driftd_backup_", "driftd_bytes_billed_today",
};

/* An age of a backup is none of a table, and the other way round. */
START_TEST(test_each_kind_has_its_own)
{
	static const char *const absent[] = {
		"driftd_table_age_seconds{target=\"backup/",
		"driftd_backup_age_seconds{target=\"table/",
		"driftd_target_bytes_billed{target=\"backup/",
		"driftd_target_bytes_billed{target=\"service/",
	};
	g_autofree char *text = render_data_world();

	ck_assert_ptr_null(strstr(text, absent[_i]));
}
END_TEST

/* Who watches services only hears nothing of tables. */
START_TEST(test_no_data_no_families)
{
	g_autofree char *text = render_world();

	ck_assert_ptr_null(strstr(text, data_families[_i]));
}
END_TEST

/* What was seen last is no number to go by. */
START_TEST(L04_unknown_has_no_age)
{
	struct snapshot_input *input = data_fixture_world();
	g_autofree char *text = NULL;

	input->generated_mono_ms += MS_PER_DAY; /* all have expired */
	text = render(input);
	ck_assert_ptr_nonnull(strstr(text, "driftd_target_state{target=\"table/scores\","
					   "priority=\"P0\"} 2\n"));
	for (size_t i = 0; i < G_N_ELEMENTS(data_families); i++)
		ck_assert_msg(!strstr(text, data_families[i]), "%s", data_families[i]);
}
END_TEST

static const char *const lines[] = {
	"driftd_targets{state=\"ok\"} 1",
	"driftd_targets{state=\"pending\"} 1",
	"driftd_targets{state=\"unknown\"} 1",
	"driftd_targets{state=\"drift\"} 1",
	"driftd_targets{state=\"paused\"} 1",
	"driftd_evaluated 3",
	"driftd_overall_state 3",
	"driftd_score_ratio 0.42",
	"driftd_target_state{target=\"service/web\",priority=\"P0\"} 0",
	"driftd_target_state{target=\"service/billing\",priority=\"P1\"} 1",
	"driftd_target_state{target=\"service/api\",priority=\"P1\"} 2",
	"driftd_target_state{target=\"service/worker\",priority=\"P0\"} 3",
	"driftd_target_state{target=\"service/old\",priority=\"P2\"} -1",
	"driftd_target_behind_commits{target=\"service/worker\",priority=\"P0\"} 4",
	"driftd_target_behind_commits{target=\"service/web\",priority=\"P0\"} 0",
	"driftd_target_behind_seconds{target=\"service/worker\",priority=\"P0\"} 7200",
	("driftd_target_observed_timestamp_seconds"
	 "{target=\"service/web\",priority=\"P0\"} 1795172343"),
	"driftd_repo_up{repo=\"main\"} 1",
	"driftd_repo_fetched_timestamp_seconds{repo=\"main\"} 1795172343",
	"driftd_api_calls_total{api=\"run\",outcome=\"200\"} 6",
	"driftd_api_call_seconds_total{api=\"run\",outcome=\"200\"} 1.812",
	"driftd_api_received_bytes_total{api=\"run\",outcome=\"200\"} 402113",
	"driftd_checks_total 7",
	"driftd_check_failures_total 1",
	"driftd_check_duration_seconds 0.412",
	"driftd_check_last_timestamp_seconds 1795172402",
	"driftd_database_bytes 4096",
	"driftd_waiters 0",
	"driftd_config_error 0",
	"process_start_time_seconds 1795172403",
};

START_TEST(test_value)
{
	g_autofree char *text = render_world();
	g_autofree char *line = g_strconcat("\n", lines[_i], "\n", NULL);

	ck_assert_msg(strstr(text, line), "%s\nis not in\n%.4000s", lines[_i], text);
}
END_TEST

/* Could not tell: no number rather than a good one. */
START_TEST(L04_unknown_has_no_commits_behind)
{
	g_autofree char *text = render_world();

	ck_assert_ptr_null(strstr(text, "behind_commits{target=\"service/api\""));
	ck_assert_ptr_null(strstr(text, "behind_seconds{target=\"service/api\""));
}
END_TEST

/* The name of the family a sample line belongs to. */
static char *name_of(const char *line)
{
	return g_strndup(line, strcspn(line, "{ "));
}

static void check_sample(const char *line)
{
	const char *value = strrchr(line, ' ');
	char *end = NULL;

	ck_assert_msg(value, "%s", line);
	(void)g_ascii_strtod(value + 1, &end);
	ck_assert_msg(end && end > value + 1 && !*end, "%s", line);
}

/* The format's rules (API-FACTS K.1): families in one piece, HELP and TYPE once and first, no
 * sample twice, names and counters as they should be. */
START_TEST(test_format)
{
	g_autofree char *text = _i == 0 ? render_world() : render_data_world();
	g_auto(GStrv) split = g_strsplit(text, "\n", -1);
	g_autoptr(GHashTable) families =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) samples =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *current = NULL;
	guint count = g_strv_length(split);

	ck_assert(g_str_has_suffix(text, "\n"));
	ck_assert(g_utf8_validate(text, -1, NULL));
	for (guint i = 0; i + 1 < count; i++) {
		g_auto(GStrv) words = g_strsplit(split[i], " ", 4);

		if (strcmp(words[0], "#") != 0) {
			g_autofree char *name = name_of(split[i]);

			ck_assert_str_eq(name, current);
			check_sample(split[i]);
			ck_assert_msg(
				g_hash_table_add(samples, g_strndup(split[i],
								    (gsize)(strrchr(split[i], ' ') -
									    split[i]))),
				"twice: %s", split[i]);
			continue;
		}
		if (strcmp(words[1], "HELP") == 0) {
			ck_assert_msg(g_hash_table_add(families, g_strdup(words[2])), "twice: %s",
				      words[2]);
			g_free(current);
			current = g_strdup(words[2]);
			ck_assert(strlen(words[3]) > 0);
			continue;
		}
		ck_assert_str_eq(words[1], "TYPE");
		ck_assert_str_eq(words[2], current);
		ck_assert_int_eq(strcmp(words[3], "counter") == 0,
				 g_str_has_suffix(current, "_total"));
	}
	ck_assert_uint_gt(g_hash_table_size(families), 20);
}
END_TEST

START_TEST(test_labels_are_escaped)
{
	GString *text = g_string_new(NULL);

	metrics_append_label(text, "a\"b\\c\nd");
	ck_assert_str_eq(text->str, "a\\\"b\\\\c\\nd");
	g_string_free(text, TRUE);
}
END_TEST

/* A label that changed with every commit would make a new series each time. */
START_TEST(test_no_commit_id)
{
	g_autofree char *text = render_world();

	ck_assert_ptr_null(strstr(text, "00000abc"));
	ck_assert_ptr_null(strstr(text, "18f6ecfe"));
}
END_TEST

START_TEST(test_failed_fetch)
{
	struct snapshot_input *input = fixture_world();
	struct repo_status *repo = input->repos->pdata[0];
	g_autofree char *text = NULL;

	repo->error = g_strdup("host away");
	text = render(input);
	ck_assert_ptr_nonnull(strstr(text, "driftd_repo_up{repo=\"main\"} 0\n"));
}
END_TEST

Suite *metrics_suite(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_add_loop_test(tcase, test_value, 0, G_N_ELEMENTS(lines));
	tcase_add_test(tcase, L04_unknown_has_no_commits_behind);
	tcase_add_loop_test(tcase, test_value_of_data, 0, G_N_ELEMENTS(data_lines));
	tcase_add_loop_test(tcase, test_each_kind_has_its_own, 0, 4);
	tcase_add_loop_test(tcase, test_no_data_no_families, 0, G_N_ELEMENTS(data_families));
	tcase_add_test(tcase, L04_unknown_has_no_age);
	tcase_add_loop_test(tcase, test_format, 0, 2);
	tcase_add_test(tcase, test_labels_are_escaped);
	tcase_add_test(tcase, test_no_commit_id);
	tcase_add_test(tcase, test_failed_fetch);
	suite_add_tcase(suite, tcase);
	return suite;
}
