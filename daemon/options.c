/* options - see options.h */
#include "daemon/options.h"

#include "drift_error.h"
#include "text.h"

#include <getopt.h>
#include <string.h>

const char options_help[] =
	"usage: driftd [serve] -c FILE                  run the daemon\n"
	"       driftd check -c FILE [--json] [--notify]\n"
	"                                               run one check; asks the running daemon if "
	"there is one;\n"
	"                                               alone it tells nobody, unless --notify\n"
	"       driftd config -c FILE [--against-repo]  check the configuration and print what is "
	"in force\n"
	"       driftd status [--url URL] [--json]      how everything stands\n"
	"       driftd drift [TARGET] [--all] [--json]  what is not ok, worst first; or one target "
	"in full\n"
	"       driftd gate [--target ID]... [--kind KIND]... [--priority P]... [--strict] "
	"[--allow-unknown]\n"
	"                                               may a pipeline go on?\n"
	"       driftd affected -c FILE [--staged | BASE..HEAD] [--repo NAME] [--json]\n"
	"                                               which services a change will make stale\n"
	"       driftd affected -c FILE --install-hook  say so before every commit of this "
	"checkout\n"
	"       driftd snapshot -c FILE inventory/NAME [--stdout]\n"
	"                                               write the expect-file from what is "
	"there\n"
	"       driftd incidents [N | summary] [--all] [--json]\n"
	"                                               what is open; one incident; figures of "
	"7, 30 and 90 days\n"
	"       driftd ack N|TARGET [--who NAME] [--why TEXT] [--json]\n"
	"                                               somebody looks after it: no more "
	"reminders\n"
	"       driftd false-alarm N [--undo]           count an incident as a false alarm\n"
	"       driftd silence MATCHER --for DURATION|--until TIME --why TEXT [--who NAME]\n"
	"                                               no messages about what matches: a target "
	"with *,\n"
	"                                               priority=P1, owner=NAME, kind=KIND\n"
	"       driftd silences [--all] [--json]        silences and maintenance windows\n"
	"       driftd unsilence N                      end a silence\n"
	"       driftd notifications [--json]           messages sent, waiting and given up\n"
	"       driftd test-alert -c FILE CHANNEL [--json]\n"
	"                                               send one message to slack/NAME, "
	"webhook/NAME …\n"
	"       driftd version | help\n"
	"\n"
	"A running daemon is asked at --url, else $DRIFTD_URL, else http://127.0.0.1:8080, with "
	"the token in\n"
	"$DRIFTD_TOKEN where it wants one.\n"
	"Exit status: 0 all ok, pending or paused; 1 drift; 2 could not tell, or failed; 64 wrong "
	"usage;\n"
	"78 wrong configuration. See driftd(8).\n";

static const struct {
	const char *name;
	enum command command;
	const char *letters; /* of the options it takes, see LONG_OPTIONS */
	int arguments;       /* at most */
	const char *needs;   /* the argument that it cannot do without; NULL: none */
} commands[] = {
	{"serve", COMMAND_SERVE, "c", 0, NULL},
	{"check", COMMAND_CHECK, "cjn", 0, NULL},
	{"config", COMMAND_CONFIG, "cjr", 0, NULL},
	{"status", COMMAND_STATUS, "uj", 0, NULL},
	{"drift", COMMAND_DRIFT, "uja", 1, NULL},
	{"gate", COMMAND_GATE, "ujtkpSU", 0, NULL},
	{"affected", COMMAND_AFFECTED, "cjsiR", 1, NULL},
	{"snapshot", COMMAND_SNAPSHOT, "co", 1, "inventory/NAME"},
	{"incidents", COMMAND_INCIDENTS, "uja", 1, NULL},
	{"ack", COMMAND_ACK, "ujwy", 1, "an incident's number or a target"},
	{"false-alarm", COMMAND_FALSE_ALARM, "ujd", 1, "an incident's number"},
	{"silences", COMMAND_SILENCES, "uja", 0, NULL},
	{"silence", COMMAND_SILENCE, "ujwyfl", 1,
	 "a target with *, priority=P1, owner=NAME or kind=KIND"},
	{"unsilence", COMMAND_UNSILENCE, "uj", 1, "a silence's number"},
	{"notifications", COMMAND_NOTIFICATIONS, "uj", 0, NULL},
	{"test-alert", COMMAND_TEST_ALERT, "cj", 1, "a channel, as slack/NAME, or its NAME"},
	{"version", COMMAND_VERSION, "j", 0, NULL},
	{"help", COMMAND_HELP, "", 0, NULL},
};

static const struct option LONG_OPTIONS[] = {
	{"config", required_argument, NULL, 'c'}, {"json", no_argument, NULL, 'j'},
	{"url", required_argument, NULL, 'u'},    {"all", no_argument, NULL, 'a'},
	{"against-repo", no_argument, NULL, 'r'}, {"staged", no_argument, NULL, 's'},
	{"install-hook", no_argument, NULL, 'i'}, {"repo", required_argument, NULL, 'R'},
	{"stdout", no_argument, NULL, 'o'},       {"target", required_argument, NULL, 't'},
	{"kind", required_argument, NULL, 'k'},   {"priority", required_argument, NULL, 'p'},
	{"strict", no_argument, NULL, 'S'},       {"allow-unknown", no_argument, NULL, 'U'},
	{"notify", no_argument, NULL, 'n'},       {"undo", no_argument, NULL, 'd'},
	{"who", required_argument, NULL, 'w'},    {"why", required_argument, NULL, 'y'},
	{"for", required_argument, NULL, 'f'},    {"until", required_argument, NULL, 'l'},
	{"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

static int find_command(const char *word)
{
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(commands[i].name, word) == 0)
			return (int)i;
	return -1;
}

static bool fail_unknown_command(const char *word, GError **error)
{
	const char *names[G_N_ELEMENTS(commands) + 1] = {0};
	const char *near;

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		names[i] = commands[i].name;
	near = text_nearest(word, names);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "unknown command \"%s\"%s%s%s; see driftd help", word,
		    near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return false;
}

static void add_selector(struct options *options, const char *name, const char *value)
{
	g_ptr_array_add(options->selectors, g_strdup_printf("%s=%s", name, value));
}

static void take_option(struct options *options, int letter)
{
	switch (letter) {
	case 'c':
		options->config = optarg;
		break;
	case 'j':
		options->json = true;
		break;
	case 'u':
		options->url = optarg;
		break;
	case 'a':
		options->all = true;
		break;
	case 'r':
		options->against_repo = true;
		break;
	case 's':
		options->staged = true;
		break;
	case 'i':
		options->install_hook = true;
		break;
	case 'o':
		options->to_stdout = true;
		break;
	case 'R':
		options->repo = optarg;
		break;
	case 't':
		add_selector(options, "target", optarg);
		break;
	case 'k':
		add_selector(options, "kind", optarg);
		break;
	case 'p':
		add_selector(options, "priority", optarg);
		break;
	case 'S':
		options->strict = true;
		break;
	case 'U':
		options->allow_unknown = true;
		break;
	case 'n':
		options->notify = true;
		break;
	case 'd':
		options->undo = true;
		break;
	case 'w':
		options->who = optarg;
		break;
	case 'y':
		options->why = optarg;
		break;
	case 'f':
		options->duration = optarg;
		break;
	case 'l':
		options->until = optarg;
		break;
	default:
		break;
	}
}

static bool check_complete(const struct options *options, int command, GError **error)
{
	const char *name = commands[command].name;

	if (strchr(commands[command].letters, 'c') && !options->config) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "driftd %s needs a configuration: -c FILE", name);
		return false;
	}
	if (commands[command].needs && !options->argument) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "driftd %s needs to know of what: %s", name, commands[command].needs);
		return false;
	}
	if (options->staged && options->argument) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "driftd affected takes --staged or a range, not both");
		return false;
	}
	return true;
}

static const char *option_name(int letter)
{
	for (size_t i = 0; LONG_OPTIONS[i].name; i++)
		if (LONG_OPTIONS[i].val == letter)
			return letter == 'c' ? "-c (--config)" : LONG_OPTIONS[i].name;
	return "it";
}

static bool fail_unknown_option(int command, const char *word, GError **error)
{
	const char *names[G_N_ELEMENTS(LONG_OPTIONS)] = {0};
	const char *near;

	for (size_t i = 0; LONG_OPTIONS[i].name; i++)
		names[i] = LONG_OPTIONS[i].name;
	near = g_str_has_prefix(word, "--") ? text_nearest(word + 2, names) : NULL;
	if (near && strcmp(near, word + 2) == 0)
		near = NULL; /* rightly written: its value is missing */
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "driftd %s: \"%s\" is no option, or lacks its value%s%s%s; see driftd help",
		    commands[command].name, word, near ? ", did you mean --" : "", near ? near : "",
		    near ? "?" : "");
	return false;
}

static bool parse_letters(int argc, char **argv, int command, struct options *options,
			  GError **error)
{
	int letter;

	optind = 1;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "+c:jh", LONG_OPTIONS, NULL)) != -1) {
		if (letter == 'h') {
			options->command = COMMAND_HELP;
			return true;
		}
		if (letter == '?')
			return fail_unknown_option(command, argv[optind - 1], error);
		if (!strchr(commands[command].letters, letter)) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "driftd %s does not take %s; see driftd help",
				    commands[command].name, option_name(letter));
			return false;
		}
		take_option(options, letter);
	}
	return true;
}

/* Options may stand before and after the argument. */
static bool parse_rest(int argc, char **argv, int command, struct options *options, GError **error)
{
	while (argc > 1) {
		if (!parse_letters(argc, argv, command, options, error))
			return false;
		if (optind >= argc)
			break;
		if (options->argument || commands[command].arguments == 0) {
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
				    "driftd %s: unexpected \"%s\"; see driftd help",
				    commands[command].name, argv[optind]);
			return false;
		}
		options->argument = argv[optind];
		argv += optind;
		argc -= optind;
	}
	return options->command == COMMAND_HELP || check_complete(options, command, error);
}

bool options_parse(int argc, char **argv, struct options *ret_options, GError **error)
{
	struct options options = {.command = COMMAND_SERVE};
	int command = 0;
	int skip = 0;

	if (argc > 1 && argv[1][0] != '-') {
		command = find_command(argv[1]);
		if (command < 0)
			return fail_unknown_command(argv[1], error);
		skip = 1;
	} else if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		command = find_command("version");
		argc = 1;
	}
	options.command = commands[command].command;
	options.selectors = g_ptr_array_new_with_free_func(g_free);
	options.url = g_getenv("DRIFTD_URL");
	if (argc > 1 && !parse_rest(argc - skip, argv + skip, command, &options, error)) {
		options_clear(&options);
		return false;
	}
	if (argc <= 1 && options.command == COMMAND_SERVE) {
		options_clear(&options);
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "nothing to do: give a configuration (-c FILE) or a command; see "
			    "driftd help");
		return false;
	}
	/* "driftd check" with nothing behind it */
	if (argc - skip <= 1 && !check_complete(&options, command, error)) {
		options_clear(&options);
		return false;
	}
	*ret_options = options;
	return true;
}

void options_clear(struct options *options)
{
	g_clear_pointer(&options->selectors, g_ptr_array_unref);
}
