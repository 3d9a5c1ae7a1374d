#!/usr/bin/env bash
# Images per second, ours against torchvision + Pillow, alternating in one run:
#   benchmarks/images.sh --data FOLDER [--python PATH] [--workers 1,2] [--seconds N] [--rounds N]
# FOLDER holds class folders of images; several may be named. PATH is a Python with torchvision and
# timm; without one, only ours is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The opponent, which is no part of the product: what a training script in Python would write.
# Reads lines "SIDE FULL MAGNITUDE WORKERS SECONDS", answers each with images per second. FULL is
# the size of the crop; a smaller SIDE is reached by a Lanczos resize, as EfficientTrain++ does.
cat > "$work/opponent.py" <<'PYTHON'
import sys, time, torch
from PIL import Image
from timm.data import auto_augment
from torchvision import datasets, transforms as T
from torchvision.transforms import InterpolationMode as Mode

torch.set_num_threads(1)
posterize = auto_augment.posterize  # newer Pillow refuses 0 bits, which timm may draw
auto_augment.NAME_TO_OP["PosterizeIncreasing"] = lambda img, bits, **k: posterize(img, max(bits, 1))
print("ready", flush=True)
for line in sys.stdin:
    side, full, magnitude, workers, seconds = map(int, line.split())
    steps = [T.RandomResizedCrop(full, interpolation=Mode.BICUBIC), T.RandomHorizontalFlip()]
    if magnitude >= 0:
        steps.append(auto_augment.rand_augment_transform(
            f"rand-m{magnitude}-mstd0.5-inc1",
            dict(translate_const=100, img_mean=(124, 116, 104), interpolation=Image.BICUBIC)))
    if side < full:
        steps.append(T.Resize(side, interpolation=Mode.LANCZOS))
    data = datasets.ImageFolder(sys.argv[1], T.Compose(steps + [T.PILToTensor()]))
    sampler = torch.utils.data.RandomSampler(data, replacement=True, num_samples=10**9)
    loader = iter(torch.utils.data.DataLoader(data, 64, sampler=sampler, num_workers=workers))
    for _ in range(2 * workers + 1):
        next(loader)
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        count += len(next(loader)[0])
    print(count / (time.perf_counter() - start), flush=True)
    del loader
PYTHON

folders=()
options=(--opponent "$work/opponent.py")
while [ $# -gt 0 ]; do
  if [ "$1" = --data ]; then folders+=("$2"); else options+=("$1" "$2"); fi
  shift 2
done
[ ${#folders[@]} -gt 0 ] || { echo "images.sh: name a folder of images: --data FOLDER" >&2; exit 2; }
for folder in "${folders[@]}"; do
  [ -d "$folder" ] || { echo "images.sh: there is no folder $folder" >&2; exit 2; }
done
for folder in "${folders[@]}"; do
  benchmarks/run.sh ImageThroughput --data "$folder" "${options[@]}"
done
