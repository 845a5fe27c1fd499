/* Unit tests of daemon/definition: what makes a target another question, and what does not. DESIGN 3 and 7. */
#include "daemon/engine_private.h"
#include "tests/unit/config_world.h"

#include <check.h>
#include <string.h>

Suite *definition_suite(void);

static const char key[STORE_HASH_KEY_BYTES] = "0123456789abcdef0123456789abcde";
static const char other_key[STORE_HASH_KEY_BYTES] = "0123456789abcdef0123456789abcdf";

#define DSN "host=db.example.com dbname=app user=driftd password=hunter2"
#define SCHEDULE "expected = 0 6 * * 1-5 UTC\ngrace = 45m\nholidays = holidays.txt\n"

#define CONFIG                                                                                     \
	"[gcp]\nproject = acme\nregion = us-west2\n"                                               \
	"[table \"games\"]\ntable = lake.raw.games\nmethod = column\n"                             \
	"loaded-at-field = processed_at\nfilter = a > 1\nwarn-after = 12h\nerror-after = 24h\n"    \
	"min-rows = 7\nmax-bytes-billed = 20MB\nactive-when = SELECT true\nconfirm = 2\n"          \
	"every = 1h\npriority = P1\nowner = table-team\ndescription = all games\n" SCHEDULE "\n"   \
	"[table \"days\"]\ntable = lake.raw.days\nmethod = partition\nvolume = 40%\n"              \
	"[completion \"night\"]\ndocument = runs/{date}\ndate-offset = -1d\nexpect = games\n"      \
	"expect = late: plays\nmode-field = mode\ndone = status=ok\n"                              \
	"evidence = games table/games\nevery = 10m\npriority = P1\nowner = night-team\n"           \
	"expected = 30 7 * * * UTC\ngrace = 30m\nholidays = holidays.txt\n"                        \
	"[inventory \"app\"]\nsource = postgresql\ndsn = " DSN "\nschema = public\n"               \
	"ignore = public.tmp_*\nexpect-file = app.objects\nevery = 1h\nowner = app-team\n"         \
	"[inventory \"lake\"]\nsource = bigquery\ndataset = raw\nexpect-file = lake.objects\n"     \
	"[assert \"rows\"]\nsource = bigquery\nsql-file = q.sql\nexpect = rows = 0\n"              \
	"warn = rows < 5\nmax-bytes-billed = 10MB\nevery = 1h\nowner = rows-team\n"                \
	"[assert \"users\"]\nsource = postgresql\ndsn = " DSN "\nsql-file = q.sql\n"               \
	"expect = value > 3\nshow-rows = false\n"                                                  \
	"[backup \"captions\"]\nbucket = acme-backups\nprefix = daily/\n"                          \
	"folder-format = %Y-%m-%d\nmetadata = metadata.json\nfiles = a.json\nmax-age = 26h\n"      \
	"retention = 30d\nevery = 1h\nowner = backup-team\n"

static void set_up(void)
{
	config_world_set_up();
	config_world_put_only("holidays.txt", "2026-11-26\n");
	config_world_put_only("app.objects", "table public.users\n");
	config_world_put_only("lake.objects", "table raw.games\n");
	config_world_put_only("q.sql", "SELECT 1 AS x\n");
}

/* Caller frees. */
static char *define_with(const char *text, const char *id, const char *with)
{
	struct config *config = config_world_must_load(text);
	const struct config_target *target = config_find_target(config, id);
	char *definition;

	ck_assert_msg(target, "%s", id);
	definition = definition_of(target, with);
	config_unref(config);
	return definition;
}

static char *replaced(const char *old, const char *new)
{
	g_autofree char *text = g_strdup(CONFIG);
	char *at = strstr(text, old);

	ck_assert_msg(at, "%s", old);
	*at = '\0';
	return g_strconcat(text, new, at + strlen(old), NULL);
}

static const struct {
	const char *id, *old, *new;
	bool same;
} keys[] = {
	{"table/games", "lake.raw.games", "lake.raw.plays", false},
	{"table/games", "lake.raw.games", "lake.row.games", false},
	{"table/games", "lake.raw.games", "pond.raw.games", false},
	{"table/games", "processed_at", "loaded_at", false},
	{"table/games", "filter = a > 1", "filter = a > 2", false},
	{"table/games", "warn-after = 12h", "warn-after = 13h", false},
	{"table/games", "error-after = 24h", "error-after = 25h", false},
	{"table/games", "min-rows = 7", "min-rows = 8", false},
	{"table/games", "max-bytes-billed = 20MB", "max-bytes-billed = 30MB", false},
	{"table/games", "SELECT true", "SELECT false", false},
	{"table/games", "0 6 * * 1-5 UTC", "0 7 * * 1-5 UTC", false},
	{"table/games", "0 6 * * 1-5 UTC", "0 6 * * 1-5 Europe/Prague", false},
	{"table/games", "grace = 45m", "grace = 46m", false},
	{"table/games", "\nholidays = holidays.txt", "", false},
	{"table/games", "project = acme", "project = other", false},
	{"table/days", "volume = 40%", "volume = 50%", false},
	{"table/days", "partition\nvolume = 40%", "metadata\nmin-rows = 1", false},
	{"table/games", "every = 1h", "every = 2h", true},
	{"table/games", "priority = P1", "priority = P0", true},
	{"table/games", "table-team", "somebody", true},
	{"table/games", "all games", "every game", true},
	{"table/games", "priority = P1", "priority = P1\npaused = being moved", true},
	{"table/games", "confirm = 2", "confirm = 3", true},
	{"completion/night", "runs/{date}", "other/{date}", false},
	{"completion/night", "date-offset = -1d", "date-offset = 0d", false},
	{"completion/night", "expect = games", "expect = games\nexpect = plays", false},
	{"completion/night", "late: plays", "early: plays", false},
	{"completion/night", "mode-field = mode", "mode-field = way", false},
	{"completion/night", "status=ok", "status=done", false},
	{"completion/night", "games table/games", "games table/days", false},
	{"completion/night", "30 7 * * *", "31 7 * * *", false},
	{"completion/night", "grace = 30m", "grace = 31m", false},
	{"completion/night", "every = 10m", "every = 20m", true},
	{"completion/night", "night-team", "somebody", true},
	{"inventory/app", "password=hunter2", "password=hunter3", false},
	{"inventory/app", "db.example.com", "db2.example.com", false},
	{"inventory/app", "schema = public", "schema = private", false},
	{"inventory/app", "public.tmp_*", "public.temp_*", false},
	{"inventory/app", "every = 1h\nowner = app-team", "every = 2h\nowner = me", true},
	{"inventory/lake", "dataset = raw", "dataset = cooked", false},
	{"inventory/lake", "password=hunter2", "password=hunter3", true},
	{"assert/rows", "rows = 0", "rows = 1", false},
	{"assert/rows", "rows < 5", "rows < 6", false},
	{"assert/rows", "every = 1h\nowner = rows-team", "every = 2h\nowner = me", true},
	{"assert/users", "value > 3", "value > 4", false},
	{"assert/users", "show-rows = false", "show-rows = true", false},
	{"backup/captions", "acme-backups", "other-backups", false},
	{"backup/captions", "prefix = daily/", "prefix = weekly/", false},
	{"backup/captions", "max-age = 26h", "max-age = 27h", false},
	{"backup/captions", "retention = 30d", "retention = 31d", false},
	{"backup/captions", "files = a.json", "files = b.json", false},
	{"backup/captions", "every = 1h\nowner = backup-team", "every = 2h\nowner = me", true},
};

START_TEST(test_a_key)
{
	g_autofree char *changed = replaced(keys[_i].old, keys[_i].new);
	g_autofree char *before = define_with(CONFIG, keys[_i].id, key);
	g_autofree char *after = define_with(changed, keys[_i].id, key);

	ck_assert_msg((strcmp(before, after) == 0) == keys[_i].same, "%s: %s -> %s", keys[_i].id,
		      keys[_i].old, keys[_i].new);
}
END_TEST

static const struct {
	const char *id, *file, *content; /* NULL: the file is gone */
	bool same;
} files[] = {
	{"table/games", "holidays.txt", "2026-11-27\n", false},
	{"table/games", "holidays.txt", "2026-11-26\n2026-11-27\n", false},
	{"table/games", "holidays.txt", "2026-11-26 # in other words\n", true},
	{"completion/night", "holidays.txt", "2026-11-27\n", false},
	{"table/days", "holidays.txt", "2026-11-27\n", true},
	{"inventory/app", "app.objects", "table public.people\n", false},
	{"inventory/app", "app.objects", "", false},
	{"inventory/app", "app.objects", NULL, false},
	{"inventory/app", "lake.objects", "table raw.plays\n", true},
	{"inventory/lake", "lake.objects", "table raw.plays\n", false},
	{"assert/rows", "q.sql", "SELECT 2 AS x\n", false},
	{"assert/users", "q.sql", "SELECT 2 AS x\n", false},
	{"backup/captions", "q.sql", "SELECT 2 AS x\n", true},
};

START_TEST(test_a_file)
{
	g_autofree char *before = define_with(CONFIG, files[_i].id, key);
	g_autofree char *again = define_with(CONFIG, files[_i].id, key);
	g_autofree char *after = NULL;

	ck_assert_str_eq(before, again);
	if (files[_i].content) {
		config_world_put_only(files[_i].file, files[_i].content);
	} else {
		g_autofree char *path =
			g_build_filename(config_world_directory(), files[_i].file, NULL);

		ck_assert_int_eq(unlink(path), 0);
	}
	after = define_with(CONFIG, files[_i].id, key);
	ck_assert_msg((strcmp(before, after) == 0) == files[_i].same, "%s: %s", files[_i].id,
		      files[_i].file);
}
END_TEST

static const struct {
	const char *id;
	bool has_secret;
} secrets[] = {
	{"inventory/app", true},
	{"assert/users", true},
	{"inventory/lake", false},
	{"table/games", false},
};

/* Whoever has the database and not the key that is in it cannot try passwords; and two databases do not say the same. */
START_TEST(test_a_dsn_counts_by_the_key)
{
	g_autofree char *one = define_with(CONFIG, secrets[_i].id, key);
	g_autofree char *other = define_with(CONFIG, secrets[_i].id, other_key);

	ck_assert_uint_eq(strlen(one), 64);
	ck_assert_ptr_null(strstr(one, "hunter2"));
	ck_assert_msg((strcmp(one, other) != 0) == secrets[_i].has_secret, "%s", secrets[_i].id);
}
END_TEST

Suite *definition_suite(void)
{
	Suite *suite = suite_create("definition");
	TCase *tcase = tcase_create("all");

	tcase_add_checked_fixture(tcase, set_up, config_world_tear_down);
	tcase_add_loop_test(tcase, test_a_key, 0, (int)G_N_ELEMENTS(keys));
	tcase_add_loop_test(tcase, test_a_file, 0, (int)G_N_ELEMENTS(files));
	tcase_add_loop_test(tcase, test_a_dsn_counts_by_the_key, 0, (int)G_N_ELEMENTS(secrets));
	suite_add_tcase(suite, tcase);
	return suite;
}
