/* openapi - the description of the HTTP interface, api/openapi.json, as it is in the source tree;
 * build/gen/openapi.c is made by the Makefile. Pure: any thread. */
#ifndef DRIFT_OPENAPI_H
#define DRIFT_OPENAPI_H

#include "base.h"

/** NUL-terminated behind its openapi_json_bytes. */
extern const char openapi_json[];
extern const size_t openapi_json_bytes;

#endif
