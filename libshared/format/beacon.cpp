// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/beacon.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace inxt::format {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool has_chain(const Fields& fields) {
  return fields.has("genesis_time") && fields.has("period");
}

Result<BeaconChain> chain_in(const Fields& fields) {
  BeaconChain chain;
  chain.genesis_unix_s = TRY(fields.time("genesis_time"));
  chain.period_s = TRY(fields.integer("period", kBeaconPeriodMaxS));
  if (chain.period_s == 0) return fields.bad("period", "0");
  return chain;
}

Result<Beacon> round_in(const Fields& fields, const BeaconChain& chain, const std::string& where) {
  Beacon beacon;
  beacon.source = BeaconSource::drand;
  beacon.chain = chain;
  beacon.round = TRY(fields.integer("round"));
  TRY(fields.hex("randomness", beacon.randomness));
  const auto signature = TRY(fields.text("signature", 2 * kBeaconSignatureBytesMax));
  beacon.signature.resize(signature.size() / 2);
  if (!from_hex(signature, beacon.signature)) return fields.bad("signature", "not lower-case hex");
  if (beacon.round > 0 &&
      beacon.round <= (kJsonIntegerMax - static_cast<std::uint64_t>(chain.genesis_unix_s)) / chain.period_s)
    beacon.time_unix_s = time_of_round(chain, beacon.round);
  TRY(check_beacon(beacon, where));
  return beacon;
}

}  // namespace

std::int64_t time_of_round(const BeaconChain& chain, std::uint64_t round) {
  return chain.genesis_unix_s + static_cast<std::int64_t>((round - 1) * chain.period_s);
}

std::uint64_t first_round_at(const BeaconChain& chain, std::int64_t unix_s) {
  if (unix_s <= chain.genesis_unix_s) return 1;
  const auto since = static_cast<std::uint64_t>(unix_s - chain.genesis_unix_s);
  return (since + chain.period_s - 1) / chain.period_s + 1;
}

Result<void> check_beacon(const Beacon& beacon, const std::string& where) {
  const auto bad = [&](std::string_view key, std::string_view why) {
    return fail(Code::integrity, fmt::format("{}: {}: {}", where, key, why));
  };
  if (beacon.source != BeaconSource::drand) return {};
  if (beacon.chain.period_s == 0 || beacon.chain.period_s > kBeaconPeriodMaxS)
    return bad("period", "out of range (beacon-round)");
  if (beacon.round == 0 ||
      beacon.round >
          (kJsonIntegerMax - static_cast<std::uint64_t>(beacon.chain.genesis_unix_s)) / beacon.chain.period_s)
    return bad("round", "out of range (beacon-round)");
  if (beacon.time_unix_s != time_of_round(beacon.chain, beacon.round))
    return bad("time", "not the one of this round (beacon-round)");
  if (beacon.signature.empty()) return bad("signature", "empty (beacon-signature)");
  if (crypto::sha256(beacon.signature) != beacon.randomness)
    return bad("randomness", "not the hash of the signature (beacon-signature)");
  return {};
}

Result<BeaconChain> read_beacon_chain(std::string_view text, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(trimmed(text), kBeaconBytesMax));
  return chain_in(Fields(json, where));
}

Result<Beacon> read_beacon_round(std::string_view text, const BeaconChain& chain, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(trimmed(text), kBeaconBytesMax));
  return round_in(Fields(json, where), chain, where);
}

Result<Beacon> read_beacon_file(std::string_view text, const std::string& where) {
  if (text.size() > kBeaconBytesMax)
    return fail(Code::integrity,
                fmt::format("{}: longer than {} bytes (kBeaconBytesMax)", where, kBeaconBytesMax));
  text = trimmed(text);
  // One object over any number of lines, or two, each a line.
  std::optional<Json> first, second;
  if (auto whole = parse_object(text, kBeaconBytesMax)) {
    first = *std::move(whole);
  } else {
    const auto end = text.find('\n');
    if (end == text.npos) return std::unexpected(std::move(whole).error().in(where));
    first = TRY_IN(where + ": first line", parse_object(trimmed(text.substr(0, end)), kBeaconBytesMax));
    second = TRY_IN(where + ": second line", parse_object(trimmed(text.substr(end + 1)), kBeaconBytesMax));
    if (!first->contains("randomness")) std::swap(first, second);
  }
  const Fields fields(*first, where);
  if (fields.has("round")) {
    const Fields also(second ? *second : *first, where);
    if (!has_chain(also))
      return fail(Code::integrity,
                  where + ": a round without genesis_time and period says nothing of when it was",
                  "add the chain's information, which drand gives at /info");
    const auto chain = TRY(chain_in(also));
    return round_in(fields, chain, where);
  }
  Beacon beacon;
  beacon.source = BeaconSource::given;
  TRY(fields.hex("randomness", beacon.randomness));
  beacon.time_unix_s = TRY(fields.time("time"));
  return beacon;
}

}  // namespace inxt::format
