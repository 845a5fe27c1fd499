/* harness_callers - who asks driftd: bearer tokens, OIDC, pushes of GitHub and GitLab. */
#include "tests/integration/harness.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define ZEROS "0000000000000000000000000000000000000000"
#define SOME_COMMIT "5f1b2c3d4e5f60718293a4b5c6d7e8f901234567"

struct answer *world_call_as(const struct world *world, const char *token, const char *method,
			     const char *path, const char *body)
{
	g_autofree char *bearer = g_strconcat("Authorization: Bearer ", token, NULL);
	const char *const headers[] = {bearer, NULL};

	return world_call(world, method, path, headers, body);
}

/* --- OIDC --- */

char *world_oidc_lines(const struct world *world, const char *audience, const char *email)
{
	return g_strdup_printf("oidc-audience = %s\noidc-email = %s\noidc-issuer = %s/oidc\n"
			       "oidc-jwks-url = %s/oidc/certs\n",
			       audience, email, world->cloud, world->cloud);
}

char *oidc_mint(const struct world *world, const char *spec)
{
	g_autoptr(struct_answer) answer = cloud_control(world, "POST", "oidc/tokens", spec);

	return g_strdup(json_text_at(answer->json, "token"));
}

char *oidc_token(const struct world *world, const char *claims)
{
	g_autofree char *spec = g_strdup_printf("{\"claims\":%s}", claims);

	return oidc_mint(world, spec);
}

void oidc_rotate(const struct world *world, bool keep)
{
	answer_free(cloud_control(world, "POST", "oidc/rotate",
				  keep ? "{\"keep\":true}" : "{\"keep\":false}"));
}

void oidc_set_max_age(const struct world *world, int64_t max_age_s)
{
	g_autofree char *body = g_strdup_printf("{\"max_age_s\":%" G_GINT64_FORMAT "}", max_age_s);

	answer_free(cloud_control(world, "PATCH", "oidc", body));
}

/* --- pushes --- */

char *hmac_sha256_hex(const char *secret, const char *body, size_t length)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};
	unsigned int digest_bytes = 0;
	GString *text = g_string_new("sha256=");

	ck_assert(HMAC(EVP_sha256(), secret, (int)strlen(secret), /* a word */
		       (const unsigned char *)body, length, digest, &digest_bytes));
	for (unsigned int i = 0; i < digest_bytes; i++)
		g_string_append_printf(text, "%02x", digest[i]);
	return g_string_free(text, FALSE);
}

static void add_text(json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

/** What both services call the same. */
static json_object *push_facts(const struct push *push)
{
	json_object *object = json_object_new_object();

	add_text(object, "ref", push->ref ? push->ref : "refs/heads/main");
	add_text(object, "before", push->before ? push->before : SOME_COMMIT);
	add_text(object, "after",
		 push->deleted ? ZEROS : (push->after ? push->after : SOME_COMMIT));
	return object;
}

static char *clone_url(const struct world *world, const struct push *push)
{
	return push->url ? g_strdup(push->url) : g_strconcat(world->cloud, "/git/app.git", NULL);
}

static const char *repository_name(const struct push *push)
{
	return push->repository ? push->repository : "acme/app";
}

static char *to_text(json_object *taken)
{
	char *text =
		g_strdup(json_object_to_json_string_ext(taken, JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(taken);
	return text;
}

char *push_payload(const struct world *world, const struct push *push)
{
	json_object *object = push_facts(push), *repository = json_object_new_object();
	g_autofree char *url = clone_url(world, push);

	add_text(repository, "full_name", repository_name(push));
	add_text(repository, "clone_url", url);
	add_text(repository, "html_url", url);
	add_text(repository, "default_branch", "main");
	json_object_object_add(object, "repository", repository);
	json_object_object_add(object, "created", json_object_new_boolean(false));
	json_object_object_add(object, "deleted", json_object_new_boolean(push->deleted));
	json_object_object_add(object, "forced", json_object_new_boolean(push->forced));
	json_object_object_add(object, "commits", json_object_new_array());
	return to_text(object);
}

/** Caller frees. */
static char *delivery_id(const struct push *push)
{
	return push->delivery ? g_strdup(push->delivery) : g_uuid_string_random();
}

struct answer *push_github(const struct world *world, const struct push *push)
{
	g_autofree char *payload = push_payload(world, push), *id = delivery_id(push);
	g_autofree char *escaped = g_uri_escape_string(payload, NULL, FALSE);
	g_autofree char *body =
		push->form ? g_strconcat("payload=", escaped, NULL) : g_strdup(payload);
	g_autofree char *hmac =
		push->secret ? hmac_sha256_hex(push->secret, body, strlen(body)) : NULL;
	g_autofree char *signature = g_strconcat("X-Hub-Signature-256: ", hmac, NULL);
	g_autofree char *delivery = g_strconcat("X-GitHub-Delivery: ", id, NULL);
	g_autofree char *event =
		g_strconcat("X-GitHub-Event: ", push->event ? push->event : "push", NULL);
	const char *const headers[] = {
		push->form ? "Content-Type: application/x-www-form-urlencoded"
			   : "Content-Type: application/json",
		"User-Agent: GitHub-Hookshot/044aadd",
		"X-GitHub-Hook-ID: 1234",
		delivery,
		event,
		push->secret ? signature : NULL,
		NULL,
	};

	return world_call(world, "POST", "/hooks/github", headers, body);
}

static char *gitlab_payload(const struct world *world, const struct push *push)
{
	json_object *object = push_facts(push), *project = json_object_new_object();
	g_autofree char *url = clone_url(world, push);

	add_text(project, "path_with_namespace", repository_name(push));
	add_text(project, "git_http_url", url);
	add_text(project, "default_branch", "main");
	add_text(object, "object_kind", "push");
	json_object_object_add(object, "project", project);
	json_object_object_add(
		object, "checkout_sha",
		push->deleted ? NULL
			      : json_object_new_string(push->after ? push->after : SOME_COMMIT));
	json_object_object_add(object, "commits", json_object_new_array());
	json_object_object_add(object, "total_commits_count", json_object_new_int(0));
	return to_text(object);
}

struct answer *push_gitlab(const struct world *world, const struct push *push)
{
	g_autofree char *body = gitlab_payload(world, push), *id = delivery_id(push);
	g_autofree char *token = g_strconcat("X-Gitlab-Token: ", push->secret, NULL);
	g_autofree char *delivery = g_strconcat("X-Gitlab-Event-UUID: ", id, NULL);
	g_autofree char *key = g_strconcat("Idempotency-Key: ", id, NULL);
	g_autofree char *event =
		g_strconcat("X-Gitlab-Event: ", push->event ? push->event : "Push Hook", NULL);
	const char *const headers[] = {"Content-Type: application/json", delivery, key, event,
				       push->secret ? token : NULL,      NULL};

	return world_call(world, "POST", "/hooks/gitlab", headers, body);
}
