/* data_world - see data_world.h */
#include "data_world.h"

#include <check.h>
#include <string.h>

#include "timefmt.h"

int64_t data_time(const char *text)
{
	g_autofree char *full = g_strdup_printf("%s:00Z", text);
	int64_t wall_ms = 0;

	ck_assert_msg(timefmt_parse(full, &wall_ms, NULL), "%s", full);
	return wall_ms;
}

static struct config_target target_of(enum target_kind kind, const char *name)
{
	return (struct config_target){
		.id = g_strdup_printf("%s/%s", target_kind_text(kind), name),
		.kind = kind,
		.name = g_strdup(name),
		.priority = PRIORITY_P1,
		.every_ms = 30 * MS_PER_MINUTE,
		.expire_after_ms = 90 * MS_PER_MINUTE,
		.confirm = 1,
	};
}

static void init_table(struct config_table *table, const char *name)
{
	*table = (struct config_table){
		.target = target_of(TARGET_KIND_TABLE, name),
		.project = g_strdup("acme"),
		.table_project = g_strdup("acme"),
		.dataset = g_strdup("nba"),
		.table = g_strdup(name),
		.method = TABLE_METHOD_COLUMN,
		.loaded_at_field = g_strdup("processed_at"),
	};
}

static void done_target(struct config_target *target)
{
	g_free(target->id);
	g_free(target->name);
}

static void done_table(struct config_table *table)
{
	done_target(&table->target);
	g_free(table->project);
	g_free(table->table_project);
	g_free(table->dataset);
	g_free(table->table);
	g_free(table->loaded_at_field);
	g_free(table->filter);
	schedule_free(table->expected);
}

static void begin_table(struct data_world *world)
{
	struct table_obs *seen = table_obs_create();

	init_table(&world->table, "orders");
	world->input.target = &world->table.target;
	world->observation->table = seen;
	world->seen_table = seen;
	seen->found = true;
	seen->method = TABLE_METHOD_COLUMN;
	seen->type = g_strdup("TABLE");
	seen->loaded_wall_ms = DATA_NOW_MS - MS_PER_HOUR;
	seen->rows = 1204;
	seen->cost =
		(struct data_cost){.queries = 1, .bytes_processed = 500, .bytes_billed = 10485760};
}

static void begin_completion(struct data_world *world)
{
	struct completion_obs *seen = completion_obs_create();

	world->completion.target = target_of(TARGET_KIND_COMPLETION, "phase3");
	world->completion.document = g_strdup("phase3/{date}");
	world->input.target = &world->completion.target;
	world->observation->completion = seen;
	world->seen_completion = seen;
	seen->found = true;
	seen->document = g_strdup("phase3/2026-11-19");
	seen->date = g_strdup("2026-11-19");
	seen->updated_wall_ms = DATA_NOW_MS - MS_PER_HOUR;
	data_key(world, "summary", true, true);
	data_key(world, "context", true, true);
}

static void begin_inventory(struct data_world *world)
{
	struct inventory_obs *seen = inventory_obs_create();

	world->inventory.target = target_of(TARGET_KIND_INVENTORY, "warehouse");
	world->inventory.expect_file = g_strdup("warehouse.objects");
	world->inventory.report_unexpected = true;
	world->input.target = &world->inventory.target;
	world->observation->inventory = seen;
	world->seen_inventory = seen;
	seen->expected = seen->found = 10;
}

static void begin_assertion(struct data_world *world)
{
	struct assert_obs *seen = assert_obs_create();

	world->assertion.target = target_of(TARGET_KIND_ASSERT, "range");
	world->assertion.sql_file = g_strdup("range.sql");
	world->assertion.show_rows = true;
	world->assertion.expect = (struct config_condition){
		.subject = CONDITION_SUBJECT_ROWS,
		.operator= CONDITION_OPERATOR_EQ,
		.text = g_strdup("rows = 0"),
	};
	world->input.target = &world->assertion.target;
	world->observation->assertion = seen;
	world->seen_assertion = seen;
	seen->rows = 0;
	seen->columns_total = 2;
}

static void begin_backup(struct data_world *world)
{
	struct backup_obs *seen = backup_obs_create();
	struct backup_folder *folder;

	world->backup.target = target_of(TARGET_KIND_BACKUP, "captions");
	world->backup.bucket = g_strdup("acme-backups");
	world->backup.prefix = g_strdup("");
	world->backup.folder_format = g_strdup("%Y-%m-%d_%H%M%S");
	world->backup.metadata = g_strdup("metadata.json");
	world->backup.max_age_ms = 26 * MS_PER_HOUR;
	world->input.target = &world->backup.target;
	world->observation->backup = seen;
	world->seen_backup = seen;
	folder = data_folder(world, "2026-11-20_050000", "2026-11-20T05:00");
	data_backup_table(folder, "captions", 100);
	folder = data_folder(world, "2026-11-19_050000", "2026-11-19T05:00");
	data_backup_table(folder, "captions", 90);
}

void data_world_init(struct data_world *world, enum target_kind kind)
{
	static void (*const begin[TARGET_KIND_COUNT])(struct data_world * world) = {
		[TARGET_KIND_TABLE] = begin_table,
		[TARGET_KIND_COMPLETION] = begin_completion,
		[TARGET_KIND_INVENTORY] = begin_inventory,
		[TARGET_KIND_ASSERT] = begin_assertion,
		[TARGET_KIND_BACKUP] = begin_backup,
	};

	*world = (struct data_world){.kind = kind};
	world->observation = observation_create("x", DATA_NOW_MS, DATA_MONO_MS);
	begin[kind](world);
	world->input.observation = world->observation;
	world->input.evidence = world->evidence;
	world->input.timezone = "UTC";
	world->input.now_wall_ms = DATA_NOW_MS;
	world->input.now_mono_ms = DATA_MONO_MS;
}

static void done_completion(struct config_completion *completion)
{
	done_target(&completion->target);
	g_free(completion->document);
	schedule_free(completion->expected);
}

static void done_rest(struct data_world *world)
{
	done_target(&world->inventory.target);
	g_free(world->inventory.expect_file);
	done_target(&world->assertion.target);
	g_free(world->assertion.sql_file);
	g_free(world->assertion.expect.text);
	g_free(world->assertion.warn.text);
	done_target(&world->backup.target);
	g_free(world->backup.bucket);
	g_free(world->backup.prefix);
	g_free(world->backup.folder_format);
	g_free(world->backup.metadata);
}

void data_world_done(struct data_world *world)
{
	if (world->observation)
		observation_unref(world->observation);
	verdict_unref(world->before);
	done_table(&world->table);
	done_completion(&world->completion);
	done_rest(world);
	for (size_t i = 0; i < world->input.evidence_count; i++) {
		done_table(&world->evidence_table[i]);
		observation_unref(world->evidence_observation[i]);
	}
}

void data_expect(struct data_world *world, const char *cron, const char *holidays, int64_t grace_ms)
{
	g_autoptr(GError) error = NULL;
	struct schedule *schedule = schedule_create(cron, "UTC", holidays, &error);

	ck_assert_msg(schedule != NULL, "%s: %s", cron, error ? error->message : "");
	if (world->kind == TARGET_KIND_TABLE) {
		schedule_free(world->table.expected);
		world->table.expected = schedule;
		world->table.grace_ms = grace_ms;
		return;
	}
	schedule_free(world->completion.expected);
	world->completion.expected = schedule;
	world->completion.grace_ms = grace_ms;
	world->seen_completion->due_wall_ms =
		schedule_previous(schedule, world->observation->observed_wall_ms);
}

void data_fail(struct data_world *world, enum fault_class class, const char *message)
{
	struct observation *observation = observation_create(
		"x", world->observation->observed_wall_ms, world->observation->observed_mono_ms);

	observation->fault = fault_create(class, 0, NULL, "%s", message);
	observation_unref(world->observation);
	world->observation = observation;
	world->input.observation = observation;
	world->seen_table = NULL;
	world->seen_completion = NULL;
	world->seen_inventory = NULL;
	world->seen_assertion = NULL;
	world->seen_backup = NULL;
}

void data_at(struct data_world *world, const char *text)
{
	int64_t now = data_time(text);

	world->input.now_mono_ms += now - world->input.now_wall_ms;
	world->input.now_wall_ms = now;
}

void data_look(struct data_world *world, const char *text)
{
	data_at(world, text);
	world->observation->observed_wall_ms = world->input.now_wall_ms;
	world->observation->observed_mono_ms = world->input.now_mono_ms;
	if (world->seen_completion && world->completion.expected)
		world->seen_completion->due_wall_ms =
			schedule_previous(world->completion.expected, world->input.now_wall_ms);
}

void data_load(struct data_world *world, const char *text, const char *loaded)
{
	data_look(world, text);
	world->seen_table->loaded_wall_ms = data_time(loaded);
}

void data_by_partition(struct data_world *world)
{
	world->table.method = TABLE_METHOD_PARTITION;
	world->seen_table->method = TABLE_METHOD_PARTITION;
	world->seen_table->unit = PARTITION_UNIT_DAY;
}

void data_partition(struct data_world *world, const char *id, const char *start, int64_t rows)
{
	struct partition_obs *partition = g_new0(struct partition_obs, 1);

	partition->id = g_strdup(id);
	partition->start_wall_ms = data_time(start);
	partition->rows = rows;
	partition->modified_wall_ms = partition->start_wall_ms + 29 * MS_PER_HOUR;
	g_ptr_array_add(world->seen_table->partitions, partition);
}

void data_key(struct data_world *world, const char *name, bool present, bool done)
{
	struct completion_key *key = g_new0(struct completion_key, 1);

	key->name = g_strdup(name);
	key->present = present;
	key->done = done;
	key->actual = present ? g_strdup(done ? "success" : "running") : NULL;
	g_ptr_array_add(world->seen_completion->keys, key);
}

static void arrange_evidence(struct data_world *world, size_t index, enum state state)
{
	struct config_table *table = &world->evidence_table[index];
	struct observation *observation = world->evidence_observation[index];
	struct table_obs *seen;

	if (state == STATE_UNKNOWN) {
		observation->fault = fault_create(FAULT_QUOTA, 429, NULL, "query: quota is spent");
		return;
	}
	seen = table_obs_create();
	observation->table = seen;
	seen->found = true;
	seen->method = TABLE_METHOD_COLUMN;
	seen->rows = 10;
	seen->loaded_wall_ms = DATA_NOW_MS - MS_PER_HOUR;
	table->error_after_ms = 12 * MS_PER_HOUR;
	if (state == STATE_DRIFT)
		seen->loaded_wall_ms = DATA_NOW_MS - 13 * MS_PER_HOUR;
	if (state == STATE_PENDING) {
		seen->loaded_wall_ms = DATA_NOW_MS - 24 * MS_PER_HOUR;
		table->error_after_ms = 0;
		table->expected = schedule_create("0 11 * * *", "UTC", NULL, NULL);
		table->grace_ms = MS_PER_HOUR;
	}
}

void data_evidence(struct data_world *world, const char *key, enum state state)
{
	size_t index = world->input.evidence_count++;
	g_autofree char *name = g_strdup_printf("t%zu", index);

	ck_assert_uint_lt(index, G_N_ELEMENTS(world->evidence));
	init_table(&world->evidence_table[index], name);
	world->evidence_observation[index] = observation_create("x", DATA_NOW_MS, DATA_MONO_MS);
	arrange_evidence(world, index, state);
	world->evidence[index] = (struct eval_evidence){
		.key = key,
		.table = &world->evidence_table[index],
		.observation = world->evidence_observation[index],
	};
}

struct backup_folder *data_folder(struct data_world *world, const char *name, const char *at)
{
	struct backup_folder *folder = backup_folder_create(name, data_time(at));

	folder->bytes = 4096;
	folder->metadata_read = true;
	g_ptr_array_add(world->seen_backup->folders, folder);
	world->seen_backup->folders_total++;
	world->seen_backup->oldest_wall_ms = folder->at_wall_ms;
	return folder;
}

void data_backup_table(struct backup_folder *folder, const char *name, int64_t rows)
{
	struct backup_table *table = g_new0(struct backup_table, 1);

	table->name = g_strdup(name);
	table->rows = rows;
	g_ptr_array_add(folder->tables, table);
}

void data_difference(struct data_world *world, enum inventory_change change, const char *type,
		     const char *object)
{
	struct inventory_obs *seen = world->seen_inventory;
	struct inventory_difference *difference = g_new0(struct inventory_difference, 1);

	difference->change = change;
	difference->type = g_strdup(type);
	difference->object = g_strdup(object);
	difference->expected = change == INVENTORY_CHANGE_UNEXPECTED ? NULL : g_strdup("INT64");
	difference->actual = change == INVENTORY_CHANGE_MISSING ? NULL : g_strdup("STRING");
	g_ptr_array_add(seen->differences, difference);
	seen->missing += change == INVENTORY_CHANGE_MISSING;
	seen->unexpected += change == INVENTORY_CHANGE_UNEXPECTED;
	seen->changed += change == INVENTORY_CHANGE_CHANGED;
}

struct verdict *data_judge(struct data_world *world)
{
	return eval_target(&world->input);
}

static char *reasons_text(const struct verdict *verdict)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		g_string_append_printf(text, "\n  %s (%s): %s", reason_code_text(reason->code),
				       state_text(reason->state), reason->message);
	}
	return g_string_free(text, FALSE);
}

void data_expect_state(struct data_world *world, enum state state, enum reason_code code,
		       const char *file, int line)
{
	struct verdict *verdict = data_judge(world);
	g_autofree char *reasons = reasons_text(verdict);
	bool right = verdict->state == state &&
		     (code == REASON_NONE ? verdict->reasons->len == 0
					  : data_reason(verdict, code) != NULL);
	g_autofree char *wanted =
		g_strdup_printf("%s:%d: wanted %s %s, got %s%s", file, line, state_text(state),
				code == REASON_NONE ? "(none)" : reason_code_text(code),
				state_text(verdict->state), reasons);

	ck_assert_msg(right, "%s", wanted);
	verdict_unref(world->before);
	world->before = verdict;
	world->input.before = verdict;
}

const struct reason *data_reason(const struct verdict *verdict, enum reason_code code)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];

		if (reason->code == code)
			return reason;
	}
	return NULL;
}

static const struct reason_datum *find_datum(const struct reason *reason, const char *name)
{
	for (guint i = 0; reason && i < reason->data->len; i++) {
		const struct reason_datum *datum = reason->data->pdata[i];

		if (strcmp(datum->name, name) == 0)
			return datum;
	}
	return NULL;
}

const char *data_reason_text(const struct reason *reason, const char *name)
{
	const struct reason_datum *datum = find_datum(reason, name);

	return datum ? datum->text : NULL;
}

int64_t data_reason_number(const struct reason *reason, const char *name)
{
	const struct reason_datum *datum = find_datum(reason, name);

	return datum && !datum->text ? datum->number : -7;
}

int64_t data_detail_number(const struct verdict *verdict, const char *name)
{
	const struct verdict_datum *datum = verdict_detail_find(verdict->detail, name);

	return datum && datum->type != DATUM_TYPE_TEXT ? datum->number : -7;
}

const char *data_detail_text(const struct verdict *verdict, const char *name)
{
	const struct verdict_datum *datum = verdict_detail_find(verdict->detail, name);

	return datum ? datum->text : NULL;
}
