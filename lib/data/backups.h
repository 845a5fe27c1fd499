/* backups - what lies in a bucket as backups (DESIGN 5 and 8, LESSONS L16): folders whose names are
 * instants, their files, and the document that says what is in them. Pure: any thread. The
 * collector is in data/run.h. */
#ifndef DRIFT_DATA_BACKUPS_H
#define DRIFT_DATA_BACKUPS_H

#include "base.h"
#include "config/config.h"
#include "google/storage.h"
#include "source/data_observation.h"

/** Bounds of a metadata document. */
#define BACKUPS_METADATA_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define BACKUPS_TABLES_MAX 50000
#define BACKUPS_NAME_MAX_BYTES 1024

/** Complete folders, newest first, whose metadata is read. */
#define BACKUPS_METADATA_FOLDERS 2

/** A read metadata document that nobody asked for this long is forgotten. */
#define BACKUPS_REMEMBER_MS (2 * MS_PER_DAY)

/**
 * Sort a list into folders.
 *
 * A folder's name is what stands between prefix and the rest of an object's name, as many parts of
 * it as folder_format has. Names that do not follow the format are counted as ignored, each once;
 * objects that lie in no folder are nothing. The object that is named like the folder is no file.
 * The metadata document is expected like the other files.
 *
 * @param objects  struct storage_object *, all that begins with prefix.
 * @return without metadata. Caller frees. */
struct backup_obs *backups_group(const struct config_backup *config, const GPtrArray *objects);

/** Are all expected files there, and none of them empty? */
bool backups_is_complete(const struct backup_folder *folder);

/** Name of the folder's metadata document in the bucket. Caller frees. */
char *backups_metadata_name(const struct config_backup *config, const struct backup_folder *folder);

/**
 * Understand a metadata document: {"tables":[{"table_name":"a","row_count":1}]}, other members are
 * let be.
 *
 * @param error  DRIFT_ERROR_INVALID: no JSON, another shape, no table at all, a row_count that is
 * no whole number from 0 on, a
 *               name twice.
 * @return struct backup_table *, in the document's order. Caller unrefs. */
MUST_CHECK GPtrArray *backups_parse_metadata(const char *bytes, size_t length, GError **error);

/** Put what was read into @p folder: @p tables (copied), or @p error where it could not be
 * understood. */
void backups_set_metadata(struct backup_folder *folder, const GPtrArray *tables, const char *error);

#endif
