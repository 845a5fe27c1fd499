/* slack - what Slack's incoming webhooks answer. */
#ifndef FAKECLOUD_SLACK_H
#define FAKECLOUD_SLACK_H

#include "tests/fakecloud/reply.h"

/** One of Slack's words ("no_service") with the status that goes with it; unknown words are 500. */
void slack_set_word(struct reply *reply, const char *word);

#endif
