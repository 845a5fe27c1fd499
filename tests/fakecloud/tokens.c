/* tokens - Google's token endpoints: JWT-bearer assertions (verified), refresh tokens, STS exchange
 * and impersonation. RFC 7523, RFC 6749, RFC 8693; API-FACTS A. */
#include "tests/fakecloud/handlers.h"

#include <cjose/cjose.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

/** How far ahead of ours an issuer's clock may be, and how long an assertion may live. */
#define SKEW_S 300
#define ASSERTION_MAX_S 3600

#define GRANT_JWT "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define GRANT_EXCHANGE "urn:ietf:params:oauth:grant-type:token-exchange"
#define TYPE_ACCESS "urn:ietf:params:oauth:token-type:access_token"

static void lock(struct cloud *cloud)
{
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
}

static void unlock(struct cloud *cloud)
{
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
}

static const char *text_of(json_object *object, const char *name)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

static const char *form_text(GHashTable *form, const char *name)
{
	const char *value = g_hash_table_lookup(form, name);

	return value ? value : "";
}

/* --- accounts --- */

/** The public part of an RSA key as cjose wants it; NULL when it is none. */
static cjose_jwk_t *public_jwk(EVP_PKEY *key)
{
	cjose_jwk_rsa_keyspec spec = {0};
	BIGNUM *modulus = NULL, *exponent = NULL;
	cjose_jwk_t *jwk = NULL;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1) {
		spec.nlen = (size_t)BN_num_bytes(modulus); /* never negative */
		spec.elen = (size_t)BN_num_bytes(exponent);
		spec.n = g_malloc(spec.nlen);
		spec.e = g_malloc(spec.elen);
		(void)BN_bn2bin(modulus, spec.n); /* writes exactly BN_num_bytes */
		(void)BN_bn2bin(exponent, spec.e);
		jwk = cjose_jwk_create_RSA_spec(&spec, NULL);
	}
	g_free(spec.n);
	g_free(spec.e);
	BN_free(modulus);
	BN_free(exponent);
	return jwk;
}

static EVP_PKEY *read_public_pem(const char *pem, size_t length)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)length); /* a key: some hundred bytes */
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);

	BIO_free(bio);
	return key;
}

bool auth_register(struct cloud *cloud, const char *email, const char *pem)
{
	EVP_PKEY *key = read_public_pem(pem, strlen(pem));
	bool is_rsa = key && EVP_PKEY_is_a(key, "RSA");

	EVP_PKEY_free(key);
	if (!is_rsa)
		return false;
	lock(cloud);
	collection_put(cloud_collection(cloud, "accounts", true), email,
		       g_bytes_new(pem, strlen(pem)), NULL);
	unlock(cloud);
	return true;
}

/** What @p write puts into a memory BIO, as text. */
static char *pem_text(EVP_PKEY *key, bool private_part)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL, *text = NULL;
	long length = 0;
	int ok = private_part ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
			      : PEM_write_bio_PUBKEY(bio, key);

	length = BIO_get_mem_data(bio, &bytes);
	if (ok == 1 && length > 0)
		text = g_strndup(bytes, (gsize)length); /* positive */
	BIO_free(bio);
	return text;
}

char *auth_make_key_file(struct cloud *cloud, const char *email)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	g_autofree char *private_pem = pem_text(key, true);
	g_autofree char *public_pem = pem_text(key, false);
	g_autofree char *token_uri = g_strdup_printf("%s/token", cloud->origin);
	json_object *file = json_object_new_object();
	char *text = NULL;

	EVP_PKEY_free(key);
	if (auth_register(cloud, email, public_pem)) {
		json_object_object_add(file, "type", json_object_new_string("service_account"));
		json_object_object_add(file, "project_id", json_object_new_string("acme-prod"));
		json_object_object_add(file, "private_key_id", json_object_new_string("k1"));
		json_object_object_add(file, "private_key", json_object_new_string(private_pem));
		json_object_object_add(file, "client_email", json_object_new_string(email));
		json_object_object_add(file, "token_uri", json_object_new_string(token_uri));
		json_object_object_add(file, "universe_domain",
				       json_object_new_string("googleapis.com"));
		text = g_strdup(
			json_object_to_json_string_ext(file, JSON_C_TO_STRING_NOSLASHESCAPE));
	}
	json_object_put(file);
	return text;
}

/* --- assertions --- */

/** The claims of a token that is signed by the key of the account it names; NULL: it is not. */
static json_object *verified_claims(const char *assertion, const char *pem, size_t pem_bytes)
{
	cjose_err error = {0};
	cjose_jws_t *jws = cjose_jws_import(assertion, strlen(assertion), &error);
	EVP_PKEY *key = pem ? read_public_pem(pem, pem_bytes) : NULL;
	cjose_jwk_t *jwk = key ? public_jwk(key) : NULL;
	json_object *claims = NULL;
	uint8_t *plain = NULL;
	size_t plain_bytes = 0;

	if (jws && jwk) {
		const char *alg = cjose_header_get(cjose_jws_get_protected(jws), "alg", &error);

		if (alg && g_str_equal(alg, "RS256") && cjose_jws_verify(jws, jwk, &error) &&
		    cjose_jws_get_plaintext(jws, &plain, &plain_bytes, &error)) {
			g_autofree char *text = g_strndup((const char *)plain, plain_bytes);

			claims = json_tokener_parse(text);
		}
	}
	cjose_jws_release(jws);
	cjose_jwk_release(jwk);
	EVP_PKEY_free(key);
	return claims;
}

/** The issuer an assertion claims to be from, before anything is verified. */
static char *claimed_issuer(const char *assertion)
{
	g_auto(GStrv) parts = g_strsplit(assertion, ".", -1);
	g_autofree guchar *decoded = NULL;
	g_autofree char *padded = NULL, *text = NULL;
	json_object *claims = NULL;
	char *issuer = NULL;
	gsize length = 0;

	if (g_strv_length(parts) != 3)
		return NULL;
	g_strdelimit(parts[1], "-", '+');
	g_strdelimit(parts[1], "_", '/');
	padded = g_strdup_printf("%s%.*s", parts[1], (int)((4 - strlen(parts[1]) % 4) % 4), "===");
	decoded = g_base64_decode(padded, &length);
	text = g_strndup((const char *)decoded, length);
	claims = json_tokener_parse(text);
	issuer = g_strdup(text_of(claims, "iss"));
	json_object_put(claims);
	return issuer;
}

/** Why the claims are not acceptable; NULL when they are. */
static const char *claims_problem(const struct cloud *cloud, json_object *claims)
{
	int64_t now_s = g_get_real_time() / G_USEC_PER_SEC;
	json_object *value = NULL;
	int64_t issued_s = 0, ends_s = 0;
	g_autofree char *audience = g_strdup_printf("%s/token", cloud->origin);

	if (json_object_object_get_ex(claims, "iat", &value))
		issued_s = json_object_get_int64(value);
	if (json_object_object_get_ex(claims, "exp", &value))
		ends_s = json_object_get_int64(value);
	if (!g_str_equal(text_of(claims, "aud"), audience) &&
	    !g_str_equal(text_of(claims, "aud"), "https://oauth2.googleapis.com/token"))
		return "Invalid JWT: Failed audience check.";
	if (!*text_of(claims, "scope"))
		return "Invalid OAuth scope or ID token audience provided.";
	if (issued_s > now_s + SKEW_S || ends_s <= now_s || ends_s - issued_s > ASSERTION_MAX_S ||
	    ends_s <= issued_s)
		return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
		       "reasonable timeframe. Check your iat and exp values in the JWT claim.";
	return NULL;
}

static void set_token(struct cloud *cloud, struct reply *reply, const char *principal,
		      const char *scope)
{
	json_object *object = json_object_new_object();

	lock(cloud);
	json_object_object_add(object, "access_token",
			       json_object_new_string(cloud_issue_token(cloud, principal, scope)));
	json_object_object_add(object, "expires_in",
			       json_object_new_int64(cloud->options.expires_in_s));
	unlock(cloud);
	json_object_object_add(object, "token_type", json_object_new_string("Bearer"));
	reply_set_json(reply, 200, object);
}

static GBytes *account_key(struct cloud *cloud, const char *email)
{
	struct entry *entry = NULL;
	GBytes *key = NULL;

	lock(cloud);
	entry = collection_find(cloud_collection(cloud, "accounts", false), email);
	if (entry)
		key = g_bytes_ref(entry->bytes);
	unlock(cloud);
	return key;
}

static void grant_jwt(struct cloud *cloud, GHashTable *form, struct reply *reply)
{
	const char *assertion = form_text(form, "assertion"), *problem = NULL;
	g_autofree char *issuer = claimed_issuer(assertion);
	GBytes *key = account_key(cloud, issuer ? issuer : "");
	gsize key_bytes = 0;
	const char *pem = key ? g_bytes_get_data(key, &key_bytes) : NULL;
	json_object *claims = verified_claims(assertion, pem, key_bytes);

	if (!key)
		problem = "Invalid grant: account not found";
	else if (!claims)
		problem = "Invalid JWT Signature.";
	else
		problem = claims_problem(cloud, claims);
	if (problem)
		reply_set_error_c(reply, 400, "invalid_grant", problem);
	else
		set_token(cloud, reply, issuer, text_of(claims, "scope"));
	json_object_put(claims);
	if (key)
		g_bytes_unref(key);
}

static void grant_refresh(struct cloud *cloud, GHashTable *form, struct reply *reply)
{
	bool client_ok = false, token_ok = false;

	lock(cloud);
	client_ok = g_strcmp0(cloud->options.client_id, form_text(form, "client_id")) == 0 &&
		    g_strcmp0(cloud->options.client_secret, form_text(form, "client_secret")) == 0;
	token_ok = g_strcmp0(cloud->options.refresh_token, form_text(form, "refresh_token")) == 0;
	unlock(cloud);
	if (!client_ok)
		reply_set_error_c(reply, 401, "invalid_client", "Unauthorized");
	else if (!token_ok)
		reply_set_error_c(reply, 400, "invalid_grant",
				  "Token has been expired or revoked.");
	else
		set_token(cloud, reply, "user@acme.example", "cloud-platform");
}

static void serve_token(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autoptr(GHashTable) form = request_parse_form(request->body->str);
	const char *grant = form_text(form, "grant_type");

	request->api = "token";
	if (g_str_equal(grant, GRANT_JWT))
		grant_jwt(cloud, form, reply);
	else if (g_str_equal(grant, "refresh_token"))
		grant_refresh(cloud, form, reply);
	else
		reply_set_error_c(reply, 400, "unsupported_grant_type", "Invalid grant_type");
}

/* --- STS and impersonation --- */

/** Why an exchange is refused; NULL when it is not. */
static const char *exchange_problem(struct cloud *cloud, GHashTable *form)
{
	bool subject_ok = false;

	lock(cloud);
	subject_ok = g_strcmp0(cloud->options.subject_token, form_text(form, "subject_token")) == 0;
	unlock(cloud);
	if (!g_str_equal(form_text(form, "grant_type"), GRANT_EXCHANGE))
		return "Invalid grant_type";
	if (!g_str_has_prefix(form_text(form, "audience"), "//iam.googleapis.com/projects/"))
		return "Invalid value for \"audience\".";
	if (!g_str_equal(form_text(form, "requested_token_type"), TYPE_ACCESS))
		return "Invalid value for \"requested_token_type\".";
	if (!g_str_has_prefix(form_text(form, "subject_token_type"),
			      "urn:ietf:params:oauth:token-type:"))
		return "Invalid value for \"subject_token_type\".";
	if (!*form_text(form, "scope"))
		return "Missing \"scope\".";
	return subject_ok ? NULL : "The given credential is rejected by the attribute condition.";
}

static void serve_exchange(struct cloud *cloud, struct request *request, struct reply *reply)
{
	g_autoptr(GHashTable) form = request_parse_form(request->body->str);
	const char *problem = exchange_problem(cloud, form);

	request->api = "sts";
	if (problem)
		reply_set_error_c(reply, 400, "invalid_request", problem);
	else
		set_token(cloud, reply, "principal://federated", form_text(form, "scope"));
}

static char *expire_time(int64_t seconds)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add_seconds(now, (gdouble)seconds);

	return g_date_time_format(then, "%Y-%m-%dT%H:%M:%SZ");
}

static void set_impersonated(struct cloud *cloud, struct reply *reply, const char *email)
{
	json_object *object = json_object_new_object();
	g_autofree char *ends = NULL;

	lock(cloud);
	json_object_object_add(
		object, "accessToken",
		json_object_new_string(cloud_issue_token(cloud, email, "cloud-platform")));
	ends = expire_time(cloud->options.expires_in_s);
	unlock(cloud);
	json_object_object_add(object, "expireTime", json_object_new_string(ends));
	reply_set_json(reply, 200, object);
}

static void serve_impersonation(struct cloud *cloud, struct request *request, struct reply *reply)
{
	json_object *body = json_tokener_parse(request->body->str), *scope = NULL;
	bool has_scope = json_object_object_get_ex(body, "scope", &scope) &&
			 json_object_is_type(scope, json_type_array) &&
			 json_object_array_length(scope) > 0;
	g_auto(GStrv) last = g_strsplit(request_part(request, 4), ":", 2);

	request->api = "iamcredentials";
	json_object_put(body);
	if (!auth_check(cloud, request, reply))
		return;
	if (has_scope)
		set_impersonated(cloud, reply, last[0]);
	else
		reply_set_error_a(reply, "INVALID_ARGUMENT", NULL, "Request is missing \"scope\".");
}

bool serve_tokens(struct cloud *cloud, struct request *request, struct reply *reply)
{
	bool is_post = g_str_equal(request->method, "POST");

	if (request_matches(request, "token") && is_post)
		serve_token(cloud, request, reply);
	else if (request_matches(request, "v1/token") && is_post)
		serve_exchange(cloud, request, reply);
	else if (request_matches(request, "v1/projects/-/serviceAccounts/?") && is_post &&
		 g_str_has_suffix(request->path, ":generateAccessToken"))
		serve_impersonation(cloud, request, reply);
	else
		return false;
	return true;
}

bool auth_check(struct cloud *cloud, const struct request *request, struct reply *reply)
{
	const struct reply_error_info info = {.reason = "ACCESS_TOKEN_EXPIRED",
					      .service = "run.googleapis.com"};
	bool allowed = false;

	lock(cloud);
	allowed = !cloud->options.auth_required ||
		  cloud_find_token(cloud, request_bearer(request)) != NULL;
	unlock(cloud);
	if (!allowed) {
		reply_set_error_a(
			reply, "UNAUTHENTICATED", &info,
			"Request had invalid authentication credentials. Expected OAuth 2 "
			"access token, login cookie or other valid authentication "
			"credential.");
		reply_add_header(reply, "WWW-Authenticate",
				 "Bearer realm=\"https://accounts.google.com/\", "
				 "error=\"invalid_token\"");
	}
	return allowed;
}

/* --- metadata server --- */

static void serve_metadata_path(struct cloud *cloud, const struct request *request,
				struct reply *reply)
{
	if (request_matches(request, "computeMetadata/v1/instance/service-accounts/default/token"))
		set_token(cloud, reply, "default@acme-prod.iam.gserviceaccount.com",
			  "cloud-platform");
	else if (request_matches(request, "computeMetadata/v1/project/project-id"))
		reply_set_text(reply, 200, "application/text", "acme-prod");
	else if (request_matches(request, "computeMetadata/v1/project/numeric-project-id"))
		reply_set_text(reply, 200, "application/text", "81234");
	else if (request_matches(request, "computeMetadata/v1/instance/region"))
		reply_set_text(reply, 200, "application/text", "projects/81234/regions/us-west2");
	else if (request_matches(request, "computeMetadata/v1/instance") ||
		 request_matches(request, "computeMetadata/v1/instance/"))
		reply_set_text(reply, 200, "application/text", "attributes/\nid\nregion\n");
	else
		reply_set_text(reply, 404, "text/html; charset=UTF-8", "<h1>Not Found</h1>");
}

bool serve_metadata(struct cloud *cloud, struct request *request, struct reply *reply)
{
	const char *flavour = request_header(request, "Metadata-Flavor");
	struct options options = {0};

	if (!g_str_equal(request_part(request, 0), "computeMetadata"))
		return false;
	lock(cloud);
	options = cloud->options;
	unlock(cloud);
	if (!options.metadata_enabled)
		return false;
	request->api = "metadata";
	if (!flavour || !g_str_equal(flavour, "Google"))
		reply_set_text(reply, 403, "text/html; charset=UTF-8",
			       "<h1>Forbidden: Missing Metadata-Flavor:Google header.</h1>");
	else if (request_header(request, "X-Forwarded-For"))
		reply_set_text(reply, 403, "text/html; charset=UTF-8", "<h1>Forbidden</h1>");
	else
		serve_metadata_path(cloud, request, reply);
	if (!options.metadata_unflavoured)
		reply_add_header(reply, "Metadata-Flavor", "Google");
	return true;
}
