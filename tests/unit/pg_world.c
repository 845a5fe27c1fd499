/* pg_world - see pg_world.h */
#include "tests/unit/pg_world.h"

#ifdef HAVE_LIBPQ

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* "nobody": may do nothing elsewhere. */
#define NOBODY 65534

/* How long anything here may take: initdb writes some 40 MB. */
#define PATIENCE_MS 20000
#define STEP_MS 20

static struct {
	char *directory; /* all of it; NULL: there is no server */
	char *data;
	char *bin;
	pid_t pid;
	int port;
} world;

static G_GNUC_NORETURN void give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "pg_world: %s: %s\n", what, why);
	abort();
}

/* The folder with initdb and postgres; they are not in PATH on Debian. Caller frees. */
static char *find_bin(void)
{
	const char *tools = g_getenv("DRIFTD_TEST_TOOLS"); /* tests/suites.sh */
	g_autofree char *unpacked = g_build_filename(tools ? tools : "build/tools",
						     "usr/lib/postgresql/*/bin/initdb", NULL);
	const char *const patterns[] = {"/usr/lib/postgresql/*/bin/initdb", unpacked};
	g_autofree char *program = g_find_program_in_path("initdb");
	glob_t found = {0};

	for (size_t i = 0; !program && i < G_N_ELEMENTS(patterns); i++) {
		if (glob(patterns[i], 0, NULL, &found) == 0)
			program = g_canonicalize_filename(found.gl_pathv[found.gl_pathc - 1], NULL);
		globfree(&found);
	}
	if (!program)
		give_up("find initdb", "not there: install postgresql-15");
	return g_path_get_dirname(program);
}

/* In the child: another user when root, and dead when the parent is. */
static void become_server(const char *const *argv)
{
	if (getuid() == 0 &&
	    (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		_exit(126);
	/* after setuid(), which takes it back; SIGQUIT ends PostgreSQL at once */
	if (prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0 || getppid() == 1 || chdir("/") != 0 ||
	    !freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout))
		_exit(126);
	if (!g_getenv("PG_WORLD_LOG") && !freopen("/dev/null", "w", stderr))
		_exit(126);
	(void)execv(argv[0], (char *const *)(uintptr_t)argv); /* returns when it failed */
	_exit(127);
}

static pid_t spawn(const char *const *argv)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up(argv[0], g_strerror(errno));
	if (pid == 0)
		become_server(argv);
	return pid;
}

static void run(const char *const *argv)
{
	int status = 0;

	if (waitpid(spawn(argv), &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		give_up(argv[0], "failed: PG_WORLD_LOG=1 shows why");
}

static int free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		give_up("find a free port", g_strerror(errno));
	(void)close(fd);
	return ntohs(address.sin_port);
}

int pg_world_port(void)
{
	return world.port;
}

char *pg_world_dsn(const char *database, const char *user)
{
	return g_strdup_printf("host=%s port=%d dbname=%s user=%s", world.directory, world.port,
			       database, user);
}

char *pg_world_tcp_dsn(const char *database, const char *user, const char *password)
{
	return g_strdup_printf("host=127.0.0.1 port=%d dbname=%s user=%s%s%s%s sslmode=disable",
			       world.port, database, user, password ? " password='" : "",
			       password ? password : "", password ? "'" : "");
}

static void pause_a_little(void)
{
	(void)poll(NULL, 0, STEP_MS); /* between two looks at an event that nothing else tells */
}

static bool is_ready(void)
{
	g_autofree char *dsn = pg_world_dsn("postgres", "postgres");

	return PQping(dsn) == PQPING_OK;
}

static void start_server(void)
{
	g_autofree char *program = g_build_filename(world.bin, "postgres", NULL);
	g_autofree char *port = g_strdup_printf("%d", world.port = free_port());
	g_autofree char *socket = g_strconcat("unix_socket_directories=", world.directory, NULL);
	const char *const argv[] = {program,    "-D",
				    world.data, "-F",
				    "-p",       port,
				    "-c",       socket,
				    "-c",       "listen_addresses=127.0.0.1",
				    "-c",       "max_connections=20",
				    "-c",       "shared_buffers=16MB",
				    "-c",       "autovacuum=off",
				    NULL};

	world.pid = spawn(argv);
	for (int waited_ms = 0; !is_ready(); waited_ms += STEP_MS) {
		if (waitpid(world.pid, NULL, WNOHANG) != 0 || waited_ms > PATIENCE_MS)
			give_up("postgres", "does not start: PG_WORLD_LOG=1 shows why");
		pause_a_little();
	}
}

static void make_users(void)
{
	pg_world_run("postgres",
		     "CREATE ROLE " PG_WORLD_READER " LOGIN PASSWORD '" PG_WORLD_PASSWORD "'");
}

void pg_world_start(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *initdb = NULL;

	world.directory = g_dir_make_tmp("driftd-pg-XXXXXX", &error);
	if (!world.directory)
		give_up("make a folder", error->message);
	if (getuid() == 0 && chown(world.directory, NOBODY, NOBODY) != 0)
		give_up("chown", g_strerror(errno));
	world.data = g_build_filename(world.directory, "data", NULL);
	world.bin = find_bin();
	initdb = g_build_filename(world.bin, "initdb", NULL);
	run((const char *const[]){initdb, "-D", world.data, "-U", "postgres", "-E", "UTF8",
				  "--locale=C", "--no-sync", "--no-instructions",
				  "--auth-local=trust", "--auth-host=scram-sha-256", NULL});
	start_server();
	make_users();
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return g_remove(path);
}

void pg_world_stop(void)
{
	if (!world.directory)
		return;
	if (kill(world.pid, SIGQUIT) != 0 || waitpid(world.pid, NULL, 0) < 0)
		give_up("stop postgres", g_strerror(errno));
	if (nftw(world.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
		give_up("remove", world.directory);
	g_clear_pointer(&world.directory, g_free);
	g_clear_pointer(&world.data, g_free);
	g_clear_pointer(&world.bin, g_free);
}

static void drop_notice(void *data, const PGresult *result)
{
	(void)data;
	(void)result;
}

/* NULL: it failed. Caller frees. */
static char *try(const char *database, const char *sql, char **ret_why)
{
	g_autofree char *dsn = pg_world_dsn(database, "postgres");
	PGconn *connection = PQconnectdb(dsn);
	PGresult *result = NULL;
	ExecStatusType status = PGRES_FATAL_ERROR;
	char *answer = NULL;

	(void)PQsetNoticeReceiver(connection, drop_notice,
				  NULL); /* a server that restarts is no news */
	result = PQexec(connection, sql);
	status = PQresultStatus(result);
	if (status == PGRES_TUPLES_OK)
		answer = g_strdup(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	else if (status == PGRES_COMMAND_OK)
		answer = g_strdup("");
	*ret_why = answer ? NULL : g_strdup(PQerrorMessage(connection));
	PQclear(result);
	PQfinish(connection);
	return answer;
}

char *pg_world_ask(const char *database, const char *sql)
{
	g_autofree char *why = NULL;
	char *answer = try(database, sql, &why);

	if (!answer)
		give_up(sql, why);
	return answer;
}

void pg_world_run(const char *database, const char *sql)
{
	g_free(pg_world_ask(database, sql));
}

void pg_world_await(const char *database, const char *sql, const char *wanted)
{
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += STEP_MS) {
		g_autofree char *why = NULL;
		g_autofree char *answer = try(database, sql, &why);

		if (g_strcmp0(answer, wanted) == 0)
			return;
		pause_a_little();
	}
	give_up(sql, "never says so");
}

#endif
