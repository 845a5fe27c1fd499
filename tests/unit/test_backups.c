/* test_backups - folders of backups in a bucket: which names count, what is in them, how often they
 * are read. DESIGN 5. */
#include "data/backups.h"

#include "clk.h"
#include "drift_error.h"
#include "tests/unit/docs_lab.h"
#include "timefmt.h"

#include <stdatomic.h>
#include <string.h>

Suite *backups_suite(void);

/* --- configurations --- */

#define FORMAT "%Y-%m-%d_%H%M%S"

static struct config_backup *configs[8];
static size_t config_count;

/* @p files: "dump.gz other.gz". */
static struct config_backup *add(const char *prefix, const char *format, const char *files,
				 const char *metadata)
{
	struct config_backup *config = g_new0(struct config_backup, 1);

	config->target.kind = TARGET_KIND_BACKUP;
	config->target.name = g_strdup_printf("b%zu", config_count);
	config->target.id = g_strconcat("backup/", config->target.name, NULL);
	config->gcp = &docs_lab.gcp;
	config->project = g_strdup("acme");
	config->bucket = g_strdup("acme-backups");
	config->prefix = g_strdup(prefix);
	config->folder_format = g_strdup(format);
	config->files = g_strsplit(files, " ", -1);
	config->metadata = g_strdup(metadata);
	configs[config_count++] = config;
	return config;
}

static void config_free(struct config_backup *config)
{
	g_free(config->target.name);
	g_free(config->target.id);
	g_free(config->project);
	g_free(config->bucket);
	g_free(config->prefix);
	g_free(config->folder_format);
	g_strfreev(config->files);
	g_free(config->metadata);
	g_free(config);
}

static void forget_configs(void)
{
	while (config_count > 0)
		config_free(configs[--config_count]);
}

/* --- folders --- */

/* "2026-11-19_030000+ 2026-11-18_030000(-dump.gz 0metadata.json)": complete, or what is missing and
 * what is empty; then metadata: [a=1 b=2] or [error]. */
static void render_folder(GString *text, const struct backup_folder *folder)
{
	g_string_append_printf(text, "%s%s", text->len ? " " : "", folder->name);
	if (backups_is_complete(folder))
		g_string_append_c(text, '+');
	for (guint i = 0; i < folder->missing->len; i++)
		g_string_append_printf(text, "(-%s)", (const char *)folder->missing->pdata[i]);
	for (guint i = 0; i < folder->empty->len; i++)
		g_string_append_printf(text, "(0%s)", (const char *)folder->empty->pdata[i]);
	if (folder->metadata_read)
		g_string_append_c(text, '[');
	for (guint i = 0; i < folder->tables->len; i++) {
		const struct backup_table *table = folder->tables->pdata[i];

		g_string_append_printf(text, "%s%s=%" PRId64, i ? " " : "", table->name,
				       table->rows);
	}
	if (folder->metadata_error)
		g_string_append(text, folder->metadata_error);
	if (folder->metadata_read)
		g_string_append_c(text, ']');
}

static char *render(const struct backup_obs *seen)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < seen->folders->len; i++)
		render_folder(text, seen->folders->pdata[i]);
	if (seen->ignored)
		g_string_append_printf(text, "%signored %" PRId64, text->len ? " " : "",
				       seen->ignored);
	return g_string_free(text, FALSE);
}

static void add_object(GPtrArray *objects, const char *name, int64_t size_bytes)
{
	struct storage_object *object = g_new0(struct storage_object, 1);

	object->name = g_strdup(name);
	object->size_bytes = size_bytes;
	object->generation = 1;
	g_ptr_array_add(objects, object);
}

/* "a/b=12 c": names and sizes, 1 where there is none. */
static GPtrArray *objects_of(const char *prefix, const char *words)
{
	GPtrArray *objects = g_ptr_array_new_with_free_func(storage_object_free);
	g_auto(GStrv) list = g_strsplit(words, " ", -1);

	for (guint i = 0; list[i]; i++) {
		g_auto(GStrv) parts = g_strsplit(list[i], "=", 2);
		g_autofree char *name = g_strconcat(prefix, parts[0], NULL);

		if (*list[i])
			add_object(objects, name,
				   parts[1] ? (int64_t)g_ascii_strtoll(parts[1], NULL, 10) : 1);
	}
	return objects;
}

static const struct {
	const char *format, *files, *metadata;
	const char *objects;
	const char *want;
} groups[] = {
	{FORMAT, "dump.gz", NULL, "", ""},
	{FORMAT, "dump.gz", NULL,
	 "2026-11-19_030000/dump.gz 2026-11-18_030000/dump.gz 2026-11-20_030000/dump.gz",
	 "2026-11-20_030000+ 2026-11-19_030000+ 2026-11-18_030000+"},
	/* L16: other names are not sorted among them, whatever their letters */
	{FORMAT, "dump.gz", NULL,
	 "2026-11-19_030000/dump.gz pre_rollback_2026-11-20_030000/dump.gz "
	 "pre_rollback_2026-11-20_030000/b "
	 "zzz/dump.gz 2026-11-20_030000.bak/dump.gz 2026-13-01_030000/dump.gz 2026-11-20/dump.gz "
	 "2026-11-20_03000/dump.gz",
	 "2026-11-19_030000+ ignored 6"},
	/* what lies in no folder is nothing */
	{FORMAT, "dump.gz", NULL, "dump.gz 2026-11-20_030000 /dump.gz 2026-11-19_030000/dump.gz",
	 "2026-11-19_030000+"},
	/* a folder's place is no file, and the folder is there */
	{FORMAT, "dump.gz", NULL,
	 "2026-11-20_030000/=0 2026-11-19_030000/=0 2026-11-19_030000/dump.gz",
	 "2026-11-20_030000(-dump.gz) 2026-11-19_030000+"},
	/* files there and not empty */
	{FORMAT, "a b c", NULL, "2026-11-20_030000/a 2026-11-20_030000/b=0 2026-11-20_030000/x",
	 "2026-11-20_030000(-c)(0b)"},
	{FORMAT, "a", NULL, "2026-11-20_030000/sub/a 2026-11-20_030000/A 2026-11-20_030000/a.tmp",
	 "2026-11-20_030000(-a)"},
	{FORMAT, "sub/a", NULL, "2026-11-20_030000/sub/a=9", "2026-11-20_030000+"},
	/* metadata is expected, too */
	{FORMAT, "a", "m.json",
	 "2026-11-20_030000/a 2026-11-19_030000/a 2026-11-19_030000/m.json=0 "
	 "2026-11-18_030000/a 2026-11-18_030000/m.json",
	 "2026-11-20_030000(-m.json) 2026-11-19_030000(0m.json) 2026-11-18_030000+"},
	{FORMAT, "a m.json", "m.json", "2026-11-20_030000/a", "2026-11-20_030000(-m.json)"},
	/* a format of several parts */
	{"%Y/%m/%d", "a", NULL,
	 "2026/11/20/a 2026/11/19/a 2026/=0 2026/11/=0 2026/11/18/=0 2026/11/31/a 2026/notes.txt "
	 "pre/rollback/x/a",
	 "2026/11/20+ 2026/11/19+ 2026/11/18(-a) ignored 3"},
};

START_TEST(L16_only_folders_of_the_format_are_backups)
{
	static const char *const prefixes[] = {"", "captions/daily/"};

	for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		const struct config_backup *config =
			add(prefixes[i], groups[_i].format, groups[_i].files, groups[_i].metadata);
		g_autoptr(GPtrArray) objects = objects_of(prefixes[i], groups[_i].objects);
		struct backup_obs *seen = backups_group(config, objects);
		g_autofree char *got = render(seen);

		ck_assert_str_eq(got, groups[_i].want);
		ck_assert_int_eq(seen->folders_total, seen->folders->len);
		backup_obs_free(seen);
	}
	forget_configs();
}
END_TEST

START_TEST(folders_are_measured)
{
	const struct config_backup *config = add("p/", FORMAT, "a", NULL);
	g_autoptr(GPtrArray) objects = objects_of(
		"p/", "2026-11-20_030000/a=5 2026-11-20_030000/b=7 2026-11-20_030000/x/y=8 "
		      "1999-12-31_235959/a=9223372036854775807 1999-12-31_235959/b=1");
	struct backup_obs *seen = backups_group(config, objects);
	const struct backup_folder *newest = seen->folders->pdata[0];
	const struct backup_folder *oldest = seen->folders->pdata[1];

	ck_assert_int_eq(newest->bytes, 20);
	ck_assert_int_eq(newest->at_wall_ms, INT64_C(1795143600000));
	ck_assert_int_eq(oldest->bytes, INT64_MAX);
	ck_assert_int_eq(seen->oldest_wall_ms, oldest->at_wall_ms);
	ck_assert_int_eq(seen->oldest_wall_ms, INT64_C(946684799000));
	backup_obs_free(seen);
	forget_configs();
}
END_TEST

START_TEST(folders_are_bounded)
{
	const struct config_backup *config = add("", "%s", "a", NULL);
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(storage_object_free);
	struct backup_obs *seen = NULL;
	const struct backup_folder *last = NULL;

	for (int i = 0; i < BACKUP_FOLDERS_MAX + 3; i++) {
		g_autofree char *name = g_strdup_printf("%d/a", 1700000000 + i);

		add_object(objects, name, 1);
	}
	seen = backups_group(config, objects);
	ck_assert_int_eq(seen->folders->len, BACKUP_FOLDERS_MAX);
	ck_assert_int_eq(seen->folders_total, BACKUP_FOLDERS_MAX + 3);
	ck_assert_int_eq(seen->oldest_wall_ms, INT64_C(1700000000000));
	last = seen->folders->pdata[BACKUP_FOLDERS_MAX - 1];
	ck_assert_str_eq(last->name, "1700000003");
	backup_obs_free(seen);
	forget_configs();
}
END_TEST

/* --- metadata --- */

#define TABLE(name, rows) "{\"table_name\":\"" name "\",\"row_count\":" rows "}"

static const struct {
	const char *json;
	const char *want; /* "a=1 b=2"; of the message when refused */
	bool refused;
} documents[] = {
	{"{\"tables\":[" TABLE("a", "1") "," TABLE("b", "0") "]}", "a=1 b=0", false},
	{"{\"version\":2,\"tables\":[{\"table_name\":\"b\",\"bytes\":null,\"row_count\":"
	 "9007199254740993}]}",
	 "b=9007199254740993", false},
	{"\xef\xbb\xbf{\"tables\":[" TABLE("a", "1") "]}\n", "a=1", false},
	{"", "empty", true},
	{"a,b\n1,2\n", "not a JSON document", true},
	{"{\"tables\":[" TABLE("a", "1") "]", "not a JSON document", true},
	{"[]", "not a JSON object", true},
	{"[" TABLE("a", "1") "]", "not a JSON object", true},
	{"{}", "tables is missing", true},
	{"{\"tables\":null}", "tables is missing", true},
	{"{\"tables\":[]}", "tables is empty", true},
	{"{\"tables\":{\"a\":1}}", "tables is object", true},
	{"{\"tables\":[\"a\"]}", "tables has an element that is no object", true},
	{"{\"tables\":[null]}", "tables has an element that is no object", true},
	{"{\"tables\":[{\"row_count\":1}]}", "tables[0]: table_name is missing", true},
	{"{\"tables\":[{\"table_name\":\"\",\"row_count\":1}]}", "tables[0]: table_name is missing",
	 true},
	{"{\"tables\":[{\"table_name\":1,\"row_count\":1}]}", "tables[0]: table_name is int", true},
	{"{\"tables\":[" TABLE("a", "1") ",{\"table_name\":\"b\"}]}",
	 "tables[1]: row_count is missing", true},
	{"{\"tables\":[" TABLE("a", "null") "]}", "row_count is not a whole number", true},
	{"{\"tables\":[" TABLE("a", "\"1\"") "]}", "row_count is not a whole number", true},
	{"{\"tables\":[" TABLE("a", "1.0") "]}", "row_count is not a whole number", true},
	{"{\"tables\":[" TABLE("a", "true") "]}", "row_count is not a whole number", true},
	{"{\"tables\":[" TABLE("a", "-1") "]}", "row_count is out of range", true},
	{"{\"tables\":[" TABLE("a", "99999999999999999999") "]}", "row_count", true},
	{"{\"tables\":[" TABLE("a", "1") "," TABLE("a", "2") "]}", "table a is there twice", true},
};

START_TEST(metadata_is_parsed_strictly)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) tables =
		backups_parse_metadata(documents[_i].json, strlen(documents[_i].json), &error);
	struct backup_folder *folder = backup_folder_create("f", 1);
	GString *text = g_string_new(NULL);
	g_autofree char *want = g_strdup_printf("f+[%s]", documents[_i].want);

	ck_assert_msg(documents[_i].refused == !tables, "%s", error ? error->message : "accepted");
	if (tables) {
		backups_set_metadata(folder, tables, NULL);
		render_folder(text, folder);
		ck_assert_str_eq(text->str, want);
	} else {
		ck_assert_int_eq(error->code, DRIFT_ERROR_INVALID);
		ck_assert_msg(strstr(error->message, documents[_i].want), "%s", error->message);
	}
	(void)g_string_free(text, TRUE);
	backup_folder_free(folder);
}
END_TEST

START_TEST(metadata_is_bounded)
{
	for (int extra = 0; extra < 2; extra++) {
		GString *json = g_string_new("{\"tables\":[");
		GPtrArray *tables = NULL;

		for (int i = 0; i < BACKUPS_TABLES_MAX + extra; i++)
			g_string_append_printf(json, "%s" TABLE("%d", "1"), i ? "," : "", i);
		g_string_append(json, "]}");
		tables = backups_parse_metadata(json->str, json->len, NULL);
		ck_assert_int_eq(tables != NULL, extra == 0);
		if (tables)
			g_ptr_array_unref(tables);
		(void)g_string_free(json, TRUE);
	}
}
END_TEST

/* --- the collector --- */

#define LIST "/storage/v1/b/acme-backups/o?"
#define MEDIA "/storage/v1/b/acme-backups/o/"

/* What the bucket holds, and what goes wrong; set before a look. */
static const char *held;    /* as for objects_of() */
static int generation;      /* of all */
static const char *content; /* of metadata documents */
static int list_status, media_status;
static const char *list_body; /* instead of what is held; NULL */
static int page_objects;      /* on each page; 0: all */
static bool same_token;       /* every page says the next is the same */
static bool endless;          /* there is always another page */

static bool send_page(const struct web_request *request)
{
	g_autoptr(GPtrArray) objects = objects_of("", held);
	const char *at = strstr(request->path, "pageToken=");
	guint from = at ? (guint)g_ascii_strtoull(at + strlen("pageToken="), NULL, 10) : 0;
	guint to = page_objects ? MIN(from + (guint)page_objects, objects->len) : objects->len;
	g_autoptr(GString) body = g_string_new("{\"items\":[");

	for (guint i = from; i < to; i++) {
		const struct storage_object *object = objects->pdata[i];

		g_string_append_printf(
			body, "%s{\"name\":\"%s\",\"size\":\"%" PRId64 "\",\"generation\":\"%d\"}",
			i > from ? "," : "", object->name, object->size_bytes, generation);
	}
	g_string_append_c(body, ']');
	if (same_token)
		g_string_append(body, ",\"nextPageToken\":\"0\"");
	else if (endless || to < objects->len)
		g_string_append_printf(body, ",\"nextPageToken\":\"%u\"", endless ? from + 1 : to);
	g_string_append_c(body, '}');
	return web_reply(request, 200, DOCS_LAB_JSON, body->str);
}

static bool handle(const struct web_request *request)
{
	if (strstr(request->path, "alt=media"))
		return web_reply(request, media_status, DOCS_LAB_JSON, content);
	if (list_status != 200 || list_body)
		return web_reply(request, list_status, DOCS_LAB_JSON, list_body);
	return send_page(request);
}

static bool hang_on_media(const struct web_request *request)
{
	if (strstr(request->path, "alt=media"))
		return !web_wait(request, -1);
	return send_page(request);
}

#define TWO                                                                                        \
	"2026-11-19_030000/a 2026-11-19_030000/m.json 2026-11-20_030000/a "                        \
	"2026-11-20_030000/m.json"

static void reset(void)
{
	held = TWO;
	generation = 7;
	content = "{\"tables\":[" TABLE("t", "5") "]}";
	list_status = 200;
	media_status = 200;
	list_body = NULL;
	page_objects = 0;
	same_token = false;
	endless = false;
}

static void setup(void)
{
	reset();
	docs_lab_open(handle);
}

static void setup_hanging(void)
{
	reset();
	docs_lab_open(hang_on_media);
}

static void teardown(void)
{
	docs_lab_close();
	forget_configs();
}

static void look(void)
{
	const struct config_target *targets[G_N_ELEMENTS(configs)];

	for (size_t i = 0; i < config_count; i++)
		targets[i] = &configs[i]->target;
	docs_lab_look(targets, config_count);
}

static void assert_rendered(size_t index, const char *want)
{
	const struct observation *seen = docs_lab_seen(index);
	g_autofree char *got = NULL;

	ck_assert_msg(!seen->fault, "%s", seen->fault ? seen->fault->message : "");
	got = render(seen->backup);
	ck_assert_str_eq(got, want);
}

START_TEST(the_two_newest_complete_backups_are_read)
{
	held = "2026-11-17_030000/a 2026-11-17_030000/m.json 2026-11-20_030000/a " TWO
	       " 2026-11-21_030000/a x/y";
	add("", FORMAT, "a", "m.json");
	look();
	assert_rendered(
		0, "2026-11-21_030000(-m.json) 2026-11-20_030000+[t=5] 2026-11-19_030000+[t=5] "
		   "2026-11-17_030000+ ignored 1");
	ck_assert_int_eq(web_count(docs_lab.web, LIST), 1);
	ck_assert_int_eq(
		web_count(docs_lab.web, MEDIA "2026-11-20_030000%2Fm.json?alt=media&generation=7"),
		1);
	ck_assert_int_eq(
		web_count(docs_lab.web, MEDIA "2026-11-19_030000%2Fm.json?alt=media&generation=7"),
		1);
	ck_assert_int_eq(web_count(docs_lab.web, ""), 3);
}
END_TEST

START_TEST(without_metadata_only_the_list_is_read)
{
	add("", FORMAT, "a", NULL);
	look();
	assert_rendered(0, "2026-11-20_030000+ 2026-11-19_030000+");
	ck_assert_int_eq(web_count(docs_lab.web, ""), 1);
}
END_TEST

START_TEST(an_empty_bucket_has_no_backups)
{
	held = "";
	add("", FORMAT, "a", "m.json");
	look();
	assert_rendered(0, "");
	ck_assert_int_eq(docs_lab_seen(0)->backup->folders_total, 0);
	ck_assert_int_eq(docs_lab_seen(0)->backup->oldest_wall_ms, 0);
}
END_TEST

START_TEST(pages_are_followed)
{
	page_objects = 1;
	add("", FORMAT, "a", "m.json");
	look();
	assert_rendered(0, "2026-11-20_030000+[t=5] 2026-11-19_030000+[t=5]");
	ck_assert_int_eq(web_count(docs_lab.web, LIST), 4);
}
END_TEST

START_TEST(pages_that_repeat_are_no_list)
{
	same_token = true;
	add("", FORMAT, "a", NULL);
	look();
	docs_lab_fault(0, FAULT_BAD_ANSWER, "list gs://acme-backups/: the same page again");
	ck_assert_int_eq(web_count(docs_lab.web, LIST), 2);
}
END_TEST

START_TEST(pages_that_never_end_are_too_many)
{
	endless = true;
	add("", FORMAT, "a", NULL);
	look();
	docs_lab_fault(0, FAULT_TOO_LARGE,
		       "more than 50 pages of 1000 objects: give a longer prefix");
	ck_assert_int_eq(web_count(docs_lab.web, LIST), STORAGE_PAGES_MAX);
}
END_TEST

START_TEST(an_unchanged_backup_is_not_read_again)
{
	add("", FORMAT, "a", "m.json");
	look();
	content = "{\"tables\":[" TABLE("t", "6") "]}";
	look();
	assert_rendered(0, "2026-11-20_030000+[t=5] 2026-11-19_030000+[t=5]");
	ck_assert_int_eq(web_count(docs_lab.web, MEDIA), 2);
	generation = 8;
	look();
	assert_rendered(0, "2026-11-20_030000+[t=6] 2026-11-19_030000+[t=6]");
	ck_assert_int_eq(web_count(docs_lab.web, MEDIA), 4);
}
END_TEST

START_TEST(what_nobody_asks_for_is_forgotten)
{
	add("", FORMAT, "a", "m.json");
	look();
	for (int i = 0; i < 2; i++) { /* every look keeps it */
		clk_set_fake(clk_mono_ms() + BACKUPS_REMEMBER_MS, clk_wall_ms());
		look();
		ck_assert_int_eq(web_count(docs_lab.web, MEDIA), 2);
	}
	clk_set_fake(clk_mono_ms() + BACKUPS_REMEMBER_MS + 1, clk_wall_ms());
	look();
	ck_assert_int_eq(web_count(docs_lab.web, MEDIA), 4);
}
END_TEST

START_TEST(metadata_that_cannot_be_understood_is_said_and_read_again)
{
	content = "<html>";
	held = "2026-11-19_030000/a 2026-11-19_030000/m.json=6 2026-11-20_030000/a "
	       "2026-11-20_030000/m.json=6"; /* it is the object, and as long */
	add("", FORMAT, "a", "m.json");
	look();
	assert_rendered(0, "2026-11-20_030000+[not a JSON document: unexpected character] "
			   "2026-11-19_030000+[not a JSON document: unexpected character]");
	content = "{\"tables\":[" TABLE("t", "5") "]}";
	look();
	assert_rendered(0, "2026-11-20_030000+[t=5] 2026-11-19_030000+[t=5]");
}
END_TEST

START_TEST(a_list_is_shared)
{
	held = "p/2026-11-19_030000/a p/2026-11-19_030000/m.json";
	add("p/", FORMAT, "a", "m.json");
	add("p/", FORMAT, "b", "m.json");
	add("p/", FORMAT, "m.json", "m.json");
	add("p/", "%Y%m%d", "a", NULL);
	add("p/2026-11-19_030000/", FORMAT, "a", NULL);
	look();
	assert_rendered(0, "2026-11-19_030000+[t=5]");
	assert_rendered(1, "2026-11-19_030000(-b)");
	assert_rendered(2, "2026-11-19_030000+[t=5]");
	assert_rendered(3, "ignored 1");
	assert_rendered(4, "");
	ck_assert_int_eq(web_count(docs_lab.web, LIST), 2);
	ck_assert_int_eq(web_count(docs_lab.web, MEDIA), 1);
}
END_TEST

#define NO_BUCKET                                                                                  \
	"{\"error\":{\"code\":404,\"message\":\"The specified bucket does not "                    \
	"exist.\",\"errors\":[{\"reason\":\"notFound\"}]}}"
#define DENIED                                                                                     \
	"{\"error\":{\"code\":403,\"message\":\"d@acme does not have storage.objects.list access " \
	"to the Google Cloud Storage bucket.\",\"errors\":[{\"reason\":\"forbidden\"}]}}"

static const struct {
	int list_status;
	const char *list_body;
	int media_status;
	const char *content;
	enum fault_class class;
	const char *part;
	const char *permission;
} faults[] = {
	{404, NO_BUCKET, 200, "", FAULT_NOT_FOUND,
	 "list gs://acme-backups/: HTTP 404: there is no bucket acme-backups: check bucket", NULL},
	{404, "<html>", 200, "", FAULT_HTTP_4XX, "HTTP 404", NULL},
	{403, DENIED, 200, "", FAULT_DENIED,
	 "grant storage.objects.list (roles/storage.objectViewer)", "storage.objects.list"},
	{403, "", 200, "", FAULT_DENIED, "list gs://acme-backups/: HTTP 403",
	 "storage.objects.list"},
	{401, "", 200, "", FAULT_DENIED, "HTTP 401", "storage.objects.list"},
	{429, "", 200, "", FAULT_QUOTA, "HTTP 429", NULL},
	{500, "", 200, "", FAULT_HTTP_5XX, "HTTP 500", NULL},
	{200, "<html>", 200, "", FAULT_BAD_ANSWER, "list gs://acme-backups/: not a JSON document",
	 NULL},
	{200, "{\"items\":{}}", 200, "", FAULT_BAD_ANSWER, "items is object", NULL},
	{200, "{\"items\":[{\"name\":\"2026-11-20_030000/a\"}]}", 200, "", FAULT_BAD_ANSWER,
	 "object 0 of the list: size is missing", NULL},
	/* of a metadata document: it is nobody's unreadable backup */
	{200, NULL, 403, "<html>", FAULT_DENIED, "read gs://acme-backups/2026-11-",
	 "storage.objects.get"},
	{200, NULL, 404, "No such object: acme-backups/x", FAULT_NOT_FOUND,
	 "it was replaced or deleted while driftd looked", NULL},
	{200, NULL, 429, "", FAULT_QUOTA, "HTTP 429", NULL},
	{200, NULL, 503, "", FAULT_HTTP_5XX, "HTTP 503", NULL},
	/* 200 and another length than the list says: somebody on the way answered */
	{200, NULL, 200, "<html>", FAULT_BAD_ANSWER,
	 "not the object: 6 bytes that make no sense, and the list says 1", NULL},
	{200, NULL, 200, "", FAULT_BAD_ANSWER, "not the object: 0 bytes", NULL},
};

START_TEST(L04_a_failed_look_is_no_answer)
{
	list_status = faults[_i].list_status;
	list_body = faults[_i].list_body;
	media_status = faults[_i].media_status;
	content = faults[_i].content;
	docs_lab.step_ms = 20; /* for the waiting between attempts */
	add("", FORMAT, "a", "m.json");
	add("", FORMAT, "a", "m.json");
	look();
	for (size_t i = 0; i < 2; i++) {
		const struct fault *fault = docs_lab_fault(i, faults[_i].class, faults[_i].part);

		ck_assert_pstr_eq(fault->permission, faults[_i].permission);
	}
}
END_TEST

START_TEST(one_failed_document_does_not_touch_others)
{
	media_status = 403;
	add("", FORMAT, "a", "m.json");
	add("", FORMAT, "a", NULL);
	look();
	docs_lab_fault(0, FAULT_DENIED, "storage.objects.get");
	assert_rendered(1, "2026-11-20_030000+ 2026-11-19_030000+");
}
END_TEST

START_TEST(L04_without_credentials_nothing_is_known)
{
	g_free(docs_lab.gcp.name);
	docs_lab.gcp.name = g_strdup("renamed");
	add("", FORMAT, "a", "m.json");
	look();
	docs_lab_fault(0, FAULT_CREDENTIALS, "renamed");
}
END_TEST

START_TEST(L04_a_hanging_server_is_a_timeout)
{
	docs_lab.step_ms = 100;
	add("", FORMAT, "a", "m.json");
	add("", FORMAT, "a", NULL);
	look();
	docs_lab_fault(0, FAULT_TIMEOUT, "read gs://acme-backups/2026-11-");
	assert_rendered(1, "2026-11-20_030000+ 2026-11-19_030000+");
}
END_TEST

START_TEST(a_metadata_document_is_bounded)
{
	g_autofree char *large = g_strnfill(BACKUPS_METADATA_MAX_BYTES + 1, ' ');

	content = large;
	add("", FORMAT, "a", "m.json");
	look();
	docs_lab_fault(0, FAULT_TOO_LARGE, "read gs://acme-backups/2026-11-");
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, SFun before)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, before, teardown);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return tc;
}

Suite *backups_suite(void)
{
	Suite *suite = suite_create("backups");
	TCase *pure = tcase_create("pure");
	TCase *run = add_case(suite, "run", setup);
	TCase *hanging = add_case(suite, "hanging", setup_hanging);

	suite_add_tcase(suite, pure);
	tcase_add_loop_test(pure, L16_only_folders_of_the_format_are_backups, 0,
			    G_N_ELEMENTS(groups));
	tcase_add_test(pure, folders_are_measured);
	tcase_add_test(pure, folders_are_bounded);
	tcase_add_loop_test(pure, metadata_is_parsed_strictly, 0, G_N_ELEMENTS(documents));
	tcase_add_test(pure, metadata_is_bounded);
	tcase_add_test(run, the_two_newest_complete_backups_are_read);
	tcase_add_test(run, without_metadata_only_the_list_is_read);
	tcase_add_test(run, an_empty_bucket_has_no_backups);
	tcase_add_test(run, pages_are_followed);
	tcase_add_test(run, pages_that_repeat_are_no_list);
	tcase_add_test(run, pages_that_never_end_are_too_many);
	tcase_add_test(run, an_unchanged_backup_is_not_read_again);
	tcase_add_test(run, what_nobody_asks_for_is_forgotten);
	tcase_add_test(run, metadata_that_cannot_be_understood_is_said_and_read_again);
	tcase_add_test(run, a_list_is_shared);
	tcase_add_loop_test(run, L04_a_failed_look_is_no_answer, 0, G_N_ELEMENTS(faults));
	tcase_add_test(run, one_failed_document_does_not_touch_others);
	tcase_add_test(run, L04_without_credentials_nothing_is_known);
	tcase_add_test(run, a_metadata_document_is_bounded);
	tcase_add_test(hanging, L04_a_hanging_server_is_a_timeout);
	return suite;
}
