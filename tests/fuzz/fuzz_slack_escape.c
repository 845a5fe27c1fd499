/* fuzz_slack_escape - lib/alert/slack_escape.c and the message around it under libFuzzer. Input: a
 * byte that says where to cut, then text, which goes into every text of an incident. */
#include "alert/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What sink.h promises; not assert(), which says less. */
static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "fuzz_slack_escape: does not hold: %s\n", what);
		abort();
	}
}

static bool is_entity(const char *p)
{
	return g_str_has_prefix(p, "&amp;") || g_str_has_prefix(p, "&lt;") ||
	       g_str_has_prefix(p, "&gt;");
}

static void check_escaped(const char *text, size_t max_bytes)
{
	g_autofree char *got = slack_escape(text, max_bytes);

	must(strlen(got) <= max_bytes, "it is as short as asked");
	must(g_utf8_validate(got, -1, NULL), "it is UTF-8");
	must(!strpbrk(got, "<>`*~\n\r\t\x1b\x7f"), "nothing in it is markup");
	must(!g_str_has_prefix(got, "&gt;"), "it is no quotation");
	for (const char *p = strchr(got, '&'); p; p = strchr(p + 1, '&'))
		must(is_entity(p), "entities are whole");
	for (const char *p = got; *p; p++)
		must((unsigned char)*p >= 0x20, "control characters are gone");
}

static void set(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

static struct notice *make_notice(const char *text)
{
	struct notice *notice = notice_create(NOTICE_KIND_WORSE, 1);
	struct notice_item *item = notice_item_create();
	struct notice_commit *commit = notice_commit_create();
	char **texts[] = {&item->target,         &item->owner,      &item->description,
			  &item->summary,        &item->reason,     &item->worse,
			  &item->cause_text,     &item->head_short, &item->head_url,
			  &item->deploy_command, &commit->subject,  &commit->url,
			  &commit->short_sha,    &commit->author};

	item->kind = NOTICE_KIND_WORSE;
	item->incident = 1;
	item->priority = PRIORITY_P1;
	item->state = STATE_DRIFT;
	item->status = INCIDENT_STATUS_OPEN;
	item->opened_wall_ms = 1;
	item->commits_total = 9;
	g_ptr_array_add(item->commits, commit);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		set(texts[i], text);
	notice_add(notice, item);
	return notice;
}

static void check_message(const char *text, bool plain)
{
	struct config_channel channel = {.id = (char[]){"slack/x"}, .kind = CHANNEL_KIND_SLACK};
	const struct sink_context context = {.channel = &channel,
					     .public_url = "https://drift.example",
					     .timezone = "UTC",
					     .now_wall_ms = MS_PER_DAY,
					     .plain = plain};
	struct notice *notice = make_notice(text);
	g_autofree char *body = slack_encode(&context, notice);

	must(strlen(body) < 20000, "a message is bounded");
	must(g_utf8_validate(body, -1, NULL), "a message is UTF-8");
	for (const char *p = strchr(body, '<'); p; p = strchr(p + 1, '<'))
		must(g_str_has_prefix(p, "<http://") || g_str_has_prefix(p, "<https://"),
		     "a message has links, and nothing else of that kind");
	notice_free(notice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = NULL;

	if (size == 0)
		return 0;
	text = g_strndup((const char *)(const void *)(data + 1), size - 1);
	check_escaped(text, data[0]);
	check_escaped(text, 100000);
	check_message(text, data[0] & 1U);
	return 0;
}
