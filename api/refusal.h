/* refusal - attempts to get in that failed: counted all, logged a few a second, never with the
 * credential. Any thread. DESIGN 9. */
#ifndef DRIFT_REFUSAL_H
#define DRIFT_REFUSAL_H

#include "base.h"
#include "api/request.h"

/** Most lines in the log in one second; further ones are counted only, and how many they were is
 * said once. */
#define REFUSAL_LINES_PER_S 5

/** @p why: one line, no part of a credential in it. */
void refusal_note(const struct request *request, enum app_count what, const char *why);

/** Is there room for another line at @p now_mono_ms? @p ret_dropped: how many had none since the
 * last one. */
bool refusal_may_log(int64_t now_mono_ms, int64_t *ret_dropped);

#endif
