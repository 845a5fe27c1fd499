/* issuer - see issuer.h */
#include "tests/fakecloud/issuer.h"

#include "tests/fakecloud/jsn.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <string.h>

#define MAX_AGE_S 3600

/** Bytes of one coordinate of P-256. */
#define P256_BYTES 32

struct key {
	char *kid;
	const char *alg; /* "RS256", "ES256" */
	EVP_PKEY *pair;
	bool current; /* signs */
};

struct issuer {
	GPtrArray *keys;      /* struct key *, published; made when first asked for */
	GPtrArray *strangers; /* struct key *, never published */
	int64_t max_age_s;
	unsigned generation;
};

static void key_free(void *data)
{
	struct key *key = data;

	g_free(key->kid);
	EVP_PKEY_free(key->pair);
	g_free(key);
}

struct issuer *issuer_create(void)
{
	struct issuer *issuer = g_new0(struct issuer, 1);

	issuer->keys = g_ptr_array_new_with_free_func(key_free);
	issuer->strangers = g_ptr_array_new_with_free_func(key_free);
	issuer->max_age_s = MAX_AGE_S;
	return issuer;
}

void issuer_free(struct issuer *issuer)
{
	if (!issuer)
		return;
	g_ptr_array_unref(issuer->keys);
	g_ptr_array_unref(issuer->strangers);
	g_free(issuer);
}

void issuer_reset(struct issuer *issuer)
{
	g_ptr_array_set_size(issuer->keys, 0);
	g_ptr_array_set_size(issuer->strangers, 0);
	issuer->max_age_s = MAX_AGE_S;
}

void issuer_set_max_age(struct issuer *issuer, int64_t max_age_s)
{
	issuer->max_age_s = max_age_s;
}

int64_t issuer_max_age(const struct issuer *issuer)
{
	return issuer->max_age_s;
}

/* --- keys --- */

static void add_pair(GPtrArray *keys, unsigned generation)
{
	static const char *const algs[] = {"RS256", "ES256"};

	for (size_t i = 0; i < G_N_ELEMENTS(algs); i++) {
		struct key *key = g_new0(struct key, 1);

		key->alg = algs[i];
		key->pair = i == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
		g_assert(key->pair);
		/* nothing that a path or a header could not carry, and no two alike, ever */
		key->kid = g_strdup_printf("%s-%u-%08x", i == 0 ? "rsa" : "ec", generation,
					   g_random_int());
		key->current = true;
		g_ptr_array_add(keys, key);
	}
}

static void make_keys(struct issuer *issuer)
{
	if (issuer->keys->len == 0)
		add_pair(issuer->keys, ++issuer->generation);
}

void issuer_rotate(struct issuer *issuer, bool keep)
{
	if (!keep)
		g_ptr_array_set_size(issuer->keys, 0);
	for (guint i = 0; i < issuer->keys->len; i++)
		((struct key *)issuer->keys->pdata[i])->current = false;
	add_pair(issuer->keys, ++issuer->generation);
}

static const struct key *current_key(const GPtrArray *keys, const char *alg)
{
	for (guint i = 0; i < keys->len; i++) {
		const struct key *key = keys->pdata[i];

		if (key->current && g_str_equal(key->alg, alg))
			return key;
	}
	return NULL;
}

/* --- base64url (RFC 7515 2) --- */

static char *encode(const void *bytes, size_t length)
{
	char *text = g_base64_encode(bytes, length);

	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	text[strcspn(text, "=")] = '\0';
	return text;
}

static void add_encoded(json_object *object, const char *name, const void *bytes, size_t length)
{
	g_autofree char *text = encode(bytes, length);

	jsn_add_text(object, name, text);
}

/* --- the key set --- */

static void add_number(json_object *object, const char *name, const EVP_PKEY *pair,
		       const char *parameter, size_t min_bytes)
{
	BIGNUM *number = NULL;
	size_t length = 0;
	g_autofree unsigned char *bytes = NULL;

	if (EVP_PKEY_get_bn_param(pair, parameter, &number) != 1)
		g_assert_not_reached();                        /* we made the key */
	length = MAX((size_t)BN_num_bytes(number), min_bytes); /* never negative */
	bytes = g_malloc(length);
	(void)BN_bn2binpad(number, bytes, (int)length); /* some hundred; is enough, see above */
	add_encoded(object, name, bytes, length);
	BN_free(number);
}

static json_object *key_to_json(const struct key *key)
{
	json_object *object = json_object_new_object();

	jsn_add_text(object, "kid", key->kid);
	jsn_add_text(object, "use", "sig");
	jsn_add_text(object, "alg", key->alg);
	if (g_str_equal(key->alg, "RS256")) {
		jsn_add_text(object, "kty", "RSA");
		add_number(object, "n", key->pair, OSSL_PKEY_PARAM_RSA_N, 0);
		add_number(object, "e", key->pair, OSSL_PKEY_PARAM_RSA_E, 0);
	} else {
		jsn_add_text(object, "kty", "EC");
		jsn_add_text(object, "crv", "P-256");
		add_number(object, "x", key->pair, OSSL_PKEY_PARAM_EC_PUB_X, P256_BYTES);
		add_number(object, "y", key->pair, OSSL_PKEY_PARAM_EC_PUB_Y, P256_BYTES);
	}
	return object;
}

json_object *issuer_jwks(struct issuer *issuer)
{
	json_object *object = json_object_new_object(), *list = json_object_new_array();

	make_keys(issuer);
	for (guint i = 0; i < issuer->keys->len; i++)
		json_object_array_add(list, key_to_json(issuer->keys->pdata[i]));
	jsn_add(object, "keys", list);
	return object;
}

json_object *issuer_kids(struct issuer *issuer)
{
	json_object *object = json_object_new_object();

	make_keys(issuer);
	for (guint i = 0; i < issuer->keys->len; i++) {
		const struct key *key = issuer->keys->pdata[i];

		if (key->current)
			jsn_add_text(object, key->alg, key->kid);
	}
	return object;
}

/* --- signatures --- */

/** What OpenSSL signs; DER for an EC key. Caller frees. */
static unsigned char *sign_digest(EVP_PKEY *pair, const char *text, size_t *ret_length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *signature = NULL;
	size_t length = 0;
	bool ok = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pair) == 1 &&
		  EVP_DigestSign(context, NULL, &length, (const unsigned char *)text,
				 strlen(text)) == 1;

	if (ok) {
		signature = g_malloc(length);
		ok = EVP_DigestSign(context, signature, &length, (const unsigned char *)text,
				    strlen(text)) == 1;
	}
	EVP_MD_CTX_free(context);
	g_assert(ok); /* our own key, our own text */
	*ret_length = length;
	return signature;
}

static char *sign_rsa(EVP_PKEY *pair, const char *text)
{
	size_t length = 0;
	g_autofree unsigned char *signature = sign_digest(pair, text, &length);

	return encode(signature, length);
}

/** R and S side by side (RFC 7518 3.4), not DER. */
static char *sign_ec(EVP_PKEY *pair, const char *text)
{
	size_t length = 0;
	g_autofree unsigned char *der = sign_digest(pair, text, &length);
	const unsigned char *at = der;
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)length); /* some seventy bytes */
	unsigned char raw[2 * P256_BYTES] = {0};

	g_assert(signature);
	(void)BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, P256_BYTES); /* below the order */
	(void)BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + P256_BYTES, P256_BYTES);
	ECDSA_SIG_free(signature);
	return encode(raw, sizeof(raw));
}

/** The old confusion of algorithms: the public key as the secret. */
static char *sign_hmac(EVP_PKEY *pair, const char *text)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};
	unsigned int length = 0;
	char *pem = NULL;
	long pem_bytes = 0;

	(void)PEM_write_bio_PUBKEY(bio, pair); /* to memory */
	pem_bytes = BIO_get_mem_data(bio, &pem);
	(void)HMAC(EVP_sha256(), pem, (int)pem_bytes, /* some hundred bytes */
		   (const unsigned char *)text, strlen(text), digest, &length);
	BIO_free(bio);
	return encode(digest, length);
}

/* --- tokens --- */

/** "now-60" becomes a time; everything else stays. */
static json_object *claim_value(json_object *value, int64_t now_s)
{
	const char *text = json_object_get_string(value);
	json_object *copy = NULL;
	gint64 offset = 0;

	if (json_object_is_type(value, json_type_string) && g_str_has_prefix(text, "now")) {
		const char *rest = text + 3 + (text[3] == '+' ? 1 : 0);

		if (!*rest)
			return json_object_new_int64(now_s);
		if (g_ascii_string_to_signed(rest, 10, -G_MAXINT32, G_MAXINT32, &offset, NULL))
			return json_object_new_int64(now_s + offset);
	}
	if (json_object_deep_copy(value, &copy, NULL) != 0)
		return NULL;
	return copy;
}

static json_object *usual_claims(const char *origin, int64_t now_s)
{
	json_object *claims = json_object_new_object();
	g_autofree char *issuer = g_strconcat(origin, "/oidc", NULL);

	jsn_add_text(claims, "iss", issuer);
	jsn_add(claims, "iat", json_object_new_int64(now_s));
	jsn_add(claims, "exp", json_object_new_int64(now_s + 3600));
	jsn_add_text(claims, "sub", "108412345678901234567");
	jsn_add_text(claims, "azp", "108412345678901234567");
	jsn_add(claims, "email_verified", json_object_new_boolean(true));
	return claims;
}

static json_object *make_claims(const char *origin, json_object *spec)
{
	int64_t now_s = g_get_real_time() / G_USEC_PER_SEC;
	json_object *claims =
		jsn_flag(spec, "bare") ? json_object_new_object() : usual_claims(origin, now_s);
	json_object *given = jsn_at(spec, "claims");

	if (json_object_is_type(given, json_type_object)) {
		json_object_object_foreach(given, name, value)
		{
			if (value)
				jsn_add(claims, name, claim_value(value, now_s));
			else
				json_object_object_del(claims, name);
		}
	}
	return claims;
}

static json_object *make_header(json_object *spec, const char *alg, const char *kid)
{
	json_object *header = json_object_new_object(), *more = jsn_at(spec, "header");
	json_object *given = NULL;
	bool has_kid = json_object_object_get_ex(spec, "kid", &given);

	jsn_add_text(header, "alg", alg);
	jsn_add_text(header, "typ", "JWT");
	jsn_add_text(header, "kid", !has_kid ? kid : given ? json_object_get_string(given) : NULL);
	if (json_object_is_type(more, json_type_object)) {
		json_object_object_foreach(more, name, value) jsn_add_copy(header, name, value);
	}
	return header;
}

/** "HEADER.CLAIMS". Takes both; caller frees. */
static char *signing_input(json_object *header, json_object *claims)
{
	const char *head = json_object_to_json_string_ext(
		header, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	const char *body = json_object_to_json_string_ext(
		claims, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	g_autofree char *first = encode(head, strlen(head)), *second = encode(body, strlen(body));

	json_object_put(header);
	json_object_put(claims);
	return g_strconcat(first, ".", second, NULL);
}

static char *sign(const struct key *key, const char *alg, const char *input)
{
	if (g_str_equal(alg, "none"))
		return g_strdup("");
	if (g_str_equal(alg, "HS256"))
		return sign_hmac(key->pair, input);
	return g_str_equal(alg, "ES256") ? sign_ec(key->pair, input) : sign_rsa(key->pair, input);
}

char *issuer_mint(struct issuer *issuer, const char *origin, json_object *spec,
		  const char **ret_problem)
{
	static const char *const algs[] = {"RS256", "ES256", "HS256", "none", NULL};
	const char *alg = jsn_text(spec, "alg", "RS256");
	const char *key_alg = g_str_equal(alg, "ES256") ? alg : "RS256";
	const struct key *key = NULL, *signer = NULL;
	g_autofree char *input = NULL, *signature = NULL;

	if (!g_strv_contains(algs, alg)) {
		*ret_problem = "\"alg\" is none of RS256, ES256, HS256, none";
		return NULL;
	}
	make_keys(issuer);
	if (issuer->strangers->len == 0 && jsn_flag(spec, "stranger"))
		add_pair(issuer->strangers, 0);
	key = current_key(issuer->keys, key_alg);
	signer = jsn_flag(spec, "stranger") ? current_key(issuer->strangers, key_alg) : key;
	input = signing_input(make_header(spec, alg, key->kid), make_claims(origin, spec));
	signature = jsn_flag(spec, "cut") ? g_strdup("") : sign(signer, alg, input);
	return g_strconcat(input, ".", signature, NULL);
}
