/* main - which command, and what must hold for all of them. */
#include "daemon/commands.h"
#include "daemon/options.h"
#include "daemon/serve.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Tokens and keys are in memory: no core file, no core handler, no debugger of another user sees
 * them. */
static void forbid_core_dumps(void)
{
	struct rlimit none = {0};

	(void)setrlimit(RLIMIT_CORE, &none); /* lowering a limit is always allowed */
	(void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

static int run(const struct options *options)
{
	switch (options->command) {
	case COMMAND_SERVE:
		return serve_run(options->config);
	case COMMAND_CHECK:
		return command_check(options);
	case COMMAND_CONFIG:
		return command_config(options);
	case COMMAND_STATUS:
		return command_status(options);
	case COMMAND_DRIFT:
		return command_drift(options);
	case COMMAND_GATE:
		return command_gate(options);
	case COMMAND_AFFECTED:
		return command_affected(options);
	case COMMAND_SNAPSHOT:
		return command_snapshot(options);
	case COMMAND_INCIDENTS:
		return command_incidents(options);
	case COMMAND_ACK:
		return command_ack(options);
	case COMMAND_FALSE_ALARM:
		return command_false_alarm(options);
	case COMMAND_SILENCES:
		return command_silences(options);
	case COMMAND_SILENCE:
		return command_silence(options);
	case COMMAND_UNSILENCE:
		return command_unsilence(options);
	case COMMAND_NOTIFICATIONS:
		return command_notifications(options);
	case COMMAND_TEST_ALERT:
		return command_test_alert(options);
	case COMMAND_VERSION:
		return command_version(options);
	case COMMAND_HELP:
		(void)fputs(options_help, stdout);
		return EXIT_OK;
	case COMMAND_NONE:
		break;
	}
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	g_autoptr(GError) error = NULL;
	int status;

	forbid_core_dumps();
	(void)signal(SIGPIPE,
		     SIG_IGN); /* a peer that hangs up is an error to return, not to die of */
	(void)setlocale(LC_CTYPE, "C.UTF-8"); /* output is UTF-8 wherever driftd runs */
	if (!options_parse(argc, argv, &options, &error)) {
		commands_complain(error->message);
		return EXIT_USAGE;
	}
	status = run(&options);
	options_clear(&options);
	return status;
}
