/* fakecloud - stands in for Google's APIs, for web services that say their version, for a git
 * server, and for where messages go (Slack, webhooks, GitHub's issues), on loopback; for tests,
 * benchmarks and `make demo`. */
#include "tests/fakecloud/demo.h"
#include "tests/fakecloud/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct arguments {
	const char *git_root;  /* NULL: none */
	const char *demo;      /* NULL: none */
	const char *slack_log; /* NULL: none */
	uint16_t port;         /* 0: any */
};

static bool parse(int argc, char **argv, struct arguments *ret_arguments)
{
	guint64 port = 0;

	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			return false;
		if (g_str_equal(argv[i], "--port")) {
			if (!g_ascii_string_to_unsigned(argv[i + 1], 10, 0, 65535, &port, NULL))
				return false;
			ret_arguments->port = (uint16_t)port; /* checked */
		} else if (g_str_equal(argv[i], "--git-root")) {
			ret_arguments->git_root = argv[i + 1];
		} else if (g_str_equal(argv[i], "--demo")) {
			ret_arguments->demo = argv[i + 1];
		} else if (g_str_equal(argv[i], "--slack-log")) {
			ret_arguments->slack_log = argv[i + 1];
		} else {
			return false;
		}
	}
	return true;
}

/** Serve until a signal says to stop. */
static int serve(struct cloud *cloud, const struct arguments *arguments, const sigset_t *signals)
{
	g_autoptr(GError) error = NULL;
	struct MHD_Daemon *daemon = server_listen(cloud, arguments->port);
	int signal = 0, status = 0;

	if (!daemon) {
		(void)fprintf(stderr, "fakecloud: listen on 127.0.0.1:%u: %s\n", arguments->port,
			      strerror(errno));
		return 1;
	}
	if (arguments->demo && !demo_make(cloud, arguments->demo, &error)) {
		(void)fprintf(stderr, "fakecloud: %s\n", error->message);
		status = 1;
	} else {
		(void)printf("listening %s\n", cloud->origin + strlen("http://"));
		(void)fflush(stdout);
		(void)sigwait(signals, &signal); /* only fails for an invalid set */
	}
	server_close(daemon, cloud);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct cloud *cloud = NULL;
	sigset_t signals;
	int status = 0;

	if (!parse(argc, argv, &arguments)) {
		(void)fprintf(stderr, "usage: fakecloud [--port N] [--git-root DIR] [--demo DIR] "
				      "[--slack-log FILE]\n");
		return 64;
	}
	(void)sigemptyset(&signals); /* these cannot fail with valid numbers */
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	cloud = cloud_create();
	cloud->options.git_root = g_strdup(arguments.git_root);
	cloud->options.slack_log = g_strdup(arguments.slack_log);
	status = serve(cloud, &arguments, &signals);
	cloud_free(cloud);
	return status;
}
