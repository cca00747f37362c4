#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Contracts and pieces as time goes by, on the real binary: they end, they are deleted, the disk is full, a byte rots.
# (Clocks that jump are tested in C++, where a clock can be moved.)
#
# usage: host-terms.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

host=$(realpath "$1")/inxt-host
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
mounted=
end() {
  kill_server
  [[ -z $mounted ]] || umount "$work/disk" 2>/dev/null || umount -l "$work/disk" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
. "$here/host_client.sh"
files() { find "${store:-store}/pieces" -type f | wc -l; }

# ---- a contract ends, and its room is usable at once
noise one 100
noise two 100
noise lasting 100
start --capacity 40000 --reserve 0 --accept any --grace 2s
[[ $(put one 6) == 201 ]] || fail "put: $(cat body)"
[[ $(put lasting) == 201 ]] || fail "put: $(cat body)"
[[ $(put two) == 507 ]] || fail "there is room for two: $(cat body)"
has one || fail "get"
wait_for_log 'event=reaped'
[[ $(get one) == 404 ]] || fail "an ended contract is still there"
[[ $(files) == 1 ]] || fail "the file is still there"
[[ $(put two) == 201 ]] || fail "the room of an ended contract is not usable: $(cat body)"
has lasting || fail "a contract that had not ended is gone"
grep -q "piece=$(piece_id one) account=$account" log || fail "the log does not name what was reaped"

# ---- a delete frees its room at once
[[ $(put one 6) == 507 ]] || fail "there is room again: $(cat body)"
[[ $(delete two) == 200 ]] || fail "delete: $(cat body)"
[[ $(put one 86400) == 201 ]] || fail "the room of a deleted piece is not usable: $(cat body)"
[[ $(delete two) == 404 ]] || fail "deleted twice: $(cat body)"
stop
[[ -s store/clock.json ]] || fail "no clock.json"

# ---- after a kill the end is still known: terms are read from the pieces
rm -rf store
start --capacity 100MB --reserve 0 --accept any --grace 2s
[[ $(put one 5) == 201 ]] || fail "put: $(cat body)"
[[ $(put lasting) == 201 ]] || fail "put: $(cat body)"
kill_server
start --capacity 100MB --reserve 0 --accept any --grace 2s
wait_for_log 'event=reaped'
[[ $(files) == 1 ]] || fail "files are left"
has lasting || fail "the wrong one was reaped"
stop

# ---- rot: one bit of a piece; the scrub finds it before an audit does
rm -rf store
start --capacity 100MB --reserve 0 --accept any --scrub-period 0
for i in 1 2 3 4 5; do
  noise "rot$i" 20000
  [[ $(put "rot$i") == 201 ]] || fail "put: $(cat body)"
done
stop
file=$(find store/pieces -name "$(piece_id rot3)-*")
byte=$(od -An -tu1 -j 12345 -N 1 "$file" | tr -d ' ')
printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$file" bs=1 seek=12345 conv=notrunc status=none
start --capacity 100MB --reserve 0 --accept any --scrub-period 4s
wait_for_log "event=damaged piece=$(piece_id rot3)"
wait_for_log 'event=scrubbed'
[[ $(get rot3) == 404 ]] || fail "a damaged piece is served"
[[ -n $(find store/quarantine -type f) ]] || fail "nothing is in the quarantine"
for i in 1 2 4 5; do has "rot$i" || fail "rot$i"; done
[[ $(put rot3) == 201 ]] || fail "it cannot be put again: $(cat body)"
has rot3 || fail "rot3, again"
stop
grep -q "\"piece\":\"$(piece_id rot3)\"" store/scrub.json || fail "scrub.json does not name the finding"

# ---- a full disk: reads and deletes go on, reaping makes room
mkdir disk
if [[ $(id -u) == 0 ]] && mount -t tmpfs -o size=2m,mode=700 none disk 2>err; then
  mounted=yes
  store=disk/store
  start --capacity 100MB --reserve 0 --accept any --grace 2s
  count=0 status=
  for i in $(seq 40); do
    noise "full$i" 200000
    status=$(put "full$i" 25)
    [[ $status == 201 ]] || break
    count=$i
  done
  [[ $status == 507 && $count -ge 2 ]] || fail "the disk of 2 MiB took $count pieces, then $status: $(cat body)"
  cp /dev/zero disk/filler 2>err || true  # and the last page of it
  has full1 || fail "what is on a full disk is not readable"
  [[ $(delete full1) == 200 ]] || fail "delete on a full disk: $(cat body)"
  cp /dev/zero disk/filler2 2>err || true
  for _ in $(seq 600); do
    [[ $(files) != 0 ]] || break
    sleep 0.1
  done
  [[ $(files) == 0 ]] || fail "ended contracts stay on a full disk"
  rm -f disk/filler disk/filler2
  [[ $(put full1) == 201 ]] || fail "the freed disk is not usable: $(cat body)"
  stop
  umount disk
  mounted=
else
  echo "host-terms: no small file system can be mounted here ($(cat err)): the full disk was left out"
fi
echo "host-terms: ok"
