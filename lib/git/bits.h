/* bits - a set of small numbers, kept in blocks so that a set with few members next to each other
 * is small. One thread. */
#ifndef DRIFT_GIT_BITS_H
#define DRIFT_GIT_BITS_H

#include "base.h"

/** Numbers in one block: 512 bytes when any of them is a member. */
#define BITS_BLOCK_NUMBERS 4096
#define BITS_BLOCK_WORDS (BITS_BLOCK_NUMBERS / 64)

/** {0} is the empty set. */
struct bits {
	uint64_t **blocks;  /* NULL: no member in this block */
	size_t block_count; /* beyond: no members */
};

/** Free what @p bits holds and leave it empty. */
void bits_clear(struct bits *bits);

void bits_add(struct bits *bits, uint32_t number);
void bits_remove(struct bits *bits, uint32_t number);

/** Add the numbers @p first..@p last. */
void bits_add_range(struct bits *bits, uint32_t first, uint32_t last);

/** Add to, or remove from, @p bits the members of @p other. */
void bits_add_all(struct bits *bits, const struct bits *other);
void bits_remove_all(struct bits *bits, const struct bits *other);

/** Have they a member in common? */
bool bits_intersect(const struct bits *a, const struct bits *b);

static inline bool bits_has(const struct bits *bits, uint32_t number)
{
	size_t block = number / BITS_BLOCK_NUMBERS;
	const uint64_t *words;

	if (block >= bits->block_count)
		return false;
	words = bits->blocks[block];
	return words && (words[number % BITS_BLOCK_NUMBERS / 64] >> (number % 64) & 1);
}

#endif
