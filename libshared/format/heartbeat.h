// SPDX-License-Identifier: LGPL-3.0-or-later
// What a Host tells its Bridge every minute, signed; and how it registers there.  Format: inxt-token(5),
// wire: inxt-bridge(7).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "crypto/sign.h"
#include "format/descriptor.h"

namespace inxt::format {

inline constexpr std::size_t kHeartbeatAccountsMax = 32;  // in one heartbeat; more take turns
inline constexpr std::uint64_t kLoadPercentMax = 1'000'000;
inline constexpr std::uint64_t kProcessorsMax = 65'536;
inline constexpr std::size_t kDeclaredOperatorBytesMax = 64;
inline constexpr std::size_t kDeclaredDomainBytesMax = 64;
inline constexpr std::size_t kDeclaredRegionBytesMax = 32;
/// Of the bodies of POST /v1/hosts and POST /v1/hosts/heartbeat.
inline constexpr std::size_t kRegistrationBytesMax = 24 * 1024;

/// What the pieces of an account take at the Host.
struct AccountBytes {
  AccountId account;
  std::uint64_t bytes = 0;  // 0: none any more
  bool operator==(const AccountBytes&) const = default;
};

/// A Bridge keeps the latest; what it says of room and traffic is the Host's word, not measured.
struct Heartbeat {
  HostId host;
  crypto::PublicKey bridge{};
  std::uint64_t counter = 0;  // higher in each; the clock's milliseconds will do, as long as they only rise
  std::int64_t issued_unix_s = 0;
  std::uint64_t capacity_bytes = 0;
  std::uint64_t used_bytes = 0;
  std::uint64_t free_bytes = 0;    // what it would still take
  std::uint64_t load_percent = 0;  // load of the last minute over the processors
  std::uint64_t in_bytes = 0;      // over the network, since `started`
  std::uint64_t out_bytes = 0;
  std::int64_t started_unix_s = 0;
  std::string software;  // as in descriptors
  std::uint64_t processors = 0;
  std::uint64_t memory_bytes = 0;
  bool draining = false;               // takes no new pieces
  std::int64_t retiring_unix_s = 0;    // wants to be gone by then, for good; 0: it stays
  std::int64_t away_until_unix_s = 0;  // may be silent until then, as planned; 0: no such plan
  /// Accounts that this Bridge vouched for and whose bytes changed; those that are not named are as they were
  /// told last.
  std::vector<AccountBytes> accounts = {};
};

/// Errors: failure for what open_heartbeat() would refuse.
Result<std::string> sign_heartbeat(const Heartbeat& heartbeat, const crypto::SigningKey& host);

/// Form, type and the signature by the Host that it names; whether it is for this Bridge is the caller's
/// question. Errors: integrity; with `now_unix_s`, denied when it is not from now, give or take kClockSkewS.
Result<Heartbeat> open_heartbeat(std::string_view token, std::optional<std::int64_t> now_unix_s);

/// The body of POST /v1/hosts/heartbeat: {"heartbeat":token, "descriptor":token where it has changed}, with
/// newline.
struct HeartbeatRequest {
  std::string heartbeat;
  std::optional<std::string> descriptor = {};
};
std::string write_heartbeat_request(const HeartbeatRequest& request);
/// Not yet opened: only the form.  Errors: integrity.  Limit: kRegistrationBytesMax.
Result<HeartbeatRequest> read_heartbeat_request(std::string_view body);

/// What a Host says of itself that nobody can measure.  Empty where it says nothing.
struct Declared {
  std::string operator_name;
  std::string domain;  // what fails together with it: a rack, a flat, a provider's region
  std::string region;
  bool operator==(const Declared&) const = default;
};

/// The body of POST /v1/hosts: {"line":a hosts line without newline,
/// "declared":{"operator","domain","region"}}, without newline.
struct Registration {
  Descriptor descriptor;
  std::string token;  // the descriptor's
  Declared declared;
};
/// Errors: failure for texts that are too long, or not visible UTF-8.
Result<std::string> write_registration(std::string_view hosts_line, const Declared& declared);
/// The line's signature has been checked.  Errors: integrity.  Limit: kRegistrationBytesMax.
Result<Registration> read_registration(std::string_view body);

/// UTF-8 without control characters, at most `bytes_max`.
bool is_declared_text(std::string_view text, std::size_t bytes_max);

}  // namespace inxt::format
