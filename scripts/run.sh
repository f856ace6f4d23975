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

# It prints the addresses of the home page, of the results and of one desk.
exec "$hailong" serve
