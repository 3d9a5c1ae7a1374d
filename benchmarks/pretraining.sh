#!/usr/bin/env bash
# Pre-training of a very small masked autoencoder with and without the curriculum, with pixels and with histograms of gradients as targets, over
# seeds; each is measured by neighbours, probed and fine-tuned with few labels, and a network from scratch gets the same total time:
#   benchmarks/pretraining.sh --data DIR [--out DIR] [--seeds 0,1,2] [--targets pixels,hog] [--curricula none,efficienttrain]
#     [--epochs 6] [--labels 50] [--tune 15] [--probe 30] [--scratch 60]
# DIR is Imagenette as class folders with train/ and val/. --labels images of each class are taken to have labels. --scratch is the epochs that a
# network from scratch gets: as long as pre-training on pixels without the curriculum and fine-tuning; measure it on an idle machine.
# Finished runs in OUT are kept, so that it goes on where it stopped. Leaves OUT/table.md and OUT/pretraining.svg. More options for every
# run: ET_STUDY_OPTIONS.
set -euo pipefail
cd "$(dirname "$0")/.."
out=runs/pretraining seeds=0,1,2 targets=pixels,hog curricula=none,efficienttrain data='' epochs=6 labels=50 tune=15 probe=30 scratch=60
while [ $# -gt 1 ]; do
  case "$1" in
    --data) data=$2 ;;
    --out) out=$2 ;;
    --seeds) seeds=$2 ;;
    --targets) targets=$2 ;;
    --curricula) curricula=$2 ;;
    --epochs) epochs=$2 ;;
    --labels) labels=$2 ;;
    --tune) tune=$2 ;;
    --probe) probe=$2 ;;
    --scratch) scratch=$2 ;;
    *) echo "pretraining.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -d "$data/train" ] && [ -d "$data/val" ] || { echo "pretraining.sh: name a folder with train/ and val/: --data DIR" >&2; exit 2; }
read -ra more <<< "${ET_STUDY_OPTIONS:-}"

# The images with labels: the first of each class by name.
labelled=$out/labelled-$labels
if [ ! -e "$labelled/val" ]; then
  for class in "$data"/train/*/; do
    folder=$labelled/train/$(basename "$class")
    mkdir -p "$folder"
    find "$class" -type f | LC_ALL=C sort | sed "${labels}q" | xargs -d '\n' cp -t "$folder"
  done
  cp -r "$data/val" "$labelled/val"
fi

# run FOLDER COMMAND ARGS...: one run, unless it is finished.
run() {
  local folder=$1
  shift
  [ ! -e "$folder/summary.json" ] || return 0
  echo "$(basename "$folder")" >&2
  ./et "$@" --out "$folder" --resume --seed "$seed" --precision bf16 --set evaluateEvery=0 "${more[@]}" >&2
}

for seed in ${seeds//,/ }; do
  for target in ${targets//,/ }; do
    for curriculum in ${curricula//,/ }; do
      base=$out/$target-$curriculum-seed$seed
      run "$base-mae" pretrain --data "$data" --recipe imagenette/mae_vit_mini --curriculum "$curriculum" --epochs "$epochs" --set "target=$target"
      run "$base-probe" finetune --data "$labelled" --from "$base-mae" --image-size 48 --linear --epochs "$probe"
    done
  done
done
# The same settings for networks that were pre-trained and for those that were not; layer-wise decay comes with fine-tuning.
tuning=(--data "$labelled" --image-size 48 --batch-size 32 --lr 0.001)
for seed in ${seeds//,/ }; do
  for target in ${targets//,/ }; do
    for curriculum in ${curricula//,/ }; do
      base=$out/$target-$curriculum-seed$seed
      run "$base-tuned" finetune --from "$base-mae" "${tuning[@]}" --epochs "$tune"
    done
  done
  [ "$scratch" = 0 ] || run "$out/scratch-none-seed$seed-tuned" train --model vit_mini_gap_cifar "${tuning[@]}" --epochs "$scratch"
done
# What a step takes, one thread, nothing else running.
for target in ${targets//,/ }; do
  [ -e "$out/steps-$target.txt" ] || ./et benchmark curriculum --model mae_vit_mini_cifar --image-size 48 --batch-size 128 --micro-batch 128 \
    --precision bf16 --threads 1 --rounds 7 --set "target=$target" > "$out/steps-$target.txt"
done
benchmarks/run.sh PretrainingTable "$out" "$out/pretraining.svg" | tee "$out/table.md"
