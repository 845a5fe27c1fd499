/* gitcmd - see gitcmd.h; what git's words mean is in gitfault.c */
#include "git/gitcmd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clk.h"
#include "drift_error.h"
#include "git/gitenv.h"
#include "git/gitfault.h"
#include "text.h"

/** A child that closed its output without ending is looked at this often. */
#define TICK_MS 50

extern char **environ;

/* A running git. */
struct child {
	pid_t pid;
	int out; /* read ends; -1: closed */
	int err;
	GString *out_bytes;
	GString *err_bytes;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* only read from, or a copy */
	*fd = -1;
}

/* ---- starting ---- */

static bool add_actions(posix_spawn_file_actions_t *actions, int out, int err)
{
	return posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ==
		       0 &&
	       posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO) == 0 &&
	       posix_spawn_file_actions_adddup2(actions, err, STDERR_FILENO) == 0;
}

/* Own process group; the signals that main blocks for its signalfd come through again. */
static bool set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t all;

	return sigemptyset(&none) == 0 && sigfillset(&all) == 0 &&
	       posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
							    POSIX_SPAWN_SETSIGDEF) == 0 &&
	       posix_spawnattr_setpgroup(attributes, 0) == 0 &&
	       posix_spawnattr_setsigmask(attributes, &none) == 0 &&
	       posix_spawnattr_setsigdefault(attributes, &all) == 0;
}

/* Returns an errno value. */
static int spawn(struct child *child, const char *const *argv, char **environment, int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int status = posix_spawn_file_actions_init(&actions);

	if (status != 0)
		return status;
	status = posix_spawnattr_init(&attributes);
	if (status == 0) {
		/* argv is not written to: the prototype is older than const */
		status = add_actions(&actions, out, err) && set_attributes(&attributes)
				 ? posix_spawnp(&child->pid, "git", &actions, &attributes,
						(char **)(uintptr_t)argv, environment)
				 : ENOMEM;
		(void)posix_spawnattr_destroy(&attributes); /* cannot fail */
	}
	(void)posix_spawn_file_actions_destroy(&actions); /* cannot fail */
	return status;
}

static char **make_argv(const struct gitcmd *command)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(argv, g_strdup("git"));
	for (size_t i = 0; command->args[i]; i++)
		g_ptr_array_add(argv, g_strdup(command->args[i]));
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&argv), FALSE);
}

static bool make_pipes(int out[2], int err[2], GError **error)
{
	out[0] = out[1] = err[0] = err[1] = -1;
	if (pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0 &&
	    fcntl(out[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(err[0], F_SETFL, O_NONBLOCK) == 0)
		return true;
	drift_error_set_errno(error, errno, "make a pipe for", "git");
	return false;
}

static void set_spawn_error(int status, enum gitcmd_fault *ret_fault, GError **error)
{
	if (status == ENOENT) {
		*ret_fault = GITCMD_FAULT_NO_GIT;
		g_set_error_literal(error, DRIFT_ERROR, DRIFT_ERROR_UNAVAILABLE,
				    "the command git is not on the PATH; install git");
		return;
	}
	*ret_fault = GITCMD_FAULT_OTHER;
	drift_error_set_errno(error, status, "run", "git");
}

static bool start(struct child *child, const struct gitcmd *command, enum gitcmd_fault *ret_fault,
		  GError **error)
{
	char **environment = command->own_environment
				     ? g_strdupv(environ)
				     : gitenv_create(command->url, command->token, error);
	g_auto(GStrv) argv = make_argv(command);
	int out[2] = {-1, -1};
	int err[2] = {-1, -1};
	int status = -1;

	*ret_fault = GITCMD_FAULT_OTHER;
	if (environment && make_pipes(out, err, error)) {
		status = spawn(child, (const char *const *)argv, environment, out[1], err[1]);
		if (status != 0)
			set_spawn_error(status, ret_fault, error);
	}
	gitenv_free(environment);
	close_fd(&out[1]);
	close_fd(&err[1]);
	child->out = out[0];
	child->err = err[0];
	return status == 0;
}

/* ---- running ---- */

/* Take what there is; closes the descriptor at its end. */
static void drain(int *fd, GString *bytes, size_t max_bytes, bool keep_end)
{
	char buffer[8192];
	ssize_t count;

	while (*fd >= 0 && (count = read(*fd, buffer, sizeof(buffer))) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			return;
		if (count < 0)
			break;
		g_string_append_len(bytes, buffer, count);
		if (keep_end && bytes->len > max_bytes)
			g_string_erase(bytes, 0, (gssize)(bytes->len - max_bytes));
		if (!keep_end && bytes->len > max_bytes)
			return;
	}
	close_fd(fd);
}

static void drain_both(struct child *child)
{
	drain(&child->out, child->out_bytes, GITCMD_OUT_MAX_BYTES, false);
	drain(&child->err, child->err_bytes, GITCMD_ERR_MAX_BYTES, true);
}

/* Has it ended? It is left to be reaped: until then its process group cannot be anybody else's. */
static bool has_ended(const struct child *child)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid != 0;
}

/* Wait for output, the end, the cancel descriptor or a moment. True: cancelled. */
static bool wait_event(const struct child *child, int cancel, int64_t timeout_ms)
{
	struct pollfd fds[3] = {
		{.fd = child->out, .events = POLLIN},
		{.fd = child->err, .events = POLLIN},
		{.fd = cancel, .events = POLLIN},
	};

	if (poll(fds, 3, (int)CLAMP(timeout_ms, 0, TICK_MS)) < 0)
		return false; /* a signal: looked at again at once */
	return cancel >= 0 && fds[2].revents != 0;
}

/* Wait until the child has ended or is to be stopped: NONE, TIMEOUT, CANCELLED, OTHER (too
 * much). */
static enum gitcmd_fault attend(struct child *child, const struct gitcmd *command)
{
	for (;;) {
		int64_t left_ms = command->deadline_mono_ms - clk_mono_ms();
		bool ended;

		if (wait_event(child, command->cancel, left_ms))
			return GITCMD_FAULT_CANCELLED;
		ended = has_ended(child);
		drain_both(child);
		if (child->out_bytes->len > GITCMD_OUT_MAX_BYTES)
			return GITCMD_FAULT_OTHER;
		if (ended)
			return GITCMD_FAULT_NONE;
		if (left_ms <= 0)
			return GITCMD_FAULT_TIMEOUT;
	}
}

/* Ask the whole group to stop, so that git removes its lock files; then there is no asking. */
static void stop(struct child *child)
{
	int64_t until_ms = clk_mono_ms() + GITCMD_STOP_MS;

	(void)kill(-child->pid, SIGTERM); /* gone already: fine */
	while (!has_ended(child) && clk_mono_ms() < until_ms) {
		(void)wait_event(child, -1, TICK_MS); /* output or a tick, both lead here */
		drain_both(child);
		g_string_truncate(child->out_bytes, 0);
	}
}

/* Whatever of the group is left is killed, then the child is reaped. */
static int reap(struct child *child)
{
	int status = 0;
	pid_t done;

	(void)kill(-child->pid, SIGKILL); /* gone already: fine */
	do
		done = waitpid(child->pid, &status, 0);
	while (done < 0 && errno == EINTR);
	return done == child->pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *make_err(const struct child *child, const struct gitcmd *command)
{
	g_autofree char *text =
		text_to_utf8(child->err_bytes->str, child->err_bytes->len, GITCMD_ERR_MAX_BYTES);

	return gitfault_redact(text, command->token);
}

bool gitcmd_run(const struct gitcmd *command, struct gitcmd_result *ret, GError **error)
{
	struct child child = {.out = -1, .err = -1};
	enum gitcmd_fault fault;

	*ret = (struct gitcmd_result){.exit_code = -1};
	if (!start(&child, command, &ret->fault, error)) {
		close_fd(&child.out);
		close_fd(&child.err);
		return false;
	}
	child.out_bytes = g_string_new(NULL);
	child.err_bytes = g_string_new(NULL);
	fault = attend(&child, command);
	if (fault != GITCMD_FAULT_NONE)
		stop(&child);
	ret->exit_code = reap(&child);
	close_fd(&child.out);
	close_fd(&child.err);
	ret->err = make_err(&child, command);
	ret->out_length = child.out_bytes->len;
	ret->out = g_string_free(child.out_bytes, FALSE);
	g_string_free(child.err_bytes, TRUE);
	if (fault == GITCMD_FAULT_NONE && ret->exit_code == 0)
		return true;
	ret->fault = fault != GITCMD_FAULT_NONE ? fault : gitcmd_classify(ret->err);
	gitfault_set_error(error, command, ret);
	return false;
}

void gitcmd_result_done(struct gitcmd_result *result)
{
	g_free(result->out);
	g_free(result->err);
	*result = (struct gitcmd_result){0};
}
