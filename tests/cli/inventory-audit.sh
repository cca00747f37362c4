#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Whole-Host audits against real Hosts: what they say they hold is shown, drawn and chained, over a restart; deleted files
# are released; damage, two heads and a piece that is left out are found; and everything again without network.
#
# usage: inventory-audit.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

PATH=$(realpath "$1"):$PATH
reference=$(realpath "$(dirname "$0")/../reference/verify_transcript.py")
work=$(mktemp -d)
declare -A pids=()
end() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
unset INXT_STORE INXT_CAPACITY INXT_ACCEPT INXT_LISTEN INXT_ANNOUNCE INXT_HOSTS INXT_HEADS INXT_KEY_FILE INXT_SAMPLES \
  INXT_CONFIDENCE CREDENTIALS_DIRECTORY NOTIFY_SOCKET
export XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state

fail() {
  echo "FAIL: $*" >&2
  exit 1
}
expect() {  # expect STATUS COMMAND...
  local want=$1 got=0
  shift
  "$@" >out 2>err || got=$?
  [[ $got == "$want" ]] || { cat out err >&2; fail "exit $got instead of $want: $*"; }
}
has() { grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "no '$2' in $1"; }; }
of_host() { jq -r "select(.type == \"host\" and .host == \"$1\") | $2" out; }  # of_host ID FILTER
is() { [[ $(of_host "$1" "$2") == "$3" ]] || { cat out err >&2; fail "$2 of Host $1 is $(of_host "$1" "$2"), not $3"; }; }
offline() {  # offline STATUS: the same report where there is no network, no configuration and no state; and by the reference
  local in_new_network=(unshare -n)
  [[ $(id -u) == 0 ]] || in_new_network=(unshare -rn)
  cp out said
  expect "$1" env -i PATH="$PATH" XDG_CONFIG_HOME="$work/nothing" XDG_STATE_HOME="$work/nothing" "${in_new_network[@]}" \
    inxt-audit --verify proofs
  diff <(sed 's/,"pieces_without_place":0//' said) out >&2 || fail "--verify says something else"
  /usr/bin/python3 -c 'import cryptography, nacl.bindings' 2>/dev/null || return 0
  expect "$1" /usr/bin/python3 "$reference" proofs
  cmp <(jq -c 'select(.type == "host") | [.host, .verdict, .held, .failed, .released, .blocks_bad_max]' said) \
    <(jq -c '[.host, .verdict, .held, .failed, .released, .bound]' out) || fail "the reference says something else"
}

start() {  # start NUMBER
  : >"log$1"  # here, because the shell of the background empties it only when it gets to run
  inxt-host --store "store$1" --capacity 100MB --accept any --listen "127.0.31.$1:${port[$1]:-0}" 2>"log$1" &
  pids[$1]=$!
  for _ in $(seq 1500); do  # the disk may be busy with others
    grep -qs 'event=index-ready' "log$1" && grep -q 'listening on' "log$1" && break
    sleep 0.05
  done
  grep -q 'listening on' "log$1" || fail "Host $1 did not start: $(cat "log$1"; kill -0 "${pids[$1]}" 2>&1)"
  inxt-host descriptor "store$1" >"host$1" || fail "Host $1 did not start: $(cat "log$1")"
  port[$1]=$(sed -n 's/.*"addresses":\["[^"]*:\([0-9]*\)".*/\1/p' "host$1")
}
stop() {
  kill -TERM "${pids[$1]}"
  wait "${pids[$1]}" || fail "Host $1 ended with $?: $(tail -3 "log$1")"
  unset "pids[$1]"
}
# A Host makes one head an hour.  One that forgets its heads makes another in the same hour.
forget() {
  stop "$1"
  rm -rf "store$1/inventory" "store$1/heads.jsonl"
  start "$1"
}
# Not over the end of an hour: what comes late would be in a new head.
left=$((3600 - $(date +%s) % 3600))
[[ $left -gt 150 ]] || sleep "$left"
declare -A port=() id=()
for n in 1 2 3; do start $n; done
cat host1 host2 host3 >hosts
for n in 1 2 3; do id[$n]=$(sed -n 's/.*"host":"\([0-9a-f]*\)".*/\1/p' "host$n"); done
beacon() {  # as one that comes a minute after now: nothing is committed later
  printf '{"randomness":"%s","time":%d}\n' "$(printf 5a%.0s {1..32})" $(($(date +%s) + 60)) >beacon.json
}

# ---- the first who asks has the Host make a head; what is put later is not yet in it
expect 0 inxt-key new --no-passphrase --words-out words
head -c 300000 /dev/urandom >plain
head -c 100000 /dev/urandom >second
expect 0 inxt-put -e 2+1 --hosts hosts -o manifest plain
expect 0 inxt-put -e 2+1 --hosts hosts -o second.inxt second
expect 0 inxt-audit --listed --heads none manifest
has out '"verdict":"passed","hosts":3,"hosts_failed":0,"hosts_unreachable":0,"pieces":3,"listed":3,"not_yet":0'
[[ $(wc -l <none) == 3 ]] || fail "the heads are not remembered in the file named"
sleep 1
expect 0 inxt-put -e 2+1 --hosts hosts -o late.inxt words
expect 5 inxt-audit --listed late.inxt
has out '"verdict":"unreachable","hosts":3,"hosts_failed":0,"hosts_unreachable":3,"pieces":3,"listed":0,"not_yet":3'
has err 'ask again in an hour'

# ---- an auditor that knows nothing but descriptors
mv config key
beacon
expect 0 inxt-audit --host hosts --beacon beacon.json --samples 40 --proofs proofs
[[ $(wc -l <out) == 4 ]] || fail "not one line a Host and a summary"
for n in 1 2 3; do
  is "${id[$n]}" .verdict passed
  is "${id[$n]}" .kind inventory
  is "${id[$n]}" .pieces 2
  is "${id[$n]}" .held 40
  is "${id[$n]}" .bytes 200000
done
[[ $(wc -l <state/inxt/heads.jsonl) == 3 ]] || fail "the heads are not remembered"
offline 0
expect 0 inxt-audit --host hosts --chain --beacon beacon.json --samples 40 --proofs proofs
is "${id[1]}" .verdict passed
is "${id[1]}" .kind chain
is "${id[1]}" .held 40
[[ $(of_host "${id[1]}" .repeated) -gt 0 ]] || fail "40 draws of 50, and none twice"
offline 0
# One Host alone, from standard input; all of its blocks.
beacon
expect 0 inxt-audit --host - --beacon beacon.json --samples 65536 --proofs proofs <host2
is "${id[2]}" .blocks_bad_max 0
has err 'every block of 200 kB was shown'
offline 0

# ---- the owner's view
expect 0 inxt-audit --listed manifest
has out '"verdict":"passed","hosts":3,"hosts_failed":0,"hosts_unreachable":0,"pieces":3,"listed":3,"not_yet":0'
expect 0 inxt-audit --listed second.inxt

# ---- the same head after a restart
stop 2
start 2
beacon
expect 0 inxt-audit --host hosts --beacon beacon.json --proofs proofs
is "${id[2]}" .verdict passed

# ---- commitments first, the beacon later
expect 0 inxt-audit --host hosts --commit fixed
beacon
expect 0 inxt-audit --commitments fixed --beacon beacon.json --proofs proofs
is "${id[1]}" .kind inventory
offline 0

# ---- a file that was deleted since is released: it is neither held nor failed, and its pieces count as not there
mv key config
expect 0 inxt-rm second.inxt
mv config key
beacon
expect 0 inxt-audit --host hosts --beacon beacon.json --samples 65536 --proofs proofs
for n in 1 2 3; do
  is "${id[$n]}" .verdict passed
  is "${id[$n]}" .released 13
  is "${id[$n]}" .blocks_bad_max 13
done
offline 0
expect 5 inxt-audit --host host1 --chain --beacon beacon.json --samples 40 --proofs proofs
is "${id[1]}" .verdict unreachable  # each that was given up chose what was asked next
offline 5
expect 0 inxt-audit --listed second.inxt  # the head still has them

# ---- damage is found, drawn and chained, with evidence
piece=$(find store3/pieces -type f -size +100k)
printf 'rot' | dd of="$piece" bs=1 seek=5000 conv=notrunc status=none
beacon
expect 9 inxt-audit --host hosts --beacon beacon.json --samples 65536 --proofs proofs
is "${id[3]}" .verdict failed
is "${id[3]}" '.failures[0].block' 1
is "${id[3]}" '.failures[0].outcome' missing
is "${id[1]}" .verdict passed
has err "Host ${id[3]} FAILED: 1 of "
offline 9
sed 's/"missing":true/"missing":false/' proofs >bad
expect 8 inxt-audit --verify bad
lines=$(wc -l <proofs)
for line in 1 2 3 4 5 6 50 $((lines / 2)) $((lines - 1)) "$lines"; do
  sed "${line}d" proofs >bad
  expect 8 inxt-audit --verify bad
  has err 'line'
done

# ---- a Host that signs two heads for one hour has lied: both stand in the transcript
cp state/inxt/heads.jsonl seen
forget 1
beacon
expect 9 inxt-audit --host hosts --beacon beacon.json --proofs proofs
is "${id[1]}" .verdict failed
is "${id[1]}" .heads equivocation
is "${id[1]}" .failed 0
has err "it signed two heads of its inventory that exclude each other"
[[ $(grep -A 3 '"type":"audit"' proofs | grep -c '"type":"evidence"') == 1 ]] || fail "no evidence in the transcript"
offline 9
cmp <(grep "${id[1]}" seen) <(grep "${id[1]}" state/inxt/heads.jsonl) || fail "what was seen first is forgotten"
# Who has not seen the first one cannot know; the deleted file is gone from the second.
expect 9 inxt-audit --host hosts --heads fresh --beacon beacon.json --samples 65536
is "${id[1]}" .verdict passed
is "${id[1]}" .released 0
touch -d @0 second.inxt manifest
expect 9 inxt-audit --listed --heads fresh second.inxt
is "${id[1]}" '.failures[0].outcome' piece_absent
is "${id[2]}" .verdict passed
expect 0 inxt-audit --listed --heads fresh manifest

# ---- a Host that is gone is unreachable; what cannot be is refused
stop 2
beacon
expect 5 inxt-audit --host host2 --beacon beacon.json
is "${id[2]}" .verdict unreachable
expect 2 inxt-audit --host hosts manifest
expect 2 inxt-audit --chain manifest
expect 2 inxt-audit --host hosts --listed
expect 2 inxt-audit --host hosts --extract "${id[1]}"
expect 2 inxt-audit --host /dev/null
expect 4 inxt-audit --host absent
echo '{}' >>fresh
expect 8 inxt-audit --host hosts --heads fresh
has err 'line'
echo "ok"
