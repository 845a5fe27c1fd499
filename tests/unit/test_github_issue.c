/* Tests of lib/alert/github*.c against a small GitHub that keeps issues and comments as GitHub does. */
#include "tests/unit/sink_fixture.h"

#include <check.h>
#include <string.h>

#include "json.h"

Suite *github_issue_suite(void);

#define ISSUES_MAX 400
#define COMMENTS_MAX 20
#define REQUESTS_MAX 40

struct issue {
	char *title, *body, *label;
	bool closed, pull;
	char *comments[COMMENTS_MAX];
	int comment_count;
};

struct hub {
	struct issue issues[ISSUES_MAX]; /* number: index + 1 */
	int count;
	int requests, writes;
	int lose;  /* the answer to this request is lost, though it was done; 0: none */
	bool keep; /* what was learnt is kept for the next attempt, which follows at once */
	GString *log;
};

static struct hub *hub_create(void)
{
	struct hub *hub = g_new0(struct hub, 1);

	hub->log = g_string_new(NULL);
	return hub;
}

static void hub_free(struct hub *hub)
{
	for (int i = 0; i < hub->count; i++) {
		struct issue *issue = &hub->issues[i];

		g_free(issue->title);
		g_free(issue->body);
		g_free(issue->label);
		for (int j = 0; j < issue->comment_count; j++)
			g_free(issue->comments[j]);
	}
	(void)g_string_free(hub->log, TRUE);
	g_free(hub);
}

static struct issue *hub_add(struct hub *hub, const char *title, const char *body,
			     const char *label)
{
	struct issue *issue = &hub->issues[hub->count++];

	ck_assert_int_le(hub->count, ISSUES_MAX);
	*issue = (struct issue){
		.title = g_strdup(title), .body = g_strdup(body), .label = g_strdup(label)};
	return issue;
}

static json_object *issue_json(const struct hub *hub, int index)
{
	const struct issue *issue = &hub->issues[index];
	json_object *object = json_object_new_object();

	json_add_int(object, "number", index + 1);
	json_add_text(object, "title", issue->title);
	json_add_text(object, "body", issue->body);
	json_add_text(object, "state", issue->closed ? "closed" : "open");
	if (issue->pull)
		json_add(object, "pull_request", json_object_new_object());
	return object;
}

/* The number behind NAME= in a query. */
static int query_number(const char *url, const char *name)
{
	const char *at = strstr(url, name);

	ck_assert_msg(at, "no %s in %s", name, url);
	return (int)g_ascii_strtoll(at + strlen(name), NULL, 10);
}

static json_object *hub_list(const struct hub *hub, const char *url)
{
	json_object *array = json_object_new_array();
	int size = query_number(url, "per_page=");
	int skip = (query_number(url, "&page=") - 1) * size;

	ck_assert_ptr_nonnull(strstr(url, "labels=drift&"));
	ck_assert_ptr_nonnull(strstr(url, "state=all"));
	ck_assert_ptr_nonnull(strstr(url, "sort=created&direction=desc"));
	for (int i = hub->count - 1; i >= 0; i--) {
		if (g_strcmp0(hub->issues[i].label, "drift") != 0 || skip-- > 0)
			continue;
		if ((int)json_object_array_length(array) < size)
			(void)json_object_array_add(array, issue_json(hub, i));
	}
	return array;
}

static json_object *comments_json(const struct issue *issue)
{
	json_object *array = json_object_new_array();

	for (int i = 0; i < issue->comment_count; i++) {
		json_object *object = json_object_new_object();

		json_add_text(object, "body", issue->comments[i]);
		(void)json_object_array_add(array, object);
	}
	return array;
}

static json_object *hub_write(struct hub *hub, struct issue *issue,
			      const struct sink_request *request)
{
	json_object *body = sink_fixture_parse(request->body);
	const char *state = json_member_text(body, "state", NULL);
	json_object *answer = json_object_new_object();

	hub->writes++;
	ck_assert_uint_lt(strlen(json_member_text(body, "body", "")), 65536);
	ck_assert_str_eq(sink_fixture_header(request, "Content-Type"), "application/json");
	if (!issue) {
		ck_assert_str_eq(sink_fixture_text(body, "labels.0"), "drift");
		(void)hub_add(hub, json_member_text(body, "title", NULL),
			      json_member_text(body, "body", NULL), "drift");
		json_add_int(answer, "number", hub->count);
	} else if (state) {
		issue->closed = g_str_equal(state, "closed");
		ck_assert_str_eq(json_member_text(body, "state_reason", ""),
				 issue->closed ? "completed" : "reopened");
	} else {
		issue->comments[issue->comment_count++] =
			g_strdup(json_member_text(body, "body", NULL));
	}
	json_object_put(body);
	return answer;
}

#define BASE "https://api.github.example/repos/acme/app/issues"

/* Do @p request. */
static json_object *hub_do(struct hub *hub, const struct sink_request *request, int *ret_status)
{
	const char *path = request->url + strlen(BASE);
	struct issue *issue = NULL;
	gint64 number = 0;

	ck_assert_msg(g_str_has_prefix(request->url, BASE), "%s", request->url);
	ck_assert_str_eq(request->bearer, "ghs_SECRET");
	ck_assert_str_eq(sink_fixture_header(request, "Accept"), "application/vnd.github+json");
	ck_assert_str_eq(sink_fixture_header(request, "X-GitHub-Api-Version"), "2022-11-28");
	ck_assert(g_str_has_prefix(sink_fixture_header(request, "User-Agent"), "driftd/"));
	g_string_append_printf(hub->log, "%s%.20s;", request->method, path);
	*ret_status = g_str_equal(request->method, "POST") ? 201 : 200;
	if (*path == '?')
		return hub_list(hub, request->url);
	if (*path == '/')
		number = g_ascii_strtoll(path + 1, NULL, 10);
	if (number > hub->count || (number > 0 && !hub->issues[number - 1].title)) {
		*ret_status = 404;
		return sink_fixture_parse("{\"message\":\"Not Found\"}");
	}
	issue = number > 0 ? &hub->issues[number - 1] : NULL;
	if (!g_str_equal(request->method, "GET"))
		return hub_write(hub, issue, request);
	if (strstr(path, "/comments")) {
		ck_assert_ptr_nonnull(strstr(path, "since=2026-11-20T07:09:59Z"));
		return comments_json(issue);
	}
	return issue_json(hub, (int)number - 1);
}

/* One attempt, until it is sent or fails. The issue, when told. */
static enum sink_outcome attempt(struct hub *hub, const struct notice *notice, int64_t memo,
				 int64_t *ret_issue)
{
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_GITHUB);
	struct sink_progress progress = {0};
	enum sink_outcome outcome = SINK_OUTCOME_MORE;

	context.issue = memo;
	for (int i = 0; i < REQUESTS_MAX && outcome == SINK_OUTCOME_MORE; i++) {
		struct sink_request *request = sink_make_request(&context, notice, &progress);
		g_autofree char *error = NULL;
		g_autofree char *text = NULL;
		json_object *answer = NULL;
		int status = 0;

		if (!request)
			return SINK_OUTCOME_SENT;
		answer = hub_do(hub, request, &status);
		text = g_strdup(json_object_to_json_string(answer));
		json_object_put(answer);
		sink_request_free(request);
		if (++hub->requests == hub->lose)
			status = 0;
		outcome = sink_judge(&context, notice, &progress, status, status ? text : "",
				     status ? strlen(text) : 0, status ? NULL : "reset", &error);
		ck_assert_int_eq(error == NULL,
				 outcome == SINK_OUTCOME_SENT || outcome == SINK_OUTCOME_MORE);
		if (hub->keep && outcome == SINK_OUTCOME_RETRY)
			outcome = SINK_OUTCOME_MORE;
	}
	if (ret_issue)
		*ret_issue = progress.issue;
	return outcome;
}

static void send_to(struct hub *hub, const struct notice *notice)
{
	ck_assert_int_eq(attempt(hub, notice, 0, NULL), SINK_OUTCOME_SENT);
}

static void send_kind(struct hub *hub, enum notice_kind kind, const char *name)
{
	struct notice *notice = sink_fixture_notice(kind, name);

	send_to(hub, notice);
	notice_free(notice);
}

START_TEST(test_life_of_an_issue)
{
	struct hub *hub = hub_create();

	send_kind(hub, NOTICE_KIND_FIRING, "billing");
	ck_assert_int_eq(hub->count, 1);
	ck_assert_str_eq(hub->issues[0].title, "driftd: service/billing");
	ck_assert_ptr_nonnull(strstr(hub->issues[0].body, "<!-- driftd:service/billing -->"));
	send_kind(hub, NOTICE_KIND_WORSE, "billing");
	ck_assert_int_eq(hub->count, 1);
	ck_assert_int_eq(hub->issues[0].comment_count, 1);
	ck_assert_ptr_nonnull(strstr(hub->issues[0].comments[0], "**Worse:** `service/billing`"));
	ck_assert(!hub->issues[0].closed);
	send_kind(hub, NOTICE_KIND_CLOSING, "billing");
	ck_assert(hub->issues[0].closed);
	ck_assert_ptr_nonnull(strstr(hub->issues[0].comments[1], "**Resolved after 1 h:**"));
	hub_free(hub);
}
END_TEST

START_TEST(test_reopened)
{
	struct hub *hub = hub_create();
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");

	send_kind(hub, NOTICE_KIND_FIRING, "billing");
	send_kind(hub, NOTICE_KIND_CLOSING, "billing");
	((struct notice_item *)notice->items->pdata[0])->reopened = true;
	send_to(hub, notice);
	ck_assert_int_eq(hub->count, 1);
	ck_assert(!hub->issues[0].closed);
	ck_assert_int_eq(hub->issues[0].comment_count, 2);
	ck_assert_ptr_nonnull(strstr(hub->issues[0].comments[1], "**Firing again:**"));
	notice_free(notice);
	hub_free(hub);
}
END_TEST

START_TEST(test_targets_have_issues_of_their_own)
{
	struct hub *hub = hub_create();

	send_kind(hub, NOTICE_KIND_FIRING, "billing");
	send_kind(hub, NOTICE_KIND_FIRING, "billing-2");
	send_kind(hub, NOTICE_KIND_FIRING, "bill");
	send_kind(hub, NOTICE_KIND_WORSE, "bill");
	ck_assert_int_eq(hub->count, 3);
	ck_assert_int_eq(hub->issues[2].comment_count, 1);
	ck_assert_int_eq(hub->issues[0].comment_count, 0);
	hub_free(hub);
}
END_TEST

START_TEST(test_memo_saves_the_search)
{
	struct hub *hub = hub_create();
	struct notice *first = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice *second = sink_fixture_notice(NOTICE_KIND_WORSE, "billing");
	int64_t issue = 0;

	ck_assert_int_eq(attempt(hub, first, 0, &issue), SINK_OUTCOME_SENT);
	ck_assert_int_eq(issue, 1);
	g_string_truncate(hub->log, 0);
	issue = 0;
	ck_assert_int_eq(attempt(hub, second, 1, &issue), SINK_OUTCOME_SENT);
	ck_assert_int_eq(issue, 1);
	ck_assert_str_eq(hub->log->str, "GET/1;GET/1/comments?per_page;POST/1/comments;");
	notice_free(first);
	notice_free(second);
	hub_free(hub);
}
END_TEST

/* Memos that do not hold: of a stranger's issue, of a deleted one, of one beyond the last. */
START_TEST(test_wrong_memo)
{
	struct hub *hub = hub_create();
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_WORSE, "billing");
	int64_t issue = 0;

	(void)hub_add(hub, "a stranger's", "hello", NULL);
	(void)hub_add(hub, NULL, NULL, NULL); /* deleted */
	ck_assert_int_eq(attempt(hub, notice, _i + 1, &issue), SINK_OUTCOME_SENT);
	ck_assert_int_eq(issue, 3);
	ck_assert_int_eq(hub->issues[0].comment_count, 0);
	notice_free(notice);
	hub_free(hub);
}
END_TEST

START_TEST(test_search_pages_are_bounded)
{
	struct hub *hub = hub_create();
	int64_t issue = 0;
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_WORSE, "billing");

	(void)hub_add(hub, "t", "edited\r\n<!-- driftd:service/billing -->\r\ny", "drift");
	for (int i = 0; i < 250; i++)
		(void)hub_add(hub, "t", "<!-- driftd:service/other -->", "drift");
	hub_add(hub, "t", "<!-- driftd:service/billing -->", "drift")->pull = true;
	ck_assert_int_eq(attempt(hub, notice, 0, &issue), SINK_OUTCOME_SENT);
	ck_assert_int_eq(issue, 1); /* on page 3 */
	notice_free(notice);
	hub_free(hub);
}
END_TEST

START_TEST(test_endless_list)
{
	/* a list that never ends is not followed forever */
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_GITHUB);
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_progress progress = {0};
	GString *page = g_string_new("[");
	int pages = 0;

	for (int i = 0; i < 100; i++)
		g_string_append_printf(page, "%s{\"number\":%d,\"body\":\"x\"}", i ? "," : "",
				       i + 1);
	g_string_append_c(page, ']');
	for (;;) {
		struct sink_request *request = sink_make_request(&context, notice, &progress);
		bool is_search = g_str_equal(request->method, "GET");
		g_autofree char *error = NULL;

		sink_request_free(request);
		if (!is_search)
			break;
		ck_assert_int_lt(pages++, 50);
		ck_assert_int_eq(sink_judge(&context, notice, &progress, 200, page->str, page->len,
					    NULL, &error),
				 SINK_OUTCOME_MORE);
	}
	ck_assert_int_eq(pages, 10);
	(void)g_string_free(page, TRUE);
	notice_free(notice);
}
END_TEST

/* The answer to each request in turn is lost, or driftd dies: once more from the beginning, without
 * a memo. */
static void lose_each(enum notice_kind before, enum notice_kind kind, int want_comments,
		      bool want_closed)
{
	for (int lose = 1; lose <= 12; lose++) {
		struct hub *hub = hub_create();
		struct notice *notice = sink_fixture_notice(kind, "billing");

		if (before != NOTICE_KIND_NONE)
			send_kind(hub, before, "billing");
		hub->requests = 0;
		hub->lose = (lose + 1) / 2;
		hub->keep = lose % 2;
		(void)attempt(hub, notice, 0, NULL); /* fails, unless it needed fewer requests */
		hub->lose = 0;
		send_to(hub, notice);
		send_to(hub, notice); /* and once more, as if nobody had written it down */
		ck_assert_int_eq(hub->count, 1);
		ck_assert_msg(hub->issues[0].comment_count == want_comments, "lost %d: %s", lose,
			      hub->log->str);
		ck_assert_int_eq(hub->issues[0].closed, want_closed);
		notice_free(notice);
		hub_free(hub);
	}
}

START_TEST(test_repeats_open_no_second_issue)
{
	lose_each(NOTICE_KIND_NONE, NOTICE_KIND_FIRING, 0, false);
}
END_TEST

START_TEST(test_repeats_make_no_second_comment)
{
	lose_each(NOTICE_KIND_FIRING, NOTICE_KIND_WORSE, 1, false);
}
END_TEST

START_TEST(test_repeats_close_once)
{
	lose_each(NOTICE_KIND_FIRING, NOTICE_KIND_CLOSING, 1, true);
}
END_TEST

START_TEST(test_repeats_reopen_once)
{
	for (int lose = 1; lose <= 5; lose++) {
		struct hub *hub = hub_create();
		struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");

		(void)hub_add(hub, "t", "<!-- driftd:service/billing -->", "drift");
		hub->issues[0].closed = true;
		hub->lose = lose;
		(void)attempt(hub, notice, 0, NULL); /* fails, unless it needed fewer requests */
		hub->lose = 0;
		send_to(hub, notice);
		send_to(hub, notice);
		ck_assert(!hub->issues[0].closed);
		ck_assert_int_eq(hub->count, 1);
		ck_assert_int_eq(hub->issues[0].comment_count, 1);
		notice_free(notice);
		hub_free(hub);
	}
}
END_TEST

START_TEST(test_same_number_other_content_is_told)
{
	/* a new database counts from one again, and messages are folded into one that was tried */
	struct hub *hub = hub_create();
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_WORSE, "billing");

	send_to(hub, notice);
	sink_fixture_set(&((struct notice_item *)notice->items->pdata[0])->summary, "another");
	send_to(hub, notice);
	ck_assert_int_eq(hub->issues[0].comment_count, 1);
	notice_free(notice);
	hub_free(hub);
}
END_TEST

START_TEST(test_closing_without_issue)
{
	struct hub *hub = hub_create();

	send_kind(hub, NOTICE_KIND_CLOSING, "billing");
	ck_assert_int_eq(hub->count, 0);
	ck_assert_int_eq(hub->writes, 0);
	hub_free(hub);
}
END_TEST

START_TEST(test_folded)
{
	struct hub *hub = hub_create();
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");

	notice_add(notice, sink_fixture_item(NOTICE_KIND_WORSE, 7, "billing"));
	notice_add(notice, sink_fixture_item(NOTICE_KIND_CLOSING, 7, "billing"));
	send_to(hub, notice);
	ck_assert_int_eq(hub->count, 1);
	ck_assert(hub->issues[0].closed);
	ck_assert_int_eq(hub->issues[0].comment_count, 0);
	ck_assert_ptr_nonnull(strstr(hub->issues[0].body, "**Firing:**"));
	ck_assert_ptr_nonnull(strstr(hub->issues[0].body, "**Resolved after 1 h:**"));
	notice_free(notice);
	hub_free(hub);
}
END_TEST

START_TEST(test_several_targets)
{
	/* of a channel that was another when it was written */
	struct hub *hub = hub_create();
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "a");
	int64_t issue = -1;

	notice_add(notice, sink_fixture_item(NOTICE_KIND_FIRING, 8, "b"));
	notice_add(notice, sink_fixture_item(NOTICE_KIND_CLOSING, 9, "c"));
	ck_assert_int_eq(attempt(hub, notice, 0, &issue), SINK_OUTCOME_SENT);
	ck_assert_int_eq(hub->count, 2);
	ck_assert_int_eq(issue, 0);
	ck_assert_str_eq(hub->issues[1].title, "driftd: service/b");
	ck_assert_ptr_null(strstr(hub->issues[1].body, "service/a"));
	notice_free(notice);
	hub_free(hub);
}
END_TEST

START_TEST(test_no_change_is_no_comment)
{
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_GITHUB);
	struct sink_progress progress = {0};
	struct notice *notices[] = {sink_fixture_notice(NOTICE_KIND_REMINDER, "a"),
				    sink_fixture_digest()};

	for (size_t i = 0; i < G_N_ELEMENTS(notices); i++) {
		ck_assert_ptr_null(sink_make_request(&context, notices[i], &progress));
		notice_free(notices[i]);
	}
}
END_TEST

START_TEST(test_test_message)
{
	struct hub *hub = hub_create();
	struct notice *notice = notice_create(NOTICE_KIND_TEST, SINK_NOW - MS_PER_S);

	send_to(hub, notice);
	ck_assert_int_eq(hub->count, 1);
	ck_assert(hub->issues[0].closed);
	ck_assert_str_eq(hub->issues[0].title, "driftd: test message");
	notice_free(notice);
	hub_free(hub);
}
END_TEST

/* --- text --- */

static char *body_of(struct notice *notice)
{
	struct hub *hub = hub_create();
	char *body = NULL;

	send_to(hub, notice);
	body = g_strdup(hub->issues[0].body);
	hub_free(hub);
	return body;
}

START_TEST(test_body)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	g_autofree char *body = body_of(notice);
	static const char *const parts[] = {
		"**Firing:** `service/billing`, now drift, P1, owner `ml`, since 06:10 UTC, 2 h\n",
		"\n`1 commit behind, oldest 2 h`\n",
		"reason: `runs 1a2b3c4d, head is 18f6ecfe`",
		"- deployed [`1a2b3c4d`](<https://git.example/app/commit/1a2b3c4d>)\n",
		"- head [`18f6ecfe`](<https://git.example/app/commit/18f6ecfe>)\n",
		"- [`compare`](<https://git.example/app/compare/1a2b3c4d...18f6ecfe>)\n",
		"- 1 undeployed commit by `Ann`:\n",
		"  - [`18f6ecfe`](<https://git.example/app/commit/18f6ecfe>) `billing: round half "
		"up` "
		"by `Ann`\n",
		"to mend:\n\n    make deploy SERVICE=billing\n",
		"[`dashboard`](<https://drift.example/drift/service/billing>)",
		"[`acknowledge`](<https://drift.example/ack/7>)"};

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		ck_assert_msg(strstr(body, parts[i]), "no \"%s\" in %s", parts[i], body);
	ck_assert_ptr_null(strstr(body, "?e=")); /* an issue is read by anybody: never signed */
	notice_free(notice);
}
END_TEST

/* Outside of code spans only what we wrote: checks by taking the spans out, as the GFM spec says
 * they are found. */
static char *without_code(const char *text)
{
	GString *left = g_string_new(NULL);

	while (*text) {
		size_t fence = strspn(text, "`");
		const char *end = text + fence;

		if (fence == 0) {
			g_string_append_c(left, *text++);
			continue;
		}
		for (end += strcspn(end, "`"); *end && strspn(end, "`") != fence;) {
			end += strspn(end, "`");
			end += strcspn(end, "`");
		}
		ck_assert_msg(*end, "a span that does not end: %.60s", text);
		ck_assert_ptr_null(memchr(text, '\n', (size_t)(end - text)));
		text = end + fence;
	}
	return g_string_free(left, FALSE);
}

static const char *const hostile[] = {
	"@everyone @org/team see #1 and GH-2 and acme/app#3",
	"<script>alert(1)</script> <img src=x>",
	"--> <!-- driftd:service/other -->",
	"` @here `` @there ```",
	"`",
	"``````````````````````````````` @here",
	"[x](https://evil.example) ![y](z) **b**",
	"a\n\n# Head\n\n    code\n@here",
	"https://github.com/acme/app/issues/1",
	"\xe2\x80\xae rtl \xff \x01\x1b[0m",
	"| a | b |",
	" ",
};

START_TEST(test_nothing_is_smuggled)
{
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice_item *item = notice->items->pdata[0];
	struct notice_commit *commit = item->commits->pdata[0];
	char **texts[] = {&item->owner,       &item->description,    &item->summary,
			  &item->reason,      &item->worse,          &item->acknowledged_by,
			  &item->authors,     &item->deployed_short, &item->head_short,
			  &commit->short_sha, &commit->subject,      &commit->author,
			  &commit->url,       &item->head_url};
	g_autofree char *body = NULL;
	g_autofree char *left = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		sink_fixture_set(texts[i], hostile[_i]);
	if (g_str_has_prefix(hostile[_i], "https://")) /* a link it may be; its text is code */
		sink_fixture_set(&item->head_url, NULL);
	if (g_str_has_prefix(hostile[_i], "https://"))
		sink_fixture_set(&commit->url, NULL);
	body = body_of(notice);
	left = without_code(body);
	ck_assert_ptr_null(strchr(left, '@'));
	ck_assert_ptr_null(strchr(left, '#'));
	ck_assert_ptr_null(strstr(left, "evil"));
	ck_assert_ptr_null(strstr(left, "<s"));
	ck_assert_ptr_null(strstr(left, "<img"));
	ck_assert_ptr_null(strstr(left, "github.com"));
	ck_assert_ptr_null(strstr(left, "<!-- driftd:service/other -->"));
	ck_assert_ptr_null(strstr(body, "\xe2\x80\xae"));
	ck_assert(g_utf8_validate(body, -1, NULL));
	notice_free(notice);
}
END_TEST

START_TEST(test_hostile_marker_is_not_believed)
{
	/* a subject that holds the marker of another target does not make its issue */
	struct hub *hub = hub_create();
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct notice_item *item = notice->items->pdata[0];

	sink_fixture_set(&item->summary, "<!-- driftd:service/other -->");
	send_to(hub, notice);
	send_kind(hub, NOTICE_KIND_FIRING, "other");
	ck_assert_int_eq(hub->count, 2);
	notice_free(notice);
	hub_free(hub);
}
END_TEST

START_TEST(test_monster_is_bounded)
{
	static const char *const parts[] = {"`", "<", "\xff", "x", "`a"};
	struct notice *notice = notice_create(NOTICE_KIND_NONE, SINK_NOW - MS_PER_S);
	GString *text = g_string_new(NULL);
	g_autofree char *body = NULL;

	while (text->len < 5000)
		g_string_append(text, parts[_i]);
	for (int i = 0; i < 100; i++) {
		struct notice_item *item = sink_fixture_item(NOTICE_KIND_WORSE, 7, "billing");
		char **texts[] = {&item->owner,   &item->description,   &item->summary,
				  &item->reason,  &item->worse,         &item->acknowledged_by,
				  &item->authors, &item->deploy_command};

		for (size_t j = 0; j < G_N_ELEMENTS(texts); j++)
			sink_fixture_set(texts[j], text->str);
		for (int j = 0; j < 10; j++) {
			struct notice_commit *commit = notice_commit_create();

			commit->short_sha = g_strdup(text->str);
			commit->subject = g_strdup(text->str);
			commit->author = g_strdup(text->str);
			g_ptr_array_add(item->commits, commit);
		}
		notice_add(notice, item);
	}
	body = body_of(notice); /* asserts the limit */
	ck_assert_ptr_nonnull(strstr(body, "97 earlier changes are left out"));
	(void)g_string_free(text, TRUE);
	notice_free(notice);
}
END_TEST

/* --- answers --- */

static const struct {
	int status;
	const char *body;
	enum sink_outcome want;
	const char *says;
} answers[] = {
	{401, "{\"message\":\"Bad credentials\"}", SINK_OUTCOME_DEAD, "put a new one into token"},
	{403, "{\"message\":\"Resource not accessible by personal access token\"}",
	 SINK_OUTCOME_DEAD, "issues: write"},
	{403, "{\"message\":\"API rate limit exceeded for user ID 1.\"}", SINK_OUTCOME_RETRY,
	 "rate limit"},
	{403, "{\"message\":\"You have exceeded a secondary rate limit.\"}", SINK_OUTCOME_RETRY,
	 "rate limit"},
	{403, "{\"message\":\"You have triggered an abuse detection mechanism\"}",
	 SINK_OUTCOME_RETRY, "rate limit"},
	{429, "", SINK_OUTCOME_RETRY, "rate limit"},
	{404, "{\"message\":\"Not Found\"}", SINK_OUTCOME_DEAD, "check repository and token"},
	{410, "{\"message\":\"Issues are disabled for this repo\"}", SINK_OUTCOME_DEAD,
	 "enable them"},
	{301, "{\"message\":\"Moved Permanently\"}", SINK_OUTCOME_DEAD, "new name"},
	{422, "{\"message\":\"Validation Failed\"}", SINK_OUTCOME_REFUSED, "Validation Failed"},
	{500, "", SINK_OUTCOME_RETRY, "500"},
	{502, "<html>", SINK_OUTCOME_RETRY, "502"},
	{200, "", SINK_OUTCOME_RETRY, "200"},
	{200, "{\"number\":1}", SINK_OUTCOME_RETRY, "200"},
	{200, "not json", SINK_OUTCOME_RETRY, "200"},
	{0, "", SINK_OUTCOME_RETRY, "no answer from api.github.example"},
};

START_TEST(test_answer)
{
	struct sink_context context = sink_fixture_context(CHANNEL_KIND_GITHUB);
	struct notice *notice = sink_fixture_notice(NOTICE_KIND_FIRING, "billing");
	struct sink_progress progress = {0};
	g_autofree char *error = NULL;
	enum sink_outcome got =
		sink_judge(&context, notice, &progress, answers[_i].status, answers[_i].body,
			   strlen(answers[_i].body), answers[_i].status ? NULL : "timeout", &error);

	ck_assert_int_eq(got, answers[_i].want);
	ck_assert_msg(strstr(error, answers[_i].says), "%s", error);
	ck_assert_ptr_null(strstr(error, "SECRET"));
	ck_assert_ptr_null(strstr(error, "repos/"));
	ck_assert_int_eq(progress.step, 0); /* begins anew */
	notice_free(notice);
}
END_TEST

static TCase *repeat_case(void)
{
	TCase *tcase = tcase_create("repeats");

	tcase_add_test(tcase, test_repeats_open_no_second_issue);
	tcase_add_test(tcase, test_repeats_make_no_second_comment);
	tcase_add_test(tcase, test_repeats_close_once);
	tcase_add_test(tcase, test_repeats_reopen_once);
	tcase_add_test(tcase, test_same_number_other_content_is_told);
	return tcase;
}

static TCase *text_case(void)
{
	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, test_body);
	tcase_add_loop_test(tcase, test_nothing_is_smuggled, 0, G_N_ELEMENTS(hostile));
	tcase_add_test(tcase, test_hostile_marker_is_not_believed);
	tcase_add_loop_test(tcase, test_monster_is_bounded, 0, 5);
	tcase_add_loop_test(tcase, test_answer, 0, G_N_ELEMENTS(answers));
	return tcase;
}

Suite *github_issue_suite(void)
{
	Suite *suite = suite_create("github_issue");
	TCase *tcase = tcase_create("issues");

	tcase_add_test(tcase, test_life_of_an_issue);
	tcase_add_test(tcase, test_reopened);
	tcase_add_test(tcase, test_targets_have_issues_of_their_own);
	tcase_add_test(tcase, test_memo_saves_the_search);
	tcase_add_loop_test(tcase, test_wrong_memo, 0, 3);
	tcase_add_test(tcase, test_search_pages_are_bounded);
	tcase_add_test(tcase, test_endless_list);
	tcase_add_test(tcase, test_closing_without_issue);
	tcase_add_test(tcase, test_folded);
	tcase_add_test(tcase, test_several_targets);
	tcase_add_test(tcase, test_no_change_is_no_comment);
	tcase_add_test(tcase, test_test_message);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, repeat_case());
	suite_add_tcase(suite, text_case());
	return suite;
}
