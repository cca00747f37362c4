#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# inxt-bridge as its operator meets it: starts, signals, kill -9, a second start, bad folders, a database of a later
# version.  The client is curl, and the descriptor is checked with openssl.
#
# usage: inxt-bridge.sh FOLDER_OF_THE_TOOLS
set -euo pipefail

bridge=$(realpath "$1")/inxt-bridge
. "$(dirname "${BASH_SOURCE[0]}")/operator.sh"
start() { start_server event=ready "$bridge" --listen 127.0.0.1:0 "$@"; }
ask() { curl -sk --max-time 20 -o body -D head -w '%{http_code}' "${@:2}" "https://$address$1"; }  # prints the status

# ---- what it refuses to start with
expect 2 "$bridge"
expect 2 "$bridge" --data d --listen nowhere
rm -rf d
expect 2 "$bridge" --data d --announce nowhere
grep -q announce err || fail "a wrong --announce is not named"
expect 2 "$bridge" --data d --database mysql://x
expect 2 "$bridge" --data d --database postgresql://someone:sesame@localhost/inxt
! grep -q sesame out err || fail "a password is repeated"
[[ ! -e d ]] || fail "it made a folder for settings that are off"
expect 4 "$bridge" --data absent/d
mkdir other && touch other/file
expect 2 "$bridge" --data other --listen 127.0.0.1:0
[[ ! -e other/identity.key && ! -e other/bridge.sqlite ]] || fail "it wrote into a folder that is not its own"
expect 5 "$bridge" status d
expect 4 "$bridge" descriptor d

# ---- a check before a start: what is not there yet is no fault, and nothing is made
expect 0 "$bridge" check --quick d
jq -e '.type == "checked" and .bridge == null and .version == 0' out >/dev/null || fail "check: $(cat out)"
[[ ! -e d ]] || fail "the check made a folder"
expect 2 "$bridge" check --quick
expect 2 "$bridge" check --quick other
echo '{"data": "d", "listen": "nowhere"}' >config.json
expect 2 "$bridge" check --quick --config config.json

# ---- it starts, says who it is, and answers
printf '{ // a comment\n"data": "d", "local": "127.0.0.1:0"}' >config.json
start --config config.json
first=$id
[[ $(stat -c %a d/identity.key) == 600 && $(stat -c %a d/bridge.sqlite) == 600 ]] || fail "others can read the key or the tables"
[[ $(ask /v1/health) == 200 ]] || fail "health"
[[ $(cat body) == '{"status":"ok","protocol":[1],'* ]] || fail "health: $(cat body)"
grep -qi '^Inxt-Protocol: 1' head || fail "no Inxt-Protocol"
grep -qi '^Inxt-Request-Id: ' head || fail "no Inxt-Request-Id"
[[ $(ask /v1/health -H 'Inxt-Protocol: 9') == 200 ]] || fail "health asks for a protocol"
[[ $(ask /v1/nowhere) == 404 ]] && grep -q '"error":"not_found"' body || fail "404: $(cat body)"
[[ $(ask /v1/health -X DELETE) == 405 ]] && grep -qi '^Allow: GET, HEAD' head || fail "405: $(cat head)"
expect 0 "$bridge" check --config config.json
jq -e --arg id "$id" '.bridge == $id and .database == "SQLite" and .version > 0' out >/dev/null || fail "check: $(cat out)"
expect 13 "$bridge" --data d --listen 127.0.0.1:0
grep -q "\"bridge\":\"$id\"" d/run.json || fail "run.json: $(cat d/run.json)"
(($(grep -c . d/descriptor.jsonl) == 1)) || fail "descriptor.jsonl has not one line"

# ---- the descriptor is a JWS by its own key, whatever implementation looks
[[ $(ask /v1/descriptor) == 200 ]] || fail "descriptor"
cp body line
expect 0 "$bridge" descriptor d
jq -e --arg id "$id" --arg address "$address" '.type == "bridge" and .bridge == $id and .addresses == [$address]' line out >/dev/null ||
  fail "descriptor: $(cat line out)"
unb64() { tr '_-' '/+' | { cat; printf ===; } | base64 -d 2>/dev/null || true; }
token=$(jq -r .token line)
IFS=. read -r header payload signature <<<"$token"
[[ $(unb64 <<<"$header") == '{"alg":"Ed25519","typ":"inxt-bridge"}' ]] || fail "the token's header: $(unb64 <<<"$header")"
unb64 <<<"$payload" | jq -e --arg id "$id" '.iss == $id and .exp > .iat' >/dev/null || fail "the token: $(unb64 <<<"$payload")"
printf '%s.%s' "$header" "$payload" >signed
unb64 <<<"$signature" | head -c 64 >signature
{ printf '302a300506032b6570032100%s' "$id" | sed 's/../\\x&/g'; } >der.txt
printf '%b' "$(cat der.txt)" >key.der
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -in signed -sigfile signature >/dev/null ||
  fail "openssl does not verify the descriptor"

# ---- what its operator sees
expect 0 "$bridge" status d
jq -e '.type == "bridge-status" and .database.answers and ([.requests[] | select(.action == "health")][0].requests >= 2)' out \
  >/dev/null || fail "status: $(cat out)"
page=$(sed -n 's/.*event=page address=\(.*\)/\1/p' log)
curl -s --max-time 20 "http://$page/metrics" >metrics
grep -q '^inxt_bridge_database_up 1$' metrics || fail "metrics: $(cat metrics)"
grep -q 'inxt_bridge_requests_total{action="health",status="2xx"} [1-9]' metrics || fail "metrics do not count requests"
curl -s --max-time 20 "http://$page/" >page.html
grep -q "inxt Bridge" page.html || fail "page"
[[ $(curl -s --max-time 20 -o body -w '%{http_code}' --unix-socket d/control -X POST http://localhost/reload) == 200 ]] ||
  fail "reload: $(cat body)"

# ---- SIGHUP: new settings, a typing error, one that needs a restart
printf '{"data": "d", "announce": ["192.0.2.7:4243"], "workers": 3, "local": "127.0.0.1:0"}' >config.json
kill -HUP "$pid"
wait_for_log 'event=restart-needed setting=workers'
for _ in $(seq 400); do
  ! grep -q '192.0.2.7:4243' d/descriptor.jsonl || break
  sleep 0.05
done
grep -q '192.0.2.7:4243' d/descriptor.jsonl || fail "the new address is not in descriptor.jsonl"
[[ $(ask /v1/descriptor) == 200 ]] && jq -e '.addresses == ["192.0.2.7:4243"]' body >/dev/null || fail "the new address is not announced"
echo '{"data": "d", "announce": ["nowhere"]}' >config.json
kill -HUP "$pid"
wait_for_log 'event=settings-kept'
[[ $(ask /v1/health) == 200 ]] || fail "a typing error ended it"

# ---- signals, and a kill at any instant
stop TERM 0
[[ ! -e d/run.json && -e d/descriptor.jsonl && ! -e d/control ]] || fail "what it left: $(ls d)"
start --data d
[[ $id == "$first" ]] || fail "it has another key after a restart"
stop KILL 137
start --data d
[[ $id == "$first" ]] || fail "it has another key after a kill"
stop INT 130

# ---- as systemd runs it: told when it serves, lives, reads settings again and stops; a socket that was bound before
cat >as_systemd.py <<'PYTHON'
import os, signal, socket, ssl, subprocess, sys, time

notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind("notify")
notify.settimeout(60)
port = socket.create_server(("127.0.0.1", 0), backlog=16)

environment = dict(os.environ, NOTIFY_SOCKET=os.path.abspath("notify"), WATCHDOG_USEC="300000", LISTEN_FDS="1",
                   STATE_DIRECTORY=os.path.abspath("d"))
code = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"
port.set_inheritable(True)
daemon = subprocess.Popen([sys.executable, "-c", code, sys.argv[1], "--listen", "127.0.0.1:1"], env=environment,
                          stderr=open("systemd.log", "w"), pass_fds=(3,),
                          preexec_fn=lambda: os.dup2(port.fileno(), 3, inheritable=True))

def wait_for(begin):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        message = notify.recv(8192).decode()
        if any(line.startswith(begin) for line in message.splitlines()):
            return message
    raise AssertionError(begin + " never came")

try:
    assert "STATUS=" in wait_for("READY=1")
    wait_for("WATCHDOG=1")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(port.getsockname(), timeout=60) as plain, context.wrap_socket(plain) as tls:
        tls.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 200 " in tls.recv(4096)
    daemon.send_signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in wait_for("RELOADING=1")
    wait_for("READY=1")
    daemon.send_signal(signal.SIGTERM)
    wait_for("STOPPING=1")
    assert daemon.wait(60) == 0
except BaseException:
    daemon.kill()
    sys.stderr.write(open("systemd.log").read())
    raise
PYTHON
/usr/bin/python3 -B as_systemd.py "$bridge" || fail "under systemd"

# ---- a key that is lost, bad, or seen by others
mv d/identity.key kept
expect 8 "$bridge" --data d --listen 127.0.0.1:0
[[ ! -e d/identity.key ]] || fail "it made a new key in the place of a lost one"
head -c 50 kept >d/identity.key && chmod 600 d/identity.key
expect 8 "$bridge" --data d --listen 127.0.0.1:0
cp kept d/identity.key && chmod 644 d/identity.key
expect 6 "$bridge" --data d --listen 127.0.0.1:0
expect 6 "$bridge" check --quick d
chmod 600 d/identity.key

# ---- the key as a credential, in a folder of its own with the same tables: another process of the same Bridge
mkdir credentials && cp kept credentials/identity.key && chmod 400 credentials/identity.key
CREDENTIALS_DIRECTORY=$work/credentials start --data second
[[ $id == "$first" && ! -e second/identity.key ]] || fail "the credential does not count"
stop TERM 0

# ---- a database of a later version, one that is damaged, one that is not there
/usr/bin/python3 - d/bridge.sqlite <<'PYTHON'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("INSERT INTO inxt_schema SELECT 9999, 'later', statements, applied_unix_s FROM inxt_schema LIMIT 1")
PYTHON
expect 6 "$bridge" --data d --listen 127.0.0.1:0
grep -q 9999 err || fail "the later version is not named: $(cat err)"
expect 6 "$bridge" check --quick d
grep -q 9999 err || fail "the check does not name the later version: $(cat err)"
echo "not a database, by any means; just a text that is long enough to be read as one's head" >d/bridge.sqlite
rm -f d/bridge.sqlite-wal d/bridge.sqlite-shm
got=0
timeout 60 "$bridge" --data d --listen 127.0.0.1:0 2>err || got=$?
[[ $got == 2 || $got == 8 ]] || fail "exit $got for a file that is no database: $(cat err)"
expect 5 "$bridge" --data d --listen 127.0.0.1:0 --database "postgresql:///inxt?host=$work/no-server"
echo "inxt-bridge: all is well"
