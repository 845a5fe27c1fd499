/* data_fixture - see data_fixture.h */
#include "data_fixture.h"

#include <check.h>

#include "api_fixture.h"
#include "eval/data.h"
#include "schedule.h"

#define LOOKED (FIXTURE_NOW_WALL_MS - MS_PER_MINUTE)
#define LOOKED_MONO (FIXTURE_NOW_MONO_MS - MS_PER_MINUTE)

/* Of the configuration, where texts are not const. */
static char owner[] = "data", project[] = "my-project", dataset[] = "nba", table_name[] = "scores";
static char column[] = "processed_at", expect_none[] = "rows = 0", key_a[] = "scores",
	    key_b[] = "events", table_id[] = "table/scores";

static struct config_target make_target(enum target_kind kind, char *id, char *name)
{
	return (struct config_target){
		.id = id,
		.kind = kind,
		.name = name,
		.priority = PRIORITY_P0,
		.owner = owner,
		.every_ms = 30 * MS_PER_MINUTE,
		.expire_after_ms = 90 * MS_PER_MINUTE,
		.confirm = 1,
		.billed = true,
	};
}

static struct verdict *judge(const struct config_target *target, struct observation *observation,
			     const struct eval_evidence *evidence, size_t evidence_count)
{
	struct eval_input input = {
		.target = target,
		.observation = observation,
		.evidence = evidence,
		.evidence_count = evidence_count,
		.timezone = "UTC",
		.now_wall_ms = FIXTURE_NOW_WALL_MS,
		.now_mono_ms = FIXTURE_NOW_MONO_MS,
	};
	struct verdict *verdict = eval_target(&input);

	ck_assert_ptr_nonnull(verdict->detail);
	return verdict;
}

static struct config_table make_table(char *id, char *name, enum table_method method)
{
	return (struct config_table){
		.target = make_target(TARGET_KIND_TABLE, id, name),
		.project = project,
		.table_project = project,
		.dataset = dataset,
		.table = table_name,
		.method = method,
		.loaded_at_field = column,
		.warn_after_ms = 12 * MS_PER_HOUR,
		.error_after_ms = 24 * MS_PER_HOUR,
	};
}

static struct observation *look_at_table(const struct config_table *table)
{
	struct observation *observation = observation_create(table->target.id, LOOKED, LOOKED_MONO);

	observation->table = table_obs_create();
	observation->table->found = true;
	observation->table->method = table->method;
	observation->table->loaded_wall_ms = FIXTURE_NOW_WALL_MS - 26 * MS_PER_HOUR;
	observation->table->rows = 51233;
	observation->table->cost = (struct data_cost){1, 5000, 10485760};
	return observation;
}

static struct verdict *judge_table(const struct config_table *table,
				   struct observation *observation)
{
	struct verdict *verdict = judge(&table->target, observation, NULL, 0);

	observation_unref(observation);
	return verdict;
}

struct verdict *data_fixture_table(void)
{
	char name[] = "scores";
	struct config_table table = make_table(table_id, name, TABLE_METHOD_COLUMN);

	return judge_table(&table, look_at_table(&table));
}

struct verdict *data_fixture_missing_table(void)
{
	char id[] = "table/gone", name[] = "gone";
	struct config_table table = make_table(id, name, TABLE_METHOD_METADATA);
	struct observation *observation = look_at_table(&table);

	table.warn_after_ms = table.error_after_ms = 0;
	table_obs_free(observation->table);
	observation->table = table_obs_create();
	observation->table->method = table.method;
	return judge_table(&table, observation);
}

static void add_partition(struct table_obs *table, int days_ago)
{
	struct partition_obs *partition = g_new0(struct partition_obs, 1);

	/* midnight of the 20th is the last one before FIXTURE_NOW */
	partition->start_wall_ms =
		FIXTURE_NOW_WALL_MS - FIXTURE_NOW_WALL_MS % MS_PER_DAY - days_ago * MS_PER_DAY;
	partition->id = schedule_date(partition->start_wall_ms, "UTC", 0);
	partition->rows = 1000;
	partition->modified_wall_ms = partition->start_wall_ms + 27 * MS_PER_HOUR;
	g_ptr_array_add(table->partitions, partition);
}

static struct schedule *make_schedule(void)
{
	g_autoptr(GError) error = NULL;
	struct schedule *schedule = schedule_create("0 6 * * *", "UTC", NULL, &error);

	ck_assert_msg(schedule, "%s", error ? error->message : "");
	return schedule;
}

struct verdict *data_fixture_partitions(void)
{
	char id[] = "table/events", name[] = "events";
	struct config_table table = make_table(id, name, TABLE_METHOD_PARTITION);
	struct observation *observation = NULL;
	struct verdict *verdict = NULL;

	table.expected = make_schedule();
	table.volume_pct = 30;
	observation = look_at_table(&table);
	observation->table->unit = PARTITION_UNIT_DAY;
	for (int i = 1; i <= 40; i++)
		add_partition(observation->table, i);
	verdict = judge_table(&table, observation);
	schedule_free(table.expected);
	return verdict;
}

struct verdict *data_fixture_not_active(void)
{
	char id[] = "table/quiet", name[] = "quiet", when[] = "SELECT FALSE";
	struct config_table table = make_table(id, name, TABLE_METHOD_COLUMN);
	struct observation *observation = look_at_table(&table);
	struct verdict *verdict = NULL;

	table.expected = make_schedule();
	table.active_when = when;
	observation->table->not_active = true;
	verdict = judge_table(&table, observation);
	schedule_free(table.expected);
	return verdict;
}

static struct completion_key *make_key(const char *name, bool done)
{
	struct completion_key *key = g_new0(struct completion_key, 1);

	key->name = g_strdup(name);
	key->present = done;
	key->done = done;
	return key;
}

struct verdict *data_fixture_completion(void)
{
	char id[] = "completion/phase3", name[] = "phase3", document[] = "phase3/{date}";
	char table_name_of_it[] = "scores";
	struct config_table table = make_table(table_id, table_name_of_it, TABLE_METHOD_COLUMN);
	struct config_completion_key keys[] = {{NULL, key_a}, {NULL, key_b}};
	struct config_evidence config_evidence = {key_a, table_id, &table};
	struct config_completion completion = {
		.target = make_target(TARGET_KIND_COMPLETION, id, name),
		.project = project,
		.document = document,
		.expects = keys,
		.expect_count = 2,
		.evidence = &config_evidence,
		.evidence_count = 1,
	};
	struct observation *seen_table = look_at_table(&table);
	struct observation *observation = observation_create(id, LOOKED, LOOKED_MONO);
	struct eval_evidence evidence = {.key = key_a, .table = &table, .observation = seen_table};
	struct verdict *verdict = NULL;

	observation->completion = completion_obs_create();
	observation->completion->found = true;
	observation->completion->document = g_strdup("phase3/2026-11-20");
	observation->completion->date = g_strdup("2026-11-20");
	observation->completion->updated_wall_ms = LOOKED;
	g_ptr_array_add(observation->completion->keys, make_key(key_a, false));
	g_ptr_array_add(observation->completion->keys, make_key(key_b, true));
	verdict = judge(&completion.target, observation, &evidence, 1);
	observation_unref(observation);
	observation_unref(seen_table);
	return verdict;
}

static void add_difference(struct inventory_obs *inventory, enum inventory_change change,
			   const char *object)
{
	struct inventory_difference *difference = g_new0(struct inventory_difference, 1);

	difference->change = change;
	difference->type = g_strdup("column");
	difference->object = g_strdup(object);
	difference->expected = change == INVENTORY_CHANGE_UNEXPECTED ? NULL : g_strdup("STRING");
	difference->actual = change == INVENTORY_CHANGE_MISSING ? NULL : g_strdup("INT64");
	g_ptr_array_add(inventory->differences, difference);
}

struct verdict *data_fixture_inventory(void)
{
	char id[] = "inventory/warehouse", name[] = "warehouse", file[] = "/nowhere/objects";
	struct config_inventory inventory = {
		.target = make_target(TARGET_KIND_INVENTORY, id, name),
		.source = CONFIG_DATA_SOURCE_BIGQUERY,
		.project = project,
		.expect_file = file,
		.report_unexpected = true,
	};
	struct observation *observation = observation_create(id, LOOKED, LOOKED_MONO);
	struct inventory_obs *seen = inventory_obs_create();
	struct verdict *verdict = NULL;

	observation->inventory = seen;
	seen->expected = 12;
	seen->found = 12;
	seen->missing = 1;
	seen->unexpected = 1;
	seen->changed = 1;
	add_difference(seen, INVENTORY_CHANGE_MISSING, "nba.a");
	add_difference(seen, INVENTORY_CHANGE_UNEXPECTED, "nba.b");
	add_difference(seen, INVENTORY_CHANGE_CHANGED, "nba.c");
	verdict = judge(&inventory.target, observation, NULL, 0);
	observation_unref(observation);
	return verdict;
}

static void add_row(struct assert_obs *assertion, int number)
{
	char **cells = g_new0(char *, 2);

	cells[0] = g_strdup_printf("%d", number);
	cells[1] = number == 0 ? NULL : g_strdup("<b>\x1b[31m");
	g_ptr_array_add(assertion->cells, cells);
}

struct verdict *data_fixture_assert(int rows)
{
	char id[] = "assert/range", name[] = "range";
	struct config_assert assertion = {
		.target = make_target(TARGET_KIND_ASSERT, id, name),
		.source = CONFIG_DATA_SOURCE_BIGQUERY,
		.project = project,
		.expect = {.subject = CONDITION_SUBJECT_ROWS,
			   .operator= CONDITION_OPERATOR_EQ,
			   .text = expect_none},
		.show_rows = true,
	};
	struct observation *observation = observation_create(id, LOOKED, LOOKED_MONO);
	struct verdict *verdict = NULL;

	observation->assertion = assert_obs_create();
	observation->assertion->rows = rows;
	observation->assertion->columns_total = 2;
	observation->assertion->cost = (struct data_cost){1, 7, 10485760};
	g_ptr_array_add(observation->assertion->columns, g_strdup("id"));
	g_ptr_array_add(observation->assertion->columns, g_strdup("comment"));
	for (int i = 0; i < rows && i < ASSERT_ROWS_MAX; i++)
		add_row(observation->assertion, i);
	verdict = judge(&assertion.target, observation, NULL, 0);
	observation_unref(observation);
	return verdict;
}

struct verdict *data_fixture_backup(void)
{
	char id[] = "backup/captions", name[] = "captions", bucket[] = "acme", prefix[] = "";
	char format[] = "%Y-%m-%d", file[] = "a.json", *files[] = {file, NULL};
	struct config_backup backup = {
		.target = make_target(TARGET_KIND_BACKUP, id, name),
		.project = project,
		.bucket = bucket,
		.prefix = prefix,
		.folder_format = format,
		.files = files,
		.max_age_ms = 24 * MS_PER_HOUR,
	};
	struct observation *observation = observation_create(id, LOOKED, LOOKED_MONO);
	struct backup_folder *newest =
		backup_folder_create("2026-11-20", FIXTURE_NOW_WALL_MS - 11 * MS_PER_HOUR);
	struct backup_folder *older =
		backup_folder_create("2026-11-19", FIXTURE_NOW_WALL_MS - 35 * MS_PER_HOUR);
	struct verdict *verdict = NULL;

	g_ptr_array_add(newest->missing, g_strdup(file));
	older->bytes = 4096;
	observation->backup = backup_obs_create();
	g_ptr_array_add(observation->backup->folders, newest);
	g_ptr_array_add(observation->backup->folders, older);
	observation->backup->folders_total = 2;
	observation->backup->oldest_wall_ms = older->at_wall_ms;
	verdict = judge(&backup.target, observation, NULL, 0);
	observation_unref(observation);
	return verdict;
}

struct snapshot_input *data_fixture_world(void)
{
	struct snapshot_input *input = fixture_world();
	struct verdict *const verdicts[] = {
		data_fixture_table(),      data_fixture_partitions(), data_fixture_not_active(),
		data_fixture_completion(), data_fixture_inventory(),  data_fixture_assert(21),
		data_fixture_backup(),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++)
		g_ptr_array_add(input->verdicts, verdicts[i]);
	return input;
}
