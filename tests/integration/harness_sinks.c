/* harness_sinks - what reached Slack, webhooks and GitHub's issues. */
#include "tests/integration/harness.h"

#include <string.h>

/** Of what came instead, so much is shown: Check refuses long messages. */
#define SHOWN_MAX_BYTES 3000

/* --- records of the stand-in --- */

/** Waits for a number of records. */
struct record_wait {
	const struct world *world;
	const char *list, *channel; /* of the control API; channel NULL: any */
	int64_t since, count;
};

static struct answer *get_records(const struct record_wait *wait, const char *more)
{
	g_autofree char *path = g_strdup_printf("%s?since=%" G_GINT64_FORMAT "%s%s%s", wait->list,
						wait->since, wait->channel ? "&channel=" : "",
						wait->channel ? wait->channel : "", more);

	return cloud_control(wait->world, "GET", path, NULL);
}

static bool are_there(void *data)
{
	const struct record_wait *wait = data;
	g_autoptr(struct_answer) counted = get_records(wait, "&items=0");

	return json_int_at(counted->json, "count") >= wait->count;
}

static struct answer *wait_for_records(struct record_wait *wait)
{
	bool came = wait_until(are_there, wait, SOON_MS);
	struct answer *records = get_records(wait, "");

	ck_assert_msg(came, "%s %s: %d instead of %d: %.*s", wait->list,
		      wait->channel ? wait->channel : "",
		      (int)json_int_at(records->json, "count"), /* shown only */
		      (int)wait->count, SHOWN_MAX_BYTES, records->body);
	return records;
}

/* --- Slack --- */

char *world_slack_url(const struct world *world, const char *channel)
{
	return g_strdup_printf("%s/slack/services/T0ACME/B0HOOKS/%s_" SLACK_SECRET, world->cloud,
			       channel);
}

void config_add_slack(GString *config, const struct world *world, const char *name,
		      const char *lines)
{
	g_autofree char *url = world_slack_url(world, name);

	g_string_append_printf(config, "[slack \"%s\"]\nwebhook = %s\n%s\n\n", name, url, lines);
}

char *world_slack_log(const struct world *world)
{
	return world_path(world, "slack.log");
}

struct answer *slack_messages(const struct world *world, const char *channel, int64_t since)
{
	const struct record_wait wait = {world, "slack", channel, since, 0};

	return get_records(&wait, "");
}

int64_t slack_last(const struct world *world)
{
	g_autoptr(struct_answer) counted =
		cloud_control(world, "GET", "slack?items=0&limit=0", NULL);

	return json_int_at(counted->json, "last");
}

struct answer *slack_wait(const struct world *world, const char *channel, int64_t since,
			  int64_t count)
{
	struct record_wait wait = {world, "slack", channel, since, count};

	return wait_for_records(&wait);
}

/** A daemon has nothing under way when none of its channels has anything waiting. */
static bool nothing_waits(void *data)
{
	g_autoptr(struct_answer) status = world_get(data, "/status");
	json_object *channels = json_at(status->json, "channels");

	for (size_t i = 0; channels && i < json_object_array_length(channels); i++) {
		if (json_int_at(json_object_array_get_idx(channels, i), "waiting") > 0)
			return false;
	}
	return channels != NULL;
}

void slack_expect_count(const struct world *world, const char *channel, int64_t since,
			int64_t count)
{
	struct world *asked = (struct world *)(uintptr_t)world; /* read only */
	g_autoptr(struct_answer) messages = NULL;
	bool quiet = wait_until(nothing_waits, asked, SOON_MS);

	messages = slack_messages(world, channel, since);
	ck_assert_msg(quiet, "messages wait still: %.*s", SHOWN_MAX_BYTES, messages->body);
	ck_assert_msg(json_int_at(messages->json, "count") == count,
		      "%d messages instead of %d: %.*s", (int)json_int_at(messages->json, "count"),
		      (int)count, /* shown only */
		      SHOWN_MAX_BYTES, messages->body);
}

json_object *slack_item(const struct answer *messages, size_t index)
{
	json_object *items = json_at(messages->json, "items");

	ck_assert_msg(items && index < json_object_array_length(items), "no message %zu: %.*s",
		      index, SHOWN_MAX_BYTES, messages->body);
	return json_object_array_get_idx(items, index);
}

static void add_line(GString *text, json_object *value)
{
	if (json_object_is_type(value, json_type_string))
		g_string_append_printf(text, "%s\n", json_object_get_string(value));
}

/** Every "text" and "url" below @p value. */
static void add_texts(GString *text, json_object *value)
{
	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			add_texts(text, json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			if (g_str_equal(name, "text") || g_str_equal(name, "url"))
				add_line(text, member);
			add_texts(text, member);
		}
	}
}

char *slack_text(json_object *item)
{
	GString *text = g_string_new(NULL);

	add_texts(text, json_at(item, "message"));
	return g_string_free(text, FALSE);
}

void expect_says(json_object *item, const char *words)
{
	g_autofree char *text = slack_text(item);

	ck_assert_msg(strstr(text, words), "does not say \"%s\": %.*s", words, SHOWN_MAX_BYTES,
		      text);
}

void expect_silent(json_object *item, const char *words)
{
	g_autofree char *text = slack_text(item);

	ck_assert_msg(!strstr(text, words), "says \"%s\": %.*s", words, SHOWN_MAX_BYTES, text);
}

/** Links stand alone (of a button) or as <URL|WORDS>. */
char *slack_link(json_object *item, const char *part)
{
	g_autofree char *text = slack_text(item);
	const char *end = text + strlen(text);

	for (const char *at = strstr(text, "http"); at && at < end; at = strstr(at + 1, "http")) {
		g_autofree char *link = g_strndup(at, strcspn(at, "|>\n "));

		if (strstr(link, part)) {
			g_auto(GStrv) pieces = g_strsplit(link, "&amp;", -1);

			return g_strjoinv("&", pieces);
		}
	}
	return NULL;
}

struct answer *sink_attempts(const struct world *world, const char *family, int64_t since)
{
	const struct record_wait wait = {world, "attempts", family, since, 0};

	return get_records(&wait, "");
}

struct answer *sink_attempts_wait(const struct world *world, const char *family, int64_t since,
				  int64_t count)
{
	struct record_wait wait = {world, "attempts", family, since, count};

	return wait_for_records(&wait);
}

/* --- webhooks --- */

char *world_webhook_url(const struct world *world, const char *name)
{
	return g_strdup_printf("%s/webhook/%s", world->cloud, name);
}

void webhook_set_secret(const struct world *world, const char *name, const char *secret)
{
	g_autofree char *path = g_strconcat("webhooks/", name, NULL);

	cloud_put(world, path, "{\"secret\":\"%s\"}", secret);
}

struct answer *webhook_records(const struct world *world, const char *name, int64_t since)
{
	const struct record_wait wait = {world, "webhooks", name, since, 0};

	return get_records(&wait, "");
}

struct answer *webhook_wait(const struct world *world, const char *name, int64_t since,
			    int64_t count)
{
	struct record_wait wait = {world, "webhooks", name, since, count};

	return wait_for_records(&wait);
}

/* --- GitHub --- */

void github_make(const struct world *world, const char *repository, const char *token)
{
	g_autofree char *path = g_strconcat("github/", repository, NULL);

	cloud_put(world, path, "{\"token\":\"%s\"}", token);
}

struct answer *github_issues(const struct world *world, const char *repository)
{
	g_autofree char *path = g_strconcat("github/", repository, NULL);

	return cloud_control(world, "GET", path, NULL);
}

struct issue_wait {
	const struct world *world;
	const char *repository, *state;
	int64_t number, comments;
};

static bool issue_is(void *data)
{
	const struct issue_wait *wait = data;
	g_autoptr(struct_answer) issues = github_issues(wait->world, wait->repository);
	g_autofree char *path =
		g_strdup_printf("issues.%" G_GINT64_FORMAT, wait->number - 1); /* in order */
	json_object *issue = json_at(issues->json, path);

	return issue && g_str_equal(json_text_at(issue, "state"), wait->state) &&
	       json_int_at(issue, "comments") >= wait->comments;
}

struct answer *github_wait(const struct world *world, const char *repository, int64_t number,
			   const char *state, int64_t comments)
{
	struct issue_wait wait = {world, repository, state, number, comments};
	bool came = wait_until(issue_is, &wait, SOON_MS);
	struct answer *issues = github_issues(world, repository);

	ck_assert_msg(came, "issue %d is not %s with %d comments: %.*s", (int)number, state,
		      (int)comments, /* shown only */ SHOWN_MAX_BYTES, issues->body);
	return issues;
}
