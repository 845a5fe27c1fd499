/* Tests of lib/alert/slack*.c: Slack's limits whatever the input, nothing smuggled in, and what a
 * person reads. */
#include "tests/unit/sink_fixture.h"
#include "tests/unit/slack_check.h"

#include <check.h>
#include <string.h>

Suite *slack_suite(void);

/* --- all texts of a message, one behind the other --- */

static char *encode(const struct notice *notice)
{
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);

	return slack_encode(&context, notice);
}

static char *shown_of(const struct notice *notice)
{
	g_autofree char *body = encode(notice);

	slack_check_limits(body);
	return slack_check_shown(body);
}

/* --- escaping --- */

static const struct {
	const char *text;
	size_t max;
	const char *want;
} escape_cases[] = {
	{NULL, 100, ""},
	{"", 100, ""},
	{"a b", 100, "a b"},
	{"<!channel>", 100, "&lt;!channel&gt;"},
	{"<@U1>", 100, "&lt;@U1&gt;"},
	{"a & b", 100, "a &amp; b"},
	{"&lt;!here&gt;", 100, "&amp;lt;!here&amp;gt;"},
	{"<https://evil.example|ok>", 100, "&lt;https://evil.example|ok&gt;"},
	{"*bold* ~gone~ `code`", 100,
	 "\xe2\x88\x97"
	 "bold\xe2\x88\x97 \xe2\x88\xbcgone\xe2\x88\xbc 'code'"},
	{"daily_orders_v2", 100, "daily_orders_v2"},
	{"_it_", 100,
	 "\xcb\x8d"
	 "it\xcb\x8d"},
	{"@here now", 100, "\xef\xbc\xa0here now"},
	{"a@b.example", 100, "a@b.example"},
	{"> quote", 100, "\xe2\x80\xba quote"},
	{"  > quote", 100, "\xe2\x80\xba quote"},
	{"a\nb\tc\r\nd", 100, "a b c  d"},
	{"a\xe2\x80\xae"
	 "b\xe2\x81\xa6"
	 "c",
	 100, "abc"},
	{"a\x1b[31mb\x7f", 100, "a[31mb"},
	{"a\xffz", 100, "a\xef\xbf\xbdz"},
	{"a\xe2\x80\xa8"
	 "b",
	 100, "a b"},
	{"abc", 3, "abc"},
	{"abcd", 3, "\xe2\x80\xa6"},
	{"abcde", 4, "a\xe2\x80\xa6"},
	{"abc", 2, ""},
	{"&&", 10, "&amp;&amp;"},
	{"&&&", 10, "&amp;\xe2\x80\xa6"}, /* not in an entity */
	{"a\xe2\x82\xac\xe2\x82\xac", 6, "a\xe2\x80\xa6"},
	{"&", 4, "\xe2\x80\xa6"},
	{"&", 0, ""},
};

START_TEST(test_escape)
{
	g_autofree char *got = slack_escape(escape_cases[_i].text, escape_cases[_i].max);

	ck_assert_str_eq(got, escape_cases[_i].want);
	ck_assert_uint_le(strlen(got), escape_cases[_i].max);
}
END_TEST

/* Hostile texts; each goes into every text of a notice. */
static const char *const hostile[] = {
	"<!channel>",
	"<!here|x> <@U1> <#C1> <!subteam^S1>",
	"@channel @here @everyone",
	"*bold* _it_ ~s~ `code` ```block```",
	"&lt;!channel&gt; &amp;lt;!channel&amp;gt;",
	"> quoted\n> again",
	"a\n*Resolved after 1 h:* service/billing\n<https://evil.example|acknowledge>",
	"\xe2\x80\xae\xe2\x81\xa7 rtl \xe2\x80\x8f",
	"\x1b[31m\x07\x01\x7f",
	"|>|<|",
	"https://evil.example/x>|y",
	"\xf0\x9f\x94\xa5\xe2\x82\xac\xc3\xa9 \xff\xfe\xc0\x80",
	"```",
	"javascript:alert(1)",
};

static void fill(struct notice_item *item, const char *text)
{
	char **texts[] = {&item->target,          &item->owner,          &item->description,
			  &item->summary,         &item->reason,         &item->worse,
			  &item->acknowledged_by, &item->deployed_short, &item->deployed_url,
			  &item->head_short,      &item->head_url,       &item->compare_url,
			  &item->authors,         &item->deploy_command, &item->cause_text};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		sink_fixture_set(texts[i], text);
	for (guint i = 0; i < item->commits->len; i++) {
		struct notice_commit *commit = item->commits->pdata[i];

		sink_fixture_set(&commit->short_sha, text);
		sink_fixture_set(&commit->subject, text);
		sink_fixture_set(&commit->author, text);
		sink_fixture_set(&commit->url, text);
	}
}

START_TEST(test_nothing_is_smuggled)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_WORSE, "a");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *all = NULL;

	fill(item, hostile[_i]);
	g_clear_pointer(&item->deploy_command, g_free); /* has a test of its own */
	all = shown_of(notice);
	ck_assert_ptr_null(strstr(all, "<!"));
	ck_assert_ptr_null(strstr(all, "<@"));
	ck_assert_ptr_null(strstr(all, "<#"));
	ck_assert_ptr_null(strstr(all, "<https://evil"));
	ck_assert_ptr_null(strstr(all, "javascript:alert(1)|"));
	ck_assert_ptr_null(strstr(all, "\n*Resolved"));
	ck_assert_ptr_null(strstr(all, "*bold*"));
	ck_assert_ptr_null(strstr(all, "```"));
	ck_assert_ptr_null(strstr(all, " @channel"));
	notice_free(notice);
}
END_TEST

START_TEST(test_nothing_is_smuggled_into_text)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "a");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);
	g_autofree char *body = NULL;

	context.plain = true;
	fill(notice->items->pdata[0], hostile[_i]);
	body = slack_encode(&context, notice);
	slack_check_limits(body);
	ck_assert_ptr_null(strstr(body, "\"blocks\""));
	ck_assert_ptr_null(strstr(body, "<!"));
	ck_assert_ptr_null(strstr(body, "<@"));
	notice_free(notice);
}
END_TEST

/* --- monsters --- */

static const int sizes[] = {1, 2, 9, 15, 16, 17, 40, 60, 200, 2000, 10000};

static char *repeat(const char *part, size_t bytes)
{
	GString *text = g_string_new(NULL);

	while (text->len < bytes)
		g_string_append(text, part);
	return g_string_free(text, FALSE);
}

/* @p count items full of @p text, each group_size of them of one cause. */
static struct notice *make_monster(int count, const char *text, int group_size)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, SINK_NOW);

	for (int i = 0; i < count; i++) {
		enum notice_kind kind = i % 3 == 0   ? NOTICE_KIND_FIRING
					: i % 3 == 1 ? NOTICE_KIND_CLOSING
						     : NOTICE_KIND_WORSE;
		struct notice_item *item = sink_fixture_item(kind, i + 1, "x");

		for (int j = 0; text && j < 4; j++) {
			struct notice_commit *commit = notice_commit_create();

			commit->short_sha = g_strdup("0");
			commit->subject = commit->author = NULL;
			g_ptr_array_add(item->commits, commit);
		}
		if (text)
			fill(item, text);
		if (text && i % 2 == 0) {
			g_autofree char *path = g_strnfill(560, 'u');

			g_free(item->head_url);
			item->head_url = g_strconcat("https://git.example/", path, NULL);
			sink_fixture_set(&item->deployed_url, item->head_url);
			sink_fixture_set(&item->compare_url, item->head_url);
		}
		if (group_size > 1)
			item->cause_key = g_strdup_printf("key %d", i / group_size);
		item->commits_total = 1000000;
		notice_add(notice, item);
	}
	return notice;
}

START_TEST(test_monsters)
{
	static const char *const parts[] = {
		"<",       "&",          "\"",   "\\",   "\xe2\x82\xac", "\xf0\x9f\x94\xa5",
		"*_~`@> ", "<!channel>", "\xff", "word "};
	g_autofree char *text = repeat(parts[_i % 10], 3000);
	static const int groups[] = {1, 9, 1000};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(groups); j++) {
			struct notice *notice = NULL;
			g_autofree char *body = NULL;

			if (sizes[i] > 60 && _i % 5 != 0) /* big ones are slow to make */
				continue;
			if (sizes[i] > 200)
				text[200] = '\0'; /* whatever it cuts */
			notice = make_monster(sizes[i], text, groups[j]);
			body = encode(notice);
			slack_check_limits(body);
			notice_free(notice);
		}
	}
}
END_TEST

START_TEST(test_monstrous_text_alone)
{
	g_autofree char *text = repeat("\"<&\xe2\x82\xac ", 3000);
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);

	context.plain = true;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes) - 3; i++) {
		struct notice *notice = make_monster(sizes[i], text, 1);
		g_autofree char *body = slack_encode(&context, notice);

		slack_check_limits(body);
		ck_assert_uint_gt(strlen(body), 500);
		notice_free(notice);
	}
}
END_TEST

START_TEST(test_ten_thousand_are_counted)
{
	struct notice *notice = make_monster(10000, NULL, 1);
	g_autofree char *body = encode(notice);
	g_autofree char *all = slack_check_shown(body);
	const char *and = g_strrstr(all, "… and ");
	guint shown_items = 0;
	gint64 more = 0;

	slack_check_limits(body);
	ck_assert_ptr_nonnull(and);
	more = g_ascii_strtoll(and+strlen("… and "), NULL, 10);
	for (const char *p = all; (p = strstr(p, "service/x")); p++)
		shown_items += strncmp(p, "service/x|", 10) != 0 || p[-1] != '/' ? 1 : 0;
	ck_assert_int_gt(more, 9000);
	ck_assert_int_lt(more, 10000);
	ck_assert_uint_ge(shown_items, 40); /* the room is used */
	ck_assert_ptr_nonnull(strstr(body, "3334 firing, 3333 worse, 3333 resolved"));
	notice_free(notice);
}
END_TEST

START_TEST(test_all_that_fits_is_in_detail)
{
	struct notice *notice = make_monster(4, NULL, 1);
	g_autofree char *all = shown_of(notice);

	/* three that are open have commits and command, one is over */
	ck_assert_ptr_null(strstr(all, "… and 4"));
	ck_assert_ptr_null(strstr(all, "more: <"));
	ck_assert_ptr_nonnull(strstr(all, "billing: round half up"));
	notice_free(notice);
}
END_TEST

START_TEST(test_long_digest)
{
	struct notice *notice = sink_fixture_digest();
	g_autofree char *text = repeat("<&\" ", 3000);
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);

	for (int i = 0; i < 300; i++) {
		struct notice_line *line = notice_line_create();

		line->target = g_strdup_printf("service/s%d", i);
		line->state = STATE_UNKNOWN;
		line->summary = g_strdup(text);
		line->since_wall_ms = SINK_NOW - i * MS_PER_HOUR;
		g_ptr_array_add(i % 2 ? notice->digest->not_ok : notice->digest->recovered, line);
	}
	notice->digest->not_ok_total = 5000;
	notice->digest->recovered_total = 7000;
	for (int plain = 0; plain < 2; plain++) {
		g_autofree char *body = NULL;

		context.plain = plain;
		body = slack_encode(&context, notice);
		slack_check_limits(body);
		ck_assert_ptr_nonnull(strstr(body, "… and 4"));
	}
	notice_free(notice);
}
END_TEST

/* --- what a person reads --- */

START_TEST(test_firing)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	g_autofree char *all = shown_of(notice);
	static const char *const parts[] = {
		"Firing: service/billing, P1", /* header */
		"*Firing:* <https://drift.example/drift/service/billing|service/billing>",
		"P1",
		"now drift",
		"owner ml",
		"1 commit behind, oldest 2 h",
		"reason: runs 1a2b3c4d, head is 18f6ecfe",
		"since 06:10 UTC, 2 h",
		"deployed <https://git.example/app/commit/1a2b3c4d|1a2b3c4d>",
		"head <https://git.example/app/commit/18f6ecfe|18f6ecfe>",
		"<https://git.example/app/compare/1a2b3c4d...18f6ecfe|compare>",
		"1 undeployed commit by Ann:",
		"• <https://git.example/app/commit/18f6ecfe|18f6ecfe> billing: round half up (Ann)",
		"to mend: `make deploy SERVICE=billing`",
		"<https://drift.example/drift/service/billing|dashboard>",
		"<https://drift.example/ack/7?e=1795767000&amp;s=",
		"|acknowledge>",
		"message 12"};

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		ck_assert_msg(strstr(all, parts[i]), "no \"%s\" in %s", parts[i], all);
	notice_free(notice);
}
END_TEST

START_TEST(test_text_says_it_alone)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	g_autofree char *body = encode(notice);
	json_object *message = sink_fixture_parse(body);

	ck_assert_str_eq(sink_fixture_text(message, "text"),
			 "Firing: service/billing, P1: 1 commit behind, oldest 2 h");
	json_object_put(message);
	notice_free(notice);
}
END_TEST

START_TEST(test_plain_has_all)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);
	g_autofree char *body = NULL;

	context.plain = true;
	body = slack_encode(&context, notice);
	ck_assert_ptr_null(strstr(body, "blocks"));
	ck_assert_ptr_nonnull(strstr(body, "|acknowledge>"));
	ck_assert_ptr_nonnull(strstr(body, "billing: round half up"));
	ck_assert_ptr_nonnull(strstr(body, "since 06:10 UTC"));
	notice_free(notice);
}
END_TEST

/* Every kind has words of its own. */
static const struct {
	enum notice_kind kind;
	enum incident_status status;
	bool reopened;
	const char *want, *in_text;
} kinds[] = {
	{NOTICE_KIND_FIRING, INCIDENT_STATUS_OPEN, false, "*Firing:*", "\"Firing: "},
	{NOTICE_KIND_FIRING, INCIDENT_STATUS_OPEN, true, "*Firing again:*", "\"Firing again: "},
	{NOTICE_KIND_WORSE, INCIDENT_STATUS_OPEN, false, "*Worse:*", "\"Worse: "},
	{NOTICE_KIND_REMINDER, INCIDENT_STATUS_OPEN, false, "*Still, for 2 h:*",
	 "\"Still, for 2 h: "},
	{NOTICE_KIND_CLOSING, INCIDENT_STATUS_RESOLVED, false, "*Resolved after 1 h:*",
	 "\"Resolved after 1 h: "},
	{NOTICE_KIND_CLOSING, INCIDENT_STATUS_WITHDRAWN, false, "*Withdrawn after 1 h:*",
	 "\"Withdrawn after 1 h: "},
};

START_TEST(test_kinds)
{
	struct notice *notice = sink_fixture_notice(kinds[_i].kind, "billing");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *body = NULL;
	g_autofree char *all = NULL;

	item->status = kinds[_i].status;
	item->reopened = kinds[_i].reopened;
	sink_fixture_set(&item->worse, "P1 became P0");
	body = encode(notice);
	all = slack_check_shown(body);
	ck_assert_msg(strstr(all, kinds[_i].want), "%s", all);
	ck_assert_msg(strstr(body, kinds[_i].in_text), "%s", body);
	ck_assert_int_eq(strstr(all, "P1 became P0") != NULL, kinds[_i].kind == NOTICE_KIND_WORSE);
	/* what is over needs no acknowledgement, commits or command */
	ck_assert_int_eq(strstr(all, "acknowledge>") == NULL,
			 kinds[_i].kind == NOTICE_KIND_CLOSING);
	ck_assert_int_eq(strstr(all, "undeployed") == NULL, kinds[_i].kind == NOTICE_KIND_CLOSING);
	ck_assert_int_eq(strstr(all, "to mend") == NULL, kinds[_i].kind == NOTICE_KIND_CLOSING);
	ck_assert_int_eq(strstr(all, "from 06:10 UTC to 08:09 UTC, 1 h") != NULL,
			 kinds[_i].kind == NOTICE_KIND_CLOSING);
	notice_free(notice);
}
END_TEST

START_TEST(test_unknown_has_no_command)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *all = NULL;

	item->state = STATE_UNKNOWN;
	item->cause = INCIDENT_CAUSE_BLIND;
	all = shown_of(notice);
	ck_assert_ptr_null(strstr(all, "to mend"));
	ck_assert_ptr_nonnull(strstr(all, "now unknown"));
	notice_free(notice);
}
END_TEST

START_TEST(test_acknowledged)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_WORSE, "billing");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *all = NULL;

	item->status = INCIDENT_STATUS_ACKNOWLEDGED;
	item->acknowledged_by = g_strdup("bo");
	all = shown_of(notice);
	ck_assert_ptr_nonnull(strstr(all, "acknowledged by bo"));
	ck_assert_ptr_null(strstr(all, "|acknowledge>"));
	notice_free(notice);
}
END_TEST

START_TEST(L26_one_cause_is_one_line)
{
	struct notice *notice = notice_create(NOTICE_KIND_NONE, SINK_NOW);
	g_autofree char *all = NULL;

	for (int i = 0; i < 9; i++) {
		g_autofree char *name = g_strdup_printf("s%d", i);
		struct notice_item *item = sink_fixture_item(NOTICE_KIND_FIRING, i + 1, name);

		item->cause_key = g_strdup("commit 18f6ecfe");
		item->cause_text = g_strdup("18f6ecfe shared: new client");
		item->opened_wall_ms -= i * MS_PER_HOUR;
		notice_add(notice, item);
	}
	all = shown_of(notice);
	ck_assert_msg(
		strstr(all,
		       "*Firing:* service/s0, service/s1, service/s2, service/s3, "
		       "service/s4, service/s5, service/s6, service/s7, service/s8 (9 targets)"),
		"%s", all);
	ck_assert_ptr_nonnull(strstr(all, "one cause: 18f6ecfe shared: new client"));
	ck_assert_ptr_nonnull(strstr(all, "since 2026-11-19 22:10 UTC, 10 h")); /* the oldest */
	ck_assert_ptr_eq(strstr(all, "*Firing:*"), g_strrstr(all, "*Firing:*"));
	ck_assert_ptr_nonnull(strstr(all, "|acknowledge service/s8>"));
	notice_free(notice);
}
END_TEST

START_TEST(test_long_names_are_cut)
{
	struct notice *notice = make_monster(300, NULL, 1);
	g_autofree char *all = NULL;

	for (guint i = 0; i < notice->items->len; i++) {
		struct notice_item *item = notice->items->pdata[i];

		item->kind = NOTICE_KIND_FIRING;
		sink_fixture_set(&item->cause_key, "one");
	}
	all = shown_of(notice);
	ck_assert_ptr_nonnull(strstr(all, " more (300 targets)"));
	notice_free(notice);
}
END_TEST

/* A command is there whole, or not at all. */
static const struct {
	const char *command, *want; /* NULL: too long or unfit */
} commands[] = {
	{"make deploy", "to mend: `make deploy`\n"},
	{"a && b > c < d", "to mend: `a &amp;&amp; b &gt; c &lt; d`\n"},
	{"a `b` *c* _d_", "to mend: ```a `b` *c* _d_```\n"},
	{"a ```b", NULL},
	{"a\nb", NULL},
	{"a \xe2\x80\xae b", NULL},
};

START_TEST(test_command)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *all = NULL;

	sink_fixture_set(&item->deploy_command, commands[_i].command);
	all = shown_of(notice);
	if (commands[_i].want)
		ck_assert_msg(strstr(all, commands[_i].want), "%s", all);
	else
		ck_assert_msg(strstr(all, "to mend: the deploy command does not fit"), "%s", all);
	notice_free(notice);
}
END_TEST

START_TEST(test_long_command)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *all = NULL;

	g_free(item->deploy_command);
	item->deploy_command = g_strnfill(5000, 'x');
	all = shown_of(notice);
	ck_assert_ptr_nonnull(strstr(all, "does not fit"));
	ck_assert_ptr_null(strstr(all, "xxx"));
	notice_free(notice);
}
END_TEST

static const char *const bad_urls[] = {
	"javascript:alert(1)", "ftp://x/y",
	"https://x/a b",       "https://x/a>b",
	"https://x/a|b",       "https://x/<!here>",
	"https://x/a\"b",      "https://x/\xc3\xa9",
	"https://x/a\nb",      "//x/y",
	" https://x/y",        "HTTPS//x",
};

START_TEST(test_bad_urls_are_no_links)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice_item *item = notice->items->pdata[0];
	g_autofree char *all = NULL;

	sink_fixture_set(&item->head_url, bad_urls[_i]);
	sink_fixture_set(&item->compare_url, bad_urls[_i]);
	all = shown_of(notice);
	ck_assert_ptr_nonnull(strstr(all, "head 18f6ecfe"));
	ck_assert_ptr_null(strstr(all, "compare"));
	notice_free(notice);
}
END_TEST

START_TEST(test_without_public_url)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);
	g_autofree char *body = NULL;

	context.public_url = NULL;
	body = slack_encode(&context, notice);
	slack_check_limits(body);
	ck_assert_ptr_null(strstr(body, "|dashboard>"));
	ck_assert_ptr_null(strstr(body, "|acknowledge>"));
	ck_assert_ptr_nonnull(strstr(body, "*Firing:* service/billing"));
	notice_free(notice);
}
END_TEST

START_TEST(test_plain_links_without_secret)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);
	g_autofree char *body = NULL;

	context.link_secret = NULL;
	body = slack_encode(&context, notice);
	ck_assert_ptr_nonnull(strstr(body, "<https://drift.example/ack/7|acknowledge>"));
	notice_free(notice);
}
END_TEST

START_TEST(test_zone)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_SLACK);
	g_autofree char *body = NULL;

	context.timezone = "America/New_York";
	body = slack_encode(&context, notice);
	ck_assert_ptr_nonnull(strstr(body, "since 01:10 EST, 2 h"));
	notice_free(notice);
}
END_TEST

START_TEST(test_digest)
{
	struct notice *notice = sink_fixture_digest();
	g_autofree char *all = shown_of(notice);
	static const char *const parts[] = {
		"Digest: drift, score 81",
		"evaluated 15 of 15: 14 ok, 0 pending, 0 unknown, 1 drift, 0 paused",
		"the digest before was of 2026-11-19 08:10 UTC",
		"*Not ok:*\n• <https://drift.example/drift/service/billing|service/billing> · P0 · "
		"drift · 4 commits behind · since 07:10 UTC, 1 h",
		"*Recovered:*\n• <https://drift.example/drift/table/orders|table/orders> · P0 · "
		"recovered · 4 commits behind · at 07:10 UTC, 1 h ago"};

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		ck_assert_msg(strstr(all, parts[i]), "no \"%s\" in %s", parts[i], all);
	ck_assert_ptr_null(strstr(all, "All is well"));
	notice_free(notice);
}
END_TEST

START_TEST(test_digest_all_well)
{
	struct notice *notice = sink_fixture_digest();
	struct notice_digest *digest = notice->digest;
	g_autofree char *all = NULL;

	g_ptr_array_set_size(digest->not_ok, 0);
	g_ptr_array_set_size(digest->recovered, 0);
	digest->not_ok_total = digest->recovered_total = 0;
	digest->overall = STATE_OK;
	digest->score = 100;
	all = shown_of(notice);
	ck_assert_ptr_nonnull(strstr(all, "All is well: evaluated 15 of 15"));
	ck_assert_ptr_null(strstr(all, "Not ok"));
	notice_free(notice);
}
END_TEST

START_TEST(L12_digest_of_nothing_is_not_well)
{
	struct notice *notice = sink_fixture_digest();
	struct notice_digest *digest = notice->digest;
	g_autofree char *all = NULL;

	g_ptr_array_set_size(digest->not_ok, 0);
	g_ptr_array_set_size(digest->recovered, 0);
	digest->not_ok_total = digest->recovered_total = digest->evaluated = 0;
	digest->overall = STATE_UNKNOWN;
	digest->score = -1;
	all = shown_of(notice);
	ck_assert_ptr_nonnull(strstr(all, "Digest: unknown, no score"));
	ck_assert_ptr_nonnull(strstr(all, "evaluated 0 of 15"));
	ck_assert_ptr_null(strstr(all, "well"));
	notice_free(notice);
}
END_TEST

START_TEST(test_test_message)
{
	struct notice *notice = notice_create(NOTICE_KIND_TEST, SINK_NOW);
	g_autofree char *body = encode(notice);
	g_autofree char *all = shown_of(notice);

	ck_assert_ptr_nonnull(strstr(all, "Test message"));
	ck_assert_ptr_nonnull(strstr(all, "channel slack/default"));
	ck_assert_ptr_nonnull(strstr(body, "\"text\":\"Test message"));
	notice_free(notice);
}
END_TEST

START_TEST(test_folded_says_so)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	g_autofree char *all = NULL;

	notice_add(notice, sink_fixture_item(NOTICE_KIND_CLOSING, 8, "api"));
	notice->folded = 23;
	all = shown_of(notice);
	ck_assert_ptr_nonnull(strstr(all, "23 messages in one"));
	ck_assert_ptr_nonnull(strstr(all, "1 firing, 1 resolved"));
	notice_free(notice);
}
END_TEST

static TCase *limits_case(void)
{
	TCase *tcase = tcase_create("limits");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_escape, 0, G_N_ELEMENTS(escape_cases));
	tcase_add_loop_test(tcase, test_nothing_is_smuggled, 0, G_N_ELEMENTS(hostile));
	tcase_add_loop_test(tcase, test_nothing_is_smuggled_into_text, 0, G_N_ELEMENTS(hostile));
	tcase_add_loop_test(tcase, test_monsters, 0, 10);
	tcase_add_test(tcase, test_monstrous_text_alone);
	tcase_add_test(tcase, test_ten_thousand_are_counted);
	tcase_add_test(tcase, test_all_that_fits_is_in_detail);
	tcase_add_test(tcase, test_long_digest);
	tcase_add_test(tcase, test_long_names_are_cut);
	tcase_add_loop_test(tcase, test_bad_urls_are_no_links, 0, G_N_ELEMENTS(bad_urls));
	return tcase;
}

Suite *slack_suite(void)
{
	Suite *suite = suite_create("slack");
	TCase *tcase = tcase_create("words");

	tcase_add_test(tcase, test_firing);
	tcase_add_test(tcase, test_text_says_it_alone);
	tcase_add_test(tcase, test_plain_has_all);
	tcase_add_loop_test(tcase, test_kinds, 0, G_N_ELEMENTS(kinds));
	tcase_add_test(tcase, test_unknown_has_no_command);
	tcase_add_test(tcase, test_acknowledged);
	tcase_add_test(tcase, L26_one_cause_is_one_line);
	tcase_add_loop_test(tcase, test_command, 0, G_N_ELEMENTS(commands));
	tcase_add_test(tcase, test_long_command);
	tcase_add_test(tcase, test_without_public_url);
	tcase_add_test(tcase, test_plain_links_without_secret);
	tcase_add_test(tcase, test_zone);
	tcase_add_test(tcase, test_digest);
	tcase_add_test(tcase, test_digest_all_well);
	tcase_add_test(tcase, L12_digest_of_nothing_is_not_well);
	tcase_add_test(tcase, test_test_message);
	tcase_add_test(tcase, test_folded_says_so);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, limits_case());
	return suite;
}
