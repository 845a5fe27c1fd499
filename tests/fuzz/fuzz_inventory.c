/* fuzz_inventory - expect-files under libFuzzer: what is read is written so that it can be read again, and is then the same; and any bytes make a
 * name and a definition that survive the way through a file. */
#include "data/inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drift_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *const no_ignores[] = {NULL};

/* What inventory.h promises; not assert(), which says less. */
static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "fuzz_inventory: does not hold: %s\n", what);
		abort();
	}
}

static void check_lines(const char *text)
{
	must(g_utf8_validate(text, -1, NULL), "what is written is UTF-8");
	for (; *text; text++)
		must((unsigned char)*text >= 0x20 || *text == '\n', "without control characters");
}

/* Write, read again, compare: there is no difference. */
static void check_round_trip(const struct inventory *inventory)
{
	g_autofree char *text = inventory_write(inventory, "inventory/fuzz", no_ignores);
	g_autofree char *second = NULL;
	g_autoptr(struct_inventory) again = inventory_parse(text, strlen(text), NULL);
	struct inventory_obs *obs = inventory_obs_create();

	check_lines(text);
	must(again != NULL, "what is written can be read");
	inventory_compare(again, inventory, no_ignores, true, obs);
	must(obs->missing == 0 && obs->unexpected == 0 && obs->changed == 0, "and is the same");
	must(obs->expected == obs->found, "and as many");
	must((size_t)obs->expected == inventory_size(again), "all of it was compared");
	second = inventory_write(again, "inventory/fuzz", no_ignores);
	must(strcmp(text, second) == 0, "written twice it looks the same");
	inventory_obs_free(obs);
}

static void check_parse(const char *bytes, size_t length)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(struct_inventory) inventory = inventory_parse(bytes, length, &error);

	must((inventory != NULL) == (error == NULL), "an error, or none");
	if (!inventory) {
		must(error->code == DRIFT_ERROR_INVALID || error->code == DRIFT_ERROR_TOO_LARGE,
		     "of the two codes");
		must(g_utf8_validate(error->message, -1, NULL), "with a text that can be shown");
		return;
	}
	check_round_trip(inventory);
}

/* The bytes as names and definitions by turns, parted by NUL. */
static void check_names(const char *bytes, size_t length)
{
	static const char *const types[] = {"table", "column", "grant"};
	g_autoptr(struct_inventory) inventory = inventory_create();
	g_autofree char *text = g_strndup(bytes, length); /* stops at NUL */
	size_t at = 0;
	size_t turn = 0;

	for (; at < length; at += strlen(text) + 1, turn++) {
		g_free(text);
		text = g_strndup(bytes + at, length - at);
		must(inventory_add(inventory, types[turn % 3], *text ? text : "x", text, NULL),
		     "names of any bytes are taken");
	}
	check_round_trip(inventory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)(const void *)data;

	check_parse(bytes, size);
	check_names(bytes, size);
	return 0;
}
