#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-audit against real Hosts that hold what inxt-put stored: all well, one corrupted, one killed; and everything
# again from the saved proofs, without network and without key.
#
# usage: inxt-audit.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

PATH=$(realpath "$1"):$PATH
reference=$(realpath "$(dirname "$0")/../reference/verify_transcript.py")
work=$(mktemp -d)
pids=()
end() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
cd "$work"
unset INXT_STORE INXT_CAPACITY INXT_ACCEPT INXT_LISTEN INXT_ANNOUNCE INXT_HOSTS INXT_KEY_FILE CREDENTIALS_DIRECTORY NOTIFY_SOCKET
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
offline() {  # runs a command where there is no network, no configuration and no key
  if [[ $(id -u) == 0 ]]; then
    env -i PATH="$PATH" XDG_CONFIG_HOME="$work/nothing" unshare -n "$@"
  else
    env -i PATH="$PATH" XDG_CONFIG_HOME="$work/nothing" unshare -rn "$@"
  fi
}

second() {  # second STATUS: the other implementation sees the same in `proofs`, verdict by verdict
  /usr/bin/python3 -c 'import cryptography, nacl.bindings' 2>/dev/null || return 0
  cp out first_said
  expect "$1" /usr/bin/python3 "$reference" proofs
  cmp <(sed -n 's/.*"type":"host".*"verdict":"\([a-z]*\)".*/\1/p' first_said) \
      <(sed -n 's/.*"verdict":"\([a-z]*\)".*/\1/p' out) || fail "the reference has other verdicts"
}

# ---- six Hosts, each with an address of its own, and a file on them
for n in 1 2 3 4 5 6; do
  inxt-host --store "store$n" --capacity 100MB --accept any --listen "127.0.0.$n:0" 2>"log$n" &
  pids+=($!)
done
for n in 1 2 3 4 5 6; do
  for _ in $(seq 200); do
    grep -q 'listening on' "log$n" && break
    sleep 0.05
  done
  inxt-host descriptor "store$n" >>hosts || fail "Host $n did not start: $(cat "log$n")"
done
host_id() { sed -n 's/.*"host":"\([0-9a-f]*\)".*/\1/p' "store$1/descriptor.jsonl"; }
address() { sed -n 's/.*"addresses":\["\([^"]*\)".*/\1/p' "store$1/descriptor.jsonl"; }

expect 0 inxt-key new --no-passphrase --words-out words
head -c 600000 /dev/urandom >plain
expect 0 inxt-put -e 4+2 --hosts hosts -o manifest plain
mv config away  # the auditor has no key
# Randomness that nobody knew when the audit began, as far as this test is concerned.
jq -cn --argjson time $(($(date +%s) + 3000)) '{randomness: ("5a" * 32), $time}' >young
beacon=young

# ---- all hold it
expect 0 inxt-audit --beacon "$beacon" --proofs proofs manifest
[[ $(wc -l <out) == 7 ]] || { cat out >&2; fail "not one line a Host and a summary"; }
[[ $(grep -c '"type":"host".*"verdict":"passed","kind":"set",.*"anchored":true,"anchored_by":\["auditor"\]' out) == 6 ]] || fail "not all passed"
has out '"type":"summary","verdict":"passed","anchored":true,"hosts":6,"hosts_passed":6'
has err '6 Hosts passed: every block of 900 kB was shown'
[[ $(tail -1 out) == *'"blocks_bad_max":0,'* ]] || fail "every block was asked for"
mv out said
expect 0 offline inxt-audit --verify proofs
diff <(sed 's/,"pieces_without_place":0//' said) out >&2 || fail "--verify says something else"
second 0

# Fewer samples give a bound; two auditors with one beacon ask the same; another way in is standard input.
expect 0 inxt-audit --beacon "$beacon" --samples 20 --confidence 95% --proofs few <manifest
has out '"samples":20,"held":20,'
has out '"confidence":0.95'
has err 'with 95 % confidence at most '
mv few first
expect 0 inxt-audit --beacon "$beacon" --samples 20 --proofs few <manifest
cmp <(grep '"type":"request"' first) <(grep '"type":"request"' few) || fail "the same beacon asks for something else"
# One confidence a transcript; several in one file keep theirs, and the summary takes the least.
expect 0 sh -c 'cat first few | inxt-audit --verify -'
[[ $(grep -c '"type":"host"' out) == 12 ]] || fail "two transcripts, one behind the other"
expect 0 inxt-audit manifest
has out '"anchored":false'
has out '"hosts_passed":0,"hosts_failed":0,"hosts_unreachable":0,"hosts_late":0,"hosts_unanchored":6'
has err 'not anchored'

# ---- the extract for one Host's auditor says no more than it must
expect 0 inxt-audit --extract "$(host_id 3)" manifest
mv out extract
[[ $(wc -l <extract) == 2 ]] || fail "one piece of one segment"
! grep -q "seal_key\|commitment\|segment\|$(host_id 2)" extract || fail "the extract tells too much"
expect 0 inxt-audit --beacon "$beacon" extract
[[ $(grep -c '"type":"host"' out) == 1 ]] || fail "an audit from an extract"
has out "$(host_id 3)"
expect 4 inxt-audit --extract "$(printf 00%.0s {1..32})" manifest

# ---- bad words and bad files
expect 2 inxt-audit --samples 0 manifest
expect 2 inxt-audit --confidence 1 manifest
expect 2 inxt-audit --confidence 0.9999999 manifest
expect 2 inxt-audit --beacon 5a manifest
expect 2 inxt-audit --extract 12 manifest
expect 2 inxt-audit --verify proofs manifest
expect 2 inxt-audit --verify proofs --proofs other
expect 2 inxt-audit --proofs - manifest
expect 4 inxt-audit absent
expect 4 inxt-audit --verify absent
head -n -1 manifest >cut
grep -v '"type":"seal"' manifest >unsealed
expect 8 inxt-audit unsealed
expect 8 inxt-audit --verify manifest
grep -v '"type":"place"' manifest >unplaced
expect 2 inxt-audit --proofs never unplaced
[[ ! -e never ]] || fail "a transcript of an audit that was not"
lines=$(wc -l <proofs)
for line in 1 2 3 4 5 100 $((lines / 2)) $((lines - 1)) "$lines"; do
  sed "${line}d" proofs >bad
  expect 8 offline inxt-audit --verify bad
  grep -q 'line' err || { cat err >&2; fail "no line is named"; }
  sed "${line}s/[02468]/9/2" proofs >bad
  cmp -s proofs bad || expect 8 offline inxt-audit --verify bad
done
head -c 100000 proofs >bad
expect 8 inxt-audit --verify bad

# ---- one Host's disk rots: it is named, with evidence
piece=$(find store2/pieces -type f)
printf 'rot' | dd of="$piece" bs=1 seek=5000 conv=notrunc status=none
expect 9 inxt-audit --beacon "$beacon" --proofs proofs manifest
has err "Host $(host_id 2) FAILED: 1 of "
[[ $(grep '"verdict":"failed"' out | grep -c '"type":"host"') == 1 ]] || fail "not one culprit"
grep '"verdict":"failed"' out | sed -n 1p | grep "$(host_id 2).*\"failed\":1,.*\"block\":1,\"outcome\":\"missing\"" >/dev/null || { cat out >&2; fail "block 1 is not named"; }
mv out said
expect 9 offline inxt-audit --verify proofs
diff <(sed 's/,"pieces_without_place":0//' said) out >&2 || fail "--verify says something else"
second 9
# What the Host signed cannot be made better.
sed 's/"missing":true/"missing":false/' proofs >bad
expect 8 offline inxt-audit --verify bad

# ---- one Host is killed: that is the auditor's word only; evidence comes first in the status
kill -KILL "${pids[4]}"
wait "${pids[4]}" 2>/dev/null || true
expect 9 inxt-audit --beacon "$beacon" manifest
has out '"hosts_passed":4,"hosts_failed":1,"hosts_unreachable":1'
kill -KILL "${pids[1]}"
wait "${pids[1]}" 2>/dev/null || true
expect 5 inxt-audit --beacon "$beacon" --proofs proofs manifest
has err "Host $(host_id 5) is unreachable"
has out '"hosts_passed":4,"hosts_failed":0,"hosts_unreachable":2'
expect 5 offline inxt-audit --verify proofs
has out '"hosts_passed":4,"hosts_failed":0,"hosts_unreachable":2'
second 5

# ---- another machine answers at a Host's address: it has not that Host's key
sed "s/$(address 5)/$(address 6)/g" manifest >moved
expect 5 inxt-audit --beacon "$beacon" moved
grep "$(host_id 5)" out | grep '"verdict":"unreachable"' >/dev/null || fail "an impostor answered"
# ---- a Host moved: the hosts file knows
: >log5
inxt-host --store store5 --capacity 100MB --accept any --listen 127.0.0.5:0 2>log5 &
pids+=($!)
for _ in $(seq 200); do
  grep -q 'listening on' log5 && break
  sleep 0.05
done
inxt-host descriptor store5 >hosts5
expect 5 inxt-audit --beacon "$beacon" --hosts hosts5 manifest
has out '"hosts_passed":5,"hosts_failed":0,"hosts_unreachable":1'
echo "ok"
