# shellcheck shell=bash
# The environment of a JVM that trains, for ./et and for the benchmarks that compare training. What is set already stays.

# Threads that wait a little before they sleep: as fast as threads that never sleep where the cores are idle, and
# less in the way of other work where they are not. OMP_WAIT_POLICY, where set, decides instead.
[ -n "${OMP_WAIT_POLICY:-}" ] || export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-10000}

# OpenBLAS has threads of its own. By default they spin for 2^26 cycles after a product and hold the cores that the
# next operation's threads need: a convolution after a product takes up to three times as long. 2^10 cycles, then they sleep.
export OPENBLAS_THREAD_TIMEOUT=${OPENBLAS_THREAD_TIMEOUT:-10}

# Memory that a step frees stays with the process for the next step. By default the C library maps and unmaps
# every large tensor, and the system zeroes its pages anew each time (docs/training.md, "Memory").
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-1} MALLOC_MMAP_MAX_=${MALLOC_MMAP_MAX_:-0}
export MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_:-100000000000} MALLOC_TOP_PAD_=${MALLOC_TOP_PAD_:-67108864}

# The image reader names a broken file and says what is wrong with it; OpenCV's own lines have no name.
export OPENCV_LOG_LEVEL=${OPENCV_LOG_LEVEL:-SILENT}
