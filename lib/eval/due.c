/* due - see due.h */
#include "eval/due.h"

#include "timefmt.h"

/* A load this much older than what is due meets nothing that matters: no need to look for its instants. */
#define LOAD_TOO_OLD_MS (400 * MS_PER_DAY)

int64_t due_carried_time(const struct verdict *before, const char *name, bool *ret_there)
{
	const struct verdict_datum *datum =
		before ? verdict_detail_find(before->detail, name) : NULL;

	if (ret_there)
		*ret_there = datum != NULL;
	return datum && datum->type == DATUM_TYPE_TIME ? datum->number : 0;
}

struct due due_make(const struct schedule *schedule, int64_t grace_ms, const struct verdict *before,
		    int64_t now_wall_ms)
{
	struct due due = {.schedule = schedule, .grace_ms = grace_ms};

	if (!schedule)
		return due;
	due.newest_wall_ms = schedule_previous(schedule, now_wall_ms);
	due.next_wall_ms = schedule_next(schedule, now_wall_ms);
	due.judged_wall_ms = due.newest_wall_ms;
	if (due.newest_wall_ms > now_wall_ms - grace_ms)
		due.judged_wall_ms = schedule_previous(schedule, now_wall_ms - grace_ms);
	due.met_wall_ms = due_carried_time(before, "met_at", &due.carried);
	due.met_by_wall_ms = due_carried_time(before, "met_by", NULL);
	due.waived_wall_ms = due_carried_time(before, "waived_at", NULL);
	due.looked_wall_ms = due.carried ? before->observed_wall_ms : 0;
	return due;
}

int64_t due_settled(const struct due *due)
{
	return MAX(due->met_wall_ms, due->waived_wall_ms);
}

/*
 * Which instant a new load was for. After one that is met already: the next one. Before that, the one it lies nearer
 * to: a load that comes late belongs to what it is late for, but the one after a day that was missed belongs to its
 * own day. When nobody looked between the instant and the load, an earlier load may well have met it.
 */
static int64_t instant_of(const struct due *due, int64_t load_wall_ms, bool by_other_means)
{
	int64_t before = schedule_previous(due->schedule, load_wall_ms);
	int64_t after = schedule_next(due->schedule, load_wall_ms);
	bool looked = due->carried && due->looked_wall_ms >= before;

	if (before == 0 || after == 0)
		return MAX(before, after);
	if (after - load_wall_ms < load_wall_ms - before)
		return after;
	if (by_other_means)
		return before;
	if (due_settled(due) >= before)
		return after;
	if (!looked && load_wall_ms > before + due->grace_ms && after <= due->newest_wall_ms)
		return after;
	return before;
}

void due_count_load(struct due *due, int64_t load_wall_ms, bool by_other_means)
{
	if (!due->schedule || (due->carried && load_wall_ms == due->met_by_wall_ms))
		return;
	if (load_wall_ms < due->met_by_wall_ms && !by_other_means) {
		/* what had met it is gone */
		due->met_wall_ms = 0;
		due->carried = false;
	}
	if (load_wall_ms > 0 && load_wall_ms > due->newest_wall_ms - LOAD_TOO_OLD_MS)
		due->met_wall_ms =
			MAX(due->met_wall_ms, instant_of(due, load_wall_ms, by_other_means));
	if (!by_other_means) {
		due->met_by_wall_ms = load_wall_ms;
		due->carried = true;
	}
}

void due_waive(struct due *due, int64_t looked_wall_ms)
{
	if (due->schedule)
		due->waived_wall_ms =
			MAX(due->waived_wall_ms,
			    schedule_previous(due->schedule, looked_wall_ms - due->grace_ms));
}

int64_t due_overdue(const struct due *due)
{
	int64_t settled = due_settled(due);
	int64_t first;

	if (due->judged_wall_ms == 0 || settled >= due->judged_wall_ms)
		return 0;
	first = settled > 0 ? schedule_next(due->schedule, settled) : 0;
	return first > 0 && first < due->judged_wall_ms ? first : due->judged_wall_ms;
}

char *due_text(int64_t wall_ms, const char *zone)
{
	g_autoptr(GTimeZone) there = g_time_zone_new_identifier(zone ? zone : "UTC");
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(wall_ms / MS_PER_S);
	g_autoptr(GDateTime) local = utc && there ? g_date_time_to_timezone(utc, there) : NULL;
	g_autofree char *text = local ? g_date_time_format(local, "%Y-%m-%d %H:%M") : NULL;
	char buffer[TIMEFMT_BYTES];

	if (!text)
		return g_strdup(timefmt_utc(wall_ms, buffer));
	return g_strdup_printf("%s %s", text, zone ? zone : "UTC");
}
