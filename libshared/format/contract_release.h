// SPDX-License-Identifier: LGPL-3.0-or-later
// A Bridge's word to a Host that retires: another Host has proved that it holds this piece, so the contract
// may end.  Format: inxt-token(5), "inxt-release"; wire: inxt-wire(7), "POST /v1/releases".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

namespace inxt::format {

inline constexpr std::size_t kReleaseTokenBytesMax = 1600;

struct ContractRelease {
  crypto::PublicKey bridge{};
  HostId host;  // that may let it go
  PieceId piece;
  AccountId account;
  crypto::Hash contract{};  // contract_hash() of the acceptance that ends
  HostId successor;         // another Host, which holds the piece under
  crypto::Hash successor_contract{};
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;  // for the Host; as evidence it has no end
};

/// Errors: failure for what open_release() would refuse.
Result<std::string> sign_release(const ContractRelease& release, const crypto::SigningKey& bridge);

/// Form, type, the signature by the Bridge that it names, and that the successor is another Host and
/// contract.  Which Bridge counts is the caller's question.
/// Errors: integrity; with `now_unix_s`, denied when it is expired or from the future.
Result<ContractRelease> open_release(std::string_view token, std::optional<std::int64_t> now_unix_s);

}  // namespace inxt::format
