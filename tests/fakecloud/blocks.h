/* blocks - Slack's limits on messages, held strictly: what is let through here Slack lets through
 * too. Pure: any thread. Block Kit reference; API-FACTS G. */
#ifndef FAKECLOUD_BLOCKS_H
#define FAKECLOUD_BLOCKS_H

#include "base.h"

#include <json-c/json.h>

/** Longer texts are cut by Slack, without a word. */
#define BLOCKS_TEXT_MAX_CHARS 40000

/** Why Slack refuses @p message: "no_text", "invalid_blocks", "msg_blocks_too_long"; NULL: it does
 * not. Static. @p ret_detail says for people what is wrong; caller frees; NULL when nothing is. */
const char *blocks_problem(json_object *message, char **ret_detail);

/** Characters as Slack counts them: UTF-16 units of @p text as it came, entities and all. */
size_t blocks_chars(const char *text);

#endif
