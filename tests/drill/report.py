# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables that a drill ends with, in Markdown."""


def table(heads, rows):
    widths = [max(len(str(row[column])) for row in [heads, *rows]) for column in range(len(heads))]
    line = lambda row: "| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |"
    return "\n".join([line(heads), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, rows)])


def clock(seconds):
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"


def events_table(events):
    return table(["at", "whom", "event", "for", "what", "afterwards"],
                 [[clock(row["at"]), row["whom"], row["event"], f"{row['for']:.1f} s", row["what"], row["after"]]
                  for row in events])


def operations_table(tally):
    statuses = sorted({status for counts in tally.counts.values() for status in counts}, key=str)
    failed = [status for status in statuses if status != 0]
    return table(["operation", "done", *failed, "mean"],
                 [[operation, counts[0], *(counts[status] or "" for status in failed),
                   f"{tally.seconds[operation] / max(1, sum(counts.values())):.2f} s"]
                  for operation, counts in sorted(tally.counts.items())])


def comparison_table(outcome):
    """Layout and then how many names were as acknowledged, and so on."""
    kinds = sorted({kind for counts in outcome.values() for kind in counts})
    return table(["layout", *kinds], [[layout, *(counts.get(kind, 0) for kind in kinds)]
                                      for layout, counts in sorted(outcome.items())])
