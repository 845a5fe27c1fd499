/* catalogue - see catalogue.h */
#include "data/catalogue.h"

#include "data/catalogue_private.h"

void catalogue_read(struct errand *errand, const struct config_inventory *config,
		    const struct inventory *expected, catalogue_done_fn done, void *data)
{
	if (config->source == CONFIG_DATA_SOURCE_POSTGRESQL)
		catalogue_read_postgres(errand, config, expected, done, data);
	else
		catalogue_read_bigquery(errand, config, done, data);
}
