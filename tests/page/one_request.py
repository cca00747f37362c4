#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a browser asks for when it is shown the page: the page, and nothing else; also when somebody gets markup into it.

usage: one_request.py PAGE_HTML HEADERS PROFILE_FOLDER

The page is served again from here, with the Host's own headers, by a server that writes down each request.
"""
import http.server
import subprocess
import sys
import threading

SMUGGLED = ('<img src="/image"><link rel="stylesheet" href="/style"><script src="/script"></script>'
            '<script>document.title = "it ran"</script><iframe src="/frame"></iframe>')


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, body, headers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.headers, self.asked = body, headers, []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        for name, value in self.server.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


def show(body, headers, profile):
    """The requests that the browser made, and the document as it stood in the end."""
    server = Server(body.encode(), headers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
               "--disable-background-networking", f"--user-data-dir={profile}", "--dump-dom",
               f"http://127.0.0.1:{server.server_port}/"]
    done = subprocess.run(browser, capture_output=True, text=True, timeout=90, check=True)
    server.shutdown()
    return server.asked, done.stdout


def main():
    page_path, headers_path, profile = sys.argv[1:]
    page = open(page_path, encoding="utf-8").read()
    lines = [line.strip().split(": ", 1) for line in open(headers_path, encoding="utf-8")][1:]
    headers = [(line[0], line[1]) for line in lines if len(line) == 2 and line[0] not in ("Content-Length", "Date")]
    names = {name for name, _ in headers}
    assert {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} <= names, names

    asked, _ = show(page, headers, profile)
    assert asked == ["/"], f"the browser asked for {asked}"

    harmed = page.replace("<main>", "<main>" + SMUGGLED)
    assert harmed != page
    asked, dom = show(harmed, headers, profile)
    assert asked == ["/"], f"in spite of the policy the browser asked for {asked}"
    assert "it ran" not in dom.split("</title>")[0], "in spite of the policy a script ran"

    # That this would be noticed: without the policy.
    bare = [header for header in headers if header[0] != "Content-Security-Policy"]
    asked, dom = show(harmed, bare, profile)
    assert {"/image", "/style", "/script"} <= set(asked), f"the test is blind: {asked}"
    assert "it ran" in dom.split("</title>")[0], "the test is blind to scripts"
    print("one request, and the policy holds")


main()
