/* pages_world - see pages_world.h */
#include "pages_world.h"

#include <check.h>
#include <string.h>

#include "alert/notice.h"
#include "api/dashboard/frame.h"

char *pages_get(const struct alerts_world *world, const char *target)
{
	g_autofree char *full =
		g_strconcat(target, strchr(target, '?') ? "&" : "?", "format=html", NULL);
	struct response response = alerts_world_get(world, full);
	char *page = NULL;

	ck_assert_msg(response.status == 200, "%s: %d %s", target, response.status,
		      fixture_body(&response));
	ck_assert_ptr_eq(response.content_type, response_html);
	ck_assert_ptr_eq(response.policy, frame_policy);
	page = g_strdup(fixture_body(&response));
	response_done(&response);
	return page;
}

void pages_check_has(const char *page, const char *part)
{
	ck_assert_msg(strstr(page, part), "\"%s\" is not in it: …%.300s", part,
		      strstr(page, "class=\"says\"") ? strstr(page, "class=\"says\"") : "");
}

void pages_check_lacks(const char *page, const char *part)
{
	ck_assert_msg(!strstr(page, part), "\"%s\" is in it: …%.200s", part, strstr(page, part));
}

static bool is_void(const char *name)
{
	static const char *const names[] = {"meta", "link", "input",    "br",
					    "hr",   "img",  "!doctype", NULL};
	g_autofree char *lower = g_ascii_strdown(name, -1);

	return g_strv_contains(names, lower);
}

void pages_check_balanced(const char *page)
{
	g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);

	for (const char *at = strchr(page, '<'); at; at = strchr(at + 1, '<')) {
		bool ends = at[1] == '/';
		const char *from = at + 1 + ends;
		const char *until = strchr(at, '>');
		g_autofree char *name = g_strndup(from, strcspn(from, " \t\n/>"));

		ck_assert_ptr_nonnull(until);
		if (is_void(name) || until[-1] == '/')
			continue;
		if (!ends) {
			g_ptr_array_add(open, g_steal_pointer(&name));
			continue;
		}
		ck_assert_msg(open->len > 0 && strcmp(open->pdata[open->len - 1], name) == 0,
			      "</%s> at %.60s", name, at);
		g_ptr_array_set_size(open, (gint)open->len - 1);
	}
	ck_assert_uint_eq(open->len, 0);
}

void pages_check_ids(const char *page)
{
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (const char *at = strstr(page, " id=\""); at; at = strstr(at + 1, " id=\"")) {
		const char *from = at + strlen(" id=\"");
		char *id = g_strndup(from, strcspn(from, "\""));

		ck_assert_msg(g_hash_table_add(ids, id), "id %s twice", id);
	}
}

static struct store *open_store(const struct alerts_world *world)
{
	g_autofree char *path = g_build_filename(world->directory, "driftd.db", NULL);
	struct store *store = store_open(path, NULL);

	ck_assert_ptr_nonnull(store);
	return store;
}

void pages_commit(const struct alerts_world *world, struct store_alerts *alerts)
{
	struct store *store = open_store(world);
	g_autoptr(GError) error = NULL;

	ck_assert_msg(store_commit_alerts(store, alerts, &error), "%s",
		      error ? error->message : "");
	store_alerts_free(alerts);
	store_close(store);
}

char *pages_content(int count, const char *summary)
{
	struct notice *notice = notice_create(NOTICE_KIND_FIRING, FIXTURE_NOW_WALL_MS);
	char *text = NULL;

	for (int i = 0; i < count; i++) {
		struct notice_item *item = notice_item_create();

		item->kind = i == 1 ? NOTICE_KIND_CLOSING : NOTICE_KIND_FIRING;
		item->incident = i < 2 ? 5 - i : 100 + i;
		item->target = g_strdup_printf("service/made-%d", i);
		item->priority = PRIORITY_P1;
		item->cause = INCIDENT_CAUSE_DRIFT;
		item->status = INCIDENT_STATUS_OPEN;
		item->state = STATE_DRIFT;
		item->summary = g_strdup(summary);
		item->reason = g_strdup("a reason of its own");
		item->opened_wall_ms = FIXTURE_NOW_WALL_MS;
		notice_add(notice, item);
	}
	text = notice_to_json(notice);
	notice_free(notice);
	return text;
}

void pages_add_message(const struct alerts_world *world, char *content, int64_t created_wall_ms)
{
	struct store_alerts *alerts = store_alerts_create();
	struct store_notification *row = store_notification_create();

	row->id = 10;
	row->channel = g_strdup("slack/default");
	row->kind = g_strdup("firing");
	row->incidents = g_strdup("[5,4]");
	row->content = content;
	row->created_wall_ms = created_wall_ms;
	row->state = g_strdup("waiting");
	row->next_wall_ms = FIXTURE_NOW_WALL_MS + 5 * MS_PER_MINUTE;
	g_ptr_array_add(alerts->notifications, row);
	pages_commit(world, alerts);
}
