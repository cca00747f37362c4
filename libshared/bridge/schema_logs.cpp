// SPDX-License-Identifier: LGPL-3.0-or-later
#include <array>

#include "bridge/schema.h"

namespace inxt::bridge {
namespace {

using database::SqlText;

// A log's row holds where it ends; whoever appends changes it, so of two appends at once one comes behind the
// other or runs again.  The keys of entries hold even if the program were wrong: no number twice in a log.
constexpr std::array<SqlText, 3> kLogs{
    "CREATE TABLE logs ("
    " key {identity},"
    " owner {blob} NOT NULL CHECK (length(owner) = 32),"
    " log {blob} NOT NULL CHECK (length(log) = 16),"
    " seq {int64} NOT NULL CHECK (seq >= 0),"
    " head {blob} NOT NULL CHECK (length(head) = 32),"
    " end_bytes {int64} NOT NULL,"
    " created {int64} NOT NULL,"
    " UNIQUE (owner, log)) {strict}",
    // end_bytes: of the log up to and with this entry, newlines included.  So a page that ends at a number of
    // bytes is a range of rows.
    "CREATE TABLE log_entries ("
    " log {int64} NOT NULL REFERENCES logs (key),"
    " seq {int64} NOT NULL CHECK (seq >= 1),"
    " hash {blob} NOT NULL CHECK (length(hash) = 32),"
    " end_bytes {int64} NOT NULL,"
    " line {text} NOT NULL,"
    " PRIMARY KEY (log, seq)) {strict}",
    "CREATE TABLE records ("
    " log {int64} NOT NULL REFERENCES logs (key),"
    " record {blob} NOT NULL CHECK (length(record) = 32),"
    " object {blob} CHECK (length(object) = 32),"
    " bytes {int64} NOT NULL,"
    " line {text} NOT NULL,"
    " path {blob} NOT NULL CHECK (length(path) = 32),"
    " added {int64} NOT NULL,"
    " PRIMARY KEY (log, record)) {strict}",
};

}  // namespace

std::span<const SqlText> logs_schema() {
  return kLogs;
}

}  // namespace inxt::bridge
