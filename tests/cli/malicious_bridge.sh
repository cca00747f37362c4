# SPDX-License-Identifier: AGPL-3.0-or-later
# A real Bridge with real Hosts, and beside it one that lies (tests/support/evil_bridge) with its key and its database:
# sourced, with the usage
#
#   SCRIPT FOLDER_OF_THE_TOOLS FOLDER_OF_THE_TEST_PROGRAMS
. "$(dirname "${BASH_SOURCE[0]}")/network.sh"
. "$(dirname "${BASH_SOURCE[0]}")/bridge_network.sh"
programs=$(realpath "$2")
begin_network "$1"
honest=  # the control file says nothing

# start_evil: beside the real Bridge; what a bridge file says of it is in evil.line.
start_evil() {
  local i
  : >control
  : >hits
  "$programs/evil-bridge" --key bridge/identity.key --database "$work/bridge/bridge.sqlite" --listen 127.0.$subnet.249:0 \
    --control "$work/control" --hits "$work/hits" >evil.line 2>evil.log &
  started+=($!)
  for ((i = 0; i < 400; ++i)); do
    [[ ! -s evil.line ]] || break
    sleep 0.05
  done
  [[ -s evil.line ]] || { echo "the lying Bridge did not start:"; cat evil.log; exit 1; }
}
# bridge_file KEY [ARGUMENT...]: prints a bridge file of that account, with the address of the Bridge that lies.
bridge_file() { cat evil.line && inxt-bridge grant "$1" bridge --quota 1GB --term 30d "${@:2}" | tail -n +2; }

# lie [WORD...]: from now on.  Several at once are lines.
lie() {
  printf '%s\n' "$*" >control.new && mv control.new control
  : >hits
}
# against STATUS TEXT COMMAND...: the lie was told to this command, and it says TEXT on standard error.
against() {
  local wanted=$1 text=$2
  shift 2
  : >hits
  local begin=$SECONDS
  expect "$wanted" timeout 60 "$@"
  [[ -s hits || -z $(cat control) ]] || wrong "nobody was lied to ($(cat control)): $*"
  [[ -z $text ]] || grep -qE -- "$text" err || { wrong "no /$text/ ($(cat control)): $*"; cat err; }
  lacks err $'\e'
  [[ $((SECONDS - begin)) -lt 40 ]] || wrong "it took $((SECONDS - begin)) s"
}
# What JSON libraries read differently, or die of.
json_kinds="deep-list deep-object deep-member list null text no-members cut behind comment duplicate not-utf8 half-surrogate zero-byte huge 64-bits negative float types"
# json_against ABOUT COMMAND...: each of them is refused as what it is, whatever it is.
json_against() {
  local about=$1 kind
  shift
  for kind in $json_kinds; do
    lie json "$kind" "$about"
    against 8 "" "$@"
  done
  lie
}
