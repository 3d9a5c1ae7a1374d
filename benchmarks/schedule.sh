#!/usr/bin/env bash
# Accuracy with the learning rate as one curve over the run, and as in the official scripts anew in every stage:
#   benchmarks/schedule.sh --cifar10 DIR [--out DIR] [--seeds 0,1,2] [--epochs E] [--threads N]
# The recipe cifar10_resnet20_efficienttrainpp with E equivalent epochs (default 2), of which a tenth warms up, as 20 of 200 do in the
# official scripts. Goes on where it stopped. Prints accuracy per seed, mean and standard deviation.
set -euo pipefail
cd "$(dirname "$0")/.."
out=runs/schedule seeds=0,1,2 epochs=2 threads=2 cifar10=''
while [ $# -gt 1 ]; do
  case "$1" in
    --cifar10) cifar10=$2 ;;
    --out) out=$2 ;;
    --seeds) seeds=$2 ;;
    --epochs) epochs=$2 ;;
    --threads) threads=$2 ;;
    *) echo "schedule.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -d "$cifar10" ] || { echo "schedule.sh: name a folder with train/ and val/: --cifar10 DIR" >&2; exit 2; }

warmup=$(awk -v e="$epochs" 'BEGIN { print e / 10 }')
for seed in ${seeds//,/ }; do
  for schedule in perStage wholeRun; do
    run="$out/$schedule-seed$seed"
    [ ! -e "$run/summary.json" ] || continue
    echo "$(basename "$run")" >&2
    ./et train --recipe cifar10_resnet20_efficienttrainpp --data "$cifar10" --seed "$seed" --epochs "$epochs" \
      --set warmupEpochs="$warmup" --set schedule="$schedule" --set evaluateEvery=0 --threads "$threads" --out "$run" --resume >&2
  done
done
for schedule in wholeRun perStage; do
  for seed in ${seeds//,/ }; do
    grep -o '"accuracy" *: *[0-9.]*' "$out/$schedule-seed$seed/summary.json" | head -n 1 | grep -o '[0-9.]*$'
  done | awk -v s="$schedule" '{ a[NR] = 100 * $1; sum += a[NR]; line = line sprintf(" %.2f", a[NR]) }
    END { m = sum / NR; for (i in a) v += (a[i] - m) ^ 2; printf "%-9s %s   mean %.2f, sd %.2f\n", s, line, m, sqrt(v / (NR - 1)) }'
done
