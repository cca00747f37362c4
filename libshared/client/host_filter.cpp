// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/host_filter.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace inxt::client {
namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

std::uint64_t free_bytes(const format::ListedHost& host) {
  return host.beat ? host.beat->free_bytes : host.descriptor.free_bytes;
}

bool is_in_region(std::string_view declared, std::string_view wanted) {
  return declared.starts_with(wanted) && (declared.size() == wanted.size() || declared[wanted.size()] == '-');
}

/// What to sort by, ascending: what is more the better is turned round.
std::uint64_t rank(const format::ListedHost& host, HostOrder order) {
  const auto& measured = host.measured;
  const auto most = [](const std::optional<std::uint64_t>& value) {
    return value ? kUnknown - 1 - *value : kUnknown;
  };
  switch (order) {
    case HostOrder::id:
      return 0;
    case HostOrder::rtt:
      return measured.rtt_us.value_or(kUnknown);
    case HostOrder::uptime:
      return most(measured.uptime_30d);
    case HostOrder::free:
      return most(free_bytes(host));
    case HostOrder::price:
      return host.descriptor.price;
    case HostOrder::up:
      return most(measured.up_bytes_per_s);
    case HostOrder::down:
      return most(measured.down_bytes_per_s);
  }
  return 0;
}

/// Digits off the front; nothing where there is none, or too many.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number > 1'000'000'000) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

bool passes(const format::ListedHost& host, const HostFilter& filter) {
  const auto& measured = host.measured;
  if (filter.uptime_min && (!measured.uptime_30d || *measured.uptime_30d < *filter.uptime_min)) return false;
  if (filter.rtt_us_max && (!measured.rtt_us || *measured.rtt_us > *filter.rtt_us_max)) return false;
  if (filter.free_bytes_min && free_bytes(host) < *filter.free_bytes_min) return false;
  if (filter.price_max && host.descriptor.price > *filter.price_max) return false;
  if (filter.audits_min && measured.audits_passed < *filter.audits_min) return false;
  if (!filter.operator_name.empty() && host.declared.operator_name != filter.operator_name) return false;
  return filter.region.empty() || is_in_region(host.declared.region, filter.region);
}

void sort_hosts(std::vector<format::ListedHost>& hosts, HostOrder order) {
  std::ranges::sort(hosts, [&](const format::ListedHost& a, const format::ListedHost& b) {
    const auto rank_a = rank(a, order), rank_b = rank(b, order);
    return rank_a != rank_b ? rank_a < rank_b : a.descriptor.host < b.descriptor.host;
  });
}

Result<std::uint64_t> parse_percent(std::string_view text) {
  const auto bad = [] {
    return fail(Code::usage, "a percentage is 0% to 100%, in at most two decimals: 99.95%");
  };
  const auto whole = take_number(text);
  if (!whole || *whole > 100) return bad();
  std::uint64_t out = *whole * 100;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto digits = text.size();
    const auto decimals = take_number(text);
    const auto taken = digits - text.size();
    if (!decimals || taken > 2) return bad();
    out += taken == 1 ? *decimals * 10 : *decimals;
  }
  if (text != "%" || out > 10'000) return bad();
  return out;
}

Result<std::uint64_t> parse_round_trip_us(std::string_view text) {
  const auto number = take_number(text);
  if (number && text == "us") return *number;
  if (number && text == "ms") return *number * 1000;
  if (number && text == "s") return *number * 1'000'000;
  return fail(Code::usage, "a round trip is a number with us, ms or s: 50ms");
}

}  // namespace inxt::client
