# SPDX-License-Identifier: AGPL-3.0-or-later
# Files in a Bridge's care: sourced, after bridge_network.sh.  The file is `plain`, its manifest `m`, what the Bridge has
# added to its places `added`.

put_plain() {  # stores the file that is to be entrusted; $segments: of how many it is
  : >added
  head -c 1500000 /dev/urandom >plain
  expect 0 inxt-put -q -e 4+2 -s 128KiB -o m plain
  segments=$(jq -s '[.[] | select(.type == "piece") | .segment] | unique | length' m)
}
repairs() { inxt-bridge repairs bridge; }
healer() { inxt-bridge status bridge | jq -cr ".healer${1-}"; }
# await SECONDS DESCRIPTION COMMAND...: until the command succeeds; on a machine that is busy, longer than it takes.
await() {
  local what=$2 i
  for ((i = 0; i < 5 * $1; ++i)); do
    "${@:3}" && return
    sleep 0.2
  done
  wrong "never: $what"
  repairs | tail -3
  healer
  grep -v event=command log.bridge | tail -10
  finish
}
pieces_proved() { repairs | jq -s 'map(.pieces[] | select(.state == "proved")) | length'; }
proved() { [[ $(pieces_proved) -ge $1 ]]; }
knows() { [[ $(healer .segments) == "$1" ]]; }
all_done() { [[ $(healer '|[.due, .under_way, .unreadable] | add') == 0 ]]; }
# Places count in their order: the last one of a piece is where it is.
places_now() { cat m added | jq -sc 'map(select(.type == "place")) | group_by([.segment, .shard]) | map(.[-1]) | .[]'; }
held_by() { places_now | jq -c --arg host "${host_id[$1]}" 'select(.host == $host)' | wc -l; }
holders() {
  local n
  for n in $(printf '%s\n' "${!host_pid[@]}" | sort -n); do (($(held_by "$n") == 0)) || echo "$n"; done
}
take_places() { inxt-care places m >added 2>err || wrong "no places: $(cat err)"; }
reads() {  # reads WHAT: from the Hosts alone
  cat m added >m-now
  expect 0 env -u INXT_BRIDGE timeout 120 inxt-get -q -o back m-now
  same plain back "$1"
}
piece_at() {  # piece_at N: the id of a piece that the owner stored at Host N
  local at
  at=$(places_now | jq -c --arg host "${host_id[$1]}" 'select(.host == $host and .uploader == null)' | head -1)
  [[ -z $at ]] || jq -r --argjson at "$at" 'select(.type == "piece" and .segment == $at.segment and .shard == $at.shard) | .id' m
}
stored() { find store.*/pieces -type f ! -name "*-${bridge_id:0:16}*" | wc -l; }
released() { [[ $(healer .repairs.released) -ge $1 ]]; }
use_liar() {  # somebody whom the owner lets read
  openssl req -x509 -newkey ed25519 -nodes -keyout liar.pem -out liar.crt -subj /CN=liar 2>/dev/null
  local id
  id=$(openssl pkey -in liar.pem -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')
  inxt-permit delegate --to "$id" --can read >liars 2>err || wrong "delegate: $(cat err)"
  permits=$(jq -r 'select(.type == "capability") | .token' liars | paste -sd '~')
}
say_bad() {  # say_bad PLACE_LINE: the liar reports it; prints the Bridge's answer
  jq -c --arg file "$(head -1 m | jq -r .file)" '{file: $file, segment, shard, mirror, host}' <<<"$1" |
    curl -sk --max-time 60 --cert liar.crt --key liar.pem -H "Inxt-Permit: $permits" --data-binary @- "https://$bridge_at/v1/care/reports"
}
