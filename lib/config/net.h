/* net - hosts and URLs as the configuration writes them. Pure: any thread. */
#ifndef DRIFT_CONFIG_NET_H
#define DRIFT_CONFIG_NET_H

#include "base.h"

/** Longest URL accepted: what servers commonly take. */
#define NET_URL_MAX_BYTES 2048

/** A host name (letters, digits, '-', '_', '.'), an IPv4 address, or an IPv6 address without
 * brackets. */
bool net_is_host(const char *text);

/** localhost, a name under it, 127.0.0.0/8 or ::1 (also IPv4-mapped): only this machine. */
bool net_is_loopback(const char *host);

/** Split "HOST:PORT" or "[IPV6]:PORT". Caller frees the host, which has no brackets.
 * DRIFT_ERROR_INVALID. */
MUST_CHECK bool net_split_listen(const char *text, char **ret_host, int *ret_port, GError **error);

/**
 * Check an http or https URL: host required, no user or password, no fragment, no white space.
 *
 * @param ret_host  may be NULL; caller frees.
 * @param error     DRIFT_ERROR_INVALID or TOO_LARGE; does not quote the URL.
 */
MUST_CHECK bool net_check_url(const char *text, char **ret_host, GError **error);

/** How a repository is reached. */
enum net_git {
	NET_GIT_NONE = 0,
	NET_GIT_PATH, /* a path on this machine */
	NET_GIT_FILE, /* file:// */
	NET_GIT_SSH,  /* ssh:// or [USER@]HOST:PATH */
	NET_GIT_HTTP, /* not encrypted */
	NET_GIT_HTTPS,
};

/**
 * Check the URL or path of a repository. Refused: secrets in it, a leading '-', remote helpers
 * ("ext::…"), other schemes. gitremote-helpers(7), git-clone(1) GIT URLS.
 *
 * @param ret_how   how it is reached.
 * @param ret_host  NULL for paths and file://; caller frees.
 * @param error     DRIFT_ERROR_INVALID or TOO_LARGE; does not quote the URL.
 */
MUST_CHECK bool net_check_git(const char *text, enum net_git *ret_how, char **ret_host,
			      GError **error);

/** Web page of the repository at @p url when that is an https URL at GitHub or GitLab; else NULL.
 * Caller frees. */
char *net_web_url(const char *url);

#endif
