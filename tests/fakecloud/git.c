/* git - real `git http-backend` as a CGI program (RFC 3875; git-http-backend(1)). The request's
 * body is a file by then, so that neither side can block the other; the answer is streamed. */
#include "tests/fakecloud/handlers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** A CGI header is never longer. */
#define CGI_HEADER_MAX_BYTES ((size_t)64 * 1024)

/** Does "Authorization: Basic …" carry @p token as its password? */
static bool basic_is(const struct request *request, const char *token)
{
	const char *value = request_header(request, "Authorization");
	g_autofree guchar *decoded = NULL;
	g_autofree char *text = NULL;
	const char *colon = NULL;
	gsize length = 0;

	if (!value || g_ascii_strncasecmp(value, "Basic ", 6) != 0)
		return false;
	decoded = g_base64_decode(value + 6, &length);
	text = g_strndup((const char *)decoded, length);
	colon = strchr(text, ':');
	return colon && g_str_equal(colon + 1, token);
}

static char *path_info(const struct request *request)
{
	g_autofree char *decoded = g_uri_unescape_string(request->path + strlen("/git"), NULL);

	return g_strdup(decoded ? decoded : "/");
}

static void set_header(char ***environment, const char *variable, const struct request *request,
		       const char *header)
{
	const char *value = request_header(request, header);

	if (value)
		*environment = g_environ_setenv(*environment, variable, value, TRUE);
}

/** Everything may be fetched by id and filtered: what the big hosting services allow. */
static char **set_git_options(char **environment)
{
	static const char *const options[] = {"uploadpack.allowFilter",
					      "uploadpack.allowAnySHA1InWant"};

	environment = g_environ_setenv(environment, "GIT_CONFIG_COUNT", "2", TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		g_autofree char *key = g_strdup_printf("GIT_CONFIG_KEY_%zu", i);
		g_autofree char *value = g_strdup_printf("GIT_CONFIG_VALUE_%zu", i);

		environment = g_environ_setenv(environment, key, options[i], TRUE);
		environment = g_environ_setenv(environment, value, "true", TRUE);
	}
	return environment;
}

static char **cgi_environment(const struct request *request, const char *root)
{
	const char *mark = strchr(request->uri, '?');
	g_autofree char *info = path_info(request);
	g_autofree char *length = g_strdup_printf("%" G_GINT64_FORMAT, request->spool_bytes);
	const char *path = g_getenv("PATH");
	char **environment = NULL;

	environment = g_environ_setenv(environment, "PATH", path ? path : "/usr/bin:/bin", TRUE);
	environment = g_environ_setenv(environment, "GIT_PROJECT_ROOT", root, TRUE);
	environment = g_environ_setenv(environment, "GIT_HTTP_EXPORT_ALL", "1", TRUE);
	environment = g_environ_setenv(environment, "PATH_INFO", info, TRUE);
	environment = g_environ_setenv(environment, "QUERY_STRING", mark ? mark + 1 : "", TRUE);
	environment = g_environ_setenv(environment, "REQUEST_METHOD", request->method, TRUE);
	environment = g_environ_setenv(environment, "REMOTE_ADDR", "127.0.0.1", TRUE);
	if (g_str_equal(request->method, "POST"))
		environment = g_environ_setenv(environment, "CONTENT_LENGTH", length, TRUE);
	set_header(&environment, "CONTENT_TYPE", request, "Content-Type");
	set_header(&environment, "HTTP_CONTENT_ENCODING", request, "Content-Encoding");
	set_header(&environment, "HTTP_GIT_PROTOCOL", request, "Git-Protocol");
	set_header(&environment, "GIT_PROTOCOL", request, "Git-Protocol");
	return set_git_options(environment);
}

/** Run it with @p input as its input; its output's end. -1 with errno when it cannot be. */
static int start_backend(char **environment, int input, pid_t *ret_child)
{
	static char program[] = "git", command[] = "http-backend"; /* exec wants them writable */
	char *const arguments[] = {program, command, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int ends[2] = {-1, -1}, failure = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	(void)sigemptyset(&none);                      /* cannot fail */
	(void)posix_spawn_file_actions_init(&actions); /* these only fail without memory */
	(void)posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	failure = posix_spawnp(ret_child, "git", &actions, &attributes, arguments, environment);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]); /* the child has its own */
	if (failure == 0)
		return ends[0];
	(void)close(ends[0]); /* nothing was read */
	errno = failure;
	return -1;
}

/** Index behind the blank line that ends the header in @p bytes; 0: not there yet. */
static size_t header_end(const GString *bytes)
{
	const char *end = strstr(bytes->str, "\r\n\r\n");

	if (end)
		return (size_t)(end - bytes->str) + 4;
	end = strstr(bytes->str, "\n\n");
	return end ? (size_t)(end - bytes->str) + 2 : 0;
}

/** Read until the header is whole. False when the output ends before. */
static bool read_header(struct reply_stream *stream)
{
	char buffer[4096];

	while ((stream->taken = header_end(stream->pending)) == 0) {
		ssize_t got = read(stream->fd, buffer, sizeof(buffer));

		if (got <= 0 || stream->pending->len > CGI_HEADER_MAX_BYTES)
			return false;
		g_string_append_len(stream->pending, buffer, got);
	}
	return true;
}

static void take_header_line(struct reply *reply, const char *line)
{
	g_auto(GStrv) pair = g_strsplit(line, ": ", 2);
	gint64 status = 0;

	if (!pair[0] || !pair[1])
		return;
	if (g_ascii_strcasecmp(pair[0], "Status") == 0) {
		g_autofree char *digits = g_strndup(pair[1], 3);

		if (g_ascii_string_to_signed(digits, 10, 200, 599, &status, NULL))
			reply->status = (int)status; /* three digits */
	} else if (g_ascii_strcasecmp(pair[0], "Content-Length") != 0) {
		reply_add_header(reply, pair[0], pair[1]);
	}
}

static void take_header(struct reply *reply)
{
	g_autofree char *header = g_strndup(reply->stream->pending->str, reply->stream->taken);
	g_auto(GStrv) lines = g_strsplit(header, "\n", -1);

	for (size_t i = 0; lines[i]; i++)
		take_header_line(reply, g_strchomp(lines[i]));
}

static void run_backend(struct request *request, const char *root, struct reply *reply)
{
	g_auto(GStrv) environment = cgi_environment(request, root);
	pid_t child = 0;
	int fd = -1;

	(void)lseek(request->spool_fd, 0, SEEK_SET); /* a memory file: always seekable */
	fd = start_backend(environment, request->spool_fd, &child);
	if (fd < 0) {
		reply_set_text(reply, 500, "text/plain", g_strerror(errno));
		return;
	}
	reply->stream = g_new0(struct reply_stream, 1);
	reply->stream->fd = fd;
	reply->stream->child = child;
	reply->stream->left = -1;
	reply->stream->pending = g_string_new(NULL);
	if (read_header(reply->stream)) {
		take_header(reply);
		return;
	}
	g_clear_pointer(&reply->stream, reply_stream_free);
	reply_set_text(reply, 500, "text/plain", "git http-backend said nothing\n");
}

bool serve_git(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autofree char *root = NULL, *token = NULL;

	if (!g_str_equal(request_part(request, 0), "git"))
		return false;
	request->api = "git";
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
	root = g_strdup(cloud->options.git_root);
	token = g_strdup(cloud->options.git_token);
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
	if (!root)
		return false;
	if (token && !basic_is(request, token)) {
		reply_set_text(reply, 401, "text/plain", "no, or a wrong, token\n");
		reply_add_header(reply, "WWW-Authenticate", "Basic realm=\"git\"");
	} else {
		run_backend(request, root, reply);
	}
	return true;
}
