/* http_client - every outgoing HTTP call: one curl_multi loop, one connection cache, bounded in
 * number, size and time, with retries inside a deadline, and an account of every call. Scheduler
 * thread (the thread that created it) only. */
#ifndef DRIFT_HTTP_CLIENT_H
#define DRIFT_HTTP_CLIENT_H

#include "base.h"

struct http_client;

/** Why there is no usable answer. HTTP statuses are no failure here: the caller judges them. */
enum http_failure {
	HTTP_FAILURE_NONE = 0,
	HTTP_FAILURE_RESOLVE,    /* the name has no address */
	HTTP_FAILURE_CONNECT,    /* refused, unreachable; or not sent at all: no http or https URL,
				    a header with control characters */
	HTTP_FAILURE_TLS,        /* certificate or handshake */
	HTTP_FAILURE_TIMEOUT,    /* the request's or the cycle's deadline */
	HTTP_FAILURE_RESET,      /* the connection broke, or the body ended early */
	HTTP_FAILURE_TOO_LARGE,  /* the body passed max_body_bytes, or the headers their bounds */
	HTTP_FAILURE_REDIRECT,   /* to another host or scheme, or too many */
	HTTP_FAILURE_BAD_ANSWER, /* not HTTP, broken encoding */
	HTTP_FAILURE_CANCELLED,
};

struct http_response;

/** What a http_retry_fn says when it has no number of its own. */
#define HTTP_RETRY_BY_STATUS ((int64_t)-1) /* no opinion: status and Retry-After decide */
#define HTTP_RETRY_BACKOFF ((int64_t)-2)   /* worth another attempt, after the usual backoff */

/** Asked about every answer that is not 2xx: milliseconds to wait before another attempt, or one of
 * the two above. */
typedef int64_t (*http_retry_fn)(const struct http_response *response);

/** One call. Create with http_request_create(), fill the fields, hand it to http_client_send(),
 * which takes it. */
struct http_request {
	char *api; /* for the account: "run", "functions", "storage", "token", "metadata", "http",
		      "probe", "heartbeat" */
	char *method;       /* "GET", "POST" */
	char *url;          /* http or https only */
	GPtrArray *headers; /* char * "Name: value", may be empty */
	char *bearer;       /* secret: sent as Authorization, never across hosts; NULL: none */
	char *body;         /* NULL: none */
	size_t body_bytes;
	int64_t timeout_ms; /* of one attempt; default HTTP_TIMEOUT_DEFAULT_MS */
	/* of all attempts and the waiting; 0: timeout_ms from the start of the first attempt */
	int64_t deadline_mono_ms;
	size_t max_body_bytes; /* of the answer; 0: HTTP_BODY_MAX_BYTES */
	int max_attempts; /* 1: never retry. Retried: transport failures, 408, 429, 5xx except 501
			     and 505 */
	http_retry_fn retry; /* NULL: status and Retry-After decide */
	/* GET only, up to HTTP_REDIRECTS_MAX, same scheme+host+port only (HTTP_FAILURE_REDIRECT
	 * else); false: a 3xx is an answer like others */
	bool follow_redirects;
	/* starts at once, whatever else is under way, and takes no turn from the others: for the
	 * few calls that no cycle waits for and that wait for no cycle */
	bool apart;
	bool no_proxy;      /* the metadata server is never asked through a proxy */
	bool secret_answer; /* the answer holds a token: its bytes are wiped after use */
};

/** Time of one attempt unless the caller says otherwise: [driftd] request-timeout's default. */
#define HTTP_TIMEOUT_DEFAULT_MS (10 * MS_PER_S)

/** Longer chains are loops in practice. */
#define HTTP_REDIRECTS_MAX 5

/** Bounds of an answer's headers: far above what Google's front ends and proxies send. */
#define HTTP_HEADERS_MAX 200
#define HTTP_HEADER_BYTES_MAX ((size_t)64 * 1024)

/** Default bound of an answer's body, after decompression. */
#define HTTP_BODY_MAX_BYTES ((size_t)16 * 1024 * 1024)

/** An answer, or the lack of one. Valid during the callback only. */
struct http_response {
	enum http_failure failure;
	char *message;    /* one line for people when failure is set: what, to which host, why; no
			     secret, no query string; else NULL */
	int status;       /* HTTP status of the last attempt; 0 when there was none */
	const char *body; /* NUL-terminated for convenience; bytes count */
	size_t body_bytes;
	char *content_type;     /* NULL when absent */
	int64_t retry_after_ms; /* -1 when absent */
	int attempts;
	GHashTable *headers; /* lower-case name -> last value (char *) */
};

typedef void (*http_done_fn)(void *data, const struct http_response *response);

/** Called with the time, size and status of every attempt that ended, for accounts. */
struct http_account {
	char *api;
	char *outcome; /* "200", "404" … or "timeout", "reset", "connect" … */
	int64_t calls;
	int64_t time_ms; /* sum */
	int64_t bytes;   /* received, sum */
};

/**
 * @param max_parallel  attempts under way at once, 1..1024, those that are apart not counted; more
 *                      wait in order.
 * @return caller frees with http_client_free(). DRIFT_ERROR_UNAVAILABLE when libcurl cannot start.
 */
MUST_CHECK struct http_client *http_client_create(int max_parallel, GError **error);

/** Ends all requests (their callbacks run with HTTP_FAILURE_CANCELLED), frees. NULL is fine. */
void http_client_free(struct http_client *client);

/** New limit, from the next start on. */
void http_client_set_max_parallel(struct http_client *client, int max_parallel);

struct http_request *http_request_create(const char *api, const char *method, const char *url);

/** Wipes bearer, body and headers. NULL is fine. */
void http_request_free(struct http_request *request);

/**
 * Queue @p request (taken). @p done is called exactly once, from http_client_poll(),
 * http_client_cancel_all() or http_client_free(); it may send further requests.
 */
void http_client_send(struct http_client *client, struct http_request *request, http_done_fn done,
		      void *data);

/** End everything that is queued or under way; callbacks run before this returns. What they send
 * stays. Not from a callback. */
void http_client_cancel_all(struct http_client *client);

/**
 * Run transfers, timers and callbacks; wait at most @p timeout_ms, less when something is due or @p
 * extra_fd is readable, and not at all when a callback has run. Never from a callback.
 *
 * @param extra_fd  -1 for none.
 */
void http_client_poll(struct http_client *client, int64_t timeout_ms, int extra_fd);

/** A moment at which http_client_poll() calls back, once. */
struct http_timer;
typedef void (*http_timer_fn)(void *data);

/** Freed when it has fired (before @p fire is called) or is stopped, or with the client (without
 * firing). */
struct http_timer *http_timer_start(struct http_client *client, int64_t due_mono_ms,
				    http_timer_fn fire, void *data);

/** Must not have fired. */
void http_timer_stop(struct http_timer *timer);

/** Requests queued or under way. */
size_t http_client_pending(const struct http_client *client);

/** Copies of all accounts since the start: struct http_account *, sorted by api, outcome. Caller
 * unrefs. */
GPtrArray *http_client_accounts(const struct http_client *client);

/** "timeout", "reset", … the class word of a failure; "none". */
const char *http_failure_text(enum http_failure failure);

#endif
