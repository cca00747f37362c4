// SPDX-License-Identifier: LGPL-3.0-or-later
// Which Bridge a user has, and what it allows: the bridge file that an operator, or whoever delegates, gives
// away. Format: inxt-bridge(7), "Bridge files".
//
//     {"type":"bridge","bridge":hex,"addresses":[..],"token":JWS}
//     {"type":"capability","token":JWS}      the chain of permits, the Bridge's own first; none or more
//     {"type":"log","log":hex}               which log a delegated machine writes to; none or one
//
// Tokens are bound to keys, so the file is no secret.
#pragma once

#include <optional>

#include "format/bridge_capability.h"
#include "format/bridge_descriptor.h"
#include "format/tree_key.h"

namespace inxt::format {

inline constexpr std::size_t kBridgeFileBytesMax = 64 * 1024;

struct BridgeFile {
  BridgeDescriptor bridge;
  std::string line;                         // the first, without newline, as it was read
  std::optional<PermitChain> permits = {};  // none: it only says where the Bridge is
  std::optional<LogId> log = {};            // the owner's, for who cannot derive it

  /// What goes into the header Inxt-Permit; empty for none.
  std::string permits_text() const { return permits ? permits->text() : std::string(); }
};

/// Blank lines and lines that begin with '#' are passed over.  All signatures are checked, and that the
/// permits are this Bridge's.  Errors: integrity, with the line.  Limit: kBridgeFileBytesMax.
Result<BridgeFile> read_bridge_file(std::string_view text);
/// `bridge_line`: with or without newline; `permits`: "root~child", empty for none.
std::string write_bridge_file(std::string_view bridge_line, std::string_view permits,
                              const std::optional<LogId>& log = {});

/// Errors: wrong_key when the last permit is another account's than `account`.
Result<void> check_permit_holder(const BridgeFile& file, const AccountId& account);

}  // namespace inxt::format
