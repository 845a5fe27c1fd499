/* webhook - a receiver of webhooks that keeps what comes: POST /webhook/NAME. With a secret
 * (control) it says of each whether X-Driftd-Signature-256 is the HMAC-SHA-256 of the body, byte
 * for byte. */
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/sinks.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define SIGNATURE_HEADER "X-Driftd-Signature-256"

/** "sha256=…" of @p body. Caller frees. */
static char *signature_of(const char *secret, const GString *body)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};
	unsigned int length = 0;
	GString *text = g_string_new("sha256=");

	(void)HMAC(EVP_sha256(), secret, (int)strlen(secret), /* a word */
		   (const unsigned char *)body->str, body->len, digest, &length);
	for (unsigned int i = 0; i < length; i++)
		g_string_append_printf(text, "%02x", digest[i]);
	return g_string_free(text, FALSE);
}

/** "good", "bad", "missing", or "unchecked" without a secret. */
static const char *signature_word(const char *secret, const struct request *request)
{
	const char *given = request_header(request, SIGNATURE_HEADER);
	g_autofree char *wanted = NULL;

	if (!secret)
		return "unchecked";
	if (!given)
		return "missing";
	wanted = signature_of(secret, request->body);
	return g_str_equal(given, wanted) ? "good" : "bad";
}

static void add_header(void *data, const char *name, const char *value)
{
	g_autofree char *lower = g_ascii_strdown(name, -1);

	if (g_str_has_prefix(lower, "x-driftd-") || g_str_equal(lower, "content-type") ||
	    g_str_equal(lower, "user-agent") || g_str_equal(lower, "authorization"))
		jsn_add_text(data, lower, value);
}

bool serve_webhooks(struct cloud *cloud, struct request *request, struct reply *reply)
{
	json_object *object = NULL, *headers = NULL, *receiver = NULL;

	if (!request_matches(request, "webhook/?"))
		return false;
	request->api = "webhook";
	if (!g_str_equal(request->method, "POST")) {
		reply_set_text(reply, 405, "text/plain", "POST only\n");
		return true;
	}
	object = json_object_new_object();
	headers = json_object_new_object();
	request_each_header(request, add_header, headers);
	jsn_add(object, "headers", headers);
	jsn_add(object, "body",
		json_object_new_string_len(request->body->str,
					   (int)request->body->len)); /* at most 64 MiB */
	jsn_add(object, "json", json_tokener_parse(request->body->str));
	(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: not recursive, initialised */
	receiver = g_hash_table_lookup(cloud->sinks->receivers, request_part(request, 1));
	jsn_add_text(object, "signature",
		     signature_word(jsn_text(receiver, "secret", NULL), request));
	(void)records_add(&cloud->sinks->webhooks, request_part(request, 1), object);
	reply_set_text(reply, (int)jsn_int(receiver, "status", 200),
		       "text/plain", /* three digits */
		       "taken\n");
	(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
	return true;
}
