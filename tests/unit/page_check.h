/* page_check - what holds for every page of the dashboard, whatever is shown on it. */
#ifndef DRIFT_TEST_PAGE_CHECK_H
#define DRIFT_TEST_PAGE_CHECK_H

#include "base.h"

/**
 * Fails the test unless @p html is valid UTF-8 without control characters and such that turn the direction of
 * writing, its elements are closed in order, attributes quoted and given once, ids unique, nothing inline is run
 * or styled (script, style="", on…=""), and every address is one of ours or http(s).
 */
void page_check(const char *html);

/** What stands between @p begin and the first @p end behind it. Caller frees; fails the test when there is
 * none. */
char *page_part(const char *html, const char *begin, const char *end);

/** How often @p what stands in @p html. */
int page_count(const char *html, const char *what);

#endif
