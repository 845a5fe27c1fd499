/* credentials - see credentials.h. One token, one flow at most that gets the next one, and the list
 * of those who wait for it, each with a timer of its own. */
#include "google/credentials.h"

#include "clk.h"
#include "google/adc.h"
#include "google/credentials_private.h"
#include "google/endpoint.h"
#include "google/secret.h"
#include "google/token_flow.h"

#include <assert.h>
#include <string.h>

/** After a refresh that a 401 caused, another 401 causes none for this long. */
#define REJECT_PAUSE_MS (10 * MS_PER_S)

/** The metadata server may hand out the old token again: ask no more often than this. */
#define SAME_TOKEN_PAUSE_MS (30 * MS_PER_S)

#define METADATA_ATTEMPTS 3

struct credentials {
	int refs;
	struct http_client *client;
	const struct config_gcp *gcp; /* NULL: freed by its owner */
	char *quota_project;

	char *token; /* secret; NULL: none */
	int64_t expires_mono_ms;
	int64_t refresh_mono_ms; /* from then on it is refreshed */

	struct token_flow *flow; /* NULL: none under way */
	int64_t flow_start_mono_ms;
	int64_t flow_deadline_mono_ms;
	bool flow_of_metadata;
	bool flow_is_slow;  /* somebody ran out of patience and got the old token */
	char *flow_tried;   /* ADC: what was tried before the metadata server; NULL: nothing */
	bool metadata_seen; /* there is a metadata server: its absence is an outage */
	bool rejected;      /* the flow under way, or the next one, follows a 401 */
	int64_t reject_pause_mono_ms;
	GQueue waiters; /* struct waiter * */

	struct fault *failure; /* of the last flow; NULL: it went well, or is forgotten */
	int64_t failure_until_mono_ms;
	int64_t failure_deadline_mono_ms; /* the latest of those it was told to */
};

struct waiter {
	struct credentials *credentials;
	credentials_done_fn done;
	void *data;
	int64_t deadline_mono_ms;
	struct http_timer *timer;
	GList link;
};

struct credentials *credentials_create(struct http_client *client, const struct config_gcp *gcp)
{
	struct credentials *credentials = g_new0(struct credentials, 1);

	credentials->refs = 1;
	credentials->client = client;
	credentials->gcp = gcp;
	credentials->quota_project = g_strdup(adc_quota_project());
	return credentials;
}

struct credentials *credentials_ref(struct credentials *credentials)
{
	credentials->refs++;
	return credentials;
}

void credentials_unref(struct credentials *credentials)
{
	assert(credentials->refs > 0);
	if (--credentials->refs > 0)
		return;
	assert(!credentials->flow && credentials->waiters.length == 0);
	secret_free(credentials->token);
	fault_unref(credentials->failure);
	g_free(credentials->flow_tried);
	g_free(credentials->quota_project);
	g_free(credentials);
}

static bool has_token(const struct credentials *credentials, int64_t now_ms)
{
	return credentials->token && now_ms < credentials->expires_mono_ms;
}

/* --- those who wait --- */

/* Takes the waiter out and answers it. */
static void answer_waiter(struct waiter *waiter, const char *token, struct fault *fault)
{
	g_queue_unlink(&waiter->credentials->waiters, &waiter->link);
	if (waiter->timer)
		http_timer_stop(waiter->timer);
	waiter->done(waiter->data, token, fault);
	g_free(waiter);
}

/* Everybody who waits now; who comes meanwhile stays. */
static void answer_all(struct credentials *credentials, const char *token, struct fault *fault)
{
	AUTO_SECRET char *copy = g_strdup(token); /* a callback may reject it */

	for (guint count = credentials->waiters.length;
	     count > 0 && credentials->waiters.length > 0; count--)
		answer_waiter(g_queue_peek_head(&credentials->waiters), copy, fault);
}

static void on_waiter_due(void *data)
{
	struct waiter *waiter = data;
	struct credentials *credentials = waiter->credentials;
	AUTO_SECRET char *copy = NULL;
	struct fault *fault = NULL;

	waiter->timer = NULL;
	credentials->flow_is_slow = true;
	if (has_token(credentials, clk_mono_ms()))
		copy = g_strdup(credentials->token);
	else
		fault = fault_create(FAULT_TIMEOUT, 0, NULL,
				     "access token of [gcp %s]: not there when the time for it was "
				     "over: see request-timeout and cycle-timeout, and whether the "
				     "token endpoint answers",
				     credentials->gcp->name);
	answer_waiter(waiter, copy, fault);
	fault_unref(fault);
}

static void add_waiter(struct credentials *credentials, int64_t deadline_mono_ms,
		       credentials_done_fn done, void *data)
{
	struct waiter *waiter = g_new0(struct waiter, 1);
	int64_t now_ms = clk_mono_ms();
	int64_t due_ms = deadline_mono_ms;

	if (has_token(credentials, now_ms))
		due_ms = MIN(due_ms, now_ms + CREDENTIALS_PATIENCE_MS);
	waiter->credentials = credentials;
	waiter->done = done;
	waiter->data = data;
	waiter->deadline_mono_ms = deadline_mono_ms;
	waiter->link.data = waiter;
	waiter->timer = http_timer_start(credentials->client, due_ms, on_waiter_due, waiter);
	g_queue_push_tail_link(&credentials->waiters, &waiter->link);
}

static int64_t latest_deadline(const struct credentials *credentials)
{
	int64_t latest_ms = 0;

	for (const GList *at = credentials->waiters.head; at; at = at->next) {
		const struct waiter *waiter = at->data;

		latest_ms = MAX(latest_ms, waiter->deadline_mono_ms);
	}
	return latest_ms;
}

/* --- the flow --- */

static void forget_failure(struct credentials *credentials)
{
	fault_unref(credentials->failure);
	credentials->failure = NULL;
}

static void forget_token(struct credentials *credentials)
{
	secret_clear(&credentials->token);
	credentials->expires_mono_ms = 0;
	credentials->refresh_mono_ms = 0;
}

static void keep_token(struct credentials *credentials, const struct token *token)
{
	int64_t now_ms = clk_mono_ms();
	/* counted from the question: on the safe side */
	int64_t end_ms = credentials->flow_start_mono_ms + token->life_ms;

	forget_token(credentials);
	credentials->token = g_strdup(token->text);
	credentials->expires_mono_ms = end_ms;
	credentials->refresh_mono_ms = end_ms - CREDENTIALS_MARGIN_MS;
	if (credentials->flow_of_metadata) {
		credentials->metadata_seen = true;
		credentials->refresh_mono_ms =
			MAX(end_ms - CREDENTIALS_METADATA_MARGIN_MS,
			    MIN(now_ms + SAME_TOKEN_PAUSE_MS, (now_ms + end_ms) / 2));
	}
	if (credentials->rejected)
		credentials->reject_pause_mono_ms = now_ms + REJECT_PAUSE_MS;
	credentials->rejected = false;
}

static void keep_failure(struct credentials *credentials, struct fault *fault)
{
	forget_failure(credentials);
	if (fault->class == FAULT_CANCELLED)
		return;
	credentials->failure = fault_ref(fault);
	credentials->failure_until_mono_ms = clk_mono_ms() + CREDENTIALS_FAILURE_MEMORY_MS;
	credentials->failure_deadline_mono_ms = latest_deadline(credentials);
}

/* In ADC's last place a server that is not there means that there are no credentials at all. */
static struct fault *explain(const struct credentials *credentials, struct fault *fault)
{
	if (!credentials->flow_of_metadata || !credentials->flow_tried ||
	    credentials->metadata_seen || fault->class == FAULT_CANCELLED)
		return fault_ref(fault);
	return fault_create(FAULT_CREDENTIALS, fault->status, NULL,
			    "no Google credentials for [gcp %s]: %s, and the metadata server gave "
			    "none (%s): set one of the three, or [gcp] credentials",
			    credentials->gcp->name, credentials->flow_tried, fault->message);
}

static void start_flow(struct credentials *credentials, int64_t deadline_mono_ms);

/* The flow ended for want of time, but somebody has more of it. */
static bool try_again(struct credentials *credentials, const struct fault *fault)
{
	int64_t latest_ms = latest_deadline(credentials);

	if (fault->class != FAULT_TIMEOUT || credentials->waiters.length == 0 ||
	    clk_mono_ms() < credentials->flow_deadline_mono_ms ||
	    latest_ms <= credentials->flow_deadline_mono_ms)
		return false;
	start_flow(credentials, latest_ms);
	return true;
}

static void on_flow_failed(struct credentials *credentials, struct fault *fault)
{
	struct fault *explained = NULL;

	if (try_again(credentials, fault))
		return;
	explained = explain(credentials, fault);
	keep_failure(credentials, explained);
	if (has_token(credentials, clk_mono_ms()))
		answer_all(credentials, credentials->token, NULL);
	else
		answer_all(credentials, NULL, explained);
	fault_unref(explained);
}

static void on_flow_done(void *data, const struct token *token, struct fault *fault)
{
	struct credentials *credentials = data;

	(void)credentials_ref(credentials); /* a callback may free them */
	credentials->flow = NULL;
	if (token) {
		forget_failure(credentials);
		keep_token(credentials, token);
		answer_all(credentials, credentials->token, NULL);
	} else {
		on_flow_failed(credentials, fault);
	}
	credentials_unref(credentials);
}

/* --- what to exchange --- */

static void set_quota_project(struct credentials *credentials, const struct keyfile *keyfile)
{
	const char *project = adc_quota_project();

	if (!project && keyfile)
		project = keyfile->quota_project;
	g_free(credentials->quota_project);
	credentials->quota_project = g_strdup(project);
}

/* The key file, read anew and checked. */
static struct keyfile *read_keyfile(const char *path, const char *token_endpoint, GError **error)
{
	struct keyfile *keyfile = NULL;
	char *bytes = NULL;
	size_t length = 0;

	if (!adc_read_file(path, KEYFILE_MAX_BYTES, &bytes, &length, error))
		return NULL;
	keyfile = keyfile_parse(bytes, length, error);
	explicit_bzero(bytes, length);
	g_free(bytes);
	if (keyfile && !keyfile_check_urls(keyfile, token_endpoint, error)) {
		keyfile_free(keyfile);
		keyfile = NULL;
	}
	if (!keyfile)
		g_prefix_error(error, "%s: ", path);
	return keyfile;
}

/* Path of the key file; NULL: the metadata server. */
static char *find_place(struct credentials *credentials, struct adc_place *place)
{
	switch (credentials->gcp->credentials) {
	case CONFIG_CREDENTIALS_FILE:
		place->tried = g_strdup("[gcp] credentials names it");
		return g_strdup(credentials->gcp->credentials_file);
	case CONFIG_CREDENTIALS_METADATA:
		return NULL;
	case CONFIG_CREDENTIALS_NONE:
	case CONFIG_CREDENTIALS_ADC:
	case CONFIG_CREDENTIALS_TOKEN:
		break;
	}
	adc_find(place);
	return g_strdup(place->path);
}

/* Why there is nothing to exchange. */
static struct fault *order_fault(const struct credentials *credentials,
				 const struct adc_place *place, const GError *error)
{
	return fault_create(FAULT_CREDENTIALS, 0, NULL, "credentials of [gcp %s]: %s%s%s%s",
			    credentials->gcp->name, error->message, place->tried ? " (" : "",
			    place->tried ? place->tried : "", place->tried ? ")" : "");
}

/* What the flow is to do; else *ret_fault says why there is nothing to do. */
static bool make_order(struct credentials *credentials, struct token_order *order,
		       struct fault **ret_fault)
{
	const char *endpoint = order->token_endpoint;
	struct adc_place place = {0};
	g_autofree char *path = find_place(credentials, &place);
	g_autoptr(GError) error = NULL;

	credentials->flow_of_metadata = !path;
	if (path &&
	    (!endpoint || endpoint_check("token-endpoint", endpoint, NULL, endpoint, &error)))
		order->keyfile = read_keyfile(path, endpoint, &error);
	if (error)
		*ret_fault = order_fault(credentials, &place, error);
	else
		set_quota_project(credentials, order->keyfile);
	g_free(credentials->flow_tried);
	credentials->flow_tried = path ? NULL : g_strdup(place.tried);
	order->metadata_attempts =
		credentials->flow_tried && !credentials->metadata_seen ? 1 : METADATA_ATTEMPTS;
	adc_place_done(&place);
	return !error;
}

static void start_flow(struct credentials *credentials, int64_t deadline_mono_ms)
{
	const char *configured = credentials->gcp->token_endpoint;
	g_autofree char *token_endpoint = configured ? endpoint_complete(configured) : NULL;
	struct token_order order = {.token_endpoint = token_endpoint};
	struct fault *fault = NULL;

	credentials->flow_is_slow = false;
	credentials->flow_start_mono_ms = clk_mono_ms();
	credentials->flow_deadline_mono_ms =
		MIN(deadline_mono_ms, credentials->flow_start_mono_ms + CREDENTIALS_FLOW_MAX_MS);
	order.deadline_mono_ms = credentials->flow_deadline_mono_ms;
	if (make_order(credentials, &order, &fault)) {
		credentials->flow =
			token_flow_start(credentials->client, &order, on_flow_done, credentials);
		return;
	}
	on_flow_failed(credentials, fault);
	fault_unref(fault);
}

/* --- the rest of the interface --- */

static bool failure_is_fresh(const struct credentials *credentials, int64_t now_ms,
			     int64_t deadline_mono_ms)
{
	return credentials->failure && now_ms < credentials->failure_until_mono_ms &&
	       deadline_mono_ms <= credentials->failure_deadline_mono_ms;
}

static void answer_now(const char *token, struct fault *fault, credentials_done_fn done, void *data)
{
	AUTO_SECRET char *copy = g_strdup(token); /* the callback may reject it */

	done(data, copy, fault);
}

static void answer_freed(credentials_done_fn done, void *data)
{
	struct fault *fault = fault_create(FAULT_CANCELLED, 0, NULL,
					   "access token: given up, the configuration has changed");

	done(data, NULL, fault);
	fault_unref(fault);
}

void credentials_get(struct credentials *credentials, int64_t deadline_mono_ms,
		     credentials_done_fn done, void *data)
{
	int64_t now_ms = clk_mono_ms();

	if (deadline_mono_ms <= 0)
		deadline_mono_ms = now_ms + CREDENTIALS_FLOW_MAX_MS;
	if (!credentials->gcp) {
		answer_freed(done, data);
	} else if (credentials->gcp->credentials == CONFIG_CREDENTIALS_TOKEN) {
		answer_now(credentials->gcp->credentials_token, NULL, done, data);
	} else if (has_token(credentials, now_ms) &&
		   (now_ms < credentials->refresh_mono_ms ||
		    (credentials->flow && credentials->flow_is_slow) ||
		    failure_is_fresh(credentials, now_ms, deadline_mono_ms))) {
		answer_now(credentials->token, NULL, done, data);
	} else if (!credentials->flow && failure_is_fresh(credentials, now_ms, deadline_mono_ms)) {
		struct fault *fault = fault_ref(credentials->failure); /* outlives the callback */

		done(data, NULL, fault);
		fault_unref(fault);
	} else {
		(void)credentials_ref(credentials); /* a callback may free them */
		add_waiter(credentials, deadline_mono_ms, done, data);
		if (!credentials->flow)
			start_flow(credentials, deadline_mono_ms);
		credentials_unref(credentials);
	}
}

void credentials_reject(struct credentials *credentials, const char *token)
{
	if (!credentials->token || strcmp(credentials->token, token) != 0)
		return;
	if (clk_mono_ms() < credentials->reject_pause_mono_ms)
		return;
	credentials->rejected = true;
	forget_token(credentials);
}

const char *credentials_quota_project(const struct credentials *credentials)
{
	return credentials->quota_project;
}

void credentials_free(struct credentials *credentials)
{
	struct fault *fault = NULL;

	if (!credentials)
		return;
	if (credentials->flow)
		token_flow_detach(credentials->flow);
	credentials->flow = NULL;
	credentials->gcp = NULL;
	forget_token(credentials);
	fault = fault_create(FAULT_CANCELLED, 0, NULL,
			     "access token: given up, the configuration has changed");
	answer_all(credentials, NULL, fault);
	fault_unref(fault);
	credentials_unref(credentials);
}
