// SPDX-License-Identifier: LGPL-3.0-or-later
// What an account may do at a Bridge: a chain of signed permits, each by the holder of the one before it, the
// first by the Bridge itself.  Format: inxt-token(5), "inxt-permit".
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "format/object_id.h"

namespace inxt::format {

inline constexpr std::size_t kPermitTokenBytesMax = 1200;
inline constexpr std::size_t kPermitChainMax = 4;
inline constexpr char kPermitSeparator = '~';

/// In the order of their names, which is how a permit lists them.
enum class Ability : unsigned { audit, create, delete_, list, read, share, write };
inline constexpr std::array<std::string_view, 7> kAbilityNames{"audit", "create", "delete", "list",
                                                               "read",  "share",  "write"};
std::string_view ability_name(Ability ability);

class Abilities {
 public:
  constexpr Abilities() = default;
  constexpr Abilities(std::initializer_list<Ability> abilities) {
    for (const Ability ability : abilities) add(ability);
  }
  static constexpr Abilities all() {
    Abilities out;
    out.bits_ = (1u << kAbilityNames.size()) - 1;
    return out;
  }
  /// "create,list,audit", in any order.  Errors: usage, naming the one that there is not; also for none.
  static Result<Abilities> parse(std::string_view names);

  constexpr void add(Ability ability) { bits_ |= 1u << static_cast<unsigned>(ability); }
  constexpr bool has(Ability ability) const { return (bits_ >> static_cast<unsigned>(ability) & 1u) != 0; }
  constexpr bool covers(Abilities other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool empty() const { return bits_ == 0; }
  bool operator==(const Abilities&) const = default;
  /// Ascending.
  std::vector<std::string> names() const;
  std::string text() const;  // "audit,create,list"

 private:
  unsigned bits_ = 0;
};

using PermitId = ByteArray<16>;  // jti

struct Permit {
  crypto::PublicKey issuer{};
  crypto::PublicKey bridge{};
  AccountId holder;  // the TLS client key that shows it, and that may sign the next link
  Abilities can;
  std::optional<ObjectId> object = {};            // only this one
  std::optional<std::uint64_t> quota_bytes = {};  // none: as much as the link before it
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
  PermitId id{};
  std::optional<crypto::Hash> parent = {};  // permit_hash() of the link before it
};

/// REQUIRES: permit.issuer is the key's.  Errors: usage when it can nothing; failure when the token would
/// pass kPermitTokenBytesMax.
Result<std::string> sign_permit(const Permit& permit, const crypto::SigningKey& issuer);

/// Form and signature.  Errors: integrity.
Result<Permit> open_permit(std::string_view token);

/// SHA-256 of the token's letters: what the next link names.
crypto::Hash permit_hash(std::string_view token);

class PermitChain {
 public:
  /// "root~child~...".  Form, signatures, and that each link gives no more than the one before it has:
  /// abilities, end, quota, object.  Times are not judged here. Errors: integrity; denied where a link gives
  /// more than it has.  Limits: kPermitChainMax, kPermitTokenBytesMax.
  static Result<PermitChain> open(std::string_view text);

  const std::vector<Permit>& links() const { return links_; }
  const Permit& last() const { return links_.back(); }
  const crypto::PublicKey& bridge() const { return links_.front().bridge; }
  const std::string& text() const { return text_; }
  /// The least that any link has; none where none has one.
  std::optional<std::uint64_t> quota_bytes() const;
  /// The chain with one link more.  Errors: as sign_permit(); denied when it would give more than there is,
  /// or when kPermitChainMax is reached; usage when `holder_key` is not the last link's holder. `more`:
  /// holder, can, object, quota_bytes, times and id; the rest is set here.
  Result<std::string> delegate(Permit more, const crypto::SigningKey& holder_key) const;

 private:
  std::vector<Permit> links_;
  std::string text_;
};

/// Whether `client` may do this at `bridge` now.  Revoked links are the caller's question.
/// `object`: what is asked about; a chain that is for one object covers nothing else.
/// Errors: denied, saying which of it is not so.
Result<void> check_permit(const PermitChain& chain, const crypto::PublicKey& bridge, const AccountId& client,
                          std::int64_t now_unix_s);
Result<void> check_ability(const PermitChain& chain, Ability ability,
                           const std::optional<ObjectId>& object = {});

}  // namespace inxt::format
