/* alerting_rows - incidents, silences and messages as rows of the store, and back. Pure: any thread. */
#ifndef DRIFT_ALERTING_ROWS_H
#define DRIFT_ALERTING_ROWS_H

#include "alert/book.h"
#include "alert/delivery.h"
#include "base.h"
#include "store/store.h"

/** Each is the caller's to free. */
struct store_incident *rows_incident(const struct incident *incident);
struct store_silence *rows_silence(const struct silence *silence);
/** @p with_content: else what the row has stays. */
struct store_notification *rows_notification(const struct outgoing *outgoing, bool with_content);
struct store_attempt *rows_attempt(const struct delivery_attempt *attempt);
struct store_memo *rows_memo(const char *name, int64_t value);

/** DRIFT_ERROR_INVALID: a word or text in it is none of ours. */
MUST_CHECK struct incident *rows_to_incident(const struct store_incident *row, GError **error);
struct silence *rows_to_silence(const struct store_silence *row);
MUST_CHECK struct outgoing *rows_to_outgoing(const struct store_notification *row, GError **error);

#endif
