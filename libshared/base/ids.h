// SPDX-License-Identifier: LGPL-3.0-or-later
// Names of things: fixed runs of bytes that must not be mixed up, written as lower-case hex.
#pragma once

#include <compare>
#include <functional>

#include "base/encoding.h"

namespace inxt {

template <class Tag, std::size_t N>
struct Id {
  static constexpr std::size_t kBytes = N;
  ByteArray<N> bytes{};

  auto operator<=>(const Id&) const = default;
  std::string hex() const { return to_hex(bytes); }
  ByteView view() const { return bytes; }

  /// Errors: integrity when `text` is not 2N lower-case hex digits.
  static Result<Id> parse(std::string_view text) {
    Id id;
    TRY(from_hex(text, id.bytes));
    return id;
  }
};

using PieceId = Id<struct PieceIdTag, 32>;      // SHA-256 name of a piece; inxt-piece(5)
using HostId = Id<struct HostIdTag, 32>;        // Ed25519 public key of a Host
using AccountId = Id<struct AccountIdTag, 32>;  // Ed25519 public key of an account at one Host
using WriterId = Id<struct WriterIdTag, 32>;    // Ed25519 public key that signs manifests
using OwnerId = Id<struct OwnerIdTag, 32>;      // Ed25519 public key of the owner's identity role
using FileId = Id<struct FileIdTag, 16>;        // F: names one generation

/// Where a piece belongs in its file.
struct Place {
  std::uint64_t segment = 0;
  std::uint32_t shard = 0;   // 0 to K-1 data, K to K+M-1 parity
  std::uint32_t mirror = 0;  // 0 to mirrors-1
  auto operator<=>(const Place&) const = default;
};

}  // namespace inxt

template <class Tag, std::size_t N>
struct std::hash<inxt::Id<Tag, N>> {
  std::size_t operator()(const inxt::Id<Tag, N>& id) const noexcept {
    std::size_t value;  // ids are uniform: their first bytes are a hash
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};
