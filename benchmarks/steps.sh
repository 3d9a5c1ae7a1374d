#!/usr/bin/env bash
# Training steps, ours against PyTorch eager with timm, one process a measurement, in turn:
#   benchmarks/steps.sh --python PATH [--official DIR] [--seconds N] [--rounds N] [--models a,b] [--sizes 224,96] [--precisions fp32,bf16] [--compile]
# A step is forward, backward and AdamW on a batch of 16, on two threads, for N seconds; what counts is the
# median step of the second half, and the process's peak of resident memory; over rounds, in which all take turns, the median
# of each. PATH is a Python with the same PyTorch, and timm.
# Ours runs with the variables that ./et sets; PyTorch once with those of the caller and once with ours, so that
# neither side owes its lead to settings: the ratios of speed and memory are to the faster of the two.
# --compile adds a column: PyTorch through torch.compile (needs a C++ compiler).
# timm has no PVT v1 and no CSWin: DIR holds a Python module "models" whose
# build(name, size, classes, drop_path_rate) returns the official ones; without it they run alone.
set -euo pipefail
cd "$(dirname "$0")/.."
python='' official='' seconds=20 rounds=1 precisions=fp32,bf16 sizes=224,96 compile=''
models=resnet50,convnext_tiny,deit_small,pvt_small,swin_tiny,cswin_tiny,caformer_s18
while [ $# -gt 0 ]; do
  case "$1" in
    --compile) compile=compile; shift; continue ;;
    --python) python=$2 ;;
    --official) official=$2 ;;
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    --models) models=$2 ;;
    --sizes) sizes=$2 ;;
    --precisions) precisions=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
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

name, size, precision, seconds, official = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]), sys.argv[5]
torch.set_num_threads(2)
NAMES = {"deit_small": "deit_small_patch16_224", "swin_tiny": "swin_tiny_patch4_window7_224"}
if name.startswith(("pvt", "cswin")):
    if not official:
        sys.exit("0 0")
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
compiled = len(sys.argv) > 6
step_model = torch.compile(model) if compiled else model
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.05, fused=True)
times = []
skipped = 2 if compiled else 0  # the steps that compile
while sum(times) < seconds or len(times) < 6:
    start = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        loss = torch.nn.functional.cross_entropy(step_model(images).float(), labels, label_smoothing=0.1)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    del loss
    if skipped:
        skipped -= 1
    else:
        times.append(time.perf_counter() - start)
print(16 / statistics.median(times[len(times) // 2 :]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
PYTHON

# Builds once, then runs the class alone.
benchmarks/run.sh StepBenchmark --help > /dev/null
ours() (
  . ./environment.sh
  ET_NO_BUILD=1 benchmarks/run.sh StepBenchmark "$@"
)
theirs() { "$python" "$work/opponent.py" "${@:1:3}" "$seconds" "$official" "${@:4}" 2> "$work/err" | tail -1 || true; }
theirs_with_our_variables() (
  . ./environment.sh
  theirs "$@"
)
# The median of each column of a file.
medians() {
  local column
  for column in 1 2 3 4 5 6; do
    cut -d' ' -f "$column" "$1" | sort -n | awk '{ v[NR] = $1 } END { printf "%s ", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
  done
}
echo "| model | size | precision | ours, images/s | PyTorch | with our variables | ratio | our peak, MB | PyTorch | with our variables | ratio |${compile:+ torch.compile, images/s |}"
echo "|---|---|---|---|---|---|---|---|---|---|---|${compile:+---|}"
for precision in ${precisions//,/ }; do
  for size in ${sizes//,/ }; do
    for model in ${models//,/ }; do
      row=("$model" "$size" "$precision")
      : > "$work/rounds"
      for ((round = 0; round < rounds; round++)); do
        echo "$(ours "${row[@]}" "$seconds") $(theirs "${row[@]}") $(theirs_with_our_variables "${row[@]}")" >> "$work/rounds"
      done
      read -r rate peak their_rate their_peak tuned_rate tuned_peak <<< "$(medians "$work/rounds")"
      compiled=''
      [ -z "$compile" ] || read -r compiled _ <<< "$(theirs "${row[@]}" compile)"
      awk -v compiled="${compiled:+$(printf ' %.1f |' "$compiled")}" -v row="${row[*]}" -v r="$rate" -v k="$peak" -v tr="${their_rate:-0}" -v tk="${their_peak:-0}" \
          -v ur="${tuned_rate:-0}" -v uk="${tuned_peak:-0}" 'BEGIN {
        gsub(" ", " | ", row)
        if (tr > 0) printf "| %s | %.1f | %.1f | %.1f | %.2f | %d | %d | %d | %.2f |%s\n", row, r, tr, ur, r / (tr > ur ? tr : ur), k, tk, uk, k / (tr > ur ? tk : uk), compiled
        else printf "| %s | %.1f | - | - | - | %d | - | - | - |\n", row, r, k }'
    done
  done
done
