#!/usr/bin/env bash
# A greedy and a compute-constrained search on CIFAR-10, and what they found against the presets and the baseline over seeds that the
# searches have not seen: benchmarks/search.sh --cifar10 DIR [--recipe NAME] [--model NAME] [--out DIR] [--search-epochs E] [--epochs E] [--seeds 1,2,3]
#   [--stages N] [--candidates B,...]
# The searches train and measure on DIR/train alone, a tenth of it held back; whole runs are measured on DIR/val. Two trainings at once, one
# thread each. Started again it goes on. All accuracies in OUT/table.tsv, the means on standard output.
set -euo pipefail
cd "$(dirname "$0")/.."
cifar10='' recipe=cifar10/resnet20 model='' out=runs/search-study search_epochs=1.5 epochs=3 seeds=1,2,3 stages=5 candidates=16,20,24,28,32
while [ $# -gt 1 ]; do
  case "$1" in
    --cifar10) cifar10=$2 ;;
    --recipe) recipe=$2 ;;
    --model) model=$2 ;;
    --out) out=$2 ;;
    --search-epochs) search_epochs=$2 ;;
    --epochs) epochs=$2 ;;
    --seeds) seeds=$2 ;;
    --stages) stages=$2 ;;
    --candidates) candidates=$2 ;;
    *) echo "search.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -d "$cifar10/train" ] && [ -d "$cifar10/val" ] || { echo "search.sh: name a folder with train/ and val/: --cifar10 DIR" >&2; exit 2; }
mkdir -p "$out"
network=(--recipe "$recipe" ${model:+--model "$model"})

# The recipe at another length, of which a tenth warms up; a curriculum by compute may spend less than all of it.
length() { echo --epochs "${2:-$1}" --set baselineEpochs="$1" --set warmupEpochs="$(awk -v e="$1" 'BEGIN { print e / 10 }')"; }

for algorithm in compute greedy; do
  [ -e "$out/$algorithm/curriculum.yaml" ] && continue
  SECONDS=0
  # shellcheck disable=SC2046
  ./et search --data "$cifar10/train" "${network[@]}" $(length "$search_epochs") --algorithm $algorithm --stages "$stages" \
    --candidates "$candidates" --seeds 2 --parallel 2 --out "$out/$algorithm" 2>&1 | tee -a "$out/$algorithm.log"
  echo "$algorithm took $SECONDS s" | tee -a "$out/$algorithm.log"
done

budget=$(awk -v e="$epochs" 'BEGIN { print e * 2 / 3 }')
train() { # CURRICULUM NAME SEED: of efficienttrain++ and what compute found, two thirds of the epochs' compute
  local run="$out/whole/$2-$3" compute=$epochs
  [ ! -e "$run/summary.json" ] || return 0
  case "$2" in efficienttrain++ | compute) compute=$budget ;; esac
  # shellcheck disable=SC2046
  ./et train --data "$cifar10" "${network[@]}" $(length "$epochs" "$compute") --curriculum "$1" --seed "$3" --threads 1 \
    --set evaluateEvery=0 --out "$run" --resume >"$out/$2-$3.log" 2>&1
}
for seed in ${seeds//,/ }; do
  for curriculum in none efficienttrain efficienttrain++ "$out/compute/curriculum.yaml" "$out/greedy/curriculum.yaml"; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
    train "$curriculum" "$(basename "${curriculum%/curriculum.yaml}")" "$seed" &
  done
done
wait

printf 'curriculum\tseed\taccuracy\tequivalentEpochs\ttrainingSeconds\n' >"$out/table.tsv"
for seed in ${seeds//,/ }; do
  for name in none efficienttrain efficienttrain++ compute greedy; do
    value() { sed -n "s/^  \"$1\" : \([0-9.eE+-]*\),\{0,1\}$/\1/p" "$out/whole/$name-$seed/summary.json" | head -1; }
    printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$seed" "$(value accuracy)" "$(value equivalentEpochs)" "$(value trainingSeconds)" >>"$out/table.tsv"
  done
done
awk -F '\t' 'NR > 1 { if (!($1 in n)) order[++k] = $1; n[$1]++; a[$1] += $3; s[$1] += $3 * $3; e[$1] = $4; t[$1] += $5 }
  END { print "curriculum\taccuracy, %\tequivalent epochs\ttraining, s"
        for (i = 1; i <= k; i++) { c = order[i]; m = a[c] / n[c]; v = n[c] > 1 ? (s[c] - n[c] * m * m) / (n[c] - 1) : 0
          printf "%s\t%.2f +- %.2f\t%.2f\t%.0f\n", c, 100 * m, 100 * sqrt(v > 0 ? v : 0), e[c], t[c] / n[c] } }' "$out/table.tsv"
