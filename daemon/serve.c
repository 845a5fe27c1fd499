/* serve - see serve.h */
#include "daemon/serve.h"

#include "api/server.h"
#include "clk.h"
#include "config/config.h"
#include "daemon/manager.h"
#include "daemon/memory.h"
#include "daemon/scheduler.h"
#include "daemon/statedir.h"
#include "drift_error.h"
#include "git/repo.h"
#include "log.h"
#include "version.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

/** Threads that answer HTTP: everything they do is short, so two keep two cores busy. */
#define SERVE_HTTP_THREADS 2

struct daemon {
	const char *config_path;
	struct config *config;
	struct scheduler *scheduler;
	struct server *server;
	char *listen, *state_dir; /* as at the start: a reload does not change them */
	int lock_fd, signal_fd;
	int64_t begun_mono_ms;
};

/* Blocked before any thread starts, so that all threads inherit it and only main takes signals. */
static bool take_signals(int *ret_fd, GError **error)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
		drift_error_set_errno(error, errno, "block", "signals");
		return false;
	}
	*ret_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (*ret_fd < 0) {
		drift_error_set_errno(error, errno, "create", "signalfd");
		return false;
	}
	return true;
}

static void log_warnings(const struct config *config)
{
	for (guint i = 0; i < config->warnings->len; i++) {
		g_autofree char *quoted = log_quote(config->warnings->pdata[i]);

		log_warn("config.warning", "warning=%s", quoted);
	}
}

static bool start_serving(struct daemon *daemon, GError **error)
{
	struct server_options options = {.listen = daemon->config->driftd.listen,
					 .threads = SERVE_HTTP_THREADS};

	if (!manager_take_socket(&options.listen_fd, error))
		return false;
	daemon->server =
		server_start(&options, scheduler_app(daemon->scheduler), daemon->config, error);
	return daemon->server && statedir_write_address(daemon->config->driftd.state_dir,
							server_address(daemon->server), error);
}

/* The server takes more connections than the usual soft limit allows. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_warn("serve.file_limit", "err=\"%s\"", g_strerror(errno));
}

static bool start(struct daemon *daemon, GError **error)
{
	g_autofree char *status = NULL;

	raise_file_limit();
	if (!take_signals(&daemon->signal_fd, error))
		return false;
	if (!statedir_lock(daemon->config->driftd.state_dir, &daemon->lock_fd, error))
		return false;
	daemon->scheduler = scheduler_start(daemon->config, error);
	if (!daemon->scheduler || !start_serving(daemon, error))
		return false;
	log_info("serve.listening", "address=%s version=%s commit=%.8s config=%s start_ms=%" PRId64,
		 server_address(daemon->server), version_number, version_commit,
		 daemon->config->path, clk_mono_ms() - daemon->begun_mono_ms);
	memory_drop_startup_code();
	scheduler_go(daemon->scheduler);
	status = g_strdup_printf("serving on %s", server_address(daemon->server));
	manager_ready(status);
	return true;
}

static void stop(struct daemon *daemon)
{
	if (daemon->scheduler)
		scheduler_stop(daemon->scheduler);
	if (daemon->server)
		server_stop(daemon->server);
	scheduler_free(daemon->scheduler);
	if (daemon->lock_fd >= 0)
		(void)close(daemon->lock_fd); /* lets go of the lock */
	if (daemon->signal_fd >= 0)
		(void)close(daemon->signal_fd); /* nothing to flush */
	config_unref(daemon->config);
	g_free(daemon->listen);
	g_free(daemon->state_dir);
}

void serve_note_fixed_settings(struct config *next, const char *listen, const char *state_dir)
{
	if (strcmp(listen, next->driftd.listen) != 0)
		g_ptr_array_add(next->warnings,
				g_strdup_printf("listen = %s takes effect at the next restart: "
						"driftd still listens as started, on %s",
						next->driftd.listen, listen));
	if (strcmp(state_dir, next->driftd.state_dir) != 0)
		g_ptr_array_add(next->warnings,
				g_strdup_printf("state-dir = %s takes effect at the next restart: "
						"driftd still keeps its state in %s",
						next->driftd.state_dir, state_dir));
}

static void reload(struct daemon *daemon)
{
	struct config *next = NULL;
	GPtrArray *problems = NULL;
	g_autofree char *text = NULL;
	g_autofree char *quoted = NULL;

	manager_reloading();
	if (config_load(daemon->config_path, &next, &problems)) {
		serve_note_fixed_settings(next, daemon->listen, daemon->state_dir);
		log_set_level((enum log_level)next->driftd.log_level);
		log_warnings(next);
		server_set_config(daemon->server, next);
		scheduler_reload(daemon->scheduler, next, NULL);
		config_unref(daemon->config);
		daemon->config = next;
		log_info("reload.done", "config=%s", next->path);
	} else {
		text = config_problems_text(problems);
		quoted = log_quote(text);
		log_error("reload.refused", "config=%s problems=%s", daemon->config_path, quoted);
		scheduler_reload(daemon->scheduler, NULL, text);
		g_ptr_array_unref(problems);
	}
	manager_ready("serving");
}

/* True when it is time to go. */
static bool handle_signal(struct daemon *daemon)
{
	struct signalfd_siginfo info;
	ssize_t got = read(daemon->signal_fd, &info, sizeof(info));

	if (got != sizeof(info))
		return false;
	if (info.ssi_signo == SIGHUP) {
		reload(daemon);
		return false;
	}
	log_info("serve.stopping", "signal=%s", strsignal((int)info.ssi_signo));
	return true;
}

int serve_run(const char *config_path)
{
	struct daemon daemon = {.config_path = config_path,
				.lock_fd = -1,
				.signal_fd = -1,
				.begun_mono_ms = clk_mono_ms()};
	g_autoptr(GError) error = NULL;
	GPtrArray *problems = NULL;
	int status = EXIT_OK;

	memory_share_heap();
	if (!config_load(config_path, &daemon.config, &problems)) {
		g_autofree char *text = config_problems_text(problems);

		(void)fputs(text, stderr);
		g_ptr_array_unref(problems);
		return EXIT_CONFIG;
	}
	log_set_level((enum log_level)daemon.config->driftd.log_level);
	log_warnings(daemon.config);
	daemon.listen = g_strdup(daemon.config->driftd.listen);
	daemon.state_dir = g_strdup(daemon.config->driftd.state_dir);
	repo_init_library();
	if (start(&daemon, &error)) {
		while (!handle_signal(&daemon))
			continue;
		manager_stopping();
	} else {
		g_autofree char *quoted = log_quote(error->message);

		log_error("serve.failed", "err=%s", quoted);
		status = EXIT_FAILED;
	}
	stop(&daemon);
	repo_done_library();
	return status;
}
