/* test_credentials - every way of Application Default Credentials once, against endpoints that
 * verify what they get. API-FACTS A. */
#include "tests/integration/harness.h"

#include <string.h>
#include <sys/stat.h>

Suite *credentials_suite(void);

#define STS_AUDIENCE                                                                               \
	"//iam.googleapis.com/projects/81234/locations/global/workloadIdentityPools/ci/"           \
	"providers/forge"
#define TARGET_ACCOUNT "reader@acme-prod.iam.gserviceaccount.com"

static struct world *world;
static char *head;
static const char *environment[8]; /* of driftd */
static char *owned[8];             /* the same, to free */

static void set_environment(int index, char *taken)
{
	g_free(owned[index]);
	owned[index] = taken;
	environment[index] = taken;
	world->environment = environment;
}

static void setup(void)
{
	g_autofree char *checkout = NULL, *nowhere = NULL;

	world = world_create();
	checkout = repo_make(world, "app");
	head = repo_publish(checkout, "a.txt", "one", A_DAY);
	cloud_deploy(world, "app", head);
	nowhere = world_path(world, "gcloud");
	/* nothing of this machine's own accounts may be found */
	set_environment(0, g_strdup_printf("CLOUDSDK_CONFIG=%s", nowhere));
	set_environment(1, g_strdup("GOOGLE_APPLICATION_CREDENTIALS="));
	set_environment(2, g_strdup("GCE_METADATA_HOST=127.0.0.1:1"));
}

static void teardown(void)
{
	world_free(world);
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		g_clear_pointer(&owned[i], g_free);
	g_free(head);
}

/** Start with "credentials = KIND". */
static void begin(const char *kind)
{
	GString *config = world_base_config(world, "");
	g_autofree char *line = g_strdup_printf("credentials = %s\n", kind);

	config_replace(config, "credentials = file:key.json\n", line);
	config_add_service(config, "app", "source = cloud-run");
	world_configure(world, config->str);
	g_string_free(config, TRUE);
	world_start(world);
	world_cycle(world);
}

/** Write DIRECTORY/NAME with @p text and let $GOOGLE_APPLICATION_CREDENTIALS name it. */
static void write_adc(const char *name, const char *text)
{
	g_autofree char *path = world_path(world, name);

	ck_assert(g_file_set_contents(path, text, -1, NULL));
	set_environment(1, g_strdup_printf("GOOGLE_APPLICATION_CREDENTIALS=%s", path));
}

static void expect_no_secret(const char *secret)
{
	g_autofree char *state = world_path(world, "state"), *log = world_path(world, "driftd.log");
	const char *const grep[] = {"grep", "-raqF", secret, state, log, NULL};
	struct run run = run_program(grep, NULL);

	ck_assert_msg(run.status == 1, "%s is in the state or the log", secret);
	run_clear(&run);
}

START_TEST(a_key_file_signs_once_for_many_cycles)
{
	begin("file:key.json");
	world_cycle(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
	ck_assert_int_eq(cloud_calls(world, "token"), 1);
	expect_no_secret("ya29.fake");
	expect_no_secret("BEGIN PRIVATE KEY");
}
END_TEST

START_TEST(a_key_file_is_found_by_the_environment)
{
	g_autofree char *key = world_path(world, "key.json");

	set_environment(1, g_strdup_printf("GOOGLE_APPLICATION_CREDENTIALS=%s", key));
	begin("adc");
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(a_named_file_that_is_missing_is_an_error)
{
	set_environment(1, g_strdup("GOOGLE_APPLICATION_CREDENTIALS=/nowhere/key.json"));
	set_environment(2, g_strdup_printf("GCE_METADATA_HOST=%s", world->cloud + 7));
	begin("adc");
	expect_state(world, "app", "unknown", "permission_denied");
	ck_assert_int_eq(cloud_calls(world, "metadata"), 0); /* no falling through */
}
END_TEST

START_TEST(a_key_of_nobody_gets_no_token)
{
	begin("file:key.json");
	answer_free(cloud_control(world, "POST", "reset", ""));
	cloud_deploy(world, "app", head);
	cloud_clear_log(world);
	world_cycle(world);
	expect_state(world, "app", "unknown", "permission_denied");
	ck_assert_int_eq(cloud_calls(world, "run.services.list"), 0);
}
END_TEST

START_TEST(an_authorised_user_refreshes)
{
	g_autoptr(struct_answer) target = NULL;

	cloud_put(world, "options",
		  "{\"client_id\":\"id\",\"client_secret\":\"hush-hush\",\"refresh_token\":"
		  "\"1//refresh-me\"}");
	write_adc("user.json", "{\"type\":\"authorized_user\",\"client_id\":\"id\","
			       "\"client_secret\":\"hush-hush\",\"refresh_token\":"
			       "\"1//refresh-me\",\"quota_project_id\":\"acme-prod\"}");
	begin("adc");
	expect_state(world, "app", "ok", NULL);
	expect_no_secret("hush-hush");
	expect_no_secret("1//refresh-me");
	cloud_put(world, "options", "{\"refresh_token\":\"another\"}");
	answer_free(cloud_control(world, "DELETE", "tokens", NULL));
	world_cycle(world);
	expect_state(world, "app", "unknown", "permission_denied");
	target = world_target(world, "app");
	ck_assert_ptr_null(strstr(target->body, "refresh-me"));
}
END_TEST

START_TEST(the_metadata_server_gives_tokens)
{
	set_environment(2, g_strdup_printf("GCE_METADATA_HOST=%s", world->cloud + 7));
	begin("metadata");
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
	ck_assert_int_ge(cloud_calls(world, "metadata"), 1);
	ck_assert_int_eq(cloud_calls(world, "token"), 0);
}
END_TEST

START_TEST(adc_ends_at_the_metadata_server)
{
	set_environment(2, g_strdup_printf("GCE_METADATA_HOST=%s", world->cloud + 7));
	begin("adc");
	expect_state(world, "app", "ok", NULL);
}
END_TEST

START_TEST(a_metadata_server_without_its_flavour_is_not_trusted)
{
	set_environment(2, g_strdup_printf("GCE_METADATA_HOST=%s", world->cloud + 7));
	cloud_put(world, "options", "{\"metadata_unflavoured\":true}");
	begin("metadata");
	expect_state(world, "app", "unknown", "permission_denied");
}
END_TEST

START_TEST(nobody_at_all_is_said)
{
	begin("adc");
	expect_state(world, "app", "unknown", "permission_denied");
}
END_TEST

/** An external_account file; @p source is its credential_source. */
static char *external_account(const char *source, bool impersonate)
{
	g_autofree char *impersonation = g_strdup_printf(
		",\"service_account_impersonation_url\":\"%s/v1/projects/-/serviceAccounts/"
		"%s:generateAccessToken\"",
		world->cloud, TARGET_ACCOUNT);

	return g_strdup_printf("{\"type\":\"external_account\",\"audience\":\"" STS_AUDIENCE
			       "\",\"subject_token_type\":"
			       "\"urn:ietf:params:oauth:token-type:jwt\","
			       "\"token_url\":\"%s/v1/token\",\"credential_source\":%s%s}",
			       world->cloud, source, impersonate ? impersonation : "");
}

START_TEST(a_federated_token_comes_from_a_file)
{
	g_autofree char *path = world_path(world, "forge.jwt");
	g_autofree char *source = g_strdup_printf("{\"file\":\"%s\"}", path);
	g_autofree char *adc = external_account(source, false);

	cloud_put(world, "options", "{\"subject_token\":\"forge-token\"}");
	ck_assert(g_file_set_contents(path, "forge-token\n", -1, NULL));
	write_adc("external.json", adc);
	begin("adc");
	expect_state(world, "app", "ok", NULL);
	ck_assert_int_eq(cloud_calls(world, "sts"), 1);
	expect_no_secret("forge-token");
}
END_TEST

START_TEST(a_federated_token_comes_from_a_url_and_impersonates)
{
	g_autofree char *source = g_strdup_printf(
		"{\"url\":\"%s/target/forge/token\",\"headers\":{\"X-Forge\":\"1\"},\"format\":"
		"{\"type\":\"json\",\"subject_token_field_name\":\"id_token\"}}",
		world->cloud);
	g_autofree char *adc = external_account(source, true);

	cloud_put(world, "options", "{\"subject_token\":\"forge-token\"}");
	cloud_put(world, "targets/forge", "{\"id_token\":\"forge-token\"}");
	write_adc("external.json", adc);
	begin("adc");
	expect_state(world, "app", "ok", NULL);
	ck_assert_int_eq(cloud_calls(world, "sts"), 1);
	ck_assert_int_eq(cloud_calls(world, "iamcredentials"), 1);
}
END_TEST

START_TEST(an_impersonated_account_asks_with_its_source)
{
	g_autofree char *adc = g_strdup_printf(
		"{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":"
		"\"%s/v1/projects/-/serviceAccounts/" TARGET_ACCOUNT ":generateAccessToken\","
		"\"source_credentials\":{\"type\":\"authorized_user\",\"client_id\":\"id\","
		"\"client_secret\":\"s\",\"refresh_token\":\"r\"}}",
		world->cloud);

	cloud_put(world, "options",
		  "{\"client_id\":\"id\",\"client_secret\":\"s\",\"refresh_token\":\"r\"}");
	write_adc("impersonated.json", adc);
	begin("adc");
	expect_state(world, "app", "ok", NULL);
	ck_assert_int_eq(cloud_calls(world, "iamcredentials"), 1);
}
END_TEST

START_TEST(unknown_kinds_of_files_are_refused)
{
	static const char *const files[] = {
		"{\"type\":\"gdch_service_account\"}",
		"{\"client_email\":\"a@b\"}",
		"not json",
		("{\"type\":\"external_account\",\"audience\":\"x\",\"subject_token_type\":\"y\","
		 "\"credential_source\":{\"executable\":{\"command\":\"/bin/true\"}}}"),
	};

	write_adc("adc.json", files[_i]);
	begin("adc");
	expect_state(world, "app", "unknown", "permission_denied");
	ck_assert_int_eq(cloud_calls(world, "run.services.list"), 0);
}
END_TEST

START_TEST(a_token_near_its_end_is_replaced_before)
{
	cloud_put(world, "options", "{\"expires_in_s\":30}");
	begin("file:key.json");
	cloud_clear_log(world);
	world_cycle(world);
	expect_state(world, "app", "ok", NULL);
	ck_assert_int_eq(cloud_calls(world, "token"), 1);
}
END_TEST

START_TEST(a_fixed_token_is_used_as_it_is)
{
	static const char *const form =
		"grant_type=refresh_token&client_id=id&client_secret=s&refresh_token=r";
	g_autofree char *url = g_strdup_printf("%s/token", world->cloud);
	g_autoptr(struct_answer) token = NULL;

	cloud_put(world, "options",
		  "{\"client_id\":\"id\",\"client_secret\":\"s\",\"refresh_token\":\"r\"}");
	token = http_call("POST", url, NULL, form);
	set_environment(3,
			g_strdup_printf("MY_TOKEN=%s", json_text_at(token->json, "access_token")));
	cloud_clear_log(world);
	begin("token:env:MY_TOKEN");
	expect_state(world, "app", "ok", NULL);
	ck_assert_int_eq(cloud_calls(world, "token"), 0);
}
END_TEST

Suite *credentials_suite(void)
{
	Suite *suite = suite_create("credentials");
	TCase *tcase = tcase_create("every way");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_key_file_signs_once_for_many_cycles);
	tcase_add_test(tcase, a_key_file_is_found_by_the_environment);
	tcase_add_test(tcase, a_named_file_that_is_missing_is_an_error);
	tcase_add_test(tcase, a_key_of_nobody_gets_no_token);
	tcase_add_test(tcase, an_authorised_user_refreshes);
	tcase_add_test(tcase, the_metadata_server_gives_tokens);
	tcase_add_test(tcase, adc_ends_at_the_metadata_server);
	tcase_add_test(tcase, a_metadata_server_without_its_flavour_is_not_trusted);
	tcase_add_test(tcase, nobody_at_all_is_said);
	tcase_add_test(tcase, a_federated_token_comes_from_a_file);
	tcase_add_test(tcase, a_federated_token_comes_from_a_url_and_impersonates);
	tcase_add_test(tcase, an_impersonated_account_asks_with_its_source);
	tcase_add_loop_test(tcase, unknown_kinds_of_files_are_refused, 0, 4);
	tcase_add_test(tcase, a_token_near_its_end_is_replaced_before);
	tcase_add_test(tcase, a_fixed_token_is_used_as_it_is);
	suite_add_tcase(suite, tcase);
	return suite;
}
