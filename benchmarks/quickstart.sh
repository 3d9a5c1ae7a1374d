#!/usr/bin/env bash
# Whether ./et quickstart tells the truth: its three runs over seeds, in each precision and on each instruction set:
#   benchmarks/quickstart.sh [--seeds 0,1,...,9] [--precisions fp32,bf16] [--isas native,avx2] [--out DIR] [--threads N] [--jobs N]
# avx2 lets the libraries take the processor for one without AVX-512. --jobs is how many run at a time, with
# --threads each. Goes on where it stopped. Leaves OUT/table.md, which docs/results.md shows, and says which promise is broken.
set -euo pipefail
cd "$(dirname "$0")/.."
out=runs/quickstart-table seeds=0,1,2,3,4,5,6,7,8,9 precisions=fp32,bf16 isas=native,avx2 threads='' jobs=1
while [ $# -gt 1 ]; do
  case "$1" in
    --seeds) seeds=$2 ;;
    --precisions) precisions=$2 ;;
    --isas) isas=$2 ;;
    --out) out=$2 ;;
    --threads) threads=$2 ;;
    --jobs) jobs=$2 ;;
    *) echo "quickstart.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ $# = 0 ] || { echo "quickstart.sh: $1 needs a value" >&2; exit 2; }

cell() {
  local isa=$1 precision=$2 seed=$3
  local folder="$out/$isa-$precision-seed$seed"
  [ ! -e "$folder/efficienttrain++/summary.json" ] || return 0
  unset OPENBLAS_CORETYPE ONEDNN_MAX_CPU_ISA ATEN_CPU_CAPABILITY MKL_ENABLE_INSTRUCTIONS
  if [ "$isa" = avx2 ]; then
    export ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 OPENBLAS_CORETYPE=Haswell MKL_ENABLE_INSTRUCTIONS=AVX2
  fi
  mkdir -p "$folder"
  echo "$folder" >&2
  ./et quickstart --seed "$seed" --precision "$precision" --out "$folder" --resume ${threads:+--threads "$threads"} \
    >"$folder/log.txt" 2>&1 || tail -n 3 "$folder/log.txt" >&2
}

mkdir -p "$out"
./et --version >/dev/null # builds, once
for seed in ${seeds//,/ }; do
  for isa in ${isas//,/ }; do
    for precision in ${precisions//,/ }; do
      while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        sleep 0.2
      done
      cell "$isa" "$precision" "$seed" &
    done
  done
done
wait
benchmarks/run.sh QuickstartTable "$out" | tee "$out/table.md"
