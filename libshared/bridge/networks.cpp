// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/networks.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/bytes.h"

namespace inxt::bridge {
namespace {

// So that no number of one family is one of the other, nor 0.
constexpr std::uint64_t kIpv4 = std::uint64_t{1} << 56;
constexpr std::uint64_t kIpv6 = std::uint64_t{2} << 56;

Networks of_ipv4(ByteView address) {
  const auto number = from_big_endian<std::uint32_t>(address);
  return {.name = fmt::format("{}.{}.{}.0/24", number >> 24, number >> 16 & 255, number >> 8 & 255),
          .network = kIpv4 | number >> 8,
          .wide = kIpv4 | number >> 16};
}

Networks of_ipv6(ByteView address) {
  const auto number = from_big_endian<std::uint64_t>(address) >> 16;
  Bytes first = copy_of(address.first(6));
  first.resize(16);
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, first.data(), text, sizeof text);
  return {.name = fmt::format("{}/48", text), .network = kIpv6 | number, .wide = kIpv6 | number >> 16};
}

}  // namespace

std::optional<Networks> networks_of(std::string_view ip) {
  const std::string text(ip);  // inet_pton wants its end marked
  if (text.find('\0') != text.npos) return std::nullopt;
  ByteArray<16> address{};
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) return of_ipv4(ByteView(address).first(4));
  if (inet_pton(AF_INET6, text.c_str(), address.data()) != 1) return std::nullopt;
  constexpr ByteArray<12> kMapped{std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                                  std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
                                  std::byte{0}, std::byte{0}, std::byte{0xff}, std::byte{0xff}};
  if (std::equal(kMapped.begin(), kMapped.end(), address.begin()))
    return of_ipv4(ByteView(address).subspan(12));
  return of_ipv6(address);
}

std::optional<Networks> networks_named(std::string_view name) {
  const auto slash = name.find('/');
  if (slash == name.npos) return std::nullopt;
  auto out = networks_of(name.substr(0, slash));
  if (out && out->name != name) return std::nullopt;
  return out;
}

}  // namespace inxt::bridge
