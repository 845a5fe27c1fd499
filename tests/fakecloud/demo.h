/* demo - a repository, a cloud and a configuration that show what driftd says of fifteen services.
 */
#ifndef FAKECLOUD_DEMO_H
#define FAKECLOUD_DEMO_H

#include "tests/fakecloud/cloud.h"

/**
 * Fill @p directory (made when missing; remade when an earlier demo made it, refused when it holds
 * anything else) and @p cloud.
 *
 * @return false with error set: what was tried and why it failed.
 */
MUST_CHECK bool demo_make(struct cloud *cloud, const char *directory, GError **error);

#endif
