#!/usr/bin/env bash
# Memory and response time of the dashboard with many long runs: 100 runs of 100,000 logged steps unless told otherwise.
#   benchmarks/dashboard.sh [RUNS [LINES]]
set -euo pipefail
cd "$(dirname "$0")/.."
./mvnw -B -ntp -q -pl app -am test -Dtest=LoadTest -Dsurefire.failIfNoSpecifiedTests=false \
  "-Dload.runs=${1:-100}" "-Dload.lines=${2:-100000}"
