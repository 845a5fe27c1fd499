/* value_repo - values of [repo] and [gcp] that are more than one field: where a repository is, and
 * which credentials to use. */
#include "config/value_types.h"

#include "config/config.h"
#include "config/net.h"
#include "config/secret.h"
#include "config/slurp.h"

#include <string.h>

bool value_parse_repository_url(const struct value_context *context, const struct setting *setting,
				const char *text, void *object, GError **error)
{
	struct config_repo *repo = object;
	enum net_git how = NET_GIT_NONE;
	g_autofree char *host = NULL;

	if (!net_check_git(text, &how, &host, error))
		return false;
	value_clear_repository_url(setting, object);
	repo->url = g_strdup(text);
	repo->is_local = how == NET_GIT_PATH;
	if (repo->is_local)
		repo->local_path = g_canonicalize_filename(text, context->directory);
	return true;
}

/* A relative path is printed absolute: it can be read back from anywhere. */
void value_print_repository_url(const char *zone, const struct setting *setting, const void *object,
				GPtrArray *ret_texts)
{
	const struct config_repo *repo = object;
	const char *text = repo->is_local ? repo->local_path : repo->url;

	(void)zone;
	(void)setting;
	if (text)
		g_ptr_array_add(ret_texts, g_strdup(text));
}

void value_clear_repository_url(const struct setting *setting, void *object)
{
	struct config_repo *repo = object;

	(void)setting;
	g_clear_pointer(&repo->url, g_free);
	g_clear_pointer(&repo->local_path, g_free);
}

/* One part between slashes. */
static const char *check_branch_part(const char *part)
{
	if (*part == '\0')
		return "it begins or ends with '/' or has two in a row";
	if (*part == '.')
		return "a part of it begins with '.'";
	if (g_str_has_suffix(part, ".lock"))
		return "a part of it ends in .lock";
	return NULL;
}

/* git-check-ref-format(1) */
static const char *check_branch(const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, "/", -1);
	const char *why = NULL;

	if (strlen(text) > 250)
		return "it is longer than 250 bytes";
	if (*text == '-')
		return "it begins with '-'";
	if (strcmp(text, "HEAD") == 0)
		return "for the remote's HEAD leave the key out";
	if (g_str_has_prefix(text, "refs/"))
		return "write the branch alone, without refs/heads/";
	if (strpbrk(text, " \t~^:?*[\\"))
		return "it holds white space or one of ~ ^ : ? * [ \\";
	if (strstr(text, "..") || strstr(text, "@{") || strcmp(text, "@") == 0 ||
	    g_str_has_suffix(text, "."))
		return "it holds '..' or '@{', or ends in '.', or is '@'";
	for (size_t i = 0; parts[i] && !why; i++)
		why = check_branch_part(parts[i]);
	return why;
}

bool value_parse_branch(const struct value_context *context, const struct setting *setting,
			const char *text, void *object, GError **error)
{
	char **field = value_field(setting, object);
	const char *why = check_branch(text);

	(void)context;
	if (why)
		return value_refuse(error, "no branch name: %s", why);
	g_free(*field);
	*field = g_strdup(text);
	return true;
}

static bool parse_credentials_file(const struct value_context *context, const char *path,
				   struct config_gcp *gcp, GError **error)
{
	g_autofree char *full = secret_find_file(path, context->directory);
	struct slurp slurp = {0};

	if (*path == '\0')
		return value_refuse(error, "file: needs a path");
	/* read for the sake of the error: what is in it is for lib/google */
	if (!context->without_secrets && !slurp_file(full, CONFIG_SECRET_MAX_BYTES, &slurp, error))
		return false;
	slurp_done(&slurp);
	gcp->credentials = CONFIG_CREDENTIALS_FILE;
	gcp->credentials_file = g_steal_pointer(&full);
	return true;
}

bool value_parse_credentials(const struct value_context *context, const struct setting *setting,
			     const char *text, void *object, GError **error)
{
	struct config_gcp *gcp = object;

	value_clear_credentials(setting, object);
	if (strcmp(text, "adc") == 0) {
		gcp->credentials = CONFIG_CREDENTIALS_ADC;
		return true;
	}
	if (strcmp(text, "metadata") == 0) {
		gcp->credentials = CONFIG_CREDENTIALS_METADATA;
		return true;
	}
	if (g_str_has_prefix(text, "file:"))
		return parse_credentials_file(context, text + strlen("file:"), gcp, error);
	if (g_str_has_prefix(text, "token:")) {
		gcp->credentials = CONFIG_CREDENTIALS_TOKEN;
		return context->without_secrets ||
		       secret_resolve(text + strlen("token:"), context->directory,
				      &gcp->credentials_token, error);
	}
	return value_refuse(error, "must be adc, metadata, file:PATH or token:env:NAME");
}

void value_print_credentials(const char *zone, const struct setting *setting, const void *object,
			     GPtrArray *ret_texts)
{
	const struct config_gcp *gcp = object;

	(void)zone;
	(void)setting;
	switch (gcp->credentials) {
	case CONFIG_CREDENTIALS_NONE:
		break;
	case CONFIG_CREDENTIALS_ADC:
		g_ptr_array_add(ret_texts, g_strdup("adc"));
		break;
	case CONFIG_CREDENTIALS_METADATA:
		g_ptr_array_add(ret_texts, g_strdup("metadata"));
		break;
	case CONFIG_CREDENTIALS_FILE:
		g_ptr_array_add(ret_texts, g_strconcat("file:", gcp->credentials_file, NULL));
		break;
	case CONFIG_CREDENTIALS_TOKEN:
		g_ptr_array_add(ret_texts, g_strdup("token:" VALUE_SECRET));
		break;
	}
}

void value_clear_credentials(const struct setting *setting, void *object)
{
	struct config_gcp *gcp = object;

	(void)setting;
	g_clear_pointer(&gcp->credentials_file, g_free);
	secret_wipe(&gcp->credentials_token);
}
