// SPDX-License-Identifier: LGPL-3.0-or-later
#include <array>

#include "bridge/schema.h"

namespace inxt::bridge {
namespace {

using database::SqlText;

constexpr std::array<SqlText, 7> kRepairs{
    // One row for each repair of a segment.  `state`: planned, partly, proved.
    "CREATE TABLE repairs ("
    " key {identity},"
    " segment_key {int64} NOT NULL,"  // of care; it may have ended since
    " file {blob} NOT NULL CHECK (length(file) = 16),"
    " segment {int64} NOT NULL,"
    " state {text} NOT NULL,"
    " planned {int64} NOT NULL,"
    " changed {int64} NOT NULL,"
    " attempts {int64} NOT NULL,"
    " moved_bytes {int64} NOT NULL,"
    " note {text} NOT NULL) {strict}",  // why it failed
    "CREATE INDEX repairs_by_segment ON repairs (segment_key, state)",
    "CREATE INDEX repairs_by_change ON repairs (changed)",
    // Where each piece was and goes: known before anything leaves, so that one that was killed finds what it
    // stored.
    "CREATE TABLE repair_pieces ("
    " repair {int64} NOT NULL REFERENCES repairs (key) ON DELETE CASCADE,"
    " place {int64} NOT NULL,"
    " former {blob} NOT NULL CHECK (length(former) = 32),"
    " host {blob} NOT NULL CHECK (length(host) = 32),"
    " state {text} NOT NULL,"  // planned, proved
    " PRIMARY KEY (repair, place)) {strict}",
    // Who repairs a segment now; one that dies leaves it to the others when the lease has run out.
    "CREATE TABLE repair_leases ("
    " segment_key {int64} PRIMARY KEY,"
    " holder {blob} NOT NULL CHECK (length(holder) = 16),"
    " until {int64} NOT NULL) {strict}",
    // Which process decides what is repaired: one row.
    "CREATE TABLE healers ("
    " number {int64} PRIMARY KEY CHECK (number = 1),"
    " holder {blob} NOT NULL CHECK (length(holder) = 16),"
    " since {int64} NOT NULL,"  // without a gap, whoever it was
    " until {int64} NOT NULL) {strict}",
    // When each Host's entrusted pieces are audited next.
    "CREATE TABLE care_audits ("
    " host {blob} PRIMARY KEY CHECK (length(host) = 32),"
    " next {int64} NOT NULL,"
    " audited {int64} NOT NULL,"
    " passed {int64} NOT NULL,"
    " failed {int64} NOT NULL) {strict}",
};

}  // namespace

std::span<const SqlText> repairs_schema() {
  return kRepairs;
}

}  // namespace inxt::bridge
