// SPDX-License-Identifier: LGPL-3.0-or-later
#include <array>

#include "bridge/schema.h"

namespace inxt::bridge {
namespace {

using database::SqlText;

constexpr std::array<SqlText, 14> kCare{
    "CREATE TABLE care_keys ("
    " owner {blob} NOT NULL CHECK (length(owner) = 32),"
    " caretaker {blob} NOT NULL CHECK (length(caretaker) = 32),"
    " uploader {int64} NOT NULL,"
    " sealed {blob} NOT NULL,"
    " added {int64} NOT NULL,"
    " PRIMARY KEY (owner, caretaker)) {strict}",
    "CREATE TABLE care_accounts ("
    " owner {blob} NOT NULL,"
    " caretaker {blob} NOT NULL,"
    " uploader {int64} NOT NULL,"
    " host {blob} NOT NULL CHECK (length(host) = 32),"
    " account {blob} NOT NULL CHECK (length(account) = 32),"
    " expires {int64} NOT NULL,"
    " charged_bytes {int64} NOT NULL,"
    " path {blob} NOT NULL CHECK (length(path) = 32),"
    " capability {text} NOT NULL,"
    " PRIMARY KEY (owner, caretaker, uploader, host),"
    " FOREIGN KEY (owner, caretaker) REFERENCES care_keys (owner, caretaker) ON DELETE CASCADE) {strict}",
    // file: NULL when its care has ended; then it stands in was.  segments: of the whole file; there: those
    // that are here.
    "CREATE TABLE care_files ("
    " key {identity},"
    " owner {blob} NOT NULL CHECK (length(owner) = 32),"
    " file {blob} CHECK (length(file) = 16),"
    " was {blob} CHECK (length(was) = 16),"
    " caretaker {blob} NOT NULL CHECK (length(caretaker) = 32),"
    " uploader {int64} NOT NULL,"
    " k {int64} NOT NULL,"
    " m {int64} NOT NULL,"
    " mirrors {int64} NOT NULL,"
    " segments {int64} NOT NULL,"
    " there {int64} NOT NULL,"
    " repaired {int64} NOT NULL,"
    " added {int64} NOT NULL,"
    " audited {int64},"
    " ended {int64},"
    " charged_bytes {int64} NOT NULL,"
    " path {blob} NOT NULL CHECK (length(path) = 32),"
    " header {text} NOT NULL,"
    " stanza {text} NOT NULL,"
    " layout {text} NOT NULL,"
    " UNIQUE (owner, file)) {strict}",
    "CREATE INDEX care_files_of_key ON care_files (owner, caretaker)",
    "CREATE INDEX care_files_ended ON care_files (ended)",
    "CREATE INDEX care_files_were ON care_files (owner, was)",
    "CREATE INDEX care_files_in_parts ON care_files (added) WHERE there < segments",
    // change: 0 while the file is not all there.  places: 8 bytes each; contracts: 32 for each of them.
    // lacking: pieces that lie nowhere, as far as is known.  What is long stands last.
    "CREATE TABLE care_segments ("
    " key {identity},"
    " file {int64} NOT NULL REFERENCES care_files (key) ON DELETE CASCADE,"
    " segment {int64} NOT NULL,"
    " change {int64} NOT NULL,"
    " piece_bytes {int64} NOT NULL,"
    " lacking {int64} NOT NULL,"
    " charged_bytes {int64} NOT NULL,"
    " path {blob} NOT NULL CHECK (length(path) = 32),"
    " places {blob} NOT NULL,"
    " contracts {blob} NOT NULL,"
    " lines {text} NOT NULL,"
    " UNIQUE (file, segment)) {strict}",
    "CREATE INDEX care_segments_by_change ON care_segments (change, key)",
    "CREATE INDEX care_segments_lacking ON care_segments (file) WHERE lacking > 0",
    // Also Hosts that the directory does not have.
    "CREATE TABLE care_hosts ("
    " key {identity},"
    " host {blob} NOT NULL UNIQUE CHECK (length(host) = 32),"
    " address {text} NOT NULL) {strict}",
    // What repairs of this Bridge stored.
    "CREATE TABLE care_places ("
    " key {identity},"
    " segment {int64} NOT NULL REFERENCES care_segments (key) ON DELETE CASCADE,"
    " place {int64} NOT NULL,"
    " host {blob} NOT NULL CHECK (length(host) = 32),"
    " account {blob} NOT NULL CHECK (length(account) = 32),"
    " uploader {int64} NOT NULL,"
    " contract {blob} NOT NULL CHECK (length(contract) = 32),"
    " receipt {blob} NOT NULL CHECK (length(receipt) = 32),"
    " until {int64} NOT NULL,"
    " added {int64} NOT NULL,"
    " control_seed {blob} NOT NULL,"
    " address {text} NOT NULL,"
    " UNIQUE (segment, place, host)) {strict}",
    "CREATE TABLE care_doubts ("
    " key {identity},"
    " owner {blob} NOT NULL,"
    " segment {int64} NOT NULL REFERENCES care_segments (key) ON DELETE CASCADE,"
    " place {int64} NOT NULL,"
    " host {int64} NOT NULL,"
    " UNIQUE (segment, place, host)) {strict}",
    // The number of the last change, in its one row.
    "CREATE TABLE care_changes ("
    " single {int64} PRIMARY KEY CHECK (single = 1),"
    " number {int64} NOT NULL) {strict}",
};

}  // namespace

std::span<const SqlText> care_schema() {
  return kCare;
}

}  // namespace inxt::bridge
