#!/usr/bin/env bash
# Accuracy and time with and without the curriculum, over seeds:
#   benchmarks/study.sh --cifar10 DIR --imagenette DIR [--out DIR] [--seeds 0,1,2] [--limit N]
# A small convolutional network and a small transformer on each, every one trained without a curriculum, with
# efficienttrain, and with efficienttrain++ at two thirds of the compute and at 1/1.8 of it. Goes on where it
# stopped; --limit ends after N runs. Leaves OUT/table.md, which docs/results.md shows. The folders are class folders with train/ and val/.
set -euo pipefail
cd "$(dirname "$0")/.."
out=runs/study seeds=0,1,2 limit=1000 cifar10='' imagenette=''
while [ $# -gt 1 ]; do
  case "$1" in
    --cifar10) cifar10=$2 ;;
    --imagenette) imagenette=$2 ;;
    --out) out=$2 ;;
    --seeds) seeds=$2 ;;
    --limit) limit=$2 ;;
    *) echo "study.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -n "$cifar10$imagenette" ] || { echo "study.sh: name a dataset: --cifar10 DIR, --imagenette DIR" >&2; exit 2; }
for data in "$cifar10" "$imagenette"; do
  [ -z "$data" ] || [ -d "$data" ] || { echo "study.sh: there is no folder $data" >&2; exit 2; }
done

# Recipes of a network, the epochs of the baseline, and the images.
cells=()
[ -z "$cifar10" ] || cells+=("cifar10_resnet20 6 $cifar10" "cifar10_cswin_tiny 4 $cifar10")
[ -z "$imagenette" ] || cells+=("imagenette_resnet18 5 $imagenette" "imagenette_deit_tiny 5 $imagenette")

mkdir -p "$out"
for seed in ${seeds//,/ }; do
  for cell in "${cells[@]}"; do
    read -r recipe epochs data <<< "$cell"
    for curriculum in baseline efficienttrain efficienttrainpp efficienttrainpp_short; do
      run="$out/$recipe-$curriculum-seed$seed"
      [ ! -e "$run/summary.json" ] || continue
      [ "$limit" -gt 0 ] || exit 0
      limit=$((limit - 1))
      case "$curriculum" in
        efficienttrainpp) less=1.5 ;;
        efficienttrainpp_short) less=1.8 ;;
        *) less=1 ;;
      esac
      length=$(awk -v e="$epochs" -v l="$less" 'BEGIN { printf "%.4f", e / l }')
      echo "$(basename "$run")" >&2
      ./et train --recipe "${recipe}_${curriculum%_short}" --data "$data" --seed "$seed" --epochs "$length" \
        --set baselineEpochs="$epochs" --set evaluateEvery=0 --out "$run" --resume >&2
    done
  done
done
benchmarks/run.sh StudyTable "$out" | tee "$out/table.md"
