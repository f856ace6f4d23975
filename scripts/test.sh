#!/usr/bin/env bash
# Everything that is tested: Rust (domain, store on both databases, HTTP), then a real browser against the built
# binary. The last line counts them: "N passed, N failed".
. "$(dirname "$0")/build.sh"
need_packages chromium fonts-noto-core postgresql valgrind
node_modules end2end

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0

# Our own crates without optimisation: compiling and running takes half the time so. What they depend on is shared with
# the build.
quick=()
for member in app server migrations testkit bench; do
    quick+=(--config "profile.release.package.$member.opt-level=0")
done
say "Rust tests"
"$CARGO" test --locked --release --workspace --exclude browser "${quick[@]}" --no-fail-fast 2>&1 | tee "$log" || failed=1
say "tests of the build's own tool"
"$CARGO" test --locked --release --manifest-path xtask/Cargo.toml 2>&1 | tee -a "$log" || failed=1

# The tests left their own binary where the real one was.
"$CARGO" build --locked --release -p server --bin hailong

say "instructions of a response"
"$CARGO" build --locked --release -p bench
"$CARGO_TARGET_DIR/release/bench" "$CARGO_TARGET_DIR/release/hailong" instructions | tee -a "$log" || failed=1

say "a real browser ($(chromium --version 2>/dev/null))"
report=$CARGO_TARGET_DIR/end2end.json
rm -f "$report"
(cd end2end && HAILONG=$CARGO_TARGET_DIR/release/hailong PLAYWRIGHT_JSON_OUTPUT_NAME=$report \
    npx --no-install playwright test) || failed=1

node scripts/count-tests.js "$log" "$report"
exit "$failed"
