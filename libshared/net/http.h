// SPDX-License-Identifier: LGPL-3.0-or-later
// What client and server share of HTTP/1.1 (RFC 9112): methods, headers, addresses.  Wire: inxt-wire(7).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace inxt::net {

inline constexpr std::size_t kHttpHeaderBytesMax = 8192;  // start line and headers together
inline constexpr std::size_t kJsonBodyBytesMax = 65536;   // default limit of bodies that are not pieces

enum class Method { get, head, put, post, delete_ };
/// "GET", ...
std::string_view method_name(Method method);

struct Header {
  // No aggregate, because of g++ 12 (async.h); nor are Endpoint and Request.
  Header(std::string as_name, std::string as_value) : name(std::move(as_name)), value(std::move(as_value)) {}
  std::string name;   // any case
  std::string value;  // no CR, LF or NUL
};

/// The first header of that name, whatever its case.
std::optional<std::string_view> find_header(std::span<const Header> headers, std::string_view name);

/// "OK", "Not Found", ...; "Unknown" for a number without a name.
std::string_view reason_phrase(int status);

/// "192.0.2.1:4242", "[2001:db8::1]:4242", "host.example:4242", taken apart.
struct HostPort {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};
/// Errors: usage when there is no port from 0 to 65535, or no host.
Result<HostPort> parse_address(std::string_view address);
/// The inverse: brackets where the host has a colon.
std::string to_address(std::string_view host, std::uint16_t port);
/// What one peer has at hand of an IP address: an IPv4 address is itself, an IPv6 address its /64 network, as
/// "2001:db8:0:1::/64".  What is no address comes back as it is.
std::string network_of(std::string_view ip);

}  // namespace inxt::net
