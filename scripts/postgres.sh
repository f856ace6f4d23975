#!/bin/sh
# A throwaway PostgreSQL for the tests: started from the installed binaries in a temporary folder, on a free
# port of the loopback interface. Prints its address once it answers, stops and removes everything when its
# standard input closes: so nothing is left even where the test that started it was killed.
set -eu

bin=$(find /usr/lib/postgresql/*/bin /usr/local/pgsql/bin -name initdb 2>/dev/null | sort -V | tail -n 1)
bin=${bin%/initdb}
if [ -z "$bin" ]; then
    echo "postgres.sh: no PostgreSQL under /usr/lib/postgresql: make test installs it" >&2
    exit 3
fi

# PostgreSQL refuses to run as root, and its user cannot enter root's home.
cd /
as_postgres() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi
}

folder=$(as_postgres mktemp -d "${TMPDIR:-/tmp}/hailong-pg.XXXXXX")
# shellcheck disable=SC2317 # called by the trap
stop() {
    trap - EXIT INT TERM
    as_postgres "$bin/pg_ctl" -D "$folder/data" -m fast stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

as_postgres "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log" >&2; exit 3; }

# No tool of Debian hands out a free port, so a port is tried and another one taken where it is in use.
for port in $(shuf -i 20000-32000 -n 10); do
    if as_postgres "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w \
        -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c max_connections=200" start >/dev/null 2>&1; then
        echo "postgres://postgres@127.0.0.1:$port/postgres"
        cat >/dev/null
        exit 0
    fi
done
cat "$folder/log" >&2
exit 3
