#!/usr/bin/env bash
# Pre-training of a very small masked autoencoder with and without the curriculum, with pixels and with histograms of gradients as targets;
# each is then measured by neighbours, probed and fine-tuned, and a network from scratch gets the time of pixels without the curriculum:
#   benchmarks/pretraining.sh --data DIR --labelled DIR [--out DIR] [--seeds 0,1,2] [--epochs 6] [--probe 5] [--tune 5] [--ratio 2.5]
# The first DIR is CIFAR-10 or a part of it, in any form; the second as much of it as is taken to have labels. Finished runs in OUT are kept, so that it goes on where it stopped; leaves OUT/table.md.
# --ratio is the time of an epoch of pre-training at the full size, in epochs of fine-tuning with fewer images: measured on an idle machine, it makes
# what a network from scratch gets independent of what else runs. More options for every run: ET_STUDY_OPTIONS.
set -euo pipefail
cd "$(dirname "$0")/.."
out=runs/pretraining seeds=0,1,2 data='' labelled='' epochs=6 probe=5 tune=5 ratio=2.5
while [ $# -gt 1 ]; do
  case "$1" in
    --data) data=$2 ;;
    --labelled) labelled=$2 ;;
    --out) out=$2 ;;
    --seeds) seeds=$2 ;;
    --epochs) epochs=$2 ;;
    --probe) probe=$2 ;;
    --tune) tune=$2 ;;
    --ratio) ratio=$2 ;;
    *) echo "pretraining.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -n "$data" ] && [ -n "$labelled" ] || { echo "pretraining.sh: name the images: --data DIR --labelled DIR" >&2; exit 2; }
read -ra more <<< "${ET_STUDY_OPTIONS:-}"
mkdir -p "$out"

# A number of a finished run's summary.
value() { sed -n "s/.*\"$2\" *: *\([-0-9.eE+]*\).*/\1/p" "$1/summary.json" | head -1; }

# run FOLDER COMMAND ARGS...: one run, unless it is finished.
run() {
  local folder=$1
  shift
  [ ! -e "$folder/summary.json" ] || return 0
  echo "$(basename "$folder")" >&2
  ./et "$@" --out "$folder" --resume --seed "$seed" --set precision=fp32 --set evaluateEvery=0 "${more[@]}" >&2
}

# The same settings for networks that were pre-trained and for those that were not.
classifier=(--recipe cifar10/deit_tiny --model vit_mini_gap_cifar --batch-size 64)
table=$out/table.md
{
  echo "| target | curriculum | seed | kNN % | probe % | fine-tuned % |"
  echo "|---|---|---|---|---|---|"
} > "$table"
for seed in ${seeds//,/ }; do
  for target in pixels hog; do
    for curriculum in none efficienttrain; do
      base=$out/$target-$curriculum-seed$seed
      run "$base-mae" pretrain --data "$data" --recipe cifar10/mae_vit_mini --curriculum "$curriculum" --epochs "$epochs" --set "target=$target"
      run "$base-tuned" finetune --data "$labelled" --from "$base-mae" "${classifier[@]}" --epochs "$tune"
      run "$base-probe" finetune --data "$labelled" --from "$base-mae" --linear --epochs "$probe"
      awk -v t="$target" -v c="$curriculum" -v s="$seed" -v k="$(value "$base-mae" knnAccuracy)" \
        -v p="$(value "$base-probe" accuracy)" -v f="$(value "$base-tuned" accuracy)" \
        'BEGIN { printf "| %s | %s | %d | %.2f | %.2f | %.2f |\n", t, c, s, 100 * k, 100 * p, 100 * f }' >> "$table"
    done
  done
  longer=$(awk -v e="$epochs" -v r="$ratio" -v t="$tune" 'BEGIN { printf "%.1f", e * r + t }')
  run "$out/scratch-seed$seed" train --data "$labelled" "${classifier[@]}" --epochs "$longer"
  awk -v s="$seed" -v l="$longer" -v f="$(value "$out/scratch-seed$seed" accuracy)" \
    'BEGIN { printf "| from scratch, %s epochs | none | %d | | | %.2f |\n", l, s, 100 * f }' >> "$table"
done
cat "$table"
