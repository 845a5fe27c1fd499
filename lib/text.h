/* text - text from outside, made fit to be shown. Pure: any thread. */
#ifndef DRIFT_TEXT_H
#define DRIFT_TEXT_H

#include "base.h"

/**
 * Valid UTF-8 of at most @p max_bytes, made from bytes of any kind: invalid sequences become
 * U+FFFD, cut at a character with "…" at the end when cut. Control characters stay (the place that
 * shows it escapes them). NULL gives "".
 *
 * @return newly allocated, caller frees.
 */
char *text_to_utf8(const char *bytes, size_t length, size_t max_bytes);

/** The same of a whole text, in one line: control characters (C0, DEL) become spaces. NULL gives
 * NULL. Caller frees. */
char *text_to_line(const char *text, size_t max_bytes);

/**
 * For terminals, pages and logs: control characters (C0, DEL, C1), line and paragraph separators, bidirectional
 * controls and what nothing is seen of become visible escapes ("\\x1b", "\\u202e", "\\u200b"), tabs and newlines a
 * space, what is no UTF-8 U+FFFD. Caller frees.
 */
char *text_escape_terminal(const char *text);

/** Must @p c not be shown as it is? As above: controls, separators, bidirectional controls, what nothing is seen of. */
bool text_disturbs(gunichar c);

/** "3 d", "2 h", "5 min", "12 s": the largest unit only, as people say it. Negative counts as 0.
 * Caller frees. */
char *text_age(int64_t age_ms);

/** The candidate nearest to @p word by edit distance, at most a third of its length away, or NULL.
 * Borrowed from @p candidates. */
const char *text_nearest(const char *word, const char *const *candidates);

/** Shell-like glob on a whole string, '*' and '?' only. */
bool text_glob(const char *pattern, const char *text);

/** True when both are equal, in a time that depends on the length of @p given only (CRYPTO_memcmp
 * over SHA-256 of both). An empty or missing @p secret equals nothing. */
bool text_equal_secret(const char *given, const char *secret);

#endif
