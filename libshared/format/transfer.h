// SPDX-License-Identifier: LGPL-3.0-or-later
// The transfer receipt: a reader's signed word that a Host has served it a piece.  Format: inxt-token(5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "crypto/sign.h"

namespace inxt::format {

inline constexpr std::size_t kTransferTokenBytesMax = 1024;
inline constexpr std::size_t kTransferRequestBytesMax = 64;  // as an id of a request may be long

struct TransferReceipt {
  AccountId account;  // the key of the connection that it was served on
  HostId host;
  PieceId piece;
  std::uint64_t bytes = 0;  // of it that were served in this request: 1 to kShardBytesMax
  std::string request;      // Inxt-Request-Id of the answer: letters, digits, '-', '_', '.'
  std::int64_t issued_unix_s = 0;
};

/// Errors: failure for what open_transfer() would refuse.
Result<std::string> sign_transfer(const TransferReceipt& receipt, const crypto::SigningKey& account);

/// Form, type and the signature by the account that it names.
/// Errors: integrity, also past kTransferTokenBytesMax; with `now_unix_s`, denied when it is from the future.
Result<TransferReceipt> open_transfer(std::string_view token, std::optional<std::int64_t> now_unix_s);

}  // namespace inxt::format
