/* Unit tests of lib/config: sections about data, and what becomes of them. */
#include "clk.h"
#include "config/config.h"
#include "postgres/pg.h"
#include "tests/unit/config_world.h"
#include "timefmt.h"

#include <check.h>
#include <string.h>

Suite *config_data_suite(void);

/* Lines 1 and 2; a section comes next. */
#define GCP "[gcp]\nproject = p\n"
static void set_up(void)
{
	config_world_set_up();
	ck_assert(g_setenv("DSN", "host=db.example.com dbname=app password=hunter2", TRUE));
	config_world_put_only("q.sql", "-- rows that should not be there\nSELECT 1 AS x;\n\n");
	config_world_put_only("holidays.txt", "2026-11-26 # Thanksgiving\n2026-12-25\n");
}

START_TEST(test_table)
{
	struct config *config = config_world_must_load(
		"[gcp]\nproject = pay-here\nregion = us-west2\n[driftd]\ntimezone = Europe/Berlin\n"
		"[table \"games\"]\ntable = lake-1.nba_raw.games-2026\nmethod = column\n"
		"loaded-at-field = processed_at\nfilter = a > (1) AND b = ';'\nwarn-after = 12h\n"
		"error-after = 24h\nexpected = 0 6 * * 1-5\ngrace = 45m\nholidays = "
		"file:holidays.txt\nactive-when = SELECT true ;\nmin-rows = 9007199254740992\n"
		"max-bytes-billed = 20MB\nlocation = EU\npriority = P0\n");
	const struct config_target *target = config_find_target(config, "table/games");
	const struct config_table *table = config_to_table(target);
	char text[TIMEFMT_BYTES];
	int64_t now_ms = 0;

	ck_assert_ptr_eq(g_ptr_array_index(config->tables, 0), table);
	ck_assert_ptr_null(config_to_service(target));
	ck_assert_int_eq(target->kind, TARGET_KIND_TABLE);
	ck_assert_str_eq(target->name, "games");
	ck_assert_int_eq(target->priority, PRIORITY_P0);
	ck_assert(target->billed);
	ck_assert_str_eq(table->gcp->name, "default");
	ck_assert_ptr_eq(config_target_gcp(target), table->gcp);
	ck_assert_str_eq(table->project, "pay-here");
	ck_assert_str_eq(table->table_project, "lake-1");
	ck_assert_str_eq(table->dataset, "nba_raw");
	ck_assert_str_eq(table->table, "games-2026");
	ck_assert_str_eq(table->location, "EU");
	ck_assert_int_eq(table->method, TABLE_METHOD_COLUMN);
	ck_assert_str_eq(table->loaded_at_field, "processed_at");
	ck_assert_str_eq(table->filter, "a > (1) AND b = ';'");
	ck_assert_int_eq(table->warn_after_ms, 12 * MS_PER_HOUR);
	ck_assert_int_eq(table->error_after_ms, 24 * MS_PER_HOUR);
	ck_assert_int_eq(table->grace_ms, 45 * MS_PER_MINUTE);
	ck_assert_str_eq(table->active_when, "SELECT true");
	ck_assert_int_eq(table->min_rows, INT64_C(9007199254740992));
	ck_assert_int_eq(table->max_bytes_billed, 20000000);
	ck_assert_int_eq(table->volume_pct, 0);
	ck_assert_str_eq(schedule_zone(table->expected), "Europe/Berlin");
	ck_assert(timefmt_parse("2026-11-25T12:00:00Z", &now_ms, NULL));
	ck_assert_str_eq(timefmt_utc(schedule_next(table->expected, now_ms), text),
			 "2026-11-27T05:00:00Z"); /* the 26th is a holiday */
	config_unref(config);
}
END_TEST

START_TEST(test_table_defaults)
{
	struct config *config =
		config_world_must_load(GCP "[table \"lake.raw.games\"]\nmin-rows = "
					   "1\n[table \"raw.plays\"]\nmethod = "
					   "partition\nvolume = 99%\nregion = eu-west1\n");
	const struct config_table *first = g_ptr_array_index(config->tables, 0);
	const struct config_table *second = g_ptr_array_index(config->tables, 1);

	ck_assert_ptr_null(first->table_given);
	ck_assert_str_eq(first->table_project, "lake");
	ck_assert_str_eq(first->dataset, "raw");
	ck_assert_str_eq(first->table, "games");
	ck_assert_int_eq(first->method, TABLE_METHOD_METADATA);
	ck_assert(!first->target.billed);
	ck_assert_int_eq(first->target.every_ms, 5 * MS_PER_MINUTE);
	ck_assert_int_eq(first->target.expire_after_ms, 15 * MS_PER_MINUTE);
	ck_assert_ptr_null(first->location);
	ck_assert_ptr_null(first->expected);
	ck_assert_int_eq(first->grace_ms, 0);
	ck_assert_str_eq(second->table_project, "p");
	ck_assert_str_eq(second->dataset, "raw");
	ck_assert_str_eq(second->location, "eu-west1");
	ck_assert_int_eq(second->volume_pct, 99);
	ck_assert(second->target.billed);
	ck_assert_int_eq(second->target.every_ms, 30 * MS_PER_MINUTE);
	ck_assert_int_eq(second->target.expire_after_ms, 90 * MS_PER_MINUTE);
	ck_assert_uint_eq(config->warnings->len, 0);
	config_unref(config);
}
END_TEST

START_TEST(test_completion)
{
	struct config *config = config_world_must_load(
		"[completion \"c\"]\nproject = q\ndocument = runs/{date}/parts/all\n"
		"date-offset = -1d\nexpect = games\nexpect = same_day:  odds and ends\n"
		"expect = a:b:c\nmode-field = _mode\ndone = status = ok| partly \n"
		"evidence = games table/lake.raw.games\nevidence = odds and ends\ttable/plays\n"
		"expected = 0 7 * * * Asia/Kolkata\ngrace = 30m\nholidays = holidays.txt\n"
		"active-when = SELECT 1 = 1\nlocation = US\n"
		"[table \"plays\"]\ntable = raw.plays\nmin-rows = 1\nproject = q\n"
		"[table \"lake.raw.games\"]\nmin-rows = 1\nproject = q\n"
		"[completion \"plain\"]\nproject = q\ndocument = a/b\nexpect = k\n"
		"[driftd]\ntimezone = America/New_York\n");
	const struct config_completion *first = g_ptr_array_index(config->completions, 0);
	const struct config_completion *second = g_ptr_array_index(config->completions, 1);

	ck_assert_str_eq(first->target.id, "completion/c");
	ck_assert_str_eq(first->project, "q");
	ck_assert_str_eq(first->document, "runs/{date}/parts/all");
	ck_assert_str_eq(first->date_zone, "Asia/Kolkata"); /* that of expected */
	ck_assert_ptr_nonnull(first->date_zone_held);
	ck_assert_int_eq(first->date_offset_days, -1);
	ck_assert_uint_eq(first->expect_count, 3);
	ck_assert_ptr_null(first->expects[0].mode);
	ck_assert_str_eq(first->expects[0].key, "games");
	ck_assert_str_eq(first->expects[1].mode, "same_day");
	ck_assert_str_eq(first->expects[1].key, "odds and ends");
	ck_assert_str_eq(first->expects[2].mode, "a");
	ck_assert_str_eq(first->expects[2].key, "b:c");
	ck_assert_str_eq(first->mode_field, "_mode");
	ck_assert_str_eq(first->done_field, "status");
	ck_assert_str_eq(first->done_values[0], "ok");
	ck_assert_str_eq(first->done_values[1], "partly");
	ck_assert_ptr_null(first->done_values[2]);
	ck_assert_uint_eq(first->evidence_count, 2);
	ck_assert_str_eq(first->evidence[0].key, "games");
	ck_assert_str_eq(first->evidence[0].table_id, "table/lake.raw.games");
	ck_assert_ptr_eq(first->evidence[0].table, g_ptr_array_index(config->tables, 1));
	ck_assert_str_eq(first->evidence[1].key, "odds and ends");
	ck_assert_ptr_eq(first->evidence[1].table, g_ptr_array_index(config->tables, 0));
	ck_assert_int_eq(first->grace_ms, 30 * MS_PER_MINUTE);
	ck_assert_str_eq(first->active_when, "SELECT 1 = 1");
	ck_assert_str_eq(first->location, "US");
	ck_assert(first->target.billed);
	ck_assert_int_eq(first->target.every_ms, 30 * MS_PER_MINUTE);
	ck_assert_str_eq(second->date_zone, "America/New_York");
	ck_assert_int_eq(second->date_offset_days, 0);
	ck_assert_ptr_null(second->expected);
	ck_assert_ptr_null(second->done_field);
	ck_assert_ptr_null(second->done_values);
	ck_assert(!second->target.billed);
	ck_assert_int_eq(second->target.every_ms, 5 * MS_PER_MINUTE);
	/* one [gcp] is implied for them */
	ck_assert_uint_eq(config->gcps->len, 1);
	ck_assert_ptr_eq(second->gcp, g_ptr_array_index(config->gcps, 0));
	ck_assert_str_eq(second->gcp->bigquery_endpoint, "https://bigquery.googleapis.com");
	ck_assert_str_eq(second->gcp->firestore_endpoint, "https://firestore.googleapis.com");
	ck_assert_int_eq(second->gcp->daily_bytes, 0);
	config_unref(config);
}
END_TEST

START_TEST(test_inventory)
{
	struct config *config = config_world_must_load(
		"[gcp \"w\"]\nproject = p\n[inventory \"i\"]\nsource = bigquery\ngcp = w\ndataset "
		"= d\n"
		"dataset = example.com:old.d_2\nexpect-file = sub/../i.objects\nignore = d.tmp_*\n"
		"report-unexpected = false\nregion = us-west2\n"
		"[inventory \"pg\"]\nsource = postgresql\ndsn = env:DSN\nexpect-file = "
		"/x/pg.objects\n"
		"schema = public\nschema = Sales Data\n"
		"[inventory \"all\"]\nsource = postgresql\ndsn = env:DSN\nexpect-file = all\n");
	const struct config_inventory *first = g_ptr_array_index(config->inventories, 0);
	const struct config_inventory *second = g_ptr_array_index(config->inventories, 1);
	const struct config_inventory *third = g_ptr_array_index(config->inventories, 2);
	g_autofree char *file = g_build_filename(config_world_directory(), "i.objects", NULL);

	ck_assert_int_eq(first->source, CONFIG_DATA_SOURCE_BIGQUERY);
	ck_assert_str_eq(first->gcp->name, "w");
	ck_assert_str_eq(first->project, "p");
	ck_assert_str_eq(first->datasets[0], "d");
	ck_assert_str_eq(first->datasets[1], "example.com:old.d_2");
	ck_assert_str_eq(first->expect_file, file);
	ck_assert_str_eq(first->ignores[0], "d.tmp_*");
	ck_assert_ptr_null(first->ignores[1]);
	ck_assert(!first->report_unexpected);
	ck_assert_str_eq(first->location, "us-west2");
	ck_assert_ptr_null(first->dsn);
	ck_assert(first->target.billed);
	ck_assert_int_eq(first->target.every_ms, 30 * MS_PER_MINUTE);
	ck_assert_int_eq(second->source, CONFIG_DATA_SOURCE_POSTGRESQL);
	ck_assert_str_eq(second->dsn, "host=db.example.com dbname=app password=hunter2");
	ck_assert_str_eq(second->schemas[1], "Sales Data");
	ck_assert_str_eq(second->expect_file, "/x/pg.objects");
	ck_assert(second->report_unexpected);
	ck_assert_ptr_null(second->gcp);
	ck_assert_ptr_null(second->project);
	ck_assert(!second->target.billed);
	ck_assert_int_eq(second->target.every_ms, 5 * MS_PER_MINUTE);
	ck_assert(third->schemas && !third->schemas[0] && third->ignores && !third->ignores[0]);
	ck_assert_uint_eq(config->gcps->len, 1);
	config_unref(config);
}
END_TEST

START_TEST(test_assert)
{
	struct config *config = config_world_must_load(
		GCP
		"[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = rows = 0\nlocation "
		"= "
		"EU\nmax-bytes-billed = 1TiB\nactive-when = with x as (select 1) select true\n"
		"[assert \"b\"]\nsource = postgresql\nsql-file = q.sql\nexpect = value between -1 "
		"and 2.5e3\nwarn = value>=0\nshow-rows = false\ndsn = env:DSN\nevery = 15m\n");
	const struct config_assert *first = g_ptr_array_index(config->asserts, 0);
	const struct config_assert *second = g_ptr_array_index(config->asserts, 1);
	g_autofree char *file = g_build_filename(config_world_directory(), "q.sql", NULL);

	ck_assert_str_eq(first->sql_file, file);
	/* what is behind the statement would end up in what is built around it */
	ck_assert_str_eq(first->sql, "-- rows that should not be there\nSELECT 1 AS x");
	ck_assert_int_eq(first->expect.subject, CONDITION_SUBJECT_ROWS);
	ck_assert_int_eq(first->expect.operator, CONDITION_OPERATOR_EQ);
	ck_assert_double_eq(first->expect.bound, 0);
	ck_assert_str_eq(first->expect.text, "rows = 0");
	ck_assert_int_eq(first->warn.subject, CONDITION_SUBJECT_NONE);
	ck_assert(first->show_rows);
	ck_assert_str_eq(first->location, "EU");
	ck_assert_int_eq(first->max_bytes_billed, INT64_C(1) << 40);
	ck_assert(first->target.billed);
	ck_assert_int_eq(first->target.every_ms, 30 * MS_PER_MINUTE);
	ck_assert_int_eq(second->expect.operator, CONDITION_OPERATOR_BETWEEN);
	ck_assert_double_eq(second->expect.bound, -1);
	ck_assert_double_eq(second->expect.upper, 2500);
	ck_assert_int_eq(second->warn.subject, CONDITION_SUBJECT_VALUE);
	ck_assert_int_eq(second->warn.operator, CONDITION_OPERATOR_GE);
	ck_assert(!second->show_rows);
	ck_assert_ptr_null(second->gcp);
	ck_assert(!second->target.billed);
	ck_assert_int_eq(second->target.every_ms, 15 * MS_PER_MINUTE);
	ck_assert_ptr_eq(config_to_assert(config_find_target(config, "assert/b")), second);
	config_unref(config);
}
END_TEST

static const struct {
	const char *text;
	enum condition_subject subject;
	enum condition_operator operator;
	double bound;
} conditions[] = {
	{"rows = 0", CONDITION_SUBJECT_ROWS, CONDITION_OPERATOR_EQ, 0},
	{"rows!=0", CONDITION_SUBJECT_ROWS, CONDITION_OPERATOR_NE, 0},
	{"rows <=5", CONDITION_SUBJECT_ROWS, CONDITION_OPERATOR_LE, 5},
	{"rows> 1", CONDITION_SUBJECT_ROWS, CONDITION_OPERATOR_GT, 1},
	{"rows >= 1", CONDITION_SUBJECT_ROWS, CONDITION_OPERATOR_GE, 1},
	{"rows < 1", CONDITION_SUBJECT_ROWS, CONDITION_OPERATOR_LT, 1},
	{"value < -0.5", CONDITION_SUBJECT_VALUE, CONDITION_OPERATOR_LT, -0.5},
	{"value = 1e-3", CONDITION_SUBJECT_VALUE, CONDITION_OPERATOR_EQ, 0.001},
	{"value >= +2", CONDITION_SUBJECT_VALUE, CONDITION_OPERATOR_GE, 2},
	{"value\tbetween\t1\tand\t1", CONDITION_SUBJECT_VALUE, CONDITION_OPERATOR_BETWEEN, 1},
};

START_TEST(test_condition)
{
	g_autofree char *text = g_strdup_printf(
		GCP "[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = %s\n",
		conditions[_i].text);
	struct config *config = config_world_must_load(text);
	const struct config_assert *assertion = g_ptr_array_index(config->asserts, 0);

	ck_assert_int_eq(assertion->expect.subject, conditions[_i].subject);
	ck_assert_int_eq(assertion->expect.operator, conditions[_i].operator);
	ck_assert_double_eq(assertion->expect.bound, conditions[_i].bound);
	ck_assert_str_eq(assertion->expect.text, conditions[_i].text);
	config_unref(config);
}
END_TEST

START_TEST(test_backup)
{
	struct config *config = config_world_must_load(
		GCP "[backup \"b\"]\nbucket = bu\nprefix = daily/full\nfolder-format = %Y/%m%d\n"
		    "files = a/x.gz\nfiles = y\nmetadata = m.json\nmax-age = 24h\nretention = 30d\n"
		    "[backup \"c\"]\nbucket = bu\nprefix = x/\nfolder-format = %s\nfiles = y\n"
		    "max-age = 24h\n[backup \"d\"]\nbucket = bu\nfolder-format = %s\nfiles = y\n"
		    "max-age = 24h\n");
	const struct config_backup *first = g_ptr_array_index(config->backups, 0);
	const struct config_backup *second = g_ptr_array_index(config->backups, 1);
	const struct config_backup *third = g_ptr_array_index(config->backups, 2);

	ck_assert_str_eq(first->bucket, "bu");
	ck_assert_str_eq(first->prefix, "daily/full/");
	ck_assert_str_eq(first->folder_format, "%Y/%m%d");
	ck_assert_str_eq(first->files[0], "a/x.gz");
	ck_assert_str_eq(first->files[1], "y");
	ck_assert_str_eq(first->metadata, "m.json");
	ck_assert_int_eq(first->max_age_ms, MS_PER_DAY);
	ck_assert_int_eq(first->retention_ms, 30 * MS_PER_DAY);
	ck_assert_str_eq(first->project, "p");
	ck_assert(!first->target.billed);
	ck_assert_str_eq(second->prefix, "x/");
	ck_assert_ptr_null(second->metadata);
	ck_assert_int_eq(second->retention_ms, 0);
	ck_assert_str_eq(third->prefix, "");
	config_unref(config);
}
END_TEST

/* All of them in order of appearance, whatever their kinds; a service stands among them. */
START_TEST(test_targets_of_all_kinds)
{
	static const char *const want[] = {"backup/b", "table/d.t",    "assert/a",  "inventory/i",
					   "table/x",  "completion/c", "service/s", "assert/b"};
	struct config *config = config_world_must_load(
		GCP "[backup \"b\"]\nbucket = bu\nfolder-format = %s\nfiles = y\nmax-age = 24h\n"
		    "[table \"d.t\"]\nmin-rows = 1\n"
		    "[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = rows = 0\n"
		    "[inventory \"i\"]\nsource = bigquery\ndataset = d\nexpect-file = f\n"
		    "[table \"x\"]\ntable = d.t\nmin-rows = 1\n"
		    "[completion \"c\"]\ndocument = a/b\nexpect = k\n"
		    "[service \"s\"]\nsource = http\nurl = http://s/\ndepends-on = table/x\n"
		    "depends-on = backup/b\ndepends-on = completion/c\ndepends-on = repo/r\n"
		    "[repo \"r\"]\nurl = /\n"
		    "[assert \"b\"]\nsource = bigquery\nsql-file = q.sql\nexpect = rows = 0\n");

	ck_assert_uint_eq(config->targets->len, G_N_ELEMENTS(want));
	for (guint i = 0; i < config->targets->len; i++) {
		const struct config_target *target = g_ptr_array_index(config->targets, i);

		ck_assert_str_eq(target->id, want[i]);
		ck_assert_ptr_eq(config_find_target(config, want[i]), target);
		ck_assert_int_eq(config_target_gcp(target) != NULL, i != 6);
	}
	config_unref(config);
}
END_TEST

START_TEST(test_budgets)
{
	struct config *config = config_world_must_load(
		"[driftd]\ndaily-bytes = 50GB\n[gcp]\nproject = p\ndaily-bytes = 10GiB\n"
		"bigquery-endpoint = http://127.0.0.1:9/\nfirestore-endpoint = http://127.0.0.1:9\n"
		"[table \"d.t\"]\nmin-rows = 1\n");
	const struct config_gcp *gcp = g_ptr_array_index(config->gcps, 0);

	ck_assert_int_eq(config->driftd.daily_bytes, INT64_C(50000000000));
	ck_assert_int_eq(gcp->daily_bytes, INT64_C(10) << 30);
	ck_assert_str_eq(gcp->bigquery_endpoint, "http://127.0.0.1:9");
	ck_assert_str_eq(gcp->firestore_endpoint, "http://127.0.0.1:9");
	ck_assert_uint_eq(config->warnings->len, 0);
	config_unref(config);
}
END_TEST

/* every: how often what costs money is looked at, and what does not. */
static const struct {
	const char *section;
	const char *interval;
	int64_t want_ms;
} intervals[] = {
	{"[table \"d.t\"]\nmin-rows = 1\n", "5m", 5 * MS_PER_MINUTE},
	{"[table \"d.t\"]\nmin-rows = 1\nactive-when = SELECT true\n", "5m", 30 * MS_PER_MINUTE},
	{"[table \"d.t\"]\nmin-rows = 1\nmethod = partition\n", "5m", 30 * MS_PER_MINUTE},
	{"[table \"d.t\"]\nmin-rows = 1\nmethod = partition\nevery = 1m\n", "5m", MS_PER_MINUTE},
	{"[table \"d.t\"]\nmin-rows = 1\nmethod = partition\n", "2h", 2 * MS_PER_HOUR},
	{"[completion \"c\"]\ndocument = a/b\nexpect = k\n", "5m", 5 * MS_PER_MINUTE},
	{"[completion \"c\"]\ndocument = a/b\nexpect = k\nactive-when = SELECT true\n", "5m",
	 30 * MS_PER_MINUTE},
	{"[inventory \"i\"]\nsource = bigquery\ndataset = d\nexpect-file = f\n", "5m",
	 30 * MS_PER_MINUTE},
	{"[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = rows = 0\n", "5m",
	 30 * MS_PER_MINUTE},
	{"[backup \"b\"]\nbucket = bu\nfolder-format = %s\nfiles = y\nmax-age = 24h\n", "5m",
	 5 * MS_PER_MINUTE},
};

START_TEST(test_every)
{
	g_autofree char *text = g_strdup_printf(GCP "[driftd]\ncheck-interval = %s\n%s",
						intervals[_i].interval, intervals[_i].section);
	struct config *config = config_world_must_load(text);
	const struct config_target *target = g_ptr_array_index(config->targets, 0);

	ck_assert_int_eq(target->every_ms, intervals[_i].want_ms);
	ck_assert_int_eq(target->expire_after_ms, 3 * intervals[_i].want_ms);
	config_unref(config);
}
END_TEST

/* Nothing of these is needed to tell which services a change is about. */
START_TEST(test_rules_need_no_files)
{
	g_autofree char *path = config_world_put(
		"driftd.ini",
		"[repo \"r\"]\nurl = /\n[service \"s\"]\nsource = http\nurl = http://s/\n" GCP
		"[table \"d.t\"]\nmin-rows = 1\nexpected = @daily\nholidays = file:nope.txt\n"
		"[assert \"a\"]\nsource = postgresql\nsql-file = nope.sql\nexpect = rows = 0\n"
		"dsn = env:NOT_SET\n");
	struct config *config = NULL;
	GPtrArray *problems = NULL;

	ck_assert(!config_load(path, &config, &problems));
	ck_assert_uint_eq(problems->len, 3);
	g_ptr_array_unref(problems);
	ck_assert(config_load_rules(path, &config, &problems));
	ck_assert_ptr_null(((struct config_assert *)g_ptr_array_index(config->asserts, 0))->sql);
	config_unref(config);
}
END_TEST

/* Everything that can be printed, once. */
#define FULL                                                                                       \
	"[driftd]\ndaily-bytes = 1500MB\ntimezone = Europe/Berlin\n" GCP "daily-bytes = 1000001\n" \
	"bigquery-endpoint = http://127.0.0.1:9\n"                                                 \
	"[table \"games\"]\ntable = lake.raw.games\nmethod = column\nloaded-at-field = at\n"       \
	"filter = a = '# ; no comment'\n"                                                          \
	"warn-after = 12h\nerror-after = 24h\nexpected = @daily\ngrace = 45m\nholidays = "         \
	"file:holidays.txt\nactive-when = SELECT 1 = 1\nmin-rows = 7\nmax-bytes-billed = 3GiB\n"   \
	"location = EU\nowner = me\npaused = later until 2099-01-01\n"                             \
	"[table \"raw.plays\"]\nmethod = partition\nvolume = 30%\nregion = us-west2\n"             \
	"[table \"d.plain\"]\nmin-rows = 1\n"                                                      \
	"[completion \"c\"]\ndocument = a/{date}\ndate-zone = UTC\ndate-offset = -1d\nexpect = "   \
	"games\n"                                                                                  \
	"expect = m: k\nmode-field = _mode\ndone = status=a|b c\nevidence = games table/games\n"   \
	"expected = 0 7 * * * Asia/Kolkata\nholidays = holidays.txt\n"                             \
	"[completion \"plain\"]\ndocument = a/b\nexpect = k\n"                                     \
	"[inventory \"i\"]\nsource = bigquery\ndataset = d\nexpect-file = f\nignore = t*\n"        \
	"[inventory \"pg\"]\nsource = postgresql\ndsn = env:DSN\nschema = s\nexpect-file = f\n"    \
	"[assert \"a\"]\nsource = bigquery\nsql-file = q.sql\nexpect = value between 1 and 2\n"    \
	"warn = value = 1.5\nmax-bytes-billed = 12345678\n"                                        \
	"[assert \"pg\"]\nsource = postgresql\ndsn = env:DSN\nsql-file = q.sql\nexpect = rows < "  \
	"5\n"                                                                                      \
	"show-rows = false\n"                                                                      \
	"[backup \"b\"]\nbucket = bu\nprefix = x\nfolder-format = %Y%m%d\nfiles = y\nmetadata = "  \
	"m\n"                                                                                      \
	"max-age = 1d\nretention = 2d\n"                                                           \
	"[backup \"c\"]\nbucket = bu\nfolder-format = %s\nfiles = y\nmax-age = 1d\n"

/* The printed values, without which of them are defaults. */
static char *facts_of(const struct config *config)
{
	g_autofree char *text = config_print_json(config);
	g_auto(GStrv) parts = g_strsplit(text, "\"default\":true", -1);
	g_autofree char *same = g_strjoinv("\"default\":false", parts);
	char *warnings = strstr(same, "\"warnings\"");

	ck_assert_ptr_nonnull(warnings);
	*warnings = '\0';
	return g_steal_pointer(&same);
}

/* As it is printed: connection strings are warned of. */
START_TEST(test_print_reads_back)
{
	struct config *config = config_world_must_load(FULL);
	g_autofree char *printed = config_print(config);
	g_autofree char *facts = facts_of(config);
	g_autofree char *elsewhere = config_world_put("elsewhere/copy.ini", printed);
	struct config *copy = NULL;
	GPtrArray *problems = NULL;
	g_autofree char *facts_again = NULL;

	if (!config_load(elsewhere, &copy, &problems)) {
		g_autofree char *text = config_problems_text(problems);

		ck_abort_msg("%s\n%s", text, printed);
	}
	facts_again = facts_of(copy);
	ck_assert_str_eq(facts_again, facts);
	ck_assert_uint_eq(copy->warnings->len, config->warnings->len + 2);
	config_unref(copy);
	config_unref(config);
}
END_TEST

static const char *const printed_lines[] = {
	"\ndaily-bytes = 1500MB\n",
	"\ndaily-bytes = 1000001\n",
	"\n[table \"games\"]\ntable = lake.raw.games\nmethod = column\nloaded-at-field = at\n",
	"\nfilter = a = '# ; no comment'\n",
	"\nexpected = @daily\ngrace = 45m\n",
	"\nmin-rows = 7\nmax-bytes-billed = 3GiB\n",
	"\nlocation = EU\n",
	"\n[table \"raw.plays\"]\nmethod = partition\nvolume = 30%\nregion = us-west2\n# "
	"defaults:\n"
	"table = raw.plays\n",
	"\ndate-offset = -1d\nexpect = games\nexpect = m: k\n",
	"\ndone = status=a|b c\nevidence = games table/games\n",
	"\ndate-zone = Europe/Berlin\n", /* of the plain one: a default */
	"\n[inventory \"pg\"]\nsource = postgresql\ndsn = (secret)\nschema = s\n",
	"\nexpect = value between 1 and 2\nwarn = value = 1.5\n",
	"\nprefix = x/\nfolder-format = %Y%m%d\n",
};

START_TEST(test_print)
{
	struct config *config = config_world_must_load(FULL);
	g_autofree char *printed = config_print(config);
	g_autofree char *json = config_print_json(config);
	char *pg = strstr(printed, "[inventory \"pg\"]");

	ck_assert_msg(strstr(printed, printed_lines[_i]) != NULL, "no \"%s\" in %s",
		      printed_lines[_i], printed);
	ck_assert_ptr_null(strstr(printed, "hunter2"));
	ck_assert_ptr_null(strstr(json, "hunter2"));
	/* what does not mean anything with its source is not in force */
	*strstr(pg, "[assert \"a\"]") = '\0';
	ck_assert_ptr_null(strstr(pg, "gcp ="));
	config_unref(config);
}
END_TEST

/* A big warehouse: 5,000 tables over five files, in well under a second. */
START_TEST(test_five_thousand_tables)
{
	int64_t start_ms;
	struct config *config;

	for (int file = 0; file < 5; file++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autofree char *name = g_strdup_printf("conf.d/%d.ini", file);

		for (int i = 0; i < 1000; i++)
			g_string_append_printf(
				text,
				"[table \"raw%d.t%d\"]\nmethod = column\nloaded-at-field = at\n"
				"filter = d >= CURRENT_DATE() - 2\nwarn-after = 12h\nerror-after = "
				"24h\nexpected = %d 6 * * 1-5 America/New_York\ngrace = "
				"45m\nholidays = "
				"file:holidays.txt\n",
				file, i, i % 60);
		config_world_put_only(name, text->str);
	}
	start_ms = clk_cpu_ms();
	config = config_world_must_load("[driftd]\ninclude = conf.d/*.ini\n" GCP);
	ck_assert_int_lt(clk_cpu_ms() - start_ms, 1000);
	ck_assert_uint_eq(config->tables->len, 5000);
	ck_assert_str_eq(config_find_target(config, "table/raw4.t999")->name, "raw4.t999");
	config_unref(config);
}
END_TEST

/* The limit is on targets of all kinds together. */
START_TEST(test_targets_limit)
{
	const int per_file = 10000;
	struct config *config;
	g_autofree char *problems = NULL;

	for (int file = 0; file < CONFIG_TARGETS_MAX / per_file; file++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autofree char *name = g_strdup_printf("conf.d/%d.ini", file);

		for (int i = 0; i < per_file; i++)
			g_string_append_printf(text, "[table \"d.t%d-%d\"]\nmin-rows = 1\n", file,
					       i);
		config_world_put_only(name, text->str);
	}
	config = config_world_must_load("[driftd]\ninclude = conf.d/*.ini\n" GCP);
	ck_assert_uint_eq(config->targets->len, CONFIG_TARGETS_MAX);
	config_unref(config);
	config_world_put_only("more.ini", "[completion \"c\"]\ndocument = a/b\nexpect = k\n[table "
					  "\"d.more\"]\nmin-rows = 1\n");
	problems = config_world_try_text(
		"[driftd]\ninclude = conf.d/*.ini\ninclude = more.ini\n" GCP, &config);
	ck_assert_pstr_eq(problems, "more.ini:1: more than 50000 targets\n");
}
END_TEST

/* One problem says it all: nothing of a file that was not read to its end seems to be missing. */
START_TEST(test_file_limits)
{
	static const struct {
		const char *format; /* of the number */
		int count;
		const char *want;
	} files[] = {
		{"[table \"d.t%d\"]\nmin-rows = 1\nwarn-after = 1h\n", 9000,
		 "big.ini:15002: more than 10000 keys in one file; split it with include\n"},
		{"[table \"d.t%d\"]\nmin-rows = 1\n", 10100,
		 "big.ini:20001: more than 10000 sections in one file; split it with include\n"},
		{"[table \"d.t%d\"]\n# a comment that goes on and on and on and on and on and on "
		 "and "
		 "on and on and on and on\nmin-rows = 1\n",
		 9999, NULL},
	};
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *problems = NULL;
	struct config *config = NULL;

	for (int i = 0; i < files[_i].count; i++) {
		g_auto(GStrv) parts = g_strsplit(files[_i].format, "%d", 2);

		g_string_append_printf(text, "%s%d%s", parts[0], i, parts[1]);
	}
	g_string_append(text, "[table \"d.last\"]\nmin-rows = 1\n");
	config_world_put_only("big.ini", text->str);
	problems = config_world_try_text("[driftd]\ninclude = big.ini\n" GCP
					 "[completion \"c\"]\ndocument = a/b\nexpect = k\n"
					 "evidence = k table/d.last\n",
					 &config);
	if (files[_i].want)
		ck_assert_pstr_eq(problems, files[_i].want);
	else /* too large */
		ck_assert_msg(problems && strstr(problems, "big.ini") &&
				      strchr(problems, '\n')[1] == '\0',
			      "%s", problems);
}
END_TEST

START_TEST(test_words)
{
	for (enum target_kind kind = TARGET_KIND_SERVICE; kind < TARGET_KIND_COUNT; kind++)
		ck_assert_int_eq(target_kind_from_text(target_kind_text(kind)), kind);
	ck_assert_str_eq(target_kind_text(TARGET_KIND_ASSERT), "assert");
	ck_assert_int_eq(target_kind_from_text("asserts"), TARGET_KIND_NONE);
	ck_assert_int_eq(target_kind_from_text(NULL), TARGET_KIND_NONE);
	ck_assert_str_eq(table_method_text(TABLE_METHOD_PARTITION), "partition");
}
END_TEST

Suite *config_data_suite(void)
{
	Suite *suite = suite_create("config_data");
	TCase *kinds = tcase_create("kinds");
	TCase *postgres = tcase_create("postgres");

	tcase_set_timeout(kinds, 60); /* for sanitizers on a busy machine */
	tcase_add_checked_fixture(kinds, set_up, config_world_tear_down);
	tcase_add_test(kinds, test_table);
	tcase_add_test(kinds, test_table_defaults);
	tcase_add_test(kinds, test_completion);
	tcase_add_test(kinds, test_backup);
	tcase_add_test(kinds, test_targets_of_all_kinds);
	tcase_add_test(kinds, test_budgets);
	tcase_add_loop_test(kinds, test_condition, 0, G_N_ELEMENTS(conditions));
	tcase_add_loop_test(kinds, test_every, 0, G_N_ELEMENTS(intervals));
	tcase_add_test(kinds, test_five_thousand_tables);
	tcase_add_test(kinds, test_targets_limit);
	tcase_add_loop_test(kinds, test_file_limits, 0, 3);
	tcase_add_test(kinds, test_words);
	suite_add_tcase(suite, kinds);
	/* whatever has a connection string in it needs libpq */
	tcase_add_checked_fixture(postgres, set_up, config_world_tear_down);
	if (pg_is_available()) {
		tcase_add_test(postgres, test_inventory);
		tcase_add_test(postgres, test_assert);
		tcase_add_test(postgres, test_rules_need_no_files);
		tcase_add_test(postgres, test_print_reads_back);
		tcase_add_loop_test(postgres, test_print, 0, G_N_ELEMENTS(printed_lines));
	}
	suite_add_tcase(suite, postgres);
	return suite;
}
