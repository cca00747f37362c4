// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/share_memory.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "support/tree_world.h"

namespace inxt::client {
namespace {

struct Reader {
  Result<void> read(std::uint64_t seq, std::int64_t made) {
    format::ShareBundle bundle;
    bundle.seq = seq;
    bundle.made_unix_s = made;
    return remember_bundle(machine.path + "/shares", share, bundle);
  }
  std::string file() const { return machine.path + "/shares/" + share.hex(); }

  testing::Machine machine;
  format::ShareId share;
};

TEST_CASE("a bundle older than one that was read is refused, by the owner's log, whatever clocks say") {
  Reader reader;
  CHECK(reader.read(5, 1000).has_value());
  CHECK(reader.read(5, 900).has_value());  // made anew on a machine whose clock is behind
  CHECK(reader.read(7, 100).has_value());
  for (int i = 0; i < 2; ++i) {
    const auto old = reader.read(6, 5000);
    REQUIRE_FALSE(old.has_value());
    CHECK(old.error().code == Code::integrity);
    CHECK(testing::says(old.error(), "rolled back"));
    CHECK_FALSE(old.error().hint.empty());
  }
  CHECK_FALSE(reader.read(0, 9000).has_value());
  CHECK(reader.read(7, 100).has_value());
  // Another share is another matter.
  reader.share.bytes[0] ^= std::byte{1};
  CHECK(reader.read(1, 1).has_value());
}

TEST_CASE("without a log, the time counts") {
  Reader reader;
  CHECK(reader.read(0, 1000).has_value());
  CHECK(reader.read(0, 1000).has_value());
  CHECK_FALSE(reader.read(0, 999).has_value());
  CHECK(reader.read(0, 1001).has_value());
  CHECK_FALSE(reader.read(0, 1000).has_value());
  CHECK(reader.read(1, 1).has_value());
}

TEST_CASE("a damaged memory of a share is no reason to trust") {
  Reader reader;
  CHECK(reader.read(3, 1000).has_value());
  std::ofstream(reader.file()) << "{}";
  CHECK(reader.read(4, 1000).error().code == Code::integrity);
  std::filesystem::remove(reader.file());
  CHECK(reader.read(2, 1000).has_value());
}

}  // namespace
}  // namespace inxt::client
