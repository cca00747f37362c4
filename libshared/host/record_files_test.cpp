// SPDX-License-Identifier: AGPL-3.0-or-later
#include "host/record_files.h"

#include "host/record_keeper.h"
#include "serve/background.h"
#include "support/host_world.h"
#include "sys/moving_directory.h"

using namespace inxt;           // NOLINT
using namespace inxt::testing;  // NOLINT

namespace {

const std::string kFolder = "audits";

std::string line_number(int number, std::size_t padding = 0) {
  return fmt::format("{{\"time\":{},\"text\":\"{}\"}}\n", number, std::string(padding, 'x'));
}

std::vector<std::string> all_of(sys::Directory& directory, std::vector<std::string> series) {
  std::vector<RecordReader> readers;
  for (const std::string& name : series) readers.emplace_back(directory, kFolder, name);
  std::vector<std::string> lines;
  const auto read = read_records(readers, [&](const std::string& line) -> Result<void> {
    lines.push_back(line + '\n');
    return {};
  });
  REQUIRE(read.has_value());
  return lines;
}

TEST_CASE("records come back in their order, from every start") {
  TemporaryFolder folder;
  const auto directory = *sys::open_directory(folder.path());
  CHECK(all_of(*directory, {"a"}).empty());
  std::vector<std::string> written;
  for (int start = 0; start < 5; ++start) {
    RecordFiles files(*directory, kFolder, "a");
    for (int i = 0; i < 3; ++i) {
      written.push_back(line_number(start * 10 + i));
      REQUIRE(files.append(written.back(), 1 << 20).has_value());
    }
  }
  CHECK(all_of(*directory, {"a"}) == written);
  CHECK(all_of(*directory, {"b"}).empty());
}

TEST_CASE("two series are merged by time") {
  TemporaryFolder folder;
  const auto directory = *sys::open_directory(folder.path());
  RecordFiles a(*directory, kFolder, "a"), b(*directory, kFolder, "b");
  REQUIRE(a.append(line_number(1) + line_number(4) + line_number(5), 1 << 20).has_value());
  REQUIRE(b.append(line_number(2) + line_number(3) + line_number(6), 1 << 20).has_value());
  std::vector<std::string> expected;
  for (int i = 1; i <= 6; ++i) expected.push_back(line_number(i));
  CHECK(all_of(*directory, {"a", "b"}) == expected);
}

TEST_CASE("records are bounded: the oldest go, the latest stay") {
  TemporaryFolder folder;
  const auto directory = *sys::open_directory(folder.path());
  constexpr std::uint64_t kMax = 1 << 20;
  RecordFiles files(*directory, kFolder, "a");
  for (int i = 0; i < 4000; ++i) {
    REQUIRE(files.append(line_number(i, 1000), kMax).has_value());
    CHECK(files.bytes() <= kMax);
  }
  const auto lines = all_of(*directory, {"a"});
  CHECK(lines.size() > 900);
  CHECK(lines.back() == line_number(3999, 1000));
  CHECK(lines.front() == line_number(4000 - static_cast<int>(lines.size()), 1000));

  std::uint64_t on_disk = 0;
  for (const auto& entry : fs::directory_iterator(folder.path() + "/audits")) on_disk += entry.file_size();
  CHECK(on_disk == files.bytes());
  // A lower limit holds from the next time on, nothing at all means none.
  REQUIRE(files.append({}, kMax / 4).has_value());
  CHECK(files.bytes() <= kMax / 4);
  CHECK(all_of(*directory, {"a"}).back() == line_number(3999, 1000));
  REQUIRE(files.append(line_number(1), 0).has_value());
  CHECK(all_of(*directory, {"a"}).empty());
  REQUIRE(files.append(line_number(2), kMax).has_value());
  CHECK(all_of(*directory, {"a"}) == std::vector<std::string>{line_number(2)});
}

TEST_CASE("many lines at once leave the latest, also where little may be kept") {
  TemporaryFolder folder;
  const auto directory = *sys::open_directory(folder.path());
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += line_number(i, 1000);
  RecordFiles files(*directory, kFolder, "a");
  REQUIRE(files.append(lines, 100'000).has_value());
  CHECK(files.bytes() <= 100'000);
  CHECK(files.bytes() > 50'000);
  CHECK(all_of(*directory, {"a"}).back() == line_number(999, 1000));
}

TEST_CASE("a line that a crash cut short is passed over, and strange files are left alone") {
  TemporaryFolder folder;
  const auto directory = *sys::open_directory(folder.path());
  {
    RecordFiles files(*directory, kFolder, "a");
    REQUIRE(files.append(line_number(1), 8 << 20).has_value());
  }
  const std::string path = folder.path() + "/audits/";
  std::ofstream(path + "a-0000000000000001.jsonl", std::ios::app) << "{\"time\":2,\"te";
  std::ofstream(path + "a-0000000000000002.jsonl") << std::string(2 * kRecordLineBytesMax, 'y') << "\n"
                                                   << line_number(3);
  for (const char* name : {"a-1.jsonl", "a-000000000000000G.jsonl", "a-000000000000000A.jsonl", "notes"})
    std::ofstream(path + name) << line_number(99);
  {
    RecordFiles files(*directory, kFolder, "a");
    REQUIRE(files.append(line_number(4), 8 << 20).has_value());
  }
  CHECK(all_of(*directory, {"a"}) ==
        std::vector<std::string>{line_number(1), line_number(3), line_number(4)});
  CHECK(fs::exists(path + "notes"));
}

TEST_CASE("a reader sees what comes later, across files") {
  TemporaryFolder folder;
  const auto directory = *sys::open_directory(folder.path());
  RecordFiles files(*directory, kFolder, "a");
  RecordReader reader(*directory, kFolder, "a");
  CHECK_FALSE(*reader.next());
  for (int i = 0; i < 300; ++i) {
    const std::string line = line_number(i, 2000);
    REQUIRE(files.append(line, std::uint64_t{8} << 20).has_value());
    if (i % 50 == 49) files.close();
    const auto read = reader.next();
    REQUIRE(read.has_value());
    REQUIRE(read->has_value());
    CHECK(**read + '\n' == line);
    CHECK_FALSE(*reader.next());
  }
}

TEST_CASE("a disk that takes nothing costs the records, not the Host, and says so once") {
  HostWorld world;
  std::ofstream(world.folder.path() + "/audits") << "a file where the folder should be";
  RecordKeeper keeper(*world.engine, *world.directory, [] { return false; });
  for (int i = 0; i < 3; ++i) {
    world.engine->audit_records().known().add(line_number(i));
    keeper.finish();
  }
  const auto first = world.logged.find("records-lost");
  REQUIRE(first != std::string::npos);
  CHECK(world.logged.find("records-lost", first + 1) == std::string::npos);
  CHECK(world.engine->audit_records().lost() == 3);
}

TEST_CASE("a queue that nobody empties is bounded") {
  RecordQueue queue;
  const std::string line = line_number(1, 100'000);
  for (int i = 0; i < 100; ++i) queue.add(line);
  CHECK(queue.lost() > 0);
  CHECK(queue.take().size() <= RecordQueue::kBytesMax);
  CHECK(queue.empty());
  queue.add(line);
  CHECK(queue.take() == line);
}

TEST_CASE("when a move begins, what is written goes where it does not pass by") {
  TemporaryFolder home, destination;
  HostWorld world;
  fs::create_directory(home.path() + "/tmp");  // every store has it
  sys::MovingDirectory directory(*sys::open_directory(home.path()));
  RecordKeeper keeper(*world.engine, directory, [&] { return directory.is_moving(); });
  const auto write = [&](int number) {
    world.engine->audit_records().known().add(line_number(number));
    keeper.finish();
  };
  write(1);
  REQUIRE(directory.begin(*sys::open_directory(destination.path())).has_value());
  write(2);
  const sys::Path folder{"audits"};
  const std::vector<sys::Entry> left = *directory.left_in(folder);
  for (const sys::Entry& entry : left) REQUIRE(directory.move_file(folder / entry.name).has_value());
  write(3);
  REQUIRE(directory.end({folder}, [](sys::Directory&, sys::Directory&) -> Result<void> { return {}; })
              .has_value());
  write(4);
  CHECK(all_of(directory, {"known"}) ==
        std::vector<std::string>{line_number(1), line_number(2), line_number(3), line_number(4)});
}

}  // namespace
