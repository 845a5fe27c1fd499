/* target_page_basis - what the verdict rests on, how long it holds, and what is configured. */
#include "api/dashboard/target_page.h"

#include <string.h>

#include "api/dashboard/chart.h"
#include "api/dashboard/html.h"
#include "schedule.h"

/* Texts that fit beside others. */
#define SHORT_BYTES 40

static void add_text(GString *to, const char *term, const char *text)
{
	if (!text)
		return;
	html_add(to, "<div%s><dt>%s</dt><dd>", strlen(text) > SHORT_BYTES ? " class=is-wide" : "",
		 term);
	html_text(to, text);
	g_string_append(to, "</dd></div>\n");
}

/* 0: it is not given. */
static void add_duration(GString *to, const char *term, int64_t ms)
{
	g_autofree char *text = chart_duration(ms);

	if (ms > 0)
		html_add(to, "<div><dt>%s</dt><dd>%s</dd></div>\n", term, text);
}

static void add_time(GString *to, const char *term, int64_t wall_ms, int64_t now_wall_ms)
{
	html_add(to, "<div><dt>%s</dt><dd>", term);
	html_time(to, wall_ms, now_wall_ms);
	if (wall_ms > 0) {
		g_string_append(to, " <span class=\"muted\">");
		html_instant(to, wall_ms);
		g_string_append(to, "</span>");
	}
	g_string_append(to, "</dd></div>\n");
}

static void add_list(GString *to, const char *term, char *const *texts)
{
	if (!texts || !texts[0])
		return;
	html_add(to, "<div><dt>%s</dt><dd>", term);
	for (size_t i = 0; texts[i]; i++) {
		g_string_append(to, i > 0 ? "<br><code>" : "<code>");
		html_text(to, texts[i]);
		g_string_append(to, "</code>");
	}
	g_string_append(to, "</dd></div>\n");
}

/* --- what it rests on --- */

static const struct repo_status *find_repo(const struct snapshot *snapshot, const char *name)
{
	for (guint i = 0; name && i < snapshot->input.repos->len; i++) {
		const struct repo_status *repo = snapshot->input.repos->pdata[i];

		if (strcmp(repo->name, name) == 0)
			return repo;
	}
	return NULL;
}

static void add_repo(GString *to, const struct target_page *page)
{
	const struct repo_status *repo = find_repo(page->snapshot, page->verdict->repo);

	if (!repo)
		return;
	add_text(to, "Repository", repo->name);
	add_text(to, "Branch", repo->branch);
	add_time(to, "Head fetched", page->verdict->head_fetched_wall_ms, page->now_wall_ms);
	add_text(to, "Fetching fails", repo->error);
}

static void add_rest(GString *to, const struct target_page *page)
{
	const struct verdict *verdict = page->verdict;
	const struct check_status *check = &page->snapshot->input.check;

	target_page_open(to, "basis", "What this rests on");
	g_string_append(to, "<dl class=\"facts\">\n");
	add_time(to, "Looked at", verdict->observed_wall_ms, page->now_wall_ms);
	add_time(to, "Looked at next", snapshot_next_look(page->snapshot, verdict),
		 page->now_wall_ms);
	add_time(to, "Holds until", verdict->expires_wall_ms, page->now_wall_ms);
	add_time(to, "In this state since", verdict->since_wall_ms, page->now_wall_ms);
	add_time(to, "Last check", check->started_wall_ms, page->now_wall_ms);
	if (page->config) {
		add_duration(to, "Looked at every", page->config->every_ms);
		add_duration(to, "Expires after", page->config->expire_after_ms);
	}
	if (page->config && page->config->confirm > 1)
		html_add(to, "<div><dt>Drift seen in a row</dt><dd>%d of %d</dd></div>\n",
			 MIN(verdict->confirmations, page->config->confirm), page->config->confirm);
	add_repo(to, page);
	g_string_append(to, "</dl>\n");
	if (verdict->expires_wall_ms > 0)
		g_string_append(to, "<p class=\"muted\">What nobody has looked at again by then "
				    "is unknown, whatever it was.</p>\n");
	target_page_close(to);
}

/* --- what is configured --- */

static void add_service(GString *to, const struct config_service *service)
{
	static char whole[] = "**";
	static char *const whole_tree[] = {whole, NULL};

	add_text(to, "Source", config_source_text(service->source));
	add_text(to, "Service", service->service);
	add_text(to, "Project", service->project);
	add_text(to, "Region", service->region);
	add_text(to, "URL", service->url);
	add_list(to, "Paths", service->paths[0] ? service->paths : whole_tree);
	add_list(to, "Commit from", service->commit_from);
	add_duration(to, "Grace", service->grace_ms);
	add_text(to, "Pinned to", service->pin.commit);
}

static void add_table(GString *to, const struct config_table *table)
{
	g_autofree char *name =
		g_strjoin(".", table->table_project, table->dataset, table->table, NULL);

	add_text(to, "Table", name);
	add_text(to, "Method", table_method_text(table->method));
	add_text(to, "Loaded-at field", table->loaded_at_field);
	add_text(to, "Filter", table->filter);
	add_duration(to, "Warns after", table->warn_after_ms);
	add_duration(to, "Drift after", table->error_after_ms);
	add_text(to, "Expected", table->expected ? schedule_text(table->expected) : NULL);
	add_text(to, "In the zone", table->expected ? schedule_zone(table->expected) : NULL);
	add_duration(to, "Grace", table->grace_ms);
	add_text(to, "Active when", table->active_when);
}

static void add_completion(GString *to, const struct config_completion *completion)
{
	add_text(to, "Document", completion->document);
	add_text(to, "Zone of its date", completion->date_zone);
	add_text(to, "Expected", completion->expected ? schedule_text(completion->expected) : NULL);
	add_duration(to, "Grace", completion->grace_ms);
	add_text(to, "Active when", completion->active_when);
}

static void add_inventory(GString *to, const struct config_inventory *inventory)
{
	add_text(to, "Project", inventory->project);
	add_list(to, "Datasets", inventory->datasets);
	add_list(to, "Schemas", inventory->schemas);
	add_text(to, "Expected are those of", inventory->expect_file);
	add_list(to, "Ignored", inventory->ignores);
}

static void add_assert(GString *to, const struct config_assert *assertion)
{
	add_text(to, "Expect", assertion->expect.text);
	add_text(to, "Warn", assertion->warn.text);
	add_text(to, "SQL of", assertion->sql_file);
	add_text(to, "Active when", assertion->active_when);
}

static void add_backup(GString *to, const struct config_backup *backup)
{
	add_text(to, "Bucket", backup->bucket);
	add_text(to, "Prefix", *backup->prefix ? backup->prefix : NULL);
	add_text(to, "Folders", backup->folder_format);
	add_list(to, "Files", backup->files);
	add_duration(to, "At most so old", backup->max_age_ms);
	add_duration(to, "Kept for", backup->retention_ms);
}

static void add_kind(GString *to, const struct config_target *target)
{
	const void *whole = target; /* it comes first in the struct of every kind */

	switch (target->kind) {
	case TARGET_KIND_SERVICE:
		add_service(to, whole);
		break;
	case TARGET_KIND_TABLE:
		add_table(to, whole);
		break;
	case TARGET_KIND_COMPLETION:
		add_completion(to, whole);
		break;
	case TARGET_KIND_INVENTORY:
		add_inventory(to, whole);
		break;
	case TARGET_KIND_ASSERT:
		add_assert(to, whole);
		break;
	case TARGET_KIND_BACKUP:
		add_backup(to, whole);
		break;
	case TARGET_KIND_NONE:
	case TARGET_KIND_COUNT:
		break;
	}
}

/* Text of several lines as it is, each line made safe by itself. */
static void add_lines(GString *to, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	g_string_append(to, "<pre class=\"target-lines\" tabindex=\"0\">");
	for (size_t i = 0; lines[i]; i++) {
		html_attribute(to, lines[i]);
		g_string_append_c(to, '\n');
	}
	g_string_append(to, "</pre>\n");
}

static void add_sql(GString *to, const struct config_target *target)
{
	const struct config_assert *assertion = (const struct config_assert *)(const void *)target;

	if (target->kind != TARGET_KIND_ASSERT || !assertion->sql)
		return;
	g_string_append(to, "<details id=\"sql\"><summary>SQL</summary>");
	add_lines(to, assertion->sql);
	g_string_append(to, "</details>\n");
}

static void add_config(GString *to, const struct target_page *page)
{
	const struct config_target *target = page->config;

	if (!target)
		return;
	target_page_open(to, "configured", "Configured");
	g_string_append(to, "<dl class=\"facts\">\n");
	add_kind(to, target);
	add_list(to, "Depends on", target->depends_on);
	add_text(to, "Deploy command", target->deploy_command);
	g_string_append(to, "</dl>\n");
	add_sql(to, target);
	g_string_append(to, "<p class=\"muted\">All of it: <a href=\"/config\">configuration</a>"
			    "</p>\n");
	target_page_close(to);
}

void target_page_add_basis(GString *to, const struct target_page *page)
{
	add_rest(to, page);
	add_config(to, page);
}

void target_page_add_json(GString *to, const struct target_page *page, const char *json)
{
	target_page_open(to, "json-heading", "As data");
	html_add(to,
		 "<p><a href=\"/drift/%s?format=json\">JSON</a>, "
		 "<a href=\"/drift/%s?format=text\">text</a></p>\n"
		 "<details id=\"json\"><summary>JSON</summary>",
		 page->verdict->id, page->verdict->id);
	add_lines(to, json);
	g_string_append(to, "</details>\n");
	target_page_close(to);
}
