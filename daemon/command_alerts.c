/* command_alerts - incidents, acknowledgements and silences of a running daemon; a test message. */
#include "daemon/commands.h"

#include "alert/delivery.h"
#include "clk.h"
#include "daemon/serve.h"
#include "drift_error.h"
#include "dur.h"
#include "json.h"
#include "timefmt.h"

#include <stdio.h>
#include <string.h>

/** A test message that has not gone out by then will not. */
#define TEST_TIMEOUT_MS (30 * MS_PER_S)

static int refuse_usage(const char *message)
{
	commands_complain(message);
	return EXIT_USAGE;
}

/* --- looking --- */

static int list(const struct options *options, const char *path)
{
	struct client_answer answer = {0};
	g_autofree char *text_path =
		g_strdup_printf("%s%sformat=text", path, strchr(path, '?') ? "&" : "?");

	if (!commands_ask(options, "GET", options->json ? path : text_path, NULL, &answer))
		return EXIT_FAILED;
	if (options->json)
		commands_print_json(answer.body);
	else
		commands_print(answer.body);
	g_free(answer.body);
	return EXIT_OK;
}

int command_incidents(const struct options *options)
{
	g_autofree char *escaped = NULL;
	g_autofree char *path = NULL;

	if (!options->argument)
		return list(options, options->all ? "/incidents?limit=1000"
						  : "/incidents?status=open&status=acknowledged");
	escaped = g_uri_escape_string(options->argument, NULL, FALSE);
	path = g_strconcat("/incidents/", escaped, NULL);
	return list(options, path);
}

int command_silences(const struct options *options)
{
	return list(options, options->all ? "/silences?all=1" : "/silences");
}

int command_notifications(const struct options *options)
{
	return list(options, "/notifications");
}

/* --- changing --- */

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* The open incident of a target: the newest, when it is not over. 0: there is none, which was said. */
static int64_t find_incident(const struct options *options)
{
	g_autofree char *escaped = g_uri_escape_string(options->argument, NULL, FALSE);
	g_autofree char *path =
		g_strdup_printf("/incidents?status=open&status=acknowledged&target=%s", escaped);
	struct client_answer answer = {0};
	json_object *document, *items;
	int64_t id = 0;

	if (!commands_ask(options, "GET", path, NULL, &answer))
		return 0;
	document = json_parse(answer.body, strlen(answer.body), NULL);
	items = json_member_array(document, "items");
	if (items && json_object_array_length(items) > 0) {
		id = json_member_int(json_object_array_get_idx(items, 0), "id", 0);
	} else {
		g_autofree char *text =
			g_strdup_printf("%s has no open incident", options->argument);

		commands_complain(text);
	}
	json_object_put(document);
	g_free(answer.body);
	return id;
}

static int64_t chosen_incident(const struct options *options)
{
	gint64 id = 0;

	if (!is_number(options->argument))
		return find_incident(options);
	if (!g_ascii_string_to_signed(options->argument, 10, 1, G_MAXINT64, &id, NULL))
		commands_complain("there is no incident of that number");
	return id;
}

static char *body_of(json_object *object)
{
	char *text = json_to_text(object, NULL);

	json_object_put(object);
	return text;
}

/* Who asks, where nobody is named: whoever is logged in. */
static void add_who(json_object *object, const struct options *options)
{
	json_add_text(object, "who", options->who ? options->who : g_get_user_name());
}

/* Send, and say in a line what was done. */
static int change(const struct options *options, const char *method, const char *path,
		  const char *body, const char *done)
{
	struct client_answer answer = {0};

	if (!commands_ask(options, method, path, body, &answer))
		return EXIT_FAILED;
	if (options->json)
		commands_print_json(answer.body);
	else
		(void)puts(done);
	g_free(answer.body);
	return EXIT_OK;
}

int command_ack(const struct options *options)
{
	int64_t id = chosen_incident(options);
	json_object *object;
	g_autofree char *path = g_strdup_printf("/incidents/%" PRId64 "/ack", id);
	g_autofree char *done = g_strdup_printf("incident %" PRId64 " acknowledged", id);
	g_autofree char *body = NULL;

	if (id == 0)
		return EXIT_FAILED;
	object = json_object_new_object();
	add_who(object, options);
	if (options->why)
		json_add_text(object, "why", options->why);
	body = body_of(object);
	return change(options, "POST", path, body, done);
}

int command_false_alarm(const struct options *options)
{
	int64_t id = chosen_incident(options);
	g_autofree char *path = g_strdup_printf("/incidents/%" PRId64 "/false-alarm", id);
	g_autofree char *done =
		g_strdup_printf("incident %" PRId64 " %s a false alarm", id,
				options->undo ? "is no longer counted as" : "is counted as");

	if (id == 0)
		return EXIT_FAILED;
	return change(options, "POST", path,
		      options->undo ? "{\"false_alarm\":false}" : "{\"false_alarm\":true}", done);
}

/* --until, or now and --for. */
static bool silence_end(const struct options *options, int64_t *ret_wall_ms, GError **error)
{
	int64_t duration_ms = 0;

	if (options->until)
		return timefmt_parse(options->until, ret_wall_ms, error);
	if (!dur_parse(options->duration, &duration_ms, error))
		return false;
	*ret_wall_ms = clk_wall_ms() + duration_ms;
	return true;
}

static void print_silence(int64_t id, const char *matcher, const char *until)
{
	g_autofree char *line =
		g_strdup_printf("silence %" PRId64 ": %s until %s", id, matcher, until);

	commands_print(line);
}

/* Its number ends it again. */
static int add_silence(const struct options *options, const char *body, const char *until)
{
	struct client_answer answer = {0};
	json_object *silence;

	if (!commands_ask(options, "POST", "/silences", body, &answer))
		return EXIT_FAILED;
	silence = json_parse(answer.body, strlen(answer.body), NULL);
	if (options->json)
		commands_print_json(answer.body);
	else
		print_silence(json_member_int(silence, "id", 0), options->argument, until);
	json_object_put(silence);
	g_free(answer.body);
	return EXIT_OK;
}

int command_silence(const struct options *options)
{
	g_autoptr(GError) error = NULL;
	char until[TIMEFMT_BYTES];
	int64_t until_wall_ms = 0;
	json_object *object;
	g_autofree char *body = NULL;

	if (!options->until == !options->duration)
		return refuse_usage("driftd silence needs its end: --for 2h or --until "
				    "2026-12-01T10:00:00Z, one of them");
	if (!options->why || !*options->why)
		return refuse_usage("driftd silence needs its reason, for those who wonder why "
				    "nothing was told: --why \"migration of billing\"");
	if (!silence_end(options, &until_wall_ms, &error))
		return refuse_usage(error->message);
	object = json_object_new_object();
	json_add_text(object, "matcher", options->argument);
	json_add_text(object, "until", timefmt_utc(until_wall_ms, until));
	add_who(object, options);
	json_add_text(object, "why", options->why);
	body = body_of(object);
	return add_silence(options, body, until);
}

int command_unsilence(const struct options *options)
{
	g_autofree char *escaped = g_uri_escape_string(options->argument, NULL, FALSE);
	g_autofree char *path = g_strconcat("/silences/", escaped, NULL);
	g_autofree char *done = g_strdup_printf("silence %s ended", options->argument);

	return change(options, "DELETE", path, NULL, done);
}

/* --- a test message --- */

struct trial {
	bool ended;
	char *error; /* NULL: sent */
};

static bool on_attempted(void *data, const struct delivery_attempt *attempt)
{
	struct trial *trial = data;

	trial->ended = true;
	g_free(trial->error);
	trial->error = g_strdup(attempt->error);
	return true;
}

static bool refuse_change(void *data, const struct outgoing *outgoing, const char *from)
{
	(void)data;
	(void)outgoing;
	(void)from;
	return false; /* one message is neither folded nor moved */
}

static bool refuse_fold(void *data, const struct outgoing *carrier, const GPtrArray *folded)
{
	(void)data;
	(void)carrier;
	(void)folded;
	return false;
}

static GPtrArray *no_items(void *data, const char *channel)
{
	(void)data;
	(void)channel;
	return g_ptr_array_new();
}

static int64_t no_issue(void *data, const char *channel, const char *target)
{
	(void)data;
	(void)channel;
	(void)target;
	return 0;
}

/* KIND/NAME, or a name alone: the first that has it. NULL: there is none. */
static const struct config_channel *find_channel(const struct config *config, const char *name)
{
	const struct config_channel *found = config_find_channel(config, name);

	for (guint i = 0; !found && i < config->channels->len; i++) {
		const struct config_channel *channel = config->channels->pdata[i];

		if (strcmp(channel->name, name) == 0)
			found = channel;
	}
	return found;
}

static const struct config_channel *choose_channel(const struct config *config, const char *name)
{
	const struct config_channel *channel = find_channel(config, name);
	GString *text;

	if (channel)
		return channel;
	text = g_string_new(NULL);
	g_string_printf(text, "there is no channel %s; there %s", name,
			config->channels->len > 0 ? "are:" : "is none");
	for (guint i = 0; i < config->channels->len; i++)
		g_string_append_printf(
			text, " %s",
			((const struct config_channel *)config->channels->pdata[i])->id);
	commands_complain(text->str);
	g_string_free(text, TRUE);
	return NULL;
}

/* By itself, not through the outbox: what is tried is the way there. */
static void send_test(struct http_client *http, struct config *config, const char *channel,
		      struct trial *trial)
{
	struct delivery_hooks hooks = {.attempted = on_attempted,
				       .folded = refuse_fold,
				       .moved = refuse_change,
				       .live = no_items,
				       .issue = no_issue,
				       .data = trial};
	struct delivery *delivery = delivery_create(http, &hooks);
	struct outgoing *outgoing = outgoing_create();
	int64_t end_mono_ms = clk_mono_ms() + TEST_TIMEOUT_MS;

	delivery_set_config(delivery, config);
	outgoing->channel = g_strdup(channel);
	outgoing->created_wall_ms = clk_wall_ms();
	outgoing->state = DELIVERY_STATE_WAITING;
	outgoing->notice = notice_create(NOTICE_KIND_TEST, outgoing->created_wall_ms);
	delivery_add(delivery, outgoing);
	while (!trial->ended && clk_mono_ms() < end_mono_ms) {
		delivery_run(delivery);
		http_client_poll(http, 100, -1);
	}
	delivery_free(delivery);
}

/* What became of it, and the exit status that says so. */
static int tell_trial(const struct options *options, const char *channel, const struct trial *trial)
{
	bool sent = trial->ended && !trial->error;
	const char *error = trial->ended ? trial->error : "the channel did not answer in time";
	json_object *object = json_object_new_object();
	g_autofree char *json = NULL;

	json_add_text(object, "channel", channel);
	json_add_bool(object, "sent", sent);
	json_add_text(object, "error", error);
	json = body_of(object);
	if (options->json)
		(void)puts(json);
	else if (sent)
		(void)printf("%s took the test message\n", channel);
	else
		commands_complain(error);
	return sent ? EXIT_OK : EXIT_FAILED;
}

int command_test_alert(const struct options *options)
{
	g_autoptr(struct_config) loaded = commands_load_config(options->config);
	const struct config_channel *channel;
	g_autoptr(GError) error = NULL;
	struct http_client *http;
	struct trial trial = {0};
	int status;

	if (!loaded)
		return EXIT_CONFIG;
	channel = choose_channel(loaded, options->argument);
	http = channel ? http_client_create(1, &error) : NULL;
	if (!http) {
		if (error)
			commands_complain(error->message);
		return EXIT_FAILED;
	}
	send_test(http, loaded, channel->id, &trial);
	http_client_free(http);
	status = tell_trial(options, channel->id, &trial);
	g_free(trial.error);
	return status;
}
