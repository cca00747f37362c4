#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-audit's commitments, beacons, witnesses and deadlines, against real Hosts and a local server of drand's API: what is
# committed before the beacon passes, what is not is unanchored, and a Host that answers late is late.
#
# usage: audit-anchors.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

PATH=$(realpath "$1"):$PATH
here=$(realpath "$(dirname "$0")")
reference=$here/../reference/verify_transcript.py
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
unset INXT_SAMPLES INXT_CONFIDENCE http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
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
value() { jq -r "select(.type == \"host\") | $1" out | sort -u; }
is() { [[ $(value "$1") == "$2" ]] || { cat out err >&2; fail "$1 is $(value "$1"), not $2"; }; }
second() {  # second STATUS [ARGUMENT...]: the other implementation sees the same in `proofs`
  /usr/bin/python3 -c 'import cryptography, nacl.bindings' 2>/dev/null || return 0
  cp out first_said
  local want=$1
  shift
  expect "$want" /usr/bin/python3 "$reference" "$@" proofs
  cmp <(jq -c 'select(.type == "host") | [.host, .verdict, .anchored, .late]' first_said) \
    <(jq -c '[.host, .verdict, .anchored, .late]' out) || fail "the reference has other verdicts"
}
offline() {  # also offline, and by the second implementation: the same report
  local want=$1
  shift
  cp out said
  expect "$want" inxt-audit --verify proofs "$@"
  diff <(sed 's/,"pieces_without_place":0//' said) out >&2 || fail "--verify says something else"
  second "$want" "$@"
}

# ---- two Hosts with a file, and three more that only witness
for n in 1 2 3 4; do
  inxt-host --store "store$n" --capacity 100MB --accept any --listen "127.0.61.$n:0" 2>"log$n" &
  pids+=($!)
done
for n in 1 2 3 4; do
  for _ in $(seq 600); do
    grep -q 'listening on' "log$n" && break
    sleep 0.05
  done
  inxt-host descriptor "store$n" >"host$n" || fail "Host $n did not start: $(cat "log$n")"
done
host_id() { sed -n 's/.*"host":"\([0-9a-f]*\)".*/\1/p' "store$1/descriptor.jsonl"; }
cat host1 host2 >hosts
expect 0 inxt-key new --no-passphrase --words-out words
head -c 100000 /dev/urandom >plain
expect 0 inxt-put -e 1+1 --hosts hosts -o manifest plain
head -c 1000000 /dev/urandom >plain
expect 0 inxt-put -e 1+1 --hosts hosts -o larger plain
mv config away

/usr/bin/python3 "$here/../support/beacon_server.py" >beacon.log 2>beacon.err &
pids+=($!)
for _ in $(seq 200); do
  [[ -s beacon.log ]] && break
  sleep 0.05
done
drand=$(cat beacon.log)
[[ -n $drand ]] || fail "the beacon's server did not start: $(cat beacon.err)"

# ---- no beacon, or one that nothing is known of
expect 0 inxt-audit --proofs proofs manifest
is .verdict unanchored
has err 'no beacon was given'
offline 0
expect 3 inxt-audit --beacon "$(printf 5a%.0s {1..32})" --proofs proofs manifest
is .verdict unanchored
is '.reason' 'nothing says when the beacon became known'
offline 3
# One that is older than the commitment: the Host could have chosen what it commits to.
curl -s "$drand/public/latest" >round
cat <(curl -s "$drand/info") <(echo) round >beacon
expect 3 inxt-audit --beacon beacon --proofs proofs manifest
is .verdict unanchored
is .anchored false
has err 'nothing shows that the beacon is younger'
offline 3

# ---- commit now; ask nobody; audit that, and nothing else, when the beacon is there
expect 0 inxt-audit --commit commitments manifest
[[ ! -s out ]] || fail "--commit has said something on standard output"
has err '2 commitments are fixed'
[[ $(jq -c 'select(.type == "commitment") | .kind' commitments | sort | uniq -c | tr -d ' \n') == '2"set"' ]] || fail "not two sets"
committed=$(jq 'select(.type == "commit") | .time' commitments | sort -u)
jq -cn --argjson time "$((committed + 29))" '{randomness: ("ab" * 32), $time}' >early
jq -cn --argjson time "$((committed + 30))" '{randomness: ("ab" * 32), $time}' >soon
expect 3 inxt-audit --commitments commitments --beacon early
jq -cn --argjson time "$((committed + 7200))" '{randomness: ("ab" * 32), $time}' >future
expect 2 inxt-audit --commitments commitments --beacon future
has err 'nobody can know it'
expect 0 inxt-audit --commitments commitments --beacon soon --proofs proofs
is .verdict passed
is '.anchored_by | join(",")' auditor
is .commit_time "$committed"
is .beacon_time "$((committed + 30))"
grep '"type":"request"' proofs >first
offline 0
# Somebody else with the same inputs asks the same.
expect 0 inxt-audit --commitments commitments --beacon soon --proofs again
cmp first <(grep '"type":"request"' again) || fail "the same inputs ask for something else"
# What was committed is asked, whatever became of the manifest.
expect 2 inxt-audit --commitments commitments --beacon soon manifest
expect 2 inxt-audit --commit other --beacon soon manifest
expect 4 inxt-audit --commitments absent --beacon soon
sed 's/"size":[0-9]*/"size":16/' commitments >bad
expect 8 inxt-audit --commitments bad --beacon soon
head -c 300 commitments >bad
expect 8 inxt-audit --commitments bad --beacon soon

# ---- a server: the first round that is young enough, and no other
expect 0 inxt-audit --commit fresh manifest
fresh=$(jq 'select(.type == "commit") | .time' fresh | sort -u)
inxt-audit --commitments fresh --beacon "$drand/" --proofs drand.proofs >drand.out 2>drand.err &
waiting=$!
pids+=("$waiting")
# Meanwhile: servers that are none.  Commitments that are older need no wait.
jq -c 'if .type == "commit" then .time -= 900 else . end' commitments >old
mv old commitments
expect 8 inxt-audit --commitments commitments --beacon "$drand/forged"
has err 'not the hash of the signature'
expect 8 inxt-audit --commitments commitments --beacon "$drand/other"
has err 'which is another'
expect 8 inxt-audit --commitments commitments --beacon "$drand/long"
has err kBeaconBytesMax
expect 8 inxt-audit --commitments commitments --beacon "$drand/broken"
expect 8 inxt-audit --commitments commitments --beacon "$drand/file"
! grep -q root: out err || fail "a file was read"
expect 5 inxt-audit --commitments commitments --beacon "$drand/loop"
expect 5 inxt-audit --commitments commitments --beacon "$drand/refused"
has err 'status 500'
expect 5 inxt-audit --commitments commitments --beacon http://127.0.0.1:1
expect 4 inxt-audit --commitments commitments --beacon ftp://127.0.0.1/
expect 2 inxt-audit --commitments commitments --beacon 5a
expect 8 inxt-audit --commitments commitments --beacon words
expect 8 inxt-audit --commitments commitments --beacon round  # of a chain, but of which
expect 0 inxt-audit --commitments commitments --beacon "$drand/moved"
is .verdict passed
expect 0 inxt-audit --commitments commitments --beacon "$drand/late"
is .verdict passed

# ---- witnesses: their word counts for those who do not believe the auditor
cat host3 host4 >witnesses
expect 0 inxt-audit --commit witnessed --witness witnesses manifest
has err '4 words of witnesses'
seen=$(jq 'select(.type == "witness") | .time' witnessed | sort -n | tail -1)
jq -cn --argjson time "$((seen + 30))" '{randomness: ("cd" * 32), $time}' >soon
expect 0 inxt-audit --commitments witnessed --beacon soon --require-witness "$(host_id 3)" --require-witness "$(host_id 4)" --proofs proofs
is .verdict passed
is '.anchored_by | sort | join(" ")' "$(printf '%s\n' "$(host_id 3)" "$(host_id 4)" auditor | sort | xargs)"
offline 0 --require-witness "$(host_id 3)"
expect 3 inxt-audit --verify proofs --require-witness "$(host_id 1)"
is .verdict unanchored
# Whoever fakes the auditor's time cannot fake theirs.
jq -c 'if .type == "commit" then .time = 1000 else . end' witnessed >faked
jq -cn --argjson time "$((seen - 100))" '{randomness: ("cd" * 32), $time}' >older
expect 0 inxt-audit --commitments faked --beacon older
expect 3 inxt-audit --commitments faked --beacon older --require-witness "$(host_id 3)"
jq -c 'if .type == "witness" then .time = 1000 else . end' witnessed >faked
expect 8 inxt-audit --commitments faked --beacon older
# A Host that is away is no witness; the others are.
cat host1 host4 >witnesses
kill -KILL "${pids[3]}"
wait "${pids[3]}" 2>/dev/null || true
expect 0 inxt-audit --commit partly --witness witnesses manifest
has err "Host $(host_id 4) is no witness"
[[ $(grep -c '"type":"witness"' partly) == 1 ]] || fail "Host 1 is a witness for Host 2, and not for itself"
expect 2 inxt-audit --commit never --witness /dev/null manifest
[[ ! -e never ]] || fail "commitments in spite of an error"

# ---- goals
expect 0 inxt-audit --detect 50% manifest
[[ $(value .samples) -lt 10 ]] || fail "50 % damage takes few samples"
[[ $(value .fraction_bad_max | sort -n | tail -1) < 0.5 ]] || fail "the goal was missed"
expect 2 inxt-audit --detect 1% --samples 4 manifest
expect 2 inxt-audit --detect 0 manifest
expect 2 inxt-audit --detect 2 manifest

# ---- deadlines: an answer that took longer counts, and is late
expect 5 inxt-audit --deadline 1 --samples 240 --proofs proofs larger
is .verdict late
is .deadline_ms 1
is .held 240
has err 'was late'
offline 5
expect 0 inxt-audit --commitments commitments --beacon soon --disk-ms 10 --min-rate 1MB
[[ $(value '.deadline_ms >= 25 * 10 + 200 + .rtt_ms * 4') == true ]] || fail "the deadline is not as measured"

# ---- the run that waited for its round
wait "$waiting" || { cat drand.out drand.err >&2; fail "the audit by a server of beacons"; }
has drand.err 'for the first beacon that is younger'
cp drand.out out
cp drand.proofs proofs
is .verdict passed
is .beacon_time "$((fresh + 30))"
is .rounds_passed_over 0
round=$(jq 'select(.type == "beacon") | .round' proofs | sort -u)
[[ $(curl -s "$drand/public/$round" | jq -r .randomness) == "$(jq -r 'select(.type == "beacon") | .randomness' proofs | sort -u)" ]] ||
  fail "the round that the transcript names is another"
offline 0
echo "ok"
