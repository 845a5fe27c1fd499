/* commands - asking a running daemon: status, drift, gate; version. */
#include "daemon/commands.h"

#include "daemon/client.h"
#include "daemon/serve.h"
#include "eval/verdict.h"
#include "json.h"
#include "text.h"
#include "version.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** A daemon answers from memory: longer means that it is not well. */
#define ASK_TIMEOUT_MS (10 * MS_PER_S)

void commands_complain(const char *message)
{
	g_autofree char *safe = text_escape_terminal(message);

	(void)fprintf(stderr, "driftd: %s\n", safe);
}

struct config *commands_load_config(const char *path)
{
	struct config *config = NULL;
	GPtrArray *problems = NULL;
	g_autofree char *text = NULL;

	if (config_load(path, &config, &problems))
		return config;
	text = config_problems_text(problems);
	(void)fputs(text, stderr);
	g_ptr_array_unref(problems);
	return NULL;
}

static const char *colour_of(enum state state)
{
	switch (state) {
	case STATE_OK:
		return "32";
	case STATE_PENDING:
		return "33";
	case STATE_UNKNOWN:
		return "35";
	case STATE_DRIFT:
		return "31;1";
	case STATE_PAUSED:
		return "2";
	case STATE_NONE:
		break;
	}
	return NULL;
}

static void print_line(const char *line, bool colour)
{
	size_t word = strcspn(line, " ");
	g_autofree char *first = g_strndup(line, word);
	const char *sgr = colour ? colour_of(state_from_text(first)) : NULL;

	if (sgr)
		(void)printf("\033[%sm%s\033[0m%s", sgr, first, line + word);
	else
		(void)fputs(line, stdout);
}

void commands_print(const char *text)
{
	bool colour = isatty(STDOUT_FILENO) && !g_getenv("NO_COLOR");
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (size_t i = 0; lines[i]; i++) {
		g_autofree char *safe = text_escape_terminal(lines[i]);

		print_line(safe, colour);
		if (lines[i + 1])
			(void)putchar('\n');
	}
	if (!g_str_has_suffix(text, "\n"))
		(void)putchar('\n');
}

void commands_print_json(const char *body)
{
	g_auto(GStrv) lines = g_strsplit(body, "\n", -1);

	for (size_t i = 0; lines[i]; i++) {
		g_autofree char *safe = text_escape_terminal(lines[i]);

		(void)puts(safe);
	}
}

int commands_exit_status(const char *overall)
{
	switch (state_from_text(overall ? overall : "")) {
	case STATE_OK:
	case STATE_PENDING:
	case STATE_PAUSED:
		return EXIT_OK;
	case STATE_DRIFT:
		return EXIT_DRIFT;
	case STATE_UNKNOWN:
	case STATE_NONE:
		break;
	}
	return EXIT_FAILED;
}

/* The answer of a problem+json, for people. */
static void complain_problem(const struct client_answer *answer)
{
	json_object *problem = json_parse(answer->body, strlen(answer->body), NULL);
	g_autofree char *text = g_strdup_printf("driftd answered %d: %s", answer->status,
						json_member_text(problem, "detail", "no details"));

	commands_complain(text);
	json_object_put(problem);
}

/* False, and said, when nobody answered. */
static bool put_question(const struct options *options, const struct client_question *question,
			 struct client_answer *ret_answer)
{
	struct client_place place = {.url = options->url};
	g_autoptr(GError) error = NULL;

	if (client_ask(&place, question, ASK_TIMEOUT_MS, ret_answer, &error))
		return true;
	commands_complain(error->message);
	return false;
}

static bool ask(const struct options *options, const char *path, struct client_answer *ret_answer)
{
	struct client_question question = {.method = "GET", .path = path};

	return put_question(options, &question, ret_answer);
}

bool commands_ask(const struct options *options, const char *method, const char *path,
		  const char *body, struct client_answer *ret_answer)
{
	struct client_question question = {.method = method, .path = path, .body = body};
	struct client_answer answer = {0};

	if (!put_question(options, &question, &answer))
		return false;
	if (answer.status >= 200 && answer.status < 300) {
		*ret_answer = answer;
		return true;
	}
	complain_problem(&answer);
	g_free(answer.body);
	return false;
}

/* The state that decides the exit status; NULL when the body has none. Caller frees. */
static char *state_in(const char *body, const char *member)
{
	json_object *document = json_parse(body, strlen(body), NULL);
	char *state = g_strdup(json_member_text(document, member, NULL));

	json_object_put(document);
	return state;
}

/* Print @p path as JSON, or its text form; the exit status follows from @p member of the JSON. */
static int show(const struct options *options, const char *path, const char *member)
{
	g_autofree char *text_path =
		g_strdup_printf("%s%sformat=text", path, strchr(path, '?') ? "&" : "?");
	struct client_answer json = {0}, text = {0};
	g_autofree char *state = NULL;
	int status = EXIT_FAILED;

	if (!ask(options, path, &json))
		return EXIT_FAILED;
	if (json.status != 200) {
		complain_problem(&json);
	} else if (options->json) {
		commands_print_json(json.body);
	} else if (ask(options, text_path, &text)) {
		commands_print(text.body);
	}
	if (json.status == 200 && (options->json || text.status == 200)) {
		state = state_in(json.body, member);
		status = commands_exit_status(state);
	}
	g_free(json.body);
	g_free(text.body);
	return status;
}

int command_status(const struct options *options)
{
	return show(options, "/status", "overall");
}

int command_drift(const struct options *options)
{
	g_autofree char *path = NULL;
	g_autofree char *escaped = NULL;

	if (!options->argument)
		return show(options, options->all ? "/drift?all=1&limit=1000" : "/drift?limit=1000",
			    "overall");
	escaped = g_uri_escape_string(options->argument, "/", FALSE);
	path = g_strconcat("/drift/", escaped, NULL);
	return show(options, path, "state");
}

static char *gate_path(const struct options *options)
{
	GString *path = g_string_new("/gate");
	char separator = '?';

	for (guint i = 0; i < options->selectors->len; i++) {
		const char *selector = options->selectors->pdata[i];
		const char *value = strchr(selector, '=') + 1;
		g_autofree char *escaped = g_uri_escape_string(value, "/", FALSE);

		g_string_append_printf(path, "%c%.*s%s", separator, (int)(value - selector),
				       selector, escaped);
		separator = '&';
	}
	if (options->strict) {
		g_string_append_printf(path, "%cstrict=1", separator);
		separator = '&';
	}
	if (options->allow_unknown)
		g_string_append_printf(path, "%callow-unknown=1", separator);
	return g_string_free(path, FALSE);
}

/* Why a gate is closed: drift weighs more than not knowing. */
static int gate_exit_status(json_object *gate)
{
	json_object *failing = json_member_array(gate, "failing");
	int status = EXIT_FAILED;

	for (size_t i = 0; failing && i < json_object_array_length(failing); i++) {
		const char *state =
			json_member_text(json_object_array_get_idx(failing, i), "state", "");

		if (state_from_text(state) == STATE_DRIFT ||
		    state_from_text(state) == STATE_PENDING)
			status = EXIT_DRIFT;
	}
	return status;
}

static void print_gate(json_object *gate)
{
	json_object *failing = json_member_array(gate, "failing");

	if (json_member_bool(gate, "pass", false)) {
		(void)printf("pass: %" PRId64 " selected\n", json_member_int(gate, "selected", 0));
		return;
	}
	for (size_t i = 0; failing && i < json_object_array_length(failing); i++) {
		json_object *item = json_object_array_get_idx(failing, i);
		g_autofree char *line = g_strdup_printf(
			"%-8s %s  %s", json_member_text(item, "state", "unknown"),
			json_member_text(item, "id", "?"), json_member_text(item, "summary", ""));
		g_autofree char *safe = text_escape_terminal(line);

		commands_print(safe);
	}
}

int command_gate(const struct options *options)
{
	g_autofree char *path = gate_path(options);
	struct client_answer answer = {0};
	json_object *gate;
	int status = EXIT_FAILED;

	if (!ask(options, path, &answer))
		return EXIT_FAILED;
	gate = json_parse(answer.body, strlen(answer.body), NULL);
	if (!gate || (answer.status != 200 && answer.status != 409)) {
		complain_problem(&answer);
	} else {
		if (options->json)
			commands_print_json(answer.body);
		else
			print_gate(gate);
		if (json_member_bool(gate, "pass", false) && answer.status == 200)
			status = EXIT_OK;
		else
			status = gate_exit_status(gate);
	}
	json_object_put(gate);
	g_free(answer.body);
	return status;
}

int command_version(const struct options *options)
{
	if (options->json)
		(void)printf(
			"{\"name\":\"driftd\",\"version\":\"%s\",\"commit\":\"%s\",\"dirty\":%s}\n",
			version_number, version_commit, version_dirty ? "true" : "false");
	else
		(void)printf("driftd %s (%s%s)\n", version_number,
			     *version_commit ? version_commit : "no commit known",
			     version_dirty ? ", dirty" : "");
	return EXIT_OK;
}
