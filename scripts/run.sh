#!/usr/bin/env bash
# Builds, makes the sample city of 2018 where there is no database yet, and serves it.
export LISTEN=${LISTEN:-127.0.0.1:3000}
. "$(dirname "$0")/build.sh"
hailong=$CARGO_TARGET_DIR/release/hailong

if [ -z "${DATABASE_URL:-}" ] && [ ! -e data/hailong.db ]; then
    say "making the sample city in data/hailong.db"
    mkdir -p data
    "$hailong" demo
fi

desk=$("$hailong" desks --format json | node -e '
    const desks = JSON.parse(require("fs").readFileSync(0, "utf8"));
    console.log(desks[0]?.url ?? "");')
home=${desk%/k/*}
say "home page:     ${home:-http://$LISTEN}/"
say "one desk:      ${desk:-none yet: hailong demo makes some}"
say "results:       ${home:-http://$LISTEN}/ket-qua"
exec "$hailong" serve
