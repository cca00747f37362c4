#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Everything brought back with the words and a list of Hosts, after the Bridge's database and all that this machine had
# are gone.
#
# usage: recover.sh FOLDER_OF_THE_TOOLS
source "$(dirname "${BASH_SOURCE[0]}")/network.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bridge_network.sh"
begin_network "$1"
unset INXT_OPERATOR INXT_DOMAIN INXT_REGION INXT_ALLOW_SAME INXT_KEEP_VERSIONS INXT_WORDS_FD
subnet=170
start_bridge 127.0.170.250:0
start_vouched_hosts 1 5
inxt-bridge grant "$(account_at)" bridge --quota 1GiB --term 30d >mine || wrong "no grant"
export INXT_BRIDGE=$work/mine INXT_ALLOW_SAME=new
await_hosts 5 mine

echo "== what an owner has"
mkdir -p src/sub/deep src/empty
head -c 3000000 /dev/urandom >src/a.bin
echo "a text" >src/b.txt
: >src/sub/nothing
for i in 1 2 3 4 5 6 7; do echo "file $i" >src/sub/deep/$i; done
chmod 640 src/sub/deep/1 && touch -d '2020-02-02T02:02:02Z' src/sub/deep/1
inxt-put -q -R -e 2+1 src inxt:/all || wrong "a folder"
echo one >f && inxt-put -q -m 2 f inxt:/v/ && echo two >f && inxt-put -q -m 2 f inxt:/v/ || wrong "two versions"
inxt-put -q -m 2 f inxt:/removed && inxt-rm -q inxt:/removed || wrong "a file that is removed"
inxt-mv inxt:/all/b.txt inxt:/v/moved.txt || wrong "mv"
hosts_file 1 2 3 4 5 >hosts
echo "by hand" >hand && inxt-put -q -e 2+1 hand >hand.inxt || wrong "a manifest without a name"
inxt-key uploader 1 -o delegated.key --until 300d 2>err || wrong "uploader: $(cat err)"
inxt-permit delegate --to "$(inxt-key show --for-host "$bridge_id" --key-file delegated.key)" >theirs 2>err || wrong "delegate: $(cat err)"
head -c 300000 /dev/urandom >far
XDG_STATE_HOME=$work/state.far XDG_CACHE_HOME=$work/cache.far inxt-put -q -e 2+1 --bridge theirs --key-file delegated.key far inxt:/from/ || wrong "delegated"
cp src/a.bin written && inxt-put -q -e 2+1 -s 64KiB written inxt:/written || wrong "a file to write into"
head -c 500000 /dev/urandom >part && inxt-object write inxt:/written --offset 1000000 part || wrong "written at an offset"
head -c 2500000 /dev/urandom >long && inxt-put -q -e 2+1 -s 4KiB long inxt:/long || wrong "a long manifest"
echo last >last && inxt-put -q last inxt:/last || wrong "the owner's next put stores the log"
inxt-ls --json -R inxt:/ | jq -r 'select(.type == "file").path' | sort >names
mkdir expected && inxt-get -q -R -o expected/tree inxt:/ || wrong "what it was"

echo "== everything is lost: the Bridge's database, keys, state"
kill_bridge
cp -r state seen
rm -rf bridge state cache config state.far cache.far delegated.key mine theirs
unset INXT_BRIDGE

echo "== words with a mistake"
expect 2 inxt-recover --hosts hosts -o back
expect 2 inxt-recover --hosts hosts --words-fd 3 3<words
has err "--dry-run"
sed 's/^[a-z]* /abandom /' words >wrong.words
expect 2 inxt-recover --hosts hosts --words-fd 3 -o back 3<wrong.words
has err "abandon"
expect 2 inxt-recover --words-fd 3 -o back 3<words
has err "--hosts FILE"
none back "nothing was recovered"

echo "== the words and a list of Hosts"
expect 0 inxt-recover --hosts hosts --words-fd 3 --dry-run --json 3<words
jq -r 'select(.type == "would-recover").path' out | sort | diff names - || wrong "other names"
requests_whole=$(jq -s 'map(select(.type == "found"))[0].requests' out)
expect 0 inxt-recover --hosts hosts --words-fd 3 --files -o back 3<words
diff -r expected/tree back/tree || wrong "other files than before: $(cat err)"
[[ -s back/tree/long && $(find back/tree -type f | wc -l) == $(wc -l <names) ]] || wrong "$(find back/tree)"
[[ $(stat -c '%a %Y' back/tree/all/sub/deep/1) == "$(stat -c '%a %Y' src/sub/deep/1)" ]] || wrong "mode and time"
same hand back/recovered/hand "a file without a name"
[[ $(ls back/recovered) == hand ]] || wrong "without a name: $(ls back/recovered)"
[[ -z $(find state -type f -path '*recover*') ]] || wrong "the state is still there"
lacks err "lost:"

echo "== manifests instead of files"
expect 0 inxt-recover --hosts hosts --words-fd 3 --versions -o manifests 3<words
inxt-key restore --no-passphrase <words 2>err || wrong "restore: $(cat err)"
expect 0 inxt-get -o a.back manifests/tree/all/a.bin.inxt
same src/a.bin a.back "from a manifest that was recovered"
expect 0 inxt-get -o long.back manifests/tree/long.inxt
same long long.back "a file with a long manifest"
[[ -s manifests/tree/written.0.inxt && -s manifests/tree/written.1.inxt ]] || wrong "$(ls manifests/tree)"
signed() { jq -c 'select(.type != "place")' "$1"; }
diff <(signed hand.inxt) <(signed manifests/recovered/hand.inxt) || wrong "not the manifest that was written"
expect 0 inxt-get -q manifests/kept/v/f.*.inxt
has out one
expect 0 inxt-get -q manifests/kept/removed.*.inxt
has out two
expect 0 inxt-audit --samples 20 manifests/recovered/hand.inxt

echo "== a Host is gone: what only its tags said is made again, and signed as it was"
holder=$(jq -r 'select(.type == "place").host' hand.inxt | sed -n 1p)
for n in 1 2 3 4 5; do [[ ${host_id[$n]} != "$holder" ]] || gone=$n; done
kill_host "$gone"
expect 3 inxt-recover --json --hosts hosts -o without
jq -se '.[-1] | .type == "summary" and .hosts_troubled == 1 and .lost == 0 and .lines_made_again > 0' out >/dev/null || wrong "$(tail -1 out)"
diff <(signed hand.inxt) <(signed without/recovered/hand.inxt) || wrong "lines were not made again as they were"
diff <(cd manifests/tree && find . -name '*.inxt' | sort) <(cd without/tree && find . -name '*.inxt' | sort) || wrong "other names without a Host"
[[ -n $(find state -type f -path '*recover*') ]] || wrong "the state is not there"
expect 3 inxt-recover --hosts hosts --files -o back2
diff -r expected/tree back2/tree || wrong "other files without a Host"
expect 0 inxt-get -q without/recovered/hand.inxt
has out "by hand"

echo "== it comes back: only that one is asked"
launch_host "$gone" --accept bridge.accept && await_host "$gone"
hosts_file 1 2 3 4 5 >hosts
expect 0 inxt-recover --json --hosts hosts -o with
jq -se 'map(select(.type == "found"))[0] | .requests < 60 and .hosts == 5' out >/dev/null || wrong "asked again: $(head -1 out)"
diff <(signed hand.inxt) <(signed with/recovered/hand.inxt) || wrong "not the manifest that was written"

echo "== killed while Hosts are asked"
kill -STOP "${host_pid[1]}"
inxt-recover --json --hosts hosts -o killed >out 2>err &
pid=$!
for ((i = 0; i < 200; ++i)); do
  [[ $(cat state/inxt/recover/* 2>/dev/null | grep -c '"type":"listed"') -lt 80 ]] || break
  sleep 0.05
done
{ kill -KILL $pid; wait $pid; } 2>/dev/null
kill -CONT "${host_pid[1]}"
saved=$(find state/inxt/recover -type f)
requests_saved=$(grep -c '"type":"listed"' "$saved")
((requests_saved > 40)) || wrong "killed too early: $requests_saved"
printf '{"type":"at","file":0' >>"$saved"
expect 0 inxt-recover --json --hosts hosts --files -o killed
jq -se "map(select(.type == \"found\"))[0] | .requests <= $requests_whole - $requests_saved + 5 and .contracts < .places" out >/dev/null || wrong "from the beginning: $(head -1 out)"
diff -r expected/tree killed/tree || wrong "other files after a kill"

echo "== another Bridge is given the names, and everything goes on there"
start_bridge_in bridge2 127.0.170.251:0
inxt-bridge descriptor bridge2 >bridge2.line
echo "bridge $bridge_id" >bridge2.accept
for n in 1 2 3 4 5; do kill_host $n; launch_host $n --accept bridge2.accept --bridge bridge2.line; done
for n in 1 2 3 4 5; do await_host $n; done
inxt-bridge grant "$(account_at)" bridge2 --quota 1GiB --term 30d >other || wrong "no grant"
await_hosts 5 other
hosts_file 1 2 3 4 5 >hosts2
expect 0 inxt-recover -n --bridge other
expect 0 inxt-recover --json --adopt other
entries=$(jq -s 'map(select(.type == "adopted"))[0].entries' out)
jq -se 'map(select(.type == "adopted"))[0] | .segments > 0' out >/dev/null || wrong "where the log lies: $(cat out err)"
lacks err "stored nowhere"
((entries > 5)) || wrong "adopted: $(cat out)"
XDG_STATE_HOME=$work/seen expect 0 inxt-recover --adopt other
has err "this machine has seen entry $((entries + 1)), which was stored nowhere"
export INXT_BRIDGE=$work/other
inxt-ls --json -R inxt:/ | jq -r 'select(.type == "file").path' | sort | diff names - || wrong "other names at the other Bridge"
expect 0 inxt-get -q -R -o again inxt:/
diff -r expected/tree again || wrong "other files at the other Bridge"
expect 0 inxt-recover --json --adopt other
jq -se 'map(select(.type == "adopted"))[0] | .entries == 0 and .segments == 0 and .had > '"$entries" out >/dev/null || wrong "adopted twice: $(cat out)"
expect 0 inxt-put -m 2 hand inxt:/new/
expect 0 inxt-get -q inxt:/new/hand
has out "by hand"
(($(inxt-bridge accounts bridge2 | jq -s '.[0].used_bytes') > 5000000)) || wrong "not charged: $(inxt-bridge accounts bridge2)"
inxt-key uploader 1 -o delegated.key --until 300d 2>err || wrong "uploader: $(cat err)"
inxt-permit delegate --to "$(inxt-key show --for-host "$bridge_id" --key-file delegated.key)" >theirs 2>err || wrong "delegate: $(cat err)"
XDG_STATE_HOME=$work/state.far XDG_CACHE_HOME=$work/cache.far expect 0 inxt-put -e 2+1 --bridge theirs --key-file delegated.key hand inxt:/from/
expect 0 inxt-get -q inxt:/from/hand
has out "by hand"
expect 0 inxt-recover --json --adopt other
expect 0 inxt-restore inxt:/removed
expect 0 inxt-get -q inxt:/removed
has out two
expect 0 inxt-recover --hosts hosts2 --files -o all
same hand all/tree/new/hand "what was put at the other Bridge"
expect 0 inxt-renew --term 366d -R inxt:/
finish
