/* sources_lab - see sources_lab.h */
#include "tests/unit/sources_lab.h"

#include <string.h>
#include <unistd.h>

#include "clk.h"

static enum MHD_Result add_argument(void *data, enum MHD_ValueKind kind, const char *key,
				    const char *value)
{
	GString *path = data;

	(void)kind;
	g_string_append_printf(path, "%s%s=%s", strchr(path->str, '?') ? "&" : "?", key,
			       value ? value : "");
	return MHD_YES;
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *body)
{
	/* MHD copies: it does not write to the buffer, though its type says so */
	g_autofree char *copy = g_strdup(body);
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(copy), copy, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result = MHD_queue_response(connection, status, response);

	MHD_destroy_response(response);
	return result;
}

/* A GET, with the access token for Google's APIs and without for everybody else. */
static bool is_as_it_should_be(struct MHD_Connection *connection, const char *url,
			       const char *method)
{
	const char *token =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
	bool is_google = g_str_has_prefix(url, "/v2/") || g_str_has_prefix(url, "/storage/v1/");

	return strcmp(method, "GET") == 0 &&
	       g_strcmp0(token, is_google ? "Bearer secret-token" : NULL) == 0;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **request)
{
	struct lab *lab = data;
	GString *path = g_string_new(url);
	struct answer *answer = NULL;
	enum MHD_Result result = MHD_NO;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)request;
	(void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, path);
	(void)pthread_mutex_lock(&lab->lock);
	answer = g_hash_table_lookup(lab->answers, path->str);
	if (!is_as_it_should_be(connection, url, method))
		lab->wrong_requests++;
	if (answer)
		answer->hits++;
	else
		lab->unknown_hits++;
	if (answer && answer->hang && !lab->closing) {
		MHD_suspend_connection(connection);
		g_ptr_array_add(lab->hanging, connection);
		result = MHD_YES;
	} else {
		result = reply(connection, answer ? answer->status : 404,
			       answer ? answer->body : "{}");
	}
	(void)pthread_mutex_unlock(&lab->lock);
	g_string_free(path, TRUE);
	return result;
}

static void answer_free(void *data)
{
	struct answer *answer = data;

	g_free(answer->body);
	g_free(answer);
}

struct answer *lab_answer(struct lab *lab, const char *path, unsigned status, const char *body)
{
	struct answer *answer = g_new0(struct answer, 1);

	answer->status = status;
	answer->body = g_strdup(body);
	(void)pthread_mutex_lock(&lab->lock);
	g_hash_table_replace(lab->answers, g_strdup(path), answer);
	(void)pthread_mutex_unlock(&lab->lock);
	return answer;
}

int lab_hits(struct lab *lab, const char *path)
{
	struct answer *answer = NULL;
	int hits = 0;

	(void)pthread_mutex_lock(&lab->lock);
	answer = g_hash_table_lookup(lab->answers, path);
	hits = answer ? answer->hits : -1;
	(void)pthread_mutex_unlock(&lab->lock);
	return hits;
}

void lab_configure(struct lab *lab, const char *text)
{
	static const char head[] = "[driftd]\n"
				   "request-timeout = 5s\n"
				   "[repo \"main\"]\n"
				   "url = https://git.example/pipeline.git\n"
				   "[gcp]\n"
				   "project = acme\n"
				   "region = r1\n"
				   "credentials = token:secret-token\n"
				   "run-endpoint = HOST\n"
				   "functions-endpoint = HOST\n"
				   "storage-endpoint = HOST\n";
	g_autofree char *path = g_build_filename(lab->directory, "driftd.ini", NULL);
	g_autofree char *host = g_strdup_printf("http://127.0.0.1:%d", lab->port);
	g_autofree char *whole = g_strconcat(head, text, NULL);
	g_auto(GStrv) parts = g_strsplit(whole, "HOST", -1);
	g_autofree char *ini = g_strjoinv(host, parts);
	GPtrArray *problems = NULL;
	struct config *config = NULL;

	ck_assert(g_file_set_contents(path, ini, -1, NULL));
	if (!config_load(path, &config, &problems)) {
		g_autofree char *why = config_problems_text(problems);

		ck_abort_msg("%s", why);
	}
	g_clear_pointer(&lab->config, config_unref);
	lab->config = config;
	sources_set_config(lab->sources, config);
}

/* No target here asks a server that has a thread of its own. */
static void no_wake(void *data)
{
	(void)data;
}

void lab_open(struct lab *lab, const char *text)
{
	const union MHD_DaemonInfo *info = NULL;
	g_autoptr(GError) error = NULL;

	*lab = (struct lab){0};
	(void)pthread_mutex_init(&lab->lock, NULL);
	lab->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, answer_free);
	lab->hanging = g_ptr_array_new();
	lab->directory = g_dir_make_tmp("driftd-sources-XXXXXX", NULL);
	lab->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME,
				       0, NULL, NULL, on_request, lab, MHD_OPTION_END);
	ck_assert_ptr_nonnull(lab->daemon);
	info = MHD_get_daemon_info(lab->daemon, MHD_DAEMON_INFO_BIND_PORT);
	lab->port = info->port;
	lab->client = http_client_create(16, &error);
	ck_assert_ptr_nonnull(lab->client);
	lab->sources = sources_create(lab->client, "0123456789abcdef", 16, no_wake, NULL);
	lab_configure(lab, text);
}

void lab_resume(struct lab *lab)
{
	(void)pthread_mutex_lock(&lab->lock);
	lab->closing = true;
	for (guint i = 0; i < lab->hanging->len; i++)
		MHD_resume_connection(lab->hanging->pdata[i]);
	g_ptr_array_set_size(lab->hanging, 0);
	(void)pthread_mutex_unlock(&lab->lock);
}

void lab_close(struct lab *lab)
{
	g_autofree char *path = g_build_filename(lab->directory, "driftd.ini", NULL);

	sources_free(lab->sources);
	http_client_free(lab->client);
	lab_resume(lab); /* else libmicrohttpd refuses to stop */
	MHD_stop_daemon(lab->daemon);
	ck_assert_int_eq(lab->wrong_requests, 0);
	g_ptr_array_unref(lab->hanging);
	collection_free(lab->collection);
	g_hash_table_unref(lab->answers);
	config_unref(lab->config);
	(void)unlink(path);
	(void)rmdir(lab->directory);
	g_free(lab->directory);
	(void)pthread_mutex_destroy(&lab->lock);
}

void lab_on_done(void *data, struct collection *collection)
{
	struct lab *lab = data;

	lab->collection = collection;
	lab->ended++;
}

void lab_start(struct lab *lab, int64_t deadline_ms)
{
	int ended = lab->ended;

	g_clear_pointer(&lab->collection, collection_free);
	sources_collect(lab->sources, lab->config->services, clk_mono_ms() + deadline_ms,
			lab_on_done, lab);
	ck_assert_int_eq(lab->ended, ended); /* it ends from http_client_poll() only */
}

void lab_wait(struct lab *lab)
{
	int64_t end_mono_ms = clk_mono_ms() + LAB_PATIENCE_MS;

	while (!lab->collection && clk_mono_ms() < end_mono_ms)
		http_client_poll(lab->client, 1000, -1);
	ck_assert_ptr_nonnull(lab->collection);
	ck_assert_uint_eq(lab->collection->observations->len, lab->config->services->len);
}

void lab_collect(struct lab *lab)
{
	lab_start(lab, LAB_PATIENCE_MS);
	lab_wait(lab);
}

const struct observation *lab_find(const struct lab *lab, const char *name)
{
	g_autofree char *id = g_strdup_printf("service/%s", name);

	for (guint i = 0; i < lab->collection->observations->len; i++) {
		const struct observation *observation = lab->collection->observations->pdata[i];

		if (strcmp(observation->target_id, id) == 0)
			return observation;
	}
	ck_abort_msg("no observation of %s", name);
}

const struct service_obs *lab_find_service(const struct lab *lab, const char *name)
{
	const struct observation *observation = lab_find(lab, name);

	ck_assert_msg(!observation->fault, "%s: %s", name,
		      observation->fault ? observation->fault->message : "");
	ck_assert_ptr_nonnull(observation->service);
	ck_assert_int_gt(observation->observed_wall_ms, 0);
	ck_assert_int_gt(observation->observed_mono_ms, 0);
	return observation->service;
}

const struct fault *lab_find_fault(const struct lab *lab, const char *name)
{
	const struct observation *observation = lab_find(lab, name);

	ck_assert_ptr_nonnull(observation->fault);
	ck_assert_ptr_null(observation->service);
	ck_assert_int_gt(observation->observed_wall_ms, 0);
	return observation->fault;
}

const char *lab_commit_of(const struct service_obs *service)
{
	const struct revision_obs *revision = NULL;
	const struct marker *marker = NULL;

	ck_assert(service->found);
	ck_assert_uint_gt(service->revisions->len, 0);
	revision = service->revisions->pdata[0];
	ck_assert_uint_gt(revision->markers->len, 0);
	marker = revision->markers->pdata[0];
	return marker->commit;
}
