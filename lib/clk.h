/* clk - the only code that reads a clock. Any thread. Never subtract one clock from the other. */
#ifndef DRIFT_CLK_H
#define DRIFT_CLK_H

#include "base.h"

/** Milliseconds of a clock that only goes forward, also while the machine is suspended
 * (CLOCK_BOOTTIME): timeouts, intervals, ages. Never stored. */
int64_t clk_mono_ms(void);

/** Milliseconds since 1970-01-01T00:00:00Z (CLOCK_REALTIME): what people and the database see. */
int64_t clk_wall_ms(void);

/** CPU time this process has used, in milliseconds (CLOCK_PROCESS_CPUTIME_ID). */
int64_t clk_cpu_ms(void);

/** Tests only: both clocks stand still at these values until the next call or clk_clear_fake(). */
void clk_set_fake(int64_t mono_ms, int64_t wall_ms);

/** Tests only: back to the real clocks. */
void clk_clear_fake(void);

#endif
