/* sink_fixture - see sink_fixture.h */
#include "tests/unit/sink_fixture.h"

#include <check.h>
#include <string.h>

#include "json.h"

static struct matcher *no_routes[] = {NULL};

static struct config_channel channels[] = {
	[CHANNEL_KIND_SLACK] =
		{.id = (char[]){"slack/default"},
		 .kind = CHANNEL_KIND_SLACK,
		 .name = (char[]){"default"},
		 .routes = no_routes,
		 .url = (char[]){"https://hooks.slack.example/services/T0/B0/SECRET"}},
	[CHANNEL_KIND_WEBHOOK] = {.id = (char[]){"webhook/ops"},
				  .kind = CHANNEL_KIND_WEBHOOK,
				  .name = (char[]){"ops"},
				  .routes = no_routes,
				  .url = (char[]){"https://ops.example/in/SECRET?k=SECRET"},
				  .secret = (char[]){"It's a Secret to Everybody"}},
	[CHANNEL_KIND_ALERTMANAGER] = {.id = (char[]){"alertmanager/main"},
				       .kind = CHANNEL_KIND_ALERTMANAGER,
				       .name = (char[]){"main"},
				       .routes = no_routes,
				       .url = (char[]){"http://alerts.example:9093/base/"}},
	[CHANNEL_KIND_GITHUB] = {.id = (char[]){"github/app"},
				 .kind = CHANNEL_KIND_GITHUB,
				 .name = (char[]){"app"},
				 .routes = no_routes,
				 .url = (char[]){"https://api.github.example"},
				 .repository = (char[]){"acme/app"},
				 .token = (char[]){"ghs_SECRET"},
				 .label = (char[]){"drift"}},
};

struct sink_context sink_fixture_context(enum channel_kind kind)
{
	return (struct sink_context){
		.channel = &channels[kind],
		.notification = 12,
		.public_url = "https://drift.example",
		.link_secret = "0123456789abcdef",
		.timezone = "UTC",
		.now_wall_ms = SINK_NOW,
	};
}

void sink_fixture_set(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

static struct notice_commit *make_commit(void)
{
	struct notice_commit *commit = notice_commit_create();

	commit->short_sha = g_strdup("18f6ecfe");
	commit->subject = g_strdup("billing: round half up");
	commit->author = g_strdup("Ann");
	commit->url = g_strdup("https://git.example/app/commit/18f6ecfe");
	return commit;
}

struct notice_item *sink_fixture_item(enum notice_kind kind, int64_t incident, const char *name)
{
	struct notice_item *item = notice_item_create();
	bool over = kind == NOTICE_KIND_CLOSING;

	item->kind = kind;
	item->incident = incident;
	item->target = g_strconcat("service/", name, NULL);
	item->priority = PRIORITY_P1;
	item->owner = g_strdup("ml");
	item->cause = INCIDENT_CAUSE_DRIFT;
	item->status = over ? INCIDENT_STATUS_RESOLVED : INCIDENT_STATUS_OPEN;
	item->state = over ? STATE_OK : STATE_DRIFT;
	item->summary = g_strdup("1 commit behind, oldest 2 h");
	item->reason = g_strdup("runs 1a2b3c4d, head is 18f6ecfe");
	item->opened_wall_ms = SINK_NOW - 2 * MS_PER_HOUR;
	item->ended_wall_ms = over ? SINK_NOW - MS_PER_MINUTE : 0;
	item->deployed_short = g_strdup("1a2b3c4d");
	item->deployed_url = g_strdup("https://git.example/app/commit/1a2b3c4d");
	item->head_short = g_strdup("18f6ecfe");
	item->head_url = g_strdup("https://git.example/app/commit/18f6ecfe");
	item->compare_url = g_strdup("https://git.example/app/compare/1a2b3c4d...18f6ecfe");
	item->commits_total = 1;
	g_ptr_array_add(item->commits, make_commit());
	item->authors = g_strdup("Ann");
	item->deploy_command = g_strdup("make deploy SERVICE=billing");
	return item;
}

struct notice *sink_fixture_notice(enum notice_kind kind, const char *name)
{
	struct notice *notice = notice_create(kind, SINK_NOW - MS_PER_S);

	notice_add(notice, sink_fixture_item(kind, 7, name));
	return notice;
}

static struct notice_line *make_line(const char *target, enum state state)
{
	struct notice_line *line = notice_line_create();

	line->target = g_strdup(target);
	line->priority = PRIORITY_P0;
	line->state = state;
	line->summary = g_strdup("4 commits behind");
	line->since_wall_ms = SINK_NOW - MS_PER_HOUR;
	line->incident = 7;
	return line;
}

struct notice *sink_fixture_digest(void)
{
	struct notice *notice = notice_create(NOTICE_KIND_DIGEST, SINK_NOW);

	notice->digest = notice_digest_create();
	notice->digest->score = 81;
	notice->digest->overall = STATE_DRIFT;
	notice->digest->count[STATE_OK] = 14;
	notice->digest->count[STATE_DRIFT] = 1;
	notice->digest->evaluated = notice->digest->targets_total = 15;
	notice->digest->since_wall_ms = SINK_NOW - MS_PER_DAY;
	notice->digest->not_ok_total = notice->digest->recovered_total = 1;
	g_ptr_array_add(notice->digest->not_ok, make_line("service/billing", STATE_DRIFT));
	g_ptr_array_add(notice->digest->recovered, make_line("table/orders", STATE_OK));
	return notice;
}

json_object *sink_fixture_parse(const char *body)
{
	g_autoptr(GError) error = NULL;
	json_object *document = json_parse(body, strlen(body), &error);

	ck_assert_msg(document, "%s in %.2000s", error ? error->message : "?", body);
	return document;
}

json_object *sink_fixture_at(json_object *document, const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, ".", -1);
	json_object *value = document;

	for (size_t i = 0; parts[i] && value; i++) {
		guint64 index = 0;

		if (!json_object_is_type(value, json_type_array)) {
			if (!json_object_object_get_ex(value, parts[i], &value))
				value = NULL;
		} else if (g_ascii_string_to_unsigned(parts[i], 10, 0, 100000, &index, NULL)) {
			value = json_object_array_get_idx(value, (size_t)index);
		} else {
			value = NULL;
		}
	}
	return value;
}

const char *sink_fixture_text(json_object *document, const char *path)
{
	json_object *value = sink_fixture_at(document, path);

	return value ? json_object_get_string(value) : "";
}

const char *sink_fixture_header(const struct sink_request *request, const char *name)
{
	g_autofree char *start = g_strconcat(name, ": ", NULL);

	for (guint i = 0; i < request->headers->len; i++) {
		const char *header = request->headers->pdata[i];

		if (g_str_has_prefix(header, start))
			return header + strlen(start);
	}
	return NULL;
}
