/* refusal - see refusal.h */
#include "api/refusal.h"

#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "clk.h"
#include "log.h"

/* The log is the process's, and so is its limit. */
static pthread_mutex_t limit_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t second_began_mono_ms = -MS_PER_S;
static int lines;
static int64_t dropped;

bool refusal_may_log(int64_t now_mono_ms, int64_t *ret_dropped)
{
	bool may = false;

	if (pthread_mutex_lock(&limit_lock) != 0)
		g_error("refusal: lock"); /* fails on misuse only */
	if (now_mono_ms >= second_began_mono_ms + MS_PER_S || now_mono_ms < second_began_mono_ms) {
		second_began_mono_ms = now_mono_ms;
		lines = 0;
	}
	may = lines < REFUSAL_LINES_PER_S;
	if (may) {
		lines++;
		*ret_dropped = dropped;
		dropped = 0;
	} else {
		dropped++;
	}
	if (pthread_mutex_unlock(&limit_lock) != 0)
		g_error("refusal: unlock");
	return may;
}

static socklen_t address_bytes(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return sizeof(struct sockaddr_in);
	return address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : 0;
}

static char *peer_text(const struct sockaddr *peer)
{
	char host[NI_MAXHOST] = "";

	if (!peer || address_bytes(peer) == 0 ||
	    getnameinfo(peer, address_bytes(peer), host, sizeof(host), NULL, 0, NI_NUMERICHOST) !=
		    0)
		return g_strdup(peer && peer->sa_family == AF_UNIX ? "unix" : "unknown");
	return g_strdup(host);
}

void refusal_note(const struct request *request, enum app_count what, const char *why)
{
	int64_t unlogged = 0;
	g_autofree char *peer = NULL;
	g_autofree char *path = NULL;
	g_autofree char *reason = NULL;

	app_count(request->app, what);
	if (!refusal_may_log(clk_mono_ms(), &unlogged))
		return;
	peer = peer_text(request->peer);
	path = log_quote(request->path); /* without the query: links carry their signature there */
	reason = log_quote(why);
	log_warn("auth.refused",
		 "reason=%s method=%s path=%s peer=%s proxied=%s not_logged=%" PRId64, reason,
		 request_method_text(request->method), path, peer,
		 request->headers.forwarded ? "true" : "false", unlogged);
}
