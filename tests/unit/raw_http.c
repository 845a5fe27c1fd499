/* raw_http - see raw_http.h */
#include "raw_http.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(const char *address, int receive_bytes)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	guint64 port = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert(g_ascii_string_to_unsigned(strrchr(address, ':') + 1, 10, 1, 65535, &port, NULL));
	to.sin_port = htons((uint16_t)port);
	if (receive_bytes > 0)
		ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
					    sizeof(receive_bytes)),
				 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

int raw_dial(const char *address)
{
	return dial(address, 0);
}

int raw_dial_narrow(const char *address, int receive_bytes)
{
	return dial(address, receive_bytes);
}

void raw_send(int fd, const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* the server has closed: what it said is read next */
		text += sent;
		length -= (size_t)sent;
	}
}

static char *read_until(int fd, const char *end)
{
	GString *text = g_string_new(NULL);
	char buffer[4096];
	struct pollfd wanted = {.fd = fd, .events = POLLIN};

	while (!end || !strstr(text->str, end)) {
		ssize_t got = 0;

		ck_assert_msg(poll(&wanted, 1, RAW_PATIENCE_MS) == 1, "no answer: %.2000s",
			      text->str);
		got = recv(fd, buffer, sizeof(buffer), 0);
		if (got <= 0)
			break;
		g_string_append_len(text, buffer, got);
	}
	ck_assert_int_eq(close(fd), 0);
	return g_string_free(text, FALSE);
}

char *raw_read_all(int fd)
{
	return read_until(fd, NULL);
}

char *raw_read_head(int fd)
{
	return read_until(fd, "\r\n\r\n");
}

char *raw_ask(const char *address, const char *request)
{
	int fd = raw_dial(address);

	raw_send(fd, request);
	return raw_read_all(fd);
}

int raw_status(const char *answer)
{
	guint64 status = 0;
	g_autofree char *digits = NULL;

	ck_assert_msg(g_str_has_prefix(answer, "HTTP/1.1 "), "%.2000s", answer);
	digits = g_strndup(answer + strlen("HTTP/1.1 "), 3);
	ck_assert(g_ascii_string_to_unsigned(digits, 10, 100, 599, &status, NULL));
	return (int)status;
}

const char *raw_body(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	ck_assert_ptr_nonnull(end);
	return end + 4;
}

char *raw_header(const char *answer, const char *name)
{
	g_autofree char *pattern = g_strdup_printf("(?i)^%s: ([^\r]*)\r$", name);
	g_autofree char *head = g_strndup(answer, (gsize)(raw_body(answer) - answer));
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	return g_regex_match(regex, head, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}
