# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by ./dev: packages, the Python environment, configuring and building. Needs $root, $logs, $venv, $jobs.

say() { printf '== %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Runs a command as root, by sudo where this user is not root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "need root or sudo for: $*"
    fi
}

# ensure_packages LIST...: installs what is missing from the lists; does not touch apt when nothing is.
ensure_packages() {
    local wanted installed missing
    wanted=$(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@" | sort -u)
    # shellcheck disable=SC2016
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null |
        sed -n 's/^installed //p' | sort -u)
    missing=$(comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed"))
    [ -n "$missing" ] || return 0
    say "installing Debian packages: $(tr '\n' ' ' <<<"$missing")"
    mkdir -p "$logs"
    local log=$logs/apt.log
    # shellcheck disable=SC2086
    if ! { as_root apt-get update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } \
        >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "apt-get failed; whole log: $log"
    fi
}

# The Python environment, made anew when the list of packages changes.
ensure_venv() {
    local list=$root/tests/requirements.txt stamp=$venv/requirements.txt
    cmp -s "$list" "$stamp" && return 0
    say "making the Python environment (tests/requirements.txt)"
    mkdir -p "$logs"
    rm -rf "$venv"
    if ! { /usr/bin/python3 -m venv "$venv" &&
        "$venv/bin/pip" install --disable-pip-version-check -r "$list"; } >"$logs/venv.log" 2>&1; then
        tail -n 20 "$logs/venv.log" >&2
        die "cannot make build/venv; whole log: $logs/venv.log"
    fi
    cp "$list" "$stamp"
}

# configure PRESET: only when there is no build folder; Ninja configures again when a CMake file changes.
configure() {
    local preset=$1
    [ -f "$root/build/$preset/build.ninja" ] && return 0
    mkdir -p "$logs"
    if ! (cd "$root" && cmake --preset "$preset") >"$logs/configure-$preset.log" 2>&1; then
        rm -f "$root/build/$preset/build.ninja"
        tail -n 30 "$logs/configure-$preset.log" >&2
        die "cannot configure preset $preset"
    fi
}

# build_targets PRESET TARGET...: Ninja's own progress on a terminal; elsewhere a line now and then, and the errors. With
# QD_KEEP_GOING=1 what does not depend on a failed part is built all the same.
build_targets() {
    local preset=$1 log started=$SECONDS
    shift
    configure "$preset"
    mkdir -p "$logs"
    log=$logs/build-$preset.log
    say "building preset $preset ($*)"
    local status=0 keep_going=$((${QD_KEEP_GOING:-0} ? 0 : 1))
    if [ -t 1 ]; then
        ninja -C "$root/build/$preset" -j "$jobs" -k "$keep_going" "$@" || status=$?
    else
        # One line in fifty is enough to see that it moves.
        ninja -C "$root/build/$preset" -j "$jobs" -k "$keep_going" "$@" 2>&1 | tee "$log" |
            awk '/^\[[0-9]+\/[0-9]+\]/ && ++n % 50 == 0 { print; fflush() }' || status=$?
        [ "$status" = 0 ] || grep -nE '^FAILED|error:|undefined' "$log" | cut -c 1-300 | head -n 60 || true
    fi
    [ "$status" = 0 ] || die "the build of preset $preset failed (log: $log)"
    say "built preset $preset in $((SECONDS - started)) s"
}
