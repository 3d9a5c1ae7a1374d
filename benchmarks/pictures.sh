#!/usr/bin/env bash
# Makes the pictures of docs/images: a photograph's spectrum, the page and the report of runs, and the curves of two runs.
#   benchmarks/pictures.sh RUNS COMPARISON PHOTO
# RUNS and COMPARISON are folders of finished runs, such as one of './et quickstart'. Needs Debian's chromium and chromium-driver.
set -euo pipefail
usage="usage: benchmarks/pictures.sh RUNS COMPARISON PHOTO"
runs=$(realpath "${1:?$usage}")
comparison=$(realpath "${2:?$usage}")
photo=$(realpath "${3:?$usage}")
cd "$(dirname "$0")/.."
out=$PWD/docs/images
mkdir -p "$out"
./et spectrum "$photo" --out "$out/spectrum.png"
./et spectrum "$photo" --out "$out/small.png" --gif "$out/spectrum.gif" --image-size 160
rm "$out/small.png"
./mvnw -B -ntp -q -pl app -am test -Dtest=PicturesTest -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dpictures.runs=$runs" "-Dpictures.comparison=$comparison" "-Dpictures.out=$out"
ls -l "$out"
