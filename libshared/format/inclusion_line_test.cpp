// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/inclusion_line.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "base/encoding.h"
#include "crypto/random.h"
#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::without_newline;

std::uint64_t any_number(std::mt19937& random, std::uint64_t max) {
  switch (random() % 4) {
    case 0:
      return 0;
    case 1:
      return max;
    default:
      return (std::uint64_t{random()} << 32 | random()) % max;
  }
}

/// Of any numbers that the form allows.
InclusionLine any_line(std::mt19937& random, std::size_t steps_max = 20) {
  InclusionLine line;
  crypto::SeededRandom bytes(random());
  bytes.fill(line.leaf.piece.bytes);
  bytes.fill(line.leaf.contracts_root);
  line.leaf.size_bytes = any_number(random, proof::kPieceBytesMax);
  line.leaf.contracts = static_cast<std::uint32_t>(any_number(random, proof::kLeafContractsMax));
  line.steps.resize(random() % (steps_max + 1));
  for (auto& step : line.steps) {
    step.bits = static_cast<unsigned>(any_number(random, 255));
    bytes.fill(step.sibling.hash);
    step.sibling.blocks = any_number(random, kJsonIntegerMax);
    step.sibling.bytes = any_number(random, kJsonIntegerMax);
  }
  return line;
}

Json json_of(std::span<const crypto::Hash> hashes) {
  Json out = Json::array();
  for (const auto& hash : hashes) out.push_back(to_base64url(hash));
  return out;
}

std::string by_json(const InclusionLine& line) {
  Json steps = Json::array();
  for (const auto& step : line.steps) {
    Json entry = Json::array();
    entry.push_back(step.bits);
    entry.push_back(to_base64url(step.sibling.hash));
    entry.push_back(step.sibling.blocks);
    entry.push_back(step.sibling.bytes);
    steps.push_back(std::move(entry));
  }
  Json json;
  json["type"] = "inclusion";
  json["piece"] = line.leaf.piece.hex();
  json["size"] = line.leaf.size_bytes;
  json["count"] = line.leaf.contracts;
  json["root"] = to_base64url(line.leaf.contracts_root);
  json["steps"] = std::move(steps);
  if (const auto* listed = std::get_if<ContractListed>(&line.contract)) {
    json["contract"]["index"] = listed->index;
    json["contract"]["path"] = json_of(listed->path);
  } else if (const auto* absent = std::get_if<ContractAbsent>(&line.contract)) {
    json["contract"] = nullptr;
    if (absent->blinded) json["contracts"] = json_of(*absent->blinded);
  }
  return write_compact(json);
}

/// Every line is read as the strict reader reads it, or refused with its words.  Whether the short way took
/// it.
bool check_alike(const std::string& line) {
  const auto exact = read_inclusion_as_written(line);
  const auto strict = read_inclusion_strictly(line, "line 1");
  const auto read = read_inclusion(line, "line 1");
  if (exact) REQUIRE_MESSAGE((strict && *exact == *strict), line);
  REQUIRE_MESSAGE(read.has_value() == strict.has_value(), line);
  if (read)
    REQUIRE_MESSAGE(*read == *strict, line);
  else
    REQUIRE(read.error().what == strict.error().what);
  return exact.has_value();
}

TEST_CASE("an inclusion is written as JSON with its members in order") {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    auto line = any_line(random);
    REQUIRE(write_inclusion(line) == by_json(line) + '\n');
    REQUIRE(check_alike(by_json(line)));
    REQUIRE(*read_inclusion_as_written(by_json(line)) == line);
    std::vector<crypto::Hash> hashes(random() % 4);
    for (auto& hash : hashes) hash.fill(static_cast<std::byte>(random()));
    switch (random() % 3) {
      case 0:
        line.contract = ContractListed{.index = static_cast<std::uint32_t>(random() >> 1), .path = hashes};
        break;
      case 1:
        line.contract = ContractAbsent{.blinded = hashes};
        break;
      default:
        line.contract = ContractAbsent{.blinded = std::nullopt};
    }
    REQUIRE(write_inclusion(line) == by_json(line) + '\n');
    REQUIRE_FALSE(check_alike(by_json(line)));
    REQUIRE(read_inclusion(by_json(line), "line 1").value() == line);
  }
}

TEST_CASE(
    "the short way to an inclusion takes nothing that the strict reader refuses, and reads nothing else") {
  std::mt19937 random(2);
  constexpr std::string_view kLetters = "\"\\{}[]:, \t0123456789-_=+/.eEaAfFgGzZ\x7f\xc3";
  int taken = 0, left = 0;
  for (int i = 0; i < 60'000; ++i) {
    auto text = without_newline(write_inclusion(any_line(random, 3)));
    for (unsigned edits = 1 + random() % 2; edits > 0; --edits) {
      const auto at = random() % text.size();
      const char letter = kLetters[random() % kLetters.size()];
      switch (random() % 5) {
        case 0:
          text.insert(at, 1, letter);
          break;
        case 1:
          text.erase(at, 1 + random() % 3);
          break;
        case 2:
          std::swap(text[at], text[random() % text.size()]);
          break;
        default:
          text[at] = letter;
      }
      if (text.empty()) text = "{";
    }
    ++(check_alike(text) ? taken : left);
  }
  CHECK(taken > 3000);
  CHECK(left > 3000);
}

TEST_CASE("limits of an inclusion hold on both ways") {
  std::mt19937 random(3);
  auto line = any_line(random);
  line.steps.assign(2, {.bits = 7, .sibling = {.hash = {}, .blocks = 8, .bytes = 9}});
  const auto good = without_newline(write_inclusion(line));
  const auto with = [&](std::string_view from, std::string_view to) {
    auto text = good;
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
  };
  auto many = line;
  many.steps.resize(proof::kStepsMax, line.steps[0]);
  const auto most = without_newline(write_inclusion(many));
  many.steps.push_back(line.steps[0]);
  const auto size = "\"size\":" + std::to_string(line.leaf.size_bytes);
  const auto count = "\"count\":" + std::to_string(line.leaf.contracts);
  struct Case {
    std::string text;
    bool sound, exact;
  };
  for (const auto& [text, sound, exact] : {Case{good, true, true},
                                           Case{most, true, true},
                                           Case{without_newline(write_inclusion(many)), false, false},
                                           Case{with("[[7,", "[[255,"), true, true},
                                           Case{with("[[7,", "[[256,"), false, false},
                                           Case{with("[[7,", "[[07,"), false, false},
                                           Case{with("[[7,", "[[-7,"), false, false},
                                           Case{with(",8,", ",9007199254740991,"), true, true},
                                           Case{with(",8,", ",9007199254740992,"), false, false},
                                           Case{with(",9]", ",18446744073709551625]"), false, false},
                                           Case{with(",9]", ",9,9]"), false, false},
                                           Case{with(",9]", "]"), false, false},
                                           Case{with(size, "\"size\":2097152"), true, true},
                                           Case{with(size, "\"size\":2097153"), false, false},
                                           Case{with(count, "\"count\":2147483648"), true, true},
                                           Case{with(count, "\"count\":2147483649"), false, false},
                                           Case{with("]]}", "],]}"), false, false},
                                           Case{with("]]}", "]] }"), true, false},
                                           Case{with("]]}", "]],\"x\":0}"), true, false},
                                           Case{with("]]}", "]],\"size\":0}"), false, false},
                                           Case{good + "\n", false, false}}) {
    CAPTURE(text);
    CHECK(check_alike(text) == exact);
    CHECK(read_inclusion(text, "line 1").has_value() == sound);
  }
}

}  // namespace
}  // namespace inxt::format
