/* demo_data - see demo_data.h */
#include "tests/fakecloud/demo_data.h"

#include "tests/fakecloud/bq.h"
#include "tests/fakecloud/demo_repo.h"
#include "tests/fakecloud/firestore.h"
#include "tests/fakecloud/storage.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "drift_error.h"

#define PROJECT "acme-prod"
#define FOLDER_FORMAT "%Y-%m-%d_%H%M%S"

/** Dates for which there are completion documents: a demo may run past midnight. */
#define DAYS_BEFORE 1
#define DAYS_AFTER 7

/* --- tables --- */

#define LOADED "{\"name\":\"processed_at\",\"type\":\"TIMESTAMP\"}"

static const struct {
	const char *dataset, *name, *spec;
} tables[] = {
	{"shop", "orders",
	 "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\"},{\"name\":\"day\",\"type\":\"DATE\"},"
	 "{\"name\":\"price\",\"type\":\"FLOAT\"}," LOADED
	 "],\"rows\":[[1,\"today\",9.5,\"now-40m\"],"
	 "[2,\"today\",-3,\"now-40m\"],[3,\"today-1\",20,\"now-20h\"],[4,\"today-1\",-0.5,\"now-"
	 "20h\"]],"
	 "\"lastModifiedTime\":\"now-40m\",\"numBytes\":250000000,"
	 "\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"},\"requirePartitionFilter\":true}"},
	{"shop", "clicks",
	 "{\"schema\":[" LOADED "],\"rows\":[[\"now-30h\"]],\"lastModifiedTime\":\"now-30h\"}"},
	{"shop", "stock",
	 "{\"schema\":[{\"name\":\"sku\",\"type\":\"STRING\"}],\"numRows\":81234,"
	 "\"lastModifiedTime\":\"now-3h\"}"},
	{"shop", "revenue",
	 "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"numRows\":730,\"lastModifiedTime\":"
	 "\"now-1550m\"}"},
	{"shop", "match_stats",
	 "{\"schema\":[" LOADED "],\"rows\":[[\"now-90d\"]],\"lastModifiedTime\":\"now-90d\"}"},
	{"shop", "fixtures",
	 "{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],\"rows\":[[\"today-95\"]]}"},
	{"shop", "returns", "{\"schema\":[" LOADED "],\"rows\":[]}"},
	{"shop", "points", "{\"schema\":[" LOADED "],\"rows\":[[\"now-1h\"]]}"},
	{"catalog", "products",
	 "{\"schema\":[{\"name\":\"id\",\"type\":\"INTEGER\",\"mode\":\"REQUIRED\"},{\"name\":"
	 "\"name\",\"type\":"
	 "\"STRING\"},{\"name\":\"price\",\"type\":\"FLOAT\"}],\"numRows\":5120}"},
	{"catalog", "tmp_import", "{\"schema\":[{\"name\":\"line\",\"type\":\"STRING\"}]}"},
};

static void put_table(struct cloud *cloud, const char *dataset, const char *name, const char *text)
{
	const char *const path[] = {PROJECT, dataset, name};
	json_object *spec = json_tokener_parse(text);
	g_autofree char *problem = NULL;
	bool put = bq_put_table(cloud->bq, path, spec, &problem);

	g_assert(put); /* a text of ours */
	json_object_put(spec);
}

/** Four weeks of days with some 5,000 rows each, and yesterday with a few. */
static void put_shipments(struct cloud *cloud)
{
	g_autoptr(GString) text =
		g_string_new("{\"schema\":[{\"name\":\"day\",\"type\":\"DATE\"}],"
			     "\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"},"
			     "\"lastModifiedTime\":\"now-3h\",\"partitions\":[");
	int64_t today = bq_floor_div(bq_now_us(), BQ_US_PER_DAY);

	for (int age = 35; age >= 1; age--) {
		g_autofree char *date = bq_date_text(today - age);
		g_auto(GStrv) parts = g_strsplit(date, "-", 3);

		g_string_append_printf(text,
				       "%s{\"id\":\"%s%s%s\",\"rows\":%d,\"modified\":\"now-%dh\"}",
				       age == 35 ? "" : ",", parts[0], parts[1], parts[2],
				       age == 1 ? 412 : 5000 + age * 7, age * 24 - 20);
	}
	g_string_append(text, "]}");
	put_table(cloud, "shop", "shipments", text->str);
}

/* --- documents --- */

static void put_document(struct cloud *cloud, const char *collection, const char *date,
			 const char *text)
{
	g_autofree char *name = g_strdup_printf("%s/%s", collection, date);
	json_object *plain = json_tokener_parse(text);

	g_assert(plain); /* a text of ours */
	firestore_put(cloud, "firestore/" PROJECT "/(default)", name, plain, false);
	json_object_put(plain);
}

static void put_documents(struct cloud *cloud)
{
	int64_t today = bq_floor_div(bq_now_us(), BQ_US_PER_DAY);

	for (int64_t day = today - DAYS_BEFORE; day <= today + DAYS_AFTER; day++) {
		g_autofree char *date = bq_date_text(day);

		put_document(
			cloud, "nightly", date,
			"{\"orders\":{\"status\":\"success\"},\"stock\":{\"status\":\"success\"},"
			"\"_completed_count\":2}");
		put_document(cloud, "phase3", date,
			     "{\"_mode\":\"same_day\",\"_completed_count\":1,\"orders\":{"
			     "\"status\":\"success\"}}");
		put_document(cloud, "exports", date,
			     "{\"orders\":{\"status\":\"success\"},\"returns\":{\"status\":"
			     "\"success\"}}");
	}
}

/* --- backups --- */

/** A folder of so many hours ago: its files, one of which may be missing. */
static void put_backup(struct cloud *cloud, const char *set, int age_h, bool whole, int rows)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_hours(now, -age_h);
	g_autofree char *folder = g_date_time_format(then, FOLDER_FORMAT);
	g_autofree char *created = g_strdup_printf("now-%dh", age_h);
	g_autofree char *dump = g_strdup_printf("%s/%s/dump.sql.gz", set, folder);
	g_autofree char *metadata = g_strdup_printf("%s/%s/metadata.json", set, folder);
	g_autofree char *text = g_strdup_printf(
		"{\"tables\":[{\"table_name\":\"customers\",\"row_count\":%d}]}", rows);
	bool put = storage_put(cloud, "acme-backups", metadata, g_bytes_new(text, strlen(text)),
			       created, NULL);

	if (whole)
		put &= storage_put(cloud, "acme-backups", dump, g_bytes_new("dump", 4), created,
				   NULL);
	g_assert(put); /* times of ours */
}

static void put_backups(struct cloud *cloud)
{
	bool put = storage_put(cloud, "acme-backups", "catalog/pre_rollback_2026/dump.sql.gz",
			       g_bytes_new("old", 3), NULL, NULL);

	g_assert(put); /* a time of ours */
	put_backup(cloud, "customers", 50, true, 81000);
	put_backup(cloud, "customers", 26, true, 81900);
	put_backup(cloud, "customers", 2, true, 82300);
	put_backup(cloud, "catalog", 26, true, 5100);
	put_backup(cloud, "catalog", 2, false, 5120);
}

void demo_data_put(struct cloud *cloud)
{
	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
		put_table(cloud, tables[i].dataset, tables[i].name, tables[i].spec);
	put_shipments(cloud);
	put_documents(cloud);
	put_backups(cloud);
}

/* --- configuration --- */

static void config_tables(GString *text, int64_t now_s)
{
	g_autoptr(GDateTime) due = g_date_time_new_from_unix_utc(now_s - 2 * DEMO_HOUR);

	g_string_append(text, "[table \"orders\"]\n"
			      "table = shop.orders\n"
			      "method = column\n"
			      "loaded-at-field = processed_at\n"
			      "filter = day >= DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY)\n"
			      "warn-after = 12h\n"
			      "error-after = 24h\n"
			      "priority = P0\n"
			      "owner = shop\n\n"
			      "[table \"clicks\"]\n"
			      "table = shop.clicks\n"
			      "method = column\n"
			      "loaded-at-field = processed_at\n"
			      "warn-after = 12h\n"
			      "error-after = 24h\n\n"
			      "[table \"stock\"]\n"
			      "table = shop.stock\n"
			      "warn-after = 2h\n"
			      "error-after = 24h\n\n"
			      "[table \"shipments\"]\n"
			      "table = shop.shipments\n"
			      "method = partition\n"
			      "min-rows = 1000\n"
			      "warn-after = 2d\n"
			      "error-after = 3d\n\n");
	/* due at the same time every day, two hours ago */
	g_string_append_printf(text,
			       "[table \"revenue\"]\n"
			       "table = shop.revenue\n"
			       "expected = %d %d * * * UTC\n"
			       "grace = 30m\n"
			       "priority = P0\n\n",
			       g_date_time_get_minute(due), g_date_time_get_hour(due));
	g_string_append(
		text,
		"[table \"match-stats\"]\n"
		"table = shop.match_stats\n"
		"error-after = 24h\n"
		"active-when = SELECT COUNT(*) > 0 FROM `acme-prod.shop.fixtures` WHERE day = "
		"CURRENT_DATE() - 1\n"
		"description = Off season nothing is due\n\n"
		"[table \"returns\"]\n"
		"table = shop.returns\n"
		"method = column\n"
		"loaded-at-field = processed_at\n"
		"error-after = 24h\n\n"
		"[table \"points\"]\n"
		"table = shop.points\n"
		"method = column\n"
		"loaded-at-field = procesed_at\n"
		"error-after = 24h\n"
		"priority = P2\n\n"
		"[table \"suppliers\"]\n"
		"table = shop.suppliers\n"
		"error-after = 24h\n\n");
}

static void config_completions(GString *text)
{
	g_string_append(text, "[completion \"nightly\"]\n"
			      "document = nightly/{date}\n"
			      "expect = orders\n"
			      "expect = stock\n"
			      "done = status=success|partial\n"
			      "evidence = orders table/orders\n\n"
			      "[completion \"phase3\"]\n"
			      "document = phase3/{date}\n"
			      "expect = orders\n"
			      "expect = same_day: orders\n"
			      "expect = same_day: points_of_sale\n"
			      "mode-field = _mode\n"
			      "done = status=success|partial\n"
			      "evidence = points_of_sale table/orders\n"
			      "description = The marker lags behind the tables\n\n"
			      "[completion \"exports\"]\n"
			      "document = exports/{date}\n"
			      "expect = orders\n"
			      "expect = returns\n"
			      "done = status=success\n"
			      "evidence = returns table/returns\n"
			      "priority = P0\n\n");
}

static void config_rest(GString *text)
{
	g_string_append(text, "[assert \"negative-prices\"]\n"
			      "source = bigquery\n"
			      "sql-file = checks/negative_prices.sql\n"
			      "expect = rows = 0\n"
			      "every = 1m\n\n"
			      "[assert \"orders-today\"]\n"
			      "source = bigquery\n"
			      "sql-file = checks/orders_today.sql\n"
			      "expect = value > 0\n"
			      "every = 1m\n\n"
			      "[backup \"customers\"]\n"
			      "bucket = acme-backups\n"
			      "prefix = customers\n"
			      "folder-format = " FOLDER_FORMAT "\n"
			      "files = dump.sql.gz\n"
			      "metadata = metadata.json\n"
			      "max-age = 24h\n\n"
			      "[backup \"catalog\"]\n"
			      "bucket = acme-backups\n"
			      "prefix = catalog\n"
			      "folder-format = " FOLDER_FORMAT "\n"
			      "files = dump.sql.gz\n"
			      "metadata = metadata.json\n"
			      "max-age = 30h\n\n"
			      "[inventory \"catalog\"]\n"
			      "source = bigquery\n"
			      "dataset = catalog\n"
			      "expect-file = catalog.objects\n"
			      "every = 1m\n\n");
}

void demo_data_config(GString *text, int64_t now_s)
{
	config_tables(text, now_s);
	config_completions(text);
	config_rest(text);
}

/* --- files --- */

bool demo_data_write(const char *directory, GError **error)
{
	static const struct {
		const char *name, *text;
	} files[] = {
		{"checks/negative_prices.sql",
		 "-- a price below zero is a mistake of the import\n"
		 "SELECT id, price\n"
		 "FROM `acme-prod.shop.orders`\n"
		 "WHERE day >= DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY) AND price < 0\n"
		 "ORDER BY id\n"},
		{"checks/orders_today.sql", "SELECT COUNT(*)\n"
					    "FROM `acme-prod.shop.orders`\n"
					    "WHERE day >= CURRENT_DATE() - 1\n"},
		{"catalog.objects", "# What should be in the dataset; driftd snapshot "
				    "inventory/catalog writes it anew.\n"
				    "column catalog.products.id: INT64 NOT NULL\n"
				    "column catalog.products.name: STRING\n"
				    "column catalog.products.price: NUMERIC\n"
				    "dataset catalog\n"
				    "rows catalog.products: > 0\n"
				    "table catalog.products\n"
				    "table catalog.suppliers\n"},
	};
	g_autofree char *checks = g_build_filename(directory, "checks", NULL);

	if (g_mkdir_with_parents(checks, 0755) != 0) {
		drift_error_set_errno(error, errno, "make folder", checks);
		return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(directory, files[i].name, NULL);

		if (!g_file_set_contents(path, files[i].text, -1, error))
			return false;
	}
	return true;
}
