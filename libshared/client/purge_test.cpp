// SPDX-License-Identifier: AGPL-3.0-or-later
// Which versions a purge ends, where a delegated machine named records of the owner's.
#include "client/purge.h"

#include <doctest/doctest.h>

namespace inxt::client {
namespace {

format::RecordId record(std::uint8_t number) {
  format::RecordId id;
  id.bytes.fill(std::byte{number});
  return id;
}

struct Log {
  void apply(std::uint32_t uploader, const format::Op& op) {
    tree.apply({.seq = ++seq, .time_unix_s = 1000, .uploader = uploader, .owner_unix_s = 1000}, op);
  }
  void put(std::uint32_t uploader, std::string path, std::uint8_t number) {
    format::PutOp op;
    op.path = std::move(path);
    op.record = record(number);
    op.object = {op.record.bytes};
    apply(uploader, op);
  }
  std::vector<format::RecordId> kept_at(std::string_view folder) const {
    return kept_records(tree, [&](std::string_view path) { return path.starts_with(folder); });
  }

  tree::Tree tree;
  std::uint64_t seq = 0;
};

TEST_CASE("removing a false name for good does not end the owner's version of what it names") {
  Log log;
  log.put(0, "/diary", 1);
  log.put(0, "/diary", 2);  // 1 is kept
  log.put(3, "/in/false", 1);
  log.put(3, "/in/own", 4);
  log.apply(0, format::RmOp{"/in", true});
  CHECK(log.kept_at("/in") == std::vector{record(4)});
  CHECK(log.kept_at("/diary") == std::vector{record(1)});
  CHECK(log.kept_at("/") == std::vector{record(1), record(4)});
}

TEST_CASE("a false name does not hold the owner's version that is to end") {
  Log log;
  log.put(0, "/diary", 1);
  log.put(0, "/other", 2);
  log.put(3, "/in/false", 1);
  log.put(3, "/in/too", 2);
  log.put(3, "/in/own", 4);
  log.apply(0, format::RmOp{"/diary", false});
  CHECK(shown_records(log.tree) == std::set{record(2), record(4)});
}

}  // namespace
}  // namespace inxt::client
