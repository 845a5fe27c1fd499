/* jwks - see jwks.h */
#include "oidc/jwks.h"

#include <string.h>

#include "clk.h"
#include "config/net.h"
#include "drift_error.h"
#include "oidc/freshness.h"

/* Inside one fetch, for what passes in a moment; the backoff of http_client lies between. */
#define ATTEMPTS 3

/* A fetch under way; outlives the jwks when that goes first. */
struct fetch {
	struct jwks *jwks; /* NULL: nobody wants the answer any more */
};

struct jwks {
	struct http_client *http;
	jwks_fetched_fn fetched;
	void *data;
	char *url;  /* NULL: none */
	char *host; /* of it, for messages; NULL: it may not be asked */
	int64_t timeout_ms;
	struct oidc_keys *keys; /* NULL: none */
	struct fetch *fetch;    /* NULL: none under way */
	int64_t due_mono_ms;    /* of the next one */
	int64_t begun_mono_ms;  /* of the last one; valid when has_begun */
	bool has_begun;
	int failures; /* in a row */
};

struct jwks *jwks_create(struct http_client *http, jwks_fetched_fn fetched, void *data)
{
	struct jwks *jwks = g_new0(struct jwks, 1);

	jwks->http = http;
	jwks->fetched = fetched;
	jwks->data = data;
	jwks->due_mono_ms = INT64_MAX;
	return jwks;
}

/* The answer will come, and be thrown away. */
static void abandon(struct jwks *jwks)
{
	if (jwks->fetch)
		jwks->fetch->jwks = NULL;
	jwks->fetch = NULL;
}

void jwks_free(struct jwks *jwks)
{
	if (!jwks)
		return;
	abandon(jwks);
	oidc_keys_unref(jwks->keys);
	g_free(jwks->url);
	g_free(jwks->host);
	g_free(jwks);
}

/* The host of a URL that may be asked. Caller frees. */
static char *usable_host(const char *url)
{
	char *host = NULL;

	if (!net_check_url(url, &host, NULL))
		return NULL;
	if (g_ascii_strncasecmp(url, "https:", strlen("https:")) == 0 || net_is_loopback(host))
		return host;
	g_free(host);
	return NULL;
}

void jwks_set_url(struct jwks *jwks, const char *url, int64_t timeout_ms)
{
	bool was_awaited = jwks->fetch != NULL;

	jwks->timeout_ms = timeout_ms;
	if (g_strcmp0(url, jwks->url) == 0)
		return;
	abandon(jwks);
	oidc_keys_unref(g_steal_pointer(&jwks->keys));
	g_free(jwks->url);
	g_free(jwks->host);
	jwks->url = g_strdup(url);
	jwks->host = url ? usable_host(url) : NULL;
	jwks->has_begun = false;
	jwks->failures = 0;
	jwks->due_mono_ms = url ? clk_mono_ms() : INT64_MAX;
	if (!url && was_awaited)
		jwks->fetched(jwks->data, NULL, "OIDC is not configured any more");
}

static void fail(struct jwks *jwks, const char *error)
{
	int64_t wait_ms = JWKS_RETRY_MS;

	for (int i = 0; i < jwks->failures && wait_ms < JWKS_RETRY_MAX_MS; i++)
		wait_ms *= 2;
	jwks->failures++;
	jwks->due_mono_ms = clk_mono_ms() + MIN(wait_ms, JWKS_RETRY_MAX_MS);
	jwks->fetched(jwks->data, NULL, error);
}

static void take_keys(struct jwks *jwks, struct oidc_keys *keys, int64_t life_ms)
{
	oidc_keys_unref(jwks->keys);
	jwks->keys = keys;
	jwks->failures = 0;
	/* the last fifth is for failures: with any luck nobody ever meets expired keys */
	jwks->due_mono_ms = clk_mono_ms() + life_ms - life_ms / 5;
	jwks->fetched(jwks->data, keys, NULL);
}

static int64_t life_of(const struct http_response *response)
{
	int64_t fresh_ms = freshness_ms(g_hash_table_lookup(response->headers, "cache-control"),
					g_hash_table_lookup(response->headers, "age"));

	return CLAMP(fresh_ms < 0 ? JWKS_AGE_DEFAULT_MS : fresh_ms, JWKS_AGE_MIN_MS,
		     JWKS_AGE_MAX_MS);
}

static void judge(struct jwks *jwks, const struct http_response *response)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *message = NULL;
	struct oidc_keys *keys = NULL;
	int64_t life_ms = 0;

	if (response->failure != HTTP_FAILURE_NONE) {
		message = g_strdup_printf("fetch the issuer's keys: %s", response->message);
	} else if (response->status != 200) {
		message = g_strdup_printf("fetch the issuer's keys from %s: HTTP %d: is "
					  "oidc-jwks-url right?",
					  jwks->host, response->status);
	} else {
		life_ms = life_of(response);
		keys = oidc_keys_parse(response->body, response->body_bytes,
				       clk_wall_ms() + life_ms, &error);
	}
	if (keys) {
		take_keys(jwks, keys, life_ms);
		return;
	}
	if (error)
		message = g_strdup_printf("fetch the issuer's keys from %s: %s", jwks->host,
					  error->message);
	fail(jwks, message);
}

static void on_answer(void *data, const struct http_response *response)
{
	struct fetch *fetch = data;
	struct jwks *jwks = fetch->jwks;

	g_free(fetch);
	if (!jwks)
		return;
	jwks->fetch = NULL;
	judge(jwks, response);
}

static void begin(struct jwks *jwks)
{
	struct http_request *request = NULL;

	jwks->begun_mono_ms = clk_mono_ms();
	jwks->has_begun = true;
	if (!jwks->host) {
		fail(jwks, "fetch the issuer's keys: oidc-jwks-url must be https, or http to this "
			   "machine: keys that anybody on the way can change prove nothing");
		return;
	}
	request = http_request_create("jwks", "GET", jwks->url);
	g_ptr_array_add(request->headers, g_strdup("Accept: application/json"));
	request->timeout_ms = jwks->timeout_ms;
	request->max_body_bytes = OIDC_KEYS_MAX_BYTES;
	request->max_attempts = ATTEMPTS;
	request->apart = true;
	jwks->fetch = g_new0(struct fetch, 1);
	jwks->fetch->jwks = jwks;
	http_client_send(jwks->http, request, on_answer, jwks->fetch);
}

bool jwks_want(struct jwks *jwks)
{
	if (!jwks->host)
		return false;
	if (jwks->fetch)
		return true;
	if (jwks->has_begun && clk_mono_ms() - jwks->begun_mono_ms < JWKS_REFETCH_MS)
		return false;
	begin(jwks);
	return true;
}

void jwks_run(struct jwks *jwks)
{
	if (jwks->url && !jwks->fetch && clk_mono_ms() >= jwks->due_mono_ms)
		begin(jwks);
}

int64_t jwks_due_mono_ms(const struct jwks *jwks)
{
	return jwks->fetch ? INT64_MAX : jwks->due_mono_ms;
}

struct oidc_keys *jwks_keys(const struct jwks *jwks)
{
	return jwks->keys;
}
