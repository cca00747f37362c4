#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Shares through a real Bridge with real Hosts: links, share files, listing, revoking, ending, and what is refused.
# usage: shares.sh FOLDER_OF_THE_TOOLS
. "$(dirname "$0")/network.sh"
. "$(dirname "$0")/bridge_network.sh"
manual=$(realpath "$(dirname "$0")/../../man/inxt-share.1")
begin_network "$1"
subnet=130
start_bridge 127.0.130.250:0
start_vouched_hosts 1 6
use_key owner
inxt-bridge grant "$(account_at)" bridge --quota 200MB --term 60d >mine || wrong "no grant"
await_hosts 6 mine
export INXT_BRIDGE=$work/mine
head -c 5000000 /dev/urandom >plain
expect 0 inxt-put -q -e 4+2 -o m plain
reader() { env -u INXT_BRIDGE -u INXT_KEY_FILE XDG_STATE_HOME="$work/reader" "$@"; }  # a machine without key and Bridge

# ---- a link: whoever has it reads, without a key
expect 0 inxt-share --link -o link m
has err "inxt-share --revoke"
[[ $(cat link) =~ ^https://127\.0\.130\.250:[0-9]+/s/[0-9a-f]{32}#[A-Za-z0-9_-]{128}$ ]] || wrong "a link: $(cat link)"
id=$(sed 's|.*/s/\([0-9a-f]*\)#.*|\1|' link)
expect 0 reader inxt-get --link link -o back
same plain back "by a link"
reader inxt-get -q --link - <link >back 2>err || wrong "a link on standard input: $(cat err)"
same plain back "by a link on standard input"
expect 0 reader inxt-get -q --link link --range 1000000-2999999 -o back
tail -c +1000001 plain | head -c 2000000 >part
same part back "a range by a link"

# ---- the Hosts serve nobody without a lease
kept=$(jq -r 'select(.type == "piece") | .id' m | sed -n 1p)
for host in $(jq -r 'select(.type == "place") | .address' m | sort -u | head -2); do
  status=$(curl -sk --max-time 20 -o /dev/null -w '%{http_code}' "https://$host/v1/pieces/$kept")
  [[ $status == 4* ]] || wrong "a Host served a stranger: $status"
done

# ---- a link that was changed, on any side of the #
sed 's|#.|#_|' link >changed
cmp -s link changed && sed 's|#.|#-|' link >changed
expect 2 reader inxt-get --link changed -o no
has err "not that of its secret"
sed 's|/s/.|/s/g|' link >changed
expect 2 reader inxt-get --link changed -o no
sed 's|#.*||' link >changed
expect 2 reader inxt-get --link changed -o no
has err "the secret is missing"
# Another key for the Bridge within the fragment: it is not reached.
python3 - <<'P'
import base64
link = open("link").read().strip()
head, fragment = link.split("#")
parts = bytearray(base64.urlsafe_b64decode(fragment))
writer = bytes(parts[64:])
def out(name, body): open(name, "w").write(head + "#" + base64.urlsafe_b64encode(bytes(body)).decode() + "\n")
out("other-bridge", parts[:32] + writer + writer)
out("other-writer", parts[:64] + parts[32:64])
P
expect 6 reader inxt-get --link other-bridge -o no
expect 8 reader inxt-get --link other-writer -o no
has err "not signed by the writer"
# A secret that nobody shared, with its own right ID: there is no such share, and nothing more is told.
python3 - <<'P'
import base64, hashlib, hmac
link = open("link").read().strip()
fragment = base64.urlsafe_b64decode(link.split("#")[1])
secret = bytes(32)
prk = hmac.new(bytes(32), secret, hashlib.sha256).digest()
share = hmac.new(prk, b"inxt/v1/share-id\0\x01", hashlib.sha256).digest()[:16].hex()
address = link.split("/")[2]
open("guessed", "w").write(f"https://{address}/s/{share}#" + base64.urlsafe_b64encode(secret + fragment[32:]).decode() + "\n")
P
expect 6 reader inxt-get --link guessed -o no
has err "revoked, or has ended"
none no "after shares that were refused"

# ---- for one recipient
use_key anna
anna=$(inxt-key show --recipient)
use_key eve
export INXT_KEY_FILE=$work/owner
expect 0 inxt-share -r "$anna" --expires 1h -o for-anna m
[[ $(jq -r .type for-anna) == share && $(jq -r .recipient for-anna) == "$anna" ]] || wrong "$(cat for-anna)"
expect 0 env -u INXT_BRIDGE INXT_KEY_FILE="$work/anna" inxt-get --share for-anna -o back
same plain back "by a share file"
expect 12 env INXT_KEY_FILE="$work/eve" inxt-get --share for-anna -o no
writer=$(jq -r .writer for-anna)
expect 0 env INXT_KEY_FILE="$work/anna" inxt-get -q --share for-anna --signer "$writer" -o back
expect 6 env INXT_KEY_FILE="$work/anna" inxt-get -q --share for-anna --signer "${writer//[0-9]/0}" -o no
sed 's/"expires":[0-9]*/"expires":9999999999/' for-anna >changed
expect 8 env INXT_KEY_FILE="$work/anna" inxt-get --share changed -o no
has err "not the writer's signature"
expect 2 inxt-share -r "$anna" -r "$anna" m
expect 2 inxt-share m
expect 2 inxt-share --link --list
expect 2 inxt-share -r "$anna" --link m

# ---- listed
expect 0 inxt-share --list --json
[[ $(jq -rs 'map(select(.state == "shared")) | length' out) == 2 ]] || wrong "$(cat out)"
[[ $(jq -r --arg id "$id" 'select(.id == $id) | .what' out) == m ]] || wrong "$(cat out)"
[[ $(jq -r 'select(.recipient) | .recipient' out) == "$anna" ]] || wrong "$(cat out)"
lacks out "$(sed 's/.*#//' link | head -c 40)"
expect 0 inxt-share --list
has out "$id"
# Another owner at the Bridge sees and ends none of them.
use_key eve
inxt-bridge grant "$(account_at)" bridge --quota 1GB --term 1d >hers || wrong "no grant"
expect 0 inxt-share --list --bridge hers
[[ ! -s out ]] || wrong "another owner's shares: $(cat out)"
expect 4 inxt-share --revoke "$id" --bridge hers
expect 6 inxt-share --link --bridge hers m
export INXT_KEY_FILE=$work/owner
expect 0 reader inxt-get -q --link link -o back

# ---- revoked: nothing is leased any more
expect 0 inxt-share --revoke "$id"
expect 6 reader inxt-get --link link -o no
has err "revoked, or has ended"
expect 0 inxt-share --list --json
[[ $(jq -s length out) == 1 ]] || wrong "$(cat out)"
expect 4 inxt-share --revoke "$id"
expect 2 inxt-share --revoke nothing
# ended by itself
expect 0 inxt-share --link --expires 3s -o short m
sleep 3.2
expect 6 reader inxt-get --link short -o no
none no "after shares that have ended"
expect 0 inxt-share --list --json
[[ $(jq -rs 'map(.state) | sort | join(" ")' out) == "ended shared" ]] || wrong "$(cat out)"
expect 0 inxt-share --refresh
has err "1 were ended"

# ---- a folder: listed, got whole, one file of it; nothing is written outside the folder that it goes to
mkdir -p src/sub/empty
head -c 300000 /dev/urandom >src/big
echo one >src/sub/1
echo two >"src/sub/a b"
: >src/sub/nothing
chmod 600 src/sub/1
touch -d '2020-02-02T02:02:02Z' src/sub/1
expect 0 inxt-put -q -R src inxt:/photos
expect 0 inxt-share --link -o folder inxt:/photos
expect 0 reader inxt-ls --link folder
[[ $(cat out) == $'big\nsub/' ]] || wrong "listed: $(cat out)"
expect 0 reader inxt-ls -R --link folder
[[ $(cat out) == $'big\nsub/\nsub/1\nsub/a b\nsub/empty/\nsub/nothing' ]] || wrong "listed: $(cat out)"
expect 0 reader inxt-ls -l --link folder sub
has out "-rw-------            4 2020-02-02T02:02:02Z 1"
reader inxt-ls --json -R --link - <folder 2>err | jq -se 'map(.bytes // 0) | add == 300008' >/dev/null || wrong "as JSON: $(cat err)"
expect 4 reader inxt-ls --link folder none
expect 3 reader inxt-ls --link folder none big
expect 2 reader inxt-ls --link folder inxt:/photos
expect 2 reader inxt-ls --link folder --head
expect 6 reader inxt-ls --link folder --signer "$bridge_id"
expect 0 reader inxt-get -R --link folder -o got
has err "4 files, 0 left out"
diff -r src got || wrong "a folder came back otherwise"
[[ $(stat -c '%a %Y' got/sub/1) == "600 $(stat -c %Y src/sub/1)" ]] || wrong "mode and time: $(stat -c '%a %Y' got/sub/1)"
rm got/sub/1 && echo other >got/big
expect 3 reader inxt-get -R --link folder -o got
has err "big is there already"
same src/sub/1 got/sub/1 "what was missing came"
[[ $(cat got/big) == other ]] || wrong "a file was overwritten"
expect 0 reader inxt-get -q -R --force --link folder -o got
diff -r src got || wrong "a folder came back otherwise"
expect 0 reader inxt-get -q -R --link folder -o lower sub/
diff -r src/sub lower || wrong "a folder below came back otherwise"
expect 0 reader inxt-get -q --link folder "sub/a b"
[[ $(cat out) == two ]] || wrong "one file: $(cat out)"
expect 2 reader inxt-get --link folder -o no
expect 2 reader inxt-get -R --link folder
expect 2 reader inxt-get -R --link folder -o no big
expect 4 reader inxt-get --link folder -o no sub/2
expect 4 reader inxt-get -R --link folder -o no sub/2
none no "after what was refused"
mkdir trap outside && ln -s ../outside trap/sub
expect 3 reader inxt-get -q -R --link folder -o trap
[[ -z $(ls outside) ]] || wrong "a symbolic link was followed: $(ls outside)"
same src/big trap/big "beside a symbolic link"
expect 0 inxt-share -r "$anna" -o folder-for-anna inxt:/photos/sub
expect 0 env -u INXT_BRIDGE INXT_KEY_FILE="$work/anna" inxt-ls --share folder-for-anna
has out "a b"
expect 12 env INXT_KEY_FILE="$work/eve" inxt-ls --share folder-for-anna
expect 0 env -u INXT_BRIDGE INXT_KEY_FILE="$work/anna" inxt-get -q -R --share folder-for-anna -o annas
diff -r src/sub annas || wrong "Anna's folder"

# ---- it shows what the owner's tools change in it, without a word
echo three >3
expect 0 inxt-put 3 inxt:/photos/sub/
lacks err "--refresh"
expect 0 reader inxt-get -q --link folder sub/3
[[ $(cat out) == three ]] || wrong "a new file: $(cat out)"
expect 0 inxt-rm -q inxt:/photos/sub/3
expect 4 reader inxt-get -q --link folder sub/3
expect 0 inxt-restore -q inxt:/photos/sub/3
expect 0 inxt-mkdir -q inxt:/photos/new
expect 0 inxt-mv -q inxt:/photos inxt:/pictures
expect 0 reader inxt-ls -R --link folder
[[ $(xargs <out) == "big new/ sub/ sub/1 sub/3 sub/a b sub/empty/ sub/nothing" ]] || wrong "after changes: $(cat out)"
# A Bridge that gives the bundle of before back is found out by whoever has read the new one.
bundle_row() {  # bundle_row SHARE FILE: saves its bundle there, or puts that one back
  /usr/bin/python3 - "$1" "$2" <<'P'
import pathlib, pickle, sqlite3, sys
share, saved = bytes.fromhex(sys.argv[1]), pathlib.Path(sys.argv[2])
with sqlite3.connect("bridge/bridge.sqlite", timeout=60) as database:
    if saved.exists():
        rows = database.execute("UPDATE shares SET bundle = ?, bundle_bytes = ? WHERE share = ?",
                                (*pickle.loads(saved.read_bytes()), share)).rowcount
    else:
        found = database.execute("SELECT bundle, bundle_bytes FROM shares WHERE share = ?", (share,)).fetchall()
        rows = len(found)
        saved.write_bytes(pickle.dumps(found[0]))
sys.exit(rows != 1)
P
}
shared=$(sed 's|.*/s/\([0-9a-f]*\)#.*|\1|' folder)
bundle_row "$shared" old-bundle || wrong "no old bundle"
echo newer >5
expect 0 inxt-put -q 5 inxt:/pictures/new/
expect 0 reader inxt-get -q --link folder new/5
bundle_row "$shared" new-bundle || wrong "no new bundle"
bundle_row "$shared" old-bundle || wrong "the old bundle was not given back"
expect 8 reader inxt-ls --link folder
has err "older bundle of the share than this machine has read"
has err "inxt-share --refresh"
expect 8 reader inxt-get -o no --link folder big
none no "after an old bundle"
expect 0 env -u INXT_BRIDGE -u INXT_KEY_FILE XDG_STATE_HOME="$work/another" inxt-ls --link folder
bundle_row "$shared" new-bundle || wrong "the new bundle was not given back"
expect 0 reader inxt-get -q --link folder new/5
# Two machines at once: whichever publishes last, both changes show.
mkdir one two
for round in 1 2 3; do
  echo "$round" >one/from-one-$round
  echo "$round" >two/from-two-$round
  inxt-put -q one/from-one-$round inxt:/pictures/new/ 2>err.one &
  one=$!
  XDG_STATE_HOME=$work/state.two XDG_CACHE_HOME=$work/cache.two inxt-put -q two/from-two-$round inxt:/pictures/new/ 2>err.two ||
    wrong "the second machine: $(cat err.two)"
  wait $one || wrong "the first machine: $(cat err.one)"
  expect 0 reader inxt-ls --link folder new
  has out "from-one-$round"
  has out "from-two-$round"
done
# A change stands where the share cannot be made anew.
inxt-bridge grant "$(account_at)" bridge --quota 200MB --term 60d --can create,read,write,delete,list,audit >no-share || wrong "no grant"
echo four >4
expect 0 inxt-put --bridge no-share 4 inxt:/pictures/new/
has err "1 share does not show what was changed yet; inxt-share --refresh makes them anew"
expect 4 reader inxt-get -q --link folder new/4
expect 0 inxt-share --refresh
expect 0 reader inxt-get -q --link folder new/4
[[ $(cat out) == four ]] || wrong "after --refresh: $(cat out)"
# ---- what a reader is given is for reading, and for what is shared only: a reader made of curl and openssl
reader_key() {  # reader_key LINK: reader.pem and reader.crt, what the Bridge and Hosts know the reader by; share_id
  python3 - "$1" >reader.seed <<'P'
import base64, hashlib, hmac, sys
secret = base64.urlsafe_b64decode(open(sys.argv[1]).read().strip().split("#")[1])[:32]
prk = hmac.new(bytes(32), secret, hashlib.sha256).digest()
print(hmac.new(prk, b"inxt/v1/share-client\0\x01", hashlib.sha256).hexdigest(), end="")
P
  { printf 302e020100300506032b657004220420; cat reader.seed; } | xxd -r -p | openssl pkey -inform DER -out reader.pem
  openssl req -x509 -new -key reader.pem -subj /CN=reader -days 3 -out reader.crt 2>/dev/null
  share_id=$(sed 's|.*/s/\([0-9a-f]*\)#.*|\1|' "$1")
}
ask() {  # ask ADDRESS/PATH [CURL_ARGUMENT...]: prints the status; the body is in `body`
  local url=$1
  shift
  curl -sk --max-time 20 --cert reader.crt --key reader.pem -o body -w '%{http_code}' "$@" "https://$url"
}
place_of() {  # place_of PIECE_FILE: sets piece, host (a number) and account
  piece=$(basename "$1" | cut -c1-64) host=$(sed 's|store.\([0-9]*\)/.*|\1|' <<<"$1")
  account=$(inxt-key show --for-host "${host_id[$host]}")
}
lease() {  # lease PIECE: the status; what is shown to the Host is in `shown`
  ask "$bridge_at/v1/shares/$share_id/leases" -d "{\"host\":\"${host_id[$host]}\",\"account\":\"$account\",\"pieces\":[\"$1\"]}"
  jq -r '"Inxt-Capability: " + .capability + "~" + .lease' body >shown 2>/dev/null
}
list_pieces() { find store.*/pieces -type f ! -name "*-${bridge_id:0:16}*" | sort; }
list_pieces >before
echo "a secret of old" >kept
expect 0 inxt-put -q -m 3 kept inxt:/kept/
list_pieces >after
comm -13 before after >of-kept
expect 0 inxt-share --link -o old inxt:/kept
expect 0 inxt-share --link -o current inxt:/kept
reader_key old
# Some of the new pieces are the log's, which is not shared.
leased=
while read -r path; do
  place_of "$path"
  case $(lease "$piece") in
    200) leased=$path && cp shown kept-lease ;;
    403) ;;
    *) wrong "a lease: $(cat body)" ;;
  esac
done <of-kept
[[ -n $leased ]] || wrong "no piece of the file is leased"
place_of "$leased"
at=${host_at[$host]}/v1/pieces/$piece
[[ $(ask "$at" -H @kept-lease) == 200 ]] || wrong "a leased piece: $(cat body)"
[[ $(ask "$at") == 403 ]] || wrong "without a lease: $(cat body)"
for request in "-X DELETE" "-T kept" "-d x"; do
  # shellcheck disable=SC2086
  [[ $(ask "$at" -H @kept-lease $request) == 4* && -e $leased ]] || wrong "a reader did $request: $(cat body)"
done
[[ $(ask "${host_at[$host]}/v1/contracts/$piece" -H @kept-lease -d x) == 4* ]] || wrong "a reader renewed: $(cat body)"
beside=$(list_pieces | grep "^store.$host/" | grep -v "$piece" | sed -n 1p)
[[ $(ask "${host_at[$host]}/v1/pieces/$(basename "$beside" | cut -c1-64)" -H @kept-lease) == 403 ]] || wrong "another piece: $(cat body)"
for n in "${!host_at[@]}"; do
  [[ $n == "$host" || $(ask "${host_at[$n]}/v1/pieces/$piece" -H @kept-lease) == 40[34] ]] || wrong "at another Host: $(cat body)"
done
sed 's/.....$/AAAAA/' kept-lease >bad-lease
[[ $(ask "$at" -H @bad-lease) == 4* ]] || wrong "a lease that was changed: $(cat body)"
reader_key current
[[ $(ask "$at" -H @kept-lease) == 403 ]] || wrong "another reader's lease: $(cat body)"
reader_key old
# Nor does the Bridge take anything from a reader.
for request in "shares/$share_id -X DELETE" "shares -d {}" "shares?limit=9" "placements -d {}" "account" "hosts?limit=9"; do
  # shellcheck disable=SC2086
  [[ $(ask "$bridge_at/v1/"$request) == 40[134] ]] || wrong "the Bridge let a reader $request: $(cat body)"
done
expect 0 reader inxt-get -q --link old kept

# ---- revoked, and given a new secret: who kept the key and the lease reads nothing new; others go on
expect 0 inxt-share --revoke "$share_id"
[[ $(lease "$piece") == 404 ]] || wrong "leased after it was revoked: $(cat body)"
[[ $(ask "$at" -H @kept-lease) == 200 ]] || wrong "what was leased runs out within the hour, not before"
list_pieces >before
expect 0 inxt-rekey -q inxt:/kept/kept
[[ ! -e $leased ]] || wrong "the old piece is there"
[[ $(ask "$at" -H @kept-lease) == 40[34] ]] || wrong "an old piece: $(cat body)"
list_pieces >after
while read -r path; do
  place_of "$path"
  [[ $(ask "${host_at[$host]}/v1/pieces/$piece" -H @kept-lease) == 40[34] ]] || wrong "a new piece with an old lease: $(cat body)"
  [[ $(lease "$piece") == 404 ]] || wrong "a new piece was leased: $(cat body)"
done < <(comm -13 before after)
expect 0 reader inxt-get -q --link current kept
[[ $(cat out) == "a secret of old" ]] || wrong "a current reader: $(cat out)"
expect 6 reader inxt-get -q --link old kept
expect 0 inxt-rekey -q -R inxt:/pictures
expect 0 reader inxt-get -q -R --link folder -o anew
for file in big sub/1 "sub/a b" sub/nothing; do same "src/$file" "anew/$file" "under a new secret"; done
# What is gone is not shared any more.
expect 0 inxt-rm -q -r inxt:/kept
expect 6 reader inxt-get -q --link current kept
has err "revoked, or has ended"
expect 0 inxt-share --list
lacks out "inxt:/kept"

# ---- the examples of the manual, as they stand there
mkdir examples
cp m examples/photos.inxt
cp src/big a.jpg
expect 0 inxt-put -q a.jpg inxt:/photos/2026/
sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAGNOSTICS/{/^\.Bd/,/^\.Ed/{/^\./!p}}' "$manual" >examples.sh
(($(grep -c . examples.sh) >= 9)) || wrong "examples: $(cat examples.sh)"
while read -r example; do
  shared=$(inxt-share --list --json | jq -r 'select(.what == "inxt:/photos/2026") | .id')
  example=${example//inxtr1.../$anna} example=${example//05abba721411554dcac0066ce385f120/$shared}
  reads_as=
  [[ $example == inxt-share* || $example == inxt-rekey* ]] || reads_as="env -u INXT_BRIDGE INXT_KEY_FILE=$work/anna"
  # shellcheck disable=SC2086
  (cd examples && $reads_as bash -o pipefail -c "$example") </dev/null >out 2>err || wrong "$example: $(cat err)"
done <examples.sh
same plain examples/photos.tar "the manual's link"
same a.jpg examples/a.jpg "the manual's share file"
same a.jpg examples/photos/a.jpg "the manual's folder"

# ---- without a Bridge: a stanza behind the manifest
expect 0 env -u INXT_BRIDGE inxt-share -r "$anna" -o m-anna m
[[ $(head -c "$(stat -c %s m)" m-anna | sha256sum) == "$(sha256sum <m)" ]] || wrong "the manifest was rewritten"
[[ $(tail -1 m-anna | jq -r '.type + .recipient') == "stanza$anna" ]] || wrong "$(tail -1 m-anna)"
expect 0 inxt-share --stanza -r "$anna" -o m-again m-anna
same m-anna m-again "a recipient who is there already"
expect 6 env INXT_KEY_FILE="$work/eve" inxt-share --stanza -r "$anna" m
expect 2 inxt-share --stanza --link m
exit $failed
