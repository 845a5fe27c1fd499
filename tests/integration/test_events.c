/* test_events - GET /events of the real driftd: what is told while it runs, what is told again to those
 * who come back, and what becomes of those who do not read. */
#include "tests/integration/harness.h"

#include "api/events.h"
#include "clk.h"
#include "store/store.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

Suite *events_suite(void);

static struct world *world;
static char *checkout;
static char *first, *second; /* commits; second is the head */

static void setup_with(const char *driftd_extra, const char *sections)
{
	GString *config = NULL;

	world = world_create();
	checkout = repo_make(world, "app");
	first = repo_commit(checkout, "a.txt", "one", 2 * A_DAY);
	second = repo_publish(checkout, "a.txt", "two", A_DAY);
	config = world_base_config(world, driftd_extra);
	g_string_append(config, sections);
	config_add_service(config, "web", "source = cloud-run");
	cloud_deploy(world, "web", second);
	world_configure(world, config->str);
	g_string_free(config, TRUE);
}

static void setup(void)
{
	setup_with("", "");
}

static void teardown(void)
{
	world_free(world);
	g_free(checkout);
	g_free(first);
	g_free(second);
}

/* --- somebody who reads --- */

struct reader {
	int fd;
	GString *text; /* all that came */
	bool has_ended;
};

/* HTTP/1.0 has no chunks: what comes is what was said. */
static struct reader *reader_open(int64_t last_id, int receive_bytes)
{
	struct reader *reader = g_new0(struct reader, 1);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	g_autofree char *resume =
		last_id < 0 ? g_strdup("")
			    : g_strdup_printf("Last-Event-ID: %" PRId64 "\r\n", last_id);
	g_autofree char *request =
		g_strdup_printf("GET /events HTTP/1.0\r\nHost: localhost\r\n%s%s%s%s\r\n", resume,
				world->token ? "Authorization: Bearer " : "",
				world->token ? world->token : "", world->token ? "\r\n" : "");
	guint64 port = 0;

	ck_assert(g_ascii_string_to_unsigned(strrchr(world->origin, ':') + 1, 10, 1, 65535, &port,
					     NULL));
	to.sin_port = htons((uint16_t)port);
	reader->text = g_string_new(NULL);
	reader->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(reader->fd, 0);
	if (receive_bytes > 0)
		ck_assert_int_eq(setsockopt(reader->fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
					    sizeof(receive_bytes)),
				 0);
	ck_assert_int_eq(connect(reader->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	ck_assert_int_eq(send(reader->fd, request, strlen(request), MSG_NOSIGNAL),
			 (ssize_t)strlen(request));
	return reader;
}

static void reader_close(struct reader *reader)
{
	(void)close(reader->fd); /* it only read */
	g_string_free(reader->text, TRUE);
	g_free(reader);
}

static void read_more(struct reader *reader)
{
	struct pollfd wanted = {.fd = reader->fd, .events = POLLIN};
	char buffer[65536];
	ssize_t got = 0;

	ck_assert_msg(poll(&wanted, 1, SOON_MS) == 1, "nothing more comes after: %.4000s",
		      reader->text->str);
	got = recv(reader->fd, buffer, sizeof(buffer), 0);
	if (got > 0)
		g_string_append_len(reader->text, buffer, got);
	reader->has_ended = got <= 0;
}

/* Until @p mark has come behind the first @p from bytes. Where it begins. */
static const char *await_behind(struct reader *reader, size_t from, const char *mark)
{
	const char *found = NULL;

	while (!(found = strstr(reader->text->str + from, mark))) {
		ck_assert_msg(!reader->has_ended, "ended without %s: %.4000s", mark,
			      reader->text->str);
		read_more(reader);
	}
	return found;
}

static const char *await(struct reader *reader, const char *mark)
{
	return await_behind(reader, 0, mark);
}

static void await_end(struct reader *reader)
{
	while (!reader->has_ended)
		read_more(reader);
}

static struct reader *reader_begin(void)
{
	struct reader *reader = reader_open(-1, 0);

	(void)await(reader, "event: snapshot\n");
	return reader;
}

/* The whole event that @p from lies in: from its id to the empty line. Caller frees. */
static char *whole_event(struct reader *reader, const char *from)
{
	size_t at = (size_t)(from - reader->text->str);
	const char *end = await_behind(reader, at, "\n\n");
	const char *begin = reader->text->str + at;

	while (begin > reader->text->str && !g_str_has_prefix(begin, "\nid: "))
		begin--;
	return g_strndup(begin + 1, (gsize)(end - begin - 1));
}

/* data of it. Caller puts. */
static json_object *event_data(const char *event)
{
	const char *data = strstr(event, "data: ");
	json_object *object = data ? json_tokener_parse(data + strlen("data: ")) : NULL;

	ck_assert_msg(object, "no JSON in %s", event);
	return object;
}

#define DRIFTS "\"to\":\"drift\""
#define IS_WELL "\"to\":\"ok\""

/* web drifts, or is well again, and a check sees it. */
static void deploy(const char *sha)
{
	cloud_deploy(world, "web", sha);
	world_cycle(world);
}

/* --- what is told --- */

START_TEST(a_transition_is_told_at_once_with_what_it_changed)
{
	struct reader *reader = NULL;
	g_autofree char *event = NULL;
	json_object *data = NULL;
	int64_t ended_ms = 0;
	size_t from = 0;

	world_start(world);
	world_cycle(world);
	reader = reader_begin();
	from = reader->text->len;
	deploy(first);
	ended_ms = clk_mono_ms();
	event = whole_event(reader, await_behind(reader, from, DRIFTS));
	ck_assert_int_lt(clk_mono_ms() - ended_ms, 1000);
	data = event_data(event);
	ck_assert_str_eq(json_text_at(data, "target"), "service/web");
	ck_assert_str_eq(json_text_at(data, "from"), "ok");
	ck_assert_str_eq(json_text_at(data, "relation"), "behind");
	ck_assert_str_eq(json_text_at(data, "reasons.0"), "behind");
	ck_assert_int_gt(json_int_at(data, "id"), 0);
	json_object_put(data);
	(void)await_behind(reader, from, "\"overall\":\"drift\"");
	(void)await_behind(reader, from, "\"state\":\"running\"");
	(void)await_behind(reader, from, "\"state\":\"finished\"");
	reader_close(reader);
}
END_TEST

/* A check that finds nothing new is told; that the world is as it was is not. */
START_TEST(an_unchanged_world_is_no_news)
{
	struct reader *reader = NULL;
	size_t from = 0;

	world_start(world);
	world_cycle(world);
	world_cycle(world); /* what the first one changed has settled */
	reader = reader_begin();
	(void)await(reader, "\"state\":\"finished\"");
	from = reader->text->len;
	world_cycle(world);
	(void)await_behind(reader, from, "\"state\":\"finished\"");
	ck_assert_ptr_null(strstr(reader->text->str + from, "event: snapshot"));
	ck_assert_ptr_null(strstr(reader->text->str + from, "event: transition"));
	reader_close(reader);
}
END_TEST

/* --- coming back --- */

START_TEST(what_was_missed_is_told_as_it_was_told)
{
	struct reader *live = NULL, *late = NULL;
	g_autofree char *told = NULL;
	g_autofree char *again = NULL;
	json_object *data = NULL;

	world_start(world);
	world_cycle(world);
	live = reader_begin();
	deploy(first);
	told = whole_event(live, await(live, DRIFTS));
	data = event_data(told);
	late = reader_open(json_int_at(data, "id") - 1, 0);
	again = whole_event(late, await(late, DRIFTS));
	ck_assert_str_eq(again, told);
	reader_close(late);
	g_clear_pointer(&again, g_free);
	world_kill(world); /* it had no time to write anything down */
	await_end(live);
	world_start(world);
	late = reader_open(json_int_at(data, "id") - 1, 0);
	again = whole_event(late, await(late, DRIFTS));
	ck_assert_str_eq(again, told);
	reader_close(late);
	reader_close(live);
	json_object_put(data);
}
END_TEST

/* driftd stops and starts: who comes back with the last id gets what follows, and nothing twice. */
START_TEST(a_restart_loses_nothing)
{
	struct reader *reader = NULL;
	g_autofree char *before = NULL;
	g_autofree char *after = NULL;
	json_object *drifted = NULL, *mended = NULL;
	int64_t begun_ms = 0;

	world_start(world);
	world_cycle(world);
	reader = reader_begin();
	deploy(first);
	before = whole_event(reader, await(reader, DRIFTS));
	drifted = event_data(before);
	begun_ms = clk_mono_ms();
	ck_assert_int_eq(world_stop(world), 0);
	ck_assert_int_lt(clk_mono_ms() - begun_ms, 2000); /* it waits for nobody */
	await_end(reader);
	reader_close(reader);
	world_start(world);
	deploy(second);
	reader = reader_open(json_int_at(drifted, "id"), 0);
	after = whole_event(reader, await(reader, IS_WELL));
	mended = event_data(after);
	ck_assert_int_eq(json_int_at(mended, "id"), json_int_at(drifted, "id") + 1);
	ck_assert_ptr_null(strstr(reader->text->str, DRIFTS));
	ck_assert_ptr_null(strstr(reader->text->str, "event: reset"));
	reader_close(reader);
	json_object_put(drifted);
	json_object_put(mended);
}
END_TEST

/* --- the database of a driftd that does not run --- */

static struct store *open_store(void)
{
	g_autofree char *path = world_path(world, "state/driftd.db");
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(path, &error);

	ck_assert_msg(store, "%s", error ? error->message : "");
	return store;
}

/* @p count more transitions, made just now. The id of the last. */
static int64_t add_rows(int count)
{
	struct store *store = open_store();
	struct store_batch *batch = store_batch_create();
	g_autoptr(GError) error = NULL;
	int64_t last = -1;

	batch->cycle.trigger = g_strdup("test");
	batch->cycle.started_wall_ms = clk_wall_ms();
	for (int i = 0; i < count; i++) {
		struct store_transition *row = store_transition_create();

		row->target = g_strdup("service/web");
		row->at_wall_ms = clk_wall_ms();
		row->to = g_strdup(i % 2 ? "ok" : "unknown");
		row->reasons = g_strdup("[]");
		g_ptr_array_add(batch->transitions, row);
	}
	ck_assert_msg(store_commit_batch(store, batch, &error), "%s", error ? error->message : "");
	store_batch_free(batch);
	ck_assert(store_load_last_event(store, &last, NULL));
	store_close(store);
	return last;
}

static void prune_all(void)
{
	struct store *store = open_store();
	bool more = true;

	while (more)
		ck_assert(store_prune(store, clk_wall_ms() + MS_PER_DAY, 100000, &more, NULL));
	store_close(store);
}

/* Of "id: N" lines of transitions: from @p first_id on, one by one, up to @p last_id. */
static void expect_ids(struct reader *reader, int64_t first_id, int64_t last_id)
{
	const char *at = reader->text->str;

	for (int64_t id = first_id; id <= last_id; id++) {
		g_autofree char *mark = g_strdup_printf("id: %" PRId64 "\nevent: transition\n", id);

		at = strstr(at, "\nid: ");
		while (at && g_str_has_prefix(strchr(at + 1, '\n'), "\n\n"))
			at = strstr(at + 1, "\nid: "); /* one by itself: no event */
		ck_assert_msg(at && g_str_has_prefix(at + 1, mark), "no %s at %.300s", mark,
			      at ? at : "the end");
		at++;
	}
}

START_TEST(many_pages_are_told_in_order)
{
	struct reader *reader = NULL;
	g_autofree char *mark = NULL;
	int64_t last = 0;

	world_start(world);
	world_cycle(world);
	ck_assert_int_eq(world_stop(world), 0);
	last = add_rows(1000);
	world_start(world);
	reader = reader_open(1, 0);
	mark = g_strdup_printf("{\"id\":%" PRId64 ",", last);
	(void)await(reader, mark);
	expect_ids(reader, 2, last);
	deploy(first);
	(void)await(reader, "\"from\":\"ok\"," DRIFTS);
	ck_assert_ptr_null(strstr(reader->text->str, "event: reset"));
	reader_close(reader);
}
END_TEST

START_TEST(what_was_pruned_is_a_reset)
{
	struct reader *reader = NULL;
	g_autofree char *want = NULL;
	int64_t last = 0;

	world_start(world);
	world_cycle(world);
	ck_assert_int_eq(world_stop(world), 0);
	last = add_rows(10);
	prune_all();
	world_start(world);
	reader = reader_open(1, 0);
	want = g_strdup_printf("event: reset\ndata: {\"last_id\":%" PRId64 "}\n\n", last);
	(void)await(reader, want);
	deploy(first);
	(void)await(reader, DRIFTS); /* and on it goes */
	reader_close(reader);
}
END_TEST

START_TEST(an_id_of_another_database_is_a_reset)
{
	struct reader *reader = NULL;

	world_start(world);
	world_cycle(world);
	reader = reader_open(1000000, 0);
	(void)await(reader, "event: reset\ndata: {\"last_id\":");
	deploy(first);
	(void)await(reader, DRIFTS);
	reader_close(reader);
}
END_TEST

START_TEST(anything_but_an_id_is_refused)
{
	static const char *const headers[] = {"Last-Event-ID: yesterday", NULL};
	g_autoptr(struct_answer) answer = NULL;

	world_start(world);
	answer = world_call(world, "GET", "/events", headers, NULL);
	ck_assert_int_eq(answer->status, 400);
	ck_assert_str_eq(answer_header(answer, "content-type"), "application/problem+json");
}
END_TEST

/* --- who may --- */

START_TEST(a_new_token_ends_what_the_old_one_opened)
{
	struct reader *reader = NULL;
	g_autoptr(struct_answer) refused = NULL;
	g_autofree char *path = world_path(world, "driftd.ini");
	g_autofree char *text = NULL;
	GString *changed = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	changed = g_string_new(text);
	world_start(world);
	world->token = "first-token-of-the-readers";
	reader = reader_begin();
	config_replace(changed, "first-token-of-the-readers", "second-token-of-the-readers");
	world->token = "second-token-of-the-readers";
	world_reload(world, changed->str);
	await_end(reader);
	reader_close(reader);
	world->token = "first-token-of-the-readers";
	refused = world_call(world, "GET", "/events", NULL, NULL);
	ck_assert_int_eq(refused->status, 401);
	world->token = "second-token-of-the-readers";
	reader_close(reader_begin());
	g_string_free(changed, TRUE);
}
END_TEST

static void setup_protected(void)
{
	setup_with("", "[auth]\ntoken = first-token-of-the-readers\nprotect = all\n");
}

/* --- those who do not read, and those who are many --- */

static bool is_alone(void *data)
{
	g_autoptr(struct_answer) metrics = world_get(world, "/metrics");

	(void)data;
	return strstr(metrics->body, "\ndriftd_events_readers 1\n") != NULL;
}

static int64_t resident_bytes(void)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int)world->driftd.pid);
	g_autofree char *text = NULL;
	char *resident = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	resident = strchr(text, ' ');
	return (int64_t)g_ascii_strtoull(resident + 1, NULL, 10) * sysconf(_SC_PAGESIZE);
}

/* One that takes nothing is let go after a while, and costs next to nothing until then; one that
 * only listens hears a beat, and stays. */
START_TEST(one_that_does_not_read_is_dropped_and_one_that_does_is_kept)
{
	struct reader *quiet = NULL, *slow = NULL;
	int64_t before = 0, last = 0, begun_ms = 0;
	size_t from = 0;
	g_autofree char *mark = NULL;

	world_start(world);
	world_cycle(world);
	ck_assert_int_eq(world_stop(world), 0);
	last = add_rows(40000); /* some 6 MB as they are told */
	world_start(world);
	world_cycle(world);
	before = resident_bytes();
	begun_ms = clk_mono_ms();
	slow = reader_open(0, 4096);
	quiet = reader_begin();
	from = quiet->text->len;
	(void)await_behind(quiet, from, ": beat\n\n");
	ck_assert_int_ge(clk_mono_ms() - begun_ms, EVENTS_BEAT_MS - MS_PER_S);
	ck_assert_msg(wait_until(is_alone, NULL, SOON_MS), "it is kept");
	if (!HARNESS_SANITIZED)
		ck_assert_int_lt(resident_bytes() - before, INT64_C(4) * 1024 * 1024);
	await_end(slow);
	mark = g_strdup_printf("{\"id\":%" PRId64 ",", last);
	ck_assert_ptr_null(strstr(slow->text->str, mark));
	deploy(first);
	(void)await_behind(quiet, from, DRIFTS);
	reader_close(slow);
	reader_close(quiet);
}
END_TEST

static void raise_file_limit(void)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* As many as may; one more is told to come again. All others are served as ever, and all readers
 * hear of what happens. */
START_TEST(more_than_may_read_are_told_to_come_again)
{
	g_autoptr(GPtrArray) readers = g_ptr_array_new_with_free_func((GDestroyNotify)reader_close);
	g_autoptr(struct_answer) refused = NULL;
	int64_t begun_ms = 0;

	raise_file_limit();
	world_start(world);
	world_cycle(world);
	for (int i = 0; i < EVENTS_READERS_MAX; i++)
		g_ptr_array_add(readers, reader_open(-1, 0));
	for (guint i = 0; i < readers->len; i++)
		(void)await(readers->pdata[i], "event: snapshot\n");
	refused = world_call(world, "GET", "/events", NULL, NULL);
	ck_assert_int_eq(refused->status, 503);
	ck_assert_str_eq(json_text_at(refused->json, "type"), "/problems/busy");
	ck_assert_ptr_nonnull(answer_header(refused, "retry-after"));
	deploy(first); /* and waits for its check */
	for (guint i = 0; i < readers->len; i++)
		(void)await(readers->pdata[i], DRIFTS);
	begun_ms = clk_mono_ms();
	ck_assert_int_eq(world_stop(world), 0);
	ck_assert_int_lt(clk_mono_ms() - begun_ms, 3000);
	for (guint i = 0; i < readers->len; i++)
		await_end(readers->pdata[i]);
}
END_TEST

Suite *events_suite(void)
{
	Suite *suite = suite_create("events");
	TCase *told = harness_case(suite, "told", setup, teardown, 60);
	TCase *back = harness_case(suite, "coming back", setup, teardown, 60);
	TCase *callers = harness_case(suite, "who may", setup_protected, teardown, 60);
	TCase *many = harness_case(suite, "slow, and many", setup, teardown, 120);

	tcase_add_test(told, a_transition_is_told_at_once_with_what_it_changed);
	tcase_add_test(told, an_unchanged_world_is_no_news);
	tcase_add_test(back, what_was_missed_is_told_as_it_was_told);
	tcase_add_test(back, a_restart_loses_nothing);
	tcase_add_test(back, many_pages_are_told_in_order);
	tcase_add_test(back, what_was_pruned_is_a_reset);
	tcase_add_test(back, an_id_of_another_database_is_a_reset);
	tcase_add_test(back, anything_but_an_id_is_refused);
	tcase_add_test(callers, a_new_token_ends_what_the_old_one_opened);
	tcase_add_test(many, one_that_does_not_read_is_dropped_and_one_that_does_is_kept);
	tcase_add_test(many, more_than_may_read_are_told_to_come_again);
	return suite;
}
