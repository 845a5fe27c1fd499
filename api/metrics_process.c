/* metrics_process - the part of /metrics that is measured when it is asked for; see metrics.h */
#include "api/metrics.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/events.h"
#include "api/metrics_private.h"
#include "clk.h"
#include "version.h"

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
			metrics_family(to, counts[i].family, "counter", counts[i].help);
		g_string_append(to, counts[i].family);
		metrics_label(to, "{", counts[i].label, counts[i].value);
		g_string_append(to, "} ");
		metrics_number(to, app_get_count(app, counts[i].count));
	}
}

static bool is_ready(struct app *app)
{
	struct snapshot *snapshot = app_snapshot(app);
	bool ready = snapshot && snapshot->input.ready;

	snapshot_unref(snapshot);
	return ready;
}

static void add_readers(GString *to, struct app *app)
{
	struct events_stats stats = events_get_stats(app_events(app));

	metrics_single(to, "driftd_events_readers", "gauge", "Who reads /events now.",
		       stats.readers);
	metrics_single(to, "driftd_events_dropped_total", "counter",
		       "Readers of /events that were dropped: they did not keep up.",
		       stats.dropped_total);
}

/* The process itself, by the names that every exporter gives them. */
static void add_process(GString *to, struct app *app)
{
	struct rlimit limit = {0};
	int64_t memory[2] = {0};
	int64_t fds = count_open_fds();

	metrics_single_ms(to, "process_cpu_seconds_total", "counter", "CPU time used.",
			  clk_cpu_ms());
	metrics_single_ms(to, "process_start_time_seconds", "gauge", "When the process began.",
			  app_started_wall_ms(app));
	if (read_memory(memory)) {
		metrics_single(to, "process_virtual_memory_bytes", "gauge", "Virtual memory size.",
			       memory[0]);
		metrics_single(to, "process_resident_memory_bytes", "gauge",
			       "Resident memory size.", memory[1]);
	}
	if (fds >= 0)
		metrics_single(to, "process_open_fds", "gauge", "Open file descriptors.", fds);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		metrics_single(to, "process_max_fds", "gauge", "Most file descriptors at once.",
			       (int64_t)MIN(limit.rlim_cur, (rlim_t)G_MAXINT64));
}

char *metrics_render_process(struct app *app)
{
	GString *to = g_string_sized_new(2048);

	metrics_family(to, "driftd_build_info", "gauge", "1, labelled with what this build is.");
	g_string_append(to, "driftd_build_info");
	metrics_label(to, "{", "version", version_number);
	metrics_label(to, ",", "dirty", version_dirty ? "true" : "false");
	g_string_append(to, "} 1\n");
	metrics_single(to, "driftd_ready", "gauge",
		       "1 when the first check is done and the database can be written, as /readyz "
		       "tells.",
		       is_ready(app));
	add_counts(to, app);
	metrics_single(to, "driftd_waiters", "gauge", "Requests that wait for the scheduler.",
		       app_waiters(app));
	add_readers(to, app);
	add_process(to, app);
	return g_string_free(to, FALSE);
}
