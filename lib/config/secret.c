/* secret - looks secrets up where the configuration says they are. */
#include "config/secret.h"

#include "config/config.h"
#include "config/slurp.h"
#include "drift_error.h"

#include <string.h>
#include <unistd.h>

static bool refuse(GError **error, const char *where, const char *why)
{
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "%s %s", where, why);
	return false;
}

/* Is it fit to be sent in a header? @p where names its origin. */
static bool check_secret(const char *secret, size_t length, const char *where, GError **error)
{
	if (length == 0)
		return refuse(error, where, "is empty");
	if (length > CONFIG_SECRET_MAX_BYTES)
		return refuse(error, where, "is longer than 64 KiB");
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)secret[i] < 0x20 || secret[i] == 0x7f)
			return refuse(error, where,
				      "holds a control character or a second line; a secret is one "
				      "line of text");
	if (!g_utf8_validate(secret, (gssize)length, NULL)) /* at most 64 KiB */
		return refuse(error, where, "is not UTF-8");
	return true;
}

static bool from_environment(const char *name, char **ret_secret, GError **error)
{
	g_autofree char *where = g_strdup_printf("environment variable %s", name);
	const char *value;

	if (*name == '\0')
		return refuse(error, "env:", "needs the name of an environment variable");
	value = g_getenv(name);
	if (!value)
		return refuse(error, where, "is not set");
	if (!check_secret(value, strlen(value), where, error))
		return false;
	*ret_secret = g_strdup(value);
	return true;
}

char *secret_find_file(const char *path, const char *directory)
{
	const char *credentials = g_getenv("CREDENTIALS_DIRECTORY");

	if (!g_path_is_absolute(path) && credentials && *credentials) {
		g_autofree char *candidate = g_build_filename(credentials, path, NULL);

		/* one that is there and cannot be read is reported, not passed over */
		if (access(candidate, F_OK) == 0)
			return g_steal_pointer(&candidate);
	}
	return g_canonicalize_filename(path, directory);
}

static bool from_file(const char *path, const char *directory, char **ret_secret, GError **error)
{
	g_autofree char *full = NULL;
	struct slurp slurp = {0};
	bool ok;

	if (*path == '\0')
		return refuse(error, "file:", "needs a path");
	full = secret_find_file(path, directory);
	/* two bytes more: a line end does not count */
	if (!slurp_file(full, CONFIG_SECRET_MAX_BYTES + 2, &slurp, error))
		return false;
	if (slurp.length > 0 && slurp.bytes[slurp.length - 1] == '\n')
		slurp.length--;
	if (slurp.length > 0 && slurp.bytes[slurp.length - 1] == '\r')
		slurp.length--;
	ok = check_secret(slurp.bytes, slurp.length, full, error);
	if (ok)
		*ret_secret = g_strndup(slurp.bytes, slurp.length);
	slurp_done(&slurp);
	return ok;
}

bool secret_resolve(const char *text, const char *directory, char **ret_secret, GError **error)
{
	if (g_str_has_prefix(text, "env:"))
		return from_environment(text + strlen("env:"), ret_secret, error);
	if (g_str_has_prefix(text, "file:"))
		return from_file(text + strlen("file:"), directory, ret_secret, error);
	if (!check_secret(text, strlen(text), "the secret", error))
		return false;
	*ret_secret = g_strdup(text);
	return true;
}

void secret_wipe(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	g_free(*secret);
	*secret = NULL;
}
