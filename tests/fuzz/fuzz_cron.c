/* fuzz_cron - lib/cron and lib/schedule under libFuzzer: the first line is the fields, the second a
 * number of seconds since 1970, the rest holidays. */
#include "cron.h"
#include "schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What cron.h and schedule.h promise; not assert(), which says less. */
static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "fuzz_cron: does not hold: %s\n", what);
		abort();
	}
}

static void check_cron(const struct cron *cron, int64_t now_ms)
{
	int64_t next_ms = cron_next(cron, now_ms);
	int64_t previous_ms = cron_previous(cron, now_ms);

	must(next_ms % (60 * MS_PER_S) == 0 || now_ms < 0, "instants are whole minutes");
	if (next_ms != 0) {
		must(next_ms > now_ms, "the next one is after now");
		must(cron_next(cron, next_ms - 1) == next_ms, "the next one is found again");
		must(cron_previous(cron, next_ms) == next_ms, "it is the last one at its time");
		must(previous_ms == 0 || cron_previous(cron, next_ms - 1) == previous_ms,
		     "nothing lies between the last one and the next");
		must(cron_day(cron, next_ms) >= cron_day(cron, now_ms) ||
			     next_ms - now_ms < 2 * MS_PER_DAY,
		     "days go on");
	}
	if (previous_ms != 0) {
		must(previous_ms <= now_ms, "the last one is not after now");
		must(next_ms == 0 || cron_next(cron, previous_ms) == next_ms,
		     "the next one follows the last one");
	}
}

static void check_schedule(const struct schedule *schedule, int64_t now_ms)
{
	int64_t next_ms = schedule_next(schedule, now_ms);
	int64_t previous_ms = schedule_previous(schedule, now_ms);

	must(next_ms == 0 || next_ms > now_ms, "the next one is after now");
	must(next_ms == 0 || schedule_previous(schedule, next_ms) == next_ms,
	     "what is next is due then");
	must(previous_ms == 0 || previous_ms <= now_ms, "the last one is not after now");
	must(previous_ms == 0 || next_ms == 0 || schedule_next(schedule, previous_ms) == next_ms,
	     "nothing lies between the last one and the next");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)(const void *)data, size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", 3);
	struct cron *cron = lines[0] ? cron_parse(lines[0], "Europe/Berlin", NULL) : NULL;
	gint64 now_s = 0;

	/* the years that have all their rules */
	if (!cron || !lines[1] ||
	    !g_ascii_string_to_signed(lines[1], 10, 1, INT64_C(4000000000), &now_s, NULL))
		now_s = INT64_C(1795172400);
	if (cron)
		check_cron(cron, now_s * MS_PER_S + 1);
	if (cron && lines[1] && lines[2]) {
		struct schedule *schedule =
			schedule_create(lines[0], "Europe/Berlin", lines[2], NULL);

		if (schedule)
			check_schedule(schedule, now_s * MS_PER_S);
		schedule_free(schedule);
	}
	cron_free(cron);
	return 0;
}
