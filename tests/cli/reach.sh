#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# A Host behind a home router: network namespaces for the Host, the router (nftables, a real miniupnpd) and the outside.
# The Host maps its port, announces the router's outside address, follows it when it changes or the router starts anew,
# gives the port back when it stops; a client outside stores and gets a file through it, by IPv4 and by IPv6.
# Nothing leaves the namespaces: no interface of theirs leads anywhere else.
#
# usage: reach.sh FOLDER_OF_THE_TOOLS     77 where it cannot run
source "$(dirname "$0")/network.sh"

skip() { echo "skipped: $*"; exit 77; }
PATH=$PATH:/usr/sbin:/sbin
[[ $(id -u) == 0 ]] || skip "network namespaces of its own need root"
for program in ip nft miniupnpd; do command -v "$program" >/dev/null || skip "$program is not installed"; done

tag=inxt$$
home=$tag-home router=$tag-router outside=$tag-outside
end_namespaces() {
  local space
  for space in "$home" "$router" "$outside"; do ip netns del "$space" 2>/dev/null; done
}
ip netns add "$home" 2>/dev/null || skip "network namespaces are not allowed here"
begin_network "$1"
trap 'end_network; end_namespaces' EXIT
ip netns add "$router" && ip netns add "$outside" || exit 1
at_home() { ip netns exec "$home" "$@"; }
at_router() { ip netns exec "$router" "$@"; }
at_outside() { ip netns exec "$outside" "$@"; }
for space in "$home" "$router" "$outside"; do ip -n "$space" link set lo up; done

# Public addresses, because neither miniupnpd nor a Host takes others for the outside.
ip link add lan netns "$home" type veth peer name lan netns "$router"
ip link add wan netns "$router" type veth peer name wan netns "$outside"
v6() { at_home test -e /proc/net/if_inet6; }
ip -n "$home" address add 192.168.77.2/24 dev lan
ip -n "$router" address add 192.168.77.1/24 dev lan
ip -n "$router" address add 11.22.33.1/24 dev wan
ip -n "$outside" address add 11.22.33.9/24 dev wan
if v6; then
  ip -n "$home" address add 2a01:4f8:77::2/64 dev lan nodad
  ip -n "$router" address add 2a01:4f8:77::1/64 dev lan nodad
  ip -n "$router" address add 2a01:4f8:33::1/64 dev wan nodad
  ip -n "$outside" address add 2a01:4f8:33::9/64 dev wan nodad
fi
for space in "$home" "$outside"; do ip -n "$space" link set "$([[ $space == "$home" ]] && echo lan || echo wan)" up; done
ip -n "$router" link set lan up && ip -n "$router" link set wan up
ip -n "$home" route add default via 192.168.77.1
at_router sysctl -qw net.ipv4.ip_forward=1
if v6; then
  ip -n "$home" route add default via 2a01:4f8:77::1
  ip -n "$outside" route add default via 2a01:4f8:33::1
  at_router sysctl -qw net.ipv6.conf.all.forwarding=1
fi
rules() {
  at_router nft -f - <<'RULES'
table inet miniupnpd
delete table inet miniupnpd
table inet miniupnpd {
  chain forward {
    type filter hook forward priority 0; policy accept;
    jump miniupnpd
    iifname "wan" ip daddr 192.168.77.0/24 ct state new drop
  }
  chain miniupnpd { }
  chain prerouting { type nat hook prerouting priority -100; jump prerouting_miniupnpd; }
  chain postrouting { type nat hook postrouting priority 100; jump postrouting_miniupnpd; oifname "wan" ip saddr 192.168.77.0/24 masquerade; }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
}
RULES
}
rules || skip "nftables cannot translate addresses here"

router_pid=
start_router() {  # start_router NAT_PMP UPNP
  cat >miniupnpd.conf <<CONF
ext_ifname=wan
listening_ip=lan
http_port=5000
enable_natpmp=$1
enable_upnp=$2
secure_mode=yes
notify_interval=60
uuid=00000000-0000-4000-8000-0000000000aa
upnp_table_name=miniupnpd
upnp_nat_table_name=miniupnpd
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
allow 1024-65535 192.168.77.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
CONF
  ip netns exec "$router" miniupnpd -d -f "$PWD/miniupnpd.conf" -P "$PWD/miniupnpd.pid" >>router.log 2>&1 &
  router_pid=$!
  started+=("$router_pid")
  for ((i = 0; i < 100; ++i)); do
    [[ ! -s miniupnpd.pid ]] || return 0
    sleep 0.05
  done
  echo "miniupnpd did not start:"; cat router.log; exit 1
}
stop_router() {
  kill "$router_pid"
  wait "$router_pid" 2>/dev/null
  rm -f miniupnpd.pid
  rules  # it has forgotten everything
}
mapped() { at_router nft list chain inet miniupnpd prerouting_miniupnpd | grep -c 'dnat ip to 192.168.77.2:4242'; }
await() {  # await SECONDS WHAT COMMAND...
  local i n=$(($1 * 10)) what=$2
  shift 2
  for ((i = 0; i < n; ++i)); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.1
  done
  wrong "$what"
  tail -20 log.1
  return 1
}
announces() { [[ $(jq --arg a "$1" '.addresses | index($a) != null' store.1/descriptor.jsonl) == true ]]; }
announces_not() { [[ $(jq --arg a "$1" '.addresses | index($a) == null' store.1/descriptor.jsonl) == true ]]; }
is_mapped() { [[ $(mapped) -ge 1 ]]; }
is_unmapped() { [[ $(mapped) == 0 ]]; }
start() {  # start ARGUMENT...
  : >log.1
  ip netns exec "$home" inxt-host --store store.1 --capacity 1GiB --accept any --listen '[::]:4242' "$@" 2>log.1 &
  host_pid[1]=$!
  await 20 "the Host does not start" grep -q 'listening on' log.1 || exit 1
}
stop() { kill "${host_pid[1]}"; wait "${host_pid[1]}"; unset 'host_pid[1]'; }
round_trip() {  # round_trip NAME: with the addresses of now, from outside
  head -c 300000 /dev/urandom >"$1"
  cp store.1/descriptor.jsonl hosts
  expect 0 at_outside inxt-put -m 1 --hosts hosts -o "$1.inxt" "$1"
  rm -f "$1.back"
  expect 0 at_outside inxt-get --hosts hosts -o "$1.back" "$1.inxt"
  same "$1" "$1.back" "what came back through $1"
}

# ---- NAT-PMP
start_router yes no
start --map-port auto
await 20 "the outside address is not announced" announces 11.22.33.1:4242
has log.1 'method=nat-pmp'
announces_not 192.168.77.2:4242 >/dev/null || wrong "a private address is announced"
is_mapped || wrong "the router has no rule"
round_trip by-nat-pmp
if v6; then
  announces '[2a01:4f8:77::2]:4242' >/dev/null || wrong "the IPv6 address is not announced: $(cat store.1/descriptor.jsonl)"
  by_v6() { at_outside curl -sk --max-time 10 'https://[2a01:4f8:77::2]:4242/v1/health' | grep '"ok"'; }
  await 20 "no answer by IPv6" by_v6
fi

# ---- what the doctor says: another Host sees it at the router's address, and reaches it
ip netns exec "$outside" inxt-host --store store.2 --capacity 1GiB --accept any --listen 11.22.33.9:4300 2>log.2 &
host_pid[2]=$!
await 20 "the second Host does not start" grep -q 'listening on' log.2
doctor() { at_home inxt-host doctor store.1 --hosts store.2/descriptor.jsonl >out 2>err; }
outside_finding() { jq -c 'select(.subject == "outside") | [.address, .reached, .announced]' out; }
doctor
[[ $(outside_finding) == '["11.22.33.1:4242",true,true]' ]] || { wrong "what is seen from outside"; cat out err; }
has err 'of another: a router leads here'

# ---- the router gets another outside address: it tells its neighbours, and the Host announces the new one
ip -n "$router" address add 11.22.33.2/24 dev wan
ip -n "$router" address del 11.22.33.1/24 dev wan
ip -n "$router" address add 11.22.33.2/24 dev wan 2>/dev/null
at_home kill -HUP "${host_pid[1]}"
await 30 "the new outside address is not announced" announces 11.22.33.2:4242
announces_not 11.22.33.1:4242 >/dev/null || wrong "the old address is still announced"
has log.1 'gone=11.22.33.1:4242'
round_trip after-the-change

# ---- the router starts anew and has forgotten everything
stop_router
is_unmapped || wrong "the router still has its rules"
start_router yes no
await 30 "it is not mapped again after the router's restart" is_mapped
round_trip after-the-restart

# ---- an interface of the Host gets another address, and loses it
if v6; then
  ip -n "$home" address add 2a01:4f8:77::22/64 dev lan nodad
  await 20 "a new IPv6 address is not announced" announces '[2a01:4f8:77::22]:4242'
  ip -n "$home" address del 2a01:4f8:77::22/64 dev lan
  await 20 "a lost IPv6 address is still announced" announces_not '[2a01:4f8:77::22]:4242'
fi

# ---- it gives the port back
stop
is_unmapped || wrong "the port is still mapped after the Host has stopped"
has log.1 'event=port-unmapped'
stop_router

# ---- UPnP
start_router no yes
start --map-port auto
await 30 "the outside address is not announced by UPnP" announces 11.22.33.2:4242
has log.1 'method=upnp'
round_trip by-upnp
stop
is_unmapped || wrong "the port is still mapped by UPnP after the Host has stopped"

# ---- another machine has the port already: another one is taken
at_router nft add rule inet miniupnpd prerouting_miniupnpd iif wan meta l4proto tcp th dport 4242 dnat ip to 192.168.77.3:4242
start --map-port upnp
await 30 "nothing is mapped beside another machine's port" grep -q 'event=port-mapped' log.1
stop
stop_router

# ---- double NAT: mapped, told, and not announced
ip -n "$router" address add 100.64.0.5/24 dev wan
ip -n "$router" address del 11.22.33.2/24 dev wan
start_router yes no
start --map-port nat-pmp
await 30 "a router behind another router is not reported" grep -qE 'port-mapping-useless|port-mapping-failed' log.1
announces_not 100.64.0.5:4242 >/dev/null || wrong "an address that is not public is announced"
stop
stop_router

# ---- no router answers: a line in the log, and the Host serves; another Host sees that it is not reached
ip -n "$router" address add 11.22.33.2/24 dev wan
start --map-port auto
await 40 "the failure is not in the log" grep -q 'event=port-mapping-failed' log.1
doctor
[[ $(jq -c 'select(.subject == "outside") | [.reached, .well]' out) == '[false,false]' ]] ||
  { wrong "a port that nobody reaches is well"; cat out err; }
at_home curl -sk --max-time 10 https://192.168.77.2:4242/v1/health | grep '"ok"' >/dev/null || wrong "it does not serve"
stop

finish
