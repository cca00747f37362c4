// SPDX-License-Identifier: LGPL-3.0-or-later
#include <array>

#include "bridge/schema.h"

namespace inxt::bridge {
namespace {

using database::SqlText;

constexpr std::array<SqlText, 6> kShares{
    "CREATE TABLE shares ("
    " key {identity},"
    " share {blob} NOT NULL UNIQUE CHECK (length(share) = 16),"
    " owner {blob} NOT NULL CHECK (length(owner) = 32),"
    " client {blob} NOT NULL CHECK (length(client) = 32),"
    " object {blob} CHECK (length(object) = 32),"
    " created {int64} NOT NULL,"
    " expires {int64} NOT NULL,"
    " bundle_bytes {int64} NOT NULL,"
    " pieces {int64} NOT NULL,"
    " bundle {blob} NOT NULL,"
    " charged_bytes {int64} NOT NULL,"
    " path {blob} NOT NULL CHECK (length(path) = 32)) {strict}",
    "CREATE INDEX shares_of_owner ON shares (owner, share)",
    "CREATE INDEX shares_to_expire ON shares (owner, expires)",
    "CREATE INDEX shares_by_end ON shares (expires)",
    "CREATE TABLE share_places ("
    " share {int64} NOT NULL REFERENCES shares (key) ON DELETE CASCADE,"
    " host {blob} NOT NULL CHECK (length(host) = 32),"
    " account {blob} NOT NULL CHECK (length(account) = 32),"
    " capability {text} NOT NULL,"
    " PRIMARY KEY (share, host, account)) {strict}",
    // pieces: ids one after another, ascending, of which `first` is the first.
    "CREATE TABLE share_pieces ("
    " share {int64} NOT NULL REFERENCES shares (key) ON DELETE CASCADE,"
    " host {blob} NOT NULL,"
    " account {blob} NOT NULL,"
    " first {blob} NOT NULL CHECK (length(first) = 32),"
    " pieces {blob} NOT NULL,"
    " PRIMARY KEY (share, host, account, first)) {strict}",
};

}  // namespace

std::span<const SqlText> shares_schema() {
  return kShares;
}

}  // namespace inxt::bridge
