/* budget - see budget.h */
#include "data/budget.h"

#include <string.h>

#include "timefmt.h"

/* "2026-11-20" */
#define DAY_BYTES 11

/* Totals of this many days are kept: a clock that jumps back over midnight finds them. */
#define DAYS_KEPT 3

/* Bytes of queries that are under way. */
struct hold {
	char *gcp;
	int64_t bytes;
	int64_t until_wall_ms;
	bool is_kept; /* nobody releases it */
};

struct budget {
	int64_t daily_bytes; /* of [driftd]; 0: no budget */
	GHashTable *totals;  /* "DAY\nGCP" to int64_t *: bytes billed */
	GHashTable *untaken; /* "DAY\nGCP\nTARGET" to struct budget_spending * */
	GPtrArray *holds;    /* struct hold * */
};

static void free_spending(gpointer data)
{
	budget_spending_free(data);
}

static void free_hold(gpointer data)
{
	struct hold *hold = data;

	g_free(hold->gcp);
	g_free(hold);
}

struct budget *budget_create(void)
{
	struct budget *budget = g_new0(struct budget, 1);

	budget->totals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	budget->untaken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_spending);
	budget->holds = g_ptr_array_new_with_free_func(free_hold);
	return budget;
}

void budget_free(struct budget *budget)
{
	if (!budget)
		return;
	g_hash_table_unref(budget->totals);
	g_hash_table_unref(budget->untaken);
	g_ptr_array_unref(budget->holds);
	g_free(budget);
}

void budget_spending_free(struct budget_spending *spending)
{
	if (!spending)
		return;
	g_free(spending->day);
	g_free(spending->gcp);
	g_free(spending->target);
	g_free(spending);
}

void budget_set_config(struct budget *budget, const struct config *config)
{
	budget->daily_bytes = config->driftd.daily_bytes;
}

char *budget_bytes_text(int64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB"};
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	double value = (double)bytes / 1000; /* exact enough for people */
	size_t unit = 0;

	if (bytes < 1000)
		return g_strdup_printf("%" PRId64 " bytes", bytes);
	/* 999.95 would be written as 1000.0 */
	for (; value >= 999.95 && unit + 1 < G_N_ELEMENTS(units); unit++)
		value /= 1000;
	(void)g_ascii_formatd(number, sizeof(number), "%.1f", value); /* never fails */
	if (g_str_has_suffix(number, ".0"))
		number[strlen(number) - 2] = '\0';
	return g_strdup_printf("%s %s", number, units[unit]);
}

static int64_t add(int64_t a, int64_t b)
{
	return b > G_MAXINT64 - a ? G_MAXINT64 : a + b;
}

static int64_t not_negative(int64_t number)
{
	return MAX(number, 0);
}

static const char *day_of(int64_t wall_ms, char day[TIMEFMT_BYTES])
{
	(void)timefmt_utc(wall_ms, day); /* "2026-11-20T…" */
	day[DAY_BYTES - 1] = '\0';
	return day;
}

static int64_t day_end(int64_t wall_ms)
{
	return (wall_ms / MS_PER_DAY + 1) * MS_PER_DAY;
}

/* --- what was spent --- */

static void add_total(struct budget *budget, const char *day, const char *gcp, int64_t bytes)
{
	g_autofree char *key = g_strdup_printf("%s\n%s", day, gcp);
	int64_t *total = g_hash_table_lookup(budget->totals, key);

	if (!total) {
		total = g_new0(int64_t, 1);
		g_hash_table_insert(budget->totals, g_steal_pointer(&key), total);
	}
	*total = add(*total, bytes);
}

static void add_cost(struct data_cost *sum, struct data_cost cost)
{
	sum->queries = add(sum->queries, not_negative(cost.queries));
	sum->bytes_processed = add(sum->bytes_processed, not_negative(cost.bytes_processed));
	sum->bytes_billed = add(sum->bytes_billed, not_negative(cost.bytes_billed));
}

static void add_untaken(struct budget *budget, const char *day, const char *gcp, const char *target,
			struct data_cost cost)
{
	g_autofree char *key = g_strdup_printf("%s\n%s\n%s", day, gcp, target);
	struct budget_spending *spending = g_hash_table_lookup(budget->untaken, key);

	if (!spending) {
		spending = g_new0(struct budget_spending, 1);
		spending->day = g_strdup(day);
		spending->gcp = g_strdup(gcp);
		spending->target = g_strdup(target);
		g_hash_table_insert(budget->untaken, g_steal_pointer(&key), spending);
	}
	add_cost(&spending->cost, cost);
}

static gboolean is_before(gpointer key, gpointer value, gpointer data)
{
	(void)value;
	return strncmp(key, data, DAY_BYTES - 1) < 0;
}

static void forget_old_days(struct budget *budget, int64_t now_wall_ms)
{
	char first[TIMEFMT_BYTES];

	(void)day_of(now_wall_ms - (DAYS_KEPT - 1) * MS_PER_DAY, first);
	(void)g_hash_table_foreach_remove(budget->totals, is_before, first);
}

void budget_spend(struct budget *budget, const struct config_gcp *gcp, const char *target_id,
		  struct data_cost cost, int64_t now_wall_ms)
{
	char day[TIMEFMT_BYTES];

	if (cost.queries <= 0 && cost.bytes_processed <= 0 && cost.bytes_billed <= 0)
		return;
	forget_old_days(budget, now_wall_ms);
	(void)day_of(now_wall_ms, day);
	add_total(budget, day, gcp->name, not_negative(cost.bytes_billed));
	add_untaken(budget, day, gcp->name, target_id, cost);
}

int64_t budget_spent(const struct budget *budget, const char *gcp_name_or_null, int64_t now_wall_ms)
{
	char day[TIMEFMT_BYTES];
	GHashTableIter iter;
	gpointer key = NULL;
	gpointer total = NULL;
	int64_t sum = 0;

	(void)day_of(now_wall_ms, day);
	g_hash_table_iter_init(&iter, budget->totals);
	while (g_hash_table_iter_next(&iter, &key, &total)) {
		const char *name = (const char *)key + DAY_BYTES;

		if (strncmp(key, day, DAY_BYTES - 1) == 0 &&
		    (!gcp_name_or_null || strcmp(name, gcp_name_or_null) == 0))
			sum = add(sum, *(const int64_t *)total);
	}
	return sum;
}

/* --- what is under way --- */

void budget_hold(struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		 int64_t until_wall_ms)
{
	struct hold *hold = g_new0(struct hold, 1);

	hold->gcp = g_strdup(gcp->name);
	hold->bytes = not_negative(bytes);
	hold->until_wall_ms = until_wall_ms;
	g_ptr_array_add(budget->holds, hold);
}

void budget_release(struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		    int64_t until_wall_ms)
{
	for (guint i = 0; i < budget->holds->len; i++) {
		const struct hold *hold = budget->holds->pdata[i];

		if (hold->is_kept || hold->bytes != not_negative(bytes) ||
		    hold->until_wall_ms != until_wall_ms || strcmp(hold->gcp, gcp->name) != 0)
			continue;
		(void)g_ptr_array_remove_index_fast(budget->holds, i); /* freed */
		return;
	}
}

/* Kept until the day ends: at most one per section and day. */
static void add_hold(struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		     int64_t until_wall_ms)
{
	for (guint i = 0; i < budget->holds->len; i++) {
		struct hold *hold = budget->holds->pdata[i];

		if (!hold->is_kept || hold->until_wall_ms != until_wall_ms ||
		    strcmp(hold->gcp, gcp->name) != 0)
			continue;
		hold->bytes = add(hold->bytes, not_negative(bytes));
		return;
	}
	budget_hold(budget, gcp, bytes, until_wall_ms);
	((struct hold *)budget->holds->pdata[budget->holds->len - 1])->is_kept = true;
}

static void forget_old_holds(struct budget *budget, int64_t now_wall_ms)
{
	for (guint i = budget->holds->len; i > 0; i--) {
		const struct hold *hold = budget->holds->pdata[i - 1];

		/* a clock that jumps back over midnight finds the rest */
		if (hold->until_wall_ms < now_wall_ms - DAYS_KEPT * MS_PER_DAY)
			(void)g_ptr_array_remove_index_fast(budget->holds, i - 1); /* freed */
	}
}

void budget_keep(struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		 int64_t now_wall_ms)
{
	if (bytes <= 0)
		return;
	forget_old_holds(budget, now_wall_ms);
	add_hold(budget, gcp, bytes, day_end(now_wall_ms));
}

static int64_t held(const struct budget *budget, const char *gcp_name_or_null, int64_t now_wall_ms)
{
	int64_t sum = 0;

	for (guint i = 0; i < budget->holds->len; i++) {
		const struct hold *hold = budget->holds->pdata[i];

		if (hold->until_wall_ms > now_wall_ms &&
		    (!gcp_name_or_null || strcmp(hold->gcp, gcp_name_or_null) == 0))
			sum = add(sum, hold->bytes);
	}
	return sum;
}

/* --- limits --- */

static char *section_text(const struct config_gcp *gcp_or_null)
{
	if (!gcp_or_null)
		return g_strdup("[driftd]");
	if (strcmp(gcp_or_null->name, "default") == 0)
		return g_strdup("[gcp]");
	return g_strdup_printf("[gcp \"%s\"]", gcp_or_null->name);
}

static char *explain(const struct config_gcp *gcp_or_null, int64_t limit, int64_t spent,
		     int64_t bytes, int64_t now_wall_ms)
{
	g_autofree char *section = section_text(gcp_or_null);
	g_autofree char *limit_text = budget_bytes_text(limit);
	g_autofree char *spent_text = budget_bytes_text(spent);
	g_autofree char *bytes_text = budget_bytes_text(bytes);
	char until[TIMEFMT_BYTES];

	(void)timefmt_utc(day_end(now_wall_ms), until);
	if (bytes == 0)
		return g_strdup_printf("%s daily-bytes = %s is spent (%s today, until %s)", section,
				       limit_text, spent_text, until);
	return g_strdup_printf("%s daily-bytes = %s does not allow it: %s are spent today, or held "
			       "for queries under way or cancelled, and this is about %s more "
			       "(until %s)",
			       section, limit_text, spent_text, bytes_text, until);
}

/* Within the limit of one section, or of all of them. */
static bool is_within(const struct budget *budget, const struct config_gcp *gcp_or_null,
		      int64_t bytes, int64_t now_wall_ms, char **ret_why)
{
	const char *name = gcp_or_null ? gcp_or_null->name : NULL;
	int64_t limit = gcp_or_null ? gcp_or_null->daily_bytes : budget->daily_bytes;
	int64_t spent = 0;

	if (limit <= 0)
		return true;
	spent = add(budget_spent(budget, name, now_wall_ms), held(budget, name, now_wall_ms));
	if (bytes == 0 ? spent < limit : add(spent, bytes) <= limit)
		return true;
	*ret_why = explain(gcp_or_null, limit, spent, bytes, now_wall_ms);
	return false;
}

bool budget_allows(const struct budget *budget, const struct config_gcp *gcp, int64_t bytes,
		   int64_t now_wall_ms, char **ret_why)
{
	bytes = not_negative(bytes);
	return is_within(budget, gcp, bytes, now_wall_ms, ret_why) &&
	       is_within(budget, NULL, bytes, now_wall_ms, ret_why);
}

/* --- to the store and back --- */

GPtrArray *budget_take(struct budget *budget)
{
	GPtrArray *spendings = g_ptr_array_new_with_free_func(free_spending);
	GHashTableIter iter;
	gpointer key = NULL;
	gpointer spending = NULL;

	g_hash_table_iter_init(&iter, budget->untaken);
	while (g_hash_table_iter_next(&iter, &key, &spending)) {
		g_ptr_array_add(spendings, spending);
		g_hash_table_iter_steal(&iter);
		g_free(key); /* a stolen key is freed by nobody else */
	}
	return spendings;
}

void budget_return(struct budget *budget, const GPtrArray *spendings)
{
	for (guint i = 0; i < spendings->len; i++) {
		const struct budget_spending *spending = spendings->pdata[i];

		add_untaken(budget, spending->day, spending->gcp, spending->target, spending->cost);
	}
}

void budget_load(struct budget *budget, const GPtrArray *spendings)
{
	GHashTableIter iter;
	gpointer untaken = NULL;

	g_hash_table_remove_all(budget->totals);
	for (guint i = 0; i < spendings->len; i++) {
		const struct budget_spending *spending = spendings->pdata[i];

		add_total(budget, spending->day, spending->gcp,
			  not_negative(spending->cost.bytes_billed));
	}
	g_hash_table_iter_init(&iter, budget->untaken);
	while (g_hash_table_iter_next(&iter, NULL, &untaken)) {
		const struct budget_spending *spending = untaken;

		add_total(budget, spending->day, spending->gcp, spending->cost.bytes_billed);
	}
}
