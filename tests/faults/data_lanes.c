/* data_lanes - see data_lanes.h */
#include "tests/faults/data_lanes.h"

#include "clk.h"

#include <string.h>

/** No lane's name begins with another's. */
#define LANE_FORMAT "%02d"

/** Where no rule goes. */
#define QUIET "quiet"

/** Where a rule goes, %LANE% stands for the lane; and what is looked at. */
static const struct {
	const char *name;
	const char *path;    /* of rules */
	const char *query;   /* part of the query string that rules ask for; NULL: any */
	const char *sql;     /* part of the SQL of its jobs; NULL: it has none */
	const char *subject; /* of messages */
	const char *permission;
	const char *targets[LANE_TARGETS_MAX];
} sources[SOURCE_COUNT] = {
	[SOURCE_METADATA] = {"tables.get",
			     "/bigquery/v2/projects/p-meta-%LANE%/*",
			     NULL,
			     NULL,
			     "p-meta-%LANE%.shop.t",
			     "bigquery.tables.get",
			     {"table/meta-%LANE%"}},
	[SOURCE_COLUMN] = {"column query",
			   "/bigquery/v2/projects/p-column-%LANE%/queries*",
			   NULL,
			   "p-column-%LANE%",
			   "p-column-%LANE%.shop.",
			   "bigquery.jobs.create",
			   {"table/column-%LANE%", "table/second-%LANE%"}},
	[SOURCE_PARTITION] = {"partition query",
			      "/bigquery/v2/projects/p-parts-%LANE%/queries*",
			      NULL,
			      "p-parts-%LANE%",
			      "p-parts-%LANE%.shop",
			      "bigquery.jobs.create",
			      {"table/parts-%LANE%"}},
	[SOURCE_ACTIVE] = {"active-when",
			   "/bigquery/v2/projects/p-active-%LANE%/queries*",
			   NULL,
			   "p-active-%LANE%",
			   "active-when",
			   "bigquery.jobs.create",
			   {"table/active-%LANE%", "completion/active-%LANE%"}},
	[SOURCE_ASSERT] = {"assertion",
			   "/bigquery/v2/projects/p-assert-%LANE%/queries*",
			   NULL,
			   "p-assert-%LANE%",
			   "assert/assert-%LANE%",
			   "bigquery.jobs.create",
			   {"assert/assert-%LANE%"}},
	[SOURCE_INVENTORY] = {"inventory",
			      "/bigquery/v2/projects/p-stock-%LANE%/queries*",
			      NULL,
			      "p-stock-%LANE%",
			      "inventory/stock-%LANE%: ",
			      "bigquery.jobs.create",
			      {"inventory/stock-%LANE%"}},
	[SOURCE_COMPLETION] = {"document",
			       "/v1/projects/p-docs-%LANE%/*",
			       NULL,
			       NULL,
			       "nightly/run of p-docs-%LANE%",
			       "datastore.entities.get",
			       {"completion/docs-%LANE%"}},
	[SOURCE_LIST] = {"list of objects",
			 "/storage/v1/b/list-%LANE%/o",
			 NULL,
			 NULL,
			 "gs://list-%LANE%/",
			 "storage.objects.list",
			 {"backup/list-%LANE%"}},
	[SOURCE_OBJECT] = {"metadata of a backup",
			   "/storage/v1/b/object-%LANE%/o/*",
			   NULL,
			   NULL,
			   "gs://object-%LANE%/",
			   "storage.objects.get",
			   {"backup/object-%LANE%"}},
	[SOURCE_TOKEN] = {"token endpoint",
			  "/token",
			  "lane=%LANE%&",
			  NULL,
			  "p-token-%LANE%.shop.t",
			  NULL,
			  {"table/token-%LANE%"}},
};

/** @p format with the lane's number in it, NULL stays NULL. Caller frees. */
static char *with_lane(const char *format, const char *lane)
{
	g_autoptr(GString) text = format ? g_string_new(format) : NULL;

	if (!text)
		return NULL;
	(void)g_string_replace(text, "%LANE%", lane, 0); /* how many does not matter */
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *in_lane(const char *format, int lane)
{
	g_autofree char *number = g_strdup_printf(LANE_FORMAT, lane);

	return with_lane(format, number);
}

const char *lanes_source_name(enum source source)
{
	return sources[source].name;
}

char *lanes_target(enum source source, int lane, int index)
{
	return in_lane(sources[source].targets[index], lane);
}

char *lanes_subject(enum source source, int lane)
{
	return in_lane(sources[source].subject, lane);
}

const char *lanes_permission(enum source source)
{
	return sources[source].permission;
}

/* --- the cloud --- */

#define ID "{\"name\":\"id\",\"type\":\"INTEGER\"}"
#define DAY "{\"name\":\"day\",\"type\":\"DATE\"}"
#define LOADED "{\"name\":\"loaded_at\",\"type\":\"TIMESTAMP\"}"
#define LAST_HOUR "\"lastModifiedTime\":\"now-1h\""

static void put_table(const struct world *world, const char *project, const char *lane,
		      const char *name, const char *spec)
{
	g_autofree char *whole = g_strdup_printf("p-%s-%s.shop.%s", project, lane, name);

	cloud_table(world, whole, "%s", spec);
}

static void put_tables(const struct world *world, const char *lane)
{
	static const char loaded[] =
		"{\"schema\":[" LOADED "],\"rows\":[[\"now-1h\"]]," LAST_HOUR "}";
	static const char plain[] = "{\"schema\":[" ID "],\"rows\":[[1]]," LAST_HOUR "}";

	put_table(world, "meta", lane, "t", plain);
	put_table(world, "token", lane, "t", plain);
	put_table(world, "column", lane, "a", loaded);
	put_table(world, "column", lane, "b", loaded);
	put_table(world, "parts", lane, "t",
		  "{\"schema\":[" DAY
		  "],\"partitioning\":{\"type\":\"DAY\",\"field\":\"day\"},\"rows\":"
		  "[[\"today\"],[\"today-1\"],[\"today-2\"]]," LAST_HOUR "}");
	put_table(world, "active", lane, "t", plain);
	put_table(world, "active", lane, "fixtures",
		  "{\"schema\":[" DAY "],\"rows\":[[\"today-1\"]]," LAST_HOUR "}");
	put_table(world, "assert", lane, "t", plain);
	put_table(world, "stock", lane, "t", plain);
}

static void put_document(const struct world *world, const char *project, const char *lane)
{
	g_autofree char *path = g_strdup_printf("firestore/p-%s-%s/nightly/run", project, lane);

	cloud_put(world, path, "{\"a\":{\"status\":\"success\"}}");
}

/** "2026-11-20_093012": so many hours before the lanes were made. Caller frees. */
static char *folder_of(const struct lanes *lanes, int hours_ago)
{
	g_autoptr(GDateTime) made = g_date_time_new_from_unix_utc(lanes->made_wall_ms / MS_PER_S);
	g_autoptr(GDateTime) then = g_date_time_add_hours(made, -hours_ago);

	return g_date_time_format(then, "%Y-%m-%d_%H%M%S");
}

static void put_backup(const struct lanes *lanes, const char *bucket, const char *lane,
		       int hours_ago, bool whole)
{
	g_autofree char *folder = folder_of(lanes, hours_ago);
	g_autofree char *name = g_strdup_printf("%s-%s", bucket, lane);
	g_autofree char *dump = g_strdup_printf("%s/dump.gz", folder);
	g_autofree char *metadata = g_strdup_printf("%s/meta.json", folder);
	g_autofree char *created = g_strdup_printf("now-%dh", hours_ago);

	cloud_object(lanes->world, name, metadata, created,
		     "{\"tables\":[{\"table_name\":\"t\",\"row_count\":5}]}");
	if (whole)
		cloud_object(lanes->world, name, dump, created, "dump");
}

static void put_lane(const struct lanes *lanes, const char *lane)
{
	const struct world *world = lanes->world;
	static const char *const buckets[] = {"list", "object"};

	put_tables(world, lane);
	put_document(world, "docs", lane);
	put_document(world, "active", lane);
	for (size_t i = 0; i < G_N_ELEMENTS(buckets); i++) {
		put_backup(lanes, buckets[i], lane, 26, true);
		put_backup(lanes, buckets[i], lane, 2, true);
	}
}

/* --- configuration --- */

static void write_file(const struct world *world, const char *name, const char *text)
{
	g_autofree char *path = world_path(world, name);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void write_files(const struct world *world, const char *lane)
{
	g_autofree char *sql_name = with_lane("bad-%LANE%.sql", lane);
	g_autofree char *sql =
		with_lane("SELECT id FROM `p-assert-%LANE%.shop.t` WHERE id < 0\n", lane);

	write_file(world, sql_name, sql);
}

/** What every lane has; sections of sources that are left out are not written. */
static const struct {
	enum source source;
	const char *text;
} sections[] = {
	{SOURCE_METADATA, "[table \"meta-%LANE%\"]\nproject = p-meta-%LANE%\ntable = shop.t\n"
			  "error-after = 24h\n\n"},
	{SOURCE_COLUMN, "[table \"column-%LANE%\"]\nproject = p-column-%LANE%\ntable = shop.a\n"
			"method = column\nloaded-at-field = loaded_at\nerror-after = 24h\n\n"
			"[table \"second-%LANE%\"]\nproject = p-column-%LANE%\ntable = shop.b\n"
			"method = column\nloaded-at-field = loaded_at\nerror-after = 24h\n\n"},
	{SOURCE_PARTITION, "[table \"parts-%LANE%\"]\nproject = p-parts-%LANE%\ntable = shop.t\n"
			   "method = partition\nerror-after = 5d\n\n"},
	{SOURCE_ACTIVE,
	 "[table \"active-%LANE%\"]\nproject = p-active-%LANE%\ntable = shop.t\n"
	 "error-after = 24h\n"
	 "active-when = SELECT COUNT(*) > 0 FROM `p-active-%LANE%.shop.fixtures`\n\n"
	 "[completion \"active-%LANE%\"]\nproject = p-active-%LANE%\ndocument = nightly/run\n"
	 "expect = a\ndone = status=success\n"
	 "active-when = SELECT COUNT(*) > 0 FROM `p-active-%LANE%.shop.fixtures`\n\n"},
	{SOURCE_ASSERT, "[assert \"assert-%LANE%\"]\nsource = bigquery\nproject = p-assert-%LANE%\n"
			"sql-file = bad-%LANE%.sql\nexpect = rows = 0\n\n"},
	{SOURCE_INVENTORY,
	 "[inventory \"stock-%LANE%\"]\nsource = bigquery\nproject = p-stock-%LANE%\n"
	 "dataset = shop\nexpect-file = stock.objects\n\n"},
	{SOURCE_COMPLETION, "[completion \"docs-%LANE%\"]\nproject = p-docs-%LANE%\n"
			    "document = nightly/run\nexpect = a\ndone = status=success\n\n"},
	{SOURCE_LIST,
	 "[backup \"list-%LANE%\"]\nbucket = list-%LANE%\nfolder-format = %Y-%m-%d_%H%M%S\n"
	 "files = dump.gz\nmetadata = meta.json\nmax-age = 24h\n\n"},
	{SOURCE_OBJECT,
	 "[backup \"object-%LANE%\"]\nbucket = object-%LANE%\nfolder-format = %Y-%m-%d_%H%M%S\n"
	 "files = dump.gz\nmetadata = meta.json\nmax-age = 24h\n\n"},
	{SOURCE_TOKEN, "[table \"token-%LANE%\"]\ngcp = own-%LANE%\nproject = p-token-%LANE%\n"
		       "table = shop.t\nerror-after = 24h\n\n"},
};

static void add_own_access(GString *config, const struct world *world, const char *lane)
{
	g_autofree char *name = with_lane("user-%LANE%.json", lane);
	g_autofree char *text = g_strdup_printf(
		"{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s\","
		"\"refresh_token\":\"r\",\"token_uri\":\"%s/token?lane=%s&x=1\"}",
		world->cloud, lane);

	write_file(world, name, text);
	g_string_append_printf(config,
			       "[gcp \"own-%s\"]\nproject = p-token-%s\ncredentials = "
			       "file:user-%s.json\nbigquery-endpoint = %s\n\n",
			       lane, lane, lane, world->cloud);
}

static void add_lane(GString *config, const struct lanes *lanes, const char *lane)
{
	bool quiet = g_str_equal(lane, QUIET);

	if (quiet || (lanes->sources & BIT(SOURCE_TOKEN)))
		add_own_access(config, lanes->world, lane);
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		g_autofree char *text = with_lane(sections[i].text, lane);

		if (quiet || (lanes->sources & BIT(sections[i].source)))
			g_string_append(config, text);
	}
	write_files(lanes->world, lane);
}

static void add_services(GString *config, const struct world *world)
{
	g_autofree char *checkout = repo_make(world, "app");
	g_autofree char *head = repo_publish(checkout, "a.txt", "one", A_DAY);
	g_autofree char *web = g_strdup_printf(
		"source = http\nurl = %s/target/web/version\ncommit-pointer = /commit",
		world->cloud);

	cloud_deploy(world, "run", head);
	cloud_target(world, "web", head);
	config_add_service(config, "run", "source = cloud-run");
	config_add_service(config, "web", web);
}

static void configure(struct lanes *lanes)
{
	struct world *world = lanes->world;
	g_autofree char *timeout =
		g_strdup_printf("cycle-timeout = %ds", LANES_CYCLE_TIMEOUT_MS / 1000);
	GString *config = world_base_config(world, "");

	config_replace(config, "cycle-timeout = 3s", timeout);
	add_services(config, world);
	cloud_put(world, "options",
		  "{\"client_id\":\"c\",\"client_secret\":\"s\",\"refresh_token\":\"r\"}");
	write_file(world, "stock.objects", "dataset shop\ntable shop.t\ncolumn shop.t.id: INT64\n");
	add_lane(config, lanes, QUIET);
	for (int lane = 0; lane < lanes->count; lane++) {
		g_autofree char *number = g_strdup_printf(LANE_FORMAT, lane);

		add_lane(config, lanes, number);
	}
	world_configure(world, config->str);
	g_string_free(config, TRUE);
}

void lanes_create(struct lanes *lanes, int count, unsigned wanted)
{
	*lanes = (struct lanes){.world = world_create(),
				.count = count,
				.sources = wanted,
				.made_wall_ms = clk_wall_ms()};
	put_lane(lanes, QUIET);
	for (int lane = 0; lane < count; lane++) {
		g_autofree char *number = g_strdup_printf(LANE_FORMAT, lane);

		put_lane(lanes, number);
	}
	configure(lanes);
}

void lanes_configure_more(const struct lanes *lanes, const char *text)
{
	g_autofree char *path = world_path(lanes->world, "driftd.ini");
	g_autofree char *before = NULL, *whole = NULL;

	ck_assert(g_file_get_contents(path, &before, NULL, NULL));
	whole = g_strconcat(before, text, NULL);
	world_configure(lanes->world, whole);
}

void lanes_free(struct lanes *lanes)
{
	if (lanes->world)
		world_free(g_steal_pointer(&lanes->world));
}

/* --- faults --- */

/** A member of a rule with a leading comma, or "". Caller frees. */
static char *text_member(const char *name, const char *text)
{
	return text ? g_strdup_printf(",\"%s\":\"%s\"", name, text) : g_strdup("");
}

void lanes_fault(const struct lanes *lanes, enum source source, int lane, const char *members)
{
	g_autofree char *path = in_lane(sources[source].path, lane);
	g_autofree char *query = in_lane(sources[source].query, lane);
	g_autofree char *part = text_member("query", query);
	g_autofree char *permission = text_member("permission", sources[source].permission);
	g_autofree char *rule =
		g_strdup_printf("{\"path\":\"%s\"%s%s,%s}", path, part, permission, members);

	cloud_fault(lanes->world, rule);
}

void lanes_fault_of(const struct lanes *lanes, enum source source, int lane, const char *api,
		    const char *members)
{
	g_autofree char *path = in_lane(sources[source].path, lane);
	g_autofree char *rule = NULL;
	char *calls = g_str_has_suffix(path, "/queries*") ? strrchr(path, '/') : NULL;

	if (calls)
		*calls = '\0';
	rule = g_strdup_printf("{\"path\":\"%s%s\",\"api\":\"%s\",%s}", path, calls ? "/*" : "",
			       api, members);
	cloud_fault(lanes->world, rule);
}

void lanes_jobrule(const struct lanes *lanes, enum source source, int lane, const char *table,
		   const char *members)
{
	g_autofree char *sql = in_lane(sources[source].sql, lane);
	g_autofree char *rule =
		g_strdup_printf("{\"query\":\"%s%s\",\"dry_run\":false,%s}", sql, table, members);

	cloud_jobrule(lanes->world, rule);
}

int64_t lanes_hits(const struct lanes *lanes)
{
	g_autoptr(struct_answer) rules = cloud_control(lanes->world, "GET", "faults", NULL);
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < json_object_array_length(rules->json); i++)
		least = MIN(least, json_int_at(json_object_array_get_idx(rules->json, i), "hits"));
	return least;
}

void lanes_heal(const struct lanes *lanes)
{
	cloud_heal(lanes->world);
	cloud_clear_jobrules(lanes->world);
}

void lanes_renew(const struct lanes *lanes)
{
	for (int lane = 0; lane < lanes->count; lane++) {
		g_autofree char *number = g_strdup_printf(LANE_FORMAT, lane);

		if (lanes->sources & BIT(SOURCE_OBJECT))
			put_backup(lanes, "object", number, 2, false);
	}
}

/* --- cycles --- */

void lanes_cycle(const struct lanes *lanes)
{
	int64_t start_ms = clk_mono_ms(), took_ms = 0;
	g_autoptr(struct_answer) answer =
		world_call(lanes->world, "POST", "/check?force=1", NULL, NULL);

	took_ms = clk_mono_ms() - start_ms;
	ck_assert_msg(answer->status == 200, "POST /check: %d %s", answer->status, answer->body);
	ck_assert_msg(took_ms < LANES_CYCLE_TIMEOUT_MS + LANES_SLACK_MS,
		      "the cycle took %" G_GINT64_FORMAT " ms", took_ms);
}

void lanes_expect_bystanders(const struct lanes *lanes, const char *when)
{
	g_autoptr(struct_answer) drift = world_get(lanes->world, "/drift?limit=500");
	json_object *items = json_at(drift->json, "items");

	for (size_t i = 0; i < json_object_array_length(items); i++) {
		json_object *item = json_object_array_get_idx(items, i);
		const char *name = json_text_at(item, "name");

		ck_assert_msg(!g_str_has_suffix(name, "-" QUIET) && !g_str_equal(name, "run") &&
				      !g_str_equal(name, "web"),
			      "%s touches %s", when, json_object_to_json_string(item));
	}
}

void lanes_expect_all_ok(const struct lanes *lanes, const char *when)
{
	g_autoptr(struct_answer) drift = world_get(lanes->world, "/drift?limit=500");
	json_object *first = json_at(drift->json, "items.0");

	ck_assert_msg(!first, "%s: %s", when, json_object_to_json_string(first));
}
