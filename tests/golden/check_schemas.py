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


def key_file(text, what, kind="key-file"):
    valid(kind, text, what)
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
        if said["type"] in ("inventory", "witness"):
            valid("inventory-line", line, what)
        if said["type"] == "request":
            body = json.loads(said["body"])
            if "head" in body:
                valid("inventory-audit-request", said["body"], what)
            samples = 2 * (body.get("count") or len(body["numbers"])) if "head" in body \
                else len(body["samples"])
        own = samples + 1 if said.get("outcome") in ("answered", "late") else 0


def tree_record(value, what):
    """What a record's body said, as the vector tells it."""
    extents = [dict(zip(("first", "bytes", "from", "manifest"), one)) for one in value["extents"]]
    valid("tree-body#record", json.dumps({**value, "extents": extents}), what)


def share_bundle(value, what):
    """What a bundle's JSON said, as the vector tells it."""
    def file(one):
        extents = [dict(zip(("first", "bytes", "from", "manifest"), extent)) for extent in one["extents"]]
        manifests = [{**manifest, "secrets": len(manifest["secrets"])} for manifest in one["manifests"]]
        return {**{n: v for n, v in one.items() if v is not None}, "extents": extents, "manifests": manifests}
    accounts = [dict(zip(("host", "uploader", "account"), one)) for one in value["accounts"]]
    valid("share-bundle", json.dumps({"type": "bundle", "version": 1, **value, "accounts": accounts,
                                      "files": list(map(file, value["files"]))}), what)


def commitments(lines, what):
    for line in lines:
        valid("commitment-line", line, what)
        if json.loads(line)["type"] in ("inventory", "witness"):
            valid("inventory-line", line, what)


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
    for name in ("log.jsonl", "records.jsonl"):
        for line in lines_of((TESTS / "golden" / "tree-v1" / name).read_text()):
            valid("tree-line", line, name)
    for name in ("owner.key", "sealed.key", "uploader.key"):
        key_file((GOLDEN / name).read_text(), name)
    for name in ("transcript.jsonl", "transcript-2.jsonl", "transcript-inventory.jsonl"):
        transcript(lines_of((GOLDEN / name).read_text()), name)
    for line in lines_of((GOLDEN / "extract.jsonl").read_text()):
        valid("extract-line", line, "extract.jsonl")
    commitments(lines_of((GOLDEN / "commitments.jsonl").read_text()), "commitments.jsonl")
    for line in lines_of((GOLDEN / "inventory.jsonl").read_text()):
        valid("inventory-line", line, "inventory.jsonl")
    for line in lines_of((TESTS / "page" / "status.jsonl").read_text()):
        valid("host-status", line, "status.jsonl")
    for line in lines_of((TESTS / "page" / "audits.jsonl").read_text()):
        valid("host-audit", line, "audits.jsonl")
    for line in lines_of((TESTS / "page" / "evidence.jsonl").read_text()):
        valid("host-evidence", line, "evidence.jsonl")
        for value in json.loads(line).values():
            if isinstance(value, str) and value.startswith("eyJ"):
                token(value, "evidence.jsonl")
    for path in (TESTS / "golden" / "store-v1" / "pieces").glob("*/*"):
        trailer = path.read_bytes()[-8192:]
        valid("stored-piece", trailer[:int.from_bytes(trailer[8156:8160], "big")], path.name[:8])


def vectors():
    for path in sorted((TESTS / "vectors").glob("*.json")):
        for v in json.loads(path.read_text())["vectors"]:
            if v["expect"] != "accepted" or not ("input" in v or v["format"] in ("inventory", "share-bundle")):
                continue
            text, kind, what = v.get("input"), v["format"], f"{v['format']} {v['name']}"
            if kind in ("manifest", "open", "file", "ciphertext"):
                for line in lines_of(text):
                    valid("manifest-line", line, what)
            elif kind == "writer":
                valid("manifest-line", text, what)
            elif kind == "hosts":
                for line in lines_of(text):
                    if line.strip(" \t") and not line.startswith("#"):
                        valid("hosts-line", line, what)
            elif kind in ("token", "voucher"):
                token(text, what)
            elif kind == "lease":
                for each in text.split("~"):
                    token(each, what)
            elif kind in ("key-file", "host-backup"):
                key_file(text, what, kind)
            elif kind == "audit-request":
                valid("audit-request", text, what)
            elif kind == "audit-outcome" and v["value"]["outcome"] in ("held", "missing"):
                valid("proof-line", text, what)
            elif kind == "inventory":
                valid("inventory-line", v["value"]["line"], what)
            elif kind in ("inventory-head", "inventory-heads", "inventory-inclusion",
                          "inventory-exclusion", "witness"):
                valid("inventory-line", text, what)
            elif kind in ("inventory-lookup", "witness-request"):
                valid(kind, text, what)
            elif kind in ("transcript", "inventory-transcript"):
                transcript(lines_of(text), what)
                if v["name"].startswith(("deleted", "the renewed term")):
                    for line in lines_of(text):
                        if json.loads(line)["type"] in ("inclusion", "released"):
                            valid("inventory-line", line, what)
            elif kind in ("object-record", "log-entry"):
                valid("tree-line", text, what)
                if kind == "log-entry":
                    valid("tree-body#entry", json.dumps({"ops": v["value"]["ops"]}), what)
                else:
                    tree_record(v["value"], what)
            elif kind == "log":
                for line in lines_of(text):
                    valid("tree-line", line, what)
            elif kind == "commitments":
                commitments(lines_of(text), what)
            elif kind == "share-bundle":
                share_bundle(v["value"], what)
            elif kind == "care-request":
                for line in lines_of(text):
                    own = json.loads(line)["type"] in ("care", "reading")
                    valid("care-request-line" if own else "manifest-line", line, what)
            elif kind == "care-place":
                valid("care-place", text, what)
                valid("manifest-line", text, what)
            elif kind in ("share-file", "lease-request", "care-key", "care-info", "care-report"):
                valid(kind, text, what)
            elif kind == "share-request":
                for line in lines_of(text)[:1 + len(v["value"]["places"])]:
                    valid("share-request-line", line, what)
            elif kind == "extract":
                for line in lines_of(text):
                    valid("extract-line", line, what)


def main():
    golden()
    vectors()
    # What is sealed has examples in the manual: the private part, a tag's first line, the bodies of records and entries.
    for page, name, begin in (("inxt-manifest.5", "private-part", '{"name":"hello.txt"'),
                              ("inxt-tag.5", "tag-line", '{"type":"tag"'),
                              ("inxt-tree.5", "tree-body#record", '{"object":null'),
                              ("inxt-tree.5", "tree-body#entry", '{"ops":[')):
        text = (TESTS.parent / "man" / page).read_text().replace(r"\-", "-").replace(r"\e", "\\")
        for line in text.split("\n"):
            if line.startswith(begin):
                valid(name, line, page)
    for path in SCHEMAS.glob("*.json"):
        check(f"{path.stem}: nothing was checked against it",
              any(name.partition("#")[0] == path.stem for name in validators))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
