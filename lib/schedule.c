/* schedule - see schedule.h */
#include "schedule.h"

#include <string.h>

#include "cron.h"
#include "drift_error.h"
#include "text.h"

#define HORIZON_MS (CRON_HORIZON_YEARS * (366 * MS_PER_DAY))

struct schedule {
	struct cron *cron;
	GArray *holidays; /* int64_t days since 1970-01-01, sorted; NULL: none */
};

/* "YYYY-MM-DD" as days since 1970-01-01. */
static bool parse_date(const char *text, int64_t *ret_day)
{
	int numbers[3] = {0};
	GDate date = {0};

	if (strlen(text) != strlen("YYYY-MM-DD"))
		return false;
	for (int i = 0, part = 0; text[i]; i++) {
		if (i == 4 || i == 7) {
			if (text[i] != '-')
				return false;
			part++;
			continue;
		}
		if (!g_ascii_isdigit(text[i]))
			return false;
		numbers[part] = numbers[part] * 10 + (text[i] - '0');
	}
	if (!g_date_valid_dmy((GDateDay)numbers[2], (GDateMonth)numbers[1], (GDateYear)numbers[0]))
		return false;
	g_date_set_dmy(&date, (GDateDay)numbers[2], (GDateMonth)numbers[1], (GDateYear)numbers[0]);
	*ret_day = (int64_t)g_date_get_julian(&date) - 719163; /* of 1970-01-01 */
	return true;
}

static bool take_line(GArray *days, char *line, size_t number, GError **error)
{
	char *comment = strchr(line, '#');
	int64_t day = 0;

	if (comment)
		*comment = '\0';
	g_strstrip(line);
	if (*line == '\0')
		return true;
	if (!parse_date(line, &day)) {
		g_autofree char *cut = text_to_utf8(line, strlen(line), 40);
		g_autofree char *shown = text_escape_terminal(cut);

		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "line %zu: \"%s\" is not a date (YYYY-MM-DD)", number, shown);
		return false;
	}
	if (days->len >= SCHEDULE_HOLIDAYS_MAX) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "line %zu: more than %d dates",
			    number, SCHEDULE_HOLIDAYS_MAX);
		return false;
	}
	g_array_append_val(days, day);
	return true;
}

static int compare_days(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Sorted days, or NULL with error set. Caller unrefs. */
static GArray *parse_holidays(const char *text, GError **error)
{
	g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_auto(GStrv) lines = NULL;

	if (strlen(text) > SCHEDULE_HOLIDAYS_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "more than %zu bytes",
			    SCHEDULE_HOLIDAYS_MAX_BYTES);
		return NULL;
	}
	lines = g_strsplit(text, "\n", -1);
	for (size_t i = 0; lines[i]; i++)
		if (!take_line(days, lines[i], i + 1, error))
			return NULL;
	g_array_sort(days, compare_days);
	return g_steal_pointer(&days);
}

/* Does anything follow the first of the holidays? */
static bool leaves_any(const struct schedule *schedule)
{
	int64_t first = g_array_index(schedule->holidays, int64_t, 0);
	int64_t at_ms = cron_next(schedule->cron, (first - 2) * MS_PER_DAY);

	while (at_ms != 0 && cron_day(schedule->cron, at_ms) < first)
		at_ms = cron_next_day(schedule->cron, at_ms);
	return at_ms != 0 && schedule_next(schedule, at_ms - 1) != 0;
}

struct schedule *schedule_create(const char *text, const char *default_zone, const char *holidays,
				 GError **error)
{
	g_autoptr(GArray) days = NULL;
	struct schedule *schedule;
	struct cron *cron;

	if (holidays && !(days = parse_holidays(holidays, error)))
		return NULL;
	cron = cron_parse(text, default_zone, error);
	if (!cron)
		return NULL;
	schedule = g_new0(struct schedule, 1);
	schedule->cron = cron;
	if (days && days->len > 0)
		schedule->holidays = g_steal_pointer(&days);
	if (schedule->holidays && !leaves_any(schedule)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the holidays leave no day that fits for %d years", CRON_HORIZON_YEARS);
		g_clear_pointer(&schedule, schedule_free);
	}
	return schedule;
}

void schedule_free(struct schedule *schedule)
{
	if (!schedule)
		return;
	cron_free(schedule->cron);
	if (schedule->holidays)
		g_array_unref(schedule->holidays);
	g_free(schedule);
}

const char *schedule_text(const struct schedule *schedule)
{
	return cron_text(schedule->cron);
}

const char *schedule_zone(const struct schedule *schedule)
{
	return cron_zone(schedule->cron);
}

static bool is_holiday(const struct schedule *schedule, int64_t wall_ms)
{
	int64_t day;

	if (!schedule->holidays)
		return false;
	day = cron_day(schedule->cron, wall_ms);
	return g_array_binary_search(schedule->holidays, &day, compare_days, NULL);
}

char *schedule_describe(const struct schedule *schedule)
{
	GString *text = g_string_new(cron_text(schedule->cron));

	g_string_append_printf(text, "|%s", cron_zone(schedule->cron));
	for (guint i = 0; schedule->holidays && i < schedule->holidays->len; i++)
		g_string_append_printf(text, "|%" PRId64,
				       g_array_index(schedule->holidays, int64_t, i));
	return g_string_free(text, FALSE);
}

int64_t schedule_next(const struct schedule *schedule, int64_t wall_ms)
{
	int64_t at_ms = cron_next(schedule->cron, wall_ms);

	while (at_ms != 0 && is_holiday(schedule, at_ms) && at_ms - wall_ms <= HORIZON_MS)
		at_ms = cron_next_day(schedule->cron, at_ms);
	return at_ms - wall_ms <= HORIZON_MS ? at_ms : 0;
}

int64_t schedule_previous(const struct schedule *schedule, int64_t wall_ms)
{
	int64_t at_ms = cron_previous(schedule->cron, wall_ms);

	while (at_ms != 0 && is_holiday(schedule, at_ms) && wall_ms - at_ms <= HORIZON_MS)
		at_ms = cron_previous_day(schedule->cron, at_ms);
	return wall_ms - at_ms <= HORIZON_MS ? at_ms : 0;
}

char *schedule_date(int64_t wall_ms, const char *zone, int offset_days)
{
	g_autoptr(GTimeZone) found = g_time_zone_new_identifier(zone);
	int64_t s = wall_ms / MS_PER_S - (wall_ms % MS_PER_S < 0 ? 1 : 0);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(s);
	g_autoptr(GDateTime) local = found && utc ? g_date_time_to_timezone(utc, found) : NULL;
	g_autoptr(GDateTime) moved = NULL;
	int year = 0;
	int month = 0;
	int day = 0;

	if (!local)
		return NULL;
	/* as a date, not as an instant: a date that the zone skipped counts */
	g_date_time_get_ymd(local, &year, &month, &day);
	g_date_time_unref(g_steal_pointer(&utc));
	utc = g_date_time_new_utc(year, month, day, 0, 0, 0.0);
	moved = g_date_time_add_days(utc, offset_days);
	return moved ? g_date_time_format(moved, "%Y-%m-%d") : NULL;
}
