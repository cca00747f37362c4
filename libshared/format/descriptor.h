// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host says of itself, signed; and a line of a hosts file.  Format: inxt-descriptor(5).
#pragma once

#include "crypto/sign.h"
#include "format/json.h"
#include "format/succession.h"

namespace inxt::format {

inline constexpr std::size_t kAddressesMax = 8;
inline constexpr std::size_t kHostsMax = 100'000;  // lines of a hosts file
inline constexpr std::size_t kHostAddressBytesMax = 280;

struct Descriptor {
  HostId host;
  std::string software;                // version of the program, for people
  std::vector<std::string> addresses;  // "192.0.2.1:4242", "[2001:db8::1]:4242", "host.example:4242"
  std::uint64_t capacity_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::uint64_t price = 0;
  std::uint64_t term_seconds_max = 0;
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
  /// Tokens, oldest link first, when the Host had other keys; they end at `host`.
  std::vector<std::string> succession = {};
  /// What they say.  Given by open_descriptor(), not read by sign_descriptor().
  std::vector<Succession> former = {};
};

/// Errors: failure when addresses and succession together are too long for a token (kTokenBytesMax).
Result<std::string> sign_descriptor(const Descriptor& descriptor, const crypto::SigningKey& host);
/// Errors: integrity.  Expired descriptors open too: an old address is worth a try.
Result<Descriptor> open_descriptor(std::string_view token);

/// {"type":"host","host":...,"addresses":[...],"token":...} with newline.
std::string hosts_line(const Descriptor& descriptor, std::string_view token);
/// Errors: integrity, also when the readable members differ from the token's.
Result<Descriptor> open_hosts_line(std::string_view line, const std::string& where);

/// A hosts file: one line a Host; blank lines and lines that begin with '#' are passed over; a Host that
/// stands twice counts with its newest descriptor.  What it means when keys were rotated:
/// format/known_hosts.h.
Result<std::vector<Descriptor>> read_hosts(std::string_view text);

/// "ip:port", "[ip6]:port" or "name:port" with a port from 1 to 65535 and no other character than those take.
bool is_address(std::string_view address);

}  // namespace inxt::format
