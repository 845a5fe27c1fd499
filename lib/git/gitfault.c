/* gitfault - see gitfault.h */
#include "git/gitfault.h"

#include <string.h>

#include "drift_error.h"
#include "text.h"

struct sign {
	const char *words; /* of git, curl, ssh or the remote, in the C locale */
	enum gitcmd_fault fault;
};

/* The first that is there decides: precise before vague. */
static const struct sign signs[] = {
	{"not our ref", GITCMD_FAULT_NOT_OUR_REF},
	{"does not allow request for unadvertised object", GITCMD_FAULT_REFUSED},
	{"No space left on device", GITCMD_FAULT_FULL},
	{"Disk quota exceeded", GITCMD_FAULT_FULL},
	{"mismatched algorithms", GITCMD_FAULT_SHA256},
	{"unsupported object format", GITCMD_FAULT_SHA256},
	{"the server's object format", GITCMD_FAULT_SHA256},
	{"ouldn't find remote ref", GITCMD_FAULT_NO_BRANCH},
	{"Authentication failed", GITCMD_FAULT_AUTH},
	{"could not read Username", GITCMD_FAULT_AUTH},
	{"could not read Password", GITCMD_FAULT_AUTH},
	{"terminal prompts disabled", GITCMD_FAULT_AUTH},
	{"returned error: 401", GITCMD_FAULT_AUTH},
	{"returned error: 403", GITCMD_FAULT_AUTH},
	{"Permission denied (", GITCMD_FAULT_AUTH},
	{"Host key verification failed", GITCMD_FAULT_AUTH},
	{"detected dubious ownership", GITCMD_FAULT_AUTH},
	{"SSL certificate", GITCMD_FAULT_TLS},
	{"certificate verif", GITCMD_FAULT_TLS},
	{"certificate verification failed", GITCMD_FAULT_TLS},
	{"gnutls_handshake", GITCMD_FAULT_TLS},
	{"SSL connect error", GITCMD_FAULT_TLS},
	{"SSL: ", GITCMD_FAULT_TLS},
	{"unable to update url base from redirection", GITCMD_FAULT_MOVED},
	{"returned error: 30", GITCMD_FAULT_MOVED},
	{"returned error: 404", GITCMD_FAULT_NO_REPO},
	{"returned error: 410", GITCMD_FAULT_NO_REPO},
	{"Repository not found", GITCMD_FAULT_NO_REPO},
	{"/info/refs not found", GITCMD_FAULT_NO_REPO},
	{"' not found", GITCMD_FAULT_NO_REPO},
	{"Could not resolve host", GITCMD_FAULT_AWAY},
	{"Could not resolve hostname", GITCMD_FAULT_AWAY},
	{"Failed to connect", GITCMD_FAULT_AWAY},
	{"Couldn't connect", GITCMD_FAULT_AWAY},
	{"Connection refused", GITCMD_FAULT_AWAY},
	{"Connection reset", GITCMD_FAULT_AWAY},
	{"Connection timed out", GITCMD_FAULT_AWAY},
	{"Operation timed out", GITCMD_FAULT_AWAY},
	{"Operation too slow", GITCMD_FAULT_AWAY},
	{"returned error: ", GITCMD_FAULT_AWAY},
	{"the remote end hung up", GITCMD_FAULT_AWAY},
	{"unexpected disconnect", GITCMD_FAULT_AWAY},
	{"RPC failed", GITCMD_FAULT_AWAY},
	{"early EOF", GITCMD_FAULT_AWAY},
	{"expected flush", GITCMD_FAULT_AWAY},
	{"protocol error", GITCMD_FAULT_AWAY},
	{"bad line length", GITCMD_FAULT_AWAY},
	{"not valid: is this a git repository?", GITCMD_FAULT_NO_REPO},
	{"does not appear to be a git repository", GITCMD_FAULT_NO_REPO},
	{"not a git repository", GITCMD_FAULT_DAMAGED},
	{"bad config", GITCMD_FAULT_DAMAGED},
	{"is corrupt", GITCMD_FAULT_DAMAGED},
	{"corrupted", GITCMD_FAULT_DAMAGED},
	{"bad object", GITCMD_FAULT_DAMAGED},
	{"missing object", GITCMD_FAULT_DAMAGED},
	{"unable to read tree", GITCMD_FAULT_DAMAGED},
	{"unable to parse object", GITCMD_FAULT_DAMAGED},
	{"could not parse", GITCMD_FAULT_DAMAGED},
	{"Could not read ", GITCMD_FAULT_DAMAGED},
	{"broken link", GITCMD_FAULT_DAMAGED},
	{"cannot lock ref", GITCMD_FAULT_DAMAGED},
	{"unable to resolve reference", GITCMD_FAULT_DAMAGED},
	{"bad ref", GITCMD_FAULT_DAMAGED},
	{"did not send all necessary objects", GITCMD_FAULT_DAMAGED},
	{"index-pack failed", GITCMD_FAULT_AWAY},
	{"invalid index-pack output", GITCMD_FAULT_AWAY},
};

/* By fault: the code of the error, and what to do. */
static const struct {
	enum drift_error code;
	const char *advice;
} meanings[] = {
	[GITCMD_FAULT_NONE] = {DRIFT_ERROR_IO, NULL},
	[GITCMD_FAULT_NO_GIT] = {DRIFT_ERROR_UNAVAILABLE, "install git"},
	[GITCMD_FAULT_TIMEOUT] = {DRIFT_ERROR_TIMEOUT,
				  "raise fetch-timeout if the remote is only slow"},
	[GITCMD_FAULT_CANCELLED] = {DRIFT_ERROR_CANCELLED, NULL},
	[GITCMD_FAULT_AUTH] = {DRIFT_ERROR_DENIED, "check token, key or permissions"},
	[GITCMD_FAULT_NO_REPO] = {DRIFT_ERROR_NOT_FOUND,
				  "check the url, and that the token may read the repository"},
	[GITCMD_FAULT_NO_BRANCH] = {DRIFT_ERROR_NOT_FOUND, "check branch"},
	[GITCMD_FAULT_NOT_OUR_REF] = {DRIFT_ERROR_NOT_FOUND, NULL},
	[GITCMD_FAULT_REFUSED] = {DRIFT_ERROR_UNAVAILABLE,
				  "the remote must speak protocol version 2 or set "
				  "uploadpack.allowAnySHA1InWant"},
	[GITCMD_FAULT_MOVED] = {DRIFT_ERROR_UNAVAILABLE,
				"the remote redirects, which is not followed with a token: write "
				"its new address into url"},
	[GITCMD_FAULT_TLS] = {DRIFT_ERROR_UNAVAILABLE,
			      "check the certificate of the remote and ca-certificates here"},
	[GITCMD_FAULT_AWAY] = {DRIFT_ERROR_UNAVAILABLE, NULL},
	[GITCMD_FAULT_FULL] = {DRIFT_ERROR_FULL, "make room in the state directory"},
	[GITCMD_FAULT_SHA256] = {DRIFT_ERROR_UNSUPPORTED,
				 "the repository uses SHA-256 ids; driftd reads SHA-1 ones"},
	[GITCMD_FAULT_DAMAGED] = {DRIFT_ERROR_CORRUPT, NULL},
	[GITCMD_FAULT_OTHER] = {DRIFT_ERROR_UNAVAILABLE, NULL},
};

enum gitcmd_fault gitcmd_classify(const char *err)
{
	for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
		if (strstr(err, signs[i].words))
			return signs[i].fault;
	}
	return GITCMD_FAULT_OTHER;
}

static void replace_all(GString *text, const char *secret)
{
	if (secret && secret[0])
		g_string_replace(text, secret, "[redacted]", 0);
}

/* "scheme://user:password@host" loses what stands before the '@'. */
static void drop_userinfo(GString *text)
{
	gsize from = 0;
	const char *mark;

	while ((mark = strstr(text->str + from, "://"))) {
		gsize start = (gsize)(mark - text->str) + 3;
		gsize length = strcspn(text->str + start, "@/ \t\r\n'\"");

		if (text->str[start + length] == '@')
			g_string_erase(text, (gssize)start, (gssize)length + 1);
		from = start;
	}
}

char *gitfault_redact(const char *text, const char *token)
{
	GString *clean = g_string_new(text);

	if (token) {
		g_autofree char *plain = g_strdup_printf("x-access-token:%s", token);
		g_autofree char *encoded = g_base64_encode((const guchar *)plain, strlen(plain));

		replace_all(clean, encoded);
		replace_all(clean, token);
	}
	drop_userinfo(clean);
	return g_string_free(clean, FALSE);
}

char *gitcmd_show_url(const char *url)
{
	return gitfault_redact(url, NULL);
}

/* The line that says most: the first of git's own, else the last there is. */
static char *choose_line(const char *err)
{
	g_auto(GStrv) lines = g_strsplit_set(err, "\r\n", -1);
	const char *chosen = "";

	for (size_t i = 0; lines[i]; i++) {
		if (g_str_has_prefix(lines[i], "fatal: ") || g_str_has_prefix(lines[i], "error: "))
			return text_to_utf8(lines[i] + 7, strlen(lines[i] + 7), 300);
		if (lines[i][0])
			chosen = lines[i];
	}
	return text_to_utf8(chosen, strlen(chosen), 300);
}

static char *describe(const struct gitcmd_result *result)
{
	if (result->fault == GITCMD_FAULT_TIMEOUT)
		return g_strdup("it did not end in time and was stopped");
	if (result->fault == GITCMD_FAULT_CANCELLED)
		return g_strdup("given up");
	if (result->exit_code < 0)
		return g_strdup("it was stopped or killed");
	if (!result->err[0])
		return g_strdup_printf("it exited with status %d and said nothing",
				       result->exit_code);
	return choose_line(result->err);
}

void gitfault_set_error(GError **error, const struct gitcmd *command,
			const struct gitcmd_result *result)
{
	g_autofree char *why = describe(result);
	const char *advice = meanings[result->fault].advice;
	g_autofree char *url = command->url ? gitcmd_show_url(command->url) : NULL;

	g_set_error(error, DRIFT_ERROR, (gint)meanings[result->fault].code, "git %s%s%s: %s%s%s",
		    command->what, url ? " with " : "", url ? url : "", why, advice ? "; " : "",
		    advice ? advice : "");
}
