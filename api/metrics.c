/* metrics - see metrics.h */
#include "api/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "api/metrics_private.h"

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
	metrics_family(to, "driftd_targets", "gauge", "Targets by state.");
	for (enum state state = STATE_OK; state < STATE_COUNT; state++)
		g_string_append_printf(to, "driftd_targets{state=\"%s\"} %" PRId64 "\n",
				       state_text(state), tally->count[state]);
	metrics_single(
		to, "driftd_evaluated", "gauge",
		"Targets with a valid verdict that is not unknown, of all that are not paused.",
		tally->evaluated);
	metrics_single(
		to, "driftd_overall_state", "gauge",
		"Worst state: 0 ok, 1 pending, 2 unknown (also when nothing was evaluated), 3 "
		"drift.",
		state_value(tally->overall));
	if (tally->score < 0)
		return;
	metrics_family(to, "driftd_score_ratio", "gauge",
		       "Weighted share of targets that are ok, 0 to 1; absent when nothing was "
		       "evaluated.");
	g_string_append_printf(to, "driftd_score_ratio %d.%02d\n", tally->score / 100,
			       tally->score % 100);
}

static int64_t count_expired(const GPtrArray *verdicts)
{
	int64_t count = 0;

	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];
		bool is_expired = false;

		for (guint j = 0; j < verdict->reasons->len; j++)
			is_expired = is_expired ||
				     ((const struct reason *)verdict->reasons->pdata[j])->code ==
					     REASON_EXPIRED;
		count += is_expired;
	}
	return count;
}

static void target_sample(GString *to, const char *name, const struct verdict *verdict)
{
	g_string_append(to, name);
	metrics_label(to, "{", "target", verdict->id);
	metrics_label(to, ",", "priority", priority_text(verdict->priority));
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
	metrics_family(to, "driftd_target_behind_commits", "gauge",
		       "Undeployed commits; absent when that is not known.");
	for (guint i = 0; i < verdicts->len; i++) {
		if (commits_behind(verdicts->pdata[i]) < 0)
			continue;
		target_sample(to, "driftd_target_behind_commits", verdicts->pdata[i]);
		metrics_number(to, commits_behind(verdicts->pdata[i]));
	}
	metrics_family(to, "driftd_target_behind_seconds", "gauge",
		       "Age of the oldest undeployed commit; 0 when there is none.");
	for (guint i = 0; i < verdicts->len; i++) {
		if (commits_behind(verdicts->pdata[i]) < 0)
			continue;
		target_sample(to, "driftd_target_behind_seconds", verdicts->pdata[i]);
		metrics_seconds(to, behind_ms(verdicts->pdata[i], now_wall_ms));
	}
}

/* What targets can be grouped by: on a series of its own, so that another owner begins one new series
 * and not twenty. A label without a value is none to Prometheus. */
static void add_info(GString *to, const GPtrArray *verdicts)
{
	metrics_family(to, "driftd_target_info", "gauge",
		       "1, labelled with what the configuration says of a target.");
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		g_string_append(to, "driftd_target_info");
		metrics_label(to, "{", "target", verdict->id);
		metrics_label(to, ",", "priority", priority_text(verdict->priority));
		metrics_label(to, ",", "kind", verdict->kind);
		metrics_label(to, ",", "owner", verdict->owner ? verdict->owner : "");
		metrics_label(to, ",", "repo", verdict->repo ? verdict->repo : "");
		g_string_append(to, "} ");
		metrics_number(to, 1);
	}
}

static void add_targets(GString *to, const GPtrArray *verdicts, int64_t now_wall_ms)
{
	metrics_single(to, "driftd_targets_expired", "gauge",
		       "Targets whose verdict is too old to be believed.", count_expired(verdicts));
	metrics_family(to, "driftd_target_state", "gauge",
		       "State of a target: 0 ok, 1 pending, 2 unknown, 3 drift, -1 paused.");
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		target_sample(to, "driftd_target_state", verdict);
		metrics_number(to, state_value(verdict->state));
	}
	add_info(to, verdicts);
	add_behind(to, verdicts, now_wall_ms);
	metrics_family(to, "driftd_target_observed_timestamp_seconds", "gauge",
		       "When the target was last observed; absent when it never was.");
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		if (verdict->observed_wall_ms <= 0)
			continue;
		target_sample(to, "driftd_target_observed_timestamp_seconds", verdict);
		metrics_seconds(to, verdict->observed_wall_ms);
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

#define AGE_LIMIT(LIMIT)                                                                           \
	{                                                                                          \
		"driftd_table_age_limit_seconds",                                                  \
			"Age from which a table is stale: pending past warn, drift past error; "   \
			"absent where no limit is set.",                                           \
			"freshness", DETAIL_VALUE_NUMBER, LIMIT "_after_s", "limit", (LIMIT)       \
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
	AGE_LIMIT("warn"),
	AGE_LIMIT("error"),
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
	{"driftd_backup_max_age_seconds", "Age from which the newest complete backup is too old.",
	 "backup", DETAIL_VALUE_NUMBER, "max_age_s", NULL, NULL},
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
	metrics_label(to, "{", "target", verdict->id);
	metrics_label(to, ",", "priority", priority_text(verdict->priority));
	if (detail_metrics[metric].label)
		metrics_label(to, ",", detail_metrics[metric].label,
			      detail_metrics[metric].label_value);
	g_string_append(to, "} ");
	if (detail_metrics[metric].value == DETAIL_VALUE_NUMBER)
		metrics_number(to, value);
	else
		metrics_seconds(to, value);
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
				metrics_family(to, detail_metrics[i].family, "gauge",
					       detail_metrics[i].help);
			begun = true;
			detail_sample(to, i, verdicts->pdata[j], value);
		}
	}
}

static void add_spent(GString *to, const GPtrArray *spent)
{
	if (spent->len > 0)
		metrics_family(
			to, "driftd_bytes_billed_today", "gauge",
			"Bytes billed since midnight (UTC) to what one [gcp] section asked.");
	for (guint i = 0; i < spent->len; i++) {
		const struct snapshot_spent *one = spent->pdata[i];

		g_string_append(to, "driftd_bytes_billed_today");
		metrics_label(to, "{", "gcp", one->gcp);
		g_string_append(to, "} ");
		metrics_number(to, one->bytes);
	}
}

static void repo_sample(GString *to, const char *name, const struct repo_status *repo)
{
	g_string_append(to, name);
	metrics_label(to, "{", "repo", repo->name);
	g_string_append(to, "} ");
}

static void add_repos(GString *to, const GPtrArray *repos)
{
	metrics_family(to, "driftd_repo_up", "gauge",
		       "1 when the latest fetch of the repository worked.");
	for (guint i = 0; i < repos->len; i++) {
		const struct repo_status *repo = repos->pdata[i];

		repo_sample(to, "driftd_repo_up", repo);
		metrics_number(to, !repo->error && repo->fetched_wall_ms > 0);
	}
	metrics_family(to, "driftd_repo_fetched_timestamp_seconds", "gauge",
		       "When the repository was last fetched; absent when it never was.");
	for (guint i = 0; i < repos->len; i++) {
		const struct repo_status *repo = repos->pdata[i];

		if (repo->fetched_wall_ms <= 0)
			continue;
		repo_sample(to, "driftd_repo_fetched_timestamp_seconds", repo);
		metrics_seconds(to, repo->fetched_wall_ms);
	}
}

/* How long the one that has waited longest for somebody waits; 0: none does. */
static int64_t unacknowledged_ms(const struct snapshot_input *input, enum priority priority)
{
	int64_t longest_ms = 0;

	for (guint i = 0; i < input->incidents->len; i++) {
		const struct incident *incident = input->incidents->pdata[i];

		if (incident->priority == priority && incident->acknowledged_wall_ms == 0)
			longest_ms = MAX(longest_ms,
					 input->generated_wall_ms - incident->detected_wall_ms);
	}
	return longest_ms;
}

static void add_unacknowledged(GString *to, const struct snapshot_input *input)
{
	static const enum priority priorities[] = {PRIORITY_P0, PRIORITY_P1, PRIORITY_P2};

	metrics_family(to, "driftd_incident_unacknowledged_seconds", "gauge",
		       "How long the oldest incident that nobody has acknowledged is known; 0 when "
		       "there is none.");
	for (size_t i = 0; i < G_N_ELEMENTS(priorities); i++) {
		g_string_append(to, "driftd_incident_unacknowledged_seconds");
		metrics_label(to, "{", "priority", priority_text(priorities[i]));
		g_string_append(to, "} ");
		metrics_seconds(to, unacknowledged_ms(input, priorities[i]));
	}
}

/* Every cause and priority has its line, so that an alert on it also sees it fall to 0. */
static void add_incidents(GString *to, const struct snapshot_input *input)
{
	static const enum incident_cause causes[] = {INCIDENT_CAUSE_DRIFT, INCIDENT_CAUSE_BLIND};
	static const enum priority priorities[] = {PRIORITY_P0, PRIORITY_P1, PRIORITY_P2};

	metrics_family(to, "driftd_incidents_open", "gauge",
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
		metrics_label(to, "{", "cause", incident_cause_text(cause));
		metrics_label(to, ",", "priority", priority_text(priority));
		g_string_append(to, "} ");
		metrics_number(to, count);
	}
	add_unacknowledged(to, input);
	metrics_single(to, "driftd_silences_active", "gauge", "Silences in force.",
		       input->silences_active);
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
		metrics_family(to, metrics[i].name, metrics[i].type, metrics[i].help);
		for (guint j = 0; j < channels->len; j++) {
			const struct channel_status *channel = channels->pdata[j];

			g_string_append(to, metrics[i].name);
			metrics_label(to, "{", "channel", channel->id);
			g_string_append(to, "} ");
			metrics_number(to, channel_value(channel, i));
		}
	}
}

static void account_sample(GString *to, const char *name, const struct http_account *account)
{
	g_string_append(to, name);
	metrics_label(to, "{", "api", account->api);
	metrics_label(to, ",", "outcome", account->outcome);
	g_string_append(to, "} ");
}

static void add_accounts(GString *to, const GPtrArray *accounts)
{
	metrics_family(to, "driftd_api_calls_total", "counter", "Outgoing calls since the start.");
	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = accounts->pdata[i];

		account_sample(to, "driftd_api_calls_total", account);
		metrics_number(to, account->calls);
	}
	metrics_family(to, "driftd_api_call_seconds_total", "counter",
		       "Time spent in outgoing calls.");
	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = accounts->pdata[i];

		account_sample(to, "driftd_api_call_seconds_total", account);
		metrics_seconds(to, account->time_ms);
	}
	metrics_family(to, "driftd_api_received_bytes_total", "counter",
		       "Bytes outgoing calls received.");
	for (guint i = 0; i < accounts->len; i++) {
		const struct http_account *account = accounts->pdata[i];

		account_sample(to, "driftd_api_received_bytes_total", account);
		metrics_number(to, account->bytes);
	}
}

static void add_checks(GString *to, const struct snapshot_input *input)
{
	metrics_single(to, "driftd_checks_total", "counter", "Checks done since the start.",
		       input->cycles_total);
	metrics_single(to, "driftd_check_failures_total", "counter",
		       "Checks whose result could not be committed.", input->cycle_failures_total);
	metrics_single(to, "driftd_database_bytes", "gauge", "Size of the database.",
		       input->database_bytes);
	metrics_single(
		to, "driftd_config_error", "gauge",
		"1 when the configuration was changed to one that is invalid, and the one before "
		"is still in force.",
		input->config_error != NULL);
	metrics_single(to, "driftd_store_error", "gauge",
		       "1 when the latest check could not be written to the database.",
		       input->store_error != NULL);
	metrics_single_ms(to, "driftd_check_interval_seconds", "gauge",
			  "How often checks are made, as configured.",
			  input->config->driftd.check_interval_ms);
	if (input->check.id <= 0)
		return;
	metrics_single_ms(to, "driftd_check_last_timestamp_seconds", "gauge",
			  "When the latest check began.", input->check.started_wall_ms);
	if (input->check.duration_ms >= 0)
		metrics_single_ms(to, "driftd_check_duration_seconds", "gauge",
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
