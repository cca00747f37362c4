// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/journal_log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "sys/unix_address.h"

namespace inxt::serve {
namespace {

/// A socket where journald would have its own.
class FakeJournal {
 public:
  FakeJournal() {
    std::string name = (std::filesystem::temp_directory_path() / "inxt-journal-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    listen();
  }
  ~FakeJournal() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/socket"; }
  void listen() {
    ::unlink(path().c_str());
    fd_ = sys::Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto address = sys::unix_address(path()).value();
    REQUIRE(::bind(fd_.number(), address.get(), address.size_bytes) == 0);
  }
  /// The next datagram; empty for none.
  std::string take() const {
    std::string text(sys::kJournalEntryBytesMax, '\0');
    const auto size = ::recv(fd_.number(), text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

 private:
  std::string folder_;
  sys::Fd fd_;
};

/// Reads the native protocol as its documentation says it.
std::multimap<std::string, std::string> parse(std::string_view datagram) {
  std::multimap<std::string, std::string> fields;
  while (!datagram.empty()) {
    const std::size_t end = datagram.find_first_of("=\n");
    REQUIRE(end != std::string_view::npos);
    const std::string name(datagram.substr(0, end));
    const bool is_text = datagram[end] == '=';
    datagram.remove_prefix(end + 1);
    std::size_t size = 0;
    if (is_text) {
      size = datagram.find('\n');
    } else {
      REQUIRE(datagram.size() >= 8);
      for (int i = 7; i >= 0; --i)
        size = size << 8 | static_cast<unsigned char>(datagram[static_cast<std::size_t>(i)]);
      datagram.remove_prefix(8);
    }
    REQUIRE(size < datagram.size());
    fields.emplace(name, datagram.substr(0, size));
    REQUIRE(datagram[size] == '\n');
    datagram.remove_prefix(size + 1);
  }
  return fields;
}

TEST_CASE("an event is an entry of the journal, with a field for each of its own") {
  const FakeJournal there;
  const sys::ManualClock clock(1'800'000'000);
  std::string lines;
  Log log = Log::of_records(clock, LogLevel::info,
                            journal_sink(sys::Journal::open(there.path()).value(), "inxt-host",
                                         [&](std::string_view line) { lines += line; }));
  log.write(LogLevel::debug, "request", {{"target", "/"}});
  CHECK(there.take().empty());
  log.write(LogLevel::info, "index-ready", {{"pieces", "3"}, {"used-bytes", "12288"}});
  auto fields = parse(there.take());
  const auto one = [&](const std::string& name) {
    REQUIRE(fields.count(name) == 1);
    return fields.find(name)->second;
  };
  CHECK(one("MESSAGE") == "index-ready pieces=3 used-bytes=12288");
  CHECK(one("PRIORITY") == "6");
  CHECK(one("SYSLOG_IDENTIFIER") == "inxt-host");
  CHECK(one("INXT_EVENT") == "index-ready");
  CHECK(one("INXT_PIECES") == "3");
  CHECK(one("INXT_USED_BYTES") == "12288");
  CHECK(one("MESSAGE_ID") == *message_id("index-ready"));
  CHECK(fields.size() == 7);

  // What a peer sent cannot make fields of its own.
  log.write(LogLevel::error, "refused", {{"reason", "x\nPRIORITY=0\nINXT_PIECE=y"}});
  fields = parse(there.take());
  CHECK(one("PRIORITY") == "3");
  CHECK(one("INXT_REASON") == "x\nPRIORITY=0\nINXT_PIECE=y");
  CHECK(one("MESSAGE") == "refused reason=\"x\\x0aPRIORITY=0\\x0aINXT_PIECE=y\"");
  CHECK(fields.count("INXT_PIECE") == 0);
  CHECK(fields.count("MESSAGE_ID") == 0);
  log.write(LogLevel::info, "long", {{"target", std::string(100'000, '\n')}});
  fields = parse(there.take());
  CHECK(one("INXT_TARGET").size() == kLogValueBytesMax);
  CHECK(lines.empty());
}

TEST_CASE("a journal that was started again is found, and one that is gone is no end") {
  FakeJournal there;
  const sys::ManualClock clock(1'800'000'000);
  std::string lines;
  Log log = Log::of_records(clock, LogLevel::info,
                            journal_sink(sys::Journal::open(there.path()).value(), "inxt-host",
                                         [&](std::string_view line) { lines += line; }));
  there.listen();
  log.write(LogLevel::info, "stored", {});
  CHECK(parse(there.take()).find("INXT_EVENT")->second == "stored");
  std::filesystem::remove(there.path());
  there.listen();
  std::filesystem::remove(there.path());
  log.write(LogLevel::info, "deleted", {});
  CHECK(lines.ends_with("level=info event=deleted\n"));
  CHECK(!sys::Journal::open(there.path()));
  CHECK(sys::Journal::open("relative").error().code == Code::usage);
}

TEST_CASE("a journal without room is not waited for; what was lost is told") {
  const FakeJournal there;
  const sys::ManualClock clock(1'800'000'000);
  std::string lines;
  Log log = Log::of_records(clock, LogLevel::info,
                            journal_sink(sys::Journal::open(there.path()).value(), "inxt-host",
                                         [&](std::string_view line) { lines += line; }));
  constexpr int kWritten = 20'000;
  for (int i = 0; i < kWritten; ++i) log.write(LogLevel::info, "stored", {{"reason", std::string(500, 'x')}});
  int came = 0;
  while (!there.take().empty()) ++came;
  REQUIRE(came > 0);
  REQUIRE(came < kWritten);
  log.write(LogLevel::info, "stored", {});
  const auto lost = parse(there.take());
  CHECK(lost.find("INXT_EVENT")->second == "log-lost");
  CHECK(lost.find("INXT_ENTRIES")->second == std::to_string(kWritten - came));
  CHECK(parse(there.take()).find("INXT_EVENT")->second == "stored");
  CHECK(there.take().empty());
  CHECK(lines.empty());
}

TEST_CASE("names of journal fields") {
  CHECK(sys::journal_field_name("used-bytes") == "USED_BYTES");
  CHECK(sys::journal_field_name("_x") == "X_X");
  CHECK(sys::journal_field_name("") == "X");
  CHECK(sys::journal_field_name(std::string(100, 'a')).size() == 64);
  CHECK(message_id("ready"));
  for (const auto* leaving : {"retire", "pause", "released", "drain"}) CHECK(message_id(leaving));
  CHECK(!message_id("request"));
}

}  // namespace
}  // namespace inxt::serve
