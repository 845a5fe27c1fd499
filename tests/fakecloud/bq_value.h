/* bq_value - types and values of BigQuery: fields of a schema, points in time, and the normal form
 * in which the stand-in keeps values. Pure: any thread, but json-c's counts belong under the
 * cloud's lock.
 *
 * Normal form: INT64 a JSON integer, FLOAT64 a double ("NaN", "Infinity", "-Infinity" as text),
 * BOOL a boolean, TIMESTAMP an integer of microseconds since 1970, DATE "2026-11-20", STRUCT an
 * object, a repeated one an array; the rest text. In SQLite: the same, BOOL 0 or 1, STRUCT and
 * arrays as JSON text. */
#ifndef FAKECLOUD_BQ_VALUE_H
#define FAKECLOUD_BQ_VALUE_H

#include "base.h"

#include <json-c/json.h>

enum bq_type {
	BQ_TYPE_NONE = 0, /* of a NULL that has none */
	BQ_TYPE_INT64,
	BQ_TYPE_FLOAT64,
	BQ_TYPE_NUMERIC,
	BQ_TYPE_BIGNUMERIC,
	BQ_TYPE_BOOL,
	BQ_TYPE_STRING,
	BQ_TYPE_BYTES,
	BQ_TYPE_DATE,
	BQ_TYPE_TIME,
	BQ_TYPE_DATETIME,
	BQ_TYPE_TIMESTAMP,
	BQ_TYPE_INTERVAL,
	BQ_TYPE_JSON,
	BQ_TYPE_GEOGRAPHY,
	BQ_TYPE_STRUCT,
};

/** Name in SQL ("INT64"), and as the REST schema names it ("INTEGER"). */
const char *bq_type_sql(enum bq_type type);
const char *bq_type_rest(enum bq_type type);
/** Either name; BQ_TYPE_NONE when it is none. */
enum bq_type bq_type_from_text(const char *text);

struct bq_field {
	char *name;
	enum bq_type type;
	bool repeated, required;
	GPtrArray *fields; /* struct bq_field * of a STRUCT; else NULL */
};

/** A scalar. Caller frees with bq_field_free(). */
struct bq_field *bq_field_create(const char *name, enum bq_type type);
struct bq_field *bq_field_copy(const struct bq_field *field);
void bq_field_free(void *field);

/** Fields of a REST schema's array; NULL when one has no name or no type. Caller unrefs. */
GPtrArray *bq_fields_parse(json_object *array);
/** The array of a REST schema. Caller owns. */
json_object *bq_fields_to_json(const GPtrArray *fields);
/** By name, any case; NULL when there is none. Borrowed. */
const struct bq_field *bq_fields_find(const GPtrArray *fields, const char *name);

/** "ARRAY<STRUCT<a INT64>>". Caller frees. */
char *bq_field_type_text(const struct bq_field *field);

/** A value as tests write it in normal form; false when it does not fit. Texts of time may be
 * relative: "now", "now-90m", "today-1". Caller owns ret_value. */
bool bq_value_normalise(const struct bq_field *field, json_object *value, int64_t now_us,
			json_object **ret_value);

/** "v" of a cell (API-FACTS C.3). Caller owns. */
json_object *bq_value_to_cell(const struct bq_field *field, json_object *value,
			      bool int64_timestamps);

/** Days since 1970 of a day of the Gregorian calendar. */
int64_t bq_days(int64_t year, int64_t month, int64_t day);

/** "2026-11-20", also "today" and "today-1". */
bool bq_date_parse(const char *text, int64_t now_us, int64_t *ret_days);
/** Point in time: "now-2h", RFC 3339, "2026-11-20 03:00:00+00", with a zone's name after a space;
 * UTC when none is said. */
bool bq_time_parse(const char *text, int64_t now_us, int64_t *ret_us);

/** "2026-11-20". Caller frees. */
char *bq_date_text(int64_t days);
/** "2026-11-20 03:00:00.123456", trailing zeros and a zero fraction left out. @p between: ' ' or
 * 'T'. Caller frees. */
char *bq_datetime_text(int64_t us, char between);

/** Offset of a zone at @p us ("America/New_York", "+02:00", "UTC") in microseconds; false for an
 * unknown zone. */
bool bq_zone_offset(const char *zone, int64_t us, bool is_local, int64_t *ret_offset_us);

/** Towards minus infinity. */
int64_t bq_floor_div(int64_t value, int64_t divisor);

#define BQ_US_PER_S ((int64_t)1000000)
#define BQ_US_PER_DAY (24 * 60 * 60 * BQ_US_PER_S)

#endif
