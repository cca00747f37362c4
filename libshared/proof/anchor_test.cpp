// SPDX-License-Identifier: AGPL-3.0-or-later
#include "proof/anchor.h"

#include <doctest/doctest.h>

#include <limits>

using namespace inxt;
using namespace inxt::proof;

namespace {

HostId host(unsigned number) {
  HostId id;
  id.bytes.fill(static_cast<std::byte>(number));
  return id;
}

}  // namespace

TEST_CASE("a beacon anchors what was there for the margin before it, to the second") {
  CHECK(anchor_of(1030, 1000, {}, host(1), {}).anchored);
  CHECK(anchor_of(1030, 1000, {}, host(1), {}).by_auditor);
  CHECK_FALSE(anchor_of(1029, 1000, {}, host(1), {}).anchored);
  CHECK_FALSE(anchor_of(std::nullopt, 1000, {}, host(1), {}).anchored);
  CHECK_FALSE(anchor_of(1030, std::nullopt, {}, host(1), {}).anchored);
  CHECK_FALSE(anchor_of(0, 0, {}, host(1), {}).anchored);
  CHECK_FALSE(anchor_of(1030, std::numeric_limits<std::int64_t>::max(), {}, host(1), {}).anchored);
}

TEST_CASE("one witness that saw it in time is enough, and the Host itself is none") {
  const std::vector<WitnessWord> words{{host(3), 1000}, {host(2), 1001}, {host(3), 5000}, {host(4), 900}};
  const auto seen = anchor_of(1030, 2000, words, host(4), {});
  CHECK(seen.anchored);
  CHECK_FALSE(seen.by_auditor);
  CHECK(seen.by_witnesses == std::vector{host(3)});
  CHECK_FALSE(anchor_of(1029, 2000, words, host(4), {}).anchored);
  CHECK(anchor_of(1029, 2000, words, host(5), {}).by_witnesses == std::vector{host(4)});
  CHECK(anchor_of(9000, 2000, words, host(5), {}).by_witnesses == std::vector{host(2), host(3), host(4)});
}

TEST_CASE("required witnesses must all have seen it, and the auditor's word does not stand in") {
  const std::vector<WitnessWord> words{{host(2), 1000}, {host(3), 1001}};
  const std::vector<HostId> two{host(2)}, both{host(2), host(3)}, self{host(1)};
  CHECK(anchor_of(1030, 2000, words, host(1), two).anchored);
  CHECK_FALSE(anchor_of(1030, 900, words, host(1), both).anchored);
  CHECK(anchor_of(1031, 900, words, host(1), both).anchored);
  CHECK_FALSE(anchor_of(1031, 900, std::vector<WitnessWord>{{host(1), 1000}}, host(1), self).anchored);
}
