// SPDX-License-Identifier: LGPL-3.0-or-later
// Hierarchical Ed25519 keys, hardened steps only.
// Source: SLIP-0010 (https://github.com/satoshilabs/slips/blob/master/slip-0010.md).
#pragma once

#include <span>

#include "crypto/kdf.h"

namespace inxt::keys {

struct ChainKey {
  crypto::Key key;    // an Ed25519 seed, or key material
  crypto::Key chain;  // what further steps need beside it
};

/// Master key "m" of a seed (16 to 64 bytes).
ChainKey slip10_master(ByteView seed);
/// The hardened child: index counts from 0; the 2^31 of hardening is added here.  REQUIRES: index < 2^31.
ChainKey slip10_child(const ChainKey& parent, std::uint32_t index);
/// m/path[0]'/path[1]'/...
ChainKey slip10(ByteView seed, std::span<const std::uint32_t> path);

}  // namespace inxt::keys
