# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by ./dev: the stages of `./dev test` in their order. A stage that cannot run fails; none is left out in silence.

test_stages=(lint build unit api system asan-build asan-unit asan-api tsan-build tsan-unit tsan-api)
reports=$root/build/reports

# run_ctest PRESET LABELS SECONDS: the registered tests of a preset whose label matches, with a report of each case.
run_ctest() {
    local preset=$1 labels=$2 seconds=$3
    local out=$reports/$preset-unit
    rm -rf "$out"
    mkdir -p "$out"
    (cd "$root/build/$preset" &&
        GTEST_OUTPUT="xml:$out/" timeout -k 30 "$seconds" \
            ctest -L "$labels" --output-on-failure --no-tests=error -j "$jobs")
}

# run_pytest PRESET NAME SECONDS ARGUMENT...: Python tests against the server of a preset.
run_pytest() {
    local preset=$1 name=$2 seconds=$3
    shift 3
    mkdir -p "$reports"
    rm -f "$reports/$name.xml"
    (cd "$root" &&
        QDRANTD_BINARY=$root/build/$preset/qdrantd \
            QDRANTD_TEST_SLOWDOWN=$(test_slowdown "$preset") timeout -k 30 --signal=INT "$seconds" \
            "$python" -m pytest -q -rfE -p no:cacheprovider --junitxml="$reports/$name.xml" "$@")
}

# How much longer than a release build a sanitized one may take before a wait counts as failed.
test_slowdown() {
    case $1 in
        asan) echo 4 ;;
        tsan) echo 8 ;;
        *) echo 1 ;;
    esac
}

# Folders with Python tests other than tests/api and the self tests of lint, which have their own stages.
system_test_folders() {
    (cd "$root" && git ls-files --cached --others --exclude-standard 'tests/*/test_*.py' |
        xargs -r -n1 dirname | sort -u | grep -vxE 'tests/(api|lint)')
}

stage_lint() { verb_lint; }
stage_build() { QD_KEEP_GOING=1 build_targets release all; }
stage_unit() { run_ctest release '^(unit|script|sim|crash)$' 900; }
stage_api() { run_pytest release api 900 tests/api; }
stage_system() {
    local folders
    folders=$(system_test_folders) || die "no system tests found under tests/"
    # shellcheck disable=SC2086
    run_pytest release system 1500 $folders
}
stage_asan-build() { QD_KEEP_GOING=1 build_targets asan all; }
stage_asan-unit() { run_ctest asan '^(unit|script)$' 900; }
stage_asan-api() { run_pytest asan asan-api 600 -m smoke tests/api; }
stage_tsan-build() { QD_KEEP_GOING=1 build_targets tsan all; }
stage_tsan-unit() { run_ctest tsan '^(unit|script)$' 900; }
stage_tsan-api() {
    TSAN_OPTIONS="suppressions=$root/cmake/tsan.supp ignore_noninstrumented_modules=1 halt_on_error=1" \
        run_pytest tsan tsan-api 600 -m smoke tests/api
}

# run_test_stages STAGE...: those named, or all. Goes on after a failure, so that one run shows every failure.
run_test_stages() {
    local stages=("$@") stage status began=$SECONDS started
    [ ${#stages[@]} -gt 0 ] || stages=("${test_stages[@]}")
    for stage in "${stages[@]}"; do
        [[ " ${test_stages[*]} " == *" $stage "* ]] || die "unknown stage '$stage' (see ./dev test --list)"
    done
    ensure_packages "$root/cmake/packages.txt" "$root/tests/packages.txt"
    ensure_venv
    local table="" failed=()
    rm -rf "$reports"
    for stage in "${stages[@]}"; do
        say "stage $stage"
        started=$SECONDS
        set +e
        (
            set -e
            "stage_$stage"
        )
        status=$?
        set -e
        if [ "$status" = 0 ]; then
            say "stage $stage: ok in $((SECONDS - started)) s"
        else
            say "stage $stage: FAILED (status $status) after $((SECONDS - started)) s"
            failed+=("$stage")
        fi
        table+=$(printf '%-12s %6d s  %s' "$stage" $((SECONDS - started)) "$([ "$status" = 0 ] && echo ok || echo FAILED)")$'\n'
    done
    say "time of each stage"
    printf '%s' "$table"
    "$python" "$root/tests/support/count_tests.py" --reports "$reports" --seconds $((SECONDS - began)) \
        --stages ${#stages[@]} --failed-stages "${failed[*]}"
}
