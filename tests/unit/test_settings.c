/* Unit tests of lib/config/settings: the table holds together, and the example and the man page
 * speak of all of it. Runs at the top of the tree. */
#include "config/config.h"
#include "config/ini.h"
#include "config/settings.h"
#include "drift_error.h"
#include "postgres/pg.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

Suite *settings_suite(void);

static size_t count_settings(void)
{
	size_t count;

	(void)settings_all(&count);
	return count;
}

static const struct setting *nth(int index)
{
	size_t count;

	return &settings_all(&count)[index];
}

static char *read_top(const char *path)
{
	char *text = NULL;
	g_autoptr(GError) error = NULL;

	ck_assert_msg(g_file_get_contents(path, &text, NULL, &error), "%s",
		      error ? error->message : "");
	return text;
}

START_TEST(test_row_is_sound)
{
	const struct setting *setting = nth(_i);
	bool is_kept = !(setting->flags & SETTING_UNUSED) && setting->type != SETTING_TYPE_INCLUDE;

	ck_assert(setting->kind > SETTING_KIND_NONE && setting->kind < SETTING_KIND_COUNT);
	ck_assert_ptr_nonnull(settings_type_text(setting->type));
	ck_assert_uint_gt(strlen(setting->key), 0);
	ck_assert_uint_le(strlen(setting->key), INI_KEY_MAX_BYTES);
	ck_assert_uint_eq(strspn(setting->key, "abcdefghijklmnopqrstuvwxyz0123456789-"),
			  strlen(setting->key));
	ck_assert(g_str_has_suffix(setting->help, "."));
	ck_assert(!setting->fallback || !setting->fallback_note);
	ck_assert(!setting->fallback || !(setting->flags & SETTING_REQUIRED));
	ck_assert(is_kept || setting->offset == 0);
	ck_assert(!(setting->flags & SETTING_DISTINCT) || (setting->flags & SETTING_REPEATABLE));
	ck_assert(setting->type != SETTING_TYPE_CHOICE || setting->choices);
	ck_assert(setting->type != SETTING_TYPE_SECRET || (setting->flags & SETTING_SECRET));
	ck_assert_int_le(setting->min, setting->max);
	if (setting->type == SETTING_TYPE_INTEGER || setting->type == SETTING_TYPE_DURATION ||
	    setting->type == SETTING_TYPE_SIZE || setting->type == SETTING_TYPE_ROWS ||
	    setting->type == SETTING_TYPE_NUMBER || setting->type == SETTING_TYPE_PERCENT ||
	    setting->type == SETTING_TYPE_DAY_OFFSET)
		ck_assert_int_gt(setting->max, setting->min);
	/* what depends on source or method names values that these have */
	if (setting->applies_to) {
		const struct setting *selector = settings_selector(setting->kind);
		unsigned count;

		ck_assert_ptr_nonnull(selector);
		ck_assert_int_eq(selector->type, SETTING_TYPE_CHOICE);
		for (count = 0; selector->choices[count]; count++)
			;
		ck_assert_uint_lt(setting->applies_to, 2U << count);
		ck_assert_uint_eq(setting->applies_to & 1U, 0);
	}
}
END_TEST

START_TEST(test_row_is_found)
{
	const struct setting *setting = nth(_i);
	size_t count;
	const struct setting *first = settings_of_kind(setting->kind, &count);

	/* each key once per kind, or a later row would be found as an earlier one */
	ck_assert_ptr_eq(settings_find(setting->kind, setting->key), setting);
	ck_assert_uint_le(count, 64);
	ck_assert_ptr_eq(&first[settings_index(setting)], setting);
}
END_TEST

START_TEST(test_kinds)
{
	size_t total = 0;

	for (enum setting_kind kind = SETTING_KIND_DRIFTD; kind < SETTING_KIND_COUNT; kind++) {
		size_t count;

		(void)settings_of_kind(kind, &count);
		total += count;
		ck_assert_int_eq(settings_kind_from_text(settings_kind_text(kind)), kind);
		ck_assert(g_strv_contains(settings_kind_names(), settings_kind_text(kind)));
	}
	ck_assert_uint_eq(total, count_settings());
	ck_assert_int_eq(settings_kind_from_text("driftdd"), SETTING_KIND_NONE);
	ck_assert_ptr_null(settings_find(SETTING_KIND_REPO, "grace"));
	for (size_t i = 0; settings_kind_names()[i]; i++)
		ck_assert_uint_eq(settings_kind_from_text(settings_kind_names()[i]), i + 1);
}
END_TEST

#define EVERY_TARGET                                                                               \
	"priority owner description paused every confirm depends-on escalate-commits "             \
	"escalate-after deploy-command "
#define GOOGLE "gcp project region location "
#define EVERY_CHANNEL "route remind-every rate digest digest-when-ok "

/* What DESIGN 13 lists, word by word: a key that went missing is a broken promise. */
static const struct {
	const char *section;
	const char *keys;
} promised[] = {
	{"driftd", "listen allowed-host state-dir include check-interval cycle-timeout "
		   "request-timeout max-parallel-requests timezone expire-after unknown-after "
		   "confirm reopen-within ack-expires retention public-url heartbeat-url log-level "
		   "daily-bytes"},
	{"auth", "token oidc-audience oidc-email oidc-issuer oidc-jwks-url link-secret protect "
		 "allow-anonymous"},
	{"repo", "url branch every token webhook-secret web-url fetch-timeout"},
	{"gcp", "project region credentials report-unwatched run-endpoint functions-endpoint "
		"bigquery-endpoint firestore-endpoint storage-endpoint token-endpoint daily-bytes"},
	{"service",
	 "priority owner description paused every confirm depends-on escalate-commits "
	 "escalate-after deploy-command gcp project region location source repo paths commit-from "
	 "grace service traffic deploy-timeout expect require-env forbid-env expect-from probe-url "
	 "probe-expect pin url commit-pointer"},
	{"table", EVERY_TARGET GOOGLE "table method loaded-at-field filter warn-after error-after "
				      "expected grace holidays active-when min-rows volume "
				      "max-bytes-billed"},
	{"completion", EVERY_TARGET GOOGLE "document date-zone date-offset expect mode-field done "
					   "evidence expected grace holidays active-when"},
	{"inventory", EVERY_TARGET GOOGLE "source dataset dsn schema expect-file ignore "
					  "report-unexpected"},
	{"assert", EVERY_TARGET GOOGLE "source sql-file expect warn dsn show-rows "
				       "max-bytes-billed active-when"},
	{"backup", EVERY_TARGET GOOGLE "bucket prefix folder-format files metadata max-age "
				       "retention"},
	{"slack", EVERY_CHANNEL "webhook"},
	{"webhook", EVERY_CHANNEL "url secret"},
	{"alertmanager", EVERY_CHANNEL "url"},
	{"github", EVERY_CHANNEL "repository token label api-url"},
	{"window", "start duration matcher"},
};

START_TEST(test_promised_keys)
{
	enum setting_kind kind = settings_kind_from_text(promised[_i].section);
	g_auto(GStrv) keys = g_strsplit(promised[_i].keys, " ", -1);
	size_t count;

	(void)settings_of_kind(kind, &count);
	ck_assert_uint_eq(count, g_strv_length(keys));
	for (size_t i = 0; keys[i]; i++)
		ck_assert_msg(settings_find(kind, keys[i]) != NULL, "%s", keys[i]);
}
END_TEST

static bool has_effect(const struct setting *setting)
{
	return !(setting->flags & SETTING_UNUSED);
}

/* The example with its commented examples in force: "#" right before a key or a header goes. */
static char *uncommented_example(void)
{
	g_autofree char *text = read_top("config.example.ini");
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *all = g_string_new(NULL);

	for (size_t i = 0; lines[i]; i++) {
		const char *line = lines[i];

		if (line[0] == '#' && (g_ascii_islower(line[1]) || line[1] == '['))
			line++;
		g_string_append_printf(all, "%s\n", line);
	}
	return g_string_free(all, FALSE);
}

static bool ini_has(const struct ini *ini, const struct setting *setting)
{
	for (size_t i = 0; i < ini->section_count; i++) {
		const struct ini_section *section = &ini->sections[i];

		if (strcmp(section->kind, settings_kind_text(setting->kind)) != 0)
			continue;
		for (size_t j = 0; j < section->entry_count; j++)
			if (strcmp(section->entries[j].key, setting->key) == 0)
				return true;
	}
	return false;
}

START_TEST(test_example_shows_every_key)
{
	const struct setting *setting = nth(_i);
	g_autofree char *text = uncommented_example();
	struct ini *ini = ini_parse("config.example.ini", text, strlen(text));

	ck_assert_uint_eq(ini->problem_count, 0);
	ck_assert_msg(!has_effect(setting) || ini_has(ini, setting), "[%s] %s is missing",
		      settings_kind_text(setting->kind), setting->key);
	/* and nothing that has none */
	ck_assert_msg(has_effect(setting) || !ini_has(ini, setting), "[%s] %s has no effect",
		      settings_kind_text(setting->kind), setting->key);
	ini_free(ini);
}
END_TEST

static void check_loads(const char *path, bool want_warnings)
{
	struct config *config = NULL;
	GPtrArray *problems = NULL;

	if (!config_load(path, &config, &problems)) {
		g_autofree char *text = config_problems_text(problems);

		ck_abort_msg("%s", text);
	}
	ck_assert(want_warnings || config->warnings->len == 0);
	config_unref(config);
}

START_TEST(test_example_loads)
{
	check_loads("config.example.ini", false);
}
END_TEST

static void put(const char *directory, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void drop(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	(void)g_unlink(path);
}

START_TEST(test_uncommented_example_loads)
{
	g_autofree char *text = uncommented_example();
	g_autofree char *directory = g_dir_make_tmp("driftd-settings-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "driftd.ini", NULL);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
	ck_assert(g_setenv("DRIFTD_TOKEN", "0123456789abcdef0123456789abcdef", TRUE));
	ck_assert(g_setenv("GIT_TOKEN", "ghp_0123456789", TRUE));
	ck_assert(g_setenv("HOOK_SECRET", "0123456789abcdef", TRUE));
	ck_assert(g_setenv("DRIFTD_LINK_SECRET", "0123456789abcdef", TRUE));
	ck_assert(g_setenv("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/x", TRUE));
	ck_assert(g_setenv("PAGER_URL", "https://pager.example.com/v1?key=1", TRUE));
	ck_assert(g_setenv("PAGER_SECRET", "s", TRUE));
	ck_assert(g_setenv("GITHUB_TOKEN", "ghp_0123456789", TRUE));
	ck_assert(g_setenv("PG_DSN", "host=/run/postgresql dbname=app user=driftd", TRUE));
	put(directory, "us-holidays.txt", "2026-11-26 # Thanksgiving\n");
	put(directory, "wilson_range.sql", "SELECT id FROM d.t WHERE p < 0 OR p > 1;\n");
	put(directory, "null_share.sql", "SELECT COUNTIF(id IS NULL) / COUNT(*) FROM d.t\n");
	put(directory, "orphans.sql", "SELECT count(*) FROM orders o WHERE o.customer IS NULL\n");
	if (pg_is_available())
		check_loads(path, false);
	drop(directory, "us-holidays.txt");
	drop(directory, "wilson_range.sql");
	drop(directory, "null_share.sql");
	drop(directory, "orphans.sql");
	drop(directory, "driftd.ini");
	(void)g_rmdir(directory);
}
END_TEST

/* The page as running text: one space for each line end, escapes undone. */
static char *running_text(const char *mdoc)
{
	static const struct {
		const char *from;
		const char *to;
	} steps[] = {{"\n", " "}, {"\\&", ""}, {"\\(ti", "~"}};
	char *text = g_strdup(mdoc);

	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_auto(GStrv) parts = g_strsplit(text, steps[i].from, -1);

		g_free(text);
		text = g_strjoinv(steps[i].to, parts);
	}
	return text;
}

/* ".It Ic KEY" in the part of its section, which begins with ".Ss Section KIND", and the table's
 * help behind it. */
START_TEST(test_man_page_explains_every_key)
{
	const struct setting *setting = nth(_i);
	g_autofree char *page = read_top("daemon/driftd.8");
	g_autofree char *heading =
		g_strdup_printf("\n.Ss Section %s\n", settings_kind_text(setting->kind));
	g_autofree char *item = g_strdup_printf("\n.It Ic %s\n", setting->key);
	g_autofree char *text = NULL;
	char *part = strstr(page, heading);
	char *end;

	ck_assert_msg(part != NULL, "no heading %s", heading);
	end = strstr(part + 1, "\n.S");
	if (end)
		*end = '\0';
	if (!has_effect(setting))
		return;
	part = strstr(part, item);
	ck_assert_msg(part != NULL, "[%s] %s is missing", settings_kind_text(setting->kind),
		      setting->key);
	text = running_text(part);
	ck_assert_msg(strstr(text, setting->help) != NULL, "[%s] %s: not the table's help: %s",
		      settings_kind_text(setting->kind), setting->key, setting->help);
}
END_TEST

/* The page's defaults are the table's. */
START_TEST(test_man_page_tells_the_default)
{
	const struct setting *setting = nth(_i);
	g_autofree char *page = read_top("daemon/driftd.8");
	g_autofree char *heading =
		g_strdup_printf("\n.Ss Section %s\n", settings_kind_text(setting->kind));
	g_autofree char *item = g_strdup_printf("\n.It Ic %s\n", setting->key);
	g_autofree char *fallback =
		g_strdup_printf("\nDefault: %s.\n", setting->fallback ? setting->fallback : "");
	char *part;
	char *end;

	if (!has_effect(setting) || !setting->fallback)
		return;
	part = strstr(page, heading);
	part = part ? strstr(part, item) : NULL;
	ck_assert_ptr_nonnull(part);
	end = strstr(part + 1, "\n.It");
	if (end)
		end[1] = '\0'; /* the line end stays */
	ck_assert_msg(strstr(part, fallback) != NULL, "[%s] %s: no \"Default: %s.\"",
		      settings_kind_text(setting->kind), setting->key, setting->fallback);
}
END_TEST

Suite *settings_suite(void)
{
	Suite *suite = suite_create("settings");
	TCase *table = tcase_create("table");
	TCase *documents = tcase_create("documents");
	int count = (int)count_settings();

	tcase_add_loop_test(table, test_row_is_sound, 0, count);
	tcase_add_loop_test(table, test_row_is_found, 0, count);
	tcase_add_test(table, test_kinds);
	tcase_add_loop_test(table, test_promised_keys, 0, G_N_ELEMENTS(promised));
	suite_add_tcase(suite, table);
	tcase_add_loop_test(documents, test_example_shows_every_key, 0, count);
	tcase_add_test(documents, test_example_loads);
	tcase_add_test(documents, test_uncommented_example_loads);
	tcase_add_loop_test(documents, test_man_page_explains_every_key, 0, count);
	tcase_add_loop_test(documents, test_man_page_tells_the_default, 0, count);
	suite_add_tcase(suite, documents);
	return suite;
}
