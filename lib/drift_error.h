/* drift_error - the one GError domain of driftd; codes say what a caller does differently. Pure:
 * any thread. */
#ifndef DRIFT_ERROR_H
#define DRIFT_ERROR_H

#include "base.h"

#define DRIFT_ERROR (drift_error_quark())

enum drift_error {
	DRIFT_ERROR_NONE = 0,
	DRIFT_ERROR_INVALID,     /* input is malformed or out of range: correct it */
	DRIFT_ERROR_TOO_LARGE,   /* a stated bound was passed */
	DRIFT_ERROR_NOT_FOUND,   /* the thing asked for is not there, and that is certain */
	DRIFT_ERROR_AMBIGUOUS,   /* more than one thing answers to the name */
	DRIFT_ERROR_BUSY,        /* somebody else holds it: port, lock, queue full */
	DRIFT_ERROR_TIMEOUT,     /* a deadline passed */
	DRIFT_ERROR_DENIED,      /* no permission, no or wrong credential */
	DRIFT_ERROR_UNAVAILABLE, /* the other side is away, or a tool is missing: may heal by itself
				  */
	DRIFT_ERROR_CORRUPT,     /* stored data is damaged */
	DRIFT_ERROR_NEWER,       /* stored data was written by a newer driftd */
	DRIFT_ERROR_FULL,        /* no space left on the device */
	DRIFT_ERROR_SHALLOW,     /* history ends before the answer */
	DRIFT_ERROR_UNSUPPORTED, /* understood and refused */
	DRIFT_ERROR_CANCELLED,   /* given up because driftd stops or the cycle is over */
	DRIFT_ERROR_IO,          /* any other failed read or write */
};

/** The domain of all errors driftd makes. */
GQuark drift_error_quark(void);

/** Set @p error from errno as it stands: "VERB SUBJECT: strerror". ENOSPC, EACCES/EPERM, ENOENT and
 * EBUSY get their code. */
void drift_error_set_errno(GError **error, int saved_errno, const char *verb, const char *subject);

#endif
