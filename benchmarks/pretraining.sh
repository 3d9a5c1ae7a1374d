#!/usr/bin/env bash
# Pre-training of a small masked autoencoder with and without the curriculum, with pixels and with histograms of gradients as targets;
# each is then measured by neighbours, probed and fine-tuned, and a network from scratch gets the same time as the slowest of them.
#
#   benchmarks/pretraining.sh DATA OUT [SEEDS] [PRETRAINING_EPOCHS] [PROBE_EPOCHS] [FINETUNING_EPOCHS]
#
# DATA is CIFAR-10 in any form. Finished runs in OUT are kept, so that it goes on where it stopped. Extra options for every run: ET_STUDY_OPTIONS.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$1 out=$2 seeds=${3:-1} pre=${4:-20} probe=${5:-10} tune=${6:-6}
read -ra more <<< "${ET_STUDY_OPTIONS:-}"
mkdir -p "$out"

# A number of a finished run's summary.
value() { sed -n "s/.*\"$2\" *: *\([-0-9.eE+]*\).*/\1/p" "$1/summary.json" | head -1; }

# run FOLDER COMMAND ARGS...: one run, unless it is finished.
run() {
  local folder=$1
  shift
  [ -e "$folder/summary.json" ] || ./et "$@" --data "$data" --out "$folder" --resume --set precision=fp32 "${more[@]}"
}

table=$out/table.md
{
  echo "| target | curriculum | seed | pre-training s | kNN % | probe % | fine-tuned % | fine-tuning s |"
  echo "|---|---|---|---|---|---|---|---|"
} > "$table"
for seed in $(seq 0 $((seeds - 1))); do
  for target in pixels hog; do
    for curriculum in none efficienttrain; do
      base=$out/$target-$curriculum-$seed
      run "$base-mae" pretrain --recipe cifar10/mae_vit_tiny --curriculum "$curriculum" --epochs "$pre" --set "target=$target" --seed "$seed"
      run "$base-probe" finetune --from "$base-mae" --linear --epochs "$probe" --seed "$seed"
      run "$base-tuned" finetune --from "$base-mae" --epochs "$tune" --seed "$seed"
      awk -v t="$target" -v c="$curriculum" -v s="$seed" -v a="$(value "$base-mae" trainingSeconds)" -v k="$(value "$base-mae" knnAccuracy)" \
        -v p="$(value "$base-probe" accuracy)" -v f="$(value "$base-tuned" accuracy)" -v b="$(value "$base-tuned" trainingSeconds)" \
        'BEGIN { printf "| %s | %s | %d | %.0f | %.2f | %.2f | %.2f | %.0f |\n", t, c, s, a, 100 * k, 100 * p, 100 * f, b }' >> "$table"
    done
  done
  # From scratch for as long: as many epochs of fine-tuning as fit into the pre-training of pixels without the curriculum, and those of fine-tuning.
  base=$out/pixels-none-$seed
  epochs=$(awk -v a="$(value "$base-mae" trainingSeconds)" -v b="$(value "$base-tuned" trainingSeconds)" -v e="$tune" 'BEGIN { printf "%.1f", e * (a + b) / b }')
  run "$out/scratch-$seed" train --model vit_tiny_gap_cifar --epochs "$epochs" --seed "$seed" --set randAugment=false
  awk -v s="$seed" -v a="$(value "$out/scratch-$seed" trainingSeconds)" -v f="$(value "$out/scratch-$seed" accuracy)" \
    'BEGIN { printf "| from scratch | none | %d | | | | %.2f | %.0f |\n", s, 100 * f, a }' >> "$table"
done
cat "$table"
