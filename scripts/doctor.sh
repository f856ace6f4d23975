#!/usr/bin/env bash
# What this machine has and lacks for building, running and testing. Changes nothing.
. "$(dirname "$0")/toolchain.sh"

line() { printf '%-12s %s\n' "$1" "$2"; }
packages() {
    local name have=() lack=()
    for name; do if installed "$name"; then have+=("$name"); else lack+=("$name"); fi; done
    echo "${have[*]:-none}${lack:+; missing: ${lack[*]}}"
}

line system "$(. /etc/os-release && echo "$PRETTY_NAME"), $(nproc) cores, $(df -h --output=avail . | tail -n 1 | tr -d ' ') free here"
line node "$(node --version 2>/dev/null || echo 'missing: version 20 or newer is needed')"
rustc=$(rustup which rustc 2>/dev/null || command -v rustc || true)
if [ -n "$rustc" ]; then
    line compiler "$("$rustc" --version), $(has_wasm "$rustc" && echo 'with' || echo 'without') the target $wasm"
else
    line compiler "none of its own"
fi
line toolchain "$(cat "$cache/toolchain" 2>/dev/null || echo "the machine's where it has or can fetch the browser target, else Debian's")"
line debian "$(packages rustc-web cargo-web rust-web-src lld-19)"
line building "$(packages gcc libc6-dev)"
line testing "$(packages chromium fonts-noto-core postgresql shellcheck valgrind)"
line cache "$cache, $(du -sh "$cache" | cut -f1)"
line target "$CARGO_TARGET_DIR"
line built "$(ls -l --time-style=long-iso "$CARGO_TARGET_DIR/release/hailong" 2>/dev/null || echo 'not yet: make build')"
say "what is missing is installed by the command that needs it; the server's own doctor: hailong doctor"
