#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What an operator sees: status, metrics and the page, of a Host that has stored, served, been audited and lost a
# piece to rot.  The page is looked at with a real browser, on a phone and on a desk.
#
# usage: page.sh FOLDER_OF_THE_TOOLS
. "$(dirname "${BASH_SOURCE[0]}")/../cli/network.sh"
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
begin_network "$1"

start_hosts 1 2 --local 127.0.0.1:0
hosts_file 1 2 >hosts
export INXT_HOSTS=$work/hosts
page=$(sed -n 's/.*event=page address=\([0-9.:]*\).*/\1/p' log.1)
[[ $page == 127.0.0.1:* ]] || { wrong "no page"; cat log.1; finish; }

# Three pieces put, two of them read, one asked for that is not here.
head -c 6291456 /dev/urandom >data
inxt-put -q -m 2 data >m || wrong "put"
inxt-get -q <m >back && same data back "before"
inxt-audit -q <m >/dev/null || wrong "audit"
curl -s "http://$page/metrics" >metrics.before
# One rots, and an audit finds it.
for file in store.1/pieces/*/*-*; do dd if=/dev/urandom of="$file" bs=1M count=1 conv=notrunc status=none; done
inxt-audit -q <m >report
[[ $? == 9 ]] || wrong "the audit of a rotten store"

curl -s "http://$page/metrics" >metrics
curl -s "http://$page/status.json" >status.json
inxt-host status --json store.1 >status2.json || wrong "status"
/usr/bin/python3 "$here/check_metrics.py" metrics.before metrics status.json 3 || wrong "the metrics"
[[ $(jq -r .host status2.json) == "${host_id[1]}" ]] || wrong "the status of another Host"
script -qec "inxt-host status store.1" /dev/null </dev/null >text 2>&1
has text "3 pieces"
has text "Audits"

# Nothing can be changed there, and a web site that points its name here reads nothing.
for method in POST PUT DELETE; do
  [[ $(curl -s -o /dev/null -w '%{http_code}' -X $method "http://$page/drain") =~ ^40[45]$ ]] || wrong "$method on the page"
done
[[ $(curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "http://$page/") == 421 ]] || wrong "another Host header"
[[ $(stat -c %a store.1/control) == 600 ]] || wrong "the control socket's mode"
expect 2 inxt-host --store store.9 --capacity 1GB --accept any --listen 127.0.1.9:0 --local 0.0.0.0:0

curl -s -D head "http://$page/" >page.html
grep -qi "^content-security-policy: default-src 'none'" head || wrong "no policy"
! grep -qiE "<script|https?://|@import|url\(" page.html || wrong "the page names something to load"

if command -v chromium >/dev/null; then
  # browser WIDTH ARGUMENT...: with a profile of its own, and nowhere to go but the page.
  browser() {
    local width=$1
    shift
    timeout 90 chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
      --user-data-dir="$work/profile" --window-size="$width" "$@" "http://$page/" 2>browser.log
  }
  browser 390,844 --dump-dom >dom || { wrong "the browser"; tail -5 browser.log; }
  for text in "inxt Host" "Store" "Contracts ending" "Traffic" "Audits" "Failed" "Connected" "Problem:" "damaged"; do
    grep -q "$text" dom || wrong "the page does not say \"$text\""
  done
  grep -q "${host_id[1]}" dom || wrong "the page is of another Host"
  /usr/bin/python3 "$here/one_request.py" page.html head "$work/profile" || wrong "the browser asked for more than the page"
  # On a phone nothing is wider than the screen: a ruler as wide as the content would make the picture wider.
  browser 390,844 --screenshot="$work/phone.png" --hide-scrollbars >/dev/null
  browser 1280,900 --screenshot="$work/desk.png" --hide-scrollbars >/dev/null
  [[ $(file phone.png 2>/dev/null || echo "390 x 844") == *"390 x 844"* && -s phone.png && -s desk.png ]] ||
    wrong "no pictures"
  # The widest thing, as the browser lays it out: the same page in a frame that reports its width.
  cat >ruler.html <<HTML
<!DOCTYPE html><meta name="viewport" content="width=device-width, initial-scale=1"><body style="margin:0">
<div id="page" style="width:390px;overflow:hidden"></div><script>
const text = document.createElement("div"); text.innerHTML = decodeURIComponent("$(jq -sRr @uri <page.html)");
document.getElementById("page").append(text);
document.title = text.scrollWidth;
</script>
HTML
  timeout 90 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" --window-size=390,844 \
    --dump-dom "file://$work/ruler.html" >ruled 2>browser.log
  width=$(sed -n 's/.*<title>\([0-9]*\)<\/title>.*/\1/p' ruled | sed -n 1p)
  [[ -n $width && $width -le 390 ]] || wrong "on a phone the page is ${width:-?} pixels wide"
else
  echo "no chromium: the page was looked at with curl only"
fi
[[ -z ${INXT_PAGE_PICTURES-} ]] || cp phone.png desk.png "$INXT_PAGE_PICTURES"
finish
