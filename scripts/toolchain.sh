# shellcheck shell=bash
# Sourced by the scripts that compile. Chooses the one toolchain that builds the server and the browser bundle alike
# (the names of islands are hashes of tokens as the compiler prints them, so two compilers would not agree), and
# exports it by absolute path: CARGO, RUSTC, RUSTDOC and what Cargo needs to link for wasm32-unknown-unknown.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

wasm=wasm32-unknown-unknown
least=1.94

new_enough() { dpkg --compare-versions "$("$1" --version 2>/dev/null | cut -d' ' -f2)" ge "$least"; }
has_wasm() { [ -d "$("$1" --print sysroot)/lib/rustlib/$wasm/lib" ]; }

# The compiler the machine came with, where it has the browser target or rustup can fetch it. Asked once: where the
# network holds rustup's server back the attempt hangs, and the answer `debian` is remembered in $cache/toolchain.
# Its own standard library works, and is made for speed: where its source can be had too, a small one takes its place.
# That is asked once as well: $cache/no-source remembers that it could not be had.
machine_toolchain() {
    local rustc
    [ "$(cat "$cache/toolchain" 2>/dev/null)" != debian ] || return 1
    rustc=$(rustup which rustc 2>/dev/null || command -v rustc || true)
    [ -n "$rustc" ] && [ "$rustc" != /usr/bin/rustc ] && new_enough "$rustc" || return 1
    if ! has_wasm "$rustc"; then
        command -v rustup >/dev/null || return 1
        say "the compiler lacks the target $wasm: asking rustup for it (60 seconds at most, once)"
        if ! timeout 60 rustup target add "$wasm" >"$cache/rustup.log" 2>&1 </dev/null; then
            say "rustup cannot fetch it here: Debian's own compiler for the browser builds everything from now on"
            say "(remembered in $cache/toolchain: remove that file to ask again)"
            echo debian >"$cache/toolchain"
            return 1
        fi
    fi
    use_toolchain "$(dirname "$rustc")"
    if ! has_source && command -v rustup >/dev/null && [ ! -e "$cache/no-source" ]; then
        say "asking rustup for the source of Rust's standard library (60 seconds at most, once)"
        timeout 60 rustup component add rust-src >>"$cache/rustup.log" 2>&1 </dev/null || touch "$cache/no-source"
    fi
    if ! has_source || ! small_std; then
        say "the bundle is made with the compiler's own standard library, and weighs more"
    fi
}

# Debian's packages. Their std for the browser comes as source only.
debian_toolchain() {
    need_packages rustc-web cargo-web rust-web-src lld-19
    new_enough /usr/bin/rustc || stop "Debian's rustc-web is $(/usr/bin/rustc --version), $least is the least: run apt-get update && apt-get upgrade rustc-web cargo-web rust-web-src"
    use_toolchain /usr/bin
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19
    small_std || stop "the bundle cannot be made without it"
}

has_source() { [ -d "$("$RUSTC" --print sysroot)/lib/rustlib/src/rust/library" ]; }

# The standard library for the browser, compiled once per compiler for size and kept beside the cache.
small_std() {
    local sysroot
    sysroot=$cache/sysroot/$("$RUSTC" -vV | sha256sum | cut -c1-16)-small-lto
    [ -d "$sysroot" ] || build_std "$sysroot" || return 1
    wasm_flags="$wasm_flags --sysroot=$sysroot"
}

build_std() {
    say "compiling Rust's standard library for the browser (half a minute, once)"
    local work
    work=$(mktemp -d)
    mkdir -p "$work/src" "$work/sysroot/lib/rustlib/$wasm/lib"
    printf '[package]\nname = "empty"\nversion = "0.1.0"\nedition = "2024"\n[lib]\n[workspace]\n' >"$work/Cargo.toml"
    echo '#![no_std]' >"$work/src/lib.rs"
    # Small rather than quick, as the bundle is: a tablet fetches it over a village's network. With its bitcode, which the
    # bundle's link-time optimisation needs and Cargo leaves out of a library that is built without it.
    if ! (cd "$work" && RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$work/target CARGO_PROFILE_RELEASE_OPT_LEVEL=z \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS='-C embed-bitcode=yes' "$CARGO" build \
        --quiet --release --target "$wasm" -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size) \
        >"$cache/std.log" 2>&1; then
        tail -n 20 "$cache/std.log" >&2
        say "that did not work; all it said is in $cache/std.log"
        rm -rf "$work"
        return 1
    fi
    cp "$work/target/$wasm/release/deps/"*.rlib "$work/sysroot/lib/rustlib/$wasm/lib/"
    rm -f "$work/sysroot/lib/rustlib/$wasm/lib/"libempty-*
    mkdir -p "$(dirname "$1")"
    mv "$work/sysroot" "$1"
    rm -rf "$work"
}

use_toolchain() {
    export CARGO=$1/cargo RUSTC=$1/rustc RUSTDOC=$1/rustdoc
}

need_toolchain() {
    need_packages gcc libc6-dev
    # A target's own flags replace those of .cargo/config.toml, so they are said again.
    wasm_flags='--cfg erase_components'
    machine_toolchain || debian_toolchain
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=$wasm_flags
    say "compiler: $("$RUSTC" --version) ($RUSTC)"
    claim_target
}
