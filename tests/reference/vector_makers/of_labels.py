# SPDX-License-Identifier: AGPL-3.0-or-later
"""inxt-labels(5), and the strict JSON of inxt-manifest(5)."""

from inxt_reference.notation import u32, u64
from selftest import FILE, HOST, HOST_SEED, SECRET

from .common import accept, refuse


def json_vectors():
    for name, text in {
            "empty": "{}", "spaces inside": '{ "a" :\t[ 1 , 2 ] \r\n}',
            "escapes": r'{"\u0061\"\\\/\b\f\n\r\t":"\ud83d\ude00"}', "utf-8": '{"ä":"😀"}',
            "largest": '{"a":9007199254740991,"b":-9007199254740991}',
            "depth 8": '{"a":[[[[[[[]]]]]]]}', "minus zero is JSON": '{"a":-0}',
            "same key in two objects": '{"a":{"a":1},"b":{"a":1}}',
            "literals": '{"a":true,"b":false,"c":null}',
            "zero escape": r'{"a":"\u0000"}', "delete is no control character": '{"a":"\x7f"}',
            }.items():
        accept("json", name, text)
    for name, text in {
            "json-not-object/blank": "", "json-not-object/list": "[]",
            "json-not-object/byte order mark": b"\xef\xbb\xbf{}",
            "json-not-object/carriage return": "{}\r", "json-not-object/space before": " {}",
            "json-not-object/space behind": "{} ", "json-not-object/text": '"a"',
            "json-syntax/comment": '{/* no */"a":1}', "json-syntax/trailing comma": '{"a":1,}',
            "json-syntax/trailing comma in list": '{"a":[1,]}',
            "json-syntax/control character": '{"a":"\x01"}', "json-syntax/tab": '{"a":"\t"}',
            "json-syntax/newline in string": '{"a":"\n"}',
            "json-syntax/lone surrogate": r'{"a":"\ud800"}',
            "json-syntax/lone low surrogate": r'{"a":"\udc00"}',
            "json-syntax/high high": r'{"a":"\ud800\ud800"}',
            "json-syntax/surrogate then letter": r'{"a":"\ud800a"}',
            "json-syntax/two objects": "{}{}", "json-syntax/bad escape": r'{"a":"\x41"}',
            "json-syntax/short escape": r'{"a":"\u12"}', "json-syntax/NaN": '{"a":NaN}',
            "json-syntax/infinity": '{"a":-Infinity}', "json-syntax/leading zero": '{"a":01}',
            "json-syntax/plus": '{"a":+1}', "json-syntax/single quotes": "{'a':1}",
            "json-syntax/key without quotes": "{a:1}", "json-syntax/no colon": '{"a" 1}',
            "json-syntax/no value": '{"a":}', "json-syntax/unclosed": '{"a":[1}',
            "json-syntax/capital literal": '{"a":True}', "json-syntax/zero byte": '{"a":1\0}',
            "json-syntax/vertical tab": '{"a":\x0b1}', "json-syntax/no-break space":
            '{"a":\u00a01}', "json-syntax/hexadecimal": '{"a":0x10}',
            "json-syntax/only a minus": '{"a":-}',
            "json-utf8/overlong": b'{"a":"\xc0\xaf"}', "json-utf8/surrogate":
            b'{"a":"\xed\xa0\x80"}', "json-utf8/past the end": b'{"a":"\xf4\x90\x80\x80"}',
            "json-utf8/cut": b'{"a":"\xe2\x82"}', "json-utf8/lone continuation":
            b'{"a":"\x80"}', "json-utf8/latin-1 in key": b'{"\xe4":1}',
            "json-duplicate-key": '{"a":1,"a":1}',
            "json-duplicate-key/escaped": r'{"a":1,"\u0061":2}',
            "json-duplicate-key/nested": '{"b":[{"a":1,"a":2}]}',
            "json-float/point": '{"a":1.0}', "json-float/exponent": '{"a":1e2}',
            "json-float/capital exponent": '{"a":1E2}',
            "json-float/in list": '{"a":[0.5]}', "json-integer/past": '{"a":9007199254740992}',
            "json-integer/below": '{"a":-9007199254740992}',
            "json-integer/huge": '{"a":' + "9" * 400 + "}",
            "json-integer/past 64 bits": '{"a":18446744073709551617}',
            "json-depth": '{"a":[[[[[[[[]]]]]]]]}',
            "json-depth/objects": '{"a":' * 8 + "{}" + "}" * 8,
            "json-depth/many": '{"a":' + "[" * 4000 + "]" * 4000 + "}"}.items():
        refuse("json", name, text)

    for name, text in {"empty": "", "one": "_w", "two": "__8", "three": "____"}.items():
        accept("b64", name, text)
    for name, text in {"padding": "_w==", "unused bits": "_x", "unused bits of two": "__9",
                       "one letter": "_", "plus": "+w", "slash": "/w", "space": "_w ",
                       "newline": "_w\n", "inner newline": "__\n8", "not ascii": "äw"}.items():
        refuse("b64", f"member-b64/{name}", text)
    refuse("b64", "member-b64/length", "____", size=4)


def label_vectors():
    salted = ("data-key", "private-key", "commitment", "piece-seal")
    parameters = {"piece-seal": u64(1) + u32(2) + u32(3), "uploader": u32(1), "account": HOST,
                  "record-key": FILE, "entry-key": FILE, "tree-cache": FILE}
    for name in salted + ("recipient", "uploader", "writer", "account", "tree", "log-id",
                          "record-key", "entry-key", "tree-cache", "share-id",
                          "share-key", "share-client", "care"):
        accept("labels", name, parameters.get(name, b""), function="hkdf",
               label=f"inxt/v1/{name}", key=SECRET.hex(), salt=FILE.hex() * (name in salted))
    for name in ("piece", "header-hash", "offer-hash", "contract-hash", "receipt-hash",
                 "renewal-hash", "audit-set", "challenge", "sample", "chain", "chain-link",
                 "blinded-contract", "inventory-leaf", "inventory-node", "inventory-head", "record",
                 "entry"):
        accept("labels", name, "abc", function="hash", label=f"inxt/v1/{name}")
    for name in ("header-line", "manifest-line", "answer", "inventory-head-line", "witness",
                 "record-line", "entry-line", "share-bundle", "share-line"):
        accept("labels", name, "abc", function="sign", label=f"inxt/v1/{name}",
               seed=HOST_SEED.hex())
