/* demo_repo - see demo_repo.h */
#include "tests/fakecloud/demo_repo.h"

#include "drift_error.h"

#include <glib/gstdio.h>
#include <string.h>

/** One commit of the history; each is based on the one before, unless it says otherwise. */
struct plan {
	const char *author;
	const char *subject;
	int64_t age_s;
	const char *paths[3];  /* files it writes; "-PATH" deletes */
	const char *branch;    /* NULL: main */
	enum demo_commit from; /* with branch */
};

static const char *const services[] = {
	"checkout", "pricing",  "search",  "recommendations", "inventory",
	"payments", "exporter", "gateway", "notifications",   "fraud",
	"worker",   "billing",  "crm",     "loyalty",         "analytics",
};

static const struct plan history[DEMO_COMMIT_COUNT] = {
	[DEMO_COMMIT_IMPORT] = {"Ana Ruiz", "Import all services", 30 * DEMO_DAY, {NULL}, NULL, 0},
	[DEMO_COMMIT_RENAME] = {"Ana Ruiz",
				"Move libs/common to shared/common",
				12 * DEMO_DAY,
				{"-libs/common/io.py", "shared/common/io.py"},
				NULL,
				0},
	[DEMO_COMMIT_CHECKOUT] = {"Bo Lindqvist",
				  "checkout: take vouchers",
				  8 * DEMO_DAY,
				  {"services/checkout/main.py"},
				  NULL,
				  0},
	[DEMO_COMMIT_PRICING_CACHE] = {"Chidi Obi",
				       "pricing: cache exchange rates",
				       6 * DEMO_DAY,
				       {"services/pricing/rates.py"},
				       NULL,
				       0},
	[DEMO_COMMIT_PAYMENTS_RETRY] = {"Dana Levi",
					"payments: retry declined cards",
					5 * DEMO_DAY,
					{"services/payments/main.py"},
					NULL,
					0},
	[DEMO_COMMIT_EXPORTER] = {"Ana Ruiz",
				  "exporter: write parquet",
				  4 * DEMO_DAY,
				  {"services/exporter/main.py"},
				  NULL,
				  0},
	[DEMO_COMMIT_PRICING_ROUND] = {"Chidi Obi",
				       "pricing: round half to even",
				       3 * DEMO_DAY,
				       {"services/pricing/main.py"},
				       NULL,
				       0},
	[DEMO_COMMIT_FRAUD] = {"Emi Sato",
			       "fraud: score by age of the device",
			       2 * DEMO_DAY,
			       {"services/fraud/main.py"},
			       NULL,
			       0},
	[DEMO_COMMIT_PRICING_TARIFF] = {"Bo Lindqvist",
					"pricing: drop the old tariff table",
					26 * DEMO_HOUR,
					{"services/pricing/tariff.py"},
					NULL,
					0},
	[DEMO_COMMIT_INVENTORY] = {"Emi Sato",
				   "inventory: reserve stock in one call",
				   20 * DEMO_HOUR,
				   {"services/inventory/main.py"},
				   NULL,
				   0},
	[DEMO_COMMIT_PAYMENTS_FLOW] = {"Dana Levi",
				       "payments: new settlement flow",
				       9 * DEMO_HOUR,
				       {"services/payments/settle.py"},
				       NULL,
				       0},
	[DEMO_COMMIT_GATEWAY] = {"Bo Lindqvist",
				 "gateway: HTTP/2 to the backends",
				 5 * DEMO_HOUR,
				 {"services/gateway/main.py"},
				 NULL,
				 0},
	[DEMO_COMMIT_NOTIFICATIONS] = {"Chidi Obi",
				       "notifications: send in batches",
				       3 * DEMO_HOUR,
				       {"services/notifications/main.py"},
				       NULL,
				       0},
	[DEMO_COMMIT_WORKER] = {"Emi Sato",
				"worker: read the model's path from the environment",
				90 * DEMO_MINUTE,
				{"services/worker/main.py"},
				NULL,
				0},
	[DEMO_COMMIT_SEARCH] = {"Ana Ruiz",
				"search: index synonyms",
				12 * DEMO_MINUTE,
				{"services/search/main.py"},
				NULL,
				0},
	[DEMO_COMMIT_HEAD] = {"Dana Levi",
			      "docs: who is on call",
			      4 * DEMO_MINUTE,
			      {"docs/on-call.md"},
			      NULL,
			      0},
	[DEMO_COMMIT_FEATURE] = {"Chidi Obi",
				 "recommendations: new ranker",
				 3 * DEMO_MINUTE,
				 {"services/recommendations/ranker.py"},
				 "feature/ranker",
				 DEMO_COMMIT_HEAD},
	[DEMO_COMMIT_HOTFIX] = {"Emi Sato",
				"inventory: never sell below zero",
				10 * DEMO_HOUR,
				{"services/inventory/main.py"},
				"hotfix/stock",
				DEMO_COMMIT_PRICING_TARIFF},
};

bool demo_run(const char *const *arguments, GError **error)
{
	static const char *const fixed[][2] = {
		{"GIT_CONFIG_GLOBAL", "/dev/null"},
		{"GIT_CONFIG_NOSYSTEM", "1"},
		{"GIT_TERMINAL_PROMPT", "0"},
		{"LC_ALL", "C"},
	};
	g_auto(GStrv) environment = g_get_environ();
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) copy = NULL; /* g_spawn_sync() wants it writable */
	g_autofree char *said = NULL;
	int status = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		environment = g_environ_setenv(environment, fixed[i][0], fixed[i][1], TRUE);
	for (size_t i = 0; arguments[i]; i++)
		g_strv_builder_add(builder, arguments[i]);
	copy = g_strv_builder_end(builder);
	if (!g_spawn_sync(NULL, copy, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &said,
			  &status, error))
		return false;
	if (g_spawn_check_wait_status(status, NULL))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_IO, "%s %s: %s", arguments[0], arguments[1],
		    g_strstrip(said));
	return false;
}

/* --- the history as a stream for git fast-import --- */

static void add_file(GString *stream, const char *path, const char *content)
{
	g_string_append_printf(stream, "M 100644 inline %s\ndata %zu\n%s\n", path, strlen(content),
			       content);
}

static void add_import(GString *stream)
{
	for (size_t i = 0; i < G_N_ELEMENTS(services); i++) {
		g_autofree char *path = g_strdup_printf("services/%s/main.py", services[i]);
		g_autofree char *content = g_strdup_printf("NAME = '%s'\n", services[i]);

		add_file(stream, path, content);
	}
	add_file(stream, "shared/log.py", "def log(text):\n    print(text)\n");
	add_file(stream, "libs/common/io.py", "def read(path):\n    return open(path).read()\n");
	add_file(stream, "docs/README.md", "# Pipeline\n");
}

static void add_change(GString *stream, const struct plan *plan)
{
	for (size_t i = 0; i < G_N_ELEMENTS(plan->paths) && plan->paths[i]; i++) {
		const char *path = plan->paths[i];
		g_autofree char *content =
			g_strdup_printf("# %s (%s)\n", plan->subject, plan->author);

		if (*path == '-')
			g_string_append_printf(stream, "D %s\n", path + 1);
		else
			add_file(stream, path, content);
	}
}

static void add_commit(GString *stream, int mark, int64_t now_s)
{
	const struct plan *plan = &history[mark];
	g_autofree char *mail = g_ascii_strdown(plan->author, -1);

	g_strdelimit(mail, " ", '.');
	g_string_append_printf(stream, "commit refs/heads/%s\nmark :%d\n",
			       plan->branch ? plan->branch : "main", mark);
	g_string_append_printf(stream,
			       "committer %s <%s@acme.example> %" G_GINT64_FORMAT " +0000\n",
			       plan->author, mail, now_s - plan->age_s);
	g_string_append_printf(stream, "data %zu\n%s\n", strlen(plan->subject), plan->subject);
	if (plan->branch)
		g_string_append_printf(stream, "from :%d\n", (int)plan->from);
	if (mark == DEMO_COMMIT_IMPORT)
		add_import(stream);
	else
		add_change(stream, plan);
}

static char *history_stream(int64_t now_s)
{
	GString *stream = g_string_new("feature done\n");

	for (int mark = DEMO_COMMIT_IMPORT; mark < DEMO_COMMIT_COUNT; mark++)
		add_commit(stream, mark, now_s);
	g_string_append(stream, "done\n");
	return g_string_free(stream, FALSE);
}

/** ":MARK SHA" lines. */
static bool read_marks(const char *path, char **ret_shas, GError **error)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	int found = 0;

	if (!g_file_get_contents(path, &text, NULL, error))
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (size_t i = 0; lines[i]; i++) {
		g_auto(GStrv) pair = g_strsplit(lines[i], " ", 2);
		guint64 mark = 0;

		if (!pair[0] || !pair[1] ||
		    !g_ascii_string_to_unsigned(pair[0] + 1, 10, 1, DEMO_COMMIT_COUNT - 1, &mark,
						NULL))
			continue;
		ret_shas[mark] = g_strdup(pair[1]);
		found++;
	}
	if (found == DEMO_COMMIT_COUNT - 1)
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_IO, "git fast-import wrote %d marks", found);
	return false;
}

bool demo_repo_make(const char *directory, int64_t now_s, char **ret_shas, GError **error)
{
	g_autofree char *bare = g_build_filename(directory, "git", "pipeline.git", NULL);
	g_autofree char *clone = g_build_filename(directory, "pipeline", NULL);
	g_autofree char *input = g_build_filename(directory, "git", "history", NULL);
	g_autofree char *marks = g_build_filename(directory, "git", "marks", NULL);
	g_autofree char *git_dir = g_strdup_printf("--git-dir=%s", bare);
	g_autofree char *marks_option = g_strdup_printf("--export-marks=%s", marks);
	static const char command[] = "exec git \"$1\" fast-import --quiet \"$2\" <\"$3\"";
	const char *const init[] = {"git", "init", "-q", "--bare", "-b", "main", bare, NULL};
	const char *const import[] = {"sh",    "-c",         command, "sh",
				      git_dir, marks_option, input,   NULL};
	const char *const copy[] = {"git", "clone", "-q", bare, clone, NULL};
	g_autofree char *stream = history_stream(now_s);

	return demo_run(init, error) && g_file_set_contents(input, stream, -1, error) &&
	       demo_run(import, error) && read_marks(marks, ret_shas, error) &&
	       demo_run(copy, error);
}
