/* memory - see memory.h */
#include "daemon/memory.h"

#include "base.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

/* Code is mapped privately and never written: what is dropped is read again from its file. Data is left alone. */
static int drop_code(struct dl_phdr_info *info, size_t size, void *data)
{
	uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)data;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t begin = (info->dlpi_addr + segment->p_vaddr) & ~(page_bytes - 1);
		uintptr_t end = info->dlpi_addr + segment->p_vaddr + segment->p_filesz;

		if (segment->p_type != PT_LOAD || (segment->p_flags & (PF_X | PF_W)) != PF_X)
			continue;
		(void)madvise((void *)begin, end - begin,
			      MADV_DONTNEED); /* only advice: what stays, stays */
	}
	return 0;
}

void memory_share_heap(void)
{
	(void)mallopt(M_ARENA_MAX, 1); /* refused: more heaps, more memory, nothing else */
}

void memory_drop_startup_code(void)
{
	(void)dl_iterate_phdr(drop_code, NULL);
}

void memory_trim_heap(void)
{
	(void)malloc_trim(0); /* tells only whether there was something */
}
