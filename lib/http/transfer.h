/* transfer - one attempt of one request on one curl easy handle, with everything about its answer
 * bounded. Private to lib/http. Thread of its client only. */
#ifndef DRIFT_HTTP_TRANSFER_H
#define DRIFT_HTTP_TRANSFER_H

#include "base.h"
#include "http/client.h"

#include <curl/curl.h>

/** Why we stopped reading an answer ourselves. */
enum transfer_refusal {
	TRANSFER_REFUSAL_NONE = 0,
	TRANSFER_REFUSAL_BODY,    /* above max_body_bytes */
	TRANSFER_REFUSAL_HEADERS, /* above HTTP_HEADERS_MAX or HTTP_HEADER_BYTES_MAX */
};

/** Reused for one attempt after the other. */
struct transfer {
	CURL *easy;
	char error[CURL_ERROR_SIZE]; /* curl's own words about a failure */
	struct curl_slist *lines;    /* request headers, as long as the attempt lasts */
	char *url;                   /* where the attempt is now, after redirects */
	int redirects;
	int64_t end_mono_ms; /* when the attempt must be over, redirects included */
	size_t max_body_bytes;
	GByteArray *body;    /* NUL-terminated by transfer_finish() */
	GHashTable *headers; /* lower-case name -> last value */
	unsigned header_count;
	size_t header_bytes;
	bool headers_open; /* false: what follows are trailers, counted and dropped */
	enum transfer_refusal refusal;
};

/** NULL when libcurl has no memory or lacks an option. */
struct transfer *transfer_create(void);
void transfer_free(struct transfer *transfer);

/** Make the handle ready for @p request, to be over at @p end_mono_ms (in the future). False:
 * libcurl refused something. */
MUST_CHECK bool transfer_prepare(struct transfer *transfer, const struct http_request *request,
				 int64_t end_mono_ms);

/** After curl is done: fill @p response (message is the caller's, the rest is borrowed from @p
 * transfer). */
void transfer_finish(struct transfer *transfer, const struct http_request *request, CURLcode code,
		     struct http_response *response);

/** The answer is a redirect that is to be followed or refused. */
bool transfer_is_redirect(const struct transfer *transfer, const struct http_request *request,
			  const struct http_response *response);

/** Prepare the next hop. False: refused, @p response now says so. */
MUST_CHECK bool transfer_follow(struct transfer *transfer, const struct http_request *request,
				struct http_response *response);

/** Forget request and answer; wipe the answer when the request says that it is secret. */
void transfer_clear(struct transfer *transfer, const struct http_request *request);

/** "METHOD scheme://host:port": all of a URL that may be shown. Caller frees. */
char *transfer_subject(const char *method, const char *url);

#endif
