/* http_client - see client.h. Every request is a flight: it waits in a queue, runs as a transfer on
 * the curl_multi handle, or rests until its next attempt. What a poll costs depends on the attempts
 * under way, never on how many wait. Requests that are apart have a lane of their own, without a
 * limit. */
#include "http/client.h"

#include "clk.h"
#include "drift_error.h"
#include "http/accounts.h"
#include "http/retry.h"
#include "http/timers.h"
#include "http/transfer.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>

#define MAX_PARALLEL_MAX 1024

/** Wait at most this long when libcurl cannot wait itself, so that poll does not spin. */
#define BROKEN_POLL_MS 100

struct lane {
	GQueue waiting; /* struct flight *, first in, first out */
	GQueue running; /* each has a transfer in multi */
};

struct http_client {
	pthread_t owner;
	CURLM *multi;
	int max_parallel;
	bool polling;         /* http_client_poll() is on the stack */
	bool called_back;     /* since the poll began: its caller has something new to look at */
	struct lane common;   /* at most max_parallel run */
	struct lane apart;    /* of requests that are apart */
	GQueue resting;       /* between two attempts */
	GPtrArray *idle;      /* struct transfer *, to be used again */
	struct timers timers; /* of waiting and resting flights, and of http_timer */
	struct accounts accounts;
};

/** One request on its way through its attempts. */
struct flight {
	struct http_client *client;
	struct http_request *request;
	http_done_fn done;
	void *data;
	GQueue *queue; /* of those above, where link is */
	GList link;
	struct timer timer;       /* waiting: the deadline; resting: the next attempt */
	int64_t deadline_mono_ms; /* 0: the first attempt sets it */
	int attempts;
	int last_status;           /* of the last attempt; 0: none */
	struct transfer *transfer; /* while running */
};

struct http_timer {
	struct http_client *client;
	struct timer timer;
	http_timer_fn fire;
	void *data;
};

static void transfer_free_data(void *data)
{
	transfer_free(data);
}

static void set_multi_limits(struct http_client *client)
{
	/* neither can fail: the options exist since 7.16 and 7.43 */
	(void)curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)client->max_parallel);
	(void)curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
}

struct http_client *http_client_create(int max_parallel, GError **error)
{
	struct http_client *client = NULL;
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

	if (code != CURLE_OK) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_UNAVAILABLE, "start libcurl: %s",
			    curl_easy_strerror(code));
		return NULL;
	}
	client = g_new0(struct http_client, 1);
	client->multi = curl_multi_init();
	if (!client->multi) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_UNAVAILABLE,
			    "start libcurl: no multi handle (out of memory or descriptors)");
		curl_global_cleanup();
		g_free(client);
		return NULL;
	}
	client->owner = pthread_self();
	client->max_parallel = CLAMP(max_parallel, 1, MAX_PARALLEL_MAX);
	client->idle = g_ptr_array_new_with_free_func(transfer_free_data);
	timers_init(&client->timers);
	accounts_init(&client->accounts);
	set_multi_limits(client);
	return client;
}

void http_client_set_max_parallel(struct http_client *client, int max_parallel)
{
	assert(pthread_equal(client->owner, pthread_self()));
	client->max_parallel = CLAMP(max_parallel, 1, MAX_PARALLEL_MAX);
	set_multi_limits(client);
}

static void flight_move(struct flight *flight, GQueue *queue)
{
	if (flight->queue)
		g_queue_unlink(flight->queue, &flight->link);
	flight->queue = queue;
	if (queue)
		g_queue_push_tail_link(queue, &flight->link);
}

static struct lane *flight_lane(const struct flight *flight)
{
	return flight->request->apart ? &flight->client->apart : &flight->client->common;
}

static void flight_wait(struct flight *flight)
{
	flight_move(flight, &flight_lane(flight)->waiting);
	if (flight->deadline_mono_ms > 0)
		timers_set(&flight->client->timers, &flight->timer, flight->deadline_mono_ms);
}

static void transfer_put_back(struct http_client *client, struct flight *flight)
{
	transfer_clear(flight->transfer, flight->request);
	if (client->idle->len < (guint)client->max_parallel)
		g_ptr_array_add(client->idle, flight->transfer);
	else
		transfer_free(flight->transfer);
	flight->transfer = NULL;
}

/* The one place where a callback runs and a flight ends. */
static void deliver(struct flight *flight, struct http_response *response)
{
	struct http_client *client = flight->client;

	timers_clear(&client->timers, &flight->timer);
	flight_move(flight, NULL);
	response->attempts = flight->attempts;
	client->called_back = true;
	flight->done(flight->data, response);
	g_free(response->message);
	response->message = NULL;
	if (flight->transfer)
		transfer_put_back(client, flight);
	http_request_free(flight->request);
	g_free(flight);
}

/* End a flight that has no answer at hand. */
static void deliver_failure(struct flight *flight, enum http_failure failure, const char *why)
{
	GHashTable *none = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *subject = transfer_subject(flight->request->method, flight->request->url);
	struct http_response response = {
		.failure = failure,
		.message = g_strdup_printf("%s: %s", subject, why),
		.status = flight->last_status,
		.retry_after_ms = -1,
		.headers = none,
	};

	deliver(flight, &response);
	g_hash_table_unref(none);
}

static void deliver_too_late(struct flight *flight)
{
	g_autofree char *why = NULL;

	if (flight->attempts == 0)
		why = g_strdup("deadline passed before it was its turn (max-parallel-requests)");
	else if (flight->last_status > 0)
		why = g_strdup_printf("deadline passed; attempt %d had ended with HTTP %d",
				      flight->attempts, flight->last_status);
	else
		why = g_strdup_printf("deadline passed after %d failed attempts", flight->attempts);
	deliver_failure(flight, HTTP_FAILURE_TIMEOUT, why);
}

/* A waiting flight's deadline, or a resting one's next attempt. */
static void flight_due(void *data)
{
	struct flight *flight = data;

	if (flight->queue == &flight_lane(flight)->waiting)
		deliver_too_late(flight);
	else
		flight_wait(flight);
}

static bool is_plain_line(const char *text)
{
	for (const char *at = text; *at; at++)
		if (g_ascii_iscntrl(*at) && *at != '\t')
			return false;
	return true;
}

/* NULL, or why the request cannot be sent as it is. */
static const char *judge_request(const struct http_request *request)
{
	if (g_ascii_strncasecmp(request->url, "http://", 7) != 0 &&
	    g_ascii_strncasecmp(request->url, "https://", 8) != 0)
		return "not sent: the URL is neither http nor https";
	if (!is_plain_line(request->url))
		return "not sent: the URL contains a control character";
	if (request->bearer && !is_plain_line(request->bearer))
		return "not sent: the access token contains a control character";
	for (guint i = 0; i < request->headers->len; i++)
		if (!is_plain_line(g_ptr_array_index(request->headers, i)))
			return "not sent: a request header contains a control character";
	return NULL;
}

static struct transfer *take_transfer(struct http_client *client)
{
	if (client->idle->len == 0)
		return transfer_create();
	return g_ptr_array_steal_index_fast(client->idle, client->idle->len - 1);
}

static void flight_start(struct flight *flight)
{
	struct http_client *client = flight->client;
	const char *why = judge_request(flight->request);
	int64_t now_ms = clk_mono_ms();
	int64_t timeout_ms = MAX(flight->request->timeout_ms, 1);

	timers_clear(&client->timers, &flight->timer);
	if (why) {
		deliver_failure(flight, HTTP_FAILURE_CONNECT, why);
		return;
	}
	if (flight->deadline_mono_ms <= 0)
		flight->deadline_mono_ms = now_ms + timeout_ms;
	if (flight->deadline_mono_ms <= now_ms) {
		deliver_too_late(flight);
		return;
	}
	flight->transfer = take_transfer(client);
	if (!flight->transfer ||
	    !transfer_prepare(flight->transfer, flight->request,
			      MIN(now_ms + timeout_ms, flight->deadline_mono_ms)) ||
	    curl_easy_setopt(flight->transfer->easy, CURLOPT_PRIVATE, flight) != CURLE_OK ||
	    curl_multi_add_handle(client->multi, flight->transfer->easy) != CURLM_OK) {
		deliver_failure(flight, HTTP_FAILURE_CONNECT,
				"not sent: libcurl is out of memory or refused an option");
		return;
	}
	flight->attempts++;
	flight_move(flight, &flight_lane(flight)->running);
}

static void start_waiting(struct http_client *client)
{
	struct lane *common = &client->common;

	while (client->apart.waiting.length > 0)
		flight_start(g_queue_peek_head(&client->apart.waiting));
	while (common->running.length < (guint)client->max_parallel && common->waiting.length > 0)
		flight_start(g_queue_peek_head(&common->waiting));
}

static void account_attempt(struct flight *flight, const struct http_response *response)
{
	char status[16] = {0};
	const char *outcome = http_failure_text(response->failure);
	curl_off_t time_us = 0;
	curl_off_t bytes = 0;

	/* both leave 0 when they do not know */
	(void)curl_easy_getinfo(flight->transfer->easy, CURLINFO_TOTAL_TIME_T, &time_us);
	(void)curl_easy_getinfo(flight->transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
	if (response->failure == HTTP_FAILURE_NONE) {
		(void)g_snprintf(status, sizeof(status), "%d", response->status);
		outcome = status;
	}
	accounts_add(&flight->client->accounts, flight->request->api, outcome, time_us, bytes);
}

/* True: another attempt is planned, within the deadline. */
static bool plan_retry(struct flight *flight, struct http_response *response)
{
	int64_t now_ms = clk_mono_ms();
	int64_t wait_ms = 0;

	response->attempts = flight->attempts;
	wait_ms = retry_wait_ms(flight->request, response);
	if (wait_ms < 0 || wait_ms > flight->deadline_mono_ms - now_ms - RETRY_TIME_MIN_MS)
		return false;
	g_free(response->message);
	response->message = NULL;
	transfer_put_back(flight->client, flight);
	flight_move(flight, &flight->client->resting);
	timers_set(&flight->client->timers, &flight->timer, now_ms + wait_ms);
	return true;
}

/* True: the flight goes on at the place it was redirected to. */
static bool follow_redirect(struct flight *flight, struct http_response *response)
{
	if (!transfer_is_redirect(flight->transfer, flight->request, response))
		return false;
	account_attempt(flight, response);
	if (!transfer_follow(flight->transfer, flight->request, response))
		return false;
	if (curl_multi_add_handle(flight->client->multi, flight->transfer->easy) == CURLM_OK)
		return true;
	response->failure = HTTP_FAILURE_CONNECT;
	response->message = g_strdup("redirect not followed: libcurl is out of memory");
	return false;
}

static void attempt_ended(struct flight *flight, CURLcode code)
{
	struct http_response response = {0};
	bool is_redirect = false;

	/* it was in there, and stays usable if libcurl disagrees */
	(void)curl_multi_remove_handle(flight->client->multi, flight->transfer->easy);
	transfer_finish(flight->transfer, flight->request, code, &response);
	flight->last_status = response.status;
	is_redirect = transfer_is_redirect(flight->transfer, flight->request, &response);
	if (follow_redirect(flight, &response))
		return;
	if (!is_redirect)
		account_attempt(flight, &response);
	if (!plan_retry(flight, &response))
		deliver(flight, &response);
}

static void take_ended(struct http_client *client)
{
	CURLMsg *message = NULL;
	int left = 0;

	while ((message = curl_multi_info_read(client->multi, &left))) {
		struct flight *flight = NULL;
		CURLcode code = message->data.result; /* the message dies with remove_handle */

		if (message->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &flight) != CURLE_OK)
			continue;
		attempt_ended(flight, code);
	}
}

static void fire_timers(struct http_client *client)
{
	int64_t now_ms = clk_mono_ms();
	struct timer *timer = NULL;

	while ((timer = timers_take_due(&client->timers, now_ms)))
		timer->fire(timer->data);
}

static int wait_limit_ms(const struct http_client *client, int64_t timeout_ms)
{
	int64_t next_ms = timers_next_mono_ms(&client->timers);
	int64_t limit_ms = client->called_back ? 0 : CLAMP(timeout_ms, 0, G_MAXINT);

	if (next_ms != INT64_MAX)
		limit_ms = CLAMP(next_ms - clk_mono_ms(), 0, limit_ms);
	return (int)limit_ms;
}

/* Wait for sockets, @p extra_fd and time. */
static void wait_events(struct http_client *client, int limit_ms, int extra_fd)
{
	struct curl_waitfd extra = {.fd = extra_fd, .events = CURL_WAIT_POLLIN};
	struct pollfd plain = {.fd = extra_fd, .events = POLLIN};
	unsigned count = extra_fd >= 0 ? 1 : 0;

	if (curl_multi_poll(client->multi, &extra, count, limit_ms, NULL) == CURLM_OK)
		return;
	/* nothing left to do about a failure here but to come back a little later */
	(void)poll(&plain, count, MIN(limit_ms, BROKEN_POLL_MS));
}

void http_client_poll(struct http_client *client, int64_t timeout_ms, int extra_fd)
{
	int running = 0;

	assert(pthread_equal(client->owner, pthread_self()));
	assert(!client->polling);
	client->polling = true;
	client->called_back = false;
	fire_timers(client);
	start_waiting(client);
	wait_events(client, wait_limit_ms(client, timeout_ms), extra_fd);
	/* a failure of one transfer comes as its message; of the whole, by the deadlines */
	(void)curl_multi_perform(client->multi, &running);
	take_ended(client);
	client->polling = false;
}

void http_client_send(struct http_client *client, struct http_request *request, http_done_fn done,
		      void *data)
{
	struct flight *flight = g_new0(struct flight, 1);

	assert(pthread_equal(client->owner, pthread_self()));
	assert(request->api && request->method && request->url && done);
	flight->client = client;
	flight->request = request;
	flight->done = done;
	flight->data = data;
	flight->link.data = flight;
	flight->deadline_mono_ms = request->deadline_mono_ms;
	flight->timer.fire = flight_due;
	flight->timer.data = flight;
	flight_wait(flight);
}

/* The first @p count of a queue: what callbacks send meanwhile comes behind them and stays. */
static void cancel_queue(GQueue *queue, guint count)
{
	for (; count > 0; count--) {
		struct flight *flight = g_queue_peek_head(queue);

		if (flight->queue == &flight_lane(flight)->running)
			(void)curl_multi_remove_handle(flight->client->multi,
						       flight->transfer->easy);
		deliver_failure(flight, HTTP_FAILURE_CANCELLED, "given up");
	}
}

void http_client_cancel_all(struct http_client *client)
{
	guint waiting = client->common.waiting.length;
	guint waiting_apart = client->apart.waiting.length;

	assert(pthread_equal(client->owner, pthread_self()));
	cancel_queue(&client->common.running, client->common.running.length);
	cancel_queue(&client->apart.running, client->apart.running.length);
	cancel_queue(&client->resting, client->resting.length);
	cancel_queue(&client->common.waiting, waiting);
	cancel_queue(&client->apart.waiting, waiting_apart);
}

size_t http_client_pending(const struct http_client *client)
{
	const struct lane *common = &client->common, *apart = &client->apart;

	return (size_t)common->waiting.length + common->running.length + apart->waiting.length +
	       apart->running.length + client->resting.length;
}

GPtrArray *http_client_accounts(const struct http_client *client)
{
	assert(pthread_equal(client->owner, pthread_self()));
	return accounts_copy(&client->accounts);
}

static void timer_due(void *data)
{
	struct http_timer *timer = data;
	http_timer_fn fire = timer->fire;
	void *fire_data = timer->data;

	timer->client->called_back = true;
	g_free(timer);
	fire(fire_data);
}

struct http_timer *http_timer_start(struct http_client *client, int64_t due_mono_ms,
				    http_timer_fn fire, void *data)
{
	struct http_timer *timer = g_new0(struct http_timer, 1);

	assert(pthread_equal(client->owner, pthread_self()));
	timer->client = client;
	timer->fire = fire;
	timer->data = data;
	timer->timer.fire = timer_due;
	timer->timer.data = timer;
	timers_set(&client->timers, &timer->timer, due_mono_ms);
	return timer;
}

void http_timer_stop(struct http_timer *timer)
{
	timers_clear(&timer->client->timers, &timer->timer);
	g_free(timer);
}

void http_client_free(struct http_client *client)
{
	struct timer *timer = NULL;

	if (!client)
		return;
	assert(pthread_equal(client->owner, pthread_self()));
	assert(!client->polling);
	while (http_client_pending(client) > 0) /* callbacks may have sent more */
		http_client_cancel_all(client);
	while ((timer = timers_take_due(&client->timers, INT64_MAX)))
		g_free(timer->data); /* only struct http_timer are left */
	g_ptr_array_unref(client->idle);
	(void)curl_multi_cleanup(client->multi); /* its handles are gone already */
	timers_done(&client->timers);
	accounts_done(&client->accounts);
	curl_global_cleanup();
	g_free(client);
}
