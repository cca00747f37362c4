#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What inxt-get, inxt-rm and inxt-put make of manifests that were cut, changed, mixed or written by others, of keys
# that do not fit, and what a delegated machine may do.
# usage: manifests.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
begin_network "$1"
start_hosts 1 4
hosts_file 1 2 3 4 >hosts
export INXT_HOSTS=$work/hosts
head -c 40000 /dev/urandom >plain
head -c 40000 /dev/urandom >plain2
inxt-put -q -e 2+1 -s 4KiB plain >m || wrong "put"
inxt-put -q -e 2+1 -s 4KiB plain2 >m2 || wrong "put another"

refused() {  # refused STATUS WHAT MANIFEST: and not a byte, nor a file
  expect "$1" inxt-get -o never "$3"
  none never "$2"
  [[ $(grep -c . err) -ge 1 ]] || wrong "$2: nothing was said"
  expect "$1" inxt-get "$3"
  [[ ! -s out ]] || wrong "$2: bytes came out"
}

# ---- cut short: at every line's end, and within lines
lines=$(wc -l <m)
seal=$(grep -n '"type":"seal"' m | cut -d: -f1)
for n in 0 1 2 3 4 10 $((seal - 1)); do
  head -n "$n" m >cut
  refused 8 "a manifest of $n lines" cut
done
size=$(stat -c %s m)
behind=$(head -n "$seal" m | wc -c)
for n in 1 2 100 700 1500 3000 $((behind / 2)) $((behind - 2)); do
  head -c "$n" m >cut
  refused 8 "a manifest of $n bytes" cut
done
has err line
# Places behind the seal may be missing, whole.
[[ $lines -ge $seal && $size -ge $behind ]] || wrong "the seal is there"

# ---- lines dropped, doubled, swapped, changed, foreign
piece=$(grep -n '"type":"piece"' m | sed -n 5p | cut -d: -f1)
next=$(grep -n '"type":"piece"' m | sed -n 6p | cut -d: -f1)
sed "${piece}d" m >bad && refused 8 "a dropped piece" bad
sed "${piece}p" m >bad && refused 8 "a doubled piece" bad
awk -v a="$piece" -v b="$next" '{l[NR]=$0} END{t=l[a];l[a]=l[b];l[b]=t;for(i=1;i<=NR;i++)print l[i]}' m >bad
refused 8 "swapped pieces" bad
for type in header stanza layout seal; do
  n=$(grep -n "\"type\":\"$type\"" m | sed -n 1p | cut -d: -f1)
  [[ $type == stanza ]] && wanted=12 || wanted=8
  sed "${n}d" m >bad && refused $wanted "no $type" bad
  [[ $type == stanza ]] || { sed "${n}p" m >bad && refused 8 "two lines of type $type" bad; }
  line=$(grep "\"type\":\"$type\"" m2 | sed -n 1p)
  awk -v n="$n" -v l="$line" 'NR == n {print l; next} {print}' m >bad
  refused 8 "another file's $type" bad
done
line=$(grep '"type":"piece"' m2 | sed -n 5p)
awk -v n="$piece" -v l="$line" 'NR == n {print l; next} {print}' m >bad
refused 8 "another file's piece" bad
sed "${piece}s/\"size\":[0-9]*/\"size\":4095/" m >bad && refused 8 "a changed size" bad
has err "line $piece"
for value in -1 9223372036854775808 1e3 1.0 '"1"' null '[[[[[[[[[[[[1]]]]]]]]]]]]'; do
  sed "${piece}s/\"size\":[0-9]*/\"size\":$value/" m >bad && refused 8 "size: $value" bad
done
sed "${piece}s/\"size\"/\"size\":4096,\"size\"/" m >bad && refused 8 "a key twice" bad
sed "${seal}s/\"hash\":\"./\"hash\":\"f/" m >bad
cmp -s m bad || refused 8 "a forged seal" bad
sed "${seal}s/\"bytes\":[0-9]*/\"bytes\":39999/" m >bad && refused 8 "a seal that counts otherwise" bad
awk -v n="$piece" 'NR == n {print; print ""; next} {print}' m >bad && refused 8 "a blank line" bad
sed 's/$/\r/' m >bad && refused 8 "DOS line ends" bad
{ printf '\xef\xbb\xbf'; cat m; } >bad && refused 8 "a byte order mark" bad
cat m m2 >bad && refused 8 "two manifests" bad
{ head -c 20000 /dev/zero | tr '\0' x; echo; cat m; } >bad && refused 8 "a line of 20000 bytes" bad
has err 8192
head -c 100000 /dev/urandom >bad && refused 8 "noise" bad
refused 8 "a file of another kind" hosts
: >bad && refused 8 "an empty manifest" bad
has err "empty"
# A place may lie: it costs a try, never a wrong byte.
awk '/"type":"place"/ && !n {sub(/"host":"./, "\"host\":\"0"); n=1} {print}' m >bad
expect 0 inxt-get bad
same plain out "with a false place"
n=$(grep -n '"type":"place","segment":0,' m | sed -n 1p | cut -d: -f1)  # they stand in the order in which Hosts answered
sed "${n}s/\"segment\":0/\"segment\":4000000/" m >bad && refused 8 "a place of no piece" bad
grep -v '"type":"place"' m >bad && refused 10 "no places" bad
has err "was it put"

# ---- an upstream's error travels down
{ head -n 3 m; echo '{"type":"error","tool":"inxt-shard","code":"quota","status":7,"message":"no room \u001b[31m"}'; } >bad
refused 7 "an upstream error" bad
has err "inxt-shard"
lacks err $'\e'

# ---- keys that do not fit
mkdir stranger
XDG_CONFIG_HOME=$work/stranger inxt-key new --no-passphrase --words-out stranger.words 2>/dev/null
XDG_CONFIG_HOME=$work/stranger expect 6 inxt-get m
XDG_CONFIG_HOME=$work/stranger expect 12 inxt-get --signer "$(jq -r 'select(.type == "header").writer' m)" m
XDG_CONFIG_HOME=$work/stranger expect 6 inxt-rm m
XDG_CONFIG_HOME=$work/nobody expect 4 inxt-get m
cp config/inxt/key flipped && chmod 600 flipped
for at in 20 100 200; do
  cp config/inxt/key flipped && chmod 600 flipped
  flip_byte flipped $at
  expect 8 inxt-get --key-file flipped m
  [[ ! -s out ]] || wrong "bytes with a damaged key"
done
cp config/inxt/key open && chmod 644 open
expect 6 inxt-get --key-file open m

# ---- a manifest is not data, unless it is said
expect 2 inxt-put -e 2+1 m
has err "--data"
# shellcheck disable=SC2002
cat m | expect 2 inxt-put -e 2+1 -
has err "--data"
expect 0 inxt-put -e 2+1 --data m
cp out nested
expect 0 inxt-get nested
same m out "a manifest as data"

# ---- putting a manifest again stores nothing twice, wherever it comes from
before=$(pieces_on_disk)
expect 0 inxt-put m
same m out "a manifest whose pieces are all stored"
# shellcheck disable=SC2002
cat m | expect 0 inxt-put
[[ $(pieces_on_disk) == "$before" ]] || wrong "pieces were stored twice"

# Neither does a manifest of inxt-shard, which has no places: the same pieces go to the same Hosts.
inxt-encrypt <plain | inxt-shard -e 2+1 -s 4KiB --dir pieces >sharded || wrong "shard"
before=$(pieces_on_disk)
expect 0 inxt-put --dir pieces sharded
cp out m5
[[ $(pieces_on_disk) == $((before + $(grep -c '"type":"piece"' sharded))) ]] || wrong "$(pieces_on_disk) pieces, $before before"
before=$(pieces_on_disk)
tac hosts >stoh
INXT_HOSTS=$work/stoh expect 0 inxt-put --dir pieces sharded
[[ $(pieces_on_disk) == "$before" ]] || wrong "$(($(pieces_on_disk) - before)) pieces were stored twice"
expect 0 inxt-get m5
same plain out "a sharded file"
# One that was cut off goes on with what its journal knows.
mkfifo pipe
inxt-encrypt <plain2 | inxt-shard -e 2+1 -s 4KiB --dir pieces >sharded2
env --default-signal=TERM inxt-put --dir pieces <pipe >part 2>err &
pid=$!
exec 7>pipe
head -n 20 sharded2 >&7
for ((i = 0; i < 200 && $(grep -c '"type":"place"' part) < 3; ++i)); do sleep 0.05; done
kill -TERM $pid
wait $pid 2>/dev/null
exec 7>&-
has err "the same command goes on"
[[ -n $(ls "$XDG_STATE_HOME/inxt/unfinished") ]] || wrong "no journal"
expect 0 inxt-put --dir pieces sharded2
cp out m6
[[ -z $(ls "$XDG_STATE_HOME/inxt/unfinished") ]] || wrong "a journal is left"
[[ $(pieces_on_disk) == $((before + $(grep -c '"type":"piece"' sharded2))) ]] || wrong "$(($(pieces_on_disk) - before)) pieces of $(grep -c '"type":"piece"' sharded2)"
expect 0 inxt-get m6
same plain2 out "a sharded file whose put was cut off"
for done_with in m5 m6; do expect 0 inxt-rm $done_with; done

# ---- one standard input is for one thing
expect 2 inxt-put -e 2+1 --hosts - - <hosts
expect 2 inxt-get --hosts - <m
expect 0 inxt-put -e 2+1 --hosts - plain <hosts
cp out m3
expect 0 inxt-get --hosts - m3 <hosts
same plain out "hosts from standard input"
for bad in '{"type":"host"}' 'not json' "$(sed '1s/127.0.1.1/127.0.1.9/;q' hosts)"; do
  echo "$bad" >bad-hosts
  expect 8 inxt-put -e 2+1 --hosts bad-hosts plain
  has err "line 1"
done
expect 4 inxt-put -e 2+1 --hosts absent plain
expect 2 inxt-put -e 2+1 --hosts /dev/null plain
expect 2 inxt-put -e 4+2 plain
has err "6 are needed"
env -u INXT_HOSTS inxt-put -e 2+1 plain >out 2>err && wrong "no hosts"
has err "INXT_HOSTS"

# ---- a delegated machine puts, and neither reads nor deletes
expect 0 inxt-key uploader 3 -o delegated
expect 0 inxt-put --key-file delegated -e 2+1 plain
cp out m4
expect 6 inxt-get --key-file delegated m4
expect 6 inxt-rm --key-file delegated m4
expect 0 inxt-get m4
same plain out "what a delegated machine put"
before=$(pieces_on_disk)
expect 0 inxt-rm m4
[[ $(pieces_on_disk) == $((before - 3)) ]] || wrong "a delegated machine's pieces are there"

# ---- inxt-rm
before=$(pieces_on_disk)
expect 0 inxt-rm -n m2
[[ $(pieces_on_disk) == "$before" ]] || wrong "-n deleted"
count=$(grep -c '"type":"piece"' m2)
head -n $((seal - 20)) m2 | head -c -30 >cut  # in the midst of a line: what is named there goes
named=$(head -n -1 <(cat cut; echo) | grep -c '"type":"place"')
expect 0 inxt-rm cut
[[ $(pieces_on_disk) == $((before - named)) ]] || wrong "$(pieces_on_disk) pieces, not $before - $named"
expect 0 inxt-rm m2
[[ $(pieces_on_disk) == $((before - count)) ]] || wrong "pieces are left"
has err "were gone already"
expect 0 inxt-rm m2
has err "deleted 0 pieces, $count were gone"
refused 10 "a removed file" m2
sed "${piece}d" m >bad
expect 8 inxt-rm bad
kill_host 4
expect 3 inxt-rm m
has err "may still be there"
start_host 4
expect 0 inxt-rm m
refused 10 "a removed file" m

finish
