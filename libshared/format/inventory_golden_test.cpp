// SPDX-License-Identifier: AGPL-3.0-or-later
// Four heads of one Host with what was asked of each, written by the second implementation (tests/reference):
// every later version reads them, writes them byte for byte, and finds that each line tells of the head
// before it.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "format/inventory_lines.h"
#include "support/hex.h"
#include "support/tests_dir.h"

namespace inxt::format {
namespace {

TEST_CASE("a golden inventory") {
  const auto host = crypto::SigningKey::from_seed(Bytes(32, std::byte{0x11}));
  const auto asked =
      testing::hex_array<32>("d03b2d96fa47ee51ef0b164a443a881e8e982bff5d5887154ab22782371f592e");
  std::ifstream file(testing::tests_dir() + "/golden/format-v1/inventory.jsonl");
  REQUIRE(file);
  std::optional<SignedHead> head;
  std::size_t heads = 0, inclusions = 0, findings[4] = {}, ends[3] = {}, witnesses = 0;
  for (std::string line; std::getline(file, line);) {
    CAPTURE(line);
    const std::string type = parse_object(line)->at("type").get<std::string>();
    if (type == "inventory") {
      const auto next = read_head(line, "golden").value();
      CHECK(sign_head(next.head, host) == line + '\n');
      CHECK((head ? check_follows(*head, next).has_value() : !next.head.previous));
      head = next;
      ++heads;
    } else if (type == "inclusion") {
      const auto read = read_inclusion(line, "golden").value();
      CHECK(write_inclusion(read) == line + '\n');
      CHECK(proof::verify_inclusion(read.leaf, read.steps)->root == head->head.root);
      const auto finding = check_contract(read, asked);
      if (std::holds_alternative<ContractAbsent>(read.contract) &&
          std::get<ContractAbsent>(read.contract).blinded) {
        CHECK_FALSE(finding);  // the list has it
        CHECK(check_contract(read, {}).value() == ContractFinding::absent);
      } else {
        ++findings[static_cast<std::size_t>(finding.value())];
      }
      ++inclusions;
    } else if (type == "exclusion") {
      const auto read = read_exclusion(line, "golden").value();
      CHECK(write_exclusion(read) == line + '\n');
      CHECK(proof::verify_exclusion(read.piece, read.path).value() == head->head.root);
      ++ends[read.path.end.index()];
    } else {
      const auto read = read_witness(line, "golden").value();
      CHECK(sign_witness(read, host) == line + '\n');
      CHECK(read.hash == head->hash);
      ++witnesses;
    }
  }
  CHECK(heads == 4);
  CHECK(witnesses == 4);
  CHECK(inclusions == 8);
  CHECK(findings[0] == 2);
  CHECK(findings[1] == 2);
  CHECK(findings[3] == 2);
  CHECK(ends[0] == 3);
  CHECK(ends[1] == 6);
  CHECK(ends[2] == 1);
}

}  // namespace
}  // namespace inxt::format
