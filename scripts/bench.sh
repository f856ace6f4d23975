#!/usr/bin/env bash
# The first figures: writes, pages and memory, beside the bare machine's. RESPONSES says how many there are for the
# large ones (default: a million).
. "$(dirname "$0")/build.sh"
need_packages postgresql
"$CARGO" build --locked --release -p bench
say "measuring, about five minutes; leave the machine alone meanwhile"
exec "$CARGO_TARGET_DIR/release/bench" "$CARGO_TARGET_DIR/release/hailong" ${RESPONSES:+"$RESPONSES"}
