# shellcheck shell=bash
# The Maven profile of a build, for ./et and the benchmarks. Where ET_PROFILE says nothing, Linux gets Intel's library for
# products of matrices on processors by Intel and on those without AVX-512: steps of transformers in float32 take up to a
# quarter less time there (docs/doctor.md, "MKL"). ET_PROFILE= builds without it.
if [ -z "${ET_PROFILE+named}" ] && [ "$(uname -s) $(uname -m)" = "Linux x86_64" ]; then
  cpuinfo=${ET_CPUINFO:-/proc/cpuinfo}
  if grep -qs GenuineIntel "$cpuinfo" || { grep -qws avx2 "$cpuinfo" && ! grep -qws avx512f "$cpuinfo"; }; then
    ET_PROFILE=mkl
  fi
fi
case ${ET_PROFILE:-} in
  '' | mkl | cuda) ;;
  *)
    echo "ET_PROFILE says '$ET_PROFILE': it can be cuda, mkl, or empty for neither." >&2
    exit 2
    ;;
esac
