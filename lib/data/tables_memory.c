/* tables_memory - what is remembered of tables; see tables.h */
#include "data/tables.h"

#include <string.h>

/* Beyond so many more than there are tables, those that are gone are forgotten. */
#define SPARE_MEMOS 100

static void memo_clear(struct table_memo *memo)
{
	g_free(memo->digest);
	g_free(memo->type);
	g_free(memo->location);
	*memo = (struct table_memo){.tables = 1, .estimate_bytes = BIGQUERY_BYTES_MIN};
}

static void free_memo(gpointer data)
{
	memo_clear(data);
	g_free(data);
}

struct tables_memory *tables_memory_create(void)
{
	struct tables_memory *memory = g_new0(struct tables_memory, 1);

	memory->memos = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_memo);
	memory->members_max = TABLES_SQL_TABLES_MAX;
	return memory;
}

void tables_memory_free(struct tables_memory *memory)
{
	if (!memory)
		return;
	if (memory->current)
		memory->current->memory = NULL;
	g_hash_table_unref(memory->memos);
	g_free(memory);
}

static void add_part(GChecksum *checksum, const char *text)
{
	if (text)
		g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text));
	/* a byte that no text has keeps the parts apart, and "none" from "empty" */
	g_checksum_update(checksum, (const guchar *)(text ? "\xff" : "\xfe"), 1);
}

static char *digest_of(const struct config_table *config)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);

	add_part(checksum, config->gcp->name);
	add_part(checksum, config->gcp->bigquery_endpoint);
	add_part(checksum, config->project);
	add_part(checksum, config->location);
	add_part(checksum, config->table_project);
	add_part(checksum, config->dataset);
	add_part(checksum, config->table);
	add_part(checksum, table_method_text(config->method));
	add_part(checksum, config->loaded_at_field);
	add_part(checksum, config->filter);
	return g_strdup(g_checksum_get_string(checksum));
}

struct table_memo *tables_memory_find(struct tables_memory *memory,
				      const struct config_table *config)
{
	g_autofree char *digest = digest_of(config);
	struct table_memo *memo = g_hash_table_lookup(memory->memos, config->target.id);

	if (!memo) {
		memo = g_new0(struct table_memo, 1);
		g_hash_table_insert(memory->memos, g_strdup(config->target.id), memo);
	}
	if (!memo->digest || strcmp(memo->digest, digest) != 0) {
		memo_clear(memo);
		memo->digest = g_steal_pointer(&digest);
	}
	return memo;
}

static gboolean is_gone(gpointer id, gpointer memo, gpointer config)
{
	(void)memo;
	return !config_find_target(config, id);
}

void tables_memory_sweep(struct tables_memory *memory, const struct config *config)
{
	if (g_hash_table_size(memory->memos) > config->tables->len + SPARE_MEMOS)
		(void)g_hash_table_foreach_remove(memory->memos, is_gone,
						  (gpointer)(uintptr_t)config); /* only read */
}

bool table_memo_is_fresh(const struct table_memo *memo, int64_t now_mono_ms)
{
	return memo->checked && now_mono_ms - memo->checked_mono_ms < TABLES_CHECK_EVERY_MS;
}

void table_memo_pass(struct table_memo *memo, const struct table_facts *facts, int64_t now_mono_ms)
{
	g_free(memo->type);
	g_free(memo->location);
	memo->type = g_strdup(facts->type);
	memo->location = g_strdup(facts->location);
	memo->unit = facts->unit;
	memo->checked = true;
	memo->checked_mono_ms = now_mono_ms;
}

void table_memo_doubt(struct table_memo *memo)
{
	memo->checked = false;
}
