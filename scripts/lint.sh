#!/usr/bin/env bash
# Format and lints, by rustup's tools (Debian's compiler comes without clippy), in a target folder of their own.
. "$(dirname "$0")/toolchain.sh"
export CARGO_TARGET_DIR=$cache/lint
unset CARGO RUSTC RUSTDOC
command -v rustup >/dev/null || stop "rustup is missing: the lints need its clippy and rustfmt"
need_packages shellcheck
cargo=$(rustup which cargo)
PATH=$(dirname "$cargo"):$PATH
claim_target

say "format"
cargo fmt --all --check
cargo fmt --manifest-path xtask/Cargo.toml --check
say "scripts"
shellcheck -x --source-path=SCRIPTDIR scripts/*.sh .ci/run
say "clippy, server"
cargo clippy --quiet --locked --workspace --all-targets --features app/ssr -- -D warnings
say "clippy, build tool"
cargo clippy --quiet --locked --manifest-path xtask/Cargo.toml --all-targets -- -D warnings
if has_wasm rustc; then
    say "clippy, browser"
    for feature in hydrate field; do
        cargo clippy --quiet --locked -p app --lib --no-default-features --features $feature --target "$wasm" -- -D warnings
    done
else
    say "clippy, browser: skipped, rustup's compiler has no target $wasm here"
fi
say "nothing to complain about"
