#!/usr/bin/env bash
# Makes the pictures of docs/images: the spectrum of a photograph, and the page and the report of runs.
#   benchmarks/pictures.sh RUNS PHOTO
# RUNS is a folder of finished runs, such as one of './et quickstart'. Needs Debian's chromium and chromium-driver.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=$(realpath "${1:?usage: benchmarks/pictures.sh RUNS PHOTO}")
photo=$(realpath "${2:?usage: benchmarks/pictures.sh RUNS PHOTO}")
out=$PWD/docs/images
mkdir -p "$out"
./et spectrum "$photo" --out "$out/spectrum.png" --gif "$out/spectrum.gif"
./mvnw -B -ntp -q -pl app -am test -Dtest=PicturesTest -Dsurefire.failIfNoSpecifiedTests=false \
  -DargLine="-Dpictures.runs=$runs -Dpictures.out=$out"
ls -l "$out"
