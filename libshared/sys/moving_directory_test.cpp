// SPDX-License-Identifier: AGPL-3.0-or-later
#include "sys/moving_directory.h"

#include <doctest/doctest.h>

#include <map>

#include "support/sim_directory.h"

using namespace inxt;
using inxt::testing::SimDirectory;

namespace {

const std::vector<sys::Path> kFolders{sys::Path{"pieces", "000"}, sys::Path{"pieces", "001"}};

Bytes content(std::uint64_t number) {
  Bytes bytes(4096 * (1 + number % 3));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(number * 31 + i % 251);
  return bytes;
}

Result<void> write_file(sys::Directory& directory, const sys::Path& path, ByteView bytes,
                        std::uint64_t number) {
  const sys::Path temporary{"tmp", std::to_string(number)};
  {
    const auto file = TRY(directory.create(temporary, sys::Caching::cached));
    TRY(file->write_at(0, bytes));
    TRY(file->sync());
  }
  TRY(directory.rename(temporary, path));
  return directory.sync_folder(path.parent());
}

Result<Bytes> read_in(sys::Directory& directory, const sys::Path& path) {
  const auto file = TRY(directory.open(path, sys::Caching::cached));
  Bytes bytes(static_cast<std::size_t>(TRY(file->size_bytes())));
  bytes.resize(TRY(file->read_at(0, bytes)));
  return bytes;
}

std::shared_ptr<SimDirectory> made_home(std::uint64_t seed) {
  auto home = std::make_shared<SimDirectory>(seed);
  for (const sys::Path& path : {sys::Path{"tmp"}, sys::Path{"pieces"}, kFolders[0], kFolders[1]})
    REQUIRE(home->make_folder(path));
  REQUIRE(home->sync_everything());
  return home;
}

/// What one name may hold: contents by number, 0 for nothing.
struct Allowed {
  std::set<std::uint64_t> numbers{0};
};

/// A life of puts, deletes and moves in which the power is cut and calls fail; everything that was
/// acknowledged holds at every moment.
void live(std::uint64_t seed) {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto home = made_home(seed);
  const auto destination = std::make_shared<SimDirectory>(seed + 1);
  auto both = std::make_unique<sys::MovingDirectory>(home);
  bool has_begun = false, has_ended = false;
  std::map<std::string, std::pair<sys::Path, Allowed>> model;
  for (const sys::Path& folder : kFolders)
    for (const char* name : {"a", "b", "c"}) model[(folder / name).text()] = {folder / name, {}};
  std::uint64_t number = 0;

  // What is seen before it was synced may be another thing after a power cut.
  const auto check = [&](bool is_durable) {
    for (auto& [name, entry] : model) {
      auto& [path, allowed] = entry;
      CAPTURE(name);
      const auto bytes = read_in(*both, path);
      std::uint64_t found = 0;
      if (bytes) {
        for (const std::uint64_t one : allowed.numbers)
          if (one != 0 && *bytes == content(one)) found = one;
        CHECK(found != 0);
      } else {
        CHECK(bytes.error().code == Code::not_found);
      }
      CHECK(allowed.numbers.contains(found));
      if (is_durable) allowed.numbers = {found};
      CHECK(both->look_up(path).value().has_value() == (found != 0));
      std::size_t listed = 0;
      const std::vector<sys::Entry> entries = both->list(path.parent()).value();
      for (const sys::Entry& one : entries)
        if ((path.parent() / one.name).text() == name) ++listed;
      CHECK(listed == (found != 0 ? 1u : 0u));
    }
  };

  const auto reopen = [&] {
    home->cut_power();
    destination->cut_power();
    if (has_ended) return;
    both = std::make_unique<sys::MovingDirectory>(home);
    for (const sys::Path& folder : {sys::Path{"tmp"}, kFolders[0], kFolders[1]})
      REQUIRE(home->make_folder(folder));
    if (has_begun) REQUIRE(both->begin(destination));
    // What survived is taken for durable by those who are told of it.
    REQUIRE(both->sync_everything());
  };

  for (int step = 0; step < 60; ++step) {
    auto& [path, allowed] =
        std::next(model.begin(), static_cast<std::ptrdiff_t>(random() % model.size()))->second;
    const bool dies = random() % 4 == 0;
    if (dies || random() % 8 == 0) {
      const std::uint64_t at = random() % 10;
      SimDirectory& failing = random() % 2 ? *home : *destination;
      failing.fail_at(at, random() % 2 ? Code::failure : Code::quota, dies);
    }
    switch (random() % 7) {
      case 0:
      case 1: {
        const std::uint64_t next = ++number;
        if (write_file(*both, path, content(next), next))
          allowed.numbers = {next};
        else
          allowed.numbers.insert(next);
        break;
      }
      case 2: {
        Result<void> removed = both->remove(path);
        if (removed || removed.error().code == Code::not_found) removed = both->sync_folder(path.parent());
        if (removed)
          allowed.numbers = {0};
        else
          allowed.numbers.insert(0);
        break;
      }
      case 3:
        if (!has_begun && both->begin(destination)) has_begun = true;
        break;
      case 4:
      case 5:
        if (both->is_moving()) {
          (void)both->move_file(path);
          (void)both->sync_home(path.parent());
        }
        break;
      case 6:
        if (both->is_moving()) {
          const auto ended = both->end(
              kFolders, [](sys::Directory&, sys::Directory& there) { return there.sync_everything(); });
          if (ended) has_ended = true;
        }
        break;
    }
    home->stop_failing();
    destination->stop_failing();
    if (dies) reopen();
    check(dies && !has_ended);
  }
}

}  // namespace

TEST_CASE("what was acknowledged holds while a store moves, whatever fails") {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) live(seed * 2);
}

TEST_CASE("a move carries everything over, and home is left empty") {
  const auto home = made_home(1);
  const auto destination = std::make_shared<SimDirectory>(2);
  sys::MovingDirectory both(home);
  for (std::uint64_t i = 0; i < 5; ++i)
    REQUIRE(write_file(both, kFolders[i % 2] / std::to_string(i), content(i), i));
  REQUIRE(both.begin(destination));
  CHECK(both.is_moving());
  const auto seal = [](sys::Directory&, sys::Directory& there) { return there.sync_everything(); };
  CHECK(both.end(kFolders, seal).error().code == Code::try_again);

  std::uint64_t bytes = 0;
  for (const sys::Path& folder : kFolders) {
    const std::vector<sys::Entry> left = both.left_in(folder).value();
    for (const sys::Entry& entry : left) bytes += both.move_file(folder / entry.name).value();
  }
  CHECK(bytes == 4096 * (1 + 2 + 3 + 1 + 2));
  CHECK(both.move_file(kFolders[0] / "gone").value() == 0);
  REQUIRE(both.end(kFolders, seal));
  CHECK(!both.is_moving());
  CHECK(home->bytes_below("pieces/") == 0);
  for (std::uint64_t i = 0; i < 5; ++i)
    CHECK(read_in(both, kFolders[i % 2] / std::to_string(i)).value() == content(i));
}

TEST_CASE("what is removed while it is copied stays removed") {
  const auto home = made_home(1);
  const auto destination = std::make_shared<SimDirectory>(2);
  sys::MovingDirectory both(home);
  const sys::Path path = kFolders[0] / "a";
  REQUIRE(write_file(both, path, content(1), 1));
  REQUIRE(both.begin(destination));
  // A copy without its name, as a crash leaves it.
  REQUIRE(write_file(*destination, path, content(1), 9));
  REQUIRE(both.remove(path));
  CHECK(!both.look_up(path).value());
  CHECK(both.remove(path).error().code == Code::not_found);
}
