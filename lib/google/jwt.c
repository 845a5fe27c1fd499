/* jwt - see jwt.h. libcjose reads no PEM: OpenSSL loads the key, its numbers are handed over. */
#include "google/jwt.h"

#include "drift_error.h"
#include "json.h"

#include <cjose/cjose.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

static bool refuse(GError **error, const char *why)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "private_key %s", why);
	return false;
}

/* pem_password_cb: without it OpenSSL would ask on the terminal. */
static int no_password(char *buffer, int size, int writing, void *data)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

static EVP_PKEY *load_key(const char *pem, GError **error)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

	(void)BIO_free(bio); /* 0 for NULL only */
	if (!key) {
		(void)refuse(error, "is no PEM private key (or an encrypted one)");
		return NULL;
	}
	if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= JWT_KEY_BITS_MIN &&
	    EVP_PKEY_get_bits(key) <= JWT_KEY_BITS_MAX)
		return key;
	(void)refuse(error, "is no RSA key of 1024 to 8192 bits");
	EVP_PKEY_free(key);
	return NULL;
}

/* One number of the key, big-endian. Caller wipes and frees. */
static bool take_number(const EVP_PKEY *key, const char *name, uint8_t **ret_bytes,
			size_t *ret_length)
{
	BIGNUM *number = NULL;

	if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
		return false;
	*ret_length = (size_t)BN_num_bytes(number); /* never negative */
	*ret_bytes = g_malloc(*ret_length + 1);
	(void)BN_bn2bin(number, *ret_bytes); /* writes exactly BN_num_bytes */
	BN_clear_free(number);
	return true;
}

static void wipe_number(uint8_t *bytes, size_t length)
{
	if (bytes)
		explicit_bzero(bytes, length);
	g_free(bytes);
}

static void wipe_spec(cjose_jwk_rsa_keyspec *spec)
{
	wipe_number(spec->n, spec->nlen);
	wipe_number(spec->e, spec->elen);
	wipe_number(spec->d, spec->dlen);
	wipe_number(spec->p, spec->plen);
	wipe_number(spec->q, spec->qlen);
	wipe_number(spec->dp, spec->dplen);
	wipe_number(spec->dq, spec->dqlen);
	wipe_number(spec->qi, spec->qilen);
}

static cjose_jwk_t *make_jwk(const EVP_PKEY *key)
{
	cjose_jwk_rsa_keyspec spec = {0};
	cjose_err problem = {0};
	cjose_jwk_t *jwk = NULL;

	if (take_number(key, OSSL_PKEY_PARAM_RSA_N, &spec.n, &spec.nlen) &&
	    take_number(key, OSSL_PKEY_PARAM_RSA_E, &spec.e, &spec.elen) &&
	    take_number(key, OSSL_PKEY_PARAM_RSA_D, &spec.d, &spec.dlen) &&
	    take_number(key, OSSL_PKEY_PARAM_RSA_FACTOR1, &spec.p, &spec.plen) &&
	    take_number(key, OSSL_PKEY_PARAM_RSA_FACTOR2, &spec.q, &spec.qlen) &&
	    take_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1, &spec.dp, &spec.dplen) &&
	    take_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2, &spec.dq, &spec.dqlen) &&
	    take_number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &spec.qi, &spec.qilen))
		jwk = cjose_jwk_create_RSA_spec(&spec, &problem);
	wipe_spec(&spec);
	return jwk;
}

static cjose_header_t *make_header(const char *key_id)
{
	cjose_err problem = {0};
	cjose_header_t *header = cjose_header_new(&problem);

	if (header && cjose_header_set(header, "alg", "RS256", &problem) &&
	    cjose_header_set(header, "typ", "JWT", &problem) &&
	    (!key_id || cjose_header_set(header, "kid", key_id, &problem)))
		return header;
	cjose_header_release(header);
	return NULL;
}

static char *make_payload(const struct jwt_claims *claims, size_t *ret_length)
{
	json_object *payload = json_object_new_object();
	int64_t issued_s = claims->now_wall_ms / MS_PER_S - JWT_BACKDATE_S;
	char *text = NULL;

	json_add_text(payload, "iss", claims->issuer);
	json_add_text(payload, "scope", claims->scope);
	json_add_text(payload, "aud", claims->audience);
	json_add_int(payload, "iat", issued_s);
	json_add_int(payload, "exp", issued_s + JWT_LIFETIME_S);
	text = json_to_text(payload, ret_length);
	json_object_put(payload);
	return text;
}

static char *sign(cjose_jwk_t *jwk, cjose_header_t *header, const struct jwt_claims *claims)
{
	cjose_err problem = {0};
	size_t length = 0;
	g_autofree char *payload = make_payload(claims, &length);
	cjose_jws_t *jws = NULL;
	const char *text = NULL;
	char *copy = NULL;

	jws = cjose_jws_sign(jwk, header, (const uint8_t *)payload, length, &problem);
	if (jws && cjose_jws_export(jws, &text, &problem))
		copy = g_strdup(text);
	cjose_jws_release(jws);
	return copy;
}

char *jwt_sign(const char *key_pem, const char *key_id, const struct jwt_claims *claims,
	       GError **error)
{
	EVP_PKEY *key = load_key(key_pem, error);
	cjose_jwk_t *jwk = NULL;
	cjose_header_t *header = NULL;
	char *text = NULL;

	if (!key)
		return NULL;
	jwk = make_jwk(key);
	header = make_header(key_id);
	if (jwk && header)
		text = sign(jwk, header, claims);
	if (!text)
		(void)refuse(error, "cannot sign: it is incomplete or damaged");
	cjose_header_release(header);
	cjose_jwk_release(jwk);
	EVP_PKEY_free(key);
	return text;
}
