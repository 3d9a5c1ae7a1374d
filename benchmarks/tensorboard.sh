#!/usr/bin/env bash
# Reads a run's event file with the real TensorBoard and compares it with metrics.jsonl.
#   benchmarks/tensorboard.sh RUN
# TensorBoard comes from PyPI into a virtual environment in a cache folder outside the repository.
set -euo pipefail
run=${1:?usage: benchmarks/tensorboard.sh RUN}
venv=${XDG_CACHE_HOME:-$HOME/.cache}/efficienttrain/tensorboard
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import tensorboard' 2>/dev/null || "$venv/bin/pip" install --quiet 'tensorboard==2.20.0' 'setuptools<81'
exec "$venv/bin/python" "$(dirname "$0")/tensorboard_check.py" "$run"
