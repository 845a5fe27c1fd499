/* delivery_lab - see delivery_lab.h */
#include "tests/unit/delivery_lab.h"

#include "clk.h"
#include "log.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct dlab dlab;

/* --- the server --- */

static pthread_mutex_t script_lock = PTHREAD_MUTEX_INITIALIZER; /* of the two below */
static GHashTable *scripts;                                     /* path -> GQueue of char * */
static GPtrArray *seen;                                         /* char *: "PATH BODY" */

static void free_words(void *data)
{
	g_queue_free_full(data, g_free);
}

void dlab_script(const char *path, const char *words)
{
	g_auto(GStrv) list = g_strsplit(words, " ", -1);
	GQueue *queue = g_queue_new();

	for (char **at = list; *at; at++)
		g_queue_push_tail(queue, g_strdup(*at));
	(void)pthread_mutex_lock(&script_lock);
	g_hash_table_replace(scripts, g_strdup(path), queue);
	(void)pthread_mutex_unlock(&script_lock);
}

/* The next word for @p path. Caller frees. */
static char *take_word(const char *path, const char *body)
{
	char *word = NULL;
	GHashTableIter iter;
	gpointer key = NULL;
	gpointer value = NULL;

	(void)pthread_mutex_lock(&script_lock);
	g_ptr_array_add(seen, g_strconcat(path, " ", body, NULL));
	g_hash_table_iter_init(&iter, scripts);
	while (!word && g_hash_table_iter_next(&iter, &key, &value)) {
		GQueue *queue = value;

		if (!g_str_has_prefix(path, key))
			continue;
		word = queue->length > 1 ? g_queue_pop_head(queue)
					 : g_strdup(g_queue_peek_head(queue));
	}
	(void)pthread_mutex_unlock(&script_lock);
	return word ? word : g_strdup("200");
}

static bool reset_connection(const struct web_request *request)
{
	struct linger hard = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(request->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	(void)dup2(request->web->stop_fd, request->fd); /* closes the socket, keeps its number */
	return false;
}

static bool reply_word(const struct web_request *request, const char *word)
{
	const char *retry = strchr(word, '/');
	const char *equals = strchr(word, '=');
	g_autofree char *digits = g_strndup(word, strcspn(word, "/="));
	g_autofree char *text = g_strdup(equals ? equals + 1 : "ok");
	g_autofree char *header =
		retry && !equals ? g_strdup_printf("Retry-After: %s\r\n", retry + 1) : g_strdup("");
	guint64 status = 0;

	ck_assert(g_ascii_string_to_unsigned(digits, 10, 100, 999, &status, NULL));
	/* no spaces in scripts */
	(void)g_strdelimit(header + strlen(*header ? "Retry-After: " : ""), "_", ' ');
	return web_reply(request, (int)status, header, text);
}

static bool handle(const struct web_request *request)
{
	g_autofree char *word = take_word(request->path, request->body);
	g_autofree char *huge = NULL;

	if (strcmp(word, "hang") == 0)
		return !web_wait(request, -1);
	if (strcmp(word, "reset") == 0)
		return reset_connection(request);
	if (strcmp(word, "huge") != 0)
		return reply_word(request, word);
	huge = g_strnfill((gsize)100 * 1024, 'x');
	return web_reply(request, 200, "", huge);
}

/* "3+4" of a body: each number once, in the order they come. */
static void append_numbers(GString *text, const char *body)
{
	g_autoptr(GRegex) regex = g_regex_new("service/m([0-9]+)", G_REGEX_RAW, 0, NULL);
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	const char *separator = "";

	for (g_regex_match(regex, body, 0, &match); g_match_info_matches(match);
	     g_match_info_next(match, NULL)) {
		char *number = g_match_info_fetch(match, 1);

		if (!g_hash_table_contains(known, number)) {
			g_string_append_printf(text, "%s%s", separator, number);
			separator = "+";
		}
		(void)g_hash_table_add(known, number); /* new or not */
	}
}

char *dlab_seen(const char *path)
{
	GString *text = g_string_new(NULL);

	(void)pthread_mutex_lock(&script_lock);
	for (guint i = 0; i < seen->len; i++) {
		const char *body = strchr(seen->pdata[i], ' ') + 1;

		if (!g_str_has_prefix(seen->pdata[i], path))
			continue;
		g_string_append(text, text->len > 0 ? " " : "");
		append_numbers(text, body);
		if (g_str_has_prefix(path, "/slack") && !strstr(body, "\"blocks\""))
			g_string_append_c(text, '!');
	}
	(void)pthread_mutex_unlock(&script_lock);
	return g_string_free(text, FALSE);
}

void dlab_expect_seen(const char *path, const char *want)
{
	g_autofree char *got = dlab_seen(path);

	ck_assert_str_eq(got, want);
}

guint dlab_count(const char *path)
{
	guint count = 0;

	(void)pthread_mutex_lock(&script_lock);
	for (guint i = 0; i < seen->len; i++)
		count += g_str_has_prefix(seen->pdata[i], path) ? 1 : 0;
	(void)pthread_mutex_unlock(&script_lock);
	return count;
}

char *dlab_last_body(void)
{
	char *body = NULL;

	(void)pthread_mutex_lock(&script_lock);
	if (seen->len > 0)
		body = g_strdup(strchr(seen->pdata[seen->len - 1], ' ') + 1);
	(void)pthread_mutex_unlock(&script_lock);
	return body;
}

/* --- the owner --- */

static bool written(void)
{
	if (dlab.refuse == 0)
		return true;
	dlab.refuse--;
	return false;
}

static bool on_attempted(void *data, const struct delivery_attempt *attempt)
{
	struct dlab_attempt *copy = g_new0(struct dlab_attempt, 1);

	ck_assert_ptr_eq(data, &dlab);
	copy->id = attempt->outgoing->id;
	copy->state = attempt->outgoing->state;
	copy->attempts = attempt->outgoing->attempts;
	copy->next_wall_ms = attempt->outgoing->next_wall_ms;
	copy->at_wall_ms = attempt->at_wall_ms;
	copy->status = attempt->status;
	copy->plain = attempt->outgoing->plain;
	copy->channel = g_strdup(attempt->outgoing->channel);
	copy->error = g_strdup(attempt->error);
	copy->issue = attempt->issue;
	copy->requests = dlab_count("/");
	ck_assert_msg((attempt->error == NULL) == (copy->state == DELIVERY_STATE_SENT), "%s",
		      attempt->error ? attempt->error : "no error");
	g_ptr_array_add(dlab.attempts, copy);
	return written();
}

static bool on_folded(void *data, const struct outgoing *carrier, const GPtrArray *folded)
{
	GString *text = g_string_new(NULL);

	ck_assert_ptr_eq(data, &dlab);
	ck_assert_int_eq(carrier->state, DELIVERY_STATE_WAITING);
	ck_assert_int_gt(carrier->notice->folded, 1);
	g_string_append_printf(text, "%" PRId64 " <-", carrier->id);
	for (guint i = 0; i < folded->len; i++) {
		const struct outgoing *outgoing = folded->pdata[i];

		ck_assert_int_eq(outgoing->state, DELIVERY_STATE_FOLDED);
		ck_assert_int_eq(outgoing->folded_into, carrier->id);
		g_string_append_printf(text, " %" PRId64, outgoing->id);
	}
	g_ptr_array_add(dlab.folds, g_string_free(text, FALSE));
	return written();
}

static bool on_moved(void *data, const struct outgoing *outgoing, const char *from)
{
	ck_assert_ptr_eq(data, &dlab);
	ck_assert_str_ne(from, outgoing->channel);
	g_ptr_array_add(dlab.moves,
			g_strdup_printf("%" PRId64 " %s", outgoing->id, outgoing->channel));
	return written();
}

static void free_item(void *data)
{
	notice_item_free(data);
}

static struct notice_item *make_item(int64_t number, int64_t incident)
{
	struct notice_item *item = notice_item_create();

	item->kind = NOTICE_KIND_FIRING;
	item->incident = incident;
	item->target = g_strdup_printf("service/m%" PRId64, number);
	item->priority = PRIORITY_P1;
	item->owner = g_strdup("ml");
	item->cause = INCIDENT_CAUSE_DRIFT;
	item->status = INCIDENT_STATUS_OPEN;
	item->state = STATE_DRIFT;
	item->summary = g_strdup("3 commits behind");
	item->opened_wall_ms = LAB_WALL_MS - MS_PER_HOUR;
	return item;
}

static GPtrArray *on_live(void *data, const char *channel)
{
	GPtrArray *items = g_ptr_array_new_with_free_func(free_item);

	ck_assert_ptr_eq(data, &dlab);
	ck_assert(g_str_has_prefix(channel, "alertmanager/"));
	for (guint i = 0; i < dlab.live->len; i++)
		g_ptr_array_add(items, make_item(GPOINTER_TO_INT(dlab.live->pdata[i]),
						 GPOINTER_TO_INT(dlab.live->pdata[i])));
	return items;
}

static int64_t on_issue(void *data, const char *channel, const char *target)
{
	ck_assert_ptr_eq(data, &dlab);
	ck_assert(g_str_has_prefix(channel, "github/"));
	ck_assert(g_str_has_prefix(target, "service/m"));
	return dlab.issue;
}

static const struct delivery_hooks hooks = {
	.attempted = on_attempted,
	.folded = on_folded,
	.moved = on_moved,
	.live = on_live,
	.issue = on_issue,
	.data = &dlab,
};

static void free_attempt(void *data)
{
	struct dlab_attempt *attempt = data;

	g_free(attempt->channel);
	g_free(attempt->error);
	g_free(attempt);
}

/* --- configurations, made by hand: their last reference stays here --- */

static void free_channel(void *data)
{
	struct config_channel *channel = data;

	g_free(channel->id);
	g_free(channel->name);
	g_free((void *)channel->routes); /* matchers are the test's */
	g_free(channel->url);
	g_free(channel->repository);
	g_free(channel->token);
	g_free(channel->label);
	g_free(channel);
}

static void free_config(void *data)
{
	struct config *config = data;

	ck_assert_int_eq(config->more_refs, 0);
	g_ptr_array_unref(config->channels);
	g_free(config->driftd.timezone);
	g_free(config);
}

static enum channel_kind kind_of(const char *id)
{
	for (enum channel_kind kind = CHANNEL_KIND_SLACK; kind < CHANNEL_KIND_COUNT; kind++)
		if (g_str_has_prefix(id, channel_kind_text(kind)))
			return kind;
	ck_abort_msg("%s", id);
}

static struct config_channel *make_channel(const char *id)
{
	struct config_channel *channel = g_new0(struct config_channel, 1);

	channel->id = g_strdup(id);
	channel->kind = kind_of(id);
	channel->name = g_strdup(strchr(id, '/') + 1);
	channel->routes = g_new0(struct matcher *, 2);
	channel->url = g_strdup_printf("%s/%s", dlab.web->origin, id);
	if (channel->kind == CHANNEL_KIND_GITHUB) {
		channel->repository = g_strdup("o/r");
		channel->token = g_strdup("ghp_0123456789");
		channel->label = g_strdup("drift");
	}
	return channel;
}

struct config *dlab_config(const char *ids)
{
	struct config *config = g_new0(struct config, 1);
	g_auto(GStrv) list = g_strsplit(ids, " ", -1);

	config->channels = g_ptr_array_new_with_free_func(free_channel);
	config->driftd.request_timeout_ms = 10 * MS_PER_S;
	config->driftd.timezone = g_strdup("UTC");
	for (char **at = list; *at && **at; at++)
		g_ptr_array_add(config->channels, make_channel(*at));
	g_ptr_array_add(dlab.configs, config);
	return config;
}

struct config_channel *dlab_channel(const struct config *config, const char *id)
{
	for (guint i = 0; i < config->channels->len; i++) {
		struct config_channel *channel = config->channels->pdata[i];

		if (strcmp(channel->id, id) == 0)
			return channel;
	}
	ck_abort_msg("no %s", id);
}

void dlab_set_path(struct config *config, const char *id, const char *path)
{
	struct config_channel *channel = dlab_channel(config, id);

	g_free(channel->url);
	channel->url = g_strconcat(dlab.web->origin, path, NULL);
}

void dlab_use(struct config *config)
{
	delivery_set_config(dlab.delivery, config);
}

/* --- messages and time --- */

struct outgoing *dlab_message(const char *channel, int64_t id, int64_t incident)
{
	struct outgoing *outgoing = outgoing_create();

	outgoing->id = id;
	outgoing->channel = g_strdup(channel);
	outgoing->created_wall_ms = clk_wall_ms();
	outgoing->notice = notice_create(NOTICE_KIND_NONE, clk_wall_ms());
	notice_add(outgoing->notice, make_item(id, incident));
	return outgoing;
}

void dlab_add(const char *channel, int64_t id, int64_t incident)
{
	delivery_add(dlab.delivery, dlab_message(channel, id, incident));
}

void dlab_add_many(const char *channel, int64_t first, int64_t last)
{
	for (int64_t id = first; id <= last; id++)
		dlab_add(channel, id, id);
}

static int64_t real_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

static void step(void)
{
	if (delivery_due_mono_ms(dlab.delivery) <= clk_mono_ms())
		delivery_run(dlab.delivery);
	http_client_poll(dlab.http, 1, -1);
}

void dlab_settle(void)
{
	int64_t end_ms = real_ms() + LAB_PATIENCE_MS;

	do {
		step();
		ck_assert_msg(real_ms() < end_ms, "never done");
	} while (http_client_pending(dlab.http) > 0 ||
		 delivery_due_mono_ms(dlab.delivery) <= clk_mono_ms());
}

void dlab_await(const char *path, guint count)
{
	int64_t end_ms = real_ms() + LAB_PATIENCE_MS;

	while (dlab_count(path) < count) {
		step();
		ck_assert_msg(real_ms() < end_ms, "%u of %u at %s", dlab_count(path), count, path);
	}
}

void dlab_idle(int rounds)
{
	for (int i = 0; i < rounds; i++)
		step();
}

void dlab_advance(int64_t ms)
{
	clk_set_fake(clk_mono_ms() + ms, clk_wall_ms() + ms);
}

int64_t dlab_due_ms(void)
{
	int64_t due_mono_ms = delivery_due_mono_ms(dlab.delivery);

	return due_mono_ms == INT64_MAX ? INT64_MAX : due_mono_ms - clk_mono_ms();
}

int64_t dlab_drain(int64_t limit_ms)
{
	int64_t gone_ms = 0;

	dlab_settle();
	while (delivery_waiting(dlab.delivery) > 0 && dlab_due_ms() <= limit_ms - gone_ms) {
		int64_t due_ms = dlab_due_ms();

		ck_assert_int_gt(due_ms, 0);
		dlab_advance(due_ms);
		gone_ms += due_ms;
		dlab_settle();
	}
	return gone_ms;
}

const struct dlab_attempt *dlab_attempt_at(int index)
{
	guint at = index < 0 ? dlab.attempts->len - (guint)-index : (guint)index;

	ck_assert_msg(at < dlab.attempts->len, "no attempt %d of %u", index, dlab.attempts->len);
	return dlab.attempts->pdata[at];
}

struct channel_status *dlab_status(const char *id)
{
	g_autoptr(GPtrArray) all = delivery_channels(dlab.delivery);

	for (guint i = 0; i < all->len; i++)
		if (strcmp(((struct channel_status *)all->pdata[i])->id, id) == 0)
			return channel_status_copy(all->pdata[i]);
	ck_abort_msg("no %s", id);
}

/* --- set up --- */

static void set_up(void)
{
	g_autoptr(GError) error = NULL;

	g_unsetenv("http_proxy");
	g_unsetenv("all_proxy");
	g_unsetenv("ALL_PROXY");
	log_set_level(LOG_LEVEL_ERROR);
	clk_set_fake(LAB_MONO_MS, LAB_WALL_MS);
	scripts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_words);
	seen = g_ptr_array_new_with_free_func(g_free);
	dlab = (struct dlab){0};
	dlab.web = web_start(handle);
	dlab.http = http_client_create(16, &error);
	ck_assert_msg(dlab.http, "%s", error ? error->message : "");
	dlab.configs = g_ptr_array_new_with_free_func(free_config);
	dlab.attempts = g_ptr_array_new_with_free_func(free_attempt);
	dlab.folds = g_ptr_array_new_with_free_func(g_free);
	dlab.moves = g_ptr_array_new_with_free_func(g_free);
	dlab.live = g_ptr_array_new();
	dlab.delivery = delivery_create(dlab.http, &hooks);
}

static void tear_down(void)
{
	delivery_free(dlab.delivery);
	http_client_free(dlab.http);
	web_stop(dlab.web);
	clk_clear_fake();
	g_ptr_array_unref(dlab.configs);
	g_ptr_array_unref(dlab.attempts);
	g_ptr_array_unref(dlab.folds);
	g_ptr_array_unref(dlab.moves);
	g_ptr_array_unref(dlab.live);
	g_hash_table_unref(scripts);
	g_ptr_array_unref(seen);
}

TCase *dlab_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}
