/* credentials_world - a server of tokens, a key, credentials of a [gcp] section: for the tests of
 * lib/google/credentials. */
#ifndef TESTS_CREDENTIALS_WORLD_H
#define TESTS_CREDENTIALS_WORLD_H

#include "google/credentials.h"
#include "tests/unit/web_fixture.h"

#include <check.h>
#include <openssl/evp.h>
#include <stdatomic.h>

#define ACCOUNT "driftd@acme-prod.iam.gserviceaccount.com"

/** Of the fake monotonic clock, which stands still unless a test moves it. */
#define T0 ((int64_t)1000000)

/** What the test that runs has. */
struct credentials_world {
	EVP_PKEY *key; /* made once, before the forks */
	struct web *web;
	struct http_client *client;
	char *directory;                 /* holds key.json; $CLOUDSDK_CONFIG */
	struct config_gcp gcp;           /* credentials = file:key.json */
	struct credentials *credentials; /* NULL until the first get */

	/* how the server answers; set before it is asked */
	atomic_int answer_status;
	atomic_int answer_expires_in;
	atomic_bool answer_hangs;
	atomic_bool answer_same;       /* always the same token */
	atomic_bool metadata_unmarked; /* without Metadata-Flavor */
	const char *answer_body;       /* NULL: a token */
	const char *answer_headers;
};
extern struct credentials_world world;

/** What a get brought. */
struct token_got {
	int calls;
	char *token;
	struct fault *fault;
};

void token_got_clear(struct token_got *got);

/** A credentials_done_fn; @p data is a struct token_got *. */
void token_take(void *data, const char *token, struct fault *fault);

/** Poll, with the clock standing, until the answer is there. */
void token_wait(const struct token_got *got);

/** A get of the cycle that ends at @p deadline_mono_ms, or 10 s from now. */
void token_get_until(struct token_got *got, int64_t deadline_mono_ms);
void token_get(struct token_got *got);

void expect_token(const char *want);
void expect_token_fault(enum fault_class class, const char *part);

/** Let time go on. */
void advance(int64_t ms);

/** Requests for tokens so far. */
int token_calls(void);

/** Files of the directory. */
char *path_of(const char *name);
void write_file(const char *name, const char *text);
void write_service_account(const char *token_uri);
void write_user(void);

/** A test case with all of it. */
TCase *credentials_world_case(Suite *suite, const char *name);

#endif
