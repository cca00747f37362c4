// SPDX-License-Identifier: LGPL-3.0-or-later
// A Bridge's signed word that an account is one of its customers'.  Format: inxt-token(5).
#pragma once

#include <optional>

#include "base/ids.h"
#include "crypto/sign.h"

namespace inxt::format {

struct Voucher {
  crypto::PublicKey bridge{};
  AccountId account;
  std::optional<HostId> host;  // none: it counts at every Host
  /// The most that the account may have at this Host in all, as the files of its pieces take room there
  /// (store/stored_piece.h, file_bytes()).  None: the Host's own limits alone.
  std::optional<std::uint64_t> bytes = {};
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
};

Result<std::string> sign_voucher(const Voucher& voucher, const crypto::SigningKey& bridge);

/// Form, type and the signature by the Bridge that it names; with `now_unix_s` the times.
/// Errors: integrity; denied when it is expired or from the future.
Result<Voucher> open_voucher(std::string_view token, std::optional<std::int64_t> now_unix_s);

/// The same, shown by `account` at `host` now.  Whether its Bridge counts is the caller's question.
/// Errors: integrity; denied, also when it is for another account or another Host.
Result<Voucher> open_voucher_for(std::string_view token, const AccountId& account, const HostId& host,
                                 std::int64_t now_unix_s);

}  // namespace inxt::format
