#!/usr/bin/env bash
# Training steps, ours against PyTorch eager with timm:
#   benchmarks/steps.sh --python PATH [--official DIR] [--seconds N] [--turns N] [--models a,b] [--sizes 224,96] [--precisions fp32,bf16] [--compile]
# A step is forward, backward and AdamW on a batch of 16, on two threads. Ours chooses its kernels, alone; then all processes are started and take turns of N
# seconds, one at a time, so that what else the machine does meets all of them; what counts is the median step of all
# turns but the first two, and the process's peak of resident memory. PATH is a Python with the same PyTorch, and timm.
# Ours runs with the variables that ./et sets; PyTorch once with those of the caller and once with ours, so that
# neither side owes its lead to settings: the ratios of speed and memory are to the faster of the two.
# --compile adds a column: PyTorch through torch.compile (needs a C++ compiler).
# timm has no PVT v1 and no CSWin: DIR holds a Python module "models" whose
# build(name, size, classes, drop_path_rate) returns the official ones; without it they run alone.
set -euo pipefail
cd "$(dirname "$0")/.."
python='' official='' seconds=4 turns=8 precisions=fp32,bf16 sizes=224,96 compile=''
models=resnet50,convnext_tiny,deit_small,pvt_small,swin_tiny,cswin_tiny,caformer_s18
while [ $# -gt 0 ]; do
  case "$1" in
    --compile) compile=compile; shift; continue ;;
    --python) python=$2 ;;
    --official) official=$2 ;;
    --seconds) seconds=$2 ;;
    --turns) turns=$2 ;;
    --models) models=$2 ;;
    --sizes) sizes=$2 ;;
    --precisions) precisions=$2 ;;
    *) echo "steps.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -x "$python" ] || { echo "steps.sh: name a Python with PyTorch and timm: --python PATH" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The opponent, which is no part of the product: what a training script in Python would write.
cat > "$work/opponent.py" <<'PYTHON'
import resource, statistics, sys, time
import timm, torch

name, size, precision, seconds, turns, official = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]), int(sys.argv[5]), sys.argv[6]
torch.set_num_threads(2)
NAMES = {"deit_small": "deit_small_patch16_224", "swin_tiny": "swin_tiny_patch4_window7_224"}
if name.startswith(("pvt", "cswin")):
    sys.path.insert(0, official)
    import models
    model = models.build(name, size, 1000, drop_path_rate=0.1)
else:
    extra = {"img_size": size} if name.startswith("deit") else {}
    if name.startswith("swin"):
        extra = {"img_size": size, "window_size": size // 32}
    if name != "resnet50":
        extra["drop_path_rate"] = 0.1
    model = timm.create_model(NAMES.get(name, name), num_classes=1000, **extra)
model.train()
images = torch.randn(16, 3, size, size)
if name in ("resnet50", "convnext_tiny"):  # both sides use the faster layout for these
    model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
labels = torch.zeros(16, dtype=torch.long)
compiled = len(sys.argv) > 7
step_model = torch.compile(model) if compiled else model
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.05, fused=True)
times = []
for turn in range(turns):
    sys.stdin.readline()
    total = 0
    while total < seconds:
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = torch.nn.functional.cross_entropy(step_model(images).float(), labels, label_smoothing=0.1)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        del loss
        total += time.perf_counter() - start
        if turn >= min(2, turns - 1):
            times.append(time.perf_counter() - start)
    print("done", flush=True)
print(16 / statistics.median(times), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
PYTHON

# Builds once, then runs the class alone.
benchmarks/run.sh StepBenchmark --help > /dev/null
ours() (
  . ./environment.sh
  ET_NO_BUILD=1 benchmarks/run.sh StepBenchmark "$@" "$seconds" "${our_turns:-$turns}"
)
theirs() { "$python" "$work/opponent.py" "${@:1:3}" "$seconds" "$turns" "$official" "${@:4}" 2> "$work/err"; }
theirs_with_our_variables() (
  . ./environment.sh
  theirs "$@"
)
compiled() { theirs "$@" compile; }
# Lets the functions named from the fourth argument on take turns on a row; leaves what each printed last in $work/NAME.
race() {
  local side turn answer
  declare -A input output
  for side in "${@:4}"; do
    rm -f "$work/in" "$work/out"
    mkfifo "$work/in" "$work/out"
    "$side" "${@:1:3}" < "$work/in" > "$work/out" &
    exec {input[$side]}> "$work/in" {output[$side]}< "$work/out"
  done
  for ((turn = 0; turn < turns; turn++)); do
    for side in "${@:4}"; do
      ! echo go >&"${input[$side]}" || read -r answer <&"${output[$side]}" || true
    done
  done
  for side in "${@:4}"; do
    ! read -r answer <&"${output[$side]}" || echo "$answer" > "$work/$side"
    exec {input[$side]}>&- {output[$side]}<&-
  done
  wait
}
trap '' PIPE # one that ends early is missing from the table, no more
echo "| model | size | precision | ours, images/s | PyTorch | with our variables | ratio | our peak, MB | PyTorch | with our variables | ratio |${compile:+ torch.compile, images/s |}"
echo "|---|---|---|---|---|---|---|---|---|---|---|${compile:+---|}"
for precision in ${precisions//,/ }; do
  for size in ${sizes//,/ }; do
    for model in ${models//,/ }; do
      row=("$model" "$size" "$precision")
      sides=(ours)
      if [ -n "$official" ] || [[ $model != pvt* && $model != cswin* ]]; then
        sides+=(theirs theirs_with_our_variables ${compile:+compiled})
      fi
      for side in ours theirs theirs_with_our_variables compiled; do
        echo "0 0" > "$work/$side"
      done
      echo go | our_turns=1 ours "${row[@]}" > /dev/null
      race "${row[@]}" "${sides[@]}"
      read -r rate peak < "$work/ours"
      read -r their_rate their_peak < "$work/theirs"
      read -r tuned_rate tuned_peak < "$work/theirs_with_our_variables"
      compiled=''
      [ -z "$compile" ] || read -r compiled _ < "$work/compiled"
      awk -v compiled="${compiled:+$(printf ' %.1f |' "$compiled")}" -v row="${row[*]}" -v r="$rate" -v k="$peak" -v tr="$their_rate" -v tk="$their_peak" \
          -v ur="$tuned_rate" -v uk="$tuned_peak" 'BEGIN {
        gsub(" ", " | ", row)
        if (tr > 0) printf "| %s | %.1f | %.1f | %.1f | %.2f | %d | %d | %d | %.2f |%s\n", row, r, tr, ur, r / (tr > ur ? tr : ur), k, tk, uk, k / (tr > ur ? tk : uk), compiled
        else printf "| %s | %.1f | - | - | - | %d | - | - | - |\n", row, r, k }'
    done
  done
done
