/* error - what SQLite says, as one of our errors and a message a person can act on. */
#include "store/store_private.h"

#include <errno.h>

#include "drift_error.h"

/* SQLite tells ENOSPC from other failed writes, but not a quota or a limit on file sizes. */
static enum drift_error code_of_io_error(int saved_errno)
{
	switch (saved_errno) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return DRIFT_ERROR_FULL;
	case EACCES:
	case EPERM:
	case EROFS:
		return DRIFT_ERROR_DENIED;
	case ENOENT:
		return DRIFT_ERROR_NOT_FOUND;
	default:
		return DRIFT_ERROR_IO;
	}
}

/* sqlite.org/rescode.html */
static enum drift_error code_of_sqlite(int result, int saved_errno)
{
	switch (result & 0xff) {
	case SQLITE_FULL:
		return DRIFT_ERROR_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DRIFT_ERROR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return DRIFT_ERROR_CORRUPT;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return DRIFT_ERROR_DENIED;
	case SQLITE_INTERRUPT:
		return DRIFT_ERROR_TIMEOUT;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return code_of_io_error(saved_errno);
	default:
		return DRIFT_ERROR_IO;
	}
}

const char *store_db_advice(enum drift_error code)
{
	if (code == DRIFT_ERROR_CORRUPT)
		return "; stop driftd, move this file away with those of the same name that end in "
		       "-wal and -shm, and start again: heads and history start anew";
	if (code == DRIFT_ERROR_FULL)
		return "; free some space there: the next cycle tries again";
	if (code == DRIFT_ERROR_BUSY)
		return "; another program holds it open for writing";
	if (code == DRIFT_ERROR_DENIED)
		return "; the user driftd runs as must own it and be able to write to its folder";
	return "";
}

/* The errno of a file that could not be read or written, log first; sqlite3_system_errno() has it
 * only when a file could not be opened. 0: not known. */
static int errno_of(const struct store_db *db, int result)
{
	static const int files[] = {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER};
	int saved_errno = 0;

	if ((result & 0xff) == SQLITE_CANTOPEN)
		return sqlite3_system_errno(db->db);
	for (size_t i = 0; i < G_N_ELEMENTS(files) && saved_errno == 0; i++) {
		sqlite3_file *file = NULL;

		if (sqlite3_file_control(db->db, "main", files[i], &file) == SQLITE_OK && file &&
		    file->pMethods &&
		    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &saved_errno) !=
			    SQLITE_OK)
			saved_errno = 0;
	}
	return saved_errno;
}

void store_db_set_error_of(const struct store_db *db, int result, const char *verb, GError **error)
{
	bool is_io = (result & 0xff) == SQLITE_IOERR || (result & 0xff) == SQLITE_CANTOPEN;
	int saved_errno = is_io ? errno_of(db, result) : 0;
	enum drift_error code = code_of_sqlite(result, saved_errno);
	const char *why = db->db && sqlite3_extended_errcode(db->db) == result
				  ? sqlite3_errmsg(db->db)
				  : sqlite3_errstr(result);

	g_set_error(error, DRIFT_ERROR, (gint)code, "%s database %s: %s%s%s%s", verb, db->path, why,
		    saved_errno ? ": " : "", saved_errno ? g_strerror(saved_errno) : "",
		    store_db_advice(code));
}

void store_db_set_error(struct store_db *db, const char *verb, GError **error)
{
	store_db_set_error_of(db, db->db ? sqlite3_extended_errcode(db->db) : SQLITE_NOMEM, verb,
			      error);
}
