/* tables_partitions - method partition: one query of INFORMATION_SCHEMA.PARTITIONS per dataset; see
 * tables.h */
#include "data/tables.h"

#include "clk.h"
#include "data/tables_answer.h"

/* INFORMATION_SCHEMA is billed as one table, however many it tells about
 * (https://cloud.google.com/bigquery/docs/information-schema-intro#pricing). */
#define QUERY_BYTES BIGQUERY_BYTES_MIN

/* One query. */
struct page {
	struct tables *tables;
	GPtrArray *looks;   /* struct look *, several may be of one table */
	GPtrArray *firsts;  /* the first of each table */
	GHashTable *sheets; /* table name to struct partition_sheet * */
	const char *what;   /* of the run */
	struct tables_held held;
};

static void free_sheet(gpointer data)
{
	partition_sheet_free(data);
}

static void page_free(gpointer data)
{
	struct page *page = data;

	g_ptr_array_unref(page->looks);
	g_ptr_array_unref(page->firsts);
	g_hash_table_unref(page->sheets);
	g_free(page);
}

static struct page *page_create(struct tables *tables)
{
	struct page *page = g_new0(struct page, 1);

	data_run_own(tables->run, page, page_free);
	page->tables = tables;
	page->looks = g_ptr_array_new();
	page->firsts = g_ptr_array_new();
	page->sheets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_sheet);
	return page;
}

static void fail_all(const GPtrArray *looks, struct fault *fault)
{
	for (guint i = 0; i < looks->len; i++)
		look_fail(looks->pdata[i], fault);
}

/* --- what comes back --- */

static void copy_partitions(struct table_obs *table, const struct partition_sheet *sheet)
{
	for (guint i = 0; i < sheet->partitions->len; i++) {
		const struct partition_obs *partition = sheet->partitions->pdata[i];
		struct partition_obs *copy = g_memdup2(partition, sizeof(*partition));

		copy->id = g_strdup(partition->id);
		g_ptr_array_add(table->partitions, copy);
		if (partition->rows > 0)
			table->loaded_wall_ms =
				MAX(table->loaded_wall_ms, partition->modified_wall_ms);
	}
}

static void settle_partitions(struct look *look, const struct partition_sheet *sheet)
{
	struct table_obs *table = table_obs_create();

	table->found = true;
	table->method = TABLE_METHOD_PARTITION;
	table->streaming = sheet->streaming;
	table->unit = sheet->unit;
	copy_partitions(table, sheet);
	look_settle(look, table);
}

static void take_sheet(struct look *look, const struct partition_sheet *sheet)
{
	if (sheet->problem) {
		table_memo_doubt(look->memo);
		look_fail_with(look, FAULT_BAD_ANSWER,
			       "list partitions of %s: %s; the table is checked anew at the next "
			       "look",
			       look->name, sheet->problem);
	} else if (!sheet->seen) { /* it has none, or is gone */
		look_read(look, LOOK_STEP_AGAIN);
	} else {
		settle_partitions(look, sheet);
	}
}

static void take_result(struct page *page, const struct bigquery_result *result)
{
	g_autoptr(GError) error = NULL;

	tables_charge(page->tables, page->looks, true, result);
	if (!tables_answer_partitions(result, page->sheets, &error)) {
		struct fault *fault = fault_create(FAULT_BAD_ANSWER, 0, NULL,
						   "%s: the answer is not what was asked for: %s",
						   page->what, error->message);

		fail_all(page->looks, fault);
		fault_unref(fault);
		return;
	}
	for (guint i = 0; i < page->looks->len; i++) {
		struct look *look = page->looks->pdata[i];

		take_sheet(look, g_hash_table_lookup(page->sheets, look->config->table));
	}
}

static void on_answer(void *data, const struct bigquery_result *result, struct fault *fault)
{
	struct page *page = data;

	tables_release(page->tables, &page->held);
	if (result)
		take_result(page, result);
	else
		fail_all(page->looks, fault);
}

/* --- what is asked --- */

/* A table that is there already is not asked for twice. */
static void add_look(struct page *page, struct look *look)
{
	const char *table = look->config->table;

	g_ptr_array_add(page->looks, look);
	if (g_hash_table_contains(page->sheets, table))
		return;
	g_hash_table_insert(page->sheets, g_strdup(table),
			    partition_sheet_create(look->memo->unit));
	g_ptr_array_add(page->firsts, look);
}

static char *make_sql(const struct page *page, int64_t now_wall_ms)
{
	const struct config_table *config = ((struct look *)page->firsts->pdata[0])->config;
	/* quoting a table of these names has worked */
	g_autofree char *dataset =
		g_strdup_printf("`%s.%s`", config->table_project, config->dataset);
	g_autoptr(GPtrArray) asked = g_ptr_array_new();

	for (guint i = 0; i < page->firsts->len; i++) {
		struct look *look = page->firsts->pdata[i];

		look->partitioned = (struct tables_partitioned){.name = look->name_sql,
								.unit = look->memo->unit};
		g_ptr_array_add(asked, &look->partitioned);
	}
	return tables_sql_partitions(dataset, asked, now_wall_ms);
}

static void refuse(struct page *page, const char *why)
{
	struct fault *fault = fault_create(FAULT_OVER_BUDGET, 0, NULL,
					   "%s: %s; raise daily-bytes, or every of these targets",
					   page->what, why);

	fail_all(page->looks, fault);
	fault_unref(fault);
}

static void send_page(struct page *page)
{
	const struct look *first = page->looks->pdata[0];
	const struct config_table *config = first->config;
	int64_t now_wall_ms = clk_wall_ms();
	g_autofree char *sql = make_sql(page, now_wall_ms);
	g_autofree char *why = NULL;
	struct bigquery_query query = {
		.project = config->project,
		.location = config->location ? config->location : first->memo->location,
		.sql = sql,
		.max_bytes_billed = tables_sum_caps(page->looks),
		.rows_max = (int64_t)page->firsts->len * TABLES_SQL_PARTITIONS_MAX,
	};

	page->what = tables_name_query(page->tables, page->looks, "list partitions of");
	query.what = page->what;
	if (!budget_allows(data_run_input(page->tables->run)->budget, config->gcp, QUERY_BYTES,
			   now_wall_ms, &why)) {
		refuse(page, why);
		return;
	}
	page->held = tables_hold(page->tables, config->gcp, QUERY_BYTES);
	data_run_query(page->tables->run, config->gcp, &query, page->held.bytes, on_answer, page);
}

void tables_ask_partitions(struct tables *tables, GPtrArray *looks)
{
	struct page *page = NULL;

	for (guint i = 0; i < looks->len; i++) {
		if (!page)
			page = page_create(tables);
		add_look(page, looks->pdata[i]);
		if (page->firsts->len < TABLES_SQL_TABLES_MAX && i + 1 < looks->len)
			continue;
		send_page(page);
		page = NULL;
	}
}
