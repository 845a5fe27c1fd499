/* oidc - GET /oidc/certs and /oidc/.well-known/openid-configuration: what an issuer publishes.
 * Tokens are minted through the control API. */
#include "tests/fakecloud/handlers.h"
#include "tests/fakecloud/issuer.h"
#include "tests/fakecloud/jsn.h"
#include "tests/fakecloud/sinks.h"

static void add_cache_header(const struct issuer *issuer, struct reply *reply)
{
	g_autofree char *value = NULL;

	if (issuer_max_age(issuer) < 0)
		return;
	value = g_strdup_printf("public, max-age=%" G_GINT64_FORMAT
				", must-revalidate, no-transform",
				issuer_max_age(issuer));
	reply_add_header(reply, "Cache-Control", value);
}

static json_object *discovery(const struct cloud *cloud)
{
	json_object *object = json_object_new_object();
	g_autofree char *issuer = g_strconcat(cloud->origin, "/oidc", NULL);
	g_autofree char *keys = g_strconcat(cloud->origin, "/oidc/certs", NULL);

	jsn_add_text(object, "issuer", issuer);
	jsn_add_text(object, "jwks_uri", keys);
	return object;
}

bool serve_oidc(struct cloud *cloud, struct request *request, struct reply *reply)
{
	if (!g_str_equal(request_part(request, 0), "oidc"))
		return false;
	request->api = "oidc";
	if (request_matches(request, "oidc/certs")) {
		(void)pthread_mutex_lock(&cloud->lock); /* cannot fail: initialised, not ours */
		reply_set_json(reply, 200, issuer_jwks(cloud->sinks->issuer));
		add_cache_header(cloud->sinks->issuer, reply);
		(void)pthread_mutex_unlock(&cloud->lock); /* held by us */
	} else if (request_matches(request, "oidc/.well-known/openid-configuration")) {
		reply_set_json(reply, 200, discovery(cloud));
	} else {
		reply_set_text(reply, 404, "text/plain", "not found\n");
	}
	return true;
}
