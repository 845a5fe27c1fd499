/* Tests of the page of one target: what it says of each kind, what mends what, and that hostile text
 * stays text. */
#include "api/dashboard/target_page.h"

#include <check.h>
#include <string.h>

#include "api/dashboard/chart.h"
#include "clk.h"
#include "tests/unit/api_fixture.h"
#include "tests/unit/detail_fixture.h"
#include "tests/unit/store_fixture.h"

Suite *target_page_suite(void);

#define NOW FIXTURE_NOW_WALL_MS

/* Markup, scripts, direction, control characters, quotes. */
#define HOSTILE                                                                                    \
	"</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b[2J\xe2\x80\xae&"

static const char configuration[] =
	"[driftd]\ntimezone = Europe/Berlin\n"
	"[gcp]\nproject = my-project\nregion = us-west2\ncredentials = token:x\n"
	"[repo \"main\"]\nurl = https://github.com/example/pipeline.git\nbranch = main\n"
	"[service \"worker\"]\nsource = cloud-run\npaths = services/worker\npaths = !**/*.md\n"
	"service = the-worker\n"
	"[service \"web\"]\nsource = http\nurl = https://web.example.com/version\n"
	"[service \"exporter\"]\nsource = cloud-function\nevery = 30m\n"
	"[table \"x\"]\ntable = shop.orders\nmethod = metadata\nwarn-after = 12h\nerror-after = "
	"24h\n"
	"expected = 0 6 * * 1-5 America/New_York\n"
	"[inventory \"x\"]\nsource = bigquery\ndataset = shop\nexpect-file = shop.objects\n";

static struct snapshot_input *input_of(struct verdict *verdict)
{
	struct snapshot_input *input = fixture_input(verdict, NULL);

	config_unref(input->config);
	input->config = fixture_config_text(configuration);
	return input;
}

static void wake(void *data)
{
	(void)data; /* no scheduler here */
}

static struct response ask(struct snapshot_input *input, const char *target)
{
	struct app *app = app_create(fixture.path, wake, NULL);
	struct auth_rules *rules = auth_rules_create(input->config, "127.0.0.1:8080");
	struct fixture_request request = {
		.app = app,
		.rules = rules,
		.target = target,
		.headers = {.accept = "text/html,application/xhtml+xml,*/*;q=0.8"},
	};
	struct response response;

	clk_set_fake(FIXTURE_NOW_MONO_MS, NOW);
	app_publish(app, snapshot_create(input));
	response = fixture_answer(&request);
	auth_rules_unref(rules);
	app_free(app);
	return response;
}

/* What the page of @p verdict (taken) says. Caller frees. */
static char *page_with(struct verdict *verdict, const char *query)
{
	g_autofree char *target = g_strconcat("/drift/", verdict->id, query, NULL);
	struct response response = ask(input_of(verdict), target);
	char *text = NULL;

	ck_assert_int_eq(response.status, 200);
	ck_assert_str_eq(response.content_type, response_html);
	ck_assert_ptr_nonnull(response.policy);
	text = g_strndup(response.bytes, response.length);
	response_done(&response);
	return text;
}

static char *page_of(struct verdict *verdict)
{
	return page_with(verdict, "");
}

#define ck_has(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "no %s", (part))
#define ck_has_not(text, part) ck_assert_msg(strstr((text), (part)) == NULL, "%s is there", (part))

static int occurrences(const char *text, const char *part)
{
	int count = 0;

	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		count++;
	return count;
}

/* No id twice: labels would point astray. */
static void check_ids(const char *text)
{
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (const char *at = strstr(text, " id=\""); at; at = strstr(at + 1, " id=\"")) {
		const char *end = strchr(at + 5, '"');
		char *id = g_strndup(at + 5, (gsize)(end - at - 5));

		ck_assert_msg(g_hash_table_add(ids, id), "id twice");
	}
}

/* --- services --- */

static struct verdict_deployed *add_deployed(struct verdict *verdict, const char *revision,
					     int percent, enum relation relation)
{
	struct verdict_deployed *deployed = verdict_deployed_create();

	deployed->revision = g_strdup(revision);
	deployed->percent = percent;
	deployed->sha = g_strdup("1a2b3c4d00000000000000000000000000000000");
	deployed->relation = relation;
	deployed->deployed_wall_ms = NOW - MS_PER_DAY;
	g_ptr_array_add(verdict->deployed, deployed);
	return deployed;
}

START_TEST(test_behind)
{
	struct verdict *verdict = fixture_behind("worker", 4);
	g_autofree char *text = NULL;

	verdict->behind->compare_url =
		g_strdup("https://github.com/example/pipeline/compare/a...b");
	verdict->behind->commit_url_prefix =
		g_strdup("https://github.com/example/pipeline/commit/");
	verdict->behind->rolled_back = true;
	verdict->description = g_strdup("Generates predictions");
	verdict_add_evidence(add_deployed(verdict, "worker-1", 90, RELATION_BEHIND),
			     "label:commit-sha", "1a2b3c4d",
			     "1a2b3c4d00000000000000000000000000000000");
	add_deployed(verdict, "worker-2", 10, RELATION_IN_SYNC)->digest = g_strdup("sha256:abc");
	verdict_add_setting(verdict, "min-instances", "0", "3", false);
	verdict_add_setting(verdict, "env.KEY", NULL, NULL, true);
	text = page_of(verdict);
	check_ids(text);
	ck_has(text, "<title>");
	ck_has(text, "4 commits under its paths are not deployed");
	ck_has(text, "data-copy=\"./bin/deploy.sh\"");
	ck_has(text, "href=\"https://github.com/example/pipeline/compare/a...b\">compare</a>");
	ck_has(text, "href=\"https://github.com/example/pipeline/commit/00000abc");
	ck_has(text, "Change \\x1b[31m number 3");
	ck_has(text, "Ada Example");
	ck_has(text, "it was rolled back");
	ck_has(text, "90 % <svg");
	ck_has(text, "10 % <svg");
	ck_has(text, "label:commit-sha");
	ck_has(text, "sha256:abc");
	ck_has(text, "<tr class=is-wrong>");
	ck_has(text, "not shown");
	ck_has(text, "Generates predictions");
	ck_has(text, "href=\"/?owner=ml\"");
	ck_has(text, "services/worker");
	ck_has(text, "!**/*.md");
	ck_has(text, "the-worker");
	ck_has(text, "href=\"/drift/service/worker?format=json\"");
	ck_has(text, "<details id=\"json\">");
	ck_has(text, "Times of Europe/Berlin");
	ck_has_not(text, " style=");
}
END_TEST

START_TEST(test_list_that_is_longer_says_so)
{
	g_autofree char *text = page_of(fixture_behind("worker", 60));

	ck_has(text, "and 10 older ones");
	ck_has(text, "60 commits that change 120 files");
}
END_TEST

START_TEST(test_L04_unknown_shows_what_was_known)
{
	struct verdict *verdict =
		fixture_verdict("worker", STATE_UNKNOWN, RELATION_UNKNOWN, PRIORITY_P1);
	g_autofree char *text = NULL;

	verdict->last_known = g_new0(struct verdict_last_known, 1);
	verdict->last_known->state = STATE_DRIFT;
	verdict->last_known->summary = g_strdup("3 commits behind");
	verdict->last_known->observed_wall_ms = NOW - 3 * MS_PER_HOUR;
	verdict->deploy_command = g_strdup("./bin/deploy.sh");
	text = page_of(verdict);
	ck_has(text, "target-head state-unknown");
	ck_has(text, "Last known: <span class=\"state state-drift\">");
	ck_has(text, "3 commits behind");
	ck_has(text, "3 h ago");
	/* deploying is no answer to "could not tell" */
	ck_has_not(text, "data-copy");
}
END_TEST

START_TEST(test_paused_and_pinned)
{
	struct verdict *verdict = fixture_verdict("web", STATE_PAUSED, RELATION_NONE, PRIORITY_P2);
	struct verdict *pinned = fixture_verdict("web", STATE_OK, RELATION_PINNED, PRIORITY_P2);
	g_autofree char *text = NULL;
	g_autofree char *pin = NULL;

	verdict->paused_reason = g_strdup("replaced by worker");
	text = page_of(verdict);
	ck_has(text, "replaced by worker");
	ck_has(text, "nobody looks at it");
	ck_has_not(text, "Looked at next</dt><dd><time");
	pinned->pin_note = g_strdup("pinned to 1a2b3c4d by alice");
	pin = page_of(pinned);
	ck_has(pin, "Pin: <bdi>pinned to 1a2b3c4d by alice</bdi>");
	ck_has(pin, ">pinned</span>");
}
END_TEST

/* The next check does not look at what is not due by then. */
START_TEST(test_looked_at_next)
{
	struct verdict *verdict =
		fixture_verdict("exporter", STATE_OK, RELATION_IN_SYNC, PRIORITY_P2);
	g_autofree char *text = NULL;
	g_auto(GStrv) parts = NULL;

	verdict->observed_wall_ms = NOW - MS_PER_MINUTE;
	text = page_of(verdict);
	parts = g_strsplit(text, "Looked at next</dt><dd>", -1);
	ck_assert_uint_eq(g_strv_length(parts), 3);
	for (size_t i = 1; i < 3; i++)
		ck_assert_msg(g_str_has_prefix(strstr(parts[i], ">"), ">in 29 min</time>"),
			      "not due in 29 min: %s", parts[i]);
}
END_TEST

START_TEST(test_name_alone_and_nobody)
{
	struct response response =
		ask(input_of(fixture_behind("worker", 1)), "/drift/worker?span=24h");

	ck_assert_int_eq(response.status, 200);
	ck_has(response.bytes, "?span=24h#past\" aria-current=true>24 hours");
	response_done(&response);
	response = ask(input_of(fixture_behind("worker", 1)), "/drift/service/nobody");
	ck_assert_int_eq(response.status, 404);
	response_done(&response);
	response = ask(input_of(fixture_behind("worker", 1)), "/drift/worker?span=5d");
	ck_assert_int_eq(response.status, 400);
	response_done(&response);
}
END_TEST

/* --- what mends what --- */

static struct reason *make_reason(enum reason_code code, enum state state, const char *name,
				  const char *expected, const char *wanted)
{
	struct reason *reason = reason_create(code, state, "so it is");

	reason_add_text(reason, "name", name);
	reason_add_text(reason, "expected", expected);
	reason_add_text(reason, "wanted", wanted);
	return reason;
}

#define RUN "gcloud run services update the-worker --project=my-project --region=us-west2 "

static const struct {
	const char *id;
	enum reason_code code;
	enum state state;
	const char *name, *expected, *wanted;
	const char *command; /* "deploy": that of the target */
} mends[] = {
	{"service/worker", REASON_BEHIND, STATE_DRIFT, NULL, NULL, NULL, "deploy"},
	{"service/worker", REASON_BEHIND, STATE_PENDING, NULL, NULL, NULL, "deploy"},
	{"service/worker", REASON_FETCH_FAILED, STATE_UNKNOWN, NULL, NULL, NULL, NULL},
	{"service/worker", REASON_DEPLOYING, STATE_PENDING, NULL, NULL, NULL, NULL},
	{"service/worker", REASON_TRAFFIC_NOT_LATEST, STATE_DRIFT, NULL, NULL, NULL,
	 "gcloud run services update-traffic the-worker --project=my-project --region=us-west2 "
	 "--to-latest"},
	{"service/worker", REASON_SETTING_CHANGED, STATE_DRIFT, "min-instances", "2", NULL,
	 RUN "--min-instances=2"},
	{"service/worker", REASON_SETTING_CHANGED, STATE_DRIFT, "cpu-idle", "true", NULL,
	 RUN "--cpu-throttling"},
	{"service/worker", REASON_SETTING_CHANGED, STATE_DRIFT, "cpu-idle", "false", NULL,
	 RUN "--no-cpu-throttling"},
	{"service/worker", REASON_SETTING_CHANGED, STATE_DRIFT, "env.MODE", NULL, NULL,
	 RUN "--update-env-vars=MODE=VALUE"},
	{"service/worker", REASON_SETTING_CHANGED, STATE_DRIFT, "annotation", "x", NULL, NULL},
	{"service/worker", REASON_SETTING_CHANGED, STATE_DRIFT, "memory", "1Gi; rm -rf /", NULL,
	 RUN "--memory='1Gi; rm -rf /'"},
	{"service/worker", REASON_ENV_MISSING, STATE_DRIFT, "API_KEY", NULL, NULL,
	 RUN "--update-env-vars=API_KEY=VALUE"},
	{"service/worker", REASON_ENV_FORBIDDEN, STATE_DRIFT, "DEBUG", NULL, NULL,
	 RUN "--remove-env-vars=DEBUG"},
	{"service/worker", REASON_VALUE_DIFFERS, STATE_DRIFT, "env.MODEL", NULL, "gs://m/v7",
	 RUN "--update-env-vars=MODEL=gs://m/v7"},
	{"service/worker", REASON_VALUE_DIFFERS, STATE_DRIFT, "env.MODEL", NULL, "$(id)'`x`",
	 RUN "--update-env-vars='MODEL=$(id)'\\''`x`'"},
	{"service/worker", REASON_VALUE_DIFFERS, STATE_DRIFT, "env.MODEL", NULL, "a,B=c", NULL},
	{"service/worker", REASON_VALUE_DIFFERS, STATE_DRIFT, "env.MODEL", NULL, NULL, NULL},
	/* not on Cloud Run */
	{"service/web", REASON_TRAFFIC_NOT_LATEST, STATE_DRIFT, NULL, NULL, NULL, NULL},
	{"service/web", REASON_ENV_FORBIDDEN, STATE_DRIFT, "DEBUG", NULL, NULL, NULL},
	{"service/exporter", REASON_ENV_FORBIDDEN, STATE_DRIFT, "DEBUG", NULL, NULL, NULL},
	{"service/removed", REASON_ENV_FORBIDDEN, STATE_DRIFT, "DEBUG", NULL, NULL, NULL},
	{"table/x", REASON_STALE, STATE_DRIFT, NULL, NULL, NULL, "deploy"},
};

START_TEST(test_mend)
{
	struct verdict *verdict = verdict_create(mends[_i].id);
	struct snapshot *snapshot = NULL;
	struct reason *reason = make_reason(mends[_i].code, mends[_i].state, mends[_i].name,
					    mends[_i].expected, mends[_i].wanted);
	struct target_page page = {.verdict = verdict};
	g_autofree char *command = NULL;

	verdict->kind = g_strdup("service");
	verdict->name = g_strdup("worker");
	verdict->state = STATE_DRIFT;
	verdict->deploy_command = g_strdup("deploy");
	snapshot = snapshot_create(input_of(verdict_ref(verdict)));
	page.snapshot = snapshot;
	page.config = config_find_target(snapshot->input.config, mends[_i].id);
	command = target_page_mend(&page, reason);
	ck_assert_pstr_eq(command, mends[_i].command);
	reason_free(reason);
	snapshot_unref(snapshot);
	verdict_unref(verdict);
}
END_TEST

START_TEST(test_same_command_is_offered_once)
{
	struct verdict *verdict = fixture_behind("worker", 1);
	g_autofree char *text = NULL;

	g_ptr_array_add(verdict->reasons, reason_create(REASON_DIRTY_BUILD, STATE_DRIFT, "dirty"));
	text = page_of(verdict);
	ck_assert_int_eq(occurrences(text, "data-copy=\"./bin/deploy.sh\""), 1);
	ck_has(text, "As above: <code><bdi>./bin/deploy.sh</bdi>");
}
END_TEST

START_TEST(test_inventory_is_accepted_in_words)
{
	struct verdict *verdict = detail_fixture_inventory();
	g_autofree char *text = NULL;

	g_ptr_array_set_size(verdict->reasons, 0);
	g_ptr_array_add(verdict->reasons,
			reason_create(REASON_OBJECT_UNEXPECTED, STATE_DRIFT, "tmp is there"));
	text = page_of(verdict);
	ck_has(text, "If what is there is right");
	ck_has(text, "driftd snapshot inventory/x -c ");
}
END_TEST

/* --- data --- */

START_TEST(test_every_detail)
{
	struct verdict *verdict = detail_fixture_makers[_i]();
	g_autofree char *text = page_of(verdict);

	check_ids(text);
	ck_has_not(text, "<script>");
	ck_has_not(text, "\xe2\x80\xae");
	ck_has_not(text, "\x1b");
}
END_TEST

START_TEST(test_freshness)
{
	g_autofree char *text = page_of(detail_fixture_freshness());

	ck_has(text, ">Freshness</h2>");
	ck_has(text, "<dt>Age</dt><dd class=\"target-age\">2 h</dd>");
	ck_has(text, "<dt>Warn after</dt><dd>12 h</dd>");
	ck_has(text, "<dt>Streaming</dt><dd>no</dd>");
	ck_has(text, "The first 2 of 64.");
	ck_has(text, "data-label=\"rows\" class=num><bdi>12</bdi>");
	ck_has(text, "<span class=\"muted\">null</span>");
	ck_has(text, "my-project.shop.orders");
	ck_has(text, "America/New_York");
}
END_TEST

START_TEST(test_hostile_text_everywhere)
{
	struct verdict *verdict = fixture_behind("worker", 1);
	struct git_commit *commit = verdict->behind->list->pdata[0];
	struct store_batch *batch = store_fixture_batch(1);
	struct store_deployment *deployment =
		store_fixture_deployment(batch, "service/worker", NOW - MS_PER_HOUR);
	g_autofree char *long_text = g_strnfill(10000, 'w');
	char **cells = (char *[]){(char[]){HOSTILE}};
	g_autofree char *text = NULL;

	g_free(commit->subject);
	commit->subject = g_strdup(HOSTILE);
	g_free(commit->author);
	commit->author = g_strdup(HOSTILE);
	g_free(verdict->owner);
	verdict->owner = g_strdup(HOSTILE);
	verdict->description = g_strdup(HOSTILE);
	verdict->pin_note = g_strdup(HOSTILE);
	g_free(verdict->deploy_command);
	verdict->deploy_command = g_strdup(HOSTILE);
	verdict->behind->compare_url = g_strdup("javascript:alert(1)");
	verdict->behind->commit_url_prefix = g_strdup("https://x.example/\"onmouseover=\"x");
	verdict_add_evidence(add_deployed(verdict, HOSTILE, 100, RELATION_BEHIND), HOSTILE, HOSTILE,
			     HOSTILE);
	verdict_add_setting(verdict, HOSTILE, HOSTILE, HOSTILE, false);
	g_ptr_array_add(verdict->reasons,
			reason_create(REASON_DIRTY_BUILD, STATE_DRIFT, "%s", HOSTILE));
	verdict->last_known = g_new0(struct verdict_last_known, 1);
	verdict->last_known->state = STATE_OK;
	verdict->last_known->summary = g_strdup(HOSTILE);
	(void)verdict_detail_add(verdict, "assertion");
	verdict_detail_text(verdict->detail, "value", HOSTILE);
	verdict_detail_text(verdict->detail, "long", long_text);
	verdict_detail_list(verdict->detail, "rows", (const char *const[]){HOSTILE, NULL});
	verdict_detail_row(verdict->detail, (const char *const *)cells);
	verdict->detail->list_is_table = true;
	verdict->detail->rows_total = 1;
	g_free(deployment->sha);
	deployment->sha = g_strdup(HOSTILE);
	g_free(deployment->revision);
	deployment->revision = g_strdup(HOSTILE);
	store_fixture_commit(batch);
	text = page_of(verdict);
	check_ids(text);
	ck_has_not(text, "<script>");
	ck_has_not(text, "<img");
	ck_has_not(text, "\x1b");
	ck_has_not(text, "\xe2\x80\xae");
	ck_has_not(text, "href=\"javascript:");
	ck_has_not(text, "\"onmouseover=\"");
	ck_has_not(text, "\"'><");
	ck_assert_ptr_nonnull(strstr(text, "&lt;script&gt;"));
	ck_assert(g_utf8_validate(text, -1, NULL));
}
END_TEST

/* --- the past --- */

static void add_sample(struct store_batch *batch, int64_t ago_ms, int64_t age_ms, int64_t rows)
{
	struct store_sample *sample = store_fixture_sample(batch, "table/x", NOW - ago_ms);

	sample->loaded_wall_ms = age_ms >= 0 ? NOW - ago_ms - age_ms : 0;
	sample->rows = rows;
}

START_TEST(test_past_of_a_table)
{
	struct store_batch *batch = store_fixture_batch(1);
	struct verdict *verdict = detail_fixture_freshness();
	struct store_usage *usage = store_fixture_usage(batch, "table/x");
	struct store_incident *incident = store_incident_create();
	g_autofree char *text = NULL;

	verdict->observed_wall_ms = NOW - MS_PER_MINUTE;
	usage->bytes_billed = 10 << 20;
	add_sample(batch, 3 * MS_PER_HOUR, MS_PER_HOUR, 100);
	add_sample(batch, 2 * MS_PER_HOUR, 0, 200);
	incident->id = 7;
	incident->target = g_strdup("table/x");
	incident->priority = g_strdup("P1");
	incident->cause = g_strdup("drift");
	incident->status = g_strdup("resolved");
	incident->summary = g_strdup("stale <b>");
	incident->codes = g_strdup("[]");
	incident->told = g_strdup("[]");
	incident->opened_wall_ms = incident->detected_wall_ms = NOW - 5 * MS_PER_HOUR;
	incident->ended_wall_ms = NOW - 3 * MS_PER_HOUR;
	incident->version = 1;
	g_ptr_array_add(batch->alerts->incidents, incident);
	store_fixture_commit(batch);
	text = page_with(verdict, "?span=24h");
	check_ids(text);
	ck_has(text, "id=\"timeline-title\"");
	ck_has(text, "id=\"lag-title\"");
	ck_has(text, ">warn 12 h</text>");
	ck_has(text, "<title>2026-11-20: 200</title>");
	ck_has(text, "<title>2026-11-20: 10.0 MiB</title>");
	ck_has(text, "<a href=\"/incidents/7\">7</a>");
	ck_has(text, "stale &lt;b&gt;");
	ck_has(text, "2 h</td>");
	ck_has(text, "drift 1 h");
}
END_TEST

START_TEST(test_deployments_are_marked_and_listed)
{
	struct store_batch *batch = store_fixture_batch(1);
	g_autofree char *text = NULL;

	for (int i = 0; i < 25; i++)
		store_fixture_deployment(batch, "service/worker", NOW - (26 - i) * MS_PER_HOUR);
	store_fixture_commit(batch);
	text = page_with(fixture_behind("worker", 1), "?span=24h");
	ck_assert_int_eq(occurrences(text, "class=\"chart-mark\""), 23);
	ck_has(text, "older ones</a>");
}
END_TEST

START_TEST(test_history_that_cannot_be_read)
{
	struct app *app = fixture_app(input_of(fixture_behind("worker", 4))); /* no database */
	struct config *config = fixture_config_text(configuration);
	struct auth_rules *rules = auth_rules_create(config, "127.0.0.1:8080");
	struct fixture_request request = {
		.app = app, .rules = rules, .target = "/drift/service/worker?format=html"};
	struct response response = fixture_answer(&request);

	ck_assert_int_eq(response.status, 200);
	ck_has(response.bytes, "4 commits under its paths");
	ck_has(response.bytes, "History could not be read just now");
	response_done(&response);
	auth_rules_unref(rules);
	config_unref(config);
	app_free(app);
}
END_TEST

/* --- figures --- */

#define H(hours) (NOW - (hours)*MS_PER_HOUR)

static GPtrArray *samples_of(const int64_t (*rows)[3], size_t count)
{
	GPtrArray *samples = g_ptr_array_new_with_free_func((GDestroyNotify)store_sample_free);

	for (size_t i = 0; i < count; i++) {
		struct store_sample *sample = store_sample_create();

		sample->at_wall_ms = H(rows[i][0]);
		sample->loaded_wall_ms = rows[i][1] < 0 ? 0 : H(rows[i][1]);
		sample->rows = rows[i][2];
		g_ptr_array_add(samples, sample);
	}
	return samples;
}

static GArray *spans_of(const struct days_span *spans, guint count)
{
	GArray *made = g_array_new(FALSE, TRUE, sizeof(struct days_span));

	g_array_append_vals(made, spans, count);
	return made;
}

static void check_piece(const GArray *pieces, guint index, const int64_t wanted[4], bool at_most)
{
	const struct chart_piece *piece = NULL;

	ck_assert_uint_lt(index, pieces->len);
	piece = &g_array_index(pieces, struct chart_piece, index);
	ck_assert_int_eq(piece->from_wall_ms, H(wanted[0]));
	ck_assert_int_eq(piece->to_wall_ms, H(wanted[1]));
	ck_assert_int_eq(piece->from_ms, wanted[2] * MS_PER_HOUR);
	ck_assert_int_eq(piece->to_ms, wanted[3] * MS_PER_HOUR);
	ck_assert_int_eq(piece->is_at_most, at_most);
}

START_TEST(test_lag_grows_until_the_next_load)
{
	/* newest first: hours ago it was seen, was loaded, rows */
	static const int64_t rows[][3] = {{4, 5, 1}, {10, 11, 1}};
	const struct days_span all[] = {{H(24), H(0), STATE_OK, NULL}};
	g_autoptr(GPtrArray) samples = samples_of(rows, 2);
	g_autoptr(GArray) spans = spans_of(all, 1);
	g_autoptr(GArray) pieces = target_page_lag(samples, spans, H(1), NOW);

	ck_assert_uint_eq(pieces->len, 2);
	check_piece(pieces, 0, (const int64_t[]){10, 4, 1, 7}, false);
	/* up to the last look, not to now */
	check_piece(pieces, 1, (const int64_t[]){4, 1, 1, 4}, false);
}
END_TEST

START_TEST(test_lag_is_not_drawn_where_nobody_looked)
{
	static const int64_t rows[][3] = {{20, 21, 1}};
	const struct days_span spans_[] = {
		{H(24), H(15), STATE_OK, NULL},    {H(15), H(10), STATE_UNKNOWN, NULL},
		{H(10), H(8), STATE_DRIFT, NULL},  {H(8), H(6), STATE_PAUSED, NULL},
		{H(6), H(4), STATE_PENDING, NULL}, {H(4), H(0), STATE_NONE, NULL},
	};
	g_autoptr(GPtrArray) samples = samples_of(rows, 1);
	g_autoptr(GArray) spans = spans_of(spans_, G_N_ELEMENTS(spans_));
	g_autoptr(GArray) pieces = target_page_lag(samples, spans, H(0), NOW);

	ck_assert_uint_eq(pieces->len, 3);
	check_piece(pieces, 0, (const int64_t[]){20, 15, 1, 6}, false);
	check_piece(pieces, 1, (const int64_t[]){10, 8, 11, 13}, false);
	check_piece(pieces, 2, (const int64_t[]){6, 4, 15, 17}, false);
}
END_TEST

START_TEST(test_lag_of_what_held_nothing)
{
	static const int64_t rows[][3] = {{4, 4, 1}, {8, -1, 0}, {12, 12, 1}};
	const struct days_span all[] = {{H(24), H(0), STATE_OK, NULL}};
	g_autoptr(GPtrArray) samples = samples_of(rows, 3);
	g_autoptr(GArray) spans = spans_of(all, 1);
	g_autoptr(GArray) pieces = target_page_lag(samples, spans, H(2), NOW);

	ck_assert_uint_eq(pieces->len, 2);
	check_piece(pieces, 0, (const int64_t[]){12, 8, 0, 4}, false);
	check_piece(pieces, 1, (const int64_t[]){4, 2, 0, 2}, false);
}
END_TEST

START_TEST(test_lag_of_thinned_samples_is_at_most)
{
	/* NOW is 11:00:03: whole hours ago are three seconds past the hour */
	static const int64_t rows[][3] = {{60, 60, 1}, {70, 70, 1}};
	const struct days_span all[] = {{H(100), H(0), STATE_OK, NULL}};
	g_autoptr(GPtrArray) samples = samples_of(rows, 2);
	g_autoptr(GArray) spans = spans_of(all, 1);
	g_autoptr(GArray) pieces = target_page_lag(samples, spans, H(50), NOW);
	const struct chart_piece *rest = NULL;

	ck_assert_uint_eq(pieces->len, 3);
	rest = &g_array_index(pieces, struct chart_piece, 1);
	ck_assert(rest->is_at_most);
	ck_assert_int_eq(rest->from_wall_ms, H(60) - 3 * MS_PER_S); /* the hour began */
	ck_assert_int_eq(rest->to_wall_ms, H(60));
	check_piece(pieces, 2, (const int64_t[]){60, 50, 0, 10}, false);
}
END_TEST

START_TEST(test_lag_of_daily_samples_is_at_most)
{
	static const int64_t rows[][3] = {{40 * 24, 40 * 24, 1}, {41 * 24, 41 * 24, 1}};
	const struct days_span all[] = {{H(50 * 24), H(0), STATE_OK, NULL}};
	g_autoptr(GPtrArray) samples = samples_of(rows, 2);
	g_autoptr(GArray) spans = spans_of(all, 1);
	g_autoptr(GArray) pieces = target_page_lag(samples, spans, H(40 * 24), NOW);
	const struct chart_piece *rest = NULL;

	ck_assert_uint_eq(pieces->len, 2);
	rest = &g_array_index(pieces, struct chart_piece, 1);
	ck_assert(rest->is_at_most);
	ck_assert_int_eq(rest->to_wall_ms - rest->from_wall_ms,
			 11 * MS_PER_HOUR + 3 * MS_PER_S); /* since midnight */
}
END_TEST

START_TEST(test_rows_of_days)
{
	/* 11:00 of the 20th; 50 h ago is the 18th */
	static const int64_t rows[][3] = {{50, 50, 300}, {51, 51, 200}, {100, 100, 100}};
	g_autoptr(GPtrArray) samples = samples_of(rows, 3);
	g_autoptr(GArray) days = days_calendar("UTC", 6, NOW);
	g_autoptr(GArray) bars = NULL;
	static const int64_t wanted[] = {-1, 100, -1, 300, 300, -1};
	static const bool kept[] = {false, false, true, false, true, true};

	g_array_index(days, struct day, 4).ms[STATE_DRIFT] = 1; /* somebody looked */
	g_array_index(days, struct day, 5).ms[STATE_UNKNOWN] = 1;
	bars = target_page_rows(samples, days);
	ck_assert_uint_eq(bars->len, 6);
	for (guint i = 0; i < 6; i++) {
		const struct chart_bar *bar = &g_array_index(bars, struct chart_bar, i);

		ck_assert_int_eq(bar->value, wanted[i]);
		ck_assert_int_eq(bar->is_kept, kept[i]);
	}
	ck_assert_str_eq(g_array_index(bars, struct chart_bar, 5).date, "2026-11-20");
}
END_TEST

START_TEST(test_bytes_of_days)
{
	g_autoptr(GPtrArray) usages =
		g_ptr_array_new_with_free_func((GDestroyNotify)store_usage_free);
	struct store_usage *usage = store_usage_create();
	g_autoptr(GArray) days = days_calendar("UTC", 3, NOW);
	g_autoptr(GArray) bars = NULL;

	usage->day = g_strdup("2026-11-18");
	usage->bytes_billed = 77;
	g_ptr_array_add(usages, usage);
	g_array_index(days, struct day, 1).worst = STATE_OK;
	bars = target_page_bytes(usages, days);
	ck_assert_int_eq(g_array_index(bars, struct chart_bar, 0).value, 77);
	ck_assert_int_eq(g_array_index(bars, struct chart_bar, 1).value, 0);
	ck_assert_int_eq(g_array_index(bars, struct chart_bar, 2).value, -1);
}
END_TEST

Suite *target_page_suite(void)
{
	Suite *suite = suite_create("target_page");
	TCase *pages = tcase_create("pages");
	TCase *pure = tcase_create("pure");

	tcase_add_checked_fixture(pages, store_fixture_setup, store_fixture_teardown);
	tcase_add_test(pages, test_behind);
	tcase_add_test(pages, test_list_that_is_longer_says_so);
	tcase_add_test(pages, test_L04_unknown_shows_what_was_known);
	tcase_add_test(pages, test_paused_and_pinned);
	tcase_add_test(pages, test_looked_at_next);
	tcase_add_test(pages, test_name_alone_and_nobody);
	tcase_add_test(pages, test_same_command_is_offered_once);
	tcase_add_test(pages, test_inventory_is_accepted_in_words);
	tcase_add_loop_test(pages, test_every_detail, 0, DETAIL_FIXTURES);
	tcase_add_test(pages, test_freshness);
	tcase_add_test(pages, test_hostile_text_everywhere);
	tcase_add_test(pages, test_past_of_a_table);
	tcase_add_test(pages, test_deployments_are_marked_and_listed);
	tcase_add_test(pages, test_history_that_cannot_be_read);
	suite_add_tcase(suite, pages);
	tcase_add_loop_test(pure, test_mend, 0, G_N_ELEMENTS(mends));
	tcase_add_test(pure, test_lag_grows_until_the_next_load);
	tcase_add_test(pure, test_lag_is_not_drawn_where_nobody_looked);
	tcase_add_test(pure, test_lag_of_what_held_nothing);
	tcase_add_test(pure, test_lag_of_thinned_samples_is_at_most);
	tcase_add_test(pure, test_lag_of_daily_samples_is_at_most);
	tcase_add_test(pure, test_rows_of_days);
	tcase_add_test(pure, test_bytes_of_days);
	suite_add_tcase(suite, pure);
	return suite;
}
