/* github - one issue for each target: found or opened, commented when something changes, closed at
 * the end. GitHub REST, "Issues" and "Issue comments" (API-FACTS H.2). Messages come at least once,
 * so that every step can be repeated: an issue is searched for before it is opened, a comment
 * before it is made. */
#include "alert/github_private.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "timefmt.h"
#include "version.h"

#define TELLS_TEST "test-alert"

/* A comment of an earlier attempt is younger than the notice; clocks differ a little. */
#define COMMENTS_BEFORE_MS MS_PER_HOUR

/* Reminders are no changes: the issue is open, and says so. */
static bool is_told(const struct notice_item *item)
{
	return item->target &&
	       (item->kind == NOTICE_KIND_FIRING || item->kind == NOTICE_KIND_WORSE ||
		item->kind == NOTICE_KIND_CLOSING);
}

/* The target with this number, in the order of their first items; NULL: there are not so many. */
static const char *find_target(const struct notice *notice, int index)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal); /* borrowed */

	for (guint i = 0; i < notice->items->len; i++) {
		const struct notice_item *item = notice->items->pdata[i];

		if (is_told(item) && g_hash_table_add(seen, item->target) && index-- == 0)
			return item->target;
	}
	return NULL;
}

bool github_plan_make(struct github_plan *plan, const struct notice *notice, int index)
{
	*plan = (struct github_plan){.target = find_target(notice, index)};
	if (notice->kind == NOTICE_KIND_TEST && index == 0 && !plan->target) {
		plan->items = g_ptr_array_new();
		plan->opens = plan->closes = true;
		return true;
	}
	if (!plan->target)
		return false;
	plan->items = g_ptr_array_new();
	for (guint i = 0; i < notice->items->len; i++) {
		struct notice_item *item = notice->items->pdata[i];

		if (!is_told(item) || !g_str_equal(item->target, plan->target))
			continue;
		g_ptr_array_add(plan->items, item);
		plan->closes = item->kind == NOTICE_KIND_CLOSING;
		plan->opens = plan->opens || !plan->closes;
	}
	return true;
}

void github_plan_done(struct github_plan *plan)
{
	g_clear_pointer(&plan->items, g_ptr_array_unref);
}

char *github_marker(const struct github_plan *plan)
{
	return g_strdup_printf("<!-- driftd:%s -->", plan->target ? plan->target : TELLS_TEST);
}

char *github_told_marker(const struct sink_context *context, const struct notice *notice)
{
	g_autofree char *json = NULL;
	g_autofree char *digest = NULL;

	if (context->notification <= 0)
		return NULL;
	/* numbers begin anew with a new database, and a message grows when others are folded into it */
	json = notice_to_json(notice);
	digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, json, -1);
	return g_strdup_printf("<!-- driftd:told:%" PRId64 ":%.16s -->", context->notification,
			       digest);
}

int github_index(const struct sink_progress *progress)
{
	return progress->step / GITHUB_PHASES;
}

int64_t github_issue(const struct sink_context *context, const struct sink_progress *progress)
{
	if (progress->issue > 0)
		return progress->issue;
	return github_index(progress) == 0 ? context->issue : 0;
}

int github_phase(const struct sink_context *context, const struct sink_progress *progress)
{
	int phase = progress->step % GITHUB_PHASES;

	if (phase == GITHUB_PHASE_LOOK && github_issue(context, progress) <= 0)
		return GITHUB_PHASE_SEARCH;
	return phase;
}

/* BASE/repos/OWNER/NAME/issues */
static GString *issues_url(const struct sink_context *context)
{
	g_autofree char *repository = g_uri_escape_string(context->channel->repository, "/", FALSE);
	GString *url = g_string_new(context->channel->url);

	while (g_str_has_suffix(url->str, "/"))
		g_string_truncate(url, url->len - 1);
	g_string_append_printf(url, "/repos/%s/issues", repository);
	return url;
}

static void append_search(GString *url, const struct sink_context *context, int page)
{
	g_autofree char *label = g_uri_escape_string(context->channel->label, NULL, FALSE);

	g_string_append_printf(url,
			       "?labels=%s&state=all&sort=created&direction=desc&per_page=%d"
			       "&page=%d",
			       label, GITHUB_PAGE_ISSUES, page);
}

static void append_comments(GString *url, const struct notice *notice)
{
	char since[TIMEFMT_BYTES];

	g_string_append_printf(
		url, "/comments?per_page=%d&since=%s", GITHUB_PAGE_ISSUES,
		timefmt_utc(MAX(notice->created_wall_ms - COMMENTS_BEFORE_MS, 0), since));
}

static char *to_body(json_object *object)
{
	char *body = json_to_text(object, NULL);

	json_object_put(object);
	return body;
}

static char *create_body(const struct sink_context *context, const struct notice *notice,
			 const struct github_plan *plan)
{
	json_object *object = json_object_new_object();
	json_object *labels = json_object_new_array();
	g_autofree char *title = github_title(plan);
	g_autofree char *text = github_body(context, notice, plan, true);

	json_add_text(object, "title", title);
	json_add_text(object, "body", text);
	json_append(labels, json_object_new_string(context->channel->label));
	json_add(object, "labels", labels);
	return to_body(object);
}

static char *comment_body(const struct sink_context *context, const struct notice *notice,
			  const struct github_plan *plan)
{
	json_object *object = json_object_new_object();
	g_autofree char *text = github_body(context, notice, plan, false);

	json_add_text(object, "body", text);
	return to_body(object);
}

static char *state_body(const char *state, const char *reason)
{
	json_object *object = json_object_new_object();

	json_add_text(object, "state", state);
	json_add_text(object, "state_reason", reason);
	return to_body(object);
}

static struct sink_request *finish(const struct sink_context *context, const char *method,
				   GString *url, char *body)
{
	struct sink_request *request = sink_request_create(method, url->str);
	g_autofree char *agent = g_strconcat("driftd/", version_number, NULL);

	(void)g_string_free(url, TRUE);
	request->bearer = g_strdup(context->channel->token);
	sink_request_add_header(request, "Accept", "application/vnd.github+json");
	sink_request_add_header(request, "X-GitHub-Api-Version", "2022-11-28");
	sink_request_add_header(request, "User-Agent", agent);
	if (body)
		sink_request_set_json(request, body);
	return request;
}

static struct sink_request *make_request(const struct sink_context *context,
					 const struct notice *notice,
					 const struct github_plan *plan,
					 const struct sink_progress *progress)
{
	int phase = github_phase(context, progress);
	GString *url = issues_url(context);

	if (phase >= GITHUB_PHASE_SEARCH && phase < GITHUB_PHASE_CREATE) {
		append_search(url, context, phase - GITHUB_PHASE_SEARCH + 1);
		return finish(context, "GET", url, NULL);
	}
	if (phase == GITHUB_PHASE_CREATE)
		return finish(context, "POST", url, create_body(context, notice, plan));
	g_string_append_printf(url, "/%" PRId64, github_issue(context, progress));
	switch (phase) {
	case GITHUB_PHASE_REOPEN:
		return finish(context, "PATCH", url, state_body("open", "reopened"));
	case GITHUB_PHASE_CLOSE:
		return finish(context, "PATCH", url, state_body("closed", "completed"));
	case GITHUB_PHASE_COMMENT:
		g_string_append(url, "/comments");
		return finish(context, "POST", url, comment_body(context, notice, plan));
	case GITHUB_PHASE_CHECK:
		append_comments(url, notice);
		break;
	default: /* LOOK */
		break;
	}
	return finish(context, "GET", url, NULL);
}

struct sink_request *github_make_request(const struct sink_context *context,
					 const struct notice *notice,
					 const struct sink_progress *progress)
{
	struct github_plan plan;
	struct sink_request *request = NULL;

	if (!github_plan_make(&plan, notice, github_index(progress)))
		return NULL;
	request = make_request(context, notice, &plan, progress);
	github_plan_done(&plan);
	return request;
}
