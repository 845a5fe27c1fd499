/* bigquery_world - see bigquery_world.h */
#include "tests/unit/bigquery_world.h"

#include "clk.h"

#include <check.h>
#include <string.h>

#define PATIENCE_MS 20000
#define JSON "Content-Type: application/json; charset=UTF-8\r\n"

struct answer {
	int status;
	char *body;
};

/** What is known of one method; guarded by the server's lock. */
struct method {
	GPtrArray *answers; /* struct answer * */
	GPtrArray *paths;   /* char * */
	GPtrArray *bodies;  /* char * */
};

struct web *bq_web;
struct http_client *bq_client;
struct config_gcp bq_gcp;
static struct method methods[BQ_METHODS];

static void free_answer(void *data)
{
	struct answer *answer = data;

	g_free(answer->body);
	g_free(answer);
}

static enum bq_method method_of(const struct web_request *request)
{
	bool is_post = strcmp(request->method, "POST") == 0;

	if (strstr(request->path, "/tables/"))
		return BQ_TABLE;
	if (strstr(request->path, "/cancel"))
		return BQ_CANCEL;
	if (strstr(request->path, "/queries"))
		return is_post ? BQ_QUERY : BQ_RESULTS;
	return is_post ? BQ_DRY_RUN : BQ_JOB;
}

static struct answer take_answer(const struct web_request *request)
{
	struct method *method = &methods[method_of(request)];
	struct answer answer = {.status = 501};
	guint index = 0;

	(void)pthread_mutex_lock(&bq_web->lock);
	index = method->paths->len;
	g_ptr_array_add(method->paths, g_strdup(request->path));
	g_ptr_array_add(method->bodies, g_strdup(request->body));
	if (method->answers->len > 0) {
		struct answer *given = method->answers->pdata[MIN(index, method->answers->len - 1)];

		answer = (struct answer){given->status, g_strdup(given->body)};
	}
	(void)pthread_mutex_unlock(&bq_web->lock);
	return answer;
}

static bool handle(const struct web_request *request)
{
	struct answer answer = take_answer(request);
	bool keep = false;

	if (answer.status == 0)
		(void)web_wait(request, -1);
	else
		keep = web_reply(request, answer.status, JSON, answer.body ? answer.body : "");
	g_free(answer.body);
	return keep;
}

void bq_open(void)
{
	g_autoptr(GError) error = NULL;

	g_unsetenv("http_proxy");
	g_unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
	for (int i = 0; i < BQ_METHODS; i++)
		methods[i] = (struct method){g_ptr_array_new_with_free_func(free_answer),
					     g_ptr_array_new_with_free_func(g_free),
					     g_ptr_array_new_with_free_func(g_free)};
	bq_web = web_start(handle);
	bq_client = http_client_create(8, &error);
	ck_assert_ptr_nonnull(bq_client);
	bq_gcp = (struct config_gcp){.name = g_strdup("default"),
				     .project = g_strdup("acme"),
				     .credentials = CONFIG_CREDENTIALS_TOKEN,
				     .credentials_token = g_strdup("a-long-secret-token-0"),
				     .bigquery_endpoint = g_strdup(bq_web->origin)};
	clk_set_fake(1000, 1795147200000);
}

void bq_close(void)
{
	http_client_free(bq_client);
	web_stop(bq_web);
	for (int i = 0; i < BQ_METHODS; i++) {
		g_ptr_array_unref(methods[i].answers);
		g_ptr_array_unref(methods[i].paths);
		g_ptr_array_unref(methods[i].bodies);
	}
	g_free(bq_gcp.name);
	g_free(bq_gcp.project);
	g_free(bq_gcp.credentials_token);
	g_free(bq_gcp.bigquery_endpoint);
	clk_clear_fake();
}

void bq_answer(enum bq_method method, int status, const char *body)
{
	struct answer *answer = g_new0(struct answer, 1);

	answer->status = status;
	answer->body = g_strdup(body);
	(void)pthread_mutex_lock(&bq_web->lock);
	g_ptr_array_add(methods[method].answers, answer);
	(void)pthread_mutex_unlock(&bq_web->lock);
}

static const char *item(GPtrArray *array, int index)
{
	const char *text = NULL;

	(void)pthread_mutex_lock(&bq_web->lock);
	if (index >= 0 && (guint)index < array->len)
		text = array->pdata[index];
	(void)pthread_mutex_unlock(&bq_web->lock);
	return text;
}

int bq_count(enum bq_method method)
{
	int count = 0;

	(void)pthread_mutex_lock(&bq_web->lock);
	count = (int)methods[method].paths->len;
	(void)pthread_mutex_unlock(&bq_web->lock);
	return count;
}

const char *bq_path(enum bq_method method, int index)
{
	return item(methods[method].paths, index);
}

const char *bq_body(enum bq_method method, int index)
{
	return item(methods[method].bodies, index);
}

static void advance(int64_t step_ms)
{
	http_client_poll(bq_client, 5, -1);
	clk_set_fake(clk_mono_ms() + step_ms, clk_wall_ms() + step_ms);
}

void bq_wait(const int *calls, int64_t step_ms)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (*calls == 0 && g_get_monotonic_time() / 1000 < end_ms)
		advance(step_ms);
	ck_assert_int_eq(*calls, 1);
}

void bq_wait_count(enum bq_method method, int count)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (bq_count(method) < count && g_get_monotonic_time() / 1000 < end_ms)
		advance(1);
	ck_assert_int_ge(bq_count(method), count);
}
