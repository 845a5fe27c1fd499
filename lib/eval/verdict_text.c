/* verdict_text - see verdict_text.h */
#include "eval/verdict_text.h"

#include <inttypes.h>
#include <string.h>

#include "eval/columns.h"
#include "eval/detail_text.h"
#include "text.h"

/* Lines of reasons, commits and evidence: longer ones wrap badly and help nobody. */
#define LINE_COLUMNS_MAX 400

/* A command is copied, so it is only cut where it cannot be one. */
#define COMMAND_COLUMNS_MAX 4000

/* Undeployed commits below a line of the table. */
#define TABLE_COMMITS_MAX 5

enum column {
	COLUMN_STATE = 0,
	COLUMN_PRIORITY,
	COLUMN_TARGET,
	COLUMN_DEPLOYED,
	COLUMN_HEAD,
	COLUMN_SUMMARY,
	COLUMN_SINCE,
	COLUMN_COUNT,
};

static const struct {
	const char *title;
	size_t max;
} columns[COLUMN_COUNT] = {
	[COLUMN_STATE] = {"STATE", 8},    [COLUMN_PRIORITY] = {"PRIORITY", 8},
	[COLUMN_TARGET] = {"TARGET", 60}, [COLUMN_DEPLOYED] = {"DEPLOYED", 24},
	[COLUMN_HEAD] = {"HEAD", 8},      [COLUMN_SUMMARY] = {"SUMMARY", 100},
	[COLUMN_SINCE] = {"SINCE", 8},
};

/* One line of the table; cells are ready to be shown. */
struct row {
	char *cells[COLUMN_COUNT];
};

static const char *colour_of(enum state state)
{
	switch (state) {
	case STATE_OK:
		return "\033[32m";
	case STATE_PENDING:
		return "\033[33m";
	case STATE_UNKNOWN:
		return "\033[35m";
	case STATE_DRIFT:
		return "\033[31m";
	case STATE_PAUSED:
		return "\033[2m";
	case STATE_NONE:
		break;
	}
	return "";
}

static void append_state(GString *to, enum state state, size_t width, bool colour)
{
	const char *text = state_text(state) ? state_text(state) : "-";

	if (colour)
		g_string_append(to, colour_of(state));
	g_string_append(to, text);
	if (colour)
		g_string_append(to, "\033[0m");
	for (size_t i = strlen(text); i < width; i++)
		g_string_append_c(to, ' ');
}

char *verdict_text_headline(const struct tally *tally, bool colour)
{
	GString *to = g_string_new(NULL);

	append_state(to, tally->overall, 0, colour);
	if (tally->score >= 0)
		g_string_append_printf(to, "  score %d", tally->score);
	else
		g_string_append(to, "  no score");
	g_string_append_printf(to,
			       "  evaluated %" PRId64 " of %" PRId64 ": %" PRId64 " ok, %" PRId64
			       " pending, %" PRId64 " unknown, %" PRId64 " drift, %" PRId64
			       " paused",
			       tally->evaluated, tally->targets_total, tally->count[STATE_OK],
			       tally->count[STATE_PENDING], tally->count[STATE_UNKNOWN],
			       tally->count[STATE_DRIFT], tally->count[STATE_PAUSED]);
	return g_string_free(to, FALSE);
}

/* "1a2b3c4d", with a split "1a2b3c4d 60 % +1". */
static char *deployed_text(const struct verdict *verdict)
{
	const struct verdict_deployed *first;
	GString *text;

	if (verdict->deployed->len == 0)
		return g_strdup("-");
	first = verdict->deployed->pdata[0];
	text = g_string_new(NULL);
	g_string_append_printf(text, "%.8s", first->sha ? first->sha : "?");
	if (verdict->deployed->len > 1)
		g_string_append_printf(text, " %d %% +%u", first->percent,
				       verdict->deployed->len - 1);
	return g_string_free(text, FALSE);
}

static void fill_row(struct row *row, const struct verdict *verdict, int64_t now_wall_ms)
{
	g_autofree char *deployed = deployed_text(verdict);
	g_autofree char *summary = verdict_summary(verdict, now_wall_ms);
	g_autofree char *age =
		verdict->since_wall_ms > 0 ? text_age(now_wall_ms - verdict->since_wall_ms) : NULL;
	const char *texts[COLUMN_COUNT] = {
		[COLUMN_STATE] = state_text(verdict->state),
		[COLUMN_PRIORITY] = verdict->priority != PRIORITY_NONE
					    ? priority_text(verdict->priority)
					    : NULL,
		[COLUMN_TARGET] = verdict->id,
		[COLUMN_DEPLOYED] = deployed,
		[COLUMN_SUMMARY] = summary,
		[COLUMN_SINCE] = age,
	};

	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (i != COLUMN_HEAD)
			row->cells[i] = columns_fit(texts[i], columns[i].max);
	}
	row->cells[COLUMN_HEAD] =
		verdict->head ? g_strndup(verdict->head->sha, GIT_SHORT_DIGITS) : g_strdup("-");
}

static void measure(size_t widths[COLUMN_COUNT], const struct row *row)
{
	for (int i = 0; i < COLUMN_COUNT; i++)
		widths[i] = MAX(widths[i], columns_width(row->cells[i]));
}

static void append_titles(GString *to, const size_t widths[COLUMN_COUNT])
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		bool last = i == COLUMN_COUNT - 1;

		columns_append(to, columns[i].title, last ? 0 : widths[i] + 2);
	}
	g_string_append_c(to, '\n');
}

static void append_row(GString *to, const struct row *row, const struct verdict *verdict,
		       const size_t widths[COLUMN_COUNT], bool colour)
{
	append_state(to, verdict->state, widths[COLUMN_STATE] + 2, colour);
	for (int i = COLUMN_STATE + 1; i < COLUMN_COUNT; i++) {
		bool last = i == COLUMN_COUNT - 1;

		columns_append(to, row->cells[i], last ? 0 : widths[i] + 2);
	}
	g_string_append_c(to, '\n');
}

/* INDENT LABEL: TEXT; nothing without a text. */
static void append_line(GString *to, const char *indent, const char *label, const char *text)
{
	g_autofree char *shown = text ? columns_fit(text, LINE_COLUMNS_MAX) : NULL;

	if (shown)
		g_string_append_printf(to, "%s%s: %s\n", indent, label, shown);
}

/* Deploying mends drift; it is no answer to "could not tell". */
static void append_command(GString *to, const char *indent, const struct verdict *verdict)
{
	g_autofree char *shown = NULL;

	if (!verdict->deploy_command ||
	    (verdict->state != STATE_DRIFT && verdict->state != STATE_PENDING))
		return;
	shown = columns_fit(verdict->deploy_command, COMMAND_COLUMNS_MAX);
	g_string_append_printf(to, "%sto mend: %s\n", indent, shown);
}

static void append_reasons(GString *to, const char *indent, const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const struct reason *reason = verdict->reasons->pdata[i];
		g_autofree char *label = g_strdup_printf("%s (%s)", reason_code_text(reason->code),
							 state_text(reason->state));

		append_line(to, indent, label, reason->message);
	}
}

static void append_commit(GString *to, const char *indent, const struct git_commit *commit,
			  int64_t now_wall_ms)
{
	int64_t seen = commit->first_seen_wall_ms > 0 ? commit->first_seen_wall_ms
						      : commit->committed_wall_ms;
	g_autofree char *age = text_age(now_wall_ms - seen);
	g_autofree char *subject = columns_fit(commit->subject, 100);
	g_autofree char *author = columns_fit(commit->author, 40);

	g_string_append_printf(to, "%s%.8s  ", indent, commit->sha);
	columns_append(to, age, 6);
	g_string_append_printf(to, "  %s (%s)\n", subject, author);
}

static void append_commits(GString *to, const char *indent, const struct verdict *verdict,
			   guint max, int64_t now_wall_ms)
{
	const struct verdict_behind *behind = verdict->behind;
	guint shown = behind ? MIN(behind->list->len, max) : 0;

	for (guint i = 0; i < shown; i++)
		append_commit(to, indent, behind->list->pdata[i], now_wall_ms);
	if (behind && behind->commits > (int64_t)shown && shown > 0)
		g_string_append_printf(to, "%s… and %" PRId64 " more\n", indent,
				       behind->commits - (int64_t)shown);
}

/* What could not be told, or is not looked at any more, is shown as it was seen last: then when that was. 0: it is what it
 * is now. */
static int64_t last_look(const struct verdict *verdict)
{
	bool is_old = verdict->state == STATE_UNKNOWN || verdict->state == STATE_PAUSED;

	return is_old ? verdict->observed_wall_ms : 0;
}

static void append_below(GString *to, const struct verdict *verdict, int64_t now_wall_ms)
{
	append_reasons(to, "    ", verdict);
	append_commits(to, "      ", verdict, TABLE_COMMITS_MAX, now_wall_ms);
	if (last_look(verdict) > 0 && verdict->detail && verdict->detail->rows->len > 0) {
		g_string_append(to, "    of the last look, ");
		detail_text_append_time(to, last_look(verdict), now_wall_ms);
		g_string_append(to, ":\n");
	}
	detail_text_append_rows(to, "      ", verdict->detail, VERDICT_DETAIL_SHORT);
	if (verdict->last_known)
		append_line(to, "    ", "last known", verdict->last_known->summary);
	append_command(to, "    ", verdict);
}

static bool needs_attention(const struct verdict *verdict)
{
	return verdict->state != STATE_OK && verdict->state != STATE_PAUSED;
}

char *verdict_text_table(const GPtrArray *verdicts, int64_t now_wall_ms, bool reasons, bool colour)
{
	struct row *rows = g_new0(struct row, MAX(verdicts->len, 1));
	size_t widths[COLUMN_COUNT] = {0};
	GString *to = g_string_new(NULL);

	for (int i = 0; i < COLUMN_COUNT; i++)
		widths[i] = strlen(columns[i].title);
	for (guint i = 0; i < verdicts->len; i++) {
		fill_row(&rows[i], verdicts->pdata[i], now_wall_ms);
		measure(widths, &rows[i]);
	}
	append_titles(to, widths);
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = verdicts->pdata[i];

		append_row(to, &rows[i], verdict, widths, colour);
		if (reasons && needs_attention(verdict))
			append_below(to, verdict, now_wall_ms);
		for (int j = 0; j < COLUMN_COUNT; j++)
			g_free(rows[i].cells[j]);
	}
	g_free(rows);
	return g_string_free(to, FALSE);
}

static void append_time(GString *to, const char *label, int64_t wall_ms, int64_t now_wall_ms)
{
	if (wall_ms <= 0)
		return;
	g_string_append_printf(to, "  %s: ", label);
	detail_text_append_time(to, wall_ms, now_wall_ms);
	g_string_append_c(to, '\n');
}

static void append_deployed(GString *to, const struct verdict_deployed *deployed,
			    int64_t now_wall_ms)
{
	g_autofree char *what = g_strdup_printf(
		"%.40s, %s%s%d %%, %s", deployed->sha ? deployed->sha : "no commit",
		deployed->revision ? deployed->revision : "", deployed->revision ? ", " : "",
		deployed->percent,
		relation_text(deployed->relation) ? relation_text(deployed->relation) : "-");

	append_line(to, "  ", "deployed", what);
	if (deployed->deployed_wall_ms > 0)
		append_time(to, "  since", deployed->deployed_wall_ms, now_wall_ms);
	append_line(to, "    ", "digest", deployed->digest);
	for (guint i = 0; i < deployed->evidence->len; i++) {
		const struct verdict_evidence *evidence = deployed->evidence->pdata[i];
		g_autofree char *text = g_strdup_printf(
			"%s = %s%s%.8s", evidence->source ? evidence->source : "?",
			evidence->value ? evidence->value : "", evidence->sha ? " -> " : "",
			evidence->sha ? evidence->sha : "");

		append_line(to, "    ", "evidence", text);
	}
}

static void append_settings(GString *to, const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->settings->len; i++) {
		const struct verdict_setting *setting = verdict->settings->pdata[i];
		g_autofree char *text =
			setting->expected
				? g_strdup_printf("%s is %s, expected %s: %s", setting->name,
						  setting->actual ? setting->actual : "not set",
						  setting->expected, setting->ok ? "ok" : "differs")
				: g_strdup_printf("%s: %s", setting->name,
						  setting->ok ? "ok" : "differs");

		append_line(to, "  ", "setting", text);
	}
}

static void append_last_known(GString *to, const struct verdict *verdict, int64_t now_wall_ms)
{
	const struct verdict_last_known *last_known = verdict->last_known;
	g_autofree char *text = NULL;

	if (!last_known)
		return;
	text = g_strdup_printf("%s, %s", state_text(last_known->state),
			       last_known->summary ? last_known->summary : "");
	append_line(to, "  ", "last known", text);
	append_time(to, "last known of", last_known->observed_wall_ms, now_wall_ms);
}

static void append_undeployed(GString *to, const struct verdict *verdict, int64_t now_wall_ms)
{
	const struct verdict_behind *behind = verdict->behind;

	if (!behind)
		return;
	g_string_append_printf(to, "  undeployed: %" PRId64 " commits, %" PRId64 " files\n",
			       behind->commits, behind->files);
	append_commits(to, "    ", verdict, G_MAXUINT, now_wall_ms);
	append_line(to, "  ", "compare", behind->compare_url);
}

static void append_title(GString *to, const struct verdict *verdict, bool colour)
{
	g_autofree char *id = columns_fit(verdict->id, LINE_COLUMNS_MAX);

	g_string_append_printf(to, "%s  ", id);
	append_state(to, verdict->state, 0, colour);
	if (relation_text(verdict->relation))
		g_string_append_printf(to, "  %s", relation_text(verdict->relation));
	if (verdict->priority != PRIORITY_NONE)
		g_string_append_printf(to, "  %s", priority_text(verdict->priority));
	g_string_append_c(to, '\n');
}

char *verdict_text_detail(const struct verdict *verdict, int64_t now_wall_ms, bool colour)
{
	GString *to = g_string_new(NULL);
	g_autofree char *summary = verdict_summary(verdict, now_wall_ms);

	append_title(to, verdict, colour);
	append_line(to, "  ", "summary", summary);
	append_line(to, "  ", "description", verdict->description);
	append_line(to, "  ", "owner", verdict->owner);
	append_time(to, "since", verdict->since_wall_ms, now_wall_ms);
	append_time(to, "observed", verdict->observed_wall_ms, now_wall_ms);
	append_time(to, "expires", verdict->expires_wall_ms, now_wall_ms);
	append_reasons(to, "  ", verdict);
	for (guint i = 0; i < verdict->deployed->len; i++)
		append_deployed(to, verdict->deployed->pdata[i], now_wall_ms);
	if (verdict->head)
		append_commit(to, "  head: ", verdict->head, now_wall_ms);
	append_undeployed(to, verdict, now_wall_ms);
	append_settings(to, verdict);
	detail_text_append(to, verdict->detail, last_look(verdict), now_wall_ms);
	append_last_known(to, verdict, now_wall_ms);
	append_command(to, "  ", verdict);
	return g_string_free(to, FALSE);
}
