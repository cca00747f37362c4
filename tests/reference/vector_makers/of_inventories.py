# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-inventory(5)."""

import json
import random

from inxt_reference import inventory, notation
from inxt_reference.notation import b64, join_signed, sha256, sign, to_json
from selftest import CONTROL_SEED, HOST, HOST_SEED, TIME, example_leaves

from .common import accept, body_of, refuse, without

OTHER_HOST = notation.ed25519_public(CONTROL_SEED)
LEAVES, CONTRACTS = example_leaves()
TREE = inventory.Tree(LEAVES)
LONG = LEAVES[1][0]
ASKED = CONTRACTS[LONG][0]


def like(name, bits, chance):
    """An id that shares its first `bits` bits with another, and not the next."""
    low = 255 - bits
    value = (int.from_bytes(name, "big") >> low ^ 1) << low | chance.getrandbits(low)
    return value.to_bytes(32, "big")


def leaf_of(name, chance):
    return name, chance.choice((1, 4096, 4097, 2097152)), chance.randint(1, 9), chance.randbytes(32)


def tree_vectors():
    chance = random.Random(4)

    def tree(name, leaves, asked, reason=None):
        given = {"leaves": [[n.hex(), size, count, root.hex()] for n, size, count, root in leaves],
                 "asked": asked.hex()}
        if reason:
            refuse("inventory", f"{reason}/{name}", **given)
        else:
            accept("inventory", name, **given)

    def made(names):
        return [leaf_of(name, chance) for name in sorted(names)]
    tree("example", LEAVES, LONG)
    tree("example, left of all", LEAVES, bytes(32))
    tree("empty", [], LONG)
    tree("one leaf", LEAVES[:1], LEAVES[0][0])
    tree("one leaf, another asked", LEAVES[:1], LONG)
    for bits in (0, 1, 7, 8, 11, 12, 13, 100, 255):
        name = chance.randbytes(32)
        pair = made([name, like(name, bits, chance)])
        tree(f"two that share {bits} bits", pair, name)
        if bits:
            tree(f"two that share {bits} bits, another prefix", pair,
                 like(name, bits // 2, chance))
    name = chance.randbytes(32)
    comb = made([name] + [like(name, bits, chance) for bits in range(40)])
    tree("comb", comb, name)
    tree("comb, beside", comb, like(name, 60, chance))
    folder = made({like(name, chance.randint(12, 30), chance) for _ in range(40)})
    tree("one folder", folder, folder[17][0])
    tree("one folder, another asked", folder, bytes(32))
    many = made([chance.randbytes(32) for _ in range(200)])
    tree("many", many, many[123][0])
    tree("many, another asked", many, chance.randbytes(32))
    tree("zero", [(LONG, 0, 1, bytes(32))], LONG, "leaf-size")
    tree("large", [(LONG, 2097153, 1, bytes(32))], LONG, "leaf-size")
    tree("zero", [(LONG, 1, 0, bytes(32))], LONG, "leaf-count")
    tree("large", [(LONG, 1, 2**31 + 1, bytes(32))], LONG, "leaf-count")
    tree("descending", LEAVES[::-1], LONG, "leaf-order")
    tree("twice", LEAVES[:1] * 2, LONG, "leaf-order")
    tree("most contracts", [(LONG, 1, 2**31, bytes(32))], LONG)


HEAD = inventory.make_head(HOST_SEED, HOST, TIME, None, 3, TREE.branch)


def signed(members, label="inxt/v1/inventory-head-line", seed=HOST_SEED):
    body = to_json(members).encode()[:-1]
    return join_signed(body, sign(seed, label, body))


def head_vectors():
    members = body_of(HEAD)

    def changed(**changes):
        return signed({**members, **changes})
    accept("inventory-head", "example", HEAD)
    accept("inventory-head", "empty", inventory.make_head(HOST_SEED, HOST, 0, None, 0,
                                                          inventory.EMPTY))
    accept("inventory-head", "previous", inventory.make_head(
        HOST_SEED, HOST, TIME + 3600, inventory.head_hash(HEAD), 3, TREE.branch))
    accept("inventory-head", "largest", changed(blocks=2**40 - 1, bytes=4096 * (2**40 - 1)))
    accept("inventory-head", "unknown member", changed(x=1, crit=[]))
    wide = changed(x="x" * (8191 - len(changed(x=""))))
    accept("inventory-head", "line of 8,192 bytes", wide)
    for reason, line in {
            "line-too-long": changed(x="x" * (8192 - len(changed(x="")))),
            "head-type": changed(type="head"), "head-version": changed(version=2),
            "crit-unknown": changed(crit=["x"]),
            "member-missing/host": signed(without(members, "host")),
            "member-missing/previous": signed(without(members, "previous")),
            "member-hex/previous": changed(previous="00"),
            "member-type/previous": changed(previous=0),
            "member-type/bytes": changed(bytes="10017"), "member-type/time": changed(time=-1),
            "member-hex/root": changed(root=members["root"].upper()),
            "head-epoch": changed(epoch=472223), "head-epoch/time": changed(time=TIME + 3600),
            "head-empty/root": changed(pieces=0, blocks=0, bytes=0),
            "head-empty/blocks": changed(pieces=0, root="00" * 32, bytes=0),
            "head-empty/bytes": changed(pieces=0, root="00" * 32, blocks=0),
            "head-sums/no block": changed(blocks=0),
            "head-sums/fewer bytes than blocks": changed(bytes=4),
            "head-sums/more bytes than blocks hold": changed(bytes=5 * 4096 + 1),
            "head-sums/2^40 blocks": changed(blocks=2**40, bytes=2**40),
            "head-sums/2^52 bytes": changed(blocks=2**40 - 1, bytes=2**52),
            "head-pieces": changed(pieces=6), "sig-missing": to_json(members).encode(),
            "sig-wrong/label": signed(members, "inxt/v1/answer"),
            "sig-wrong/another key": signed(members, seed=CONTROL_SEED),
            "sig-wrong/changed": HEAD.replace(b'"bytes":10017', b'"bytes":10018'),
            "sig-wrong/space": HEAD.replace(b'"bytes":10017', b'"bytes": 10017'),
            "json-not-object/newline": HEAD + b"\n"}.items():
        refuse("inventory-head", reason, line)


def pair_vectors():
    first = inventory.head_hash(HEAD)

    def pair(name, a, b):
        accept("inventory-heads", name, b, before=a.decode())

    def head(time, previous, branch=TREE.branch, count=3, seed=HOST_SEED, host=HOST):
        return inventory.make_head(seed, host, time, previous, count, branch)
    other = (sha256(b"other"), 5, 10017)
    pair("the same", HEAD, HEAD)
    pair("one follows", HEAD, head(TIME + 3600, first))
    pair("later by a minute, in the next epoch", head(TIME // 3600 * 3600 + 3599, None),
         head(TIME // 3600 * 3600 + 3600, inventory.head_hash(
             head(TIME // 3600 * 3600 + 3599, None))))
    pair("one epoch, two roots", HEAD, head(TIME, None, other))
    pair("one epoch, another time", HEAD, head(TIME + 1, first))
    pair("one previous", head(TIME + 3600, first), head(TIME + 7200, first))
    pair("two first heads", HEAD, head(TIME + 3600, None))
    pair("a gap between", HEAD, head(TIME + 7200, sha256(b"between")))
    pair("not later", head(TIME + 3600, None), head(TIME, inventory.head_hash(
        head(TIME + 3600, None))))
    pair("two Hosts", HEAD, head(TIME, None, seed=CONTROL_SEED, host=OTHER_HOST))
    pair("of another Host's head", HEAD, head(TIME + 3600, first, seed=CONTROL_SEED,
                                              host=OTHER_HOST))


def changes_of(line):
    members = json.loads(line)

    def changed(**changes):
        return to_json({n: v for n, v in {**members, **changes}.items() if v is not ...})
    return members, changed


def bad_steps(steps, make):
    """What both kinds of lines refuse; `make` has the steps it is given."""
    one = [0, b64(bytes(32)), 1, 1]

    def entry(at, value):
        return make([*steps[:-1], [*steps[-1][:at], value, *steps[-1][at + 1:]]])
    return {
        "steps-count": make([one] * 101), "steps-form/missing": make(...),
        "steps-form/null": make(None), "steps-form/entry": make([0, 1]),
        "steps-form/three": make([s[:3] for s in steps]),
        "steps-form/five": make([[*s, 0] for s in steps]), "steps-form/bits 256": entry(0, 256),
        "steps-form/bits a text": entry(0, "1"), "steps-form/bits minus": entry(0, -1),
        "steps-form/hash of 31 bytes": entry(1, b64(bytes(31))),
        "steps-form/hash a number": entry(1, 1), "steps-form/blocks true": entry(2, True),
        "steps-form/bytes a text": entry(3, "1"), "steps-bits/the same": make([steps[0]] * 2),
        "steps-bits/falling": make(steps[::-1]), "steps-sums/no block": entry(2, 0),
        "steps-sums/fewer bytes": make([*steps[:-1], [*steps[-1][:2], 9, 8]]),
        "steps-sums/more bytes": entry(3, 4096 * steps[-1][2] + 1),
        "steps-sums/2^40 blocks": make([[0, one[1], 2**40, 2**40]]),
        "steps-sums/2^52 bytes": make([[0, one[1], 2**40 - 1, 2**52]]),
        "steps-sums/both": make([[0, one[1], 2**40 - 1, 2**40]]),
    }


def inclusion_vectors():
    plain = inventory.make_inclusion(TREE, LONG)
    listed = inventory.make_inclusion(TREE, LONG, contract=inventory.listed_contract(
        CONTRACTS[LONG], 0))
    absent = inventory.make_inclusion(TREE, LONG, contract=None,
                                      contracts=[b64(c) for c in CONTRACTS[LONG]])
    members, changed = changes_of(listed)
    given = {"asked": ASKED.hex()}
    kind = "inventory-inclusion"
    accept(kind, "example", plain)
    accept(kind, "unknown member", to_json({**json.loads(plain), "x": 1}))
    accept(kind, "listed", listed, **given)
    accept(kind, "listed, not asked", listed)
    accept(kind, "listed, the other", inventory.make_inclusion(
        TREE, LONG, contract=inventory.listed_contract(CONTRACTS[LONG], 1)),
        asked=CONTRACTS[LONG][1].hex())
    accept(kind, "absent", absent, asked="00" * 32)
    accept(kind, "absent by its word", inventory.make_inclusion(TREE, LONG, contract=None),
           **given)
    accept(kind, "no contract although asked", plain, **given)
    accept(kind, "leads to another root", changed(size=9999))
    alone = inventory.Tree(LEAVES[:1])
    accept(kind, "only leaf", inventory.make_inclusion(alone, LEAVES[0][0]))
    accept(kind, "100 steps", changed(contract=..., steps=[
        [i, b64(bytes([i]) * 32), 1, 1] for i in range(100)]))
    wide = changed(x="x" * (8191 - len(changed(x=""))))
    accept(kind, "line of 8,192 bytes", wide, **given)
    contracts = sorted(sha256(bytes([i])) for i in range(100))
    hundred = inventory.Tree([(LONG, 1, 100, inventory.contracts_root(contracts))])
    accept(kind, "100 contracts, one listed", inventory.make_inclusion(
        hundred, LONG, contract=inventory.listed_contract(contracts, 99)),
        asked=contracts[99].hex())
    accept(kind, "100 contracts, absent", inventory.make_inclusion(
        hundred, LONG, contract=None, contracts=[b64(c) for c in contracts]), **given)

    def listing(*entries):
        return to_json({**json.loads(absent), "contracts": list(entries)})

    def listed_as(**changes):
        return changed(contract={n: v for n, v in {**members["contract"], **changes}.items()
                                 if v is not ...})
    both = [b64(c) for c in CONTRACTS[LONG]]
    for reason, line in {
            **bad_steps(members["steps"], lambda steps: changed(steps=steps)),
            "line-too-long": changed(x="x" * (8192 - len(changed(x="")))),
            "inclusion-type": changed(type="exclusion"), "leaf-size/zero": changed(size=0),
            "leaf-size/large": changed(size=2097153), "leaf-count/zero": changed(count=0),
            "leaf-count/large": changed(count=2**31 + 1),
            "member-missing/root": changed(root=...),
            "member-b64/root": changed(root=members["root"][:-1]),
            "member-hex/piece": changed(piece=LONG.hex()[1:]),
            "contract-form": changed(contract=[]), "contract-form/text": changed(contract="null"),
            "contract-form/no index": listed_as(index=...),
            "contract-form/no path": listed_as(path=...),
            "contract-form/index past 31 bits": listed_as(index=2**31),
            "contract-form/32 hashes": listed_as(path=[b64(bytes(32))] * 32),
            "contract-form/hash of 31 bytes": listed_as(path=[b64(bytes(31))]),
            "contract-index": listed_as(index=2), "contract-path/another": listed_as(index=1),
            "contract-path/short": listed_as(path=[]),
            "contract-path/long": listed_as(path=members["contract"]["path"] * 2),
            "contract-path/hash": listed_as(path=[b64(bytes(32))]),
            "contracts-form/listed too": changed(contracts=both),
            "contracts-form/alone": changed(contract=..., contracts=both),
            "contracts-form/101": listing(*(b64(sha256(bytes([i]))) for i in range(101))),
            "contracts-form/number": listing(0), "contracts-form/short": listing("AA"),
            "contracts-list/one": listing(both[0]), "contracts-list/none": listing(),
            "contracts-list/order": listing(*both[::-1]),
            "contracts-list/twice": listing(both[0], both[0]),
            "contracts-list/another": listing(b64(bytes(32)), both[1]),
            "contracts-asked": absent, "json-not-object/newline": listed + b"\n"}.items():
        refuse(kind, reason, line, **given)
    refuse(kind, "contract-path/of another contract", listed, asked=CONTRACTS[LONG][1].hex())


def exclusion_vectors():
    kind = "inventory-exclusion"
    chance = random.Random(5)
    low = like(LONG, 3, chance)                     # 0100...: stands at the long piece's leaf
    leaf_end = inventory.make_exclusion(TREE, low)
    members, changed = changes_of(leaf_end)
    assert "leaf" in members["end"] and len(members["steps"]) == 2
    accept(kind, "example", inventory.make_exclusion(TREE, b"\xff" * 32))
    accept(kind, "example of zeros", inventory.make_exclusion(TREE, bytes(32)))
    accept(kind, "leaf", leaf_end)
    accept(kind, "unknown member", changed(x=1))
    accept(kind, "empty", inventory.make_exclusion(inventory.Tree([]), LONG))
    accept(kind, "only leaf", inventory.make_exclusion(inventory.Tree(LEAVES[:1]), LONG))
    deep = [LONG, like(LONG, 20, chance), like(LONG, 30, chance), like(LONG, 0, chance)]
    tree = inventory.Tree([leaf_of(name, chance) for name in sorted(deep)])
    asked = like(LONG, 10, chance)
    node_end = inventory.make_exclusion(tree, asked)
    of_node, changed_node = changes_of(node_end)
    node = of_node["end"]["node"]
    assert len(of_node["steps"]) == 1 and node["bits"] == 20
    accept(kind, "node", node_end)
    root_end = inventory.make_exclusion(inventory.Tree(
        [leaf_of(name, chance) for name in sorted(deep[:3])]), asked)
    assert not json.loads(root_end)["steps"]
    accept(kind, "the root's prefix", root_end)
    accept(kind, "leads to another root", changed_node(
        end={"node": {**node, "left": [b64(bytes(32)), 1, 1]}}))

    def with_leaf(**changes):
        return changed(end={"leaf": {n: v for n, v in {**members["end"]["leaf"], **changes}.items()
                                     if v is not ...}})

    def with_node(**changes):
        return changed_node(end={"node": {n: v for n, v in {**node, **changes}.items()
                                          if v is not ...}})
    one = b64(bytes(32))
    start = bytes.fromhex(node["prefix"])
    for reason, line in {
            **bad_steps(members["steps"], lambda steps: changed(steps=steps)),
            "exclusion-type": changed(type="inclusion"), "end-form/missing": changed(end=...),
            "end-form/null": changed(end=None), "end-form/none": changed(end={}),
            "end-form/both": changed(end={"empty": True, **members["end"]}),
            "end-form/unknown": changed(end={"other": {}}),
            "end-form/empty false": changed(end={"empty": False}, steps=[]),
            "end-form/leaf a text": changed(end={"leaf": "x"}),
            "end-form/node a list": changed(end={"node": []}),
            "end-form/no bits": with_node(bits=...), "end-form/bits 256": with_node(bits=256),
            "end-form/no prefix": with_node(prefix=...),
            "end-form/child of two": with_node(left=[one, 1]),
            "end-form/child a text": with_node(right="x"),
            "end-form/no left": with_node(left=...),
            "end-form/hash": with_node(left=["AA", 1, 1]),
            "end-empty": changed(end={"empty": True}), "leaf-size": with_leaf(size=0),
            "leaf-count": with_leaf(count=0), "member-missing/leaf": with_leaf(root=...),
            "member-hex/piece": changed(piece="00"),
            "end-node/prefix": with_node(prefix=(start[:31] + b"\x01").hex()),
            "end-node/child": with_node(left=[one, 0, 0]),
            "end-node/bytes": with_node(right=[one, 1, 4097]),
            "end-node/sum": with_node(left=[one, 2**39, 2**39], right=[one, 2**39, 2**39]),
            "end-asked/leaf": changed(piece=LONG.hex()),
            "end-asked/node": changed_node(piece=like(LONG, 25, chance).hex()),
            "end-beside/leaf": with_leaf(piece=LEAVES[0][0].hex()),
            "end-beside/leaf of the other side": with_leaf(piece=LEAVES[2][0].hex()),
            "end-beside/node": with_node(prefix=inventory.prefix(like(LONG, 0, chance), 20).hex()),
            "end-beside/node above its step": changed_node(
                steps=[[20, *of_node["steps"][0][1:]]])}.items():
        refuse(kind, reason, line)


def request_vectors():
    head = inventory.head_hash(HEAD)
    request = inventory.make_lookup(head, [(LONG, ASKED), (b"\xff" * 32, None)])
    members, changed = changes_of(request)
    pair = members["pieces"][0]
    accept("inventory-lookup", "example", request)
    accept("inventory-lookup", "spaces", request.replace(b",", b" , "))
    accept("inventory-lookup", "256", inventory.make_lookup(head, [(LONG, ASKED)] * 256))
    filled = request[:-1] + b" " * (65536 - len(request)) + b"}"
    accept("inventory-lookup", "65,536 bytes", filled)
    for reason, text in {
            "lookup-long": filled[:-1] + b" }", "lookup-type": changed(type="challenge"),
            "member-missing/head": changed(head=...), "member-hex/head": changed(head="00"),
            "lookup-pieces/missing": changed(pieces=...), "lookup-pieces/empty": changed(pieces=[]),
            "lookup-pieces/257": changed(pieces=[pair] * 257),
            "lookup-pieces/one": changed(pieces=[pair[:1]]),
            "lookup-pieces/three": changed(pieces=[[*pair, None]]),
            "lookup-pieces/text": changed(pieces="all"),
            "lookup-pieces/ids alone": changed(pieces=[pair[0]]),
            "lookup-pieces/short id": changed(pieces=[[pair[0][1:], None]]),
            "lookup-pieces/null id": changed(pieces=[[None, None]]),
            "lookup-pieces/short contract": changed(pieces=[[pair[0], pair[1][1:]]]),
            "lookup-pieces/contract a number": changed(pieces=[[pair[0], 0]]),
            "json-not-object/newline": request + b"\n"}.items():
        refuse("inventory-lookup", reason, text)

    request = inventory.make_witness_request(head)
    accept("witness-request", "example", request)
    accept("witness-request", "256 bytes", request[:-1] + b" " * (256 - len(request)) + b"}")
    for reason, text in {
            "witness-long": request[:-1] + b" " * (257 - len(request)) + b"}",
            "member-missing": b"{}", "member-type": b'{"hash":null}',
            "member-hex": request.replace(b'"2', b'"'),
            "json-not-object/newline": request + b"\n"}.items():
        refuse("witness-request", reason, text)

    line = inventory.make_witness(HOST_SEED, HOST, head, TIME + 7)
    members = body_of(line)
    accept("witness", "example", line)
    accept("witness", "unknown member", signed({**members, "x": 1}, "inxt/v1/witness"))
    for reason, text in {
            "witness-type": signed({**members, "type": "answer"}, "inxt/v1/witness"),
            "member-missing/time": signed(without(members, "time"), "inxt/v1/witness"),
            "member-hex/hash": signed({**members, "hash": "00"}, "inxt/v1/witness"),
            "sig-missing": to_json(members).encode(),
            "sig-wrong/label": signed(members, "inxt/v1/answer"),
            "sig-wrong/another key": signed(members, "inxt/v1/witness", CONTROL_SEED),
            "sig-wrong/changed": line.replace(b"1700000007", b"1700000006"),
            "json-not-object/newline": line + b"\n"}.items():
        refuse("witness", reason, text)


def inventory_vectors():
    for part in (tree_vectors, head_vectors, pair_vectors, inclusion_vectors, exclusion_vectors,
                 request_vectors):
        part()
