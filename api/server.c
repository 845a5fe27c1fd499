/* server - see server.h */
#include "api/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/events.h"
#include "api/host.h"
#include "api/server_private.h"
#include "drift_error.h"
#include "log.h"

/** Open connections at once (DESIGN 4), and how long one may say nothing. */
#define CONNECTIONS_MAX 8192
#define IDLE_TIMEOUT_S 15

/** Connections the kernel keeps until they are accepted: a burst of 1,000 POST /check fits. */
#define BACKLOG 4096

/** How long stopping waits for answers that are under way. */
#define STOP_WAIT_MS 2000

static void refuse_listen(GError **error, const char *listen, int saved_errno)
{
	bool busy = saved_errno == EADDRINUSE;

	g_set_error(error, DRIFT_ERROR, busy ? DRIFT_ERROR_BUSY : DRIFT_ERROR_IO,
		    "listen on %s: %s%s", listen, g_strerror(saved_errno),
		    busy ? ": stop what listens there (perhaps another driftd), or set another "
			   "address as [driftd] listen"
		    : saved_errno == EACCES ? ": ports below 1024 need CAP_NET_BIND_SERVICE; set "
					      "another as [driftd] listen"
					    : "");
}

static int open_one(const struct addrinfo *info)
{
	int on = 1;
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
			info->ai_protocol);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int saved_errno = errno;

	(void)close(fd); /* nothing was written */
	errno = saved_errno;
	return -1;
}

static int open_listener(const char *listen, GError **error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	struct host host = {0};
	g_autofree char *port = NULL;
	int fd = -1, code = 0;

	if (!host_parse(listen, &host) || host.port < 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "listen on %s: give HOST:PORT or [IPV6]:PORT", listen);
		return -1;
	}
	port = g_strdup_printf("%d", host.port);
	code = getaddrinfo(host.name, port, &hints, &found);
	if (code != 0) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_NOT_FOUND, "listen on %s: %s", listen,
			    gai_strerror(code));
		return -1;
	}
	for (const struct addrinfo *info = found; info && fd < 0; info = info->ai_next)
		fd = open_one(info);
	if (fd < 0)
		refuse_listen(error, listen, errno);
	freeaddrinfo(found);
	return fd;
}

/* A socket that systemd opened: it must listen already. */
static bool adopt_listener(int fd, GError **error)
{
	int listens = 0;
	socklen_t length = sizeof(listens);
	int flags = fcntl(fd, F_GETFL);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 || !listens) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "the socket handed in (descriptor %d) does not listen: use "
			    "ListenStream= and Accept=no in its unit",
			    fd);
		return false;
	}
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		drift_error_set_errno(error, errno, "prepare", "the socket handed in");
		return false;
	}
	return true;
}

/* "127.0.0.1:8080", "[::1]:8080", "unix:/run/x". */
static char *address_text(int fd)
{
	struct sockaddr_storage storage = {0};
	socklen_t length = sizeof(storage);
	char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";

	if (getsockname(fd, (struct sockaddr *)&storage, &length) != 0)
		return g_strdup("unknown");
	if (storage.ss_family == AF_UNIX)
		return g_strdup_printf("unix:%s", ((struct sockaddr_un *)&storage)->sun_path);
	if (getnameinfo((struct sockaddr *)&storage, length, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return g_strdup("unknown");
	return g_strdup_printf(storage.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static void write_log(void *data, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

/* What libmicrohttpd has to say is about single connections: for debugging only. */
static void write_log(void *data, const char *format, va_list arguments)
{
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	g_autofree char *quoted = log_quote(g_strchomp(text));

	(void)data;
	log_debug("http.library", "message=%s", quoted);
}

/* Escapes in path and query are decoded by query.c, strictly, not by libmicrohttpd. */
static size_t keep_escapes(void *data, struct MHD_Connection *connection, char *text)
{
	(void)data;
	(void)connection;
	return strlen(text);
}

static struct MHD_Daemon *start_daemon(struct server *server, int fd, unsigned threads)
{
	/* a pool of one is no pool: libmicrohttpd's own thread serves then */
	struct MHD_OptionItem pool[] = {
		{MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? (intptr_t)threads : 0, NULL},
		{MHD_OPTION_END, 0, NULL},
	};

	server_epoll_use();
	if (threads <= 1)
		pool[0] = pool[1];
	return MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
			MHD_USE_ERROR_LOG,
		0, NULL, NULL, server_handle, server, MHD_OPTION_EXTERNAL_LOGGER, write_log, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)API_CONNECTION_BYTES,
		MHD_OPTION_URI_LOG_CALLBACK, server_begin, server, MHD_OPTION_NOTIFY_COMPLETED,
		server_completed, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
		MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
}

static void server_free(struct server *server)
{
	auth_rules_unref(server->rules);
	config_unref(server->config);
	if (server->idle_fd >= 0)
		(void)close(server->idle_fd);       /* nothing was written that could be lost */
	(void)pthread_mutex_destroy(&server->lock); /* fails only when held: a bug */
	g_free(server->address);
	g_free(server->listen);
	g_free(server);
}

static struct server *server_create(struct app *app, struct config *config, const char *listen,
				    int fd)
{
	struct server *server = g_new0(struct server, 1);

	server->app = app;
	server->address = address_text(fd);
	server->listen = g_strdup(listen ? listen : server->address);
	server->rules = auth_rules_create(config, server->listen);
	server->config = config_ref(config);
	server->idle_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->idle_fd < 0 || pthread_mutex_init(&server->lock, NULL) != 0)
		g_error("server: out of descriptors or locks"); /* at start */
	return server;
}

struct server *server_start(const struct server_options *options, struct app *app,
			    struct config *config, GError **error)
{
	bool given = options->listen_fd >= 0;
	int fd = given ? options->listen_fd : open_listener(options->listen, error);
	struct server *server = NULL;

	if (fd < 0)
		return NULL;
	if (given && !adopt_listener(fd, error)) {
		(void)close(fd); /* it was of no use */
		return NULL;
	}
	server = server_create(app, config, given ? NULL : options->listen, fd);
	server->daemon = start_daemon(server, fd, options->threads);
	if (server->daemon)
		return server;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_IO,
		    "start the HTTP server on %s: libmicrohttpd refused; are there threads and "
		    "descriptors left (ulimit -u, -n)?",
		    server->address);
	(void)close(fd); /* libmicrohttpd has not taken it */
	server_free(server);
	return NULL;
}

struct auth_rules *server_ref_rules(struct server *server, struct config **ret_config)
{
	struct auth_rules *rules = NULL;

	if (pthread_mutex_lock(&server->lock) != 0)
		g_error("server: lock"); /* fails on misuse only */
	rules = auth_rules_ref(server->rules);
	*ret_config = config_ref(server->config);
	if (pthread_mutex_unlock(&server->lock) != 0)
		g_error("server: unlock");
	return rules;
}

void server_set_config(struct server *server, struct config *config)
{
	struct auth_rules *fresh = auth_rules_create(config, server->listen);
	struct auth_rules *old = NULL;
	struct config *old_config = NULL;

	(void)config_ref(config);
	if (pthread_mutex_lock(&server->lock) != 0)
		g_error("server: lock");
	old = server->rules;
	server->rules = fresh;
	old_config = server->config;
	server->config = config;
	if (pthread_mutex_unlock(&server->lock) != 0)
		g_error("server: unlock");
	auth_rules_unref(old);
	config_unref(old_config);
	events_end_readers(
		app_events(server->app)); /* whoever may not read any more reads no more */
}

const char *server_address(const struct server *server)
{
	return server->address;
}

/* MHD_quiesce_daemon() is not used: in a pool it races with the threads that it takes the listening
 * socket from, and aborts when they are faster (0.9.75). New requests are refused instead. */
void server_stop(struct server *server)
{
	struct pollfd idle = {.fd = server->idle_fd, .events = POLLIN};

	atomic_store(&server->stopping, true);
	if (atomic_load(&server->active) > 0)
		(void)poll(&idle, 1, STOP_WAIT_MS); /* whoever is slower loses its answer */
	MHD_stop_daemon(server->daemon);
	server_free(server);
}
