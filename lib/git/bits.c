/* bits - see bits.h */
#include "git/bits.h"

void bits_clear(struct bits *bits)
{
	for (size_t i = 0; i < bits->block_count; i++)
		g_free(bits->blocks[i]);
	g_free(bits->blocks);
	*bits = (struct bits){0};
}

/* The words of a block, made if need be. */
static uint64_t *need_block(struct bits *bits, size_t block)
{
	if (block >= bits->block_count) {
		bits->blocks = g_renew(uint64_t *, bits->blocks, block + 1);
		while (bits->block_count <= block)
			bits->blocks[bits->block_count++] = NULL;
	}
	if (!bits->blocks[block])
		bits->blocks[block] = g_new0(uint64_t, BITS_BLOCK_WORDS);
	return bits->blocks[block];
}

void bits_add(struct bits *bits, uint32_t number)
{
	uint64_t *words = need_block(bits, number / BITS_BLOCK_NUMBERS);

	words[number % BITS_BLOCK_NUMBERS / 64] |= UINT64_C(1) << (number % 64);
}

void bits_remove(struct bits *bits, uint32_t number)
{
	if (bits_has(bits, number))
		bits->blocks[number / BITS_BLOCK_NUMBERS][number % BITS_BLOCK_NUMBERS / 64] &=
			~(UINT64_C(1) << (number % 64));
}

void bits_add_range(struct bits *bits, uint32_t first, uint32_t last)
{
	for (uint32_t number = first; number <= last; number++)
		bits_add(bits, number);
}

void bits_add_all(struct bits *bits, const struct bits *other)
{
	for (size_t i = 0; i < other->block_count; i++) {
		uint64_t *words;

		if (!other->blocks[i])
			continue;
		words = need_block(bits, i);
		for (size_t word = 0; word < BITS_BLOCK_WORDS; word++)
			words[word] |= other->blocks[i][word];
	}
}

void bits_remove_all(struct bits *bits, const struct bits *other)
{
	for (size_t i = 0; i < MIN(bits->block_count, other->block_count); i++) {
		if (!bits->blocks[i] || !other->blocks[i])
			continue;
		for (size_t word = 0; word < BITS_BLOCK_WORDS; word++)
			bits->blocks[i][word] &= ~other->blocks[i][word];
	}
}

bool bits_intersect(const struct bits *a, const struct bits *b)
{
	for (size_t i = 0; i < MIN(a->block_count, b->block_count); i++) {
		if (!a->blocks[i] || !b->blocks[i])
			continue;
		for (size_t word = 0; word < BITS_BLOCK_WORDS; word++) {
			if (a->blocks[i][word] & b->blocks[i][word])
				return true;
		}
	}
	return false;
}
