/* tables_gate - tables of one dataset wait for each other, so that one query asks about all; see
 * tables.h */
#include "data/tables.h"

#include "clk.h"

/* Who is not ready after this time, or a quarter of what is left of the run, is not waited for: one
 * table whose check hangs must not cost the others their verdict. */
#define PATIENCE_MS (10 * MS_PER_S)
#define PATIENCE_PART 4

void gate_free(struct gate *gate)
{
	g_ptr_array_unref(gate->ready);
	g_free(gate);
}

/* Those that were checked before need not wait for those that are checked now; nor those without
 * active-when, or with another one, for an answer that does not concern them. */
static char *key_of(const struct look *look)
{
	const struct config_table *config = look->config;
	bool is_fresh = table_memo_is_fresh(look->memo, clk_mono_ms());

	return g_strdup_printf("%s\n%s\n%s\n%s\n%s\n%d\n%s", config->gcp->name, config->project,
			       config->table_project, config->dataset,
			       table_method_text(config->method), is_fresh,
			       config->active_when ? config->active_when : "");
}

void look_join_gate(struct look *look)
{
	g_autofree char *key = key_of(look);
	struct gate *gate = g_hash_table_lookup(look->tables->gates, key);

	if (!gate) {
		gate = g_new0(struct gate, 1);
		gate->tables = look->tables;
		gate->ready = g_ptr_array_new();
		g_hash_table_insert(look->tables->gates, g_steal_pointer(&key), gate);
	}
	gate->awaited++;
	look->tables->awaited++;
	look->gate = gate;
}

static char *location_key(const struct look *look)
{
	const char *location =
		look->config->location ? look->config->location : look->memo->location;

	return g_ascii_strdown(location ? location : "", -1);
}

static void unref_array(gpointer data)
{
	g_ptr_array_unref(data);
}

/* The ready ones, by location. */
static GHashTable *split_by_location(const GPtrArray *ready)
{
	GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_array);

	for (guint i = 0; i < ready->len; i++) {
		g_autofree char *key = location_key(ready->pdata[i]);
		GPtrArray *group = g_hash_table_lookup(groups, key);

		if (!group) {
			group = g_ptr_array_new();
			g_hash_table_insert(groups, g_steal_pointer(&key), group);
		}
		g_ptr_array_add(group, ready->pdata[i]);
	}
	return groups;
}

static void open_gate(struct gate *gate)
{
	g_autoptr(GPtrArray) ready = g_steal_pointer(&gate->ready);
	g_autoptr(GHashTable) groups = split_by_location(ready);
	GHashTableIter iter;
	gpointer group = NULL;

	gate->ready = g_ptr_array_new(); /* for who is late */
	g_hash_table_iter_init(&iter, groups);
	while (g_hash_table_iter_next(&iter, NULL, &group)) {
		const struct look *first = ((GPtrArray *)group)->pdata[0];

		tables_sort(group);
		if (first->config->method == TABLE_METHOD_PARTITION)
			tables_ask_partitions(gate->tables, group);
		else
			tables_ask_columns(gate->tables, group);
	}
}

static void stop_timer(struct tables *tables)
{
	if (tables->timer)
		http_timer_stop(g_steal_pointer(&tables->timer));
}

/* One less is awaited. */
static void count_down(struct look *look)
{
	struct gate *gate = g_steal_pointer(&look->gate);

	gate->awaited--;
	gate->tables->awaited--;
	if (gate->tables->awaited == 0)
		stop_timer(gate->tables);
	if (gate->awaited == 0 && gate->ready->len > 0)
		open_gate(gate);
}

void look_enter_gate(struct look *look)
{
	g_ptr_array_add(look->gate->ready, look);
	count_down(look);
}

void look_leave_gate(struct look *look)
{
	if (look->gate)
		count_down(look);
}

static void on_patience_lost(void *data)
{
	struct tables *tables = data;
	GHashTableIter iter;
	gpointer gate = NULL;

	tables->timer = NULL; /* it has fired */
	if (!tables->memory || clk_mono_ms() >= data_run_input(tables->run)->deadline_mono_ms)
		return; /* the run is over */
	g_hash_table_iter_init(&iter, tables->gates);
	while (g_hash_table_iter_next(&iter, NULL, &gate))
		if (((struct gate *)gate)->ready->len > 0)
			open_gate(gate);
	tables_start_gates(tables);
}

void tables_start_gates(struct tables *tables)
{
	const struct data_run_input *input = data_run_input(tables->run);
	int64_t now_mono_ms = clk_mono_ms();
	int64_t left_ms = input->deadline_mono_ms - now_mono_ms;

	/* without it they would wait for the run's end: nothing is lost by trying later than
	 * never */
	if (tables->awaited > 0 && !tables->timer && left_ms > 0)
		tables->timer = http_timer_start(
			input->client, now_mono_ms + CLAMP(left_ms / PATIENCE_PART, 1, PATIENCE_MS),
			on_patience_lost, tables);
}
