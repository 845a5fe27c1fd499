/* pg_fault - see pg_fault.h */
#include "postgres/pg_fault.h"

#include <string.h>

/* How much of one text of a server's is repeated. */
#define SAID_MAX_BYTES 400

/* SQLSTATEs, or the beginnings of them, the longer ones first. */
static const struct {
	const char *prefix;
	enum fault_class class;
	const char *advice;
} states[] = {
	{"28P01", FAULT_CREDENTIALS, "correct the password in dsn"},
	{"28", FAULT_CREDENTIALS, "look at pg_hba.conf and the role in dsn"},
	{"42501", FAULT_DENIED, "grant it to the role in dsn"},
	{"3D000", FAULT_NOT_FOUND, "correct the database in dsn"},
	{"25006", FAULT_BROKEN, "driftd only reads: the statement must not write"},
	{"57014", FAULT_TIMEOUT,
	 "it was still running at the end of cycle-timeout, or was cancelled: narrow what it "
	 "reads, or raise cycle-timeout"},
	{"53", FAULT_QUOTA, "the server is out of connections, memory or space"},
	{"08", FAULT_RESET, NULL},
	{"57", FAULT_RESET, NULL},
	{"40", FAULT_RESET, NULL},
	{"25P03", FAULT_RESET, NULL},
	{"42601", FAULT_BROKEN, "one SELECT, VALUES, TABLE or WITH statement is expected"},
	{"58", FAULT_BAD_ANSWER, NULL},
	{"XX", FAULT_BAD_ANSWER, NULL},
	{"F0", FAULT_BAD_ANSWER, NULL},
};

static size_t find_state(const char *sqlstate)
{
	size_t i = 0;

	while (i < G_N_ELEMENTS(states) && !g_str_has_prefix(sqlstate, states[i].prefix))
		i++;
	return i;
}

enum fault_class pg_fault_class(const char *sqlstate)
{
	size_t i = find_state(sqlstate);

	/* the rest is the statement's: syntax, names, types, values (class 22), exceptions it
	 * raises */
	return i < G_N_ELEMENTS(states) ? states[i].class : FAULT_BROKEN;
}

static void append_said(GString *text, const char *before, const char *said)
{
	if (said && *said)
		g_string_append_printf(text, "%s%.*s", before, SAID_MAX_BYTES, said);
}

/* Syntax, names and types (class 42) without a position are those of SQL that a function put
 * together, maybe of values. */
static bool may_repeat_values(const struct pg_said *said)
{
	const char *sqlstate = said->sqlstate ? said->sqlstate : "";
	size_t i = find_state(sqlstate);

	if (strcmp(sqlstate, "42501") != 0 && g_str_has_prefix(sqlstate, "42"))
		return said->position == 0;
	return i == G_N_ELEMENTS(states) || states[i].class == FAULT_BAD_ANSWER;
}

void pg_fault_hide_values(struct pg_said *said)
{
	if (may_repeat_values(said))
		said->primary = "what the server says may repeat values, which are not to be "
				"shown: run it by hand";
	said->detail = NULL;
	said->hint = NULL;
}

/* "SELECT on table orders" for "permission denied for table orders"; what the server says when it
 * says it otherwise. Caller frees. */
static char *missing_privilege(const char *primary)
{
	static const char lead[] = "permission denied for ";
	static const struct {
		const char *kind;
		const char *privilege;
	} kinds[] = {
		{"table ", "SELECT"},
		{"view ", "SELECT"},
		{"materialized view ", "SELECT"},
		{"relation ", "SELECT"},
		{"foreign table ", "SELECT"},
		{"sequence ", "SELECT"},
		{"column ", "SELECT"},
		{"schema ", "USAGE"},
		{"function ", "EXECUTE"},
		{"procedure ", "EXECUTE"},
		{"database ", "CONNECT"},
	};
	const char *object = primary;

	if (!primary || !g_str_has_prefix(primary, lead))
		return g_strndup(primary ? primary : "", SAID_MAX_BYTES);
	object += strlen(lead);
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_str_has_prefix(object, kinds[i].kind))
			return g_strdup_printf("%s on %.*s", kinds[i].privilege, SAID_MAX_BYTES,
					       object);
	return g_strndup(object, SAID_MAX_BYTES);
}

struct fault *pg_fault_from_server(const char *doing, const struct pg_said *said)
{
	const char *sqlstate = said->sqlstate ? said->sqlstate : "";
	size_t i = find_state(sqlstate);
	enum fault_class class = pg_fault_class(sqlstate);
	GString *text = g_string_new(doing);
	g_autofree char *privilege = NULL;
	struct fault *fault = NULL;

	append_said(text, ": ", said->primary);
	if (said->position > 0)
		g_string_append_printf(text, " at character %" PRId64, said->position);
	append_said(text, "; ", said->detail);
	append_said(text, "; ", said->hint);
	if (*sqlstate)
		g_string_append_printf(text, " (SQLSTATE %.*s)", PG_SQLSTATE_BYTES, sqlstate);
	if (i < G_N_ELEMENTS(states))
		append_said(text, ": ", states[i].advice);
	if (class == FAULT_DENIED)
		privilege = missing_privilege(said->primary);
	fault = fault_create(class, 0, privilege, "%s", text->str);
	(void)g_string_free(text, TRUE); /* gives NULL */
	return fault;
}

/* Where "FATAL:  28P01: " names a SQLSTATE, in the last of several attempts; NULL: nowhere. */
static const char *find_sqlstate(const char *message)
{
	const char *found = NULL;

	for (const char *at = message; (at = strstr(at, ":  ")); at++) {
		const char *state = at + strlen(":  ");
		size_t length = strspn(state, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (length == PG_SQLSTATE_BYTES && state[length] == ':')
			found = state;
	}
	return found;
}

static struct fault *refused_by_server(const char *what, const char *state)
{
	g_autofree char *sqlstate = g_strndup(state, PG_SQLSTATE_BYTES);
	g_autofree char *doing = g_strdup_printf("%s: connect to PostgreSQL", what);
	const char *text = state + PG_SQLSTATE_BYTES + strlen(": ");
	g_autofree char *line = g_strndup(text, strcspn(text, "\n"));
	struct pg_said said = {.sqlstate = sqlstate, .primary = line};

	return pg_fault_from_server(doing, &said);
}

/* What libpq says of its own, by words of it; the first that fits. */
static const struct {
	const char *words;
	enum fault_class class;
} failures[] = {
	{"no password supplied", FAULT_CREDENTIALS},
	{"server requested", FAULT_CREDENTIALS},
	{"authentication method", FAULT_CREDENTIALS},
	{"expected authentication request", FAULT_BAD_ANSWER},
	{"invalid response to SSL", FAULT_BAD_ANSWER},
	{"certificate", FAULT_TLS},
	{"SSL", FAULT_TLS},
	{"connection to server", FAULT_RESET},
	{"could not connect", FAULT_RESET},
};

struct fault *pg_fault_from_connection(const char *what, const char *message, bool tried)
{
	const char *state = find_sqlstate(message);

	if (state)
		return refused_by_server(what, state);
	/* a name with no address may be half a password, where dsn was not written as meant: it is
	 * not repeated */
	if (strstr(message, "could not translate host name"))
		return fault_create(FAULT_RESOLVE, 0, NULL,
				    "%s: connect to PostgreSQL: the host in dsn has no address: "
				    "correct it, or look at DNS",
				    what);
	for (size_t i = 0; i < G_N_ELEMENTS(failures); i++)
		if (strstr(message, failures[i].words))
			return fault_create(failures[i].class, 0, NULL,
					    "%s: connect to PostgreSQL: %.*s", what, SAID_MAX_BYTES,
					    message);
	if (tried)
		return fault_create(FAULT_RESET, 0, NULL, "%s: connect to PostgreSQL: %.*s", what,
				    SAID_MAX_BYTES, message);
	return fault_create(FAULT_BROKEN, 0, NULL,
			    "%s: connect to PostgreSQL: the connection string in dsn has a value "
			    "that libpq cannot use (port, sslmode, a file it names): correct it",
			    what);
}
