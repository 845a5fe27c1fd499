/* credentials_world - see credentials_world.h */
#include "tests/unit/credentials_world.h"

#include "clk.h"
#include "json.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 20000

struct credentials_world world;

/* --- the server --- */

static bool answer_token(const struct web_request *request, const char *headers)
{
	int number = web_next(request, 0);
	g_autofree char *body = NULL;

	if (atomic_load(&world.answer_hangs))
		return !web_wait(request, -1);
	if (world.answer_body)
		return web_reply(request, atomic_load(&world.answer_status), world.answer_headers,
				 world.answer_body);
	if (atomic_load(&world.answer_status) != 200)
		return web_reply(request, atomic_load(&world.answer_status),
				 "Content-Type: application/json\r\n",
				 "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT "
				 "Signature.\"}");
	body = g_strdup_printf("{\"access_token\":\"tok-%d\",\"expires_in\":%d,\"token_type\":"
			       "\"Bearer\"}",
			       atomic_load(&world.answer_same) ? 0 : number,
			       atomic_load(&world.answer_expires_in));
	return web_reply(request, 200, headers, body);
}

static bool impersonate(const struct web_request *request)
{
	g_autofree char *body = g_strdup_printf(
		"{\"accessToken\":\"imp-%d\",\"expireTime\":\"2036-01-01T00:00:00Z\"}",
		web_next(request, 1));

	return web_reply(request, 200, "", body);
}

/* All but the last headers and bodies is in the log; the subject and STS bodies are kept aside. */
static bool handle(const struct web_request *request)
{
	const char *path = request->path;

	if (g_str_has_prefix(path, "/token") || g_str_has_prefix(path, "/v1/token")) {
		(void)pthread_mutex_lock(&request->web->lock);
		g_free(request->web->text);
		request->web->text = g_strconcat(request->headers, request->body, NULL);
		(void)pthread_mutex_unlock(&request->web->lock);
		return answer_token(request, "");
	}
	if (g_str_has_prefix(path, "/computeMetadata/v1/instance/service-accounts/default/token"))
		return answer_token(request, atomic_load(&world.metadata_unmarked)
						     ? ""
						     : "Metadata-Flavor: Google\r\n");
	if (g_str_has_suffix(path, ":generateAccessToken"))
		return impersonate(request);
	if (strcmp(path, "/subject") == 0 && strstr(request->headers, "X-Forge: yes\r\n"))
		return web_reply(request, 200, "", "{\"id_token\":\"sub.ject.url\"}");
	return web_reply(request, 404, "", "no such thing");
}

/* --- set-up --- */

static void make_key(void)
{
	world.key = EVP_RSA_gen(2048);
	ck_assert_ptr_nonnull(world.key);
}

static void free_key(void)
{
	EVP_PKEY_free(world.key);
}

char *path_of(const char *name)
{
	return g_build_filename(world.directory, name, NULL);
}

void write_file(const char *name, const char *text)
{
	g_autofree char *path = path_of(name);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static char *private_pem(void)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	char *text = NULL;
	long length = 0;

	ck_assert_int_eq(PEM_write_bio_PrivateKey(bio, world.key, NULL, NULL, 0, NULL, NULL), 1);
	length = BIO_get_mem_data(bio, &bytes);
	text = g_strndup(bytes, (gsize)length);
	BIO_free(bio);
	return text;
}

void write_service_account(const char *token_uri)
{
	json_object *file = json_object_new_object();
	g_autofree char *pem = private_pem();
	g_autofree char *text = NULL;

	json_add_text(file, "type", "service_account");
	json_add_text(file, "client_email", ACCOUNT);
	json_add_text(file, "private_key", pem);
	json_add_text(file, "private_key_id", "key-1");
	json_add_text(file, "token_uri", token_uri);
	text = json_to_text(file, NULL);
	json_object_put(file);
	write_file("key.json", text);
}

void write_user(void)
{
	g_autofree char *text = g_strdup_printf(
		"{\"type\":\"authorized_user\",\"client_id\":\"id\",\"client_secret\":\"s&c=ret\","
		"\"refresh_token\":\"1//re+fresh-0123456789012345678901234567890123456789\","
		"\"quota_project_id\":\"quota-of-file\",\"token_uri\":\"%s/token\"}",
		world.web->origin);

	write_file("key.json", text);
}

static void setup(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *host = NULL;

	world.answer_body = NULL;
	world.answer_headers = "";
	atomic_store(&world.answer_status, 200);
	atomic_store(&world.answer_expires_in, 3600);
	g_unsetenv("http_proxy");
	g_unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
	g_unsetenv("GCE_METADATA_IP");
	world.web = web_start(handle);
	world.directory = g_dir_make_tmp("driftd-credentials-XXXXXX", NULL);
	ck_assert_ptr_nonnull(world.directory);
	host = g_strdup_printf("127.0.0.1:%d", world.web->port);
	g_setenv("GCE_METADATA_HOST", host, TRUE);
	g_setenv("CLOUDSDK_CONFIG", world.directory, TRUE);
	g_unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
	world.client = http_client_create(8, &error);
	ck_assert_ptr_nonnull(world.client);
	clk_set_fake(T0, g_get_real_time() / 1000);
	world.gcp = (struct config_gcp){.name = g_strdup("default"),
					.credentials = CONFIG_CREDENTIALS_FILE,
					.credentials_file = path_of("key.json")};
}

static void teardown(void)
{
	static const char *const names[] = {"key.json", "subject",
					    "application_default_credentials.json"};

	credentials_free(world.credentials);
	world.credentials = NULL;
	http_client_free(world.client);
	clk_clear_fake();
	web_stop(world.web);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = path_of(names[i]);

		(void)g_unlink(path);
	}
	(void)g_rmdir(world.directory);
	g_free(world.directory);
	g_free(world.gcp.name);
	g_free(world.gcp.credentials_file);
	g_free(world.gcp.credentials_token);
	g_free(world.gcp.token_endpoint);
}

/* --- asking --- */

void token_take(void *data, const char *token, struct fault *fault)
{
	struct token_got *got = data;

	ck_assert((token == NULL) != (fault == NULL));
	got->calls++;
	got->token = g_strdup(token);
	got->fault = fault_ref(fault);
}

void token_got_clear(struct token_got *got)
{
	g_free(got->token);
	fault_unref(got->fault);
	*got = (struct token_got){0};
}

void token_wait(const struct token_got *got)
{
	int64_t end_ms = g_get_monotonic_time() / 1000 + PATIENCE_MS;

	while (got->calls == 0 && g_get_monotonic_time() / 1000 < end_ms)
		http_client_poll(world.client, 50, -1);
	ck_assert_int_eq(got->calls, 1);
}

/* A get of the cycle that ends at @p deadline_mono_ms. */
void token_get_until(struct token_got *got, int64_t deadline_mono_ms)
{
	token_got_clear(got);
	if (!world.credentials)
		world.credentials = credentials_create(world.client, &world.gcp);
	credentials_get(world.credentials, deadline_mono_ms, token_take, got);
	token_wait(got);
}

void token_get(struct token_got *got)
{
	token_get_until(got, clk_mono_ms() + 10000);
}

void expect_token(const char *want)
{
	struct token_got got = {0};

	token_get(&got);
	ck_assert_msg(got.token, "%s", got.fault ? got.fault->message : "");
	ck_assert_str_eq(got.token, want);
	token_got_clear(&got);
}

void expect_token_fault(enum fault_class class, const char *part)
{
	struct token_got got = {0};

	token_get(&got);
	ck_assert_msg(got.fault, "a token came: %s", got.token);
	ck_assert_msg(got.fault->class == class, "%s: %s", fault_class_text(got.fault->class),
		      got.fault->message);
	ck_assert_msg(strstr(got.fault->message, part), "%s", got.fault->message);
	token_got_clear(&got);
}

/* Let time go on. */
void advance(int64_t ms)
{
	clk_set_fake(clk_mono_ms() + ms, clk_wall_ms() + ms);
}

int token_calls(void)
{
	return web_count(world.web, "/token") + web_count(world.web, "/v1/token") +
	       web_count(world.web, "/computeMetadata/");
}

TCase *credentials_world_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_unchecked_fixture(tcase, make_key, free_key);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}
