/* statedir - see statedir.h */
#include "daemon/statedir.h"

#include "drift_error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "driftd.lock"
#define ADDRESS_NAME "driftd.address"

bool statedir_lock(const char *path, int *ret_lock_fd, GError **error)
{
	g_autofree char *file = g_build_filename(path, LOCK_NAME, NULL);
	int fd;

	if (g_mkdir_with_parents(path, 0700) != 0) {
		drift_error_set_errno(error, errno, "create state directory", path);
		g_prefix_error(error, "set [driftd] state-dir to a folder that driftd may write: ");
		return false;
	}
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		drift_error_set_errno(error, errno, "write to state directory", path);
		g_prefix_error(error, "set [driftd] state-dir to a folder that driftd may write: ");
		return false;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int failed = errno;

		(void)close(fd); /* nothing was written */
		if (failed == EWOULDBLOCK)
			g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_BUSY,
				    "state directory %s is in use by another driftd: stop that "
				    "one, or give this one "
				    "its own [driftd] state-dir",
				    path);
		else
			drift_error_set_errno(error, failed, "lock", file);
		return false;
	}
	*ret_lock_fd = fd;
	return true;
}

bool statedir_write_address(const char *path, const char *address, GError **error)
{
	g_autofree char *file = g_build_filename(path, ADDRESS_NAME, NULL);
	g_autoptr(GError) failed = NULL;

	if (g_file_set_contents_full(file, address, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
				     &failed))
		return true;
	g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_IO, "note the address in %s: %s", file,
		    failed->message);
	return false;
}

char *statedir_read_address(const char *path)
{
	g_autofree char *file = g_build_filename(path, ADDRESS_NAME, NULL);
	char *address = NULL;

	if (!g_file_get_contents(file, &address, NULL, NULL))
		return NULL;
	return g_strstrip(address);
}
