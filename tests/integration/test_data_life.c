/* data-life - what a restart leaves of verdicts about data, what a stop in the middle leaves of what was spent, and looks that
 * fail; data_life_changes.c: what a reload leaves. DESIGN 3, 7 and 10. */
#include "tests/integration/data_life.h"

#include "clk.h"
#include "timefmt.h"

#include <poll.h>
#include <string.h>

Suite *data_life_suite(void);

static struct life life;

/* --- shared by the parts --- */

void life_open(struct life *opened)
{
	opened->world = world_create();
	opened->config = lab_config(opened->world, "");
}

void life_close(struct life *closed)
{
	world_free(closed->world);
	g_string_free(closed->config, TRUE);
}

void life_add_orders(struct life *to, const char *loaded, const char *lines)
{
	g_autofree char *text = g_strconcat("table = shop.orders\n", lines, NULL);

	lab_put(to->world, "acme-prod.shop.orders", loaded);
	lab_add(to->config, "orders", text);
}

void life_add_completion(struct life *to, const char *name, const char *lines)
{
	g_string_append_printf(to->config,
			       "[completion \"%s\"]\ndocument = n/%s\nexpect = orders\n"
			       "expect = stock\ndone = status=success\n"
			       "evidence = orders table/orders\n%s\n\n",
			       name, name, lines);
}

void life_put_document(const struct life *of, const char *name, const char *orders,
		       const char *stock)
{
	g_autofree char *path = g_strconcat("n/", name, NULL);

	cloud_document(of->world, path,
		       "{\"orders\":{\"status\":\"%s\"},\"stock\":{\"status\":\"%s\"}}", orders,
		       stock);
}

struct state_wait {
	const struct life *life;
	const char *id, *state;
};

static bool is_in_state(void *data)
{
	const struct state_wait *wait = data;
	g_autoptr(struct_answer) target = world_any_target(wait->life->world, wait->id);

	return strcmp(json_text_at(target->json, "state"), wait->state) == 0;
}

void life_wait_for(const struct life *of, const char *id, const char *state)
{
	struct state_wait wait = {of, id, state};

	if (!wait_until(is_in_state, &wait, SOON_MS))
		expect_any_state(of->world, id, state, NULL);
}

static int64_t last_cycle(const struct life *of)
{
	g_autoptr(struct_answer) status = world_get(of->world, "/status");

	return json_int_at(status->json, "check.id");
}

int64_t life_count_cycles(const struct life *of, int ms)
{
	int64_t first = last_cycle(of);

	(void)poll(NULL, 0, ms); /* nothing is to happen: there is no event to wait for */
	return last_cycle(of) - first;
}

void life_expect_text(const struct life *of, const char *id, const char *member, const char *text)
{
	g_autoptr(struct_answer) target = world_any_target(of->world, id);

	ck_assert_str_eq(json_text_at(target->json, member), text);
}

void life_set_ahead(const struct life *of, int64_t ahead_s)
{
	g_autofree char *offset = g_strdup_printf("%+" PRId64, ahead_s);

	world_set_clock(of->world, offset);
}

/* --- restarts --- */

static void setup(void)
{
	life_open(&life);
}

static void teardown(void)
{
	life_close(&life);
}

/* By the operator, or without a word. */
static void restart(bool crash)
{
	if (crash)
		world_kill(life.world);
	else
		ck_assert_int_eq(world_stop(life.world), 0);
	world_configure(life.world, life.config->str);
	world_start(life.world);
}

/* The table is billed: it is not asked again, and what was found of it speaks for the document. */
START_TEST(a_completion_goes_on_with_what_was_found_before)
{
	life_add_orders(&life, "now-1h", BY_COLUMN "error-after = 24h");
	life_add_completion(&life, "night", "every = 1s");
	life_put_document(&life, "night", "success", "success");
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "completion/night", "ok", NULL);
	cloud_clear_log(life.world);
	restart(_i == 1);
	world_cycle(life.world);
	expect_any_state(life.world, "completion/night", "ok", NULL);
	life_put_document(&life, "night", "success", "failed");
	life_wait_for(&life, "completion/night", "drift");
	expect_any_state(life.world, "completion/night", "drift", "incomplete");
	life_put_document(&life, "night", "failed", "success");
	life_wait_for(&life, "completion/night", "pending");
	expect_any_state(life.world, "completion/night", "pending", "tracking_gap");
	ck_assert_int_eq(cloud_bigquery(life.world, "queries"), 0);
}
END_TEST

/* It expires after 3 s; what it rests on, after 90 min. */
START_TEST(a_completion_outlives_its_own_expiry_after_a_restart)
{
	int64_t end_mono_ms = 0;

	life_add_orders(&life, "now-1h", BY_COLUMN "error-after = 24h");
	life_add_completion(&life, "night", "every = 1s");
	life_put_document(&life, "night", "success", "success");
	lab_begin(life.world, life.config);
	restart(false);
	world_cycle(life.world);
	for (end_mono_ms = clk_mono_ms() + 4500; clk_mono_ms() < end_mono_ms;)
		ck_assert_int_le(life_count_cycles(&life, 500), 3);
	expect_any_state(life.world, "completion/night", "ok", NULL);
}
END_TEST

/* The document of a schedule: something changes at an instant, and no table is asked then. */
START_TEST(an_instant_after_a_restart_makes_no_busy_loop)
{
	int64_t due_s = (clk_wall_ms() / MS_PER_MINUTE + 60) * 60;
	int64_t ahead_s = due_s - clk_wall_ms() / MS_PER_S;
	g_autofree char *lines =
		g_strdup_printf("expected = %d %d * * * UTC\ngrace = 1h", (int)(due_s / 60 % 60),
				(int)(due_s / AN_HOUR % 24)); /* of a day: small */

	if (!lab_take_clock(life.world, life.config))
		return;
	config_replace(life.config, "check-interval = 1h", "check-interval = 12h");
	life_add_orders(&life, "now-1h", BY_COLUMN "error-after = 24h\nevery = 12h");
	life_add_completion(&life, "night", lines);
	life_put_document(&life, "night", "success", "success");
	life_set_ahead(&life, ahead_s - 600);
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "completion/night", "ok", NULL);
	restart(false);
	world_cycle(life.world);
	life_set_ahead(&life, ahead_s + 600);
	world_cycle(life.world);
	ck_assert_int_le(life_count_cycles(&life, 2500), 1);
	expect_any_state(life.world, "completion/night", "ok", NULL);
	life.world->environment = NULL;
}
END_TEST

static const struct {
	int64_t limit_s; /* of age */
	const char *state;
} limits[] = {
	{AN_HOUR + AN_HOUR / 2, "pending"},
	{2 * AN_HOUR, "drift"},
};

/* Without what was seen it cannot be judged again: it is looked at when the clock has something to say. */
START_TEST(a_table_gets_stale_on_time_after_a_restart)
{
	if (!lab_take_clock(life.world, life.config))
		return;
	life_add_orders(&life, "now-1h",
			BY_COLUMN "warn-after = 90m\nerror-after = 2h\nevery = 6h");
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "table/orders", "ok", NULL);
	ck_assert_int_eq(world_stop(life.world), 0);
	cloud_clear_log(life.world);
	life_set_ahead(&life, limits[0].limit_s - AN_HOUR - 3);
	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		life_set_ahead(&life, limits[i].limit_s - AN_HOUR - 3);
		world_start(life.world);
		life_wait_for(&life, "table/orders", limits[i].state);
		ck_assert_int_eq(world_stop(life.world), 0);
	}
	/* and nothing was paid for but those two looks */
	ck_assert_int_le(cloud_bigquery(life.world, "queries"), 2);
	life.world->environment = NULL;
}
END_TEST

/* What the configuration says of a table needs no look that is paid for. */
START_TEST(a_restart_takes_up_who_a_table_is_for)
{
	life_add_orders(&life, "now-30h", BY_COLUMN "error-after = 24h\nevery = 6h\npriority = P2");
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "table/orders", "drift", "stale");
	cloud_clear_log(life.world);
	config_replace(life.config, "priority = P2", "priority = P0\nowner = data-team");
	restart(_i == 1);
	life_expect_text(&life, "table/orders", "priority", "P0");
	life_expect_text(&life, "table/orders", "owner", "data-team");
	expect_any_state(life.world, "table/orders", "drift", "stale");
	config_replace(life.config, "priority = P0", "paused = being moved\npriority = P1");
	restart(_i == 1);
	life_wait_for(&life, "table/orders", "paused");
	life_expect_text(&life, "table/orders", "priority", "P1");
	ck_assert_int_eq(cloud_bigquery(life.world, "queries"), 0);
}
END_TEST

/* --- what was spent --- */

static bool is_waiting_for_the_slow_one(void *data)
{
	(void)data;
	return cloud_bigquery(life.world, "bytes_billed") >= TEN_MIB &&
	       cloud_bigquery(life.world, "running") == 1 &&
	       cloud_calls(life.world, "bigquery.jobs.getQueryResults") >= 2;
}

static bool is_cancelled(void *data)
{
	(void)data;
	return cloud_bigquery(life.world, "cancels") == 1;
}

#define SLOW_ASSERT                                                                                \
	"[assert \"slow\"]\nsource = bigquery\nsql-file = slow.sql\nexpect = value >= 0\n"

START_TEST(a_stop_in_the_middle_keeps_what_was_spent)
{
	g_autofree char *file = world_path(life.world, "slow.sql");

	ck_assert(g_file_set_contents(file, "SELECT COUNT(*) FROM `acme-prod.shop.orders`\n", -1,
				      NULL));
	config_replace(life.config, "check-interval", "daily-bytes = 25MB\ncheck-interval");
	config_replace(life.config, "request-timeout = 10s", "request-timeout = 1s");
	life_add_orders(&life, "now-1h", BY_COLUMN "error-after = 24h");
	g_string_append(life.config, SLOW_ASSERT);
	cloud_jobrule(life.world,
		      "{\"query\":\"SELECT COUNT(*) FROM\",\"dry_run\":false,\"never\":true}");
	world_configure(life.world, life.config->str);
	world_start(life.world);
	ck_assert(wait_until(is_waiting_for_the_slow_one, NULL, SOON_MS));
	ck_assert_int_eq(world_stop(life.world), 0);
	ck_assert_msg(wait_until(is_cancelled, NULL, SOON_MS),
		      "a job goes on that nobody waits for");
	cloud_clear_jobrules(life.world);
	config_replace(life.config, SLOW_ASSERT, "");
	/* enough for one look a day */
	config_replace(life.config, "daily-bytes = 25MB", "daily-bytes = 15MB");
	world_configure(life.world, life.config->str);
	world_start(life.world);
	world_cycle(life.world);
	lab_expect_said(life.world, "table/orders", "budget spent");
	ck_assert_int_ge(lab_metric(life.world, "driftd_bytes_billed_today"), TEN_MIB);
}
END_TEST

/* --- looks that fail --- */

static const struct {
	const char *fault;
	const char *code;
} free_failures[] = {
	{"{\"api\":\"bigquery\",\"kind\":\"backend\"}", "fetch_failed"},
	{"{\"api\":\"bigquery\",\"kind\":\"denied\"}", "permission_denied"},
	{"{\"api\":\"bigquery.jobs.query\",\"kind\":\"denied\"}", "permission_denied"},
};

START_TEST(a_billed_look_that_failed_for_free_is_made_again_when_asked)
{
	life_add_orders(&life, "now-1h", BY_COLUMN "every = 6h");
	cloud_fault(life.world, free_failures[_i].fault);
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "table/orders", "unknown", free_failures[_i].code);
	cloud_heal(life.world);
	world_cycle(life.world);
	expect_any_state(life.world, "table/orders", "ok", NULL);
	cloud_clear_log(life.world);
	world_cycle(life.world);
	ck_assert_int_eq(cloud_bigquery(life.world, "queries"), 0); /* that one was paid for */
}
END_TEST

START_TEST(a_billed_look_that_failed_for_free_is_made_again_by_itself)
{
	config_replace(life.config, "check-interval = 1h", "check-interval = 2s");
	life_add_orders(&life, "now-1h", BY_COLUMN "every = 6h");
	cloud_fault(life.world, "{\"api\":\"bigquery\",\"kind\":\"denied\"}");
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "table/orders", "unknown", "permission_denied");
	cloud_heal(life.world);
	life_wait_for(&life, "table/orders", "ok");
	cloud_clear_log(life.world);
	ck_assert_int_le(life_count_cycles(&life, 2500), 2);
	ck_assert_int_eq(cloud_bigquery(life.world, "queries"), 0);
}
END_TEST

/* Its job may have been paid for all the same. */
START_TEST(a_billed_look_that_took_too_long_waits_for_its_turn)
{
	config_replace(life.config, "cycle-timeout = 15s", "cycle-timeout = 2s");
	config_replace(life.config, "request-timeout = 10s", "request-timeout = 1s");
	life_add_orders(&life, "now-1h", BY_COLUMN "every = 6h");
	cloud_jobrule(life.world, "{\"query\":\"orders\",\"dry_run\":false,\"never\":true}");
	lab_begin(life.world, life.config);
	expect_any_state(life.world, "table/orders", "unknown", "fetch_failed");
	cloud_clear_jobrules(life.world);
	cloud_clear_log(life.world);
	world_cycle(life.world);
	world_cycle(life.world);
	expect_any_state(life.world, "table/orders", "unknown", "fetch_failed");
	ck_assert_int_eq(cloud_bigquery(life.world, "queries"), 0);
	lab_force(life.world);
	expect_any_state(life.world, "table/orders", "ok", NULL);
}
END_TEST

Suite *data_life_suite(void)
{
	Suite *suite = suite_create("data-life");
	TCase *restarts = harness_case(suite, "restarts", setup, teardown, 120);
	TCase *spent = harness_case(suite, "spent", setup, teardown, 120);
	TCase *failures = harness_case(suite, "failures", setup, teardown, 120);

	tcase_add_loop_test(restarts, a_completion_goes_on_with_what_was_found_before, 0, 2);
	tcase_add_test(restarts, a_completion_outlives_its_own_expiry_after_a_restart);
	tcase_add_test(restarts, an_instant_after_a_restart_makes_no_busy_loop);
	tcase_add_test(restarts, a_table_gets_stale_on_time_after_a_restart);
	tcase_add_loop_test(restarts, a_restart_takes_up_who_a_table_is_for, 0, 2);
	tcase_add_test(spent, a_stop_in_the_middle_keeps_what_was_spent);
	tcase_add_loop_test(failures, a_billed_look_that_failed_for_free_is_made_again_when_asked,
			    0, (int)G_N_ELEMENTS(free_failures));
	tcase_add_test(failures, a_billed_look_that_failed_for_free_is_made_again_by_itself);
	tcase_add_test(failures, a_billed_look_that_took_too_long_waits_for_its_turn);
	life_add_changes(suite);
	return suite;
}
