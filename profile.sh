# shellcheck shell=bash
# The Maven profile of a build, for ./et and the benchmarks. Where ET_PROFILE says nothing, Linux on a processor by Intel
# gets Intel's library for products of matrices: steps of transformers in float32 take up to a quarter less time
# (docs/doctor.md, "MKL"). ET_PROFILE= builds without it.
if [ -z "${ET_PROFILE+named}" ] && [ "$(uname -s) $(uname -m)" = "Linux x86_64" ] \
  && grep -qs GenuineIntel "${ET_CPUINFO:-/proc/cpuinfo}"; then
  ET_PROFILE=mkl
fi
