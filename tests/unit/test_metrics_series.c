/* How many series /metrics can come to: the bound that the manual gives (METRICS), and that nothing
 * which changes with commits, errors or time is a label. */
#include <check.h>
#include <string.h>

#include "api/metrics.h"
#include "api_fixture.h"

Suite *metrics_series_suite(void);

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TARGETS ((guint)500) /* each allocation costs there */
#else
#define TARGETS ((guint)10000)
#endif
#define REPOS 20
#define CHANNELS 30
#define GCPS 5
#define APIS 15
#define OUTCOMES 40

/** As the manual says. */
#define PER_TARGET 9
#define PER_REPO 2
#define PER_CHANNEL 4
#define PER_GCP 1
#define PER_OUTCOME 3
#define BY_THEMSELVES 60

/* What another moment brings: texts from outside differ, what is configured does not. */
struct moment {
	const char *text; /* of errors, subjects, authors, revisions */
	char digit;       /* of commit ids */
	int64_t number;
};

static struct git_commit *make_commit(const struct moment *moment, const struct git_commit *like)
{
	struct git_commit *commit = git_commit_copy(like);

	memset(commit->sha, moment->digit, sizeof(commit->sha) - 1);
	g_free(commit->subject);
	g_free(commit->author);
	commit->subject = g_strdup(moment->text);
	commit->author = g_strdup(moment->text);
	return commit;
}

static void add_tail(struct verdict *verdict, const struct moment *moment)
{
	struct verdict_deployed *deployed = verdict_deployed_create();
	struct reason *reason =
		reason_create(REASON_FETCH_FAILED, verdict->state, "%s", moment->text);

	deployed->revision = g_strdup(moment->text);
	deployed->sha = g_strnfill(40, moment->digit);
	verdict_add_evidence(deployed, "label", moment->text, deployed->sha);
	g_ptr_array_add(verdict->deployed, deployed);
	reason_add_text(reason, "error", moment->text);
	g_ptr_array_add(verdict->reasons, reason);
	verdict_add_setting(verdict, moment->text, moment->text, moment->text, false);
	verdict->since_wall_ms -= moment->number;
}

static struct verdict *make_service(const char *name, const struct moment *moment)
{
	struct verdict *verdict = fixture_behind(name, 2);
	struct git_commit *old = verdict->head;

	verdict->head = make_commit(moment, old);
	git_commit_free(old);
	for (guint i = 0; i < verdict->behind->list->len; i++) {
		old = verdict->behind->list->pdata[i];
		verdict->behind->list->pdata[i] = make_commit(moment, old);
		git_commit_free(old);
	}
	g_ptr_array_add(verdict->behind->authors, g_strdup(moment->text));
	g_free(verdict->repo);
	verdict->repo = g_strdup("main");
	return verdict;
}

static const char *const details[] = {NULL, "freshness", "inventory", "assertion", "backup"};
static const char *const kinds[] = {"service", "table", "inventory", "assert", "backup"};

/* All that any kind can tell, in the detail of one. */
static struct verdict *make_data(const char *kind, const char *detail_name, const char *name,
				 const struct moment *moment)
{
	static const char *const numbers[] = {"warn_after_s", "error_after_s", "rows",
					      "bytes_billed", "missing",       "unexpected",
					      "changed",      "row_count",     "max_age_s"};
	struct verdict *verdict = fixture_verdict(name, STATE_DRIFT, RELATION_NONE, PRIORITY_P1);
	struct verdict_detail *detail = verdict_detail_add(verdict, detail_name);
	const char *cells[] = {moment->text, moment->text, NULL};

	g_free(verdict->id);
	g_free(verdict->kind);
	verdict->kind = g_strdup(kind);
	verdict->id = g_strconcat(kind, "/", name, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		verdict_detail_number(detail, numbers[i], moment->number + (int64_t)i);
	verdict_detail_time(detail, "last_loaded_at", FIXTURE_NOW_WALL_MS - moment->number);
	verdict_detail_text(detail, moment->text, moment->text);
	detail->aged_wall_ms = FIXTURE_NOW_WALL_MS - moment->number;
	verdict_detail_list(detail, "rows", cells);
	for (int i = 0; i < 2; i++)
		verdict_detail_row(detail, cells);
	return verdict;
}

static struct verdict *make_target(int number, const struct moment *moment)
{
	size_t kind = (size_t)number % G_N_ELEMENTS(kinds);
	/* none that a configuration may have: what would come of one all the same */
	g_autofree char *name = g_strdup_printf("n%05d\"} 1\nevil{a=\"\\\xe2\x80\xae{<b>", number);
	struct verdict *verdict = kind == 0 ? make_service(name, moment)
					    : make_data(kinds[kind], details[kind], name, moment);

	g_free(verdict->owner);
	verdict->owner = g_strdup("team \"\\\n");
	add_tail(verdict, moment);
	return verdict;
}

static void add_accounts(struct snapshot_input *input)
{
	for (int i = 0; i < APIS * OUTCOMES; i++) {
		struct http_account *account = g_new0(struct http_account, 1);

		account->api = g_strdup_printf("api%d", i / OUTCOMES);
		account->outcome = g_strdup_printf("%d", 400 + i % OUTCOMES);
		g_ptr_array_add(input->accounts, account);
	}
}

static void add_incident(struct snapshot_input *input, int number, const struct moment *moment)
{
	const struct verdict *verdict = input->verdicts->pdata[number];
	struct incident *incident = fixture_incident(moment->number + number, verdict->id);

	g_free(incident->summary);
	incident->summary = g_strdup(moment->text);
	incident->priority = verdict->priority;
	g_ptr_array_add(input->incidents, incident);
}

static void add_beside(struct snapshot_input *input, const struct moment *moment)
{
	for (int i = 1; i < REPOS; i++) { /* one is there */
		struct repo_status *repo = repo_status_copy(input->repos->pdata[0]);

		g_free(repo->name);
		repo->name = g_strdup_printf("repo%d", i);
		repo->error = g_strdup(moment->text);
		repo->note = g_strdup(moment->text);
		g_ptr_array_add(input->repos, repo);
	}
	for (int i = 0; i < CHANNELS; i++) {
		g_autofree char *name = g_strdup_printf("c%d", i);

		g_ptr_array_add(input->channels, fixture_channel(name, true));
	}
	for (int i = 0; i < GCPS; i++) {
		struct snapshot_spent *spent = g_new0(struct snapshot_spent, 1);

		spent->gcp = g_strdup_printf("gcp%d", i);
		g_ptr_array_add(input->spent, spent);
	}
	input->config_error = g_strdup(moment->text);
	input->store_error = g_strdup(moment->text);
}

/* NULL-terminated lines. */
static char **render(const struct moment *moment)
{
	struct snapshot_input *input = fixture_input(NULL, NULL);
	struct snapshot *snapshot = NULL;
	struct app *app = NULL;
	g_autofree char *process = NULL;
	g_autofree char *text = NULL;

	for (int i = 0; i < (int)TARGETS; i++)
		g_ptr_array_add(input->verdicts, make_target(i, moment));
	for (int i = 0; i < (int)TARGETS; i += 2)
		add_incident(input, i, moment);
	add_accounts(input);
	add_beside(input, moment);
	snapshot = snapshot_create(input);
	app = fixture_app(NULL);
	process = metrics_render_process(app);
	text = g_strconcat(process, snapshot->metrics.bytes, NULL);
	app_free(app);
	snapshot_unref(snapshot);
	return g_strsplit(text, "\n", -1);
}

/* Names with labels: what Prometheus keeps a series for. */
static GHashTable *series_of(char *const *lines)
{
	GHashTable *series = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (; *lines; lines++) {
		const char *value = strrchr(*lines, ' ');

		if (**lines == '#' || !**lines)
			continue;
		/* Check's assertions write to a file each time, these are many */
		if (!value ||
		    !(g_str_has_prefix(*lines, "driftd_") || g_str_has_prefix(*lines, "process_")))
			ck_abort_msg("%s", *lines);
		if (!g_hash_table_add(series, g_strndup(*lines, (gsize)(value - *lines))))
			ck_abort_msg("twice: %s", *lines);
	}
	return series;
}

static const struct moment one = {"<script>alert(1)</script>\xe2\x80\xae\x1b[2J", 'a', 1000};
static const struct moment other = {"quota exceeded; 503; see https://example.com/?id=9", 'b',
				    777000};

START_TEST(test_number_of_series)
{
	g_auto(GStrv) lines = render(&one);
	g_autoptr(GHashTable) series = series_of(lines);
	guint bound = TARGETS * PER_TARGET + REPOS * PER_REPO + CHANNELS * PER_CHANNEL +
		      GCPS * PER_GCP + APIS * OUTCOMES * PER_OUTCOME + BY_THEMSELVES;

	ck_assert_uint_le(g_hash_table_size(series), bound);
	/* and the bound is no number out of the blue: tables have all of theirs */
	ck_assert_uint_gt(g_hash_table_size(series) / TARGETS, 4);
}
END_TEST

static guint count_of(GHashTable *series, const char *target)
{
	g_autoptr(GString) wanted = g_string_new("{target=\"");
	GHashTableIter iter;
	void *name = NULL;
	guint count = 0;

	metrics_append_label(wanted, target);
	g_string_append_c(wanted, '"');
	g_hash_table_iter_init(&iter, series);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		count += strstr(name, wanted->str) != NULL;
	return count;
}

START_TEST(test_series_of_one_target)
{
	g_auto(GStrv) lines = render(&one);
	g_autoptr(GHashTable) series = series_of(lines);
	guint most = 0;

	for (int i = 0; i < (int)G_N_ELEMENTS(kinds); i++) {
		struct verdict *verdict = make_target(i, &one);
		guint count = count_of(series, verdict->id);

		ck_assert_msg(count >= 4 && count <= PER_TARGET, "%s: %u", verdict->id, count);
		most = MAX(most, count);
		verdict_unref(verdict);
	}
	ck_assert_uint_eq(most, PER_TARGET); /* a table */
}
END_TEST

/* Another commit, another error, another hour: the same series. */
START_TEST(test_series_do_not_change)
{
	g_auto(GStrv) before_lines = render(&one);
	g_auto(GStrv) after_lines = render(&other);
	g_autoptr(GHashTable) before = series_of(before_lines);
	g_autoptr(GHashTable) after = series_of(after_lines);
	GHashTableIter iter;
	void *name = NULL;

	ck_assert_uint_eq(g_hash_table_size(before), g_hash_table_size(after));
	g_hash_table_iter_init(&iter, before);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		if (!g_hash_table_contains(after, name))
			ck_abort_msg("%s is gone", (char *)name);
}
END_TEST

START_TEST(test_nothing_from_outside)
{
	static const char *const outside[] = {"<script", "\x1b", "aaaaaaaa", "[2J"};
	g_auto(GStrv) lines = render(&one);

	for (char **line = lines; *line; line++)
		for (size_t i = 0; i < G_N_ELEMENTS(outside); i++)
			if (strstr(*line, outside[i]))
				ck_abort_msg("%s", *line);
}
END_TEST

Suite *metrics_series_suite(void)
{
	Suite *suite = suite_create("metrics_series");
	TCase *tcase = tcase_create("metrics_series");

	tcase_set_timeout(tcase, 120); /* sanitizers are slow */
	tcase_add_test(tcase, test_number_of_series);
	tcase_add_test(tcase, test_series_of_one_target);
	tcase_add_test(tcase, test_series_do_not_change);
	tcase_add_test(tcase, test_nothing_from_outside);
	suite_add_tcase(suite, tcase);
	return suite;
}
