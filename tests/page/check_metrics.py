#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads two scrapes of a Host's metrics strictly, as the text format 0.0.4 says, and compares them with what was done.

usage: check_metrics.py BEFORE AFTER STATUS PIECES
"""
import json
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(rf"^({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|\+Inf|NaN)$")
TYPES = {"counter", "gauge", "histogram"}


def read(path):
    kinds, helps, samples = {}, set(), {}
    text = open(path, encoding="utf-8").read()
    assert text.endswith("\n"), "the last line has no end"
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{path}:{number}: {line}"
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in helps, f"{where}: told twice"
            helps.add(name)
        elif line.startswith("# TYPE "):
            name, kind = line.split(" ")[2:]
            assert kind in TYPES and name in helps and name not in kinds, where
            kinds[name] = kind
        else:
            found = SAMPLE.match(line)
            assert found, where
            name, labels, value = found.groups()
            family = name
            if family not in kinds:
                family = re.sub(r"_(bucket|sum|count)$", "", name)
                assert kinds.get(family) == "histogram", f"{where}: of no known type"
            if kinds[family] == "counter":
                assert name.endswith("_total"), f"{where}: a counter's name ends in _total"
            key = (name, tuple(sorted(re.findall(LABEL, labels or ""))))
            assert key not in samples, f"{where}: twice"
            samples[key] = float(value)
    check_histograms(kinds, samples)
    return kinds, samples


def check_histograms(kinds, samples):
    for name in (name for name, kind in kinds.items() if kind == "histogram"):
        series = {}
        for (sample, labels), value in samples.items():
            if sample == name + "_bucket":
                bound = next(label for label in labels if label.startswith("le="))[4:-1]
                rest = tuple(label for label in labels if not label.startswith("le="))
                series.setdefault(rest, []).append((float(bound.replace("+Inf", "inf")), value))
        assert series, f"{name} has no buckets"
        for labels, buckets in series.items():
            buckets.sort()
            values = [value for _, value in buckets]
            assert values == sorted(values), f"{name}: buckets are cumulative"
            assert buckets[-1][0] == float("inf") and buckets[-1][1] == samples[(name + "_count", labels)], name


def main():
    before_path, after_path, status_path, pieces = sys.argv[1:]
    pieces = int(pieces)
    _, before = read(before_path)
    kinds, after = read(after_path)
    status = json.load(open(status_path, encoding="utf-8"))

    def value(samples, name, *labels):
        return samples[(name, tuple(sorted(labels)))]

    for key, was in before.items():
        family = re.sub(r"_(bucket|sum|count)$", "", key[0])
        if kinds.get(key[0]) == "counter" or kinds.get(family) == "histogram":
            assert after[key] >= was, f"{key} went down"
    put = value(before, "inxt_host_requests_total", 'action="put_piece"', 'status="2xx"')
    assert put == pieces, f"{put} puts"
    assert value(before, "inxt_host_store_pieces") == pieces
    assert value(before, "inxt_host_audits_total", 'result="passed"') >= 1
    assert value(before, "inxt_host_audits_total", 'result="failed"') == 0
    assert value(before, "inxt_host_store_used_bytes") > pieces * 2097152
    assert value(after, "inxt_host_audits_total", 'result="failed"') >= 1
    assert value(after, "inxt_host_audit_samples_total", 'result="damaged"') >= 1
    assert value(after, "inxt_host_request_duration_seconds_count", 'action="put_piece"') == pieces
    assert value(after, "inxt_host_network_received_bytes_total") > pieces * 2097152
    assert status["store"]["pieces"] == value(after, "inxt_host_store_pieces")
    assert any("damaged" in audit.get("reason", json.dumps(audit)) for audit in status["audits"]["latest"])
    print(f"{len(after)} samples of {len(kinds)} metrics agree with what was done")


main()
