#!/usr/bin/env bash
# Installs a package as an admin does, runs the server as the service would, and removes it: bash tests/package.sh FILE.deb
# Needs root, and a machine that has no Tessera yet.
set -euo pipefail

deb=$1
log=$(mktemp)
port=$(shuf -i 20000-30000 -n 1)

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

is() {
  [ "$2" = "$3" ] || fail "$1: $2 instead of $3"
}

as_service() {
  (cd /etc/tessera && runuser -u tessera -- env TESSERA_HTTP__LISTEN="127.0.0.1:$port" tessera "$@")
}

server=""
clean_up() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  dpkg --purge tessera >/dev/null 2>&1 || true
  rm -rf /var/lib/tessera "$log"
  deluser --quiet tessera 2>/dev/null || true
}

! dpkg -s tessera >/dev/null 2>&1 || fail "tessera is installed already"
[ ! -e /var/lib/tessera ] || fail "/var/lib/tessera exists already"
trap clean_up EXIT

apt-get install -y -qq --no-install-recommends "$(realpath "$deb")" >/dev/null
is "the data folder" "$(stat -c '%U:%G %a' /var/lib/tessera)" "tessera:tessera 700"
is "the settings" "$(stat -c '%U:%G %a' /etc/tessera/tessera.toml)" "root:tessera 640"
systemd-analyze verify /usr/lib/systemd/system/tessera.service
[ -e /usr/share/doc/tessera/operations.md ] || fail "there is no operations.md"

as_service config check >/dev/null
as_service templates check
as_service serve >"$log" 2>&1 &
server=$!
for _ in $(seq 100); do
  curl --silent --fail "http://127.0.0.1:$port/readyz" >/dev/null && break
  sleep 0.1
done
curl --silent --fail "http://127.0.0.1:$port/readyz" >/dev/null || { cat "$log"; fail "it does not get ready"; }
token=$(as_service token)
made=$(curl --silent --fail "http://127.0.0.1:$port/api/v2/guardian/enrollments/ticket" \
  -H "Authorization: Bearer $token" -H "Content-Type: application/json" \
  -d '{"user_id": "auth0|ada", "email": "ada@example.com"}')
case $made in *'"ticket_url"'*) ;; *) fail "no ticket: $made" ;; esac
# A second installation of the same package is an upgrade: settings and data stay.
echo "# mine" >>/etc/tessera/tessera.toml
dpkg --install "$deb" >/dev/null
tail -n 1 /etc/tessera/tessera.toml | grep -q mine || fail "the upgrade took the settings away"
is "the settings after an upgrade" "$(stat -c '%U:%G %a' /etc/tessera/tessera.toml)" "root:tessera 640"
pkill -TERM -u tessera -x tessera
wait "$server" || fail "it does not end well"
server=""

dpkg --remove tessera >/dev/null 2>&1
[ -e /etc/tessera/tessera.toml ] || fail "removing took the settings away"
dpkg --purge tessera >/dev/null 2>&1
[ ! -e /etc/tessera/tessera.toml ] || fail "purging left the settings"
[ ! -e /etc/tessera ] || fail "purging left /etc/tessera"
[ -e /var/lib/tessera/sealing.key ] || fail "purging took the key away"
echo "installed, served a ticket, upgraded, removed"
