/* adc - see adc.h */
#include "google/adc.h"

#include "drift_error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WELL_KNOWN_NAME "application_default_credentials.json"
#define METADATA_HOST_DEFAULT "169.254.169.254"
#define METADATA_HOST_MAX_BYTES 260

/* The value of a variable; empty counts as unset. */
static const char *variable(const char *name)
{
	const char *value = g_getenv(name);

	return value && *value ? value : NULL;
}

/* Where gcloud keeps its file; NULL when there is no home. */
static char *well_known_path(void)
{
	const char *directory = variable("CLOUDSDK_CONFIG");
	const char *home = variable("HOME");

	if (directory)
		return g_build_filename(directory, WELL_KNOWN_NAME, NULL);
	return home ? g_build_filename(home, ".config", "gcloud", WELL_KNOWN_NAME, NULL) : NULL;
}

void adc_find(struct adc_place *ret_place)
{
	const char *named = variable("GOOGLE_APPLICATION_CREDENTIALS");
	g_autofree char *path = well_known_path();
	struct stat status = {0};

	*ret_place = (struct adc_place){0};
	if (named) {
		ret_place->path = g_strdup(named);
		ret_place->tried = g_strdup("GOOGLE_APPLICATION_CREDENTIALS names it");
		return;
	}
	/* a directory that may not be entered (ProtectHome=) is as good as none */
	if (path && stat(path, &status) == 0) {
		ret_place->path = g_steal_pointer(&path);
		ret_place->tried = g_strdup("GOOGLE_APPLICATION_CREDENTIALS is not set");
		return;
	}
	ret_place->tried = g_strdup_printf(
		"GOOGLE_APPLICATION_CREDENTIALS is not set, %s%s",
		path ? path : "no HOME to look for gcloud's file",
		path ? (errno == EACCES ? " is out of reach" : " is not there") : "");
}

void adc_place_done(struct adc_place *place)
{
	g_free(place->path);
	g_free(place->tried);
	*place = (struct adc_place){0};
}

static bool check_file(int fd, const char *path, size_t max_bytes, GError **error)
{
	struct stat status = {0};

	if (fstat(fd, &status) != 0) {
		drift_error_set_errno(error, errno, "read", path);
		return false;
	}
	if (!S_ISREG(status.st_mode)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID, "read %s: no regular file",
			    path);
		return false;
	}
	if ((guint64)status.st_size > max_bytes) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "read %s: larger than %zu bytes", path, max_bytes);
		return false;
	}
	return true;
}

/* At most @p max_bytes, however large the file has become meanwhile. False: errno says why. */
static bool read_bytes(int fd, char *bytes, size_t max_bytes, size_t *ret_length)
{
	size_t length = 0;
	ssize_t got = 1;

	while (length < max_bytes && got != 0) {
		got = read(fd, bytes + length, max_bytes - length);
		if (got < 0 && errno != EINTR)
			return false;
		length += got > 0 ? (size_t)got : 0;
	}
	*ret_length = length;
	return true;
}

bool adc_read_file(const char *path, size_t max_bytes, char **ret_bytes, size_t *ret_length,
		   GError **error)
{
	/* O_NONBLOCK: a FIFO put there must not stop us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *bytes = NULL;
	bool ok = false;

	if (fd < 0) {
		drift_error_set_errno(error, errno, "open", path);
		return false;
	}
	if (!check_file(fd, path, max_bytes, error))
		goto out;
	bytes = g_malloc0(max_bytes + 1);
	ok = read_bytes(fd, bytes, max_bytes, ret_length);
	if (ok) {
		*ret_bytes = bytes;
	} else {
		drift_error_set_errno(error, errno, "read", path);
		explicit_bzero(bytes, max_bytes);
		g_free(bytes);
	}
out:
	(void)close(fd); /* nothing was written */
	return ok;
}

char *adc_metadata_url(GError **error)
{
	const char *host = variable("GCE_METADATA_HOST");

	if (!host)
		host = variable("GCE_METADATA_IP");
	if (!host)
		host = METADATA_HOST_DEFAULT;
	if (strlen(host) > METADATA_HOST_MAX_BYTES ||
	    strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:[]") !=
		    strlen(host)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "GCE_METADATA_HOST is no HOST or HOST:PORT");
		return NULL;
	}
	return g_strdup_printf("http://%s/computeMetadata/v1", host);
}

const char *adc_quota_project(void)
{
	return variable("GOOGLE_CLOUD_QUOTA_PROJECT");
}
