// SPDX-License-Identifier: LGPL-3.0-or-later
// How readers of a share get at pieces: an account's capability lets a Bridge lease what the account keeps at
// one Host, and the Bridge's lease lets one key read some of its pieces for an hour.  Format: inxt-token(5).
//
// A reader shows both, "capability~lease", in the header Inxt-Capability.  Nothing is kept at the Host: a
// share is revoked by the Bridge's leasing no more.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "crypto/sign.h"

namespace inxt::format {

inline constexpr std::size_t kLeasePiecesMax = 32;
inline constexpr std::int64_t kLeaseSecondsMax = 3600;  // from `iat` to `exp`
inline constexpr std::size_t kLeasingTokenBytesMax = 1200;
inline constexpr std::size_t kLeaseTokenBytesMax = 4096;  // both together leave room in a head of 8 KiB

/// An inxt-capability whose `can` is "lease".
struct LeasingCapability {
  AccountId account;
  HostId host;
  crypto::PublicKey bridge{};  // `cnf`: who may lease
  ByteArray<16> jti{};
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
};

/// An inxt-lease.
struct Lease {
  crypto::PublicKey bridge{};
  HostId host;
  crypto::PublicKey client{};   // `cnf`: the TLS key of who may read
  AccountId account;            // whose contracts
  std::vector<PieceId> pieces;  // 1 to kLeasePiecesMax
  ByteArray<16> jti{};
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
};

Result<std::string> sign_leasing_capability(const LeasingCapability& capability,
                                            const crypto::SigningKey& account);
/// Errors: failure for what open_lease() would refuse.
Result<std::string> sign_lease(const Lease& lease, const crypto::SigningKey& bridge);

/// Form, type and the signature by the one that it names.
/// Errors: integrity; with `now_unix_s`, denied when it is expired or from the future.
Result<LeasingCapability> open_leasing_capability(std::string_view token,
                                                  std::optional<std::int64_t> now_unix_s);
Result<Lease> open_lease(std::string_view token, std::optional<std::int64_t> now_unix_s);

/// Whether a header holds a capability and a lease, and not a capability alone.
bool is_leased(std::string_view header);

/// Who reads with a lease what.
struct Leased {
  AccountId account;  // which must have a contract about the piece
  crypto::PublicKey bridge{};
  std::int64_t expires_unix_s = 0;  // the earlier end of the two
};

/// "capability~lease", shown by the TLS key `client` to a Host that has or had the ids `hosts`, for `piece`.
/// Errors: integrity for their form; denied where one of them does not let this happen now.
Result<Leased> open_leased(std::string_view header, const crypto::PublicKey& client,
                           std::span<const HostId> hosts, const PieceId& piece, std::int64_t now_unix_s);

}  // namespace inxt::format
