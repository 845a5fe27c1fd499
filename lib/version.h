/* version - what this build is; build/gen/version.c is made by the Makefile. Pure: any thread. */
#ifndef DRIFT_VERSION_H
#define DRIFT_VERSION_H

#include "base.h"

/** "0.1.0" */
extern const char version_number[];

/** Full commit id the build was made from; "" when it was not made in a checkout. */
extern const char version_commit[];

/** The tree differed from that commit. */
extern const bool version_dirty;

#endif
