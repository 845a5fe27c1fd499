/* harness_postgres - a real PostgreSQL server for a test. PostgreSQL refuses to run as root: then it runs as nobody, in a folder of
 * nobody's. */
#include "tests/integration/harness.h"

#ifdef HAVE_LIBPQ

#include <arpa/inet.h>
#include <errno.h>
#include <glob.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/** "nobody". */
#define NOBODY 65534

static uid_t server_uid(void)
{
	return geteuid() == 0 ? NOBODY : 0;
}

/** Path of a program of the server's package; Debian has them outside of PATH. Caller frees. */
static char *find_program(const char *name)
{
	const char *tools = g_getenv("DRIFTD_TEST_TOOLS"); /* tests/suites.sh */
	g_autofree char *unpacked =
		g_build_filename(tools ? tools : "build/tools", "usr/lib/postgresql/*/bin", NULL);
	const char *const folders[] = {"/usr/lib/postgresql/*/bin", unpacked};

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *pattern = g_build_filename(folders[i], name, NULL);
		char *path = NULL;
		glob_t found = {0};

		if (glob(pattern, 0, NULL, &found) == 0) /* the newest comes last */
			path = g_canonicalize_filename(found.gl_pathv[found.gl_pathc - 1], NULL);
		globfree(&found);
		if (path)
			return path;
	}
	ck_abort_msg("no %s in /usr/lib/postgresql or build/tools: install postgresql-15", name);
	return NULL;
}

static int free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_msg(fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0 &&
			      getsockname(fd, (struct sockaddr *)&address, &length) == 0,
		      "find a free port: %s", strerror(errno));
	(void)close(fd); /* somebody else may take it now: unlikely */
	return ntohs(address.sin_port);
}

/** A folder that the server's user can reach and owns. */
static char *make_directory(void)
{
	char *path = g_build_filename(test_directory(), "driftd-postgres-XXXXXX", NULL);

	/* the folder of all tests is made for us alone: others may pass through it, and read nothing */
	if (g_getenv("DRIFTD_TEST_DIR"))
		ck_assert_msg(chmod(test_directory(), 0711) == 0, "chmod %s: %s", test_directory(),
			      strerror(errno));
	ck_assert_msg(mkdtemp(path), "mkdtemp %s: %s", path, strerror(errno));
	if (server_uid() != 0)
		ck_assert_msg(chown(path, server_uid(), (gid_t)-1) == 0, "chown %s: %s", path,
			      strerror(errno));
	return path;
}

static void initialise(const struct postgres *postgres)
{
	g_autofree char *program = find_program("initdb");
	g_autofree char *data = g_build_filename(postgres->directory, "data", NULL);
	const struct process_setup setup = {.uid = server_uid(), .directory = postgres->directory};
	const char *const arguments[] = {
		program,        "-D",   data,         "-U",        "postgres",
		"-E",           "UTF8", "--locale=C", "--no-sync", "--no-instructions",
		"--auth=trust", NULL};
	struct run run = run_program(arguments, &setup);

	ck_assert_msg(run.status == 0, "initdb: %s", run.output);
	run_clear(&run);
}

char *postgres_dsn(const struct postgres *postgres, const char *database, const char *user)
{
	return g_strdup_printf("host=127.0.0.1 port=%d dbname=%s user=%s sslmode=disable",
			       postgres->port, database, user);
}

static bool is_ready(void *data)
{
	g_autofree char *dsn = postgres_dsn(data, "postgres", "postgres");

	return PQping(dsn) == PQPING_OK;
}

static void launch(struct postgres *postgres)
{
	g_autofree char *program = find_program("postgres");
	g_autofree char *data = g_build_filename(postgres->directory, "data", NULL);
	g_autofree char *log = g_build_filename(test_directory(), "postgres.log", NULL);
	g_autofree char *port = g_strdup_printf("%d", postgres->port);
	g_autofree char *socket =
		g_strconcat("unix_socket_directories=", postgres->directory, NULL);
	const struct process_setup setup = {.uid = server_uid(),
					    .directory = postgres->directory,
					    .death_signal = SIGQUIT}; /* ends it at once */
	const char *const arguments[] = {program, "-D",
					 data,    "-F",
					 "-p",    port,
					 "-c",    socket,
					 "-c",    "listen_addresses=127.0.0.1",
					 "-c",    "max_connections=100",
					 "-c",    "shared_buffers=16MB",
					 NULL};

	postgres->server = process_start(arguments, log, &setup);
	if (!wait_until(is_ready, postgres, SOON_MS)) {
		g_autofree char *said = process_log(&postgres->server);

		ck_abort_msg("postgres does not start: %.2000s", said);
	}
}

struct postgres *postgres_start(void)
{
	struct postgres *postgres = g_new0(struct postgres, 1);

	postgres->directory = make_directory();
	postgres->port = free_port();
	initialise(postgres);
	launch(postgres);
	return postgres;
}

void postgres_kill(struct postgres *postgres)
{
	/* SIGKILL would leave its children alone with their shared memory */
	if (postgres->server.pid > 0 && kill(postgres->server.pid, SIGQUIT) == 0)
		(void)process_wait(&postgres->server, SOON_MS); /* whatever it says */
	process_end(&postgres->server);
}

void postgres_restart(struct postgres *postgres)
{
	postgres_kill(postgres);
	launch(postgres);
}

void postgres_stop(struct postgres *postgres)
{
	const char *remove[] = {"rm", "-rf", "--", postgres->directory, NULL};
	struct run run = {0};

	postgres_kill(postgres);
	run = run_program(remove, NULL);
	run_clear(&run);
	g_free(postgres->directory);
	g_free(postgres);
}

static void drop_notice(void *data, const PGresult *result)
{
	(void)data;
	(void)result;
}

char *postgres_ask(const struct postgres *postgres, const char *database, const char *sql)
{
	g_autofree char *dsn = postgres_dsn(postgres, database, "postgres");
	PGconn *connection = PQconnectdb(dsn);
	PGresult *result = NULL;
	ExecStatusType status = PGRES_FATAL_ERROR;
	char *answer = NULL;

	(void)PQsetNoticeReceiver(connection, drop_notice, NULL); /* the one before is of no use */
	result = PQexec(connection, sql);
	status = PQresultStatus(result);
	ck_assert_msg(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK, "%s: %s", sql,
		      PQerrorMessage(connection));
	answer = g_strdup(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(connection);
	return answer;
}

void postgres_run(const struct postgres *postgres, const char *database, const char *sql)
{
	g_free(postgres_ask(postgres, database, sql));
}

char *postgres_database(const struct postgres *postgres, const char *schema)
{
	char *database = g_strdup_printf("t%d", (int)getpid());
	g_autofree char *sql = g_strdup_printf("CREATE DATABASE %s", database);

	postgres_run(postgres, "postgres", sql);
	postgres_run(postgres, database, schema);
	return database;
}

void postgres_drop_database(const struct postgres *postgres, const char *database)
{
	g_autofree char *sql = g_strdup_printf("DROP DATABASE %s WITH (FORCE)", database);

	postgres_run(postgres, "postgres", sql);
}

#endif
