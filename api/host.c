/* host - see host.h */
#include "api/host.h"

#include <arpa/inet.h>
#include <string.h>

#define PORT_MAX 65535
#define PORT_HTTP 80
#define PORT_HTTPS 443

static bool parse_port(const char *text, int *ret_port)
{
	guint64 port = 0;

	if (!g_ascii_string_to_unsigned(text, 10, 0, PORT_MAX, &port, NULL))
		return false;
	*ret_port = (int)port; /* at most PORT_MAX */
	return true;
}

static bool is_name_byte(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
}

/* Brackets hold an IPv6 address and nothing else. */
static bool take_address6(const char *text, size_t length, struct host *host)
{
	struct in6_addr address = {0};

	memcpy(host->name, text, length);
	host->name[length] = '\0';
	if (inet_pton(AF_INET6, host->name, &address) != 1)
		return false;
	/* one spelling for each address */
	return inet_ntop(AF_INET6, &address, host->name, sizeof(host->name)) != NULL;
}

static bool take_name(const char *text, size_t length, struct host *host)
{
	struct in_addr address = {0};

	for (size_t i = 0; i < length; i++) {
		if (!is_name_byte(text[i]))
			return false;
		host->name[i] = g_ascii_tolower(text[i]);
	}
	if (length > 1 && host->name[length - 1] == '.')
		length--;
	host->name[length] = '\0';
	host->is_address = inet_pton(AF_INET, host->name, &address) == 1;
	return true;
}

bool host_parse(const char *text, struct host *ret_host)
{
	struct host host = {.port = -1};
	bool bracket = *text == '[';
	const char *name = text + (bracket ? 1 : 0);
	size_t length = strcspn(name, bracket ? "]" : ":");
	const char *rest = name + length;

	if (length == 0 || length >= HOST_MAX_BYTES)
		return false;
	if (bracket) {
		if (*rest++ != ']' || !take_address6(name, length, &host))
			return false;
		host.is_address = true;
	} else if (!take_name(name, length, &host)) {
		return false;
	}
	if (*rest && (*rest != ':' || (rest[1] && !parse_port(rest + 1, &host.port))))
		return false;
	*ret_host = host;
	return true;
}

bool host_parse_origin(const char *text, struct host *ret_host, bool *ret_tls)
{
	char authority[HOST_MAX_BYTES + 8] = ""; /* room for brackets and a port */
	bool tls = g_ascii_strncasecmp(text, "https://", strlen("https://")) == 0;
	size_t length = 0;

	if (!tls && g_ascii_strncasecmp(text, "http://", strlen("http://")) != 0)
		return false;
	text = strstr(text, "://") + strlen("://");
	length = strcspn(text, "/?#");
	if (length >= sizeof(authority))
		return false;
	memcpy(authority, text, length);
	if (!host_parse(authority, ret_host))
		return false;
	if (ret_host->port < 0)
		ret_host->port = tls ? PORT_HTTPS : PORT_HTTP;
	*ret_tls = tls;
	return true;
}

bool host_is_loopback(const struct host *host)
{
	struct in_addr address = {0};

	if (!host->is_address)
		return strcmp(host->name, "localhost") == 0;
	if (inet_pton(AF_INET, host->name, &address) == 1)
		return (ntohl(address.s_addr) >> 24) == 127;
	return strcmp(host->name, "::1") == 0 || g_str_has_prefix(host->name, "::ffff:127.");
}
