/* metrics - see metrics.h */
#include "api/metrics.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clk.h"
#include "version.h"

void metrics_append_label(GString *to, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n')
			g_string_append(to, "\\n");
		else if (*value == '\\' || *value == '"')
			g_string_append_printf(to, "\\%c", *value);
		else
			g_string_append_c(to, *value);
	}
}

static void family(GString *to, const char *name, const char *type, const char *help)
{
	g_string_append_printf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void label(GString *to, const char *before, const char *name, const char *value)
{
	g_string_append_printf(to, "%s%s=\"", before, name);
	metrics_append_label(to, value);
	g_string_append_c(to, '"');
}

/* Milliseconds as seconds, exactly, whatever the locale. */
static void seconds(GString *to, int64_t ms)
{
	int64_t rest = ms % MS_PER_S;

	g_string_append_printf(to, "%s%" PRId64, ms < 0 ? "-" : "", ABS(ms / MS_PER_S));
	if (rest != 0)
		g_string_append_printf(to, ".%03d", (int)ABS(rest));
	g_string_append_c(to, '\n');
}

static void number(GString *to, int64_t value)
{
	g_string_append_printf(to, "%" PRId64 "\n", value);
}

static void single(GString *to, const char *name, const char *type, const char *help, int64_t value)
{
	family(to, name, type, help);
	g_string_append_printf(to, "%s ", name);
	number(to, value);
}

static void single_ms(GString *to, const char *name, const char *type, const char *help, int64_t ms)
{
	family(to, name, type, help);
	g_string_append_printf(to, "%s ", name);
	seconds(to, ms);
}

/* The word's place in the order of badness; paused stands outside of it. */
static int state_value(enum state state)
{
	switch (state) {
	case STATE_OK:
		return 0;
	case STATE_PENDING:
		return 1;
	case STATE_DRIFT:
		return 3;
	case STATE_PAUSED:
		return -1;
	case STATE_NONE:
	case STATE_UNKNOWN:
		break;
	}
	return 2;
}

static void add_tally(GString *to, const struct tally *tally)
{
	family(to, "driftd_targets", "gauge", "Targets by state.");
	for (enum state state = STATE_OK; state < STATE_COUNT; state++)
		g_string_append_printf(to, "driftd_targets{state=\"%s\"} %" PRId64 "\n",
				       state_text(state), tally->count[state]);
	single(to, "driftd_evaluated", "gauge",
	       "Targets with a valid verdict that is not unknown, of all that are not paused.",
	       tally->evaluated);
	single(to, "driftd_overall_state", "gauge",
	       "Worst state: 0 ok, 1 pending, 2 unknown (also when nothing was evaluated), 3 "
	       "drift.",
	       state_value(tally->overall));
	if (tally->score < 0)
		return;
	family(to, "driftd_score_ratio", "gauge",
	       "Weighted share of targets that are ok, 0 to 1; absent when nothing was "
	       "evaluated.");
	g_string_append_printf(to, "driftd_score_ratio %d.%02d\n", tally->score / 100,
			       tally->score % 100);
}

static void target_sample(GString *to, const char *name, const struct verdict *verdict)
{
	g_string_append(to, name);
	label(to, "{", "target", verdict->id);
	label(to, ",", "priority", priority_text(verdict->priority));
	g_string_append(to, "} ");
}

/* Commits that are known to be undeployed; -1: not known. */
static int64_t commits_behind(const struct verdict *verdict)
{
	if (verdict->behind)
		return verdict->behind->commits;
	return verdict->relation == RELATION_IN_SYNC ? 0 : -1;
}

static int64_t behind_ms(const struct verdict *verdict, int64_t now_wall_ms)
{
	if (!verdict->behind || verdict->behind->commits == 0)
		return 0;
	return MAX(now_wall_ms - verdict->behind->since_wall_ms, 0);
}

static void add_behind(GString *to, const GPtrArray *verdicts, int64_t now_wall_ms)
{
	family(to, "driftd_target_behind_commits", "gauge",
	       "Undeployed commits; absent when that is not known.");
	for (guint i = 0; i < verdicts->len; i++) {
		if (commits_behind(verdicts->pdata[i]) < 0)
			continue;
		target_sample(to, "driftd_target_behind_commits", verdicts->pdata[i]);
		number(to, commits_behind(verdicts->pdata[i]));
	}
	family(to, "driftd_target_behind_seconds", "gauge",
	       "Age of the oldest undeployed commit; 0 when there is none.");
	for (guint i = 0; i < verdicts->len; i++) {
		if (commits_behind(verdicts->pdata[i]) < 0)
			continue;
		target_sample(to, "driftd_target_behind_seconds", verdicts->pdata[i]);
		seconds(to, behind_ms(verdicts->pdata[i], now_wall_ms));
	}
}

static void add_targets(GString *to, const GPtrArray *verdicts, int64_t now_wall_ms)
{
	family(to, "driftd_target_state", "gauge",
	       "State of a target: 0 ok, 1 pending, 2 unknown, 3 drift, -1 paused.");
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		target_sample(to, "driftd_target_state", verdict);
		number(to, state_value(verdict->state));
	}
	add_behind(to, verdicts, now_wall_ms);
	family(to, "driftd_target_observed_timestamp_seconds", "gauge",
	       "When the target was last observed; absent when it never was.");
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		if (verdict->observed_wall_ms <= 0)
			continue;
		target_sample(to, "driftd_target_observed_timestamp_seconds", verdict);
		seconds(to, verdict->observed_wall_ms);
	}
}

/* What is told of the detail of a verdict about data. */
enum detail_value {
	DETAIL_VALUE_NONE = 0,
	DETAIL_VALUE_AGE,    /* of the detail, in seconds */
	DETAIL_VALUE_NUMBER, /* of a datum */
	DETAIL_VALUE_TIME,   /* likewise */
};

#define DIFFERENCES(CHANGE)                                                                        \
	{                                                                                          \
		"driftd_inventory_differences",                                                    \
			"Objects that are not as they are expected to be.", "inventory",           \
			DETAIL_VALUE_NUMBER, (CHANGE), "change", (CHANGE)                          \
	}

static const struct {
	const char *family, *help;
	const char *detail; /* NULL: any */
	enum detail_value value;
	const char *datum;
	const char *label, *label_value; /* NULL: none; lines of one family stand together */
} detail_metrics[] = {
	{"driftd_table_age_seconds",
	 "Time since the last load of a table, as the method of its check sees it; absent when it "
	 "is not known.",
	 "freshness", DETAIL_VALUE_AGE, NULL, NULL, NULL},
	{"driftd_table_rows", "Rows of a table, under the filter of its check.", "freshness",
	 DETAIL_VALUE_NUMBER, "rows", NULL, NULL},
	{"driftd_table_last_load_timestamp_seconds", "When a table was last loaded.", "freshness",
	 DETAIL_VALUE_TIME, "last_loaded_at", NULL, NULL},
	{"driftd_target_bytes_billed", "Bytes billed for the last look at a target.", NULL,
	 DETAIL_VALUE_NUMBER, "bytes_billed", NULL, NULL},
	DIFFERENCES("missing"),
	DIFFERENCES("unexpected"),
	DIFFERENCES("changed"),
	{"driftd_assertion_rows", "Rows that an assertion answered.", "assertion",
	 DETAIL_VALUE_NUMBER, "row_count", NULL, NULL},
	{"driftd_backup_age_seconds", "Age of the newest complete backup.", "backup",
	 DETAIL_VALUE_AGE, NULL, NULL, NULL},
};

static bool find_number(const struct verdict_detail *detail, enum detail_value value,
			const char *datum_name, int64_t *ret_number)
{
	const struct verdict_datum *datum = verdict_detail_find(detail, datum_name);
	bool is_time = value == DETAIL_VALUE_TIME;

	if (!datum || datum->type != (is_time ? DATUM_TYPE_TIME : DATUM_TYPE_NUMBER) ||
	    (is_time && datum->number <= 0))
		return false;
	*ret_number = datum->number;
	return true;
}

/* Ages and times in milliseconds. False: it has none, or nothing that can be told now: what was seen
 * last is no number to go by. */
static bool find_detail_value(const struct verdict *verdict, size_t metric, int64_t now_wall_ms,
			      int64_t *ret_value)
{
	const struct verdict_detail *detail = verdict->detail;
	const char *wanted = detail_metrics[metric].detail;

	if (!detail || verdict->state == STATE_UNKNOWN || verdict->state == STATE_PAUSED ||
	    (wanted && strcmp(detail->name, wanted) != 0))
		return false;
	if (detail_metrics[metric].value != DETAIL_VALUE_AGE)
		return find_number(detail, detail_metrics[metric].value,
				   detail_metrics[metric].datum, ret_value);
	if (detail->aged_wall_ms <= 0)
		return false;
	*ret_value = MAX(now_wall_ms - detail->aged_wall_ms, 0);
	return true;
}

static void detail_sample(GString *to, size_t metric, const struct verdict *verdict, int64_t value)
{
	g_string_append(to, detail_metrics[metric].family);
	label(to, "{", "target", verdict->id);
	label(to, ",", "priority", priority_text(verdict->priority));
	if (detail_metrics[metric].label)
		label(to, ",", detail_metrics[metric].label, detail_metrics[metric].label_value);
	g_string_append(to, "} ");
	if (detail_metrics[metric].value == DETAIL_VALUE_NUMBER)
		number(to, value);
	else
		seconds(to, value);
}

/* A family appears with its first target: without tables there is no word of them. */
static void add_details(GString *to, const GPtrArray *verdicts, int64_t now_wall_ms)
{
	bool begun = false;

	for (size_t i = 0; i < G_N_ELEMENTS(detail_metrics); i++) {
		begun = begun &&
			strcmp(detail_metrics[i].family, detail_metrics[i - 1].family) == 0;
		for (guint j = 0; j < verdicts->len; j++) {
			int64_t value = 0;

			if (!find_detail_value(verdicts->pdata[j], i, now_wall_ms, &value))
				continue;
			if (!begun)
				family(to, detail_metrics[i].family, "gauge",
				       detail_metrics[i].help);
			begun = true;
			detail_sample(to, i, verdicts->pdata[j], value);
		}
	}
}

static void add_spent(GString *to, const GPtrArray *spent)
{
	if (spent->len > 0)
		family(to, "driftd_bytes_billed_today", "gauge",
		       "Bytes billed since midnight (UTC) to what one [gcp] section asked.");
	for (guint i = 0; i < spent->len; i++) {
		const struct snapshot_spent *one = spent->pdata[i];

		g_string_append(to, "driftd_bytes_billed_today");
		label(to, "{", "gcp", one->gcp);
		g_string_append(to, "} ");
		number(to, one->bytes);
	}
}

static void repo_sample(GString *to, const char *name, const struct repo_status *repo)
{
	g_string_append(to, name);
	label(to, "{", "repo", repo->name);
	g_string_append(to, "} ");
}

static void add_repos(GString *to, const GPtrArray *repos)
{
	family(to, "driftd_repo_up", "gauge", "1 when the latest fetch of the repository worked.");
	for (guint i = 0; i < repos->len; i++) {
		const struct repo_status *repo = repos->pdata[i];

		repo_sample(to, "driftd_repo_up", repo);
		number(to, !repo->error && repo->fetched_wall_ms > 0);
	}
	family(to, "driftd_repo_fetched_timestamp_seconds", "gauge",
	       "When the repository was last fetched; absent when it never was.");
	for (guint i = 0; i < repos->len; i++) {
		const struct repo_status *repo = repos->pdata[i];

		if (repo->fetched_wall_ms <= 0)
			continue;
		repo_sample(to, "driftd_repo_fetched_timestamp_seconds", repo);
		seconds(to, repo->fetched_wall_ms);
	}
}

/* Every cause and priority has its line, so that an alert on it also sees it fall to 0. */
static void add_incidents(GString *to, const struct snapshot_input *input)
{
	static const enum incident_cause causes[] = {INCIDENT_CAUSE_DRIFT, INCIDENT_CAUSE_BLIND};
	static const enum priority priorities[] = {PRIORITY_P0, PRIORITY_P1, PRIORITY_P2};

	family(to, "driftd_incidents_open", "gauge",
	       "Incidents that are not over, acknowledged or not.");
	for (size_t i = 0; i < G_N_ELEMENTS(causes) * G_N_ELEMENTS(priorities); i++) {
		enum incident_cause cause = causes[i / G_N_ELEMENTS(priorities)];
		enum priority priority = priorities[i % G_N_ELEMENTS(priorities)];
		int64_t count = 0;

		for (guint j = 0; j < input->incidents->len; j++) {
			const struct incident *incident = input->incidents->pdata[j];

			count += incident->cause == cause && incident->priority == priority;
		}
		g_string_append(to, "driftd_incidents_open");
		label(to, "{", "cause", incident_cause_text(cause));
		label(to, ",", "priority", priority_text(priority));
		g_string_append(to, "} ");
		number(to, count);
	}
	single(to, "driftd_silences_active", "gauge", "Silences in force.", input->silences_active);
}

static int64_t channel_value(const struct channel_status *channel, size_t metric)
{
	const int64_t values[] = {!channel->failing, channel->waiting, channel->sent,
				  channel->failed};

	return values[metric];
}

static void add_channels(GString *to, const GPtrArray *channels)
{
	static const struct {
		const char *name, *type, *help;
	} metrics[] = {
		{"driftd_channel_up", "gauge", "1 when the channel takes messages."},
		{"driftd_notifications_waiting", "gauge", "Messages that wait, or are under way."},
		{"driftd_notifications_sent_total", "counter", "Messages sent since the start."},
		{"driftd_notifications_failed_total", "counter", "Messages given up."},
	};

	for (size_t i = 0; channels->len > 0 && i < G_N_ELEMENTS(metrics); i++) {
		family(to, metrics[i].name, metrics[i].type, metrics[i].help);
		for (guint j = 0; j < channels->len; j++) {
			const struct channel_status *channel = channels->pdata[j];

			g_string_append(to, metrics[i].name);
			label(to, "{", "channel", channel->id);
			g_string_append(to, "} ");
			number(to, channel_value(channel, i));
		}
	}
}

static void account_sample(GString *to, const char *name, const struct http_account *account)
{
	g_string_append(to, name);
	label(to, "{", "api", account->api);
	label(to, ",", "outcome", account->outcome);
	g_string_append(to, "} ");
}

static void add_accounts(GString *to, const GPtrArray *accounts)
{
	family(to, "driftd_api_calls_total", "counter", "Outgoing calls since the start.");
	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = accounts->pdata[i];

		account_sample(to, "driftd_api_calls_total", account);
		number(to, account->calls);
	}
	family(to, "driftd_api_call_seconds_total", "counter", "Time spent in outgoing calls.");
	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = accounts->pdata[i];

		account_sample(to, "driftd_api_call_seconds_total", account);
		seconds(to, account->time_ms);
	}
	family(to, "driftd_api_received_bytes_total", "counter", "Bytes outgoing calls received.");
	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = accounts->pdata[i];

		account_sample(to, "driftd_api_received_bytes_total", account);
		number(to, account->bytes);
	}
}

static void add_checks(GString *to, const struct snapshot_input *input)
{
	single(to, "driftd_checks_total", "counter", "Checks done since the start.",
	       input->cycles_total);
	single(to, "driftd_check_failures_total", "counter",
	       "Checks whose result could not be committed.", input->cycle_failures_total);
	single(to, "driftd_database_bytes", "gauge", "Size of the database.",
	       input->database_bytes);
	single(to, "driftd_config_error", "gauge",
	       "1 when the configuration was changed to one that is invalid, and the one before "
	       "is still in force.",
	       input->config_error != NULL);
	if (input->check.id <= 0)
		return;
	single_ms(to, "driftd_check_last_timestamp_seconds", "gauge",
		  "When the latest check began.", input->check.started_wall_ms);
	if (input->check.duration_ms >= 0)
		single_ms(to, "driftd_check_duration_seconds", "gauge",
			  "How long the latest check took.", input->check.duration_ms);
}

char *metrics_render(const struct snapshot *snapshot)
{
	const struct snapshot_input *input = &snapshot->input;
	GString *to = g_string_sized_new(4096 + (gsize)input->verdicts->len * 384);

	add_tally(to, &snapshot->tally);
	add_targets(to, input->verdicts, input->generated_wall_ms);
	add_details(to, input->verdicts, input->generated_wall_ms);
	add_spent(to, input->spent);
	add_repos(to, input->repos);
	add_incidents(to, input);
	add_channels(to, input->channels);
	add_accounts(to, input->accounts);
	add_checks(to, input);
	return g_string_free(to, FALSE);
}

/* Pages of /proc/self/statm, in bytes (proc(5)): all, resident. */
static bool read_memory(int64_t ret_bytes[2])
{
	g_autofree char *text = NULL;
	g_auto(GStrv) fields = NULL;
	long page_bytes = sysconf(_SC_PAGESIZE);

	if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
		return false;
	fields = g_strsplit(text, " ", 3);
	for (guint i = 0; i < 2; i++) {
		guint64 pages = 0;

		if (g_strv_length(fields) < 3 ||
		    !g_ascii_string_to_unsigned(fields[i], 10, 0,
						(guint64)(G_MAXINT64 / page_bytes), &pages, NULL))
			return false;
		ret_bytes[i] = (int64_t)pages * page_bytes; /* bounded above */
	}
	return true;
}

static int64_t count_open_fds(void)
{
	GDir *directory = g_dir_open("/proc/self/fd", 0, NULL);
	int64_t count = -1; /* the one that reads is not counted */

	if (!directory)
		return -1;
	while (g_dir_read_name(directory))
		count++;
	g_dir_close(directory);
	return count;
}

/* What is counted as requests are answered. */
static void add_counts(GString *to, struct app *app)
{
	static const struct {
		enum app_count count;
		const char *family, *help, *label, *value;
	} counts[] = {
		{APP_COUNT_AUTH_MISSING, "driftd_auth_refused_total",
		 "Requests refused for want of a valid credential.", "reason", "missing"},
		{APP_COUNT_AUTH_TOKEN, "driftd_auth_refused_total", NULL, "reason", "token"},
		{APP_COUNT_AUTH_OIDC, "driftd_auth_refused_total", NULL, "reason", "oidc"},
		{APP_COUNT_AUTH_HOOK, "driftd_auth_refused_total", NULL, "reason", "hook"},
		{APP_COUNT_AUTH_LINK, "driftd_auth_refused_total", NULL, "reason", "link"},
		{APP_COUNT_PUSH_ACCEPTED, "driftd_pushes_total",
		 "Hooks with a good signature, by what became of them.", "result", "accepted"},
		{APP_COUNT_PUSH_IGNORED, "driftd_pushes_total", NULL, "result", "ignored"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		if (counts[i].help)
			family(to, counts[i].family, "counter", counts[i].help);
		g_string_append(to, counts[i].family);
		label(to, "{", counts[i].label, counts[i].value);
		g_string_append(to, "} ");
		number(to, app_get_count(app, counts[i].count));
	}
}

char *metrics_render_process(struct app *app)
{
	GString *to = g_string_sized_new(2048);
	struct rlimit limit = {0};
	int64_t memory[2] = {0};
	int64_t fds = count_open_fds();

	family(to, "driftd_build_info", "gauge", "1, labelled with what this build is.");
	g_string_append(to, "driftd_build_info");
	label(to, "{", "version", version_number);
	label(to, ",", "dirty", version_dirty ? "true" : "false");
	g_string_append(to, "} 1\n");
	add_counts(to, app);
	single(to, "driftd_waiters", "gauge", "Requests that wait for the scheduler.",
	       app_waiters(app));
	single_ms(to, "process_cpu_seconds_total", "counter", "CPU time used.", clk_cpu_ms());
	single_ms(to, "process_start_time_seconds", "gauge", "When the process began.",
		  app_started_wall_ms(app));
	if (read_memory(memory)) {
		single(to, "process_virtual_memory_bytes", "gauge", "Virtual memory size.",
		       memory[0]);
		single(to, "process_resident_memory_bytes", "gauge", "Resident memory size.",
		       memory[1]);
	}
	if (fds >= 0)
		single(to, "process_open_fds", "gauge", "Open file descriptors.", fds);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		single(to, "process_max_fds", "gauge", "Most file descriptors at once.",
		       (int64_t)MIN(limit.rlim_cur, (rlim_t)G_MAXINT64));
	return g_string_free(to, FALSE);
}
