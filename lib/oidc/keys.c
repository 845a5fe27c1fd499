/* keys - the keys of an issuer (RFC 7517, RFC 7518 6), and signatures held against them. The
 * numbers are read here and handed to libcjose, which would take more than is good: private parts,
 * secrets of HMAC, padding. */
#include <cjose/cjose.h>
#include <openssl/err.h>
#include <string.h>

#include "drift_error.h"
#include "oidc/oidc_private.h"

/** Of a point on P-256, each (RFC 7518 6.2.1.2). */
#define COORDINATE_BYTES 32
/** r and s (RFC 7518 3.4); libcjose splits whatever it gets in two. */
#define ES256_SIGNATURE_BYTES 64
/** Exponents are 3 or 65537; OpenSSL takes no more than this for large moduli. */
#define EXPONENT_MAX_BYTES 8

struct key {
	char *id;
	enum oidc_alg alg; /* what its type takes */
	cjose_jwk_t *jwk;
};

struct oidc_keys {
	int references; /* atomic */
	int64_t expires_wall_ms;
	GPtrArray *keys; /* struct key * */
};

static void key_free(void *data)
{
	struct key *key = data;

	(void)cjose_jwk_release(key->jwk); /* false: somebody else still holds it */
	g_free(key->id);
	g_free(key);
}

static uint8_t *take_bytes(json_object *json, const char *name, size_t *ret_bytes)
{
	const char *text = json_member_text(json, name, "");

	return base64url_decode(text, strlen(text), ret_bytes);
}

static size_t bits_of(const uint8_t *number, size_t length)
{
	size_t bits = length * 8;

	for (size_t i = 0; i < length && number[i] == 0; i++)
		bits -= 8;
	if (bits > 0)
		for (uint8_t top = number[length - bits / 8]; !(top & 0x80);
		     top = (uint8_t)(top << 1))
			bits--;
	return bits;
}

/* With an exponent of 1 every signature would be good. */
static bool is_exponent(const uint8_t *exponent, size_t length)
{
	return length <= EXPONENT_MAX_BYTES && bits_of(exponent, length) > 1 &&
	       (exponent[length - 1] & 1);
}

static cjose_jwk_t *read_rsa(json_object *json)
{
	cjose_jwk_rsa_keyspec spec = {0};
	g_autofree uint8_t *modulus = take_bytes(json, "n", &spec.nlen);
	g_autofree uint8_t *exponent = take_bytes(json, "e", &spec.elen);
	size_t bits = modulus ? bits_of(modulus, spec.nlen) : 0;
	cjose_err problem = {0};

	if (bits < OIDC_RSA_BITS_MIN || bits > OIDC_RSA_BITS_MAX || !exponent ||
	    !is_exponent(exponent, spec.elen))
		return NULL;
	spec.n = modulus;
	spec.e = exponent;
	return cjose_jwk_create_RSA_spec(&spec, &problem);
}

/* OpenSSL refuses points that are not on the curve. */
static cjose_jwk_t *read_ec(json_object *json)
{
	cjose_jwk_ec_keyspec spec = {.crv = CJOSE_JWK_EC_P_256};
	g_autofree uint8_t *x = take_bytes(json, "x", &spec.xlen);
	g_autofree uint8_t *y = take_bytes(json, "y", &spec.ylen);
	cjose_err problem = {0};

	if (strcmp(json_member_text(json, "crv", ""), "P-256") != 0 || !x || !y ||
	    spec.xlen != COORDINATE_BYTES || spec.ylen != COORDINATE_BYTES)
		return NULL;
	spec.x = x;
	spec.y = y;
	return cjose_jwk_create_EC_spec(&spec, &problem);
}

/* Is member @p name what it should be, when it is there at all? */
static bool fits(json_object *json, const char *name, const char *want)
{
	return !json_object_object_get_ex(json, name, NULL) ||
	       strcmp(json_member_text(json, name, ""), want) == 0;
}

static bool may_verify(json_object *json)
{
	json_object *operations = json_member_array(json, "key_ops");

	if (!json_object_object_get_ex(json, "key_ops", NULL))
		return true;
	for (size_t i = 0; operations && i < json_object_array_length(operations); i++) {
		json_object *item = json_object_array_get_idx(operations, i);

		if (json_object_is_type(item, json_type_string) &&
		    strcmp(json_object_get_string(item), "verify") == 0)
			return true;
	}
	return false;
}

/* NULL: of no use. */
static cjose_jwk_t *read_key(json_object *json, enum oidc_alg *ret_alg)
{
	const char *type = json_member_text(json, "kty", "");

	if (!fits(json, "use", "sig") || !may_verify(json))
		return NULL;
	if (strcmp(type, "RSA") == 0 && fits(json, "alg", "RS256")) {
		*ret_alg = OIDC_ALG_RS256;
		return read_rsa(json);
	}
	if (strcmp(type, "EC") == 0 && fits(json, "alg", "ES256")) {
		*ret_alg = OIDC_ALG_ES256;
		return read_ec(json);
	}
	return NULL;
}

static size_t count_same(const GPtrArray *keys, const char *id, enum oidc_alg alg)
{
	size_t count = 0;

	for (size_t i = 0; i < keys->len; i++) {
		const struct key *key = g_ptr_array_index(keys, i);

		count += key->alg == alg && strcmp(key->id, id) == 0 ? 1 : 0;
	}
	return count;
}

static void add_key(GPtrArray *keys, json_object *json)
{
	const char *id = json_member_text(json, "kid", "");
	enum oidc_alg alg = OIDC_ALG_NONE;
	cjose_jwk_t *jwk = read_key(json, &alg);
	struct key *key = NULL;

	if (!jwk || !*id || strlen(id) > OIDC_KEY_ID_MAX_BYTES ||
	    count_same(keys, id, alg) >= OIDC_KEYS_SAME_MAX) {
		(void)cjose_jwk_release(jwk); /* false for NULL */
		return;
	}
	key = g_new0(struct key, 1);
	key->id = g_strdup(id);
	key->alg = alg;
	key->jwk = jwk;
	g_ptr_array_add(keys, key);
}

/* NULL with error set: not one of use. */
static GPtrArray *read_keys(json_object *list, GError **error)
{
	GPtrArray *keys = NULL;

	if (!list) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "no JWKS: it has no list \"keys\"");
		return NULL;
	}
	if (json_object_array_length(list) > OIDC_KEYS_MAX) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "the JWKS has more than %d keys", OIDC_KEYS_MAX);
		return NULL;
	}
	keys = g_ptr_array_new_with_free_func(key_free);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		add_key(keys, json_object_array_get_idx(list, i));
	ERR_clear_error(); /* of those that were no keys: curl reads the same queue */
	if (keys->len > 0)
		return keys;
	g_ptr_array_unref(keys);
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
		    "the JWKS has no key of use: RS256 with RSA of %d to %d bits, or ES256, with a "
		    "kid",
		    OIDC_RSA_BITS_MIN, OIDC_RSA_BITS_MAX);
	return NULL;
}

struct oidc_keys *oidc_keys_parse(const char *bytes, size_t length, int64_t expires_wall_ms,
				  GError **error)
{
	struct oidc_keys *keys = NULL;
	json_object *document = NULL;
	GPtrArray *list = NULL;

	if (length > OIDC_KEYS_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "the JWKS is longer than %zu bytes", OIDC_KEYS_MAX_BYTES);
		return NULL;
	}
	document = json_parse(bytes, length, error);
	if (!document)
		return NULL;
	list = read_keys(json_member_array(document, "keys"), error);
	json_object_put(document);
	if (!list)
		return NULL;
	keys = g_new0(struct oidc_keys, 1);
	keys->references = 1;
	keys->expires_wall_ms = expires_wall_ms;
	keys->keys = list;
	return keys;
}

struct oidc_keys *oidc_keys_ref(struct oidc_keys *keys)
{
	g_atomic_int_inc(&keys->references);
	return keys;
}

void oidc_keys_unref(struct oidc_keys *keys)
{
	if (!keys || !g_atomic_int_dec_and_test(&keys->references))
		return;
	g_ptr_array_unref(keys->keys);
	g_free(keys);
}

int64_t oidc_keys_expires_wall_ms(const struct oidc_keys *keys)
{
	return keys->expires_wall_ms;
}

size_t oidc_keys_count(const struct oidc_keys *keys)
{
	return keys->keys->len;
}

/* Takes the payload that was signed. */
static bool take_payload(const cjose_jws_t *jws, char **ret_payload, size_t *ret_length)
{
	cjose_err problem = {0};
	uint8_t *payload = NULL; /* borrowed */
	size_t length = 0;

	if (!cjose_jws_get_plaintext(jws, &payload, &length, &problem))
		return false;
	*ret_payload = g_malloc(length + 1);
	memcpy(*ret_payload, payload, length);
	(*ret_payload)[length] = '\0';
	*ret_length = length;
	explicit_bzero(payload, length); /* libcjose does not */
	return true;
}

static bool is_signed_by(const struct key *key, const struct token *token, char **ret_payload,
			 size_t *ret_length)
{
	cjose_err problem = {0};
	cjose_jws_t *jws = cjose_jws_import(token->text, token->length, &problem);
	bool good = jws && cjose_jws_verify(jws, key->jwk, &problem) &&
		    take_payload(jws, ret_payload, ret_length);

	cjose_jws_release(jws);
	ERR_clear_error();
	return good;
}

enum keys_answer keys_verify(const struct oidc_keys *keys, const struct token *token,
			     char **ret_payload, size_t *ret_length)
{
	enum keys_answer answer = KEYS_ANSWER_UNKNOWN;

	for (size_t i = 0; i < keys->keys->len; i++) {
		const struct key *key = g_ptr_array_index(keys->keys, i);

		if (strcmp(key->id, token->key_id) != 0)
			continue;
		if (key->alg != token->alg) {
			answer = answer == KEYS_ANSWER_BAD ? answer : KEYS_ANSWER_OTHER_TYPE;
			continue;
		}
		answer = KEYS_ANSWER_BAD;
		if (token->alg == OIDC_ALG_ES256 && token->signature_bytes != ES256_SIGNATURE_BYTES)
			continue;
		if (is_signed_by(key, token, ret_payload, ret_length))
			return KEYS_ANSWER_GOOD;
	}
	return answer;
}
