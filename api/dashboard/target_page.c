/* target_page - GET /drift/{kind}/{name} as a page: all that is known of one target. */
#include "api/dashboard/target_page.h"

#include <string.h>

#include "api/dashboard/chart.h"
#include "api/dashboard/frame.h"
#include "api/dashboard/pages.h"
#include "api/handlers.h"
#include "api/render.h"
#include "clk.h"
#include "drift_error.h"
#include "schedule.h"

/* What is read: as much as figures need, a page of lists. */
#define DEPLOYMENTS_READ 200
#define SAMPLES_READ 1000
#define SAMPLE_PAGES_MAX 5
#define INCIDENTS_READ 21
#define USAGES_READ 100

/* Figures of days show at least so many. */
#define DAYS_READ_MIN 15

static void page_done(struct target_page *page)
{
	GPtrArray *const lists[] = {page->deployments, page->samples, page->incidents, page->usages,
				    page->past.transitions};

	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		if (lists[i])
			g_ptr_array_unref(lists[i]);
}

static void take_span(struct target_page *page, const char *asked)
{
	static const int64_t lengths[] = {MS_PER_DAY, 7 * MS_PER_DAY, 30 * MS_PER_DAY,
					  90 * MS_PER_DAY};

	page->span = target_page_spans[1];
	page->span_ms = lengths[1];
	for (size_t i = 0; asked && target_page_spans[i]; i++)
		if (strcmp(asked, target_page_spans[i]) == 0) {
			page->span = target_page_spans[i];
			page->span_ms = lengths[i];
		}
}

/* Newest first, until they are from before the time that is shown. */
static GPtrArray *read_samples(struct store_reader *reader, const char *target,
			       int64_t since_wall_ms, GError **error)
{
	GPtrArray *all = store_read_samples(reader, target, 0, SAMPLES_READ, error);
	guint wanted = SAMPLES_READ;

	for (int i = 1; all && i < SAMPLE_PAGES_MAX && all->len == wanted; i++) {
		const struct store_sample *last = all->pdata[all->len - 1];
		g_autoptr(GPtrArray) more = NULL;

		if (last->at_wall_ms < since_wall_ms)
			break;
		more = store_read_samples(reader, target, last->id, SAMPLES_READ, error);
		if (!more) {
			g_clear_pointer(&all, g_ptr_array_unref);
			break;
		}
		while (more->len > 0)
			g_ptr_array_add(all, g_ptr_array_steal_index(more, 0));
		wanted += SAMPLES_READ;
	}
	return all;
}

static bool read_lists(struct store_reader *reader, struct target_page *page, GError **error)
{
	const char *id = page->verdict->id;
	int64_t since = page->now_wall_ms - MAX(page->span_ms, DAYS_READ_MIN * MS_PER_DAY);
	g_autofree char *day = schedule_date(since, "UTC", 0);
	const struct store_incident_filter filter = {.target = id};

	if (!days_read_facts(reader, page->snapshot, id, since, &page->past, error))
		return false;
	page->deployments = store_read_deployments(reader, id, 0, DEPLOYMENTS_READ, error);
	if (!page->deployments)
		return false;
	page->samples = read_samples(reader, id, since, error);
	if (!page->samples)
		return false;
	page->incidents = store_read_incidents(reader, &filter, 0, INCIDENTS_READ, error);
	if (!page->incidents)
		return false;
	page->usages = store_read_usages(reader, id, day ? day : "", USAGES_READ, error);
	return page->usages != NULL;
}

/* What the snapshot has is shown whether or not the database can be read. */
static bool read_history(const struct request *request, struct target_page *page, GError **error)
{
	struct store_reader *reader = app_reader_take(request->app, error);
	bool ok = false;

	if (!reader)
		return false;
	ok = read_lists(reader, page, error);
	app_reader_give(request->app, reader);
	return ok;
}

/* Lines that can be read. Caller frees. */
static char *pretty_json(const struct target_page *page)
{
	g_autofree char *text = render_target_json(page->snapshot, page->verdict);
	json_object *object = json_parse(text, strlen(text), NULL);
	char *lines = NULL;

	if (!object)
		return g_steal_pointer(&text);
	lines = g_strdup(json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return lines;
}

static GString *make_main(const struct target_page *page)
{
	GString *to = g_string_new(NULL);
	g_autofree char *json = pretty_json(page);

	target_page_add_head(to, page);
	target_page_add_reasons(to, page);
	target_page_add_code(to, page);
	target_page_add_data(to, page);
	target_page_add_past(to, page);
	target_page_add_basis(to, page);
	target_page_add_json(to, page, json);
	return to;
}

static void answer(const struct request *request, struct snapshot *snapshot,
		   const struct verdict *verdict, struct response *response)
{
	struct config *config = snapshot->input.config;
	struct target_page page = {
		.snapshot = snapshot,
		.verdict = verdict,
		.config = config_find_target(config, verdict->id),
		.zone = config->driftd.timezone,
		.now_wall_ms = clk_wall_ms(),
	};
	g_autoptr(GError) error = NULL;
	struct frame frame = {
		.title = verdict->id, .section = "/", .snapshot = snapshot, .status = 200};

	take_span(&page, query_text(request->query, "span"));
	if (!read_history(request, &page, &error))
		page.history_error = error->message;
	frame.main = make_main(&page);
	page_done(&page);
	frame_respond(request, &frame, response);
}

bool page_target(const struct request *request, struct response *response, GError **error)
{
	g_autofree char *id = g_strconcat(request->parts[0], "/", request->parts[1], NULL);
	struct snapshot *snapshot = handle_snapshot(request, error);
	const struct verdict *verdict = NULL;

	if (!snapshot)
		return false;
	verdict = snapshot_find(snapshot, id);
	if (verdict)
		answer(request, snapshot, verdict, response);
	else
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND,
			    "there is no target %s: GET /status lists all", id);
	snapshot_unref(snapshot);
	return verdict != NULL;
}

bool page_target_name(const struct request *request, struct response *response, GError **error)
{
	struct snapshot *snapshot = handle_snapshot(request, error);
	const struct verdict *verdict = NULL;

	if (!snapshot)
		return false;
	verdict = snapshot_find_name(snapshot, request->parts[0], error);
	if (verdict)
		answer(request, snapshot, verdict, response);
	snapshot_unref(snapshot);
	return verdict != NULL;
}
