// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Bridge says of itself, signed, and the first line of a bridge file.  Format: inxt-token(5),
// "inxt-bridge".
#pragma once

#include <string>
#include <vector>

#include "crypto/sign.h"
#include "format/descriptor.h"

namespace inxt::format {

struct BridgeDescriptor {
  crypto::PublicKey bridge{};
  std::string software;                // version of the program, for people
  std::vector<std::string> addresses;  // at most kAddressesMax, as a Host's
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
};

/// Errors: failure when the addresses are too long for a token (kTokenBytesMax).
Result<std::string> sign_bridge_descriptor(const BridgeDescriptor& descriptor,
                                           const crypto::SigningKey& bridge);
/// Errors: integrity.  Expired descriptors open too: an old address is worth a try.
Result<BridgeDescriptor> open_bridge_descriptor(std::string_view token);

/// {"type":"bridge","bridge":...,"addresses":[...],"token":...} with newline.
std::string bridge_line(const BridgeDescriptor& descriptor, std::string_view token);
/// Errors: integrity, also when the readable members differ from the token's.
Result<BridgeDescriptor> open_bridge_line(std::string_view line, const std::string& where);

}  // namespace inxt::format
