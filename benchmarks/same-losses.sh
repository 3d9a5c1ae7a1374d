#!/usr/bin/env bash
# Trains the same recipes with another revision and with this tree, and compares bit by bit:
#   benchmarks/same-losses.sh REVISION [--only NAME]
# For every row of the table below: 32 steps, then the losses of metrics.jsonl and every tensor of the finished weights, of which
# each bit follows from all losses before. Prints a line a row; exit 1 where one differs. REVISION is built in a temporary
# folder; both train on the same pictures, on this machine, with one thread each.
# A row that the other revision refuses is reported as new and does not count.
set -euo pipefail
cd "$(dirname "$0")/.."
export ET_KERNELS=rule # not by measurement: two that are equally fast differ in the last bit
export ET_PROFILE= # one library of products on both sides
revision=${1:?usage: benchmarks/same-losses.sh REVISION [--only NAME]}
only=''
[ "${2:-}" != --only ] || only=$3
work=$(mktemp -d)
trap 'git worktree remove --force "$work/then" 2>/dev/null; rm -rf "$work"' EXIT
git worktree add -q --detach "$work/then" "$revision"

small="--image-size 32 --batch-size 32 --epochs 2"
middle="--image-size 64 --batch-size 32 --epochs 2"
rows() { cat <<ROWS
resnet-sgd         --model resnet18 $middle --curriculum efficienttrain
resnet-fp16        --model resnet18 $middle --curriculum efficienttrain++ --set precision=fp16
resnet-lanczos     --model resnet20_cifar $small --curriculum efficienttrain++ --set crop=lanczos --set repeats=2
resnet-dct         --model resnet20_cifar $small --curriculum efficienttrain --set crop=dct --set eraseAfterCrop=true --set erasing=0.5
convnext-average   --model convnext_tiny $middle --curriculum none --set emaDecay=0.9 --set layerDecay=0.8
deit-mixing        --model deit_tiny $small --curriculum efficienttrain --set mixup=0.8 --set cutmix=1.0 --set erasing=0.25 --set dropPath=0.1
deit-three         --model deit_tiny $small --curriculum efficienttrain++ --set threeAugment=true --set randAugment=false
pvt-accumulation   --model pvt_tiny $middle --curriculum efficienttrain --set microBatch=8
swin-lamb          --model swin_tiny $middle --curriculum efficienttrain++ --set optimizer=lamb --set bandwidthMultiple=32
cswin-bf16         --model cswin_tiny $middle --curriculum none --set precision=bf16
caformer-share     --model caformer_s18 $middle --curriculum none --set warmupShare=0.2 --set labelSmoothing=0.1
ROWS
}

# What a run is compared by: losses in order, and a digest of the bytes of all weights.
fingerprint() {
  grep -o '"\(loss\|trainingLoss\)":[^,}]*' "$1/metrics.jsonl"
  local header
  header=$(od -An -N8 -tu8 "$1/model.safetensors" | tr -d ' ')
  tail -c "+$((header + 9))" "$1/model.safetensors" | sha256sum
}

echo "building $revision and this tree ..." >&2
"$work/then/et" models >/dev/null
./et models >/dev/null
cat >"$work/Pictures.java" <<'JAVA'
import java.awt.image.BufferedImage;
import java.io.File;
import java.util.Random;
import javax.imageio.ImageIO;

/** Five classes of 72 x 64 pictures: stripes of five directions under noise. */
class Pictures {
  public static void main(String[] args) throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 576; i++) {
      int kind = i % 5;
      BufferedImage picture = new BufferedImage(72, 64, BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 72; x++) {
          double wave = Math.sin((x * Math.cos(kind) + y * Math.sin(kind)) / (2 + i % 7));
          int grey = (int) (128 + 60 * wave + random.nextInt(64));
          picture.setRGB(x, y, grey << 16 | (grey + i * 7) % 256 << 8 | 255 - grey);
        }
      }
      File folder = new File(args[0], (i < 512 ? "train/" : "val/") + kind);
      folder.mkdirs();
      ImageIO.write(picture, "png", new File(folder, i + ".png"));
    }
  }
}
JAVA
java -Djava.awt.headless=true "$work/Pictures.java" "$work/pictures"
failed=0
while read -r name options; do
  [ -z "$only" ] || [ "$only" = "$name" ] || continue
  for side in then now; do
    et=./et
    [ "$side" = now ] || et=$work/then/et
    # shellcheck disable=SC2086
    "$et" train --data "$work/pictures" --set precision=fp32 $options --seed 7 --threads 1 --out "$work/$side-$name" \
      >"$work/$side-$name.log" 2>&1 || echo "refused: $(grep -m 1 "^et: " "$work/$side-$name.log" || tail -n 1 "$work/$side-$name.log")" >"$work/$side-$name.refused"
  done
  if [ -e "$work/then-$name.refused" ]; then
    printf '%-18s new: the other revision %s\n' "$name" "$(cat "$work/then-$name.refused")"
  elif [ -e "$work/now-$name.refused" ]; then
    printf '%-18s %s\n' "$name" "$(cat "$work/now-$name.refused")"
    failed=1
  elif diff <(fingerprint "$work/then-$name") <(fingerprint "$work/now-$name") >"$work/$name.diff"; then
    printf '%-18s same: %s losses and all weights\n' "$name" "$(fingerprint "$work/now-$name" | grep -c '"loss"')"
  else
    printf '%-18s DIFFERENT\n' "$name"
    head -n 6 "$work/$name.diff"
    failed=1
  fi
done < <(rows)
exit $failed
