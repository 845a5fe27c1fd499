/* harness_http - a small HTTP client and JSON lookups. */
#include "tests/integration/harness.h"

#include "clk.h"

#include <curl/curl.h>
#include <string.h>

/** Nothing a test asks for takes longer. */
#define CALL_MAX_MS 60000L

typedef struct curl_slist header_list;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(header_list, curl_slist_free_all)

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
	g_string_append_len(data, bytes, (gssize)(size * count)); /* a piece: kilobytes */
	return size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *data)
{
	g_autofree char *line = g_strndup(bytes, size * count);
	char *colon = strchr(line, ':');

	if (colon) {
		g_autofree char *name = g_strndup(line, (gsize)(colon - line));

		g_hash_table_replace(data, g_ascii_strdown(name, -1),
				     g_strdup(g_strstrip(colon + 1)));
	}
	return size * count;
}

static void set_method(CURL *curl, const char *method, const char *body)
{
	if (g_str_equal(method, "HEAD"))
		(void)curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	else
		(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	if (body || g_str_equal(method, "POST"))
		(void)curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body ? body : "");
}

static bool names_a_type(const char *const *headers)
{
	for (size_t i = 0; headers && headers[i]; i++) {
		if (g_ascii_strncasecmp(headers[i], "Content-Type:", 13) == 0)
			return true;
	}
	return false;
}

/** A body is JSON, unless @p headers say what it is. */
static header_list *make_headers(const char *const *headers, bool body)
{
	header_list *list = curl_slist_append(NULL, "Expect:");

	if (body && !names_a_type(headers))
		list = curl_slist_append(list, "Content-Type: application/json");
	for (size_t i = 0; headers && headers[i]; i++)
		list = curl_slist_append(list, headers[i]);
	return list;
}

struct answer *http_call(const char *method, const char *url, const char *const *headers,
			 const char *body)
{
	struct answer *answer = g_new0(struct answer, 1);
	GString *received = g_string_new(NULL);
	g_autoptr(header_list) list = make_headers(headers, body != NULL);
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OK;
	long status = 0;

	answer->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	set_method(curl, method, body);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, CALL_MAX_MS);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, received);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer->headers);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	else
		g_string_assign(received, curl_easy_strerror(code));
	curl_easy_cleanup(curl);
	answer->status = (int)status; /* three digits */
	answer->body = g_string_free(received, FALSE);
	answer->json = status ? json_tokener_parse(answer->body) : NULL;
	return answer;
}

void answer_free(struct answer *answer)
{
	if (!answer)
		return;
	g_free(answer->body);
	json_object_put(answer->json);
	g_hash_table_unref(answer->headers);
	g_free(answer);
}

const char *answer_header(const struct answer *answer, const char *name)
{
	return g_hash_table_lookup(answer->headers, name);
}

/* --- many at once --- */

static size_t drop_body(char *bytes, size_t size, size_t count, void *data)
{
	(void)bytes;
	(void)data;
	return size * count;
}

static CURL *make_one(const char *method, const char *url, int *ret_status)
{
	CURL *curl = curl_easy_init();

	set_method(curl, method, NULL);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, CALL_MAX_MS);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_body);
	(void)curl_easy_setopt(curl, CURLOPT_PRIVATE, ret_status);
	*ret_status = 0;
	return curl;
}

static void take_results(CURLM *multi)
{
	CURLMsg *message = NULL;
	int left = 0;

	while ((message = curl_multi_info_read(multi, &left))) {
		CURL *curl = message->easy_handle;
		int *status = NULL;
		long code = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(curl, CURLINFO_PRIVATE, &status);
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
		*status = (int)code; /* three digits; 0 when there was no answer */
		(void)curl_multi_remove_handle(multi, curl);
		curl_easy_cleanup(curl);
	}
}

void http_call_many(const char *method, const char *const *urls, int count, int *ret_statuses)
{
	CURLM *multi = curl_multi_init();
	int running = 0;

	(void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	for (int i = 0; i < count; i++)
		(void)curl_multi_add_handle(multi, make_one(method, urls[i], &ret_statuses[i]));
	do {
		(void)curl_multi_perform(multi, &running);
		take_results(multi);
		(void)curl_multi_poll(multi, NULL, 0, 100, NULL);
	} while (running > 0);
	take_results(multi);
	(void)curl_multi_cleanup(multi);
}

/* --- JSON --- */

json_object *json_at(json_object *document, const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, ".", -1);
	json_object *value = document;

	for (size_t i = 0; parts[i] && value; i++) {
		guint64 index = 0;
		bool is_index = g_ascii_string_to_unsigned(parts[i], 10, 0, 100000, &index, NULL);

		if (json_object_is_type(value, json_type_array))
			value = is_index ? json_object_array_get_idx(value, (size_t)index) : NULL;
		else if (!json_object_object_get_ex(value, parts[i], &value))
			value = NULL;
	}
	return value;
}

const char *json_text_at(json_object *document, const char *path)
{
	json_object *value = json_at(document, path);

	return value ? json_object_get_string(value) : "";
}

int64_t json_int_at(json_object *document, const char *path)
{
	json_object *value = json_at(document, path);

	return value ? json_object_get_int64(value) : -1;
}
