// SPDX-License-Identifier: AGPL-3.0-or-later
// The golden files of tests/golden/refusals-v1: refused for the very reason that their index names.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "crypto/random.h"
#include "support/tests_dir.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

const std::string kFolder = testing::tests_dir() + "/golden/refusals-v1/";

TEST_CASE("golden files that fail do so for the reason that they were made for") {
  crypto::start();
  std::ifstream index(kFolder + "index.jsonl");
  std::set<std::string> files{"index.jsonl"};
  for (std::string line; std::getline(index, line);) {
    const Value entry = Value::parse(line);
    const std::string file = entry.at("file"), reason = entry.at("reason"), name = entry.at("format");
    CAPTURE(file);
    files.insert(file);
    const auto format = std::ranges::find(audit_formats(), name, &Format::name);
    REQUIRE(format != audit_formats().end());
    std::ifstream stream(kFolder + file, std::ios::binary);
    const std::string input(std::istreambuf_iterator<char>(stream), {});
    const auto result = format->run(entry.at("given"), view_of(input));
    if (result)
      CHECK(result->value("outcome", "accepted") == reason);
    else
      CHECK_MESSAGE(result.error().what.find("(" + reason + ")") != std::string::npos, result.error().what);
  }
  CHECK(files.size() > 20);
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    CHECK(files.contains(entry.path().filename().string()));
}

}  // namespace
}  // namespace inxt::vectors
