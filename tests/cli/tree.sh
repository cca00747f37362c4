#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Names in an owner's tree, with a real Bridge and real Hosts: put, list, get, move, remove, restore, purge.
#
# usage: tree.sh FOLDER_OF_THE_TOOLS
source "$(dirname "${BASH_SOURCE[0]}")/network.sh"
source "$(dirname "${BASH_SOURCE[0]}")/bridge_network.sh"
begin_network "$1"
unset INXT_OPERATOR INXT_DOMAIN INXT_REGION INXT_ALLOW_SAME INXT_KEEP_VERSIONS
subnet=140
start_bridge 127.0.140.250:0
start_vouched_hosts 1 5
inxt-bridge grant "$(account_at)" bridge --quota 1GiB --term 30d >mine || wrong "no grant"
export INXT_BRIDGE=$work/mine INXT_ALLOW_SAME=new
await_hosts 5 mine

echo "== one file, there and back"
head -c 3000000 /dev/urandom >a.bin
echo "a text" >b.txt
expect 0 inxt-put -e 2+1 a.bin inxt:/dir/
[[ ! -s out ]] || wrong "inxt-put wrote on standard output: $(cat out)"
has err "any 1 of a file's Hosts may fail"
expect 0 inxt-ls inxt:/
has out "dir/"
expect 0 inxt-ls -l inxt:/dir
has out " 3000000 "
expect 0 inxt-get -o back inxt:/dir/a.bin
same a.bin back "through the tree"
inxt-get inxt:/dir/a.bin 2>err | cmp - a.bin || wrong "to a pipe: $(cat err)"
expect 0 inxt-get --range 10-19 -o part inxt:/dir/a.bin
cmp part <(tail -c +11 a.bin | head -c 10) || wrong "a range"
expect 0 inxt-mkdir inxt:/other
expect 2 inxt-mkdir inxt:/other
expect 0 inxt-mkdir -p inxt:/other inxt:/x/y/z
expect 4 inxt-mkdir inxt:/no/such
expect 0 inxt-mv inxt:/dir/a.bin inxt:/other/
expect 0 inxt-ls inxt:/other
has out "a.bin"
expect 4 inxt-get -o back inxt:/dir/a.bin
expect 0 inxt-ls --json inxt:/other/a.bin
jq -e '.type == "file" and .path == "/other/a.bin" and .bytes == 3000000 and .uploader == 0' out >/dev/null || wrong "json: $(cat out)"

echo "== versions: overwritten, removed, restored, purged"
echo one >f && inxt-put -q f inxt:/v/ && echo two >f && inxt-put -q f inxt:/v/ && echo three >f && inxt-put -q f inxt:/v/ ||
  wrong "three versions"
expect 0 inxt-ls --versions --json inxt:/v/f
jq -se '[.[].number] == [0, 1, 2] and [.[].why] == ["current", "overwritten", "overwritten"]' out >/dev/null || wrong "versions: $(cat out)"
expect 0 inxt-get -q --kept 2 inxt:/v/f
has out one
expect 0 inxt-restore --kept 1 inxt:/v/f
expect 0 inxt-get -q inxt:/v/f
has out two
expect 4 inxt-restore --kept 9 inxt:/v/f
expect 2 inxt-rm inxt:/v
expect 0 inxt-rm -r inxt:/v
has err "inxt-restore has them back"
expect 4 inxt-get inxt:/v/f
has err "inxt-restore inxt:/v/f brings it back"
expect 0 inxt-ls --removed inxt:/
has out "/v/f"
expect 0 inxt-restore -R inxt:/v
expect 0 inxt-get -q inxt:/v/f
has out two
before=$(pieces_on_disk)
expect 0 inxt-rm --purge -r inxt:/v
expect 4 inxt-ls --versions inxt:/v/f
(($(pieces_on_disk) < before)) || wrong "a purge left all pieces: $before"
echo short >g && inxt-put -q --keep-versions 1s g inxt:/ && inxt-rm -q inxt:/g && sleep 2 || wrong "a file that is kept for a second"
expect 0 inxt-rm --expired
has err "ended "
expect 4 inxt-restore inxt:/g
expect 0 inxt-rm --keep-versions 30d --expired

echo "== folders, there and back; nothing leaves the folder they go to"
mkdir -p src/sub/deep src/empty && cp a.bin src/sub && : >src/sub/nothing && for i in 1 2 3 4 5 6 7 8 9; do echo "file $i" >"src/sub/deep/$i"; done
ln -s /etc/passwd src/link
chmod 600 src/sub/deep/1 && touch -d '2020-02-02T02:02:02Z' src/sub/deep/1
expect 3 inxt-put -R --json src inxt:/copy
has err "left out"
rm src/link
[[ $(jq -rs 'map(select(.type == "put")) | length' out) == 11 ]] || wrong "put lines: $(cat out)"
expect 0 inxt-put -R -u src inxt:/copy
has err "put 0 files, 0 B, at inxt:/copy; 11 there already"
expect 0 inxt-put -R -n src inxt:/copy/
has err "into 4 new folders"
expect 0 inxt-get -R -o dst inxt:/copy
diff -r src dst || wrong "a folder came back otherwise"
[[ $(stat -c '%a %Y' dst/sub/deep/1) == "600 $(stat -c %Y src/sub/deep/1)" ]] || wrong "mode and time: $(stat -c '%a %Y' dst/sub/deep/1)"
expect 2 inxt-get -R -o dst inxt:/copy
expect 0 inxt-get -R --force -o dst inxt:/copy
mkdir trap outside && ln -s ../outside trap/sub
expect 2 inxt-get -R -o trap inxt:/copy/sub/deep/..
got=0
inxt-get -R -o trap inxt:/copy 2>err || got=$?
[[ $got != 0 && -z $(ls outside) ]] || wrong "a symbolic link was followed: $(ls outside)"

echo "== audited and renewed by name"
expect 0 inxt-audit --samples 20 inxt:/copy/sub/a.bin
expect 0 inxt-audit -R --samples 5 inxt:/
jq -se 'map(select(.type == "summary" and .path)) | length > 0 and all(.[]; .verdict == "unanchored" and (.path | startswith("inxt:/")))' \
  out >/dev/null || wrong "audit -R: $(cat out)"
jq -se 'map(select(.type == "summary" and .log)) | length > 0' out >/dev/null || wrong "audit -R, the log: $(cat out)"
jq -se '.[-1] | .type == "total" and .files > 3 and .files_passed == .files and .not_audited == 0' out >/dev/null || wrong "audit -R: $(tail -1 out)"
expect 0 inxt-audit -R --samples 5 inxt:/copy/sub/a.bin
jq -se '.[-1].files == 1 and .[0].path == "inxt:/copy/sub/a.bin"' out >/dev/null || wrong "audit -R of a file: $(cat out)"
expect 4 inxt-audit -R inxt:/nothing
expect 2 inxt-audit -R --proofs p inxt:/copy
expect 2 inxt-audit -R a.bin
expect 0 inxt-renew --term 365d -R inxt:/
expect 0 inxt-renew inxt:/copy/sub/a.bin
expect 4 inxt-renew inxt:/nothing
expect 4 inxt-audit inxt:/nothing

echo "== standard input, names, conflicts of the command line"
echo piped | inxt-put -q -z - inxt:/piped || wrong "standard input"
expect 0 inxt-get -q inxt:/piped
has out piped
inxt-ls --json inxt:/piped | jq -e '.bytes == 6' >/dev/null || wrong "the length of standard input"
expect 2 inxt-put b.txt inxt:relative
expect 2 inxt-put b.txt inxt:/a/../b
expect 2 inxt-put src inxt:/
expect 2 inxt-put a.bin b.txt
expect 4 inxt-put a.bin b.txt inxt:/piped2
expect 2 inxt-put a.bin src/../a.bin inxt:/twice/
expect 2 inxt-put b.txt inxt:/piped/below/it
has err "inxt:/piped is a file"
expect 2 inxt-put - inxt:/copy </dev/null
has err "say one: inxt:/copy/NAME"
expect 4 inxt-put nothing inxt:/
expect 2 inxt-mv inxt:/copy inxt:/copy/sub
expect 4 inxt-mv inxt:/no inxt:/yes
expect 2 env INXT_BRIDGE= inxt-ls

echo "== a manifest that is there gets a name"
inxt-put -q -e 2+1 -s 1MiB a.bin >stored.inxt || wrong "a manifest"
before=$(pieces_of_accounts)
expect 2 inxt-put -e 2+1 stored.inxt inxt:/named/
expect 0 inxt-put stored.inxt inxt:/named/
(($(pieces_of_accounts) - before < 12)) || wrong "pieces were stored again"
inxt-put -q -m 2 b.txt | inxt-put -q - inxt:/named/stdin || wrong "the name of a manifest from a pipe"
expect 0 inxt-get -q inxt:/named/stdin
has out "a text"
expect 0 inxt-get -o back inxt:/named/a.bin
same a.bin back "by the name that a manifest got"
expect 0 inxt-put stored.inxt inxt:/named/again
expect 0 inxt-rm --purge inxt:/named/again
expect 0 inxt-get -o back inxt:/named/a.bin
same a.bin back "after another name of its manifest was purged"
expect 0 inxt-mkdir inxt:/odd
expect 0 inxt-mv inxt:/named/a.bin $'inxt:/odd/a\e[31m'
expect 1 bash -c 'trap "" XFSZ; ulimit -f 1000; exec inxt-get -R inxt:/odd -o odd'
has err "too large"
! grep -F $'\e' err >/dev/null || wrong "a name writes on the terminal as it likes: $(cat err)"
expect 0 inxt-mv $'inxt:/odd/a\e[31m' inxt:/named/a.bin
expect 0 inxt-rm -r inxt:/odd
head -c 600 stored.inxt >cut.inxt
expect 8 inxt-put cut.inxt inxt:/named/
inxt-encrypt b.txt 2>/dev/null | inxt-shard -e 2+1 >unstored.inxt 2>/dev/null
expect 2 inxt-put unstored.inxt inxt:/named/
has err "nothing of this manifest is stored yet"
head -c 5000 /dev/urandom >more && cat a.bin more >longer
expect 0 inxt-put stored.inxt inxt:/longer
expect 0 inxt-object write inxt:/longer --offset "$(stat -c %s a.bin)" more
expect 0 inxt-object purge inxt:/longer
expect 0 inxt-rm --purge -r inxt:/named
expect 0 inxt-get -o back inxt:/longer
same longer back "written over another name of a manifest whose names of its own length were purged"
expect 0 inxt-rm --purge inxt:/longer

echo "== a put of a folder that is cut off goes on, and nothing is there twice"
mkdir many && for i in $(seq 140); do head -c 1500 /dev/urandom >many/$i; done
unfinished=$XDG_STATE_HOME/inxt/unfinished
wait_for() {  # wait_for COMMAND...: 20 s
  local i
  for ((i = 0; i < 400; ++i)); do
    "$@" && return
    sleep 0.05
  done
  wrong "waited in vain: $*"
}
stored() { (($(pieces_of_accounts) >= $1)); }
left() { find "$unfinished" -type f -name "*$1" | wc -l; }
naming() { (($(left .naming.inxt) > 0)); }
before=$(pieces_of_accounts)
env --default-signal=INT inxt-put -m 2 -R many inxt:/many 2>err &
pid=$!
wait_for stored $((before + 2))
kill -INT $pid
wait $pid
[[ $? == 130 ]] || wrong "after SIGINT: $(cat err)"
has err "the same command goes on"
# Killed while the Bridge has the entry and has not answered: what it names must not be put again, nor taken for garbage.
now=$(pieces_of_accounts)
inxt-put -m 2 -R many inxt:/many 2>err &
pid=$!
wait_for stored $((now + 2))
kill -STOP "$bridge_pid"
wait_for naming
{ kill -KILL $pid; wait $pid; } 2>/dev/null
kill -CONT "$bridge_pid"
expect 2 inxt-rm "$(find "$unfinished" -name '*.naming.inxt' | sed -n 1p)"
has err "may belong to a name"
expect 0 inxt-put -m 2 -R many inxt:/many
lacks err "are left in"
[[ $(left "") == 0 ]] || wrong "left of a put that has ended: $(ls "$unfinished" | sed 3q)"
expect 0 inxt-get -q -R -o many.back inxt:/many
diff -r many many.back || wrong "a folder that was cut off came back otherwise"
(($(pieces_of_accounts) <= before + 2 * 140 + 16)) || wrong "pieces twice: $(pieces_of_accounts) after $before"
inxt-ls --json -R inxt:/many | jq -r 'select(.type == "file") | .object == .record' | sort | uniq -c >once
[[ $(cat once) =~ ^\ *140\ true$ ]] || wrong "some names have more than one version: $(cat once)"
expect 0 inxt-rm --purge -r inxt:/many

echo "== heads of two machines, and two machines that change one file at once"
inxt-ls --head >head
as() { XDG_STATE_HOME=$work/state.$1 XDG_CACHE_HOME=$work/cache.$1 "${@:2}"; }
expect 0 as two inxt-ls --require-head head
sed 's/[0-9a-f]\{8\}$/00000000/' head >forged
expect 8 as two inxt-ls --require-head forged
mkdir m1 m2
for round in 1 2 3; do
  echo "one $round" >m1/shared && echo "one $round" >"m1/from-one-$round"
  echo "two $round" >m2/shared && echo "two $round" >"m2/from-two-$round"
  inxt-put -q m1/shared "m1/from-one-$round" inxt:/both/ 2>err.1 &
  one=$!
  as two inxt-put -q m2/shared "m2/from-two-$round" inxt:/both/ 2>err.2 || wrong "the second machine: $(cat err.2)"
  wait $one || wrong "the first machine: $(cat err.1)"
done
expect 0 inxt-ls inxt:/both
for round in 1 2 3; do has out "from-one-$round"; has out "from-two-$round"; done
for round in 1 2 3; do
  { inxt-ls --json -R inxt:/both; inxt-ls --json --versions inxt:/both/shared; } | jq -r 'select(.path | contains("shared")) | .record' | sort -u >records
done
(($(grep -c . records) == 6)) || wrong "$(grep -c . records) of 6 versions survived"
inxt-ls --head >head
expect 0 as two inxt-ls --require-head head

echo "== a delegated machine puts, and reads nothing"
inxt-key uploader 1 -o delegated.key --until 300d 2>err || wrong "uploader: $(cat err)"
inxt-permit delegate --to "$(inxt-key show --for-host "$bridge_id" --key-file delegated.key)" >theirs 2>err || wrong "delegate: $(cat err)"
echo "from far" >far
expect 0 as three inxt-put --bridge theirs --key-file delegated.key far src/sub/deep/1 inxt:/from/
expect 6 as three inxt-ls --bridge theirs --key-file delegated.key inxt:/
expect 6 as three inxt-rm --bridge theirs --key-file delegated.key inxt:/from/far
expect 0 inxt-get -q inxt:/from/far
has out "from far"
inxt-ls --json inxt:/from/far | jq -e '.uploader == 1' >/dev/null || wrong "whose file it is"
# It names a record that nobody has: the owner goes on with all the others.
lost=$(inxt-ls --json inxt:/from/1 | jq -r .record)
/usr/bin/python3 - "$lost" <<'P' || wrong "the record is still there"
import sqlite3, sys
with sqlite3.connect("bridge/bridge.sqlite", timeout=60) as database:
    gone = database.execute("DELETE FROM records WHERE record = ?", (bytes.fromhex(sys.argv[1]),)).rowcount
sys.exit(gone != 1)
P
expect 3 inxt-audit -R --samples 5 inxt:/from
jq -se 'map(select(.type == "not-audited"))[0] | .path == "inxt:/from/1" and .error == "not_found"' out >/dev/null || wrong "$(cat out)"
jq -se '.[-1] | .files == 2 and .files_passed == 1 and .not_audited == 1' out >/dev/null || wrong "$(cat out)"
expect 3 inxt-share --json --link -o link inxt:/from
jq -se 'length == 1 and (.[0] | .type == "left-out" and .path == "1" and .error == "not_found")' out >/dev/null || wrong "$(cat out)"
has err "1: not shared"
expect 0 as four inxt-get -q --link link far
has out "from far"
expect 3 inxt-renew -R inxt:/from
jq -se '.[0] | .type == "not-renewed" and .path == "inxt:/from/1"' out >/dev/null || wrong "$(cat out)"
expect 0 inxt-rm --purge -r inxt:/from

echo "== everything of this machine is lost; the words and a bridge file are enough"
inxt-ls --json -R inxt:/ | jq -r .path >names
rm -rf state cache config ./*.key
inxt-key restore --no-passphrase <words 2>err || wrong "restore: $(cat err)"
inxt-ls --json -R inxt:/ 2>err | jq -r .path | diff - names || wrong "other names than before: $(cat err)"
expect 0 inxt-get -o again inxt:/copy/sub/a.bin
same a.bin again "after all was lost"
expect 0 inxt-put b.txt inxt:/goes-on
expect 0 inxt-get -q inxt:/goes-on

echo "== too few Hosts for three copies of the log: said once"
start_host 9  # takes anybody
hosts_file 9 >one.host
expect 0 inxt-put -m 1 --hosts one.host b.txt inxt:/lonely
has err "the log is stored at 1 Host only, not at 3"
expect 0 inxt-put -m 1 --hosts one.host b.txt inxt:/lonely2
lacks err "the log is stored at"
expect 0 inxt-put b.txt inxt:/company

echo "== the Bridge has seen no name"
! grep -qaF from-one-1 bridge/bridge.sqlite* || wrong "the Bridge saw a name"

echo "== a quota that is too small: nothing half-stored"
inxt-bridge grant "$(account_at)" bridge --quota 200KB --term 30d >poor
before=$(pieces_of_accounts)
expect 7 inxt-put --bridge poor a.bin inxt:/poor
[[ $(pieces_of_accounts) == "$before" ]] || wrong "pieces stayed: $(pieces_of_accounts) instead of $before"
expect 4 inxt-ls inxt:/poor

echo "== a Bridge that is away"
kill_bridge
expect 5 inxt-ls
finish
