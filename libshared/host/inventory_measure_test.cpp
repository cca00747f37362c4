// SPDX-License-Identifier: LGPL-3.0-or-later
// Not a test: figures of this machine, by scripts/bench inventory.
//   INXT_MEASURE_DIR=... INXT_MEASURE_PIECES=... test_host -ns -s -tc='measure: an inventory*'
// Makes the store when there is none, and leaves it there.  As root it also measures with cold caches.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "base/check.h"
#include "format/inventory_requests.h"
#include "host/inventory.h"
#include "host/run_inventory.h"
#include "serve/background.h"
#include "support/host_world.h"
#include "support/pieces.h"

namespace inxt::host {
namespace {

using namespace inxt::testing;  // NOLINT: tests

constexpr std::size_t kSamples = 460;  // find 1 % damage with 99 % confidence

/// Counts what is read of the files of pieces and of all others.
class CountingDirectory final : public sys::Directory {
 public:
  struct Reads {
    std::atomic<std::uint64_t> calls = 0, bytes = 0;
  };

  explicit CountingDirectory(std::unique_ptr<sys::Directory> directory) : real_(std::move(directory)) {}
  Reads pieces, others;
  void reset() { pieces.calls = pieces.bytes = others.calls = others.bytes = 0; }

  Result<std::unique_ptr<sys::DirectoryFile>> open(const sys::Path& path, sys::Caching caching) override {
    auto file = TRY(real_->open(path, caching));
    return std::make_unique<File>(std::move(file), path.text().starts_with("pieces/") ? pieces : others);
  }
  Result<std::unique_ptr<sys::DirectoryFile>> create(const sys::Path& path, sys::Caching caching) override {
    return real_->create(path, caching);
  }
  Result<void> rename(const sys::Path& from, const sys::Path& to) override { return real_->rename(from, to); }
  Result<void> remove(const sys::Path& path) override { return real_->remove(path); }
  Result<void> make_folder(const sys::Path& path) override { return real_->make_folder(path); }
  Result<void> sync_folder(const sys::Path& path) override { return real_->sync_folder(path); }
  Result<void> sync_everything() override { return real_->sync_everything(); }
  Result<std::vector<sys::Entry>> list(const sys::Path& path) override { return real_->list(path); }
  Result<std::optional<sys::Entry>> look_up(const sys::Path& path) override { return real_->look_up(path); }
  Result<std::unique_ptr<sys::DirectoryLock>> lock(const sys::Path& path) override {
    return real_->lock(path);
  }
  Result<sys::Space> space() override { return real_->space(); }
  Result<std::string> boot_id() override { return real_->boot_id(); }
  std::string description() const override { return real_->description(); }

 private:
  class File final : public sys::DirectoryFile {
   public:
    File(std::unique_ptr<sys::DirectoryFile> file, Reads& reads) : real_(std::move(file)), reads_(reads) {}
    Result<std::size_t> read_at(std::uint64_t offset, ByteSpan out) override {
      ++reads_.calls;
      reads_.bytes += out.size();
      return real_->read_at(offset, out);
    }
    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
      return real_->write_at(offset, bytes);
    }
    Result<void> sync() override { return real_->sync(); }
    Result<std::uint64_t> size_bytes() override { return real_->size_bytes(); }

   private:
    std::unique_ptr<sys::DirectoryFile> real_;
    Reads& reads_;
  };
  std::unique_ptr<sys::Directory> real_;
};

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// What the kernel read from the disk for this process so far.
std::uint64_t disk_bytes() {
  std::ifstream io("/proc/self/io");
  for (std::string line; std::getline(io, line);)
    if (line.starts_with("read_bytes: ")) return std::stoull(line.substr(12));
  return 0;
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  statm >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

bool drop_caches() {
  if (::geteuid() != 0) return false;
  ::sync();
  std::ofstream("/proc/sys/vm/drop_caches") << "3";
  return true;
}

void fill(sys::Directory& directory, std::uint64_t count) {
  const auto store = *store::Store::open(directory, {.capacity_bytes = std::uint64_t{1} << 40});
  store->make_folders();
  store->rebuild_index();
  const std::uint64_t there = store->stats().pieces;
  const std::string none = R"({"until":2000000000})";
  // Written past the store, which would sync each: 16 KiB of file each.
  const double made = seconds_of([&] {
    for (std::uint64_t i = there; i < count; ++i) {
      MadePiece piece(33 + i % 4000, i, account_number(static_cast<std::uint8_t>(i % 50)));
      piece.trailer.offer = "o." + to_base64url(view_of(none)) + "." + std::to_string(i);
      CHECK_BUG(piece.buffer.finish(piece.tree, piece.trailer));
      const auto file = *directory.create(store::path_of(store::Key{piece.id(), piece.trailer.account}),
                                          sys::Caching::cached);
      CHECK_BUG(file->write_at(0, piece.buffer.image()));
    }
  });
  CHECK_BUG(directory.sync_everything());
  fmt::print("{} pieces made in {:.1f} s\n", count - std::min(there, count), made);
}

/// A Host with a large store, asked over TLS on the loopback.
class Measured {
 public:
  explicit Measured(const std::string& path) : disk_(*sys::open_directory(path)) {
    store_ = *store::Store::open(
        disk_, {.capacity_bytes = std::uint64_t{1} << 40, .read_caching = sys::Caching::cached});
    store_->rebuild_index();
    const double learnt = seconds_of([&] { store_->learn_terms(); });
    fmt::print("{} pieces, trailers read in {:.1f} s, {:.0f} MB of memory\n", store_->stats().pieces, learnt,
               resident_mb());
    Options options;
    options.accept = AcceptList::any();
    options.audit_rates = {.bytes_per_s = std::uint64_t{1} << 32,
                           .bytes_per_s_per_peer = std::uint64_t{1} << 32};
    engine_.emplace(Parts{*store_, workers_, clock_, random_, key_, log_}, options);
    server_.emplace(loop_.executor(), *net::TlsIdentity::make(key_), *engine_);
    address_ = *server_->listen("127.0.0.1:0");
    http_.emplace(loop_.executor());
  }
  ~Measured() {
    http_.reset();
    loop_.run(server_->stop(std::chrono::milliseconds(2000)));
    inventory_.reset();
    CHECK_BUG(store_->close());
  }

  void start() {
    inventory_.reset();
    inventory_.emplace(loop_.executor(), InventoryParts{*store_, workers_, clock_, key_, log_}, disk_);
    const double loaded = seconds_of([&] { CHECK_BUG(inventory_->load()); });
    engine_->set_inventory(*inventory_);
    fmt::print("inventory loaded in {:.1f} ms\n", 1e3 * loaded);
  }
  double make_head() {
    clock_.advance_ms(3600 * 1000);
    CHECK_BUG(inventory_->is_due(std::nullopt));
    const double took = seconds_of([&] { CHECK_BUG(loop_.run(inventory_->make())); });
    head_ = inventory_->latest()->head();
    return took;
  }
  void put(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      MadePiece piece(1000, random_number(), account_number(1));
      auto admitted = *store_->reserve(piece.id(), piece.trailer.account, 1000);
      CHECK_BUG(store_->commit(std::get<store::Reservation>(std::move(admitted)), piece.buffer, piece.tree,
                               piece.trailer));
    }
  }
  /// Asks for kSamples blocks.
  void ask(const char* name) {
    if (head_.head.pieces == 0) head_ = inventory_->latest()->head();
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < kSamples; ++i) numbers.push_back(random_number() % head_.head.root.blocks);
    std::uint64_t asked_bytes = 0, answered_bytes = 0;
    disk_.reset();
    const std::uint64_t read_before = disk_bytes();
    const double took = seconds_of([&] {
      for (std::size_t at = 0; at < numbers.size(); at += format::kSamplesPerRequestMax) {
        const std::size_t end = std::min(numbers.size(), at + format::kSamplesPerRequestMax);
        const std::string body = format::write_inventory_request(
            {.challenge = crypto::sha256(view_of("c")),
             .head = head_.hash,
             .numbers = {numbers.begin() + static_cast<std::ptrdiff_t>(at),
                         numbers.begin() + static_cast<std::ptrdiff_t>(end)}});
        net::Request request(Method::post, "/v1/inventory/audit");
        request.body = view_of(body);
        request.response_bytes_max = std::size_t{16} << 20;
        const auto response = loop_.run(
            http_->send(net::Endpoint(address_, key_.public_key(), &peer_.tls), std::move(request)));
        CHECK_BUG(response && response->status == 200);
        asked_bytes += body.size();
        answered_bytes += response->body.size();
        CHECK_BUG(text_of(response->body).find("\"missing\"") == std::string_view::npos);
      }
    });
    fmt::print(
        "| {} | {:.1f} ms | {:.2f} reads of pieces, {} KB | {} other reads, {} KB | {} KB from the disk | {} "
        "B asked, "
        "{} KB answered |\n",
        name, 1e3 * took, static_cast<double>(disk_.pieces.calls) / kSamples, disk_.pieces.bytes / 1000,
        disk_.others.calls.load(), disk_.others.bytes / 1000, (disk_bytes() - read_before) / 1000,
        asked_bytes, answered_bytes / 1000);
  }

 private:
  std::uint64_t random_number() { return from_big_endian<std::uint64_t>(random_.bytes<8>()); }

  CountingDirectory disk_;
  // Later than every head that an earlier run has left.
  sys::ManualClock clock_{std::time(nullptr)};
  crypto::SystemRandom random_;
  crypto::SigningKey key_ = crypto::SigningKey::from_seed(random_.bytes<32>());
  Peer peer_{3};
  Log log_{clock_, LogLevel::error, [](std::string_view line) { fmt::print("{}", line); }};
  net::EventLoop loop_;
  net::WorkerPool workers_{{.threads = 2, .queued_max = 64}};
  std::unique_ptr<store::Store> store_;
  std::optional<Inventory> inventory_;
  std::optional<Host> engine_;
  std::optional<net::HttpServer> server_;
  std::optional<net::HttpClient> http_;
  std::string address_;
  format::SignedHead head_;
};

TEST_CASE("measure: an inventory of 100,000 pieces" * doctest::skip()) {
  crypto::start();
  const char* where = std::getenv("INXT_MEASURE_DIR");
  const char* wanted = std::getenv("INXT_MEASURE_PIECES");
  const std::string path =
      (where != nullptr ? std::string(where) : std::string("/var/tmp")) + "/inxt-measure-inventory";
  fill(**sys::open_directory(path), wanted != nullptr ? std::stoull(wanted) : 100'000);
  Measured host(path);
  host.start();
  const double before_mb = resident_mb();
  fmt::print("first head, every folder hashed: {:.0f} ms\n", 1e3 * host.make_head());
  fmt::print("memory for it: {:.0f} MB\n", resident_mb() - before_mb);
  for (const std::uint64_t count : {1, 10, 100, 1000}) {
    host.put(count);
    const double took = host.make_head();
    fmt::print("head after {} new pieces: {:.1f} ms, {:.3f} ms a piece\n", count, 1e3 * took,
               1e3 * took / static_cast<double>(count));
  }
  for (int i = 0; i < 5; ++i) host.ask("warm");
  for (int i = 0; i < 3 && drop_caches(); ++i) host.ask("cold");
  host.start();
  if (drop_caches()) host.ask("cold, after a restart");
  host.ask("after a restart");
  host.ask("then");
}

}  // namespace
}  // namespace inxt::host
