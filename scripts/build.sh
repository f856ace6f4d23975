#!/usr/bin/env bash
# Builds the bundle for the browser, then the one binary that holds it. Sourced by the scripts that go on from there.
. "$(dirname "$0")/toolchain.sh"
need_toolchain
node_modules xtask
say "bundle for the browser"
"$CARGO" run --quiet --locked --release --manifest-path xtask/Cargo.toml -- bundle
say "server"
"$CARGO" build --locked --release -p server --bin hailong
say "built $CARGO_TARGET_DIR/release/hailong"
