/* table_partition - the partition method: has the partition that is due come, and with how many rows? See
 * table_private.h. */
#include "eval/table_private.h"

#include <string.h>

#include "timefmt.h"

/* Weeks before that volume looks at, and how many of them must have rows to say anything. */
#define VOLUME_WEEKS 4
#define VOLUME_LEAST 2

/* A partition that is owed at an instant. */
struct owed {
	int64_t due_wall_ms;   /* when */
	int64_t drift_wall_ms; /* until when it may come */
	int64_t start_wall_ms; /* what it stands for */
	char *id;
	const struct partition_obs *found; /* NULL: not there */
};

static enum partition_unit unit_of(const struct table_making *making)
{
	return making->seen->unit == PARTITION_UNIT_NONE ? PARTITION_UNIT_DAY : making->seen->unit;
}

/* Beginning of the period that @p time lies in, and @p periods later, as its id stands for it: in UTC. */
static int64_t period_start(enum partition_unit unit, GDateTime *time, int periods)
{
	int year = g_date_time_get_year(time), month = g_date_time_get_month(time);
	int day = g_date_time_get_day_of_month(time);
	bool is_year = unit == PARTITION_UNIT_YEAR, is_month = unit == PARTITION_UNIT_MONTH;
	g_autoptr(GDateTime) start = g_date_time_new_utc(
		year, is_year ? 1 : month, is_year || is_month ? 1 : day,
		unit == PARTITION_UNIT_HOUR ? g_date_time_get_hour(time) : 0, 0, 0);
	g_autoptr(GDateTime) moved = NULL;

	if (!start)
		return 0;
	if (is_year)
		moved = g_date_time_add_years(start, periods);
	else if (is_month)
		moved = g_date_time_add_months(start, periods);
	else
		moved = g_date_time_add_hours(start,
					      unit == PARTITION_UNIT_HOUR ? periods : periods * 24);
	return moved ? g_date_time_to_unix(moved) * MS_PER_S : 0;
}

/* The same for an instant, on the calendar of @p zone (hours are those of UTC). */
static int64_t period_at(enum partition_unit unit, int64_t wall_ms, const char *zone, int periods)
{
	g_autoptr(GTimeZone) there =
		g_time_zone_new_identifier(zone && unit != PARTITION_UNIT_HOUR ? zone : "UTC");
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(wall_ms / MS_PER_S);
	g_autoptr(GDateTime) local = utc && there ? g_date_time_to_timezone(utc, there) : NULL;

	return local ? period_start(unit, local, periods) : 0;
}

static char *id_of(enum partition_unit unit, int64_t start_wall_ms)
{
	static const char *const formats[] = {
		[PARTITION_UNIT_NONE] = "%Y%m%d", [PARTITION_UNIT_HOUR] = "%Y%m%d%H",
		[PARTITION_UNIT_DAY] = "%Y%m%d",  [PARTITION_UNIT_MONTH] = "%Y%m",
		[PARTITION_UNIT_YEAR] = "%Y",
	};
	g_autoptr(GDateTime) start = g_date_time_new_from_unix_utc(start_wall_ms / MS_PER_S);
	char *id = start ? g_date_time_format(start, formats[unit]) : NULL;

	return id ? id : g_strdup("?");
}

static const struct partition_obs *find_partition(const struct table_making *making,
						  int64_t start_wall_ms)
{
	for (guint i = 0; i < making->seen->partitions->len; i++) {
		const struct partition_obs *partition = making->seen->partitions->pdata[i];

		if (partition->start_wall_ms == start_wall_ms)
			return partition;
	}
	return NULL;
}

/* The newest with rows that begins before @p before_wall_ms; NULL: none. */
static const struct partition_obs *newest_before(const struct table_making *making,
						 int64_t before_wall_ms)
{
	const struct partition_obs *newest = NULL;

	for (guint i = 0; i < making->seen->partitions->len; i++) {
		const struct partition_obs *partition = making->seen->partitions->pdata[i];

		if (partition->rows > 0 && partition->start_wall_ms < before_wall_ms &&
		    (!newest || partition->start_wall_ms > newest->start_wall_ms))
			newest = partition;
	}
	return newest;
}

static bool has_rows(const struct table_making *making)
{
	return making->seen->rows > 0 || making->seen->streaming ||
	       newest_before(making, INT64_MAX) != NULL;
}

/* More partitions than are kept, all of them later: whether it is there cannot be told. */
static bool is_beyond_sight(const struct table_making *making, const struct owed *owed)
{
	const GPtrArray *partitions = making->seen->partitions;

	if (owed->found || partitions->len < TABLE_PARTITIONS_MAX)
		return false;
	for (guint i = 0; i < partitions->len; i++) {
		const struct partition_obs *partition = partitions->pdata[i];

		if (partition->start_wall_ms < owed->start_wall_ms)
			return false;
	}
	return true;
}

/* --- volume --- */

static int compare_rows(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Of the same weekday (and hour) in the weeks before. */
static struct table_volume measure_volume(const struct table_making *making, int64_t start_wall_ms)
{
	struct table_volume volume = {.median_rows = -1};
	int64_t rows[VOLUME_WEEKS] = {0};
	size_t count = 0;

	if (unit_of(making) != PARTITION_UNIT_DAY && unit_of(making) != PARTITION_UNIT_HOUR)
		return volume;
	for (int64_t week = 1; week <= VOLUME_WEEKS; week++) {
		const struct partition_obs *earlier =
			find_partition(making, start_wall_ms - week * 7 * MS_PER_DAY);

		if (earlier && earlier->rows > 0)
			rows[count++] = earlier->rows;
	}
	volume.compared = (int64_t)count;
	volume.judged = count >= VOLUME_LEAST;
	if (!volume.judged)
		return volume;
	qsort(rows, count, sizeof(rows[0]), compare_rows);
	volume.median_rows = rows[(count - 1) / 2] + (rows[count / 2] - rows[(count - 1) / 2]) / 2;
	return volume;
}

static void add_low_volume(struct table_making *making, enum state state,
			   const struct partition_obs *partition, const struct table_volume *volume)
{
	int percent = making->table->volume_pct;
	struct reason *reason = reason_create(
		REASON_TOO_FEW_ROWS, state,
		"partition %s of %s has %" PRId64 " row%s, more than %d %% below the median of "
		"%" PRId64 " on the same weekday of the weeks before (volume)",
		partition->id, making->name, partition->rows, data_plural(partition->rows), percent,
		volume->median_rows);

	reason_add_text(reason, "partition", partition->id);
	reason_add_number(reason, "rows", partition->rows);
	reason_add_number(reason, "median_rows", volume->median_rows);
	reason_add_number(reason, "volume_percent", percent);
	finding_add(making->sink, reason);
}

static bool is_low(const struct table_making *making, int64_t rows,
		   const struct table_volume *volume)
{
	double least = (double)volume->median_rows * (100 - making->table->volume_pct) / 100;

	return volume->judged && (double)rows < least;
}

/* Rows of a partition that is there. */
static void judge_rows(struct table_making *making, const struct partition_obs *partition,
		       int64_t drift_wall_ms)
{
	struct table_volume volume = {.median_rows = -1};

	making->due_partition = partition;
	if (making->table->volume_pct > 0)
		volume = measure_volume(making, partition->start_wall_ms);
	making->volume = volume;
	if (partition->rows < table_min_rows(making->table))
		table_add_few(making, data_clock_state(making->sink, drift_wall_ms),
			      partition->rows, partition->id);
	else if (is_low(making, partition->rows, &volume))
		add_low_volume(making, data_clock_state(making->sink, drift_wall_ms), partition,
			       &volume);
}

/* --- what is owed --- */

static struct owed owed_at(const struct table_making *making, int64_t due_wall_ms, const char *zone)
{
	enum partition_unit unit = unit_of(making);
	struct owed owed = {
		.due_wall_ms = due_wall_ms,
		.drift_wall_ms = due_wall_ms + making->table->grace_ms,
		.start_wall_ms = period_at(unit, due_wall_ms, zone, -1),
	};

	owed.id = id_of(unit, owed.start_wall_ms);
	owed.found = find_partition(making, owed.start_wall_ms);
	return owed;
}

static bool is_there(const struct owed *owed)
{
	return owed->found && owed->found->rows > 0;
}

static void add_beyond_sight(struct table_making *making, const struct owed *owed)
{
	struct reason *reason = reason_create(
		REASON_BROKEN_CHECK, STATE_UNKNOWN,
		"%s has more than %d partitions after %s, which is due: whether it is there cannot "
		"be told. Remove those of the future",
		making->name, TABLE_PARTITIONS_MAX, owed->id);

	reason_add_text(reason, "partition", owed->id);
	finding_add(making->sink, reason);
}

static void judge_owed(struct table_making *making, const struct owed *owed)
{
	if (is_there(owed))
		judge_rows(making, owed->found, owed->drift_wall_ms);
	else if (is_beyond_sight(making, owed))
		add_beyond_sight(making, owed);
	else
		table_add_late(making, owed->due_wall_ms, owed->drift_wall_ms, owed->id);
}

static void note_due(struct table_making *making, const struct owed *owed)
{
	making->due_id = g_strdup(owed->id);
	making->due_rows = owed->found ? owed->found->rows : -1;
	if (owed->found)
		making->rows = owed->found->rows;
	else if (!is_beyond_sight(making, owed) && !making->seen->streaming)
		making->rows = 0;
}

/* What was due before must be there as long as its successor may still come. */
static void judge_earlier(struct table_making *making, int64_t due_wall_ms, const char *zone)
{
	struct owed owed = owed_at(making, due_wall_ms, zone);

	judge_owed(making, &owed);
	g_free(owed.id);
}

static void judge_newest(struct table_making *making)
{
	struct due *due = &making->due;
	struct owed owed = owed_at(making, due->newest_wall_ms, schedule_zone(due->schedule));
	bool met = is_there(&owed) && owed.found->rows >= table_min_rows(making->table);

	note_due(making, &owed);
	if (met) {
		due->met_wall_ms = due->newest_wall_ms;
		due->met_by_wall_ms = owed.found->modified_wall_ms;
	}
	due->carried = met;
	making->held = *due;
	if (!met && due->newest_wall_ms > due->judged_wall_ms &&
	    due->judged_wall_ms > due->waived_wall_ms)
		judge_earlier(making, due->judged_wall_ms, schedule_zone(due->schedule));
	judge_owed(making, &owed);
	g_free(owed.id);
}

static void judge_scheduled(struct table_making *making)
{
	const struct due *due = &making->due;

	finding_changes_at(making->sink, due->next_wall_ms);
	if (due->newest_wall_ms == 0)
		data_add_not_due(making->sink, due, "its schedule has not come to its first time");
	else if (due->newest_wall_ms <= due->waived_wall_ms)
		data_add_not_due(making->sink, due, "active-when was false when it was due");
	else
		judge_newest(making);
	table_judge_age(making);
}

/* Without a schedule the period that ended last is due: at its end, unless limits of age say when it is missed. */
static void judge_unscheduled(struct table_making *making)
{
	enum partition_unit unit = unit_of(making);
	int64_t now = making->sink->input->now_wall_ms;
	int64_t ended = period_at(unit, now, NULL, 0);
	struct owed owed = owed_at(making, ended, NULL);
	bool has_limits = making->table->warn_after_ms > 0 || making->table->error_after_ms > 0;
	const struct partition_obs *older = newest_before(making, owed.start_wall_ms);

	note_due(making, &owed);
	finding_changes_at(making->sink, period_at(unit, now, NULL, 1));
	if (!is_there(&owed) && older)
		judge_rows(making, older, owed.due_wall_ms);
	if (!is_there(&owed) && !has_limits && now < owed.drift_wall_ms)
		judge_earlier(making, owed.start_wall_ms, NULL);
	if (is_there(&owed) || !has_limits)
		judge_owed(making, &owed);
	table_judge_age(making);
	g_free(owed.id);
}

static void add_none_yet(struct table_making *making)
{
	finding_add(
		making->sink,
		reason_create(REASON_BROKEN_CHECK, STATE_UNKNOWN,
			      "%s has rows, but no partition of a time up to now has any: is it "
			      "partitioned by time?",
			      making->name));
}

void table_judge_partitions(struct table_making *making)
{
	int64_t now = making->sink->input->now_wall_ms;
	const struct partition_obs *newest = newest_before(making, now + 1);

	making->newest = newest;
	if (!has_rows(making)) {
		making->rows = 0;
		table_add_few(making, STATE_DRIFT, 0, NULL);
		return;
	}
	if (!newest) {
		add_none_yet(making);
		return;
	}
	making->newest_end_wall_ms = period_at(unit_of(making), newest->start_wall_ms, NULL, 1);
	making->base_wall_ms = MIN(making->newest_end_wall_ms, now);
	if (making->due.schedule)
		judge_scheduled(making);
	else
		judge_unscheduled(making);
}
