/* harness_process - starting, watching and ending processes. */
#include "tests/integration/harness.h"

#include "clk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/** How often wait_until() looks. */
#define LOOK_MS 10

const char *test_directory(void)
{
	const char *base = g_getenv("DRIFTD_TEST_DIR");

	return base ? base : g_get_tmp_dir();
}

const char *program_path(const char *name)
{
	static char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash = NULL;

	ck_assert_msg(length > 0, "readlink /proc/self/exe: %s", strerror(errno));
	path[length] = '\0';
	slash = strrchr(path, '/');
	ck_assert(slash && (size_t)(slash - path) + 2 + strlen(name) < sizeof(path));
	memcpy(slash + 1, name, strlen(name) + 1);
	return path;
}

bool wait_until(bool (*condition)(void *data), void *data, int timeout_ms)
{
	int64_t end_ms = clk_mono_ms() + timeout_ms;

	while (!condition(data)) {
		if (clk_mono_ms() >= end_ms)
			return false;
		(void)poll(NULL, 0, LOOK_MS); /* between two looks */
	}
	return true;
}

/** What happens in the child; only returns when something failed. */
static void become(char **arguments, char **environment, const int *files,
		   const struct process_setup *setup)
{
	struct rlimit limit = {(rlim_t)setup->file_max_bytes, RLIM_INFINITY};

	if (setup->directory && chdir(setup->directory) != 0)
		return;
	if (setup->file_max_bytes > 0 && setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return;
	if (setup->uid != 0 && setresuid(setup->uid, setup->uid, setup->uid) != 0)
		return;
	/* nothing survives its test; after setresuid(), which takes it back */
	(void)prctl(PR_SET_PDEATHSIG, setup->death_signal ? setup->death_signal : SIGKILL);
	if (setup->file_max_bytes > 0)
		(void)signal(SIGXFSZ, SIG_IGN); /* a full disk says EFBIG, and kills nobody */
	if (dup2(files[0], STDOUT_FILENO) < 0 || dup2(files[1], STDERR_FILENO) < 0)
		return;
	(void)execvpe(arguments[0], arguments, environment);
}

static char **make_environment(const struct process_setup *setup)
{
	char **environment = g_get_environ();

	for (size_t i = 0; setup->environment && setup->environment[i]; i++) {
		g_auto(GStrv) pair = g_strsplit(setup->environment[i], "=", 2);

		environment = g_environ_setenv(environment, pair[0], pair[1], TRUE);
	}
	return environment;
}

static char **copy_arguments(const char *const *arguments)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (size_t i = 0; arguments[i]; i++)
		g_strv_builder_add(builder, arguments[i]);
	return g_strv_builder_end(builder);
}

static int open_log(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0, "open %s: %s", path, strerror(errno));
	return fd;
}

struct process process_start(const char *const *arguments, const char *log_path,
			     const struct process_setup *setup)
{
	static const struct process_setup plain;
	struct process process = {.log_path = g_strdup(log_path)};
	const struct process_setup *used = setup ? setup : &plain;
	g_auto(GStrv) copy = copy_arguments(arguments);
	g_auto(GStrv) environment = make_environment(used);
	int files[2] = {-1, open_log(log_path)};

	files[0] = used->output_path ? open_log(used->output_path) : files[1];
	process.pid = fork();
	ck_assert_msg(process.pid >= 0, "fork: %s", strerror(errno));
	if (process.pid == 0) {
		become(copy, environment, files, used);
		_exit(127);
	}
	if (files[0] != files[1])
		(void)close(files[0]); /* the child has its own */
	(void)close(files[1]);
	return process;
}

struct waiting {
	pid_t pid;
	int status;
};

static bool has_ended(void *data)
{
	struct waiting *waiting = data;

	return waitpid(waiting->pid, &waiting->status, WNOHANG) == waiting->pid;
}

int process_wait(struct process *process, int timeout_ms)
{
	struct waiting waiting = {.pid = process->pid};

	if (!wait_until(has_ended, &waiting, timeout_ms))
		return -1;
	process->pid = 0;
	return WIFEXITED(waiting.status) ? WEXITSTATUS(waiting.status)
					 : 128 + WTERMSIG(waiting.status);
}

void process_end(struct process *process)
{
	if (process->pid > 0) {
		(void)kill(process->pid, SIGKILL); /* gone already is fine */
		(void)waitpid(process->pid, NULL, 0);
	}
	process->pid = 0;
	g_clear_pointer(&process->log_path, g_free);
}

char *process_log(const struct process *process)
{
	char *text = NULL;

	if (!g_file_get_contents(process->log_path, &text, NULL, NULL))
		return g_strdup("");
	return text;
}

struct run run_program(const char *const *arguments, const struct process_setup *setup)
{
	g_autofree char *path = g_build_filename(test_directory(), "run-XXXXXX", NULL);
	int fd = g_mkstemp(path);
	struct process process = {0};
	struct run run = {0};

	ck_assert_msg(fd >= 0, "make temporary file: %s", strerror(errno));
	(void)close(fd); /* only the name was wanted */
	process = process_start(arguments, path, setup);
	run.status = process_wait(&process, SOON_MS * 2);
	ck_assert_msg(run.status != -1, "%s %s does not end", arguments[0], arguments[1]);
	run.output = process_log(&process);
	process_end(&process);
	(void)unlink(path); /* in a temporary folder anyway */
	return run;
}

/** Looks for "MARK address" in a growing file. */
struct looking {
	const struct process *process;
	const char *mark;
	char *found; /* what follows, up to white space; caller frees */
};

static bool mark_is_there(void *data)
{
	struct looking *looking = data;
	g_autofree char *log = process_log(looking->process);
	const char *at = strstr(log, looking->mark);

	if (!at)
		return kill(looking->process->pid, 0) != 0; /* gone: no use waiting */
	at += strlen(looking->mark);
	if (!at[strcspn(at, " \n")])
		return false; /* the line is not whole yet */
	looking->found = g_strndup(at, strcspn(at, " \n"));
	return true;
}

char *process_wait_for(const struct process *process, const char *mark)
{
	struct looking looking = {process, mark, NULL};

	(void)wait_until(mark_is_there, &looking, SOON_MS); /* found says whether it came */
	return looking.found;
}

void run_clear(struct run *run)
{
	g_clear_pointer(&run->output, g_free);
}
