#!/usr/bin/env bash
# Every check of the project, on a Debian machine that has Rust and nothing else.
# Installs what is missing, starts a PostgreSQL of its own, and removes it in the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

DENY_VERSION=0.20.2
CARGO_DEB_VERSION=3.8.0
AUTH0_PYTHON_VERSION=5.8.0
SCHEMATHESIS_VERSION=4.32.5
AXE_VERSION=4.14.1
AXE_SHA512=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
# A panic names its line all the same; tables of lines for backtraces cost time in every build.
export CARGO_PROFILE_DEV_DEBUG=0
# Not under TMPDIR: the user of PostgreSQL must reach it too.
scratch=$(mktemp -d /tmp/tessera-tests.XXXXXX)
chmod 755 "$scratch"
running=""
postgres_user=""
declare -A besides=()
skipped=()

say() { printf '\n== %s\n' "$*"; }

skip() {
  printf 'skipped: %s\n' "$*"
  skipped+=("$*")
}

stage() {
  local start=$SECONDS
  running=$1
  shift
  say "$running"
  "$@"
  printf '== %s: %s s\n' "$running" $((SECONDS - start))
  running=""
}

# Runs beside what follows, until it is waited for: what takes one core leaves the other to somebody else.
beside() {
  local what=$1
  shift
  (
    "$@"
    printf '== %s: done\n' "$what"
  ) >"$scratch/$what.log" 2>&1 &
  besides[$what]=$!
}

# Tells what it said; fails if it did.
awaited() {
  local failed=0
  wait "${besides[$1]}" || failed=$?
  unset "besides[$1]"
  cat "$scratch/$1.log"
  return "$failed"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# PostgreSQL refuses to run as root; its own user then runs it.
as_postgres() {
  if [ -n "$postgres_user" ]; then
    (cd / && runuser -u "$postgres_user" -- "$@")
  else
    "$@"
  fi
}

postgres_bin() {
  local newest
  newest=$(find /usr/lib/postgresql -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$newest" ] && dirname "$newest"
}

install_missing() {
  local packages=()
  command -v cc >/dev/null || packages+=(build-essential)
  postgres_bin >/dev/null || packages+=(postgresql)
  command -v chromium >/dev/null || packages+=(chromium)
  command -v chromedriver >/dev/null || packages+=(chromium-driver)
  command -v curl >/dev/null || packages+=(curl)
  [ -x /usr/sbin/bearerbox ] && [ -x /usr/lib/kannel/test/fakesmsc ] || packages+=(kannel kannel-extras)
  command -v systemd-analyze >/dev/null || packages+=(systemd)
  command -v adduser >/dev/null || packages+=(adduser)
  [ -x /usr/sbin/nginx ] || packages+=(nginx-light)
  command -v caddy >/dev/null || packages+=(caddy)
  [ -x /usr/sbin/haproxy ] || packages+=(haproxy)
  /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || packages+=(python3-aiosmtpd)
  /usr/bin/python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
  if [ ${#packages[@]} -gt 0 ]; then
    echo "installing: ${packages[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${packages[@]}" >"$scratch/apt.log" 2>&1 ||
      { tail -n 30 "$scratch/apt.log"; return 1; }
  fi
  cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
  cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
}

start_postgres() {
  local bin data=$scratch/postgres/data port
  bin=$(postgres_bin)
  mkdir "$scratch/postgres"
  if [ "$(id -u)" = 0 ]; then
    postgres_user=postgres
    chown postgres "$scratch/postgres"
  fi
  as_postgres "$bin/initdb" -D "$data" -U tessera --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync >"$scratch/initdb.log" 2>&1 || { cat "$scratch/initdb.log"; return 1; }
  for _ in 1 2 3 4 5; do
    port=$(shuf -i 20000-30000 -n 1)
    if as_postgres "$bin/pg_ctl" -D "$data" -l "$scratch/postgres/log" -w -t 60 start -o "-p $port \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories=$scratch/postgres -c fsync=off \
        -c full_page_writes=off -c max_connections=400 -c shared_buffers=128MB" >/dev/null; then
      export TESSERA_TEST_POSTGRES="postgres://tessera@127.0.0.1:$port/postgres"
      return
    fi
  done
  cat "$scratch/postgres/log"
  return 1
}

# Auth0's own SDK, unmodified, plays a back end.
install_sdk() {
  /usr/bin/python3 -m venv "$scratch/sdk"
  "$scratch/sdk/bin/pip" install --quiet "auth0-python==$AUTH0_PYTHON_VERSION"
}

# The example application, with what its own file pins.
install_example() {
  /usr/bin/python3 -m venv "$scratch/example"
  "$scratch/example/bin/pip" install --quiet --requirement examples/flask/requirements.txt
}

# Makes up requests from the description of the API.
install_schemathesis() {
  /usr/bin/python3 -m venv "$scratch/schemathesis"
  "$scratch/schemathesis/bin/pip" install --quiet "schemathesis==$SCHEMATHESIS_VERSION"
}

# Looks at pages for those who see little or nothing.
install_axe() {
  curl -fsSL --retry 3 -o "$scratch/axe.tgz" "https://registry.npmjs.org/axe-core/-/axe-core-$AXE_VERSION.tgz"
  printf '%s  %s\n' "$AXE_SHA512" "$scratch/axe.tgz" | sha512sum --check --quiet
  tar -xzf "$scratch/axe.tgz" -C "$scratch" package/axe.min.js
}

install_tools() {
  install_sdk
  install_example
  install_schemathesis
  install_axe
}

export TESSERA_TEST_AUTH0_PYTHON=$scratch/sdk/bin/python
export TESSERA_TEST_EXAMPLE_PYTHON=$scratch/example/bin/python
export TESSERA_TEST_SCHEMATHESIS=$scratch/schemathesis/bin/st
export TESSERA_TEST_AXE=$scratch/package/axe.min.js

clean_up() {
  if [ -n "$running" ]; then printf '\n== FAILED: %s\n' "$running"; fi
  for what in "${besides[@]}"; do kill "$what" 2>/dev/null || true; done
  wait
  if [ -f "$scratch/postgres/data/postmaster.pid" ]; then
    as_postgres "$(postgres_bin)/pg_ctl" -D "$scratch/postgres/data" -m immediate stop >/dev/null || true
  fi
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Clippy looks at our own crates while they are compiled: by itself it would have every library compiled once more.
linted() {
  RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings "$@"
}

# Out of the libraries that the tests are built with, which `cargo doc` would not take.
documentation() {
  RUSTDOC=$PWD/tests/rustdoc RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" \
    linted cargo test --locked --workspace --doc
}

templates_check() {
  local program=${CARGO_TARGET_DIR:-target}/debug/tessera
  env -u TESSERA_TEST_POSTGRES -u TESSERA_TEST_REQUIRE_ALL "$program" templates check
}

# The advisories are a repository elsewhere: out of its reach the other checks still hold.
deny() {
  cargo deny --all-features check bans licenses sources
  if timeout 120 cargo deny fetch db >"$scratch/advisories.log" 2>&1; then
    cargo deny --offline check advisories
  else
    tail -n 3 "$scratch/advisories.log"
    skip "cargo deny check advisories (the advisory database can't be reached)"
  fi
}

# A tool that is only run needs no optimizing.
install_tool() {
  say "$1 (once, a minute or two)"
  CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 cargo install --quiet --locked --debug "$1"
}

# With the program of the tests' own build: how fast the packaged one is, is not asked here.
package() {
  cargo deb --quiet --locked --profile dev --no-build --strip --fast --output "$scratch/tessera.deb"
  as_root bash tests/package.sh "$scratch/tessera.deb"
}

stage "what is missing" install_missing
stage "PostgreSQL" start_postgres
beside tools install_tools
export TESSERA_TEST_REQUIRE_ALL=1
# What is built from nothing and once needs no notes for the next build.
[ -d "${CARGO_TARGET_DIR:-target}" ] || export CARGO_INCREMENTAL=0

stage "formatting" cargo fmt --check
stage "build and lints" linted cargo test --locked --workspace --no-run
stage "shipped templates" templates_check
beside documentation documentation

if cargo deny --version >/dev/null 2>&1 || install_tool "cargo-deny@$DENY_VERSION"; then
  stage "dependencies" deny
else
  skip "cargo deny (it could not be installed)"
fi

cargo deb --version >/dev/null 2>&1 || install_tool "cargo-deb@$CARGO_DEB_VERSION"
stage "package" package

stage "Auth0's SDK, the example application, schemathesis, axe-core" awaited tools

# The tests that need these services are marked `ignore`, so that a plain `cargo test` tells that it left them out.
stage "tests" linted cargo test --locked --workspace --no-fail-fast -- --include-ignored

stage "documentation" awaited documentation
stage "fuzzing" fuzz/run 4

say "all checks passed in $SECONDS s"
for what in ${skipped[@]+"${skipped[@]}"}; do
  printf 'skipped: %s\n' "$what"
done
