#!/usr/bin/env bash
# Proves that the tests bite: each change below breaks a promise in a scratch copy, and the tests named with it must fail.
# Needs what tests/run.sh starts (TESSERA_TEST_POSTGRES); not part of it, since each change is a build of its own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

: "${TESSERA_TEST_POSTGRES:?name a PostgreSQL server to test with, like postgres://tessera@127.0.0.1/postgres}"
scratch=$(mktemp -d /tmp/tessera-mutations.XXXXXX)
trap 'git worktree remove --force "$scratch/copy" 2>/dev/null || true; rm -rf "$scratch"' EXIT
git worktree add -q --detach "$scratch/copy" HEAD
# Of its own: cargo would take what is built of the copy for what is built of the project.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/mutations
survived=0

# mutate NAME PATCH TEST-BINARY FILTER…
mutate() {
  local name=$1 patch=$PWD/tests/mutations/$2 binary=$3 log=$scratch/log
  shift 3
  printf '== %s\n' "$name"
  git -C "$scratch/copy" checkout -q -- .
  git -C "$scratch/copy" apply "$patch"
  (cd "$scratch/copy" && cargo test --locked -q --test "$binary" --no-run) ||
    { echo "it does not build: tests/mutations/$(basename "$patch") is out of date"; exit 1; }
  # A race is not lost at the first try each time.
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    if ! (cd "$scratch/copy" && cargo test --locked -q --test "$binary" -- --include-ignored "$@") >"$log" 2>&1; then
      printf 'caught at try %s by:\n' "$attempt"
      grep -E '^test .* FAILED$|^    [a-z_:]+$' "$log" | sort -u | head -n 8
      return
    fi
  done
  echo "SURVIVED"
  survived=$((survived + 1))
}

mutate "a read and then a write, in place of the conditional UPDATE" read-then-write.patch store redeeming::
mutate "the expiry is checked outside the statement" expiry-outside.patch store redeeming::
mutate "the mail is promised in a second transaction" outbox-apart.patch faults kills::creating::on_sqlite

[ "$survived" = 0 ] || { echo "$survived survived"; exit 1; }
echo "all were caught"
