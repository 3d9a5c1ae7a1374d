#!/usr/bin/env bash
# A greedy and a compute-constrained search with a small ResNet on CIFAR-10, and what they found against the presets and the baseline,
# three seeds each. Usage: benchmarks/search.sh DATA OUT [EPOCHS] [MODEL]; DATA is CIFAR-10 in any form that ./et train takes.
# Started again it goes on. One thread; a table of all accuracies in OUT/table.tsv.
set -euo pipefail
data=$1 out=$2 epochs=${3:-4} model=${4:-resnet20_cifar}
cd "$(dirname "$0")/.."
mkdir -p "$out"
common=(--data "$data" --model "$model" --epochs "$epochs" --threads 1)
for algorithm in compute greedy; do
  ./et search "${common[@]}" --algorithm $algorithm --stages 5 --candidates 16,20,24,28,32 --out "$out/$algorithm" 2>&1 | tee -a "$out/$algorithm.log"
done
printf 'curriculum\tseed\taccuracy\tequivalentEpochs\ttrainingSeconds\n' >"$out/table.tsv"
for seed in 1 2 3; do # none of which the searches have seen
  for curriculum in none efficienttrain efficienttrain++ "$out/compute/curriculum.yaml" "$out/greedy/curriculum.yaml"; do
    name=$(basename "${curriculum%/curriculum.yaml}")
    run="$out/whole/$name-$seed"
    [ -e "$run/summary.json" ] ||
      ./et train "${common[@]}" --curriculum "$curriculum" --seed $seed --set evaluateEvery=0 --out "$run" --resume >>"$out/whole.log" 2>&1
    value() { sed -n "s/^  \"$1\" : \([0-9.eE+-]*\),\{0,1\}$/\1/p" "$run/summary.json" | head -1; }
    printf '%s\t%s\t%s\t%s\t%s\n' "$name" $seed "$(value accuracy)" "$(value equivalentEpochs)" "$(value trainingSeconds)" >>"$out/table.tsv"
  done
done
cat "$out/table.tsv"
