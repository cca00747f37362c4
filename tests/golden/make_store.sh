#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# make_store.sh FOLDER_OF_THE_TOOLS OUT: makes a golden store with the binaries of a release: what a Host of that release
# leaves on its disk, and what its user has.  OUT becomes
#   store/          the Host's folder, as it is after a clean stop
#   key             the owner's key file; the words are "abandon" 23 times, then "art"
#   kept.inxt  kept      a manifest of three pieces, and the data; their contracts are renewed where the release can
#   gone.inxt            a manifest of one piece, for a test to delete
# A release that has inventories leaves a head of it, and what it lists.
# A release that changes what is written gets one; no file of an older one is ever changed.
set -euo pipefail
tools=$(realpath "$1")
out=$2
mkdir "$out"
out=$(realpath "$out")
work=$(mktemp -d)
trap 'kill "$host" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
export XDG_CONFIG_HOME=$work XDG_CACHE_HOME=$work XDG_STATE_HOME=$work INXT_KEY_FILE=$out/key
unset INXT_HOSTS CREDENTIALS_DIRECTORY NOTIFY_SOCKET
PATH=$tools:$PATH
cd "$work"

words="$(printf 'abandon %.0s' {1..23})art"
inxt-key restore --no-passphrase -o "$out/key" <<<"$words"
# A term of a hundred years: these contracts do not end while anybody tests with them.
serve() {
  : >log
  inxt-host --store "$out/store" --capacity 1GiB --accept any --listen 127.0.0.1:0 --term-max 36500d 2>log &
  host=$!
  for ((i = 0; i < 400; ++i)); do
    # New pieces are taken when the folders are listed.
    ! grep -q 'listening on' log || ! grep -q index-ready log || break
    sleep 0.05
  done
  inxt-host descriptor "$out/store" >hosts
}
stop() { kill -TERM "$host" && wait "$host"; }

serve
head -c 20000 /dev/zero | openssl enc -aes-128-ctr -K 00000000000000000000000000000001 \
  -iv 00000000000000000000000000000000 >"$out/kept"
inxt-put --hosts hosts -m 1 --shard-size 8KiB --term 30000d -o "$out/kept.inxt" "$out/kept"
if [[ -x $tools/inxt-renew ]]; then inxt-renew --hosts hosts --term 36000d "$out/kept.inxt"; fi
stop
# From here on under another key, where the release has rotations.
if inxt-host --help | grep rotate-key >/dev/null; then
  inxt-host rotate-key "$out/store" >/dev/null
fi
serve
head -c 3000 "$out/kept" | inxt-put --hosts hosts -m 1 --term 30000d -o "$out/gone.inxt" -
# A head of its inventory, where the release has one.
curl -sk "https://$(grep -o 'listening on [^ ]*' log | cut -d' ' -f3)/v1/inventory" >/dev/null
sleep 3  # an index leaves out what changed in the last two seconds
stop
find "$out/store" -type d -empty -delete
rm -f "$out/store/lock"
[[ $(find "$out/store/pieces" -type f | wc -l) -ge 4 ]]
