// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/beacon.h"

#include <doctest/doctest.h>

#include "base/encoding.h"

using namespace inxt;
using namespace inxt::format;

namespace {

// What drand's HTTP API says of its chain "default".
constexpr std::string_view kInfo =
    R"({"public_key":"868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31","period":30,"genesis_time":1595431050,"hash":"8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce","schemeID":"pedersen-bls-chained","metadata":{"beaconID":"default"}})";

std::string round_of(const Bytes& signature, std::uint64_t round = 3, std::string_view more = {}) {
  return "{\"round\":" + std::to_string(round) + ",\"randomness\":\"" + to_hex(crypto::sha256(signature)) +
         "\",\"signature\":\"" + to_hex(signature) + "\"" + std::string(more) + "}";
}
const Bytes kSignature(96, std::byte{7});
constexpr std::string_view kChain = R"({"genesis_time":1000,"period":30})";

}  // namespace

TEST_CASE("rounds come each period from genesis on") {
  const auto chain = read_beacon_chain(kInfo, "info");
  REQUIRE(chain.has_value());
  CHECK(chain->period_s == 30);
  CHECK(time_of_round(*chain, 1) == 1595431050);
  CHECK(time_of_round(*chain, 1'000'000) == 1595431050 + 29'999'970);
  CHECK(first_round_at(*chain, 0) == 1);
  CHECK(first_round_at(*chain, 1595431050) == 1);
  CHECK(first_round_at(*chain, 1595431051) == 2);
  CHECK(first_round_at(*chain, 1595431080) == 2);
  CHECK(first_round_at(*chain, 1595431081) == 3);
  for (std::int64_t at = 1595431050; at < 1595431350; ++at) {
    const auto round = first_round_at(*chain, at);
    CHECK(time_of_round(*chain, round) >= at);
    if (round > 1) CHECK(time_of_round(*chain, round - 1) < at);
  }
}

TEST_CASE("a round is taken when its randomness is the hash of its signature") {
  const auto chain = read_beacon_chain(kChain, "info");
  REQUIRE(chain.has_value());
  const auto round = read_beacon_round(round_of(kSignature) + "\n", *chain, "round");
  REQUIRE_MESSAGE(round.has_value(), round.error().what);
  CHECK(round->source == BeaconSource::drand);
  CHECK(round->time_unix_s == 1060);
  CHECK(round->round == 3);
  CHECK(check_beacon(*round, "x"));
  auto other = *round;
  other.time_unix_s = 1061;
  CHECK_FALSE(check_beacon(other, "x"));
  const auto text = round_of(kSignature);
  for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"\"round\":3", "\"round\":0"},
                                 {"\"round\":3", "\"round\":9007199254740991"},
                                 {"\"round\":3", "\"round\":-3"},
                                 {"\"signature\":\"07", "\"signature\":\"08"},
                                 {"\"signature\":\"07", "\"signature\":\"7"},
                                 {"\"signature\":\"07", "\"signature\":\"0X"},
                                 {"\"signature\"", "\"signatures\""},
                                 {"\"randomness\":\"", "\"randomness\":\"0"},
                                 {"{", "["}}) {
    CAPTURE(to);
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    CHECK_FALSE(read_beacon_round(changed, *chain, "round"));
  }
  CHECK_FALSE(read_beacon_round(round_of(Bytes(kBeaconSignatureBytesMax + 1)), *chain, "round"));
  CHECK_FALSE(read_beacon_round(round_of({}), *chain, "round"));
  CHECK_FALSE(read_beacon_chain(R"({"genesis_time":1000,"period":0})", "info"));
  CHECK_FALSE(read_beacon_chain(R"({"genesis_time":1000,"period":604801})", "info"));
  CHECK_FALSE(read_beacon_chain(R"({"genesis_time":1000})", "info"));
}

TEST_CASE("a file has a round and its chain, or randomness and a time") {
  for (const std::string& text :
       {round_of(kSignature, 3, R"(,"genesis_time":1000,"period":30)"),
        round_of(kSignature) + "\n" + std::string(kChain) + "\n",
        std::string(kChain) + "\n" + round_of(kSignature),
        "\n" + round_of(kSignature, 3, ",\n \"genesis_time\":1000,\n\"period\":30\n") + "\n"}) {
    CAPTURE(text);
    const auto beacon = read_beacon_file(text, "file");
    REQUIRE_MESSAGE(beacon.has_value(), beacon.error().what);
    CHECK(beacon->source == BeaconSource::drand);
    CHECK(beacon->time_unix_s == 1060);
  }
  const auto given =
      read_beacon_file(R"({"randomness":")" + std::string(64, 'a') + R"(","time":1700000000})", "file");
  REQUIRE(given.has_value());
  CHECK(given->source == BeaconSource::given);
  CHECK(given->time_unix_s == 1'700'000'000);
  CHECK(check_beacon(*given, "x"));
  const auto alone = read_beacon_file(round_of(kSignature), "file");
  REQUIRE_FALSE(alone.has_value());
  CHECK(alone.error().hint.find("/info") != std::string::npos);
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("\n\n"), std::string(kChain),
        std::string(kChain) + "\n" + std::string(kChain), round_of(kSignature) + "\n" + round_of(kSignature),
        R"({"randomness":")" + std::string(64, 'a') + "\"}", std::string(kBeaconBytesMax + 1, ' '),
        round_of(kSignature) + "\n" + std::string(kChain) + "\n{}"}) {
    CAPTURE(text.substr(0, 200));
    CHECK_FALSE(read_beacon_file(text, "file"));
  }
}
