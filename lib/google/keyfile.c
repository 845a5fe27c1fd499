/* keyfile - see keyfile.h */
#include "google/keyfile.h"

#include "drift_error.h"
#include "google/endpoint.h"
#include "google/secret.h"
#include "json.h"

#include <string.h>

/** Longest single value: a PEM key of 8192 bits has 6.4 kB. */
#define VALUE_MAX_BYTES ((size_t)16 * 1024)

/** More headers or delegates than any real file has. */
#define LIST_MAX 20

/** What kind of text a member holds. */
enum text_kind {
	TEXT_LINE,  /* no control characters: it goes into URLs, headers and forms */
	TEXT_BLOCK, /* a PEM key: lines */
};

static bool refuse(GError **error, const char *name, const char *why)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s %s", name, why);
	return false;
}

static bool is_clean(const char *text, enum text_kind kind)
{
	for (const char *at = text; *at; at++)
		if (g_ascii_iscntrl(*at) && (kind == TEXT_LINE || !g_ascii_isspace(*at)))
			return false;
	return true;
}

static bool check_text(const char *name, json_object *value, enum text_kind kind, GError **error)
{
	const char *text = json_object_get_string(value);
	size_t length = (size_t)json_object_get_string_len(value); /* never negative */

	if (length == 0)
		return refuse(error, name, "is empty");
	if (length > VALUE_MAX_BYTES)
		return refuse(error, name, "is too long");
	if (strlen(text) != length || !is_clean(text, kind))
		return refuse(error, name, "contains control characters");
	return true;
}

/* Member as text; absent: *ret_text stays NULL. */
static bool take_optional(json_object *object, const char *name, enum text_kind kind,
			  char **ret_text, GError **error)
{
	json_object *value = NULL;

	if (!json_check_member(object, name, json_type_string, error))
		return false;
	if (!json_object_object_get_ex(object, name, &value) || !value)
		return true;
	if (!check_text(name, value, kind, error))
		return false;
	*ret_text = g_strdup(json_object_get_string(value));
	return true;
}

static bool take_text(json_object *object, const char *name, enum text_kind kind, char **ret_text,
		      GError **error)
{
	if (!take_optional(object, name, kind, ret_text, error))
		return false;
	return *ret_text || refuse(error, name, "is missing");
}

static bool take_common(json_object *object, struct keyfile *keyfile, GError **error)
{
	if (!take_optional(object, "universe_domain", TEXT_LINE, &keyfile->universe, error) ||
	    !take_optional(object, "quota_project_id", TEXT_LINE, &keyfile->quota_project, error))
		return false;
	if (!keyfile->universe)
		keyfile->universe = g_strdup(ENDPOINT_UNIVERSE_DEFAULT);
	return endpoint_is_domain(keyfile->universe) ||
	       refuse(error, "universe_domain", "is no domain name");
}

static bool take_service_account(json_object *object, struct keyfile *keyfile, GError **error)
{
	if (!take_text(object, "client_email", TEXT_LINE, &keyfile->client_email, error) ||
	    !take_text(object, "private_key", TEXT_BLOCK, &keyfile->private_key, error) ||
	    !take_optional(object, "private_key_id", TEXT_LINE, &keyfile->private_key_id, error) ||
	    !take_optional(object, "token_uri", TEXT_LINE, &keyfile->token_uri, error))
		return false;
	if (!keyfile->token_uri)
		keyfile->token_uri = g_strdup_printf("https://oauth2.%s/token", keyfile->universe);
	return true;
}

static bool take_authorized_user(json_object *object, struct keyfile *keyfile, GError **error)
{
	if (!take_text(object, "client_id", TEXT_LINE, &keyfile->client_id, error) ||
	    !take_text(object, "client_secret", TEXT_LINE, &keyfile->client_secret, error) ||
	    !take_text(object, "refresh_token", TEXT_LINE, &keyfile->refresh_token, error) ||
	    !take_optional(object, "token_uri", TEXT_LINE, &keyfile->token_uri, error))
		return false;
	if (!keyfile->token_uri)
		keyfile->token_uri = g_strdup_printf("https://oauth2.%s/token", keyfile->universe);
	return true;
}

static bool check_header(const char *name, json_object *value, GError **error)
{
	static const char token_characters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (!*name || strspn(name, token_characters) != strlen(name))
		return refuse(error, "credential_source.headers", "has an unusable name");
	if (!json_object_is_type(value, json_type_string))
		return refuse(error, "credential_source.headers", "has a value that is no text");
	return check_text("credential_source.headers", value, TEXT_LINE, error);
}

static bool take_headers(json_object *source, GPtrArray *headers, GError **error)
{
	json_object *object = NULL;

	if (!json_check_member(source, "headers", json_type_object, error))
		return false;
	object = json_member_object(source, "headers");
	if (!object)
		return true;
	if (json_object_object_length(object) > LIST_MAX)
		return refuse(error, "credential_source.headers", "has too many members");
	json_object_object_foreach(object, name, value)
	{
		if (!check_header(name, value, error))
			return false;
		g_ptr_array_add(headers,
				g_strdup_printf("%s: %s", name, json_object_get_string(value)));
	}
	return true;
}

static bool take_format(json_object *source, struct keyfile_source *ret_source, GError **error)
{
	json_object *format = NULL;
	g_autofree char *type = NULL;

	if (!json_check_member(source, "format", json_type_object, error))
		return false;
	format = json_member_object(source, "format");
	if (!format)
		return true;
	if (!take_optional(format, "type", TEXT_LINE, &type, error))
		return false;
	if (!type || strcmp(type, "text") == 0)
		return true;
	if (strcmp(type, "json") != 0)
		return refuse(error, "credential_source.format.type", "is neither text nor json");
	return take_text(format, "subject_token_field_name", TEXT_LINE, &ret_source->field, error);
}

/* Sources that are understood and refused. */
static bool check_source_kind(json_object *source, GError **error)
{
	static const struct {
		const char *member;
		const char *what;
	} refused[] = {
		{"executable", "an executable (driftd runs no programs a key file names)"},
		{"environment_id", "AWS"},
		{"certificate", "a client certificate"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		if (!json_object_object_get_ex(source, refused[i].member, NULL))
			continue;
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_UNSUPPORTED,
			    "credential_source is %s: not supported, use a file or a url",
			    refused[i].what);
		return false;
	}
	return true;
}

static bool take_source(json_object *object, struct keyfile_source *ret_source, GError **error)
{
	json_object *source = NULL;

	if (!json_check_member(object, "credential_source", json_type_object, error))
		return false;
	source = json_member_object(object, "credential_source");
	if (!source)
		return refuse(error, "credential_source", "is missing");
	if (!check_source_kind(source, error) ||
	    !take_optional(source, "file", TEXT_LINE, &ret_source->file, error) ||
	    !take_optional(source, "url", TEXT_LINE, &ret_source->url, error) ||
	    !take_headers(source, ret_source->headers, error) ||
	    !take_format(source, ret_source, error))
		return false;
	return !ret_source->file != !ret_source->url ||
	       refuse(error, "credential_source", "must name exactly one of file and url");
}

static bool take_lifetime(json_object *object, struct keyfile *keyfile, GError **error)
{
	json_object *options = NULL;
	int64_t seconds = KEYFILE_LIFETIME_DEFAULT_S;

	if (!json_check_member(object, "service_account_impersonation", json_type_object, error))
		return false;
	options = json_member_object(object, "service_account_impersonation");
	if (options) {
		if (!json_check_member(options, "token_lifetime_seconds", json_type_int, error))
			return false;
		seconds = json_member_int(options, "token_lifetime_seconds",
					  KEYFILE_LIFETIME_DEFAULT_S);
	}
	if (seconds < KEYFILE_LIFETIME_MIN_S || seconds > KEYFILE_LIFETIME_MAX_S)
		return refuse(error, "token_lifetime_seconds", "is not between 600 and 43200");
	keyfile->lifetime_s = (int)seconds; /* in range */
	return true;
}

static bool take_external_account(json_object *object, struct keyfile *keyfile, GError **error)
{
	if (!take_text(object, "audience", TEXT_LINE, &keyfile->audience, error) ||
	    !take_text(object, "subject_token_type", TEXT_LINE, &keyfile->subject_token_type,
		       error) ||
	    !take_optional(object, "token_url", TEXT_LINE, &keyfile->token_url, error) ||
	    !take_optional(object, "client_id", TEXT_LINE, &keyfile->client_id, error) ||
	    !take_optional(object, "client_secret", TEXT_LINE, &keyfile->client_secret, error) ||
	    !take_optional(object, "workforce_pool_user_project", TEXT_LINE, &keyfile->user_project,
			   error) ||
	    !take_optional(object, "service_account_impersonation_url", TEXT_LINE,
			   &keyfile->impersonation_url, error) ||
	    !take_lifetime(object, keyfile, error) || !take_source(object, &keyfile->source, error))
		return false;
	if (!keyfile->token_url)
		keyfile->token_url = g_strdup_printf("https://sts.%s/v1/token", keyfile->universe);
	return true;
}

static bool take_delegates(json_object *object, GPtrArray *delegates, GError **error)
{
	json_object *array = NULL;
	size_t count = 0;

	if (!json_check_member(object, "delegates", json_type_array, error))
		return false;
	array = json_member_array(object, "delegates");
	count = array ? json_object_array_length(array) : 0;
	if (count > LIST_MAX)
		return refuse(error, "delegates", "has too many entries");
	for (size_t i = 0; i < count; i++) {
		json_object *value = json_object_array_get_idx(array, i);

		if (!json_object_is_type(value, json_type_string))
			return refuse(error, "delegates", "has an entry that is no text");
		if (!check_text("delegates", value, TEXT_LINE, error))
			return false;
		g_ptr_array_add(delegates, g_strdup(json_object_get_string(value)));
	}
	return true;
}

static struct keyfile *take_keyfile(json_object *object, int nesting, GError **error);

static bool take_impersonated(json_object *object, struct keyfile *keyfile, int nesting,
			      GError **error)
{
	json_object *nested = NULL;

	if (!take_text(object, "service_account_impersonation_url", TEXT_LINE,
		       &keyfile->impersonation_url, error) ||
	    !take_delegates(object, keyfile->delegates, error) ||
	    !json_check_member(object, "source_credentials", json_type_object, error))
		return false;
	nested = json_member_object(object, "source_credentials");
	if (!nested)
		return refuse(error, "source_credentials", "is missing");
	if (nesting >= KEYFILE_NESTING_MAX)
		return refuse(error, "source_credentials", "is nested too deep");
	keyfile->nested = take_keyfile(nested, nesting + 1, error);
	if (!keyfile->nested)
		g_prefix_error(error, "source_credentials: ");
	return keyfile->nested;
}

static bool find_type(const char *name, enum keyfile_type *ret_type, GError **error)
{
	static const struct {
		const char *name;
		enum keyfile_type type; /* NONE: understood and refused */
	} types[] = {
		{"service_account", KEYFILE_TYPE_SERVICE_ACCOUNT},
		{"authorized_user", KEYFILE_TYPE_AUTHORIZED_USER},
		{"external_account", KEYFILE_TYPE_EXTERNAL_ACCOUNT},
		{"impersonated_service_account", KEYFILE_TYPE_IMPERSONATED},
		{"external_account_authorized_user", KEYFILE_TYPE_NONE},
		{"gdch_service_account", KEYFILE_TYPE_NONE},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		if (strcmp(types[i].name, name) != 0)
			continue;
		*ret_type = types[i].type;
		if (types[i].type != KEYFILE_TYPE_NONE)
			return true;
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_UNSUPPORTED,
			    "type %s is not supported: use service_account, authorized_user, "
			    "external_account or impersonated_service_account",
			    name);
		return false;
	}
	return refuse(error, "type",
		      "is none that is known (service_account, authorized_user, "
		      "external_account, impersonated_service_account)");
}

static bool take_members(json_object *object, struct keyfile *keyfile, int nesting, GError **error)
{
	if (!take_common(object, keyfile, error))
		return false;
	switch (keyfile->type) {
	case KEYFILE_TYPE_SERVICE_ACCOUNT:
		return take_service_account(object, keyfile, error);
	case KEYFILE_TYPE_AUTHORIZED_USER:
		return take_authorized_user(object, keyfile, error);
	case KEYFILE_TYPE_EXTERNAL_ACCOUNT:
		return take_external_account(object, keyfile, error);
	case KEYFILE_TYPE_IMPERSONATED:
		return take_impersonated(object, keyfile, nesting, error);
	case KEYFILE_TYPE_NONE:
		break;
	}
	return refuse(error, "type", "is missing");
}

/* A header of a source may be "Authorization: …". */
static void wipe_data(void *data)
{
	secret_free(data);
}

static struct keyfile *take_keyfile(json_object *object, int nesting, GError **error)
{
	struct keyfile *keyfile = g_new0(struct keyfile, 1);
	g_autofree char *type = NULL;

	keyfile->lifetime_s = KEYFILE_LIFETIME_DEFAULT_S;
	keyfile->source.headers = g_ptr_array_new_with_free_func(wipe_data);
	keyfile->delegates = g_ptr_array_new_with_free_func(g_free);
	if (take_text(object, "type", TEXT_LINE, &type, error) &&
	    find_type(type, &keyfile->type, error) && take_members(object, keyfile, nesting, error))
		return keyfile;
	keyfile_free(keyfile);
	return NULL;
}

/* json-c does not wipe: every text in the document is overwritten before it is freed. */
static void wipe_json(json_object *value)
{
	if (json_object_is_type(value, json_type_string)) {
		size_t length = (size_t)json_object_get_string_len(value); /* never negative */
		g_autofree char *blank = g_strnfill(length, '-');

		(void)json_object_set_string(value, blank); /* same length: in place */
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			wipe_json(json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			wipe_json(member);
		}
	}
}

struct keyfile *keyfile_parse(const char *bytes, size_t length, GError **error)
{
	json_object *document = NULL;
	struct keyfile *keyfile = NULL;

	if (length > KEYFILE_MAX_BYTES) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "larger than %zu bytes: no key file", KEYFILE_MAX_BYTES);
		return NULL;
	}
	document = json_parse(bytes, length, error);
	if (!document)
		return NULL;
	if (json_object_is_type(document, json_type_object))
		keyfile = take_keyfile(document, 1, error);
	else
		(void)refuse(error, "the file", "is not a JSON object"); /* always false */
	wipe_json(document);
	json_object_put(document);
	return keyfile;
}

bool keyfile_check_urls(const struct keyfile *keyfile, const char *token_endpoint, GError **error)
{
	const struct {
		const char *name;
		const char *url;
	} urls[] = {
		{"token_uri", keyfile->token_uri},
		{"token_url", keyfile->token_url},
		{"service_account_impersonation_url", keyfile->impersonation_url},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(urls); i++)
		if (urls[i].url && !endpoint_check(urls[i].name, urls[i].url, keyfile->universe,
						   token_endpoint, error))
			return false;
	if (keyfile->source.url &&
	    !endpoint_check_source("credential_source.url", keyfile->source.url, error))
		return false;
	return !keyfile->nested || keyfile_check_urls(keyfile->nested, token_endpoint, error);
}

void keyfile_free(struct keyfile *keyfile)
{
	if (!keyfile)
		return;
	keyfile_free(keyfile->nested);
	secret_free(keyfile->private_key);
	secret_free(keyfile->client_secret);
	secret_free(keyfile->refresh_token);
	g_free(keyfile->universe);
	g_free(keyfile->quota_project);
	g_free(keyfile->client_email);
	g_free(keyfile->private_key_id);
	g_free(keyfile->token_uri);
	g_free(keyfile->client_id);
	g_free(keyfile->audience);
	g_free(keyfile->subject_token_type);
	g_free(keyfile->token_url);
	g_free(keyfile->user_project);
	g_free(keyfile->source.file);
	g_free(keyfile->source.url);
	g_free(keyfile->source.field);
	g_ptr_array_unref(keyfile->source.headers);
	g_free(keyfile->impersonation_url);
	g_ptr_array_unref(keyfile->delegates);
	g_free(keyfile);
}
