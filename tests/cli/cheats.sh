# SPDX-License-Identifier: AGPL-3.0-or-later
# Hosts that cheat, and audits of them, for the scripts that expect something of each: sourced, not run, with the usage
#
#   SCRIPT FOLDER_OF_THE_TOOLS FOLDER_OF_THE_TEST_PROGRAMS [slow]
#
# `slow` (label long): ten times the audits, and the Hosts that keep the auditor waiting.
. "$(dirname "${BASH_SOURCE[0]}")/network.sh"
programs=$(realpath "$2")
slow=${3:-}
no_network=-rn
reference=$(realpath "$(dirname "$0")/../reference/verify_transcript.py")
/usr/bin/python3 -c 'import cryptography, nacl.bindings' 2>/dev/null || reference=
[[ $(id -u) != 0 ]] || no_network=-n
begin_network "$1"

# cheat NAME MODE [ARGUMENT...]: a Host of that mode; its hosts line is in NAME.hosts.
cheat() {
  local name=$1 mode=$2 i
  shift 2
  : >"$name.hosts"
  "$programs/cheating-host" --mode "$mode" --store "store.$name" --listen 127.0.1.1:0 --seed $RANDOM "$@" \
    >"$name.hosts" 2>"$name.log" &
  host_pid[$name]=$!
  for ((i = 0; i < 400; ++i)); do
    [[ ! -s $name.hosts ]] || return 0
    kill -0 "${host_pid[$name]}" 2>/dev/null || break
    sleep 0.05
  done
  echo "the Host $name did not start:"; cat "$name.log"; exit 1
}
# store NAME FILE [ARGUMENT...]: the file on that Host alone; its manifest is NAME.inxt.
store() {
  local name=$1 file=$2
  shift 2
  inxt-put -q -m 1 --hosts "$name.hosts" "$@" "$file" >"$name.inxt" || wrong "put on $name"
  commit "$name" "$name.inxt"
}
# commit NAME ARGUMENT...: what is audited is fixed in NAME.fixed, before any beacon.
commit() {
  local name=$1
  shift
  inxt-audit --commit "$name.fixed" "$@" 2>err || { wrong "commit of $name"; cat err; }
}
beacons=0
# fresh NAME: the file `beacon` has one that nobody knew when NAME was committed to.
fresh() {
  local time
  time=$(jq 'select(.type == "commit") | .time' "$1.fixed" | sort -n | tail -1)
  beacons=$((beacons + 1))
  printf '{"randomness":"%064x","time":%d}\n' $beacons $((time + 30)) >beacon
}
# audit NAME VERDICT REASON [ARGUMENT...]: with a fresh beacon; out, err and NAME.proofs are left.  VERDICT is the Host's,
# and REASON, a regular expression, is found in its reason (nothing: there is none).
audit() {
  local name=$1 verdict=$2 reason=$3 said
  shift 3
  fresh "$name"
  inxt-audit --beacon beacon --proofs "$name.proofs" "$@" --commitments "$name.fixed" >out 2>err
  status=$?
  said=$(jq -r 'select(.type == "host").verdict' out)
  [[ $said == "$verdict" ]] || { wrong "$name: verdict $said, not $verdict"; cat out err; }
  said=$(jq -r 'select(.type == "host").reason // ""' out)
  [[ $said =~ $reason ]] || wrong "$name: reason \"$said\", not \"$reason\""
  [[ $status == "$(status_of "$verdict")" ]] || wrong "$name: status $status after $verdict"
}
status_of() {
  case $1 in
    passed) echo 0 ;;
    failed) echo 9 ;;
    unreachable | late) echo 5 ;;
    unanchored) echo 3 ;;
  esac
}
# outcomes: those of the samples that the report lists, each once.
outcomes() { jq -r 'select(.type == "host").failures[]?.outcome' out | sort -u | tr '\n' ' '; }
# third NAME VERDICT: somebody with no network, no key and no configuration comes to the same.
third() {
  local wanted
  wanted=$(status_of "$2")
  cp "$1.proofs" evidence
  expect "$wanted" env -i PATH="$PATH" XDG_CONFIG_HOME="$work/nothing" \
    unshare $no_network inxt-audit --verify evidence
  has out "\"verdict\":\"$2\""
  [[ $reference ]] || return 0
  expect "$wanted" /usr/bin/python3 "$reference" evidence  # and so does a second implementation
  has out "\"verdict\":\"$2\""
}

runs=$([[ $slow ]] && echo 240 || echo 24)
# rate NAME BLOCKS BAD SAMPLES [found-chained]: audits of NAME.fixed, against the formula.
rate() {
  local name=$1 blocks=$2 bad=$3 samples=$4 found=0 computed n
  computed=$("$programs/cheat-rates" "${5:-found}" "$blocks" "$bad" "$samples")
  for ((n = 0; n < runs; ++n)); do
    fresh "$name"
    inxt-audit -q --samples "$samples" --beacon beacon --commitments "$name.fixed" >/dev/null 2>&1
    case $? in
      9) found=$((found + 1)) ;;
      0) ;;
      *) wrong "an audit of $name ended with something else" && return ;;
    esac
  done
  echo "$name: $bad of $blocks blocks are gone; $samples samples found it in $found of $runs audits, computed $computed"
  "$programs/cheat-rates" believe "$runs" "$found" "$computed" || wrong "that is not believable"
}
# lacks_blocks NAME: how many there should be, and how many are not, by asking for all.
lacks_blocks() {
  inxt-audit --samples 65536 "$1.inxt" >all 2>/dev/null
  blocks=$(jq -r 'select(.type == "summary").blocks' all) bad=$(jq -r 'select(.type == "summary").failed' all)
}

head -c 8388608 /dev/urandom >plain
head -c 3000000 /dev/urandom >small
head -c 33554432 /dev/urandom >large  # of which 0.1 % are a few blocks

# Twenty blocks of a disk that seeks fast, at a rate that a network of this machine has: 0.7 s and four round trips.
hurry=(--samples 20 --min-rate 100MB)
