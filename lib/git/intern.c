/* intern - see intern.h. Open addressing over numbers; the bytes lie in chunks that never move. */
#include "git/intern.h"

#include <string.h>

/** Entries are packed into chunks of this size; a longer one gets a chunk of its own. */
#define CHUNK_BYTES ((size_t)64 * 1024)

/** Every entry is preceded by its length. */
#define HEADER_BYTES sizeof(uint16_t)

struct intern {
	uint32_t max_entries;
	uint64_t seed;   /* so that nobody outside can choose what collides */
	uint32_t *slots; /* number or 0; a power of two of them */
	uint32_t slot_mask;
	GPtrArray *entries; /* entry n-1: its first byte; the length lies before it */
	GPtrArray *chunks;
	char *free_start; /* unused rest of the latest chunk */
	size_t free_bytes;
};

struct intern *intern_create(uint32_t max_entries)
{
	struct intern *table = g_new0(struct intern, 1);

	table->max_entries = MIN(max_entries, INTERN_MAX_ENTRIES);
	table->seed = ((uint64_t)g_random_int() << 32) | g_random_int();
	table->slot_mask = 255;
	table->slots = g_new0(uint32_t, 256);
	table->entries = g_ptr_array_new();
	table->chunks = g_ptr_array_new_with_free_func(g_free);
	return table;
}

void intern_free(struct intern *table)
{
	if (!table)
		return;
	g_free(table->slots);
	g_ptr_array_unref(table->entries);
	g_ptr_array_unref(table->chunks);
	g_free(table);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 29);
}

static uint32_t hash_bytes(const struct intern *table, const char *bytes, size_t length)
{
	uint64_t hash = mix(table->seed, length);
	uint64_t word;

	for (; length >= sizeof(word); bytes += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, bytes, length);
	hash = mix(hash, word);
	return (uint32_t)(hash >> 32) ^ (uint32_t)hash;
}

size_t intern_length(const struct intern *table, uint32_t number)
{
	uint16_t length;

	memcpy(&length, intern_bytes(table, number) - HEADER_BYTES, sizeof(length));
	return length;
}

const char *intern_bytes(const struct intern *table, uint32_t number)
{
	g_assert(number >= 1 && number <= table->entries->len);
	return g_ptr_array_index(table->entries, number - 1);
}

/* The slot that holds these bytes, or the empty one where they belong. */
static uint32_t find_slot(const struct intern *table, const char *bytes, size_t length)
{
	uint32_t slot = hash_bytes(table, bytes, length) & table->slot_mask;

	for (uint32_t number; (number = table->slots[slot]); slot = (slot + 1) & table->slot_mask) {
		if (intern_length(table, number) == length &&
		    memcmp(intern_bytes(table, number), bytes, length) == 0)
			break;
	}
	return slot;
}

static void grow_slots(struct intern *table)
{
	table->slot_mask = table->slot_mask * 2 + 1;
	g_free(table->slots);
	table->slots = g_new0(uint32_t, (size_t)table->slot_mask + 1);
	for (uint32_t number = 1; number <= table->entries->len; number++) {
		const char *bytes = intern_bytes(table, number);
		uint32_t slot = find_slot(table, bytes, intern_length(table, number));

		table->slots[slot] = number;
	}
}

static char *take_space(struct intern *table, size_t bytes)
{
	char *start;

	if (bytes > table->free_bytes) {
		table->free_bytes = MAX(CHUNK_BYTES, bytes);
		table->free_start = g_malloc(table->free_bytes);
		g_ptr_array_add(table->chunks, table->free_start);
	}
	start = table->free_start;
	table->free_start += bytes;
	table->free_bytes -= bytes;
	return start;
}

uint32_t intern_put(struct intern *table, const void *bytes, size_t length)
{
	uint32_t slot = find_slot(table, bytes, length);
	uint16_t header = (uint16_t)length; /* not kept when longer, see below */
	char *start;

	if (table->slots[slot])
		return table->slots[slot];
	if (length > INTERN_ENTRY_MAX_BYTES || table->entries->len >= table->max_entries)
		return 0;
	start = take_space(table, HEADER_BYTES + length + 1);
	memcpy(start, &header, HEADER_BYTES);
	memcpy(start + HEADER_BYTES, bytes, length);
	start[HEADER_BYTES + length] = '\0';
	g_ptr_array_add(table->entries, start + HEADER_BYTES);
	table->slots[slot] = table->entries->len;
	if (table->entries->len > table->slot_mask / 4 * 3)
		grow_slots(table);
	return table->entries->len;
}

uint32_t intern_find(const struct intern *table, const void *bytes, size_t length)
{
	return table->slots[find_slot(table, bytes, length)];
}

uint32_t intern_count(const struct intern *table)
{
	return table->entries->len;
}
