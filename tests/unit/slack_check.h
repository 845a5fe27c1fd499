/* slack_check - Slack's limits (API-FACTS G), asserted of a whole message. */
#ifndef TESTS_SLACK_CHECK_H
#define TESTS_SLACK_CHECK_H

/** Fails the test unless @p body keeps every limit, and every link and entity in it is whole. */
void slack_check_limits(const char *body);

/** All texts of the blocks of @p body, a line each. Caller frees. */
char *slack_check_shown(const char *body);

#endif
