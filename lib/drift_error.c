/* drift_error - see drift_error.h */
#include "drift_error.h"

#include <errno.h>

GQuark drift_error_quark(void)
{
	return g_quark_from_static_string("drift-error");
}

static enum drift_error code_of_errno(int saved_errno)
{
	switch (saved_errno) {
	case ENOSPC:
	case EDQUOT:
		return DRIFT_ERROR_FULL;
	case EACCES:
	case EPERM:
	case EROFS:
		return DRIFT_ERROR_DENIED;
	case ENOENT:
		return DRIFT_ERROR_NOT_FOUND;
	case EBUSY:
	case EADDRINUSE:
		return DRIFT_ERROR_BUSY;
	default:
		return DRIFT_ERROR_IO;
	}
}

void drift_error_set_errno(GError **error, int saved_errno, const char *verb, const char *subject)
{
	g_set_error(error, DRIFT_ERROR, (gint)code_of_errno(saved_errno), "%s %s: %s", verb,
		    subject, g_strerror(saved_errno));
}
