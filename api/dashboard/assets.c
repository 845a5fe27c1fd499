/* assets - see assets.h */
#include "api/dashboard/assets.h"

#include <string.h>

const struct asset *assets_find(const char *name)
{
	for (const struct asset *asset = assets; asset->name; asset++)
		if (strcmp(asset->name, name) == 0)
			return asset;
	return NULL;
}

char *assets_path(const char *name)
{
	return g_strconcat("/assets/", assets_hash, "/", name, NULL);
}
