// SPDX-License-Identifier: LGPL-3.0-or-later
// Accounts have no rows of their own: an account is a key.  What is used is counted by path: the hash over
// the holders of a chain of permits, from the first to the one who asks (authority.h), so that a permit that
// is given anew goes on where the old one ended.
#include <array>

#include "bridge/accounts_schema.h"

namespace inxt::bridge {

std::span<const database::SqlText> accounts_schema() {
  static constexpr std::array<database::SqlText, 15> kStatements{
      // Permits that the operator gave.
      "CREATE TABLE grants ("
      "jti {blob} PRIMARY KEY CHECK (length(jti) = 16), "
      "holder {blob} NOT NULL CHECK (length(holder) = 32), "
      "can {text} NOT NULL, "
      "quota_bytes {int64} NOT NULL, "
      "note {text} NOT NULL, "
      "granted {int64} NOT NULL, "
      "expires {int64} NOT NULL"
      ") {strict}",
      "CREATE INDEX grants_by_holder ON grants (holder)",

      // Counts where `issuer` signed the permit or one before it in its chain, or is the Bridge.
      "CREATE TABLE revocations ("
      "jti {blob} NOT NULL CHECK (length(jti) = 16), "
      "issuer {blob} NOT NULL CHECK (length(issuer) = 32), "
      "owner {blob} NOT NULL CHECK (length(owner) = 32), "  // whose first permit the issuer came with
      "revoked {int64} NOT NULL, "
      "PRIMARY KEY (jti, issuer)"
      ") {strict}",
      "CREATE INDEX revocations_by_owner ON revocations (owner)",

      "CREATE TABLE usage ("
      "path {blob} PRIMARY KEY CHECK (length(path) = 32), "
      "parent {blob} CHECK (length(parent) = 32), "  // NULL: a holder whom the Bridge itself gave a permit
      "holder {blob} NOT NULL CHECK (length(holder) = 32), "
      "used_bytes {int64} NOT NULL, "
      "placements {int64} NOT NULL"  // that have not ended
      ") {strict}",
      "CREATE INDEX usage_by_holder ON usage (holder)",
      "CREATE INDEX usage_by_parent ON usage (parent)",

      // What an account at a Host is charged to a path.
      "CREATE TABLE charges ("
      "path {blob} NOT NULL REFERENCES usage, "
      "host {blob} NOT NULL CHECK (length(host) = 32), "
      "account {blob} NOT NULL CHECK (length(account) = 32), "
      "charged_bytes {int64} NOT NULL, "  // is part of usage.used_bytes
      "voucher_bytes {int64} NOT NULL, "  // the most that it was vouched for, in all
      "voucher_until {int64} NOT NULL, "  // when no Host takes that voucher any more
      "settle {int64} NOT NULL, "         // when to look again
      "PRIMARY KEY (path, host, account)"
      ") {strict}",
      "CREATE INDEX charges_by_account ON charges (host, account)",
      "CREATE INDEX charges_by_turn ON charges (settle)",

      "CREATE TABLE placements ("
      "path {blob} NOT NULL REFERENCES usage, "
      "id {blob} NOT NULL CHECK (length(id) = 16), "  // chosen by who asks, so that asking twice reserves
                                                      // once
      "answer {text} NOT NULL, "                      // layout and groups, as they were answered
      "reserved_bytes {int64} NOT NULL, "
      "expires {int64} NOT NULL, "
      "PRIMARY KEY (path, id)"
      ") {strict}",
      "CREATE INDEX placements_by_end ON placements (expires)",

      "CREATE TABLE placement_hosts ("
      "path {blob} NOT NULL, "
      "id {blob} NOT NULL, "
      "host {blob} NOT NULL CHECK (length(host) = 32), "
      "share_bytes {int64} NOT NULL, "     // that its pieces would take in all
      "reserved_bytes {int64} NOT NULL, "  // of these, part of usage.used_bytes but not vouched for
      "vouched_bytes {int64} NOT NULL, "   // of these, moved to charges
      "account {blob}, "                   // of who asked, at this Host; NULL before the first voucher
      "PRIMARY KEY (path, id, host), "
      "FOREIGN KEY (path, id) REFERENCES placements ON DELETE CASCADE"
      ") {strict}",

      // Room that is spoken for: by placements that have not ended, and by all charges.
      "CREATE TABLE host_room ("
      "host {blob} PRIMARY KEY CHECK (length(host) = 32), "
      "reserved_bytes {int64} NOT NULL, "
      "charged_bytes {int64} NOT NULL"
      ") {strict}",
      "CREATE INDEX charges_by_path ON charges (path, charged_bytes)",
  };
  return kStatements;
}

}  // namespace inxt::bridge
