/* slurp - open without blocking on a FIFO, read to the end or to the bound, wipe what was read. */
#include "config/slurp.h"

#include "drift_error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(const char *path, GError **error)
{
	/* O_NONBLOCK: a FIFO without a writer must not hold the daemon at reload */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat about;

	if (fd < 0) {
		drift_error_set_errno(error, errno, "open", path);
		return -1;
	}
	if (fstat(fd, &about) != 0) {
		drift_error_set_errno(error, errno, "stat", path);
	} else if (S_ISDIR(about.st_mode)) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_INVALID,
			    "open %s: it is a directory, a file is needed", path);
	} else if (fcntl(fd, F_SETFL, 0) != 0) {
		drift_error_set_errno(error, errno, "fcntl", path);
	} else {
		return fd;
	}
	(void)close(fd); /* nothing was written */
	return -1;
}

/* One byte more than allowed is asked for, so that "exactly the maximum" can be told from "more".
 */
static bool read_all(int fd, const char *path, struct slurp *slurp, GError **error)
{
	while (slurp->length < slurp->capacity - 1) {
		ssize_t got =
			read(fd, slurp->bytes + slurp->length, slurp->capacity - 1 - slurp->length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			drift_error_set_errno(error, errno, "read", path);
			return false;
		}
		if (got == 0)
			break;
		slurp->length += (size_t)got; /* positive here */
	}
	return true;
}

bool slurp_file(const char *path, size_t max_bytes, struct slurp *ret_slurp, GError **error)
{
	struct slurp slurp = {0};
	bool ok;
	int fd = open_file(path, error);

	if (fd < 0)
		return false;
	slurp.capacity = max_bytes + 2;
	slurp.bytes = g_malloc(slurp.capacity);
	ok = read_all(fd, path, &slurp, error);
	(void)close(fd); /* nothing was written */
	if (ok && slurp.length > max_bytes) {
		g_set_error(error, DRIFT_ERROR, DRIFT_ERROR_TOO_LARGE,
			    "read %s: larger than %zu bytes", path, max_bytes);
		ok = false;
	}
	if (!ok) {
		slurp_done(&slurp);
		return false;
	}
	slurp.bytes[slurp.length] = '\0';
	*ret_slurp = slurp;
	return true;
}

void slurp_done(struct slurp *slurp)
{
	if (slurp->bytes)
		explicit_bzero(slurp->bytes, slurp->capacity);
	g_free(slurp->bytes);
	*slurp = (struct slurp){0};
}
