// SPDX-License-Identifier: LGPL-3.0-or-later
#include "cli/progress.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/signals.h"

namespace inxt::cli {
namespace {

struct Pipe {
  int ends[2];
  Pipe() { REQUIRE(pipe2(ends, O_NONBLOCK) == 0); }
  ~Pipe() { close(ends[0]), close(ends[1]); }
  std::string read_all() {
    std::string text(65536, '\0');
    const ssize_t got = read(ends[0], text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }
};

TEST_CASE("progress as JSON is rate-limited and tells rate and time left") {
  Pipe pipe;
  sys::ManualClock clock(0);
  Progress progress(ProgressMode::json, pipe.ends[1], clock);
  progress.begin("putting", 1000000);
  progress.set_hosts(6);
  for (int i = 0; i < 100; ++i) {  // 10 s, 1000 bytes every 100 ms
    clock.advance_ms(100);
    progress.add_bytes(1000);
  }
  std::string text = pipe.read_all();
  auto lines = std::count(text.begin(), text.end(), '\n');
  CHECK(lines >= 9);
  CHECK(lines <= 11);
  auto last = nlohmann::json::parse(text.substr(text.rfind('\n', text.size() - 2) + 1))["progress"];
  CHECK(last["bytes_per_s"] == 10000);
  CHECK(last["hosts"] == 6);
  CHECK(last["seconds_left"] > 80);
  progress.finish();
  CHECK(pipe.read_all().find("\"done\":true") != std::string::npos);
  progress.finish();
  CHECK(pipe.read_all().empty());
}

TEST_CASE("a meter is for terminals only") {
  Pipe pipe;
  sys::ManualClock clock(0);
  for (ProgressMode mode : {ProgressMode::automatic, ProgressMode::never}) {
    Progress progress(mode, pipe.ends[1], clock);
    progress.begin("putting", 10);
    clock.advance_ms(100000);
    progress.add_bytes(5);
    progress.finish();
  }
  CHECK(pipe.read_all().empty());
  Progress plain(ProgressMode::plain, pipe.ends[1], clock);
  plain.begin("getting", 2000000);
  clock.advance_ms(10000);
  plain.add_bytes(1000000);
  CHECK(pipe.read_all() == "getting: 1.00 MB of 2.00 MB (50 %), 100 kB/s, 10 s left\n");
}

TEST_CASE("a stop stays readable, and the first signal counts") {
  Stop& stop = Stop::of_process();
  CHECK(!stop.requested());
  raise(SIGTERM);
  CHECK(stop.requested());
  stop.request(SIGINT);
  CHECK(stop.signal() == SIGTERM);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(stop.fd(), &set);
  timeval none{};
  CHECK(select(stop.fd() + 1, &set, nullptr, nullptr, &none) == 1);
}

}  // namespace
}  // namespace inxt::cli
