/* data_observation - see data_observation.h */
#include "source/data_observation.h"

static void free_partition(gpointer data)
{
	struct partition_obs *partition = data;

	g_free(partition->id);
	g_free(partition);
}

struct table_obs *table_obs_create(void)
{
	struct table_obs *table = g_new0(struct table_obs, 1);

	table->rows = -1;
	table->partitions = g_ptr_array_new_with_free_func(free_partition);
	return table;
}

void table_obs_free(struct table_obs *table)
{
	if (!table)
		return;
	g_free(table->type);
	g_ptr_array_unref(table->partitions);
	g_free(table);
}

static void free_key(gpointer data)
{
	struct completion_key *key = data;

	g_free(key->name);
	g_free(key->actual);
	g_free(key);
}

struct completion_obs *completion_obs_create(void)
{
	struct completion_obs *completion = g_new0(struct completion_obs, 1);

	completion->keys = g_ptr_array_new_with_free_func(free_key);
	completion->others = g_ptr_array_new_with_free_func(g_free);
	return completion;
}

void completion_obs_free(struct completion_obs *completion)
{
	if (!completion)
		return;
	g_free(completion->document);
	g_free(completion->date);
	g_free(completion->mode);
	g_ptr_array_unref(completion->keys);
	g_ptr_array_unref(completion->others);
	g_free(completion);
}

const char *inventory_change_text(enum inventory_change change)
{
	static const char *const texts[] = {
		[INVENTORY_CHANGE_NONE] = "none",
		[INVENTORY_CHANGE_MISSING] = "missing",
		[INVENTORY_CHANGE_UNEXPECTED] = "unexpected",
		[INVENTORY_CHANGE_CHANGED] = "changed",
	};

	return texts[change];
}

static void free_difference(gpointer data)
{
	struct inventory_difference *difference = data;

	g_free(difference->type);
	g_free(difference->object);
	g_free(difference->expected);
	g_free(difference->actual);
	g_free(difference);
}

struct inventory_obs *inventory_obs_create(void)
{
	struct inventory_obs *inventory = g_new0(struct inventory_obs, 1);

	inventory->differences = g_ptr_array_new_with_free_func(free_difference);
	return inventory;
}

void inventory_obs_free(struct inventory_obs *inventory)
{
	if (!inventory)
		return;
	g_ptr_array_unref(inventory->differences);
	g_free(inventory);
}

struct assert_obs *assert_obs_create(void)
{
	struct assert_obs *assertion = g_new0(struct assert_obs, 1);

	assertion->rows = -1;
	assertion->columns = g_ptr_array_new_with_free_func(g_free);
	assertion->cells = g_ptr_array_new();
	return assertion;
}

void assert_obs_free(struct assert_obs *assertion)
{
	if (!assertion)
		return;
	for (guint i = 0; i < assertion->cells->len; i++) {
		char **cells = assertion->cells->pdata[i];

		for (guint j = 0; j < assertion->columns->len; j++)
			g_free(cells[j]);
		g_free(cells);
	}
	g_ptr_array_unref(assertion->cells);
	g_ptr_array_unref(assertion->columns);
	g_free(assertion->value);
	g_free(assertion);
}

static void free_backup_table(gpointer data)
{
	struct backup_table *table = data;

	g_free(table->name);
	g_free(table);
}

struct backup_folder *backup_folder_create(const char *name, int64_t at_wall_ms)
{
	struct backup_folder *folder = g_new0(struct backup_folder, 1);

	folder->name = g_strdup(name);
	folder->at_wall_ms = at_wall_ms;
	folder->missing = g_ptr_array_new_with_free_func(g_free);
	folder->empty = g_ptr_array_new_with_free_func(g_free);
	folder->tables = g_ptr_array_new_with_free_func(free_backup_table);
	return folder;
}

void backup_folder_free(struct backup_folder *folder)
{
	if (!folder)
		return;
	g_free(folder->name);
	g_free(folder->metadata_error);
	g_ptr_array_unref(folder->missing);
	g_ptr_array_unref(folder->empty);
	g_ptr_array_unref(folder->tables);
	g_free(folder);
}

static void free_folder(gpointer data)
{
	backup_folder_free(data);
}

struct backup_obs *backup_obs_create(void)
{
	struct backup_obs *backup = g_new0(struct backup_obs, 1);

	backup->folders = g_ptr_array_new_with_free_func(free_folder);
	return backup;
}

void backup_obs_free(struct backup_obs *backup)
{
	if (!backup)
		return;
	g_ptr_array_unref(backup->folders);
	g_free(backup);
}
