/* data_life_changes - what changes of the configuration, and of the files that are part of it, do to verdicts about data: reloads,
 * pauses, seasons, definitions. A part of test_data_life.c. */
#include "tests/integration/data_life.h"

#include "clk.h"
#include "schedule.h"
#include "timefmt.h"

#include <string.h>

static struct life life;

static void setup(void)
{
	life_open(&life);
}

static void teardown(void)
{
	life_close(&life);
}

static void write_file(const char *name, const char *text)
{
	g_autofree char *path = world_path(life.world, name);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void reload_with(const char *old, const char *new)
{
	config_replace(life.config, old, new);
	lab_reload(life.world, life.config);
	world_cycle(life.world);
}

/* --- another definition --- */

/* What the old schedule counted as met is not met by the new one: a load of an hour ago is no load of the last 5 min. */
START_TEST(what_was_met_under_another_schedule_is_not_carried)
{
	bool pauses = _i == 1;

	life_add_orders(&life, "now-1h", "expected = 0 0 1 1 * UTC\ngrace = 1m\nevery = 1h");
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "table/orders", "ok", NULL);
	if (pauses) {
		reload_with("every = 1h", "every = 1h\npaused = it is being moved");
		expect_any_state(life.world, "table/orders", "paused", NULL);
	}
	reload_with("expected = 0 0 1 1 * UTC", "expected = */5 * * * * UTC");
	if (pauses) {
		expect_any_state(life.world, "table/orders", "paused", NULL);
		reload_with("\npaused = it is being moved", "");
	}
	expect_any_state(life.world, "table/orders", "drift", "late");
}
END_TEST

static bool is_confirmed(void *data)
{
	g_autoptr(struct_answer) target = NULL;

	(void)data;
	world_cycle(life.world);
	target = world_any_target(life.world, "table/orders");
	return strcmp(json_text_at(target->json, "state"), "drift") == 0;
}

START_TEST(confirmations_of_another_table_do_not_count)
{
	g_autoptr(struct_answer) target = NULL;

	life_add_orders(&life, "now-90d", "error-after = 1h\nconfirm = 3\nevery = 2s");
	lab_put(life.world, "acme-prod.shop.returns", "now-90d");
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "table/orders", "pending", "stale");
	ck_assert(wait_until(is_confirmed, NULL, SOON_MS));
	reload_with("shop.orders", "shop.returns");
	target = world_any_target(life.world, "table/orders");
	ck_assert_str_eq(json_text_at(target->json, "state"), "pending");
	ck_assert_int_eq(json_int_at(target->json, "confirmations"), 1);
}
END_TEST

/* "0 H * * *" of the hour before this one. Caller frees. */
static char *an_hour_ago(void)
{
	return g_strdup_printf("table = shop.orders\nexpected = 0 %d * * * UTC\ngrace = 5m\n"
			       "holidays = holidays.txt\nevery = 1h",
			       (int)((clk_wall_ms() / MS_PER_HOUR + 22) % 24)); /* an hour */
}

/* Loaded twice around its instant two days ago: the second counts for the next one, which the file puts into the future. */
START_TEST(holidays_that_are_corrected_make_it_late_at_once)
{
	g_autofree char *lines = an_hour_ago();
	g_autofree char *today = schedule_date(clk_wall_ms() - 2 * MS_PER_HOUR, "UTC", 0);
	g_autofree char *yesterday = schedule_date(clk_wall_ms() - 2 * MS_PER_HOUR, "UTC", -1);
	g_autofree char *both = g_strdup_printf("%s\n%s\n", yesterday, today);

	write_file("holidays.txt", both);
	lab_put(life.world, "acme-prod.shop.orders", "now-51h");
	lab_add(life.config, "orders", lines);
	lab_begin(life.world, life.config);
	lab_put(life.world, "acme-prod.shop.orders", "now-48h");
	world_cycle(life.world);
	expect_any_state(life.world, "table/orders", "ok", NULL);
	write_file("holidays.txt", "2020-01-01\n");
	lab_reload(life.world, life.config);
	world_cycle(life.world);
	expect_any_state(life.world, "table/orders", "drift", "late");
}
END_TEST

static bool was_asked(void *data)
{
	(void)data;
	return cloud_bigquery(life.world, "queries") > 0;
}

START_TEST(a_shorter_every_counts_at_once)
{
	life_add_orders(&life, "now-1h", BY_COLUMN "every = 6h");
	lab_begin(life.world, life.config);
	cloud_clear_log(life.world);
	config_replace(life.config, "every = 6h", "every = 2s");
	lab_reload(life.world, life.config);
	ck_assert_msg(wait_until(was_asked, NULL, SOON_MS), "it waits for the old interval");
}
END_TEST

#define INVENTORY "inventory/warehouse"

static char *snapshot(void)
{
	static const char *const arguments[] = {"snapshot", INVENTORY, "-c", "driftd.ini", NULL};
	g_autofree char *path = world_path(life.world, "warehouse.objects");
	struct run run = world_run(life.world, arguments);
	char *text = NULL;

	ck_assert_msg(run.status == 0, "%s", run.output);
	run_clear(&run);
	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

/* A billed inventory that is not asked again for hours: another file is another question. */
START_TEST(an_expect_file_that_changed_is_seen)
{
	static const char *const check[] = {"check", "-c", "driftd.ini", NULL};
	g_autofree char *agreed = NULL, *more = NULL;
	struct run run = {0};

	lab_put(life.world, "acme-prod.shop.orders", "now-1h");
	lab_put(life.world, "acme-prod.shop.gone", "now-1h");
	g_string_append(life.config,
			"[inventory \"warehouse\"]\nsource = bigquery\ndataset = shop\n"
			"expect-file = warehouse.objects\nevery = 6h\n");
	world_configure(life.world, life.config->str);
	more = snapshot();
	cloud_drop_table(life.world, "acme-prod.shop.gone");
	agreed = snapshot();
	lab_begin(life.world, life.config);
	expect_any_state(life.world, INVENTORY, "ok", NULL);
	write_file("warehouse.objects", more);
	lab_reload(life.world, life.config);
	world_cycle(life.world);
	expect_any_state(life.world, INVENTORY, "drift", "object_missing");
	ck_assert_int_eq(world_stop(life.world), 0);
	write_file("warehouse.objects", agreed);
	world_start(life.world);
	world_cycle(life.world);
	expect_any_state(life.world, INVENTORY, "ok", NULL);
	ck_assert_int_eq(world_stop(life.world), 0);
	write_file("warehouse.objects", more);
	run = world_run(life.world, check);
	ck_assert_msg(strstr(run.output, "1 drift"), "%s", run.output);
	run_clear(&run);
}
END_TEST

/* --- pauses and seasons --- */

static char *paused_until(int64_t wall_ms)
{
	g_autofree char *date = schedule_date(wall_ms, "UTC", 0);

	return g_strdup_printf("paused = moving until %s", date);
}

START_TEST(a_longer_pause_needs_no_look)
{
	int64_t now = clk_wall_ms();
	g_autofree char *soon = paused_until(now + MS_PER_DAY);
	g_autofree char *later = paused_until(now + 30 * MS_PER_DAY);
	g_autofree char *date = schedule_date(now + 31 * MS_PER_DAY, "UTC", 0);
	g_autofree char *end = g_strconcat(date, "T00:00:00Z", NULL);
	g_autofree char *lines = g_strconcat(BY_COLUMN "every = 6h\n", soon, NULL);

	if (!lab_take_clock(life.world, life.config))
		return;
	config_replace(life.config, "check-interval", "timezone = UTC\ncheck-interval");
	life_add_orders(&life, "now-1h", lines);
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "table/orders", "paused", NULL);
	reload_with(soon, later);
	life_expect_text(&life, "table/orders", "changes_at", end);
	life_set_ahead(&life, 3 * A_DAY);
	ck_assert_int_le(life_count_cycles(&life, 2500), 2);
	expect_any_state(life.world, "table/orders", "paused", NULL);
	world_cycle(life.world);
	expect_any_state(life.world, "table/orders", "paused", NULL);
	ck_assert_int_eq(cloud_bigquery(life.world, "queries"), 0);
	life.world->environment = NULL;
}
END_TEST

/* What was seen of it before the pause is no news, whatever it was. */
START_TEST(a_paused_table_gives_no_evidence)
{
	life_add_orders(&life, "now-90d", "error-after = 1h\nevery = 1h");
	life_add_completion(&life, "done", "every = 1h");
	life_put_document(&life, "done", "success", "success");
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "completion/done", "drift", "silent_write_failure");
	reload_with("error-after = 1h", "error-after = 1h\npaused = being moved");
	for (int i = 0; i < 2; i++) { /* also for the next process */
		g_autoptr(struct_answer) target = world_any_target(life.world, "completion/done");

		expect_any_state(life.world, "table/orders", "paused", NULL);
		ck_assert_str_ne(json_text_at(target->json, "state"), "drift");
		ck_assert_ptr_null(find_reason(target, "silent_write_failure"));
		lab_expect_said(life.world, "completion/done", "paused");
		ck_assert_int_eq(world_stop(life.world), 0);
		world_start(life.world);
		world_cycle(life.world);
	}
}
END_TEST

START_TEST(a_table_out_of_season_is_no_fresh_one)
{
	cloud_table(life.world, "acme-prod.shop.season", "{" LOADED_SCHEMA ",\"rows\":[]}");
	life_add_orders(&life, "now-90d",
			"error-after = 1h\nevery = 6h\n"
			"active-when = SELECT COUNT(*) > 0 FROM `acme-prod.shop.season`");
	life_add_completion(&life, "undone", "every = 1h");
	life_put_document(&life, "undone", "failed", "success");
	lab_begin(life.world, life.config);
	for (int i = 0; i < 2; i++) { /* also for the next process, that does not ask again */
		expect_any_state(life.world, "table/orders", "ok", "not_due");
		expect_any_state(life.world, "completion/undone", "drift", "incomplete");
		ck_assert_int_eq(world_stop(life.world), 0);
		cloud_clear_log(life.world);
		world_start(life.world);
		world_cycle(life.world);
		ck_assert_int_eq(cloud_bigquery(life.world, "queries"), 0);
	}
}
END_TEST

void life_add_changes(Suite *suite)
{
	TCase *definitions = harness_case(suite, "definitions", setup, teardown, 120);
	TCase *pauses = harness_case(suite, "pauses", setup, teardown, 120);

	tcase_add_loop_test(definitions, what_was_met_under_another_schedule_is_not_carried, 0, 2);
	tcase_add_test(definitions, confirmations_of_another_table_do_not_count);
	tcase_add_test(definitions, holidays_that_are_corrected_make_it_late_at_once);
	tcase_add_test(definitions, a_shorter_every_counts_at_once);
	tcase_add_test(definitions, an_expect_file_that_changed_is_seen);
	tcase_add_test(pauses, a_longer_pause_needs_no_look);
	tcase_add_test(pauses, a_paused_table_gives_no_evidence);
	tcase_add_test(pauses, a_table_out_of_season_is_no_fresh_one);
}
