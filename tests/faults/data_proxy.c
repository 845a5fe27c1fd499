/* data_proxy - see data_proxy.h */
#include "tests/faults/data_proxy.h"

#include "tests/integration/harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/** Connections at a time; more wait. */
#define LINKS_MAX 32
/** How often it looks whether its mode has changed. */
#define LOOK_MS 10

/** One connection; both -1: free. */
struct link {
	int client, server;
	int64_t left_bytes; /* of the server's, under CUT and STALL */
};

struct relay {
	int listener, port;
	int64_t cut_bytes;
	enum proxy_mode mode;
	struct link links[LINKS_MAX];
};

static int open_socket(int port, bool listens)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				      .sin_port = htons((uint16_t)port)}; /* a port */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result = 0;

	if (fd < 0)
		return -1;
	result = listens ? bind(fd, (const struct sockaddr *)&address, sizeof(address))
			 : connect(fd, (const struct sockaddr *)&address, sizeof(address));
	if (result == 0 && (!listens || listen(fd, LINKS_MAX) == 0))
		return fd;
	(void)close(fd); /* it never worked */
	return -1;
}

static void close_link(struct link *link)
{
	const struct linger reset = {.l_onoff = 1};

	/* what was received and not read makes it a reset anyway */
	(void)setsockopt(link->client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	(void)close(link->client);
	if (link->server >= 0)
		(void)close(link->server);
	*link = (struct link){-1, -1, 0};
}

static bool send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		length -= (size_t)sent; /* > 0 */
	}
	return true;
}

static void say(struct link *link, const char *text)
{
	(void)send_all(link->client, text, strlen(text)); /* whether it is heard does not matter */
	(void)shutdown(link->client, SHUT_WR);
	(void)close(link->client);
	if (link->server >= 0)
		(void)close(link->server);
	*link = (struct link){-1, -1, 0};
}

/** What is done with a connection that is new, or that is there when the mode changes. */
static void apply_mode(const struct relay *relay, struct link *link)
{
	char drop[1024];

	link->left_bytes = relay->cut_bytes;
	if (relay->mode == PROXY_MODE_REFUSE) {
		close_link(link);
	} else if (relay->mode == PROXY_MODE_GARBAGE || relay->mode == PROXY_MODE_HTML) {
		/* unread bytes would make it a reset */
		(void)recv(link->client, drop, sizeof(drop), link->server < 0 ? 0 : MSG_DONTWAIT);
		say(link,
		    relay->mode == PROXY_MODE_HTML
			    ? "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>"
			    : "\x07\xff\xfe garbage\n");
	} else if (relay->mode != PROXY_MODE_SILENT && link->server < 0) {
		link->server = open_socket(relay->port, false);
		if (link->server < 0)
			close_link(link);
	}
}

static void accept_link(struct relay *relay)
{
	int fd = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);

	for (int i = 0; fd >= 0 && i < LINKS_MAX; i++) {
		if (relay->links[i].client >= 0)
			continue;
		relay->links[i] = (struct link){fd, -1, 0};
		apply_mode(relay, &relay->links[i]);
		return;
	}
	if (fd >= 0)
		(void)close(fd);
}

/** Bytes of one side go to the other; false: this connection is over. */
static bool pass(const struct relay *relay, struct link *link, bool from_server)
{
	bool is_short = relay->mode == PROXY_MODE_CUT || relay->mode == PROXY_MODE_STALL;
	char bytes[4096];
	ssize_t got = recv(from_server ? link->server : link->client, bytes, sizeof(bytes), 0);

	if (got <= 0)
		return false;
	if (from_server && is_short) {
		got = MIN(got, (ssize_t)link->left_bytes); /* small */
		link->left_bytes -= got;
	}
	if (!send_all(from_server ? link->client : link->server, bytes, (size_t)got)) /* >= 0 */
		return false;
	return link->left_bytes > 0 || relay->mode != PROXY_MODE_CUT;
}

static void serve_link(const struct relay *relay, struct link *link, const struct pollfd *polls)
{
	bool is_open = true;

	if (link->client < 0)
		return;
	if (relay->mode == PROXY_MODE_SILENT) {
		is_open = !(polls[0].revents & (POLLHUP | POLLERR));
	} else {
		if (polls[0].revents)
			is_open = pass(relay, link, false);
		if (is_open && polls[1].revents)
			is_open = pass(relay, link, true);
	}
	if (!is_open)
		close_link(link);
}

static void look_once(struct relay *relay)
{
	struct pollfd polls[1 + 2 * LINKS_MAX] = {{.fd = relay->listener, .events = POLLIN}};
	short events = relay->mode == PROXY_MODE_SILENT ? 0 : POLLIN;

	for (int i = 0; i < LINKS_MAX; i++) {
		polls[1 + 2 * i] = (struct pollfd){.fd = relay->links[i].client, .events = events};
		polls[2 + 2 * i] = (struct pollfd){.fd = relay->links[i].server, .events = events};
	}
	(void)poll(polls, G_N_ELEMENTS(polls), LOOK_MS); /* then it looks again */
	for (int i = 0; i < LINKS_MAX; i++)
		serve_link(relay, &relay->links[i], &polls[1 + 2 * i]);
	if (polls[0].revents)
		accept_link(relay);
}

static G_GNUC_NORETURN void run(struct relay *relay, const int *shared)
{
	for (;;) {
		enum proxy_mode mode = (enum proxy_mode)__atomic_load_n(shared, __ATOMIC_SEQ_CST);

		for (int i = 0; i < LINKS_MAX && mode != relay->mode; i++) {
			struct relay next = *relay;

			next.mode = mode;
			if (relay->links[i].client >= 0)
				apply_mode(&next, &relay->links[i]);
		}
		relay->mode = mode;
		look_once(relay);
	}
}

struct proxy proxy_start(int port, int64_t cut_bytes)
{
	struct relay relay = {.port = port, .cut_bytes = cut_bytes};
	struct sockaddr_in address = {0};
	socklen_t length = sizeof(address);
	struct proxy proxy = {0};

	proxy.shared = mmap(NULL, sizeof(*proxy.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_msg(proxy.shared != MAP_FAILED, "mmap: %s", strerror(errno));
	relay.listener = open_socket(0, true);
	ck_assert_msg(relay.listener >= 0 && getsockname(relay.listener,
							 (struct sockaddr *)&address, &length) == 0,
		      "listen: %s", strerror(errno));
	proxy.port = ntohs(address.sin_port);
	for (int i = 0; i < LINKS_MAX; i++)
		relay.links[i] = (struct link){-1, -1, 0};
	proxy.pid = fork();
	ck_assert_msg(proxy.pid >= 0, "fork: %s", strerror(errno));
	if (proxy.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* else it is stopped by us */
		run(&relay, proxy.shared);
	}
	(void)close(relay.listener); /* the child's */
	return proxy;
}

void proxy_stop(struct proxy *proxy)
{
	if (proxy->pid > 0) {
		(void)kill(proxy->pid, SIGKILL);
		(void)waitpid(proxy->pid, NULL, 0);
		(void)munmap(proxy->shared, sizeof(*proxy->shared));
	}
	*proxy = (struct proxy){0};
}

void proxy_set(const struct proxy *proxy, enum proxy_mode mode)
{
	__atomic_store_n(proxy->shared, (int)mode, __ATOMIC_SEQ_CST);
}
