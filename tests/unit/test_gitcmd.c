/* What the git command is given, and what its words mean. */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "clk.h"
#include "drift_error.h"
#include "git/gitcmd.h"
#include "git/gitenv.h"
#include "git/gitfault.h"
#include "tests/unit/git_fixture.h"

Suite *gitcmd_suite(void);

/* A git that writes down what it was given, first on the PATH. */
static char *make_spy(void)
{
	char *place = git_fixture_make_dir();
	g_autofree char *path = g_build_filename(place, "git", NULL);
	g_autofree char *search = g_strdup_printf("%s:%s", place, g_getenv("PATH"));
	g_autofree char *script = g_strdup_printf(
		"#!/bin/sh\nenv >%s/env\necho \"$@\" >%s/args\nexit 1\n", place, place);

	ck_assert(g_file_set_contents(path, script, -1, NULL));
	ck_assert_int_eq(g_chmod(path, 0700), 0);
	ck_assert(g_setenv("PATH", search, TRUE));
	return place;
}

static char *read_file(const char *place, const char *name)
{
	g_autofree char *path = g_build_filename(place, name, NULL);
	char *text = NULL;

	ck_assert(g_file_get_contents(path, &text, NULL, NULL));
	return g_strstrip(text);
}

START_TEST(test_environment_is_clean)
{
	static const char *const words[] = {"ls-remote", "x", NULL};
	struct gitcmd command = {
		.what = "ls-remote",
		.args = words,
		.url = "https://git.example.com:8443/x/y.git",
		.token = "s3cr3t-token",
		.deadline_mono_ms = clk_mono_ms() + 60000,
		.cancel = -1,
	};
	struct gitcmd_result result = {0};
	g_autoptr(GError) error = NULL;
	char *place = make_spy();
	g_autofree char *env = NULL;
	g_autofree char *args = NULL;

	ck_assert(g_setenv("GIT_DIR", "/nowhere", TRUE));
	ck_assert(g_setenv("GIT_CONFIG_COUNT", "9", TRUE));
	ck_assert(g_setenv("HOME", "/nowhere", TRUE));
	ck_assert(!gitcmd_run(&command, &result, &error));
	ck_assert_int_eq(result.exit_code, 1);
	ck_assert_ptr_null(strstr(error->message, "s3cr3t"));
	gitcmd_result_done(&result);
	env = read_file(place, "env");
	args = read_file(place, "args");
	ck_assert_ptr_null(strstr(env, "GIT_DIR="));
	ck_assert_ptr_null(strstr(env, "HOME="));
	ck_assert_ptr_null(strstr(env, "GIT_CONFIG_COUNT=9"));
	ck_assert_ptr_nonnull(strstr(env, "LC_ALL=C"));
	ck_assert_ptr_nonnull(strstr(env, "GIT_TERMINAL_PROMPT=0"));
	ck_assert_ptr_nonnull(strstr(env, "GIT_CONFIG_NOSYSTEM=1"));
	ck_assert_ptr_nonnull(strstr(env, "=http.https://git.example.com:8443/.extraHeader"));
	ck_assert_ptr_nonnull(strstr(env, "=Authorization: Basic "
					  "eC1hY2Nlc3MtdG9rZW46czNjcjN0LXRva2Vu"));
	ck_assert_str_eq(args, "ls-remote x");
	git_fixture_remove_dir(place);
}
END_TEST

static const struct {
	const char *url;
	const char *token;
	const char *want; /* in the environment; NULL: refused */
} environments[] = {
	{"https://h/x", "t", "=http.https://h/.extraHeader"},
	{"https://user@h:99/x", "t", "=http.https://h:99/.extraHeader"},
	{"https://[::1]:99/x", "t", "=http.https://[::1]:99/.extraHeader"},
	{"http://127.0.0.1:99/x", "t", "=http.http://127.0.0.1:99/.extraHeader"},
	{"http://h/x", "t", NULL},
	{"http://h/x", NULL, "=initial"},
	{"https://h/x", "t", "=false"},
	{"ssh://h/x", "t", "HOME=/home/x"},
	{"git@h:x/y", "t", "SSH_AUTH_SOCK=/sock"},
	{"file:///x", "t", "LC_ALL=C"},
};

START_TEST(test_environments)
{
	g_autoptr(GError) error = NULL;
	char **environment;
	bool found = false;
	bool home = false;

	ck_assert(g_setenv("HOME", "/home/x", TRUE));
	ck_assert(g_setenv("SSH_AUTH_SOCK", "/sock", TRUE));
	environment = gitenv_create(environments[_i].url, environments[_i].token, &error);
	if (!environments[_i].want) {
		ck_assert_ptr_null(environment);
		ck_assert_int_eq(error->code, DRIFT_ERROR_DENIED);
		return;
	}
	for (size_t i = 0; environment[i]; i++) {
		found = found || g_str_has_suffix(environment[i], environments[_i].want);
		home = home || g_str_has_prefix(environment[i], "HOME=");
	}
	ck_assert_msg(found, "%s", environments[_i].want);
	ck_assert_int_eq(home, g_str_has_prefix(environments[_i].url, "ssh") ||
				       g_str_has_prefix(environments[_i].url, "git@"));
	gitenv_free(environment);
}
END_TEST

static const struct {
	const char *words;
	enum gitcmd_fault fault;
} sayings[] = {
	{"fatal: Authentication failed for 'https://h/x/'", GITCMD_FAULT_AUTH},
	{"fatal: could not read Username for 'https://h': terminal prompts disabled",
	 GITCMD_FAULT_AUTH},
	{"fatal: unable to access 'https://h/x/': The requested URL returned error: 403",
	 GITCMD_FAULT_AUTH},
	{"git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
	 GITCMD_FAULT_AUTH},
	{"Host key verification failed.\nfatal: Could not read from remote repository.",
	 GITCMD_FAULT_AUTH},
	{"remote: Repository not found.\nfatal: repository 'https://h/x/' not found",
	 GITCMD_FAULT_NO_REPO},
	{"fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote "
	 "repository.",
	 GITCMD_FAULT_NO_REPO},
	{"fatal: couldn't find remote ref refs/heads/x", GITCMD_FAULT_NO_BRANCH},
	{"fatal: remote error: upload-pack: not our ref 01234", GITCMD_FAULT_NOT_OUR_REF},
	{"error: Server does not allow request for unadvertised object 01234",
	 GITCMD_FAULT_REFUSED},
	{"fatal: unable to access 'https://h/x/': Could not resolve host: h", GITCMD_FAULT_AWAY},
	{"fatal: unable to access 'https://h/x/': Failed to connect to h port 443: Connection "
	 "refused",
	 GITCMD_FAULT_AWAY},
	{"fatal: unable to access 'https://h/x/': The requested URL returned error: 502",
	 GITCMD_FAULT_AWAY},
	{"fatal: unable to access 'https://h/x/': The requested URL returned error: 302",
	 GITCMD_FAULT_MOVED},
	{"ssh: connect to host h port 22: Connection timed out\nfatal: Could not read from remote "
	 "repository.",
	 GITCMD_FAULT_AWAY},
	{"error: RPC failed; curl 18 transfer closed\nfatal: early EOF", GITCMD_FAULT_AWAY},
	{"fatal: unable to access 'https://h/x/': server certificate verification failed. CAfile: "
	 "none CRLfile: none",
	 GITCMD_FAULT_TLS},
	{"fatal: write error: No space left on device", GITCMD_FAULT_FULL},
	{"fatal: mismatched algorithms: client sha1; server sha256", GITCMD_FAULT_SHA256},
	{"fatal: not a git repository: '/x'", GITCMD_FAULT_DAMAGED},
	{"fatal: bad object 01234", GITCMD_FAULT_DAMAGED},
	{"something else", GITCMD_FAULT_OTHER},
	{"", GITCMD_FAULT_OTHER},
};

START_TEST(test_words_of_git)
{
	ck_assert_msg(gitcmd_classify(sayings[_i].words) == sayings[_i].fault, "%s: %d",
		      sayings[_i].words, (int)gitcmd_classify(sayings[_i].words));
}
END_TEST

START_TEST(test_secrets_are_redacted)
{
	g_autofree char *text = gitfault_redact(
		"fatal: https://bob:pw@h/x and tok123, eC1hY2Nlc3MtdG9rZW46dG9rMTIz", "tok123");
	g_autofree char *shown = gitcmd_show_url("https://bob:pw@h/x");

	ck_assert_str_eq(text, "fatal: https://h/x and [redacted], [redacted]");
	ck_assert_str_eq(shown, "https://h/x");
}
END_TEST

Suite *gitcmd_suite(void)
{
	Suite *suite = suite_create("gitcmd");
	TCase *tcase = tcase_create("gitcmd");

	tcase_add_test(tcase, test_environment_is_clean);
	tcase_add_loop_test(tcase, test_environments, 0, G_N_ELEMENTS(environments));
	tcase_add_loop_test(tcase, test_words_of_git, 0, G_N_ELEMENTS(sayings));
	tcase_add_test(tcase, test_secrets_are_redacted);
	suite_add_tcase(suite, tcase);
	return suite;
}
