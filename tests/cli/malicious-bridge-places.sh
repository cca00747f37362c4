#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Bridge that lies about Hosts, placements, vouchers and accounts (tests/support/evil_bridge), to the real inxt-hosts,
# inxt-permit and inxt-put: what it says is refused, or cannot be known and costs no byte.
# usage: malicious-bridge-places.sh FOLDER_OF_THE_TOOLS FOLDER_OF_THE_TEST_PROGRAMS
subnet=150
. "$(dirname "$0")/malicious_bridge.sh"
start_bridge 127.0.$subnet.250:0 --test-seed
start_evil
start_vouched_hosts 1 6
use_key owner
owner=$(account_at)
bridge_file "$owner" >mine
export INXT_BRIDGE=$work/mine
await_hosts 6 mine
head -c 1000000 /dev/urandom >plain

# ---- Honest, in the same place: all of it works.
lie
expect 0 inxt-hosts
[[ $(wc -l <out) == 6 ]] || wrong "not six Hosts"
expect 0 inxt-permit show
expect 0 inxt-put -e 2+1 -o m plain
expect 0 inxt-get -o back m
same plain back "through an honest Bridge"
[[ ! -s hits ]] || wrong "an honest Bridge lied"

# ---- Hosts: what a Host did not sign is not taken for its word.
for kind in reverse twice again; do
  lie hosts $kind
  against 8 "out of order" inxt-hosts
done
for kind in key address token; do
  lie hosts $kind
  against 8 "the Bridge.s list, line 1" inxt-hosts
done
lie hosts more-than-all
against 8 "uptime_30d" inxt-hosts
lie hosts better  # its own word: nobody can tell, and --measure goes there itself
against 0 "" inxt-hosts --min-audits 1000000
lie endless-hosts
: >hits
expect 8 timeout 60 inxt-hosts
has err "out of order"
json_against hosts inxt-hosts
lie json long hosts
against 5 "response_bytes_max" inxt-hosts

# ---- What is no answer is none: cut, without end, led elsewhere.
# Three tools at once: each of them asks again a few times before it gives up.
for ending in cut endless; do
  lie "end $ending hosts"$'\n'"end $ending account"$'\n'"end $ending placement"
  (timeout 60 inxt-hosts >out.hosts 2>err.hosts; echo $? >status.hosts) & first=$!
  (timeout 60 inxt-permit show >out.account 2>err.account; echo $? >status.account) & second=$!
  timeout 60 inxt-put -e 2+1 plain >out.placement 2>err.placement
  echo $? >status.placement
  wait $first $second
  for about in hosts account placement; do
    [[ $(cat status.$about) == 5 ]] || { wrong "$ending $about: status $(cat status.$about)"; cat err.$about; }
    has err.$about "$([[ $ending == cut ]] && echo "closed after" || echo response_bytes_max)"
    [[ ! -s out.$about ]] || wrong "$ending $about: something was printed"
  done
done
for about in hosts account placement; do
  case $about in
    hosts) command=(inxt-hosts) ;;
    account) command=(inxt-permit show) ;;
    placement) command=(inxt-put -e 2+1 plain) ;;
  esac
  lie redirect $about
  against 1 "302" "${command[@]}"
  lie status 500 $about
  against 1 "500" "${command[@]}"
  lie status 403 $about
  against 6 "403" "${command[@]}"
done
for what in noise empty; do
  lie $what account
  against 8 "" inxt-permit show
  lie $what placement
  against 8 "" inxt-put -e 2+1 plain
done

# ---- The account: what there is of quota is the Bridge's word; what a permit says is not.
json_against account inxt-permit show
lie account other
against 8 "another account" inxt-permit show
lie account no-links
against 8 "" inxt-permit show
lie account all
against 0 "" inxt-permit show
lie json types revocation
inxt-permit delegate --to "$(printf 'a%.0s' {1..64})" >theirs 2>/dev/null || inxt-permit delegate --to "$owner" >theirs
lie pretend-revoked  # noticed when the other one uses it, and by nobody before: inxt-threats(7)
against 0 "" inxt-permit revoke theirs

# ---- Placements: what can be seen from here is seen, before anything is stored.
before=$(pieces_of_accounts)
refused() {  # refused TEXT LIE...: of a layout that was asked for
  local text=$1
  shift
  lie place "$@"
  against 8 "$text" inxt-put -e 2+1 -o never plain
  none never "of a false placement"
  [[ $(pieces_of_accounts) == "$before" ]] || wrong "pieces were stored where a Bridge lied: $*"
}
refused "stands twice" twice
refused "stands twice" one-host
refused "stands twice" stands-in
refused "2 pieces of a segment that has 3" fewer
refused "4 pieces of a segment that has 3" more
refused "groups" no-groups
refused "does not say where" no-hosts
refused "" false-host
refused "" forged-host
refused "names itself" own-for-one
refused "" own-host
refused "another layout" layout 3 1 1 1048576
refused "another placement" other-id
json_against placement inxt-put -e 2+1 -o never plain
# With names, too, where nothing of several files is stored.
head -c 2000000 /dev/urandom >large
lie place twice
against 8 "stands twice" env XDG_STATE_HOME="$work/state.tree" inxt-put -e 2+1 plain large inxt:/d/
against 8 "stands twice" env XDG_STATE_HOME="$work/state.tree" inxt-mkdir inxt:/d
[[ $(pieces_of_accounts) == "$before" ]] || wrong "pieces were stored where a Bridge lied of names"
chosen() {  # of a layout that was left to it
  local text=$1
  shift
  lie place layout "$@"
  against 8 "$text" inxt-put -o never plain
  none never "in an absurd layout"
}
chosen "lost with any one Host" 1 0 1 2097152
chosen "lost with any one Host" 4 0 1 2097152
chosen "kPlacedShardBytesMin" 2 1 1 4096
chosen "kPlacedExpansionMax" 2 64 1 65536
chosen "layout" 0 0 0 0
chosen "layout" 4000000000 1 1 65536
chosen "layout" 1 1 1 4294967295
chosen "layout" 2 1 1 1000
[[ $(pieces_of_accounts) == "$before" ]] || wrong "pieces were stored in an absurd layout"
# Two Hosts of one network, and dear ones.
host_at[7]=127.0.151.7:0
launch_host 7 --accept bridge.accept --bridge bridge.line
start_host 8 --accept bridge.accept --bridge bridge.line --price 5
await_host 7
hosts_file 1 7 2 >near
hosts_file 8 2 3 >dear
refused "both in 127.0.151.0/24" hosts-of "$work/near"
refused "asks for 5" hosts-of "$work/dear"
# All of one operator that says so to nobody: that cannot be seen from here, and the file is stored.
hosts_file 4 5 6 >others
lie place hosts-of "$work/others"
against 0 "" inxt-put --allow-same network -e 2+1 -o m plain
lie
expect 0 inxt-get -o back m
same plain back "where the Bridge wanted it"
# Room that it reserves, and does not.
lie place reserved
against 0 "" inxt-put -e 2+1 -o m plain

# ---- Vouchers: a Host takes none that is not for this account, here, now, by its Bridge.
before=$(pieces_of_accounts)
json_against vouchers inxt-put -e 2+1 -o never plain
lie vouch none
against 8 "no voucher" inxt-put -e 2+1 -o never plain
for kind in noise account host over by-another; do
  lie vouch $kind
  against 6 "" inxt-put -e 2+1 -o never plain
  none never "with a voucher: $kind"
done
lie vouch nothing
against 7 "" inxt-put -e 2+1 -o never plain
[[ $(pieces_of_accounts) == "$before" ]] || wrong "$(pieces_of_accounts) pieces after false vouchers, not $before"
lie vouch soon
against 0 "" inxt-put -e 2+1 -o m plain
lie pretend-ended
against 0 "" inxt-put -e 2+1 -o m plain
for code in 500 503; do
  lie status $code vouchers
  expect $([[ $code == 503 ]] && echo 5 || echo 1) timeout 90 inxt-put -e 2+1 -o never plain
done

# ---- And with an honest Bridge again, all is as before.
lie
expect 0 inxt-put -e 2+1 -o m plain
expect 0 inxt-get -o back m
same plain back "at the end"
finish
