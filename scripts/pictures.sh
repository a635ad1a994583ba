#!/usr/bin/env bash
# Draws the pictures of README.md and the guide anew, with the program itself: `bash scripts/pictures.sh`.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cargo build --release --quiet
archsim="${CARGO_TARGET_DIR:-target}/release/archsim"

"$archsim" sweep scenarios/one-server.ron "how busy" --quiet --out "$out/one-server" >/dev/null
"$archsim" run scenarios/spike.ron --quiet --out "$out/spike" >/dev/null
"$archsim" run scenarios/retry-storm.ron --quiet --exit-zero --out "$out/retry-storm" >/dev/null

cp "$out/one-server/plots/sweep-users.mean.svg" docs/pictures/how-busy.svg
cp "$out/spike/plots/series.svg" docs/pictures/spike.svg
cp "$out/retry-storm/plots/series.svg" docs/pictures/retry-storm.svg
ls -l docs/pictures
