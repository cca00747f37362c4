#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Golden files and accepted vectors against man/schemas.

A schema cannot say all that the manual says, but what the manual accepts it must accept;
and it must refuse what it can: for each schema a line is changed in ways that it has to notice.
The last line is `N passed, 0 failed`.
"""

import base64
import json
import pathlib
import sys

from jsonschema import Draft202012Validator

TESTS = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = TESTS / "golden" / "format-v1"
SCHEMAS = TESTS.parent / "man" / "schemas"
passed, failed = 0, 0
seen = set()
validators = {}


def schema(name):
    if name not in validators:
        path, _, kind = name.partition("#")
        whole = json.loads((SCHEMAS / f"{path}.json").read_text())
        Draft202012Validator.check_schema(whole)
        validators[name] = Draft202012Validator(
            {**whole, "$ref": f"#/$defs/{kind}"} if kind else whole)
    return validators[name]


def check(what, good):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAILED", what)


def valid(name, text, what):
    """The text is as the schema says, and is not without a required member or with null in its place."""
    value = json.loads(text)
    errors = [error.message for error in schema(name).iter_errors(value)]
    check(f"{what}: {name}: {errors}", not errors)
    kind = (name, value.get("type"))
    if kind in seen or errors:
        return
    seen.add(kind)
    if "type" in value:
        check(f"{name}: without type", not schema(name).is_valid(
            {n: v for n, v in value.items() if n != "type"}))
    known = [n for n in value if n not in ("crit", "x")]
    check(f"{name} {kind[1]}: nulls", value.get("type") == "later" or any(
        not schema(name).is_valid({**value, n: None}) for n in known))


def b64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token(text, what):
    header, payload, _ = text.split(".")
    valid("token-header", b64(header), what)
    valid("token-payload#" + json.loads(b64(header))["typ"], b64(payload), what)


def key_file(text, what):
    valid("key-file", text, what)
    members = json.loads(text)
    if not members["sealed"]:
        valid("key-secret", b64(members["secret"]), what)


def transcript(lines, what):
    """The Host's own lines are counted, and may be anything."""
    own, samples = 0, 0
    for line in lines:
        if own:
            own -= 1
            continue
        valid("transcript-line", line, what)
        said = json.loads(line)
        if said["type"] == "request":
            samples = len(json.loads(said["body"])["samples"])
        own = samples + 1 if said.get("outcome") == "answered" else 0


def lines_of(text):
    return [line for line in text.split("\n") if line]


def golden():
    for name in ("manifest.jsonl", "delegated.jsonl"):
        for line in lines_of((GOLDEN / name).read_text()):
            valid("manifest-line", line, name)
    for line in lines_of((GOLDEN / "hosts.jsonl").read_text()):
        valid("hosts-line", line, "hosts.jsonl")
        token(json.loads(line)["token"], "hosts.jsonl")
    for line in lines_of((GOLDEN / "contracts.jsonl").read_text()):
        for name in ("offer", "acceptance", "receipt"):
            token(json.loads(line)[name], "contracts.jsonl")
    for name in ("owner.key", "sealed.key", "uploader.key"):
        key_file((GOLDEN / name).read_text(), name)
    transcript(lines_of((GOLDEN / "transcript.jsonl").read_text()), "transcript.jsonl")
    for line in lines_of((GOLDEN / "extract.jsonl").read_text()):
        valid("extract-line", line, "extract.jsonl")
    for path in (TESTS / "golden" / "store-v1" / "pieces").glob("*/*"):
        trailer = path.read_bytes()[-8192:]
        valid("stored-piece", trailer[:int.from_bytes(trailer[8156:8160], "big")], path.name[:8])


def vectors():
    for path in sorted((TESTS / "vectors").glob("*.json")):
        for v in json.loads(path.read_text())["vectors"]:
            if v["expect"] != "accepted" or "input" not in v:
                continue
            text, kind, what = v["input"], v["format"], f"{v['format']} {v['name']}"
            if kind in ("manifest", "open", "file", "ciphertext"):
                for line in lines_of(text):
                    valid("manifest-line", line, what)
            elif kind == "writer":
                valid("manifest-line", text, what)
            elif kind == "hosts":
                for line in lines_of(text):
                    if line.strip(" \t") and not line.startswith("#"):
                        valid("hosts-line", line, what)
            elif kind == "token":
                token(text, what)
            elif kind == "key-file":
                key_file(text, what)
            elif kind == "audit-request":
                valid("audit-request", text, what)
            elif kind == "audit-outcome" and v["value"]["outcome"] in ("held", "missing"):
                valid("proof-line", text, what)
            elif kind == "transcript":
                transcript(lines_of(text), what)
            elif kind == "extract":
                for line in lines_of(text):
                    valid("extract-line", line, what)


def main():
    golden()
    vectors()
    # The private part and a tag's first line are sealed: their examples stand in the manual.
    for page, name, begin in (("inxt-manifest.5", "private-part", '{"name":"hello.txt"'),
                              ("inxt-tag.5", "tag-line", '{"type":"tag"')):
        for line in (TESTS.parent / "man" / page).read_text().replace(r"\-", "-").split("\n"):
            if line.startswith(begin):
                valid(name, line, page)
    for path in SCHEMAS.glob("*.json"):
        check(f"{path.stem}: nothing was checked against it",
              any(name.partition("#")[0] == path.stem for name in validators))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
