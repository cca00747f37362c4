// SPDX-License-Identifier: AGPL-3.0-or-later
// Writers that all append at once, sign anew when another was faster, and send again when a process has died.
#include <fmt/core.h>

#include <cstdio>
#include <map>

#include "crypto/random.h"
#include "log_load/options.h"
#include "support/log_writer.h"
#include "sys/clock.h"
#include "transfer/http_bridge_log.h"

namespace inxt::log_load {
namespace {

using testing::LogWriter;

constexpr std::int64_t kPatienceMs = 120'000;  // with processes that do not answer, for one entry

std::int64_t now_ms() {
  return sys::SystemClock().steady_ms();
}

class Load {
 public:
  explicit Load(const Options& options) : options_(options), http_(loop_.executor()) {
    acks_ = std::fopen(options.acks.empty() ? "/dev/null" : options.acks.c_str(), "a");
    CHECK_BUG(acks_ != nullptr);
  }
  ~Load() { std::fclose(acks_); }

  bool run() {
    const std::int64_t begun_ms = now_ms();
    loop_.run(run_all());
    const double seconds = static_cast<double>(now_ms() - begun_ms) / 1000;
    fmt::print(R"({{"appended":{},"conflicts":{},"again":{},"seconds":{:.3f},"per_second":{:.0f}}})"
               "\n",
               appended_, conflicts_, again_, seconds, static_cast<double>(appended_) / seconds);
    return !failed_ && appended_ == options_.writers * options_.entries;
  }

 private:
  net::Awaitable<void> run_all() {
    for (std::uint64_t i = 0; i < options_.writers; ++i) net::spawn(loop_.executor(), write(i));
    while (done_ < options_.writers) co_await net::sleep_for(std::chrono::milliseconds(5));
  }

  net::Awaitable<void> write(std::uint64_t number) {
    LogWriter writer(options_.owner * 1'000'000 + number, tree_number(options_, number % options_.logs));
    std::uint64_t at = number;  // the process that it asks
    for (std::uint64_t i = 0; i < options_.entries && !failed_; i += options_.batch) {
      Batch batch;
      for (std::uint64_t n = i; n < std::min(options_.entries, i + options_.batch); ++n)
        add_change(writer, batch, fmt::format("/{}/{}", number, n));
      co_await append_one(writer, batch, number, at);
    }
    ++done_;
  }

  /// What one append is to do: operations, one an entry, and the records that they name.
  struct Batch {
    transfer::LogAppend lines;
    std::vector<std::vector<format::Op>> entries;
  };

  void add_change(LogWriter& writer, Batch& batch, std::string path) {
    if (options_.record_bytes == 0) {
      batch.entries.push_back({format::MkdirOp{.path = std::move(path), .mode = 0755}});
      return;
    }
    Bytes bytes(options_.record_bytes * 3 / 4);
    random_.fill(bytes);
    const auto record = writer.record(to_base64url(bytes));
    batch.lines.records.push_back(record.line);
    batch.entries.push_back({writer.put(std::move(path), record)});
  }

  /// Behind the head that the writer knows.
  static std::vector<format::LogHead> sign(LogWriter& writer, Batch& batch) {
    std::vector<format::LogHead> heads;
    batch.lines.entries.clear();
    for (const auto& ops : batch.entries) {
      batch.lines.entries.push_back(writer.entry(ops));
      heads.push_back(writer.head);
    }
    return heads;
  }

  net::Awaitable<void> append_one(LogWriter& writer, Batch& batch, std::uint64_t number, std::uint64_t& at) {
    std::vector<format::LogHead> mine = sign(writer, batch);
    const std::int64_t begun_ms = now_ms();
    while (!failed_) {
      transfer::BridgeClient& client = client_of(number, at);
      transfer::HttpBridgeLog log(client);
      auto answer = co_await log.append(writer.log(), batch.lines);
      if (!answer && answer.error().code == Code::try_again && now_ms() - begun_ms < kPatienceMs) {
        ++again_;
        ++at;  // the same lines, to the next process
        continue;
      }
      if (!answer) {
        fmt::print(stderr, "writer {}: {}\n", number, answer.error().what);
        failed_ = true;
        co_return;
      }
      if (answer->appended) {
        appended_ += mine.size();
        for (const format::LogHead& head : mine)
          fmt::print(acks_, "{} {} {}\n", number % options_.logs, head.seq, to_hex(head.hash));
        writer.head = answer->head;
        co_return;
      }
      ++conflicts_;
      writer.head = answer->head;
      mine = sign(writer, batch);
    }
  }

  transfer::BridgeClient& client_of(std::uint64_t number, std::uint64_t at) {
    auto& [asks, client] = clients_[number];
    if (!client || asks != at) client.emplace(client_at(options_, http_, random_, at));
    asks = at;
    return *client;
  }

  const Options& options_;
  net::EventLoop loop_;
  net::HttpClient http_;
  crypto::SystemRandom random_;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::optional<transfer::BridgeClient>>>
      clients_;  // by writer
  std::FILE* acks_;
  std::uint64_t appended_ = 0, conflicts_ = 0, again_ = 0, done_ = 0;
  bool failed_ = false;
};

}  // namespace

bool append(const Options& options) {
  return Load(options).run();
}

}  // namespace inxt::log_load
