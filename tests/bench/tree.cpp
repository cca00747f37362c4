// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-bench-tree NAMES OPS FOLDER: an owner's names from a log in memory, cold from its entries and warm
// from the cache in FOLDER, as one JSON object.  OPS operations stand in one entry.  Run by scripts/bench
// tree.
#include "client/tree.h"

#include <fmt/core.h>
#include <malloc.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "net/event_loop.h"
#include "support/memory_bridge_log.h"

namespace inxt {
namespace {

double now_s(clockid_t clock) {
  std::timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Timed {
  double wall_s = now_s(CLOCK_MONOTONIC), cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID);
  std::string json() const {
    return fmt::format(R"({{"wall_s":{:.3f},"cpu_s":{:.3f}}})", now_s(CLOCK_MONOTONIC) - wall_s,
                       now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_s);
  }
};

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "inxt-bench-tree: {}\n", result.error().what);
  std::exit(1);
}

std::size_t heap_bytes() {
  return mallinfo2().uordblks;
}

class Bench {
 public:
  Bench(std::size_t names, std::size_t ops, std::string folder)
      : names_(names), ops_(ops), folder_(std::move(folder)) {
    ByteArray<32> entropy{};
    key_.emplace(keys::Key::of_owner(keys::OwnerKeys::from_entropy(entropy)));
  }

  void run() {
    const Timed signing;
    make_log();
    const auto signing_json = signing.json();
    std::filesystem::remove_all(folder_ + "/state");
    std::filesystem::remove_all(folder_ + "/cache");

    const auto before = heap_bytes();
    const Timed fold;
    tree::Tree tree;
    for (std::size_t i = 0; i < names_; ++i)
      tree.apply({.seq = 1 + i / ops_, .time_unix_s = 1, .uploader = 0, .owner_unix_s = 0}, put(i));
    const auto fold_json = fold.json();
    const double bytes_a_name = static_cast<double>(heap_bytes() - before) / static_cast<double>(names_);

    const Timed cold;
    open();
    const auto cold_json = cold.json();
    const Timed warm;
    auto view = open();
    const auto warm_json = warm.json();
    const Timed listing;
    std::size_t listed = 0;
    for (std::string after;;) {
      const auto page = view->tree().list(view->tree().find("/folder")->node, after, 1000);
      if (page.empty()) break;
      listed += page.size();
      after = page.back().name;
    }
    const auto listing_json = listing.json();
    if (listed != names_) std::exit(1);
    const auto cache_bytes = std::filesystem::file_size(folder_ + "/cache/" + view->log().hex());
    fmt::print(
        R"({{"names":{},"ops_an_entry":{},"signing":{},"fold":{},"bytes_a_name":{:.0f},"cold":{},"warm":{},)"
        R"("list":{},"cache_bytes":{},"log_bytes":{}}})"
        "\n",
        names_, ops_, signing_json, fold_json, bytes_a_name, cold_json, warm_json, listing_json, cache_bytes,
        log_bytes_);
  }

 private:
  format::PutOp put(std::size_t i) {
    format::PutOp op;
    op.path = fmt::format("/folder/photograph {:07}.jpg", i);
    crypto::SeededRandom(i).fill(op.record.bytes);
    op.object = {op.record.bytes};
    op.bytes = 1000 + i;
    op.mtime_unix_s = 1'700'000'000 + static_cast<std::int64_t>(i);
    op.mode = 0644;
    op.base.saw = format::Base::Saw::nothing;
    return op;
  }

  void make_log() {
    const auto tree_key = format::TreeKey::of(*key_->recipient_secret());
    auto& log = bridge_.logs[tree_key.log()];
    const auto& writer = key_->uploader();
    format::EntryHead head{.log = tree_key.log(),
                           .seq = 1,
                           .prev = {},
                           .writer = writer.writer_id(),
                           .uploader = 0,
                           .certificate = {},
                           .time_unix_s = 1,
                           .does = {}};
    for (std::size_t i = 0; i < names_;) {
      std::vector<format::Op> ops;
      for (; ops.size() < ops_ && i < names_; ++i) ops.emplace_back(put(i));
      log.entries.push_back(must(format::sign_entry(
          head, ops, format::BodySealer::of_owner(tree_key.entry_key()), writer.writer(), random_)));
      head.prev = format::entry_hash(log.entries.back());
      ++head.seq;
      log_bytes_ += log.entries.back().size() + 1;
    }
  }

  std::unique_ptr<client::TreeView> open() {
    const client::TreeOptions options{.log = {},
                                      .state_folder = folder_ + "/state",
                                      .cache_folder = folder_ + "/cache",
                                      .cache = true,
                                      .append_wait_ms_max = 5};
    return must(loop_.run(client::TreeView::open(
        {.bridge = bridge_, .workers = workers_, .clock = clock_, .random = random_}, *key_, options)));
  }

  std::size_t names_, ops_;
  std::string folder_;
  std::size_t log_bytes_ = 0;
  std::optional<keys::Key> key_;
  sys::SystemClock clock_;
  crypto::SystemRandom random_;
  net::EventLoop loop_;
  net::WorkerPool workers_;
  testing::MemoryBridgeLog bridge_;
};

}  // namespace
}  // namespace inxt

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  inxt::crypto::start();
  inxt::Bench(std::strtoul(argv[1], nullptr, 10), std::strtoul(argv[2], nullptr, 10), argv[3]).run();
}
