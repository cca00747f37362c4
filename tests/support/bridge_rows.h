// SPDX-License-Identifier: AGPL-3.0-or-later
// Logs and shares in a database of a test's own, without the rest of a Bridge.
#pragma once

#include <fmt/format.h>

#include "bridge/log_rows.h"
#include "bridge/schema.h"
#include "bridge/usage.h"
#include "crypto/random.h"
#include "database/migrate.h"
#include "support/database_world.h"
#include "support/key_number.h"

namespace inxt::testing {

using namespace inxt::bridge;  // NOLINT

inline constexpr std::int64_t kNow = 1'800'000'000;

inline constexpr std::uint64_t kBridgeNumber = 100;

struct PermitTerms {
  format::Abilities can = format::Abilities::all();
  std::optional<std::uint64_t> quota_bytes = std::uint64_t{1} << 40;
  std::optional<format::ObjectId> object = {};
  std::int64_t from_unix_s = kNow;
  std::int64_t seconds = 365 * 86400;
};

/// A permit by the Bridge for the key of this number.
inline std::string root_permit(std::uint64_t holder, const PermitTerms& terms = {}) {
  format::Permit permit;
  permit.issuer = permit.bridge = key_number(kBridgeNumber).public_key();
  permit.holder = AccountId{key_number(holder).public_key()};
  permit.can = terms.can;
  permit.object = terms.object;
  permit.quota_bytes = terms.quota_bytes;
  permit.issued_unix_s = terms.from_unix_s;
  permit.expires_unix_s = terms.from_unix_s + terms.seconds;
  permit.id = crypto::SeededRandom(3000 + holder).bytes<16>();
  return *format::sign_permit(permit, key_number(kBridgeNumber));
}
/// The chain with a link more: from the key of one number to that of another.
inline std::string handed_on(const std::string& chain, std::uint64_t from, std::uint64_t to,
                             const PermitTerms& terms) {
  format::Permit permit;
  permit.holder = AccountId{key_number(to).public_key()};
  permit.can = terms.can;
  permit.object = terms.object;
  permit.quota_bytes = terms.quota_bytes;
  permit.issued_unix_s = terms.from_unix_s;
  permit.expires_unix_s = terms.from_unix_s + terms.seconds;
  permit.id = crypto::SeededRandom(4000 + to).bytes<16>();
  const auto opened = format::PermitChain::open(chain);
  REQUIRE(opened);
  auto longer = opened->delegate(permit, key_number(from));
  if (!longer) FAIL(longer.error().what);
  return *std::move(longer);
}
inline Authority authority_of(const std::string& chain, std::uint64_t client) {
  auto opened = Authority::open(chain, key_number(kBridgeNumber).public_key(),
                                AccountId{key_number(client).public_key()}, kNow);
  if (!opened) FAIL(opened.error().what);
  return *std::move(opened);
}
/// With a root permit.
inline Authority owner_number(std::uint64_t number, const PermitTerms& terms = {}) {
  return authority_of(root_permit(number, terms), number);
}

inline void make_tables(database::Database& database) {
  static const sys::SystemClock clock;
  const auto migrated = database::migrate(database, schema(), clock);
  if (!migrated) FAIL(migrated.error().what);
}

inline std::int64_t used_by(database::Database& database, const Authority& authority) {
  const auto bytes = database.read(
      [&](database::Transaction& transaction) { return used_bytes(transaction, authority.path()); });
  REQUIRE(bytes);
  return *bytes;
}

template <class AnyId>
AnyId id_number(std::uint64_t number) {
  return AnyId{crypto::SeededRandom(number).bytes<AnyId::kBytes>()};
}

/// Lines that only the database sees: nothing in them is signed.
class FakeLog {
 public:
  /// An entry behind the last one.
  AppendEntry next(std::string_view text = "entry") {
    const format::LogHead before = head;
    lines.push_back(
        std::make_unique<std::string>(fmt::format("{} {} {}", before.seq + 1, text, to_hex(before.hash))));
    head = {.seq = before.seq + 1, .hash = crypto::sha256(view_of(*lines.back()))};
    return {.seq = head.seq, .previous = before.hash, .hash = head.hash, .line = *lines.back()};
  }
  AppendRecord record(std::string_view text, std::optional<format::ObjectId> object = {}) {
    lines.push_back(std::make_unique<std::string>(text));
    return {.id = {crypto::sha256(view_of(text))}, .object = object, .line = *lines.back()};
  }

  LogName name{.owner = AccountId{key_number(1).public_key()}, .log = id_number<format::LogId>(2)};
  format::LogHead head;
  std::vector<std::unique_ptr<std::string>> lines;
};

using AppendResult = Result<std::variant<Appended, HeadDiffers>>;

inline AppendResult try_append(database::Database& database, const format::LogId& log,
                               const LogAppend& append, const Authority& authority) {
  return database.write(database::Repeat::idempotent, [&](database::Transaction& transaction) {
    return append_to_log(transaction, authority, log, append, kNow);
  });
}

inline LogAppend entries(std::vector<AppendEntry> of) {
  return LogAppend{.entries = std::move(of), .records = {}, .does = {}};
}

}  // namespace inxt::testing
