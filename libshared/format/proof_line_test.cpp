// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/proof_line.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "crypto/random.h"
#include "support/lines.h"

namespace inxt::format {
namespace {

using testing::without_newline;

ProofLine any_proof(std::mt19937& random) {
  ProofLine line;
  crypto::SeededRandom bytes(random());
  bytes.fill(line.sample.piece.bytes);
  line.sample.block = random() % 3 == 0 ? random() % 2 * 511 : random() % 512;
  line.size = random() % 3 == 0 ? random() % 2 * 2'097'152 : random() % 2'097'153;
  line.data.resize(random() % 3 == 0 ? random() % 2 * 4096 : random() % 100);
  bytes.fill(line.data);
  line.path.resize(random() % (kPathHashesMax + 1));
  for (auto& hash : line.path) bytes.fill(hash);
  return line;
}

bool same(const ProofLine& a, const ProofLine& b) {
  return a.sample == b.sample && a.missing == b.missing && a.size == b.size && a.data == b.data &&
         a.path == b.path;
}

/// Every line is read as the strict reader reads it, or refused with its words.  Whether the short way took
/// it.
bool check_alike(const std::string& line) {
  const auto exact = read_proof_as_written(line);
  const auto strict = read_proof_strictly(line, "line 1");
  const auto read = read_proof(line, "line 1");
  if (exact) REQUIRE_MESSAGE((strict && same(*exact, *strict)), line);
  REQUIRE_MESSAGE(read.has_value() == strict.has_value(), line);
  if (read)
    REQUIRE_MESSAGE(same(*read, *strict), line);
  else
    REQUIRE(read.error().what == strict.error().what);
  return exact.has_value();
}

TEST_CASE("a proof line is written as JSON with its members in order") {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const auto line = any_proof(random);
    Json path = Json::array();
    for (const auto& hash : line.path) path.push_back(to_base64url(hash));
    const Json json{{"type", "proof"},   {"piece", line.sample.piece.hex()}, {"block", line.sample.block},
                    {"size", line.size}, {"data", to_base64url(line.data)},  {"path", path}};
    REQUIRE(write_proof(line) == write_compact(json) + '\n');
    ProofLine none;
    none.sample = line.sample;
    none.missing = true;
    const Json missing{{"type", "proof"},
                       {"piece", line.sample.piece.hex()},
                       {"block", line.sample.block},
                       {"missing", true}};
    REQUIRE(write_proof(none) == write_compact(missing) + '\n');
    CHECK_FALSE(check_alike(without_newline(write_proof(none))));
  }
}

TEST_CASE("what is written takes the short way and is read as it was") {
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    const auto line = any_proof(random);
    const auto text = without_newline(write_proof(line));
    REQUIRE(check_alike(text));
    REQUIRE(same(*read_proof_as_written(text), line));
  }
}

TEST_CASE("the short way takes nothing that the strict reader refuses, and reads nothing else") {
  std::mt19937 random(3);
  constexpr std::string_view kLetters = "\"\\{}[]:, \t0123456789-_=+/.eEaAfFgGzZ\x7f\xc3";
  int taken = 0, left = 0;
  for (int i = 0; i < 60'000; ++i) {
    auto line = any_proof(random);
    if (line.data.size() > 100) line.data.resize(random() % 40);
    if (line.path.size() > 2 && random() % 4 != 0) line.path.resize(2);
    auto text = without_newline(write_proof(line));
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
  CHECK(taken > 5000);
  CHECK(left > 5000);
}

TEST_CASE("limits hold on both ways") {
  std::mt19937 random(4);
  ProofLine line = any_proof(random);
  line.data.resize(10);
  line.path.resize(2);
  const auto good = without_newline(write_proof(line));
  const auto with = [&](std::string_view key, std::string_view value) {
    auto text = good;
    const auto begin = text.find(std::string("\"") + std::string(key) + "\":") + key.size() + 3;
    const auto end = text[begin] == '['
                         ? text.find(']', begin) + 1
                         : text.find(text[begin] == '"' ? '"' : ',', begin + 1) + (text[begin] == '"');
    return text.replace(begin, end - begin, value);
  };
  const std::string hash = "\"" + to_base64url(Bytes(32)) + "\"";
  const auto hashes = [&](int count) {
    std::string list = "[";
    for (int i = 0; i < count; ++i) list += (i > 0 ? "," : "") + hash;
    return list + "]";
  };
  struct Case {
    std::string text;
    bool sound, exact;
  };
  for (const auto& [text, sound, exact] :
       {Case{with("block", "511"), true, true},
        Case{with("block", "512"), false, false},
        Case{with("block", "00"), false, false},
        Case{with("block", "01"), false, false},
        Case{with("block", "0"), true, true},
        Case{with("block", "-0"), false, false},
        Case{with("block", "1e1"), false, false},
        Case{with("block", "18446744073709551617"), false, false},
        Case{with("size", "2097152"), true, true},
        Case{with("size", "2097153"), false, false},
        Case{with("size", ""), false, false},
        Case{with("path", hashes(9)), true, true},
        Case{with("path", hashes(10)), false, false},
        Case{with("path", "[]"), true, true},
        Case{with("path", "[" + hash + ",]"), false, false},
        Case{with("path", "[" + hash + "," + "\"AA\"]"), false, false},
        Case{with("data", "\"" + to_base64url(Bytes(4096)) + "\""), true, true},
        Case{with("data", "\"" + to_base64url(Bytes(4097)) + "\""), false, false},
        Case{with("data", "\"AB\""), false, false},
        Case{with("data", "\"AA==\""), false, false},
        Case{with("data", "\"\\u0041A\""), true, false},
        Case{good + " ", false, false},
        Case{good + "\n", false, false},
        Case{" " + good, false, false},
        Case{good.substr(0, good.size() - 1) + ",\"x\":1}", true, false},
        Case{good.substr(0, good.size() - 1) + ",\"block\":1}", false, false},
        Case{good.substr(0, good.size() - 1) + " }", true, false},
        Case{good.substr(0, good.size() - 1) + std::string(8191 - good.size(), ' ') + "}", true, false},
        Case{good.substr(0, good.size() - 1) + std::string(8192 - good.size(), ' ') + "}", false, false}}) {
    CAPTURE(text);
    CHECK(check_alike(text) == exact);
    CHECK(read_proof(text, "line 1").has_value() == sound);
  }
}

}  // namespace
}  // namespace inxt::format
