# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the Bridge's database says of what is in its care.

An owner is told where the Bridge put pieces anew (inxt-care places), but not what it thinks of each Host: the drill looks.
"""

import dataclasses
import time

from daemons import DaemonError

DATABASE_AWAY_S = 60  # it is killed now and then
PLACE_BYTES = 8  # Host's key, place, flags: bridge/care_packing.h
LOST, PROVED = 1, 2  # flags


@dataclasses.dataclass
class Segment:
    file: str
    number: int
    lacking: int
    places: list  # (place, Host's id, flags)

    def is_short(self, gone):
        """Whether a piece lies nowhere, or only at these Hosts.  One that was made anew is known at both: at the Host that
        has it now, and at the one that was away and may have it still."""
        there = {place for place, host, flags in self.places if not flags & LOST and host not in gone}
        return self.lacking > 0 or any(place not in there for place, _, _ in self.places)

    def describe(self, names):
        """`names`: of Hosts, by id."""
        said = [f"{place} at {names.get(host, host)}" + ", lost" * bool(flags & LOST) + ", proved" * bool(flags & PROVED)
                for place, host, flags in self.places]
        return f"{self.file}/{self.number} ({self.lacking} nowhere: {'; '.join(said)})"


class Care:
    def __init__(self, postgresql):
        self.postgresql = postgresql

    def rows(self, query):
        end = time.monotonic() + DATABASE_AWAY_S
        while True:
            try:
                return [line.split("|") for line in self.postgresql.sql(query).splitlines()]
            except DaemonError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def segments(self):
        hosts = {int(key): host for key, host in self.rows("SELECT key, encode(host, 'hex') FROM care_hosts")}
        for file, number, lacking, packed in self.rows(
                "SELECT encode(f.file, 'hex'), s.segment, s.lacking, encode(s.places, 'hex') FROM care_segments s "
                "JOIN care_files f ON f.key = s.file WHERE f.file IS NOT NULL"):
            packed = bytes.fromhex(packed)
            places = [packed[at:at + PLACE_BYTES] for at in range(0, len(packed), PLACE_BYTES)]
            yield Segment(file, int(number), int(lacking),
                          [(int.from_bytes(place[4:6], "little"), hosts.get(int.from_bytes(place[:4], "little")),
                            place[6]) for place in places])

    def short(self, files, gone):
        """The segments of these files of which a piece lies nowhere, or only at these Hosts."""
        return [segment for segment in self.segments() if segment.file in files and segment.is_short(gone)]

    def held_by(self, host):
        """How many pieces are known at the Host that are not known to be lost there."""
        return sum(at == host and not flags & LOST for segment in self.segments() for _, at, flags in segment.places)

    def audited_unix_s(self, host):
        rows = self.rows(f"SELECT audited FROM care_audits WHERE host = '\\x{host}'")
        return int(rows[0][0]) if rows else 0

    def repairs(self):
        """Heads and rows of a table."""
        return ["state", "repairs", "attempts", "pieces", "MiB moved"], self.rows(
            "SELECT r.state, COUNT(*), SUM(r.attempts), SUM((SELECT COUNT(*) FROM repair_pieces p WHERE p.repair = r.key "
            "AND p.state = 'proved')), (SUM(r.moved_bytes) / 1048576)::BIGINT FROM repairs r GROUP BY r.state ORDER BY r.state")
