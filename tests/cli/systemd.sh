#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The units, as systemd-analyze sees them, and the daemon under them (systemd.py).
#
# usage: systemd.sh FOLDER_OF_THE_TOOLS SOURCE_TREE
set -euo pipefail

tools=$(realpath "$1")
tree=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(dirname "$(realpath "$0")")
exposure_max=15 # tenths

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

/usr/bin/python3 -B "$here/systemd.py" "$tools"

# ---- the manual lists the ids of messages
while read -r event id; do
  grep -A3 "^\.It Li $event\$" "$tree/man/inxt-host.8" | grep "$id" >/dev/null ||
    fail "inxt-host(8) does not give the MESSAGE_ID of $event as $id"
done < <(sed -n 's/.*MessageId{"\([a-z-]*\)", "\([0-9a-f]*\)"}.*/\1 \2/p' "$tree/libshared/serve/journal_log.cpp")

# ---- units: no word that systemd does not know, and little that the daemon could reach
if command -v systemd-analyze >/dev/null; then
  for unit in inxt-host.service inxt-host@.service inxt-host.socket inxt-bridge.service inxt-bridge.socket; do
    daemon=inxt-host
    [[ $unit != inxt-bridge* ]] || daemon=inxt-bridge
    sed "s|/usr/bin/$daemon|$tools/$daemon|" "$tree/tools/$daemon/$unit" >"$work/$unit"
  done
  said=$(systemd-analyze verify --man=no "$work/inxt-host.service" "$work/inxt-host@one.service" "$work/inxt-host.socket" \
    "$work/inxt-bridge.service" "$work/inxt-bridge.socket" 2>&1) ||
    fail "systemd-analyze verify: $said"
  ! grep -q "$work" <<<"$said" || fail "systemd-analyze verify: $said"
  for unit in inxt-host.service inxt-host@.service inxt-bridge.service; do
    line=$(systemd-analyze security --offline=true "$work/$unit" | tail -n 1)
    echo "systemd:$line"
    [[ $line =~ :\ ([0-9]+)\.([0-9])\  ]] || fail "no exposure level in: $line"
    ((BASH_REMATCH[1] * 10 + BASH_REMATCH[2] <= exposure_max)) ||
      fail "$unit: more exposed than $((exposure_max / 10)).$((exposure_max % 10))"
  done
  diff <(sed '/^#/d; /^Description=/d; /^Conflicts=/d; s/inxt-host\.host/inxt-host.%i/; s|/host|/%i|g' "$work/inxt-host.service") \
    <(sed '/^#/d; /^Description=/d; s|/host|/%i|g' "$work/inxt-host@.service") || fail "the unit and the template differ"
else
  echo "systemd: no systemd-analyze here: units are not verified"
fi

# ---- a real journald, in a mount namespace where /run is ours
if [[ $(id -u) == 0 && -x /lib/systemd/systemd-journald ]] && unshare -m mount -t tmpfs none /run 2>/dev/null; then
  unshare -m bash -c '
    set -e
    mount -t tmpfs none /run
    mkdir -p /run/systemd/journal /run/log/journal
    /lib/systemd/systemd-journald >/dev/null 2>&1 &
    journald=$!
    trap "kill $journald" EXIT
    for _ in $(seq 200); do [ ! -S /run/systemd/journal/socket ] || break; sleep 0.05; done
    /usr/bin/python3 -B "$1/systemd.py" "$2" JOURNAL' bash "$here" "$tools"
else
  echo "systemd: journald cannot be run here: entries are only checked at a socket (test_host)"
fi
echo "systemd: ok"
