#!/bin/sh
# Looks for what building, testing and the demonstration need: Rust, a C linker, a PostgreSQL server. With the word `tests` it
# looks for PgBouncer too, and for systemd-analyze, which checks the units of systemd/. All but Rust are installed with the
# distribution's package manager when they are missing (as root, else by sudo), as far as it has them. For Rust a message says
# how. Run by `make`; safe to run at any time; with everything there it changes nothing.
set -eu

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# True when version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# The folders in which the program looks for a PostgreSQL server.
server_folders() {
    [ -z "${TEELO_PG_BIN:-}" ] || printf '%s\n' "$TEELO_PG_BIN"
    ! have pg_config || pg_config --bindir 2>/dev/null || :
    for folder in /usr/lib/postgresql/*/bin; do printf '%s\n' "$folder"; done
    ! have postgres || dirname "$(command -v postgres)"
}

have_server() {
    server_folders | while read -r folder; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then echo yes; fi
    done | grep -q yes
}

# PgBouncer may lie where an ordinary user's PATH does not lead.
have_pooler() { PATH="$PATH:/usr/sbin:/usr/local/sbin" have pgbouncer; }

# Rust first: without it nothing else is of use.
needed=$(sed -n 's/^rust-version = "\(.*\)".*/\1/p' Cargo.toml)
how="install it with rustup: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh
       then open a new shell and run make again"
have cargo || fail "Rust is missing (cargo is not on PATH); $how"
found=$(cargo --version | cut -d ' ' -f 2)
at_least "$found" "$needed" || fail "Rust $needed or newer is needed, this is $found; update it (rustup update), or $how"

want_linker=; have cc || want_linker=yes
want_server=; have_server || want_server=yes
want_units=; [ "${1:-}" != tests ] || have systemd-analyze || want_units=yes
if [ -n "$want_units" ] && { have apk || have brew; }; then
    say 'there is no systemd-analyze for this system: the units of systemd/ are not checked by the tests'
    want_units=
fi
want_pooler=; [ "${1:-}" != tests ] || have_pooler || want_pooler=yes
[ -n "$want_linker$want_server$want_units$want_pooler" ] || exit 0

# Packages: the linker's, then the server's with pg_trgm; systemd-analyze is in `systemd`, PgBouncer in `pgbouncer` everywhere.
if have apt-get; then linker='gcc libc6-dev'; server=postgresql; install='apt-get install -y --no-install-recommends'
elif have dnf; then linker=gcc; server='postgresql-server postgresql-contrib'; install='dnf install -y'
elif have zypper; then linker=gcc; server='postgresql-server postgresql-contrib'; install='zypper --non-interactive install'
elif have pacman; then linker=gcc; server=postgresql; install='pacman -S --needed --noconfirm'
elif have apk; then linker=build-base; server='postgresql postgresql-contrib'; install='apk add'
elif have brew; then linker=; server=postgresql@17; install='brew install'
else fail 'no known package manager; install a C compiler (cc) and a PostgreSQL server, version 14 to 18, yourself'
fi
packages=${want_linker:+$linker}${want_server:+ $server}${want_units:+ systemd}${want_pooler:+ pgbouncer}

run_as_root=
if [ "$(id -u)" -ne 0 ] && ! have brew; then
    have sudo || fail "missing: $packages. Have root run: $install $packages"
    run_as_root=sudo
fi
say "installing with the distribution's packages: $packages"

# Debian and Ubuntu make a database cluster and start it as soon as a server is installed, and start PgBouncer. Nothing here needs
# that, so it is switched off during the installation, and only then.
drop_in=/etc/postgresql-common/createcluster.d/teelo.conf
policy=/usr/sbin/policy-rc.d
clean_up() {
    [ -z "$want_server" ] || $run_as_root rm -f "$drop_in"
    [ -z "$want_server" ] || $run_as_root rmdir "$(dirname "$drop_in")" 2>/dev/null || :
    [ -z "$wrote_policy" ] || $run_as_root rm -f "$policy"
}
wrote_policy=
if have apt-get; then
    trap clean_up EXIT
    if [ -n "$want_server" ]; then
        say "no database cluster is made by the installation ($drop_in, removed afterwards)"
        $run_as_root mkdir -p "$(dirname "$drop_in")"
        echo 'create_main_cluster = false' | $run_as_root tee "$drop_in" >/dev/null
    fi
    if [ -n "$want_pooler" ] && [ ! -e "$policy" ]; then
        say "PgBouncer is not started by the installation ($policy, removed afterwards)"
        wrote_policy=yes
        printf '#!/bin/sh\nexit 101\n' | $run_as_root tee "$policy" >/dev/null
        $run_as_root chmod 755 "$policy"
    fi
fi
! have apt-get || $run_as_root apt-get update -q
# The words of the command and the packages are meant to be split.
# shellcheck disable=SC2086
$run_as_root env DEBIAN_FRONTEND=noninteractive $install $packages || fail "that failed; install yourself: $packages"

# Nor does it start with the machine.
if have apt-get && [ -n "$want_pooler" ] && have systemctl; then
    $run_as_root systemctl disable pgbouncer >/dev/null 2>&1 || :
fi
have cc || fail 'there is still no C compiler (cc); install one'
[ -z "$want_pooler" ] || have_pooler || fail 'there is still no PgBouncer (pgbouncer); install it for the tests'
have_server || fail 'there is still no PostgreSQL server; install one, or set TEELO_PG_BIN to the folder of its programs'
[ -z "$want_units" ] || have systemd-analyze || fail 'there is still no systemd-analyze; install the package that has it'
say 'done'
