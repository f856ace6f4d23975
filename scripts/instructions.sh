#!/usr/bin/env bash
# Counts the instructions that a response costs and holds them to bench/instructions.json, which has a figure for each
# compiler; `scripts/instructions.sh record` writes the figure of this one down instead.
. "$(dirname "$0")/build.sh"
need_packages valgrind
"$CARGO" build --locked --release -p bench
exec "$CARGO_TARGET_DIR/release/bench" "$CARGO_TARGET_DIR/release/hailong" instructions "$@"
