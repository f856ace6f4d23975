# shellcheck shell=bash
# Sourced by the scripts beside it: where things are, how to say something, what the machine still needs.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
cache=${HOME:-/root}/.cache/hailong
mkdir -p "$cache"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}

say() { printf '• %s\n' "$*" >&2; }
stop() { printf '✗ %s\n' "$*" >&2; exit 3; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]; }

# need_packages NAME…: installs the Debian packages that are missing, or says the exact command and stops.
need_packages() {
    local missing=() name as_root=()
    for name; do installed "$name" || missing+=("$name"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "missing Debian packages: ${missing[*]}"
    command -v apt-get >/dev/null || stop "no apt-get here: install what these Debian packages hold, then try again"
    local install="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || stop "run this as root, then try again: apt-get update && $install"
        as_root=(sudo)
    fi
    if [ ! -e "$cache/apt-updated" ] || [ -n "$(find "$cache/apt-updated" -mmin +60)" ]; then
        say "asking Debian for its current lists (apt-get update)"
        "${as_root[@]}" apt-get update -qq -o DPkg::Lock::Timeout=120 >&2 || say "some lists could not be had; going on with the others"
        touch "$cache/apt-updated"
    fi
    check_candidates "${missing[@]}"
    say "installing them"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=120 "${missing[@]}" >"$cache/apt.log" 2>&1 </dev/null ||
        { tail -n 20 "$cache/apt.log" >&2; stop "apt-get could not install ${missing[*]}; all it said is in $cache/apt.log"; }
}

# What Debian's compiler for the browser asks of the release: a version new enough, and no rival package.
check_candidates() {
    local name candidate
    case " $* " in *' rustc-web '*) ;; *) return 0 ;; esac
    for name in rustc cargo rustup rustc-mozilla cargo-mozilla rust-src; do
        ! installed "$name" || stop "Debian's package $name conflicts with rustc-web: remove it (apt-get remove $name), or let rustup fetch its target wasm32-unknown-unknown"
    done
    candidate=$(apt-cache policy rustc-web | sed -n 's/^  Candidate: //p')
    dpkg --compare-versions "${candidate:-0}" ge 1.94 ||
        stop "this release offers rustc-web '${candidate:-none}', and 1.94 is the least: add the suite bookworm-security to apt's sources"
}

# need_node: Node 20 or newer, which Debian 12 does not have.
need_node() {
    local version
    version=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || true
    [ "${version:-0}" -ge 20 ] || stop "Node 20 or newer is missing (found: $(node --version 2>/dev/null || echo none)): install it, then try again"
}

# node_modules FOLDER: exactly what its lock file says, once per lock file.
node_modules() {
    need_node
    local mark=$1/node_modules/.installed-from
    ! cmp -s "$1/package-lock.json" "$mark" || return 0
    say "fetching the npm packages of $1/"
    (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error >&2)
    cp "$1/package-lock.json" "$mark"
}

# Cargo tells two checkouts that share one target folder apart by the age of their files alone, so a build of
# another checkout could pass for this one's. Where the last build was another checkout's, all files count as new.
claim_target() {
    mkdir -p "$CARGO_TARGET_DIR"
    local mark=$CARGO_TARGET_DIR/.checkout
    [ "$(cat "$mark" 2>/dev/null)" != "$root" ] || return 0
    find app server migrations testkit xtask -name '*.rs' -not -path '*/node_modules/*' -exec touch {} +
    echo "$root" >"$mark"
}
