/* clk - see clk.h */
#include "clk.h"

#include <stdatomic.h>
#include <time.h>

static atomic_bool faked;
static atomic_llong fake_mono_ms;
static atomic_llong fake_wall_ms;

static int64_t read_ms(clockid_t id)
{
	struct timespec now = {0};

	(void)clock_gettime(id, &now); /* cannot fail for these three ids on Linux */
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / 1000000;
}

int64_t clk_mono_ms(void)
{
	return atomic_load(&faked) ? atomic_load(&fake_mono_ms) : read_ms(CLOCK_BOOTTIME);
}

int64_t clk_wall_ms(void)
{
	return atomic_load(&faked) ? atomic_load(&fake_wall_ms) : read_ms(CLOCK_REALTIME);
}

int64_t clk_cpu_ms(void)
{
	return read_ms(CLOCK_PROCESS_CPUTIME_ID);
}

void clk_set_fake(int64_t mono_ms, int64_t wall_ms)
{
	atomic_store(&fake_mono_ms, mono_ms);
	atomic_store(&fake_wall_ms, wall_ms);
	atomic_store(&faked, true);
}

void clk_clear_fake(void)
{
	atomic_store(&faked, false);
}
