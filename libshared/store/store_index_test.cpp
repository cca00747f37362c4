// SPDX-License-Identifier: AGPL-3.0-or-later
// The saved index: what it saves, and everything that makes it doubtful.  And how long a start takes.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "format/contract.h"
#include "store/snapshot.h"
#include "support/sim_directory.h"
#include "support/store_world.h"
#include "sys/files.h"

using namespace inxt;
using namespace inxt::testing;
using namespace inxt::store;

namespace {

/// Until the folders' times are older than the allowance for coarse clocks: nobody can set them back.
void let_settle() {
  ::usleep(2'100'000);
}

struct ManyPieces : Fixture {
  std::vector<MadePiece> pieces;
  ManyPieces() {
    for (std::uint64_t i = 0; i < 30; ++i) {
      pieces.emplace_back(100 + i * 300, i, i % 3 == 0 ? kBob : kAlice);
      REQUIRE(put(*store, pieces.back()));
    }
  }
  std::string index_path() const { return folder.path + "/index"; }
  /// Closed in order, with every folder in the index.
  void close() {
    let_settle();
    REQUIRE(store->close());
    store.reset();
  }
  void check_all() {
    CHECK(store->stats().pieces == pieces.size());
    for (const MadePiece& piece : pieces) CHECK(is_whole(*store, piece));
  }
};

/// The contracts of a store as its inventory lists them.
std::vector<HeldContract> held_in_all(Store& store) {
  std::vector<HeldContract> held;
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    const HeldFolder here = store.held_in(folder).value();
    CHECK(here.unread == 0);
    held.insert(held.end(), here.contracts.begin(), here.contracts.end());
  }
  return held;
}

/// The bytes of an index of version 1 with what is in this one of version 2.
Bytes as_version_1(ByteView index) {
  Bytes old(view_of(kSnapshotMagic1).begin(), view_of(kSnapshotMagic1).end());
  std::size_t at = kSnapshotMagic.size();
  const auto take = [&](std::size_t size_bytes) {
    const ByteView part = index.subspan(at, size_bytes);
    at += size_bytes;
    return part;
  };
  for (;;) {
    const ByteView number = take(2);
    append(old, number);
    if (from_big_endian<std::uint16_t>(number) == 0xffff) break;
    append(old, take(24));
    const ByteView count = take(4);
    append(old, count);
    for (std::uint32_t i = 0; i < from_big_endian<std::uint32_t>(count); ++i) {
      append(old, take(73));
      take(32);
    }
  }
  append(old, take(4));
  append(old, crypto::sha256(old));
  return old;
}

}  // namespace

TEST_CASE(
    "index: a store that was closed in order is complete at once; one that was changed since is listed") {
  ManyPieces world;
  const std::uint64_t used = world.store->stats().used_bytes;
  world.close();
  CHECK(!fs::exists(world.folder.path + "/boot"));
  CHECK(fs::exists(world.index_path()));

  world.open();
  CHECK(fs::exists(world.folder.path + "/boot"));
  CHECK(!world.store->stats().rebuilding);
  CHECK(world.store->stats().folders_listed == kFolders);
  CHECK(world.store->stats().used_bytes == used);
  CHECK(world.store->list(kBob, std::nullopt, 100).value().size() == 10);
  world.check_all();
  CHECK(world.reports.empty());

  // Somebody removes a file while nobody looks.
  REQUIRE(world.store->close());
  world.store.reset();
  fs::remove(world.file_of(world.pieces[7]));
  world.open();
  CHECK(world.store->stats().rebuilding);
  CHECK(world.store->stats().folders_listed == kFolders - 1);
  world.store->rebuild_index();
  CHECK(world.store->stats().used_bytes == used - file_bytes(world.pieces[7].trailer.size_bytes));
  world.pieces.erase(world.pieces.begin() + 7);
  world.check_all();
}

TEST_CASE("index: it knows each contract by its hash: at once, after a restart, and from trailers") {
  ManyPieces world;
  MadePiece shared(100, 0, kBob);  // two contracts about one piece
  REQUIRE(shared.id() == world.pieces[0].id());
  shared.trailer.account = kAlice;
  shared.trailer.acceptance = "another acceptance";
  REQUIRE(put(*world.store, shared));
  const std::size_t folder = folder_of(shared.id());
  const std::vector<HeldContract> held = held_in_all(*world.store);
  CHECK(held.size() == 31);
  for (const MadePiece& piece : world.pieces)
    CHECK(std::ranges::binary_search(
        held, HeldContract{piece.id(), static_cast<std::uint32_t>(piece.trailer.size_bytes),
                           format::contract_hash(piece.trailer.acceptance)}));
  CHECK(std::ranges::is_sorted(held));

  // What changes a folder's part is told; a renewal does not.
  const std::uint64_t changes = world.store->inventory_changes(folder);
  CHECK(world.store->held_in(folder)->changes == changes);
  REQUIRE(world.store->renew(shared.id(), kAlice, format::offer_hash(shared.trailer.offer), {"r", "a"}));
  CHECK(world.store->inventory_changes(folder) == changes);
  REQUIRE(world.store->remove(shared.id(), kAlice));
  CHECK(world.store->inventory_changes(folder) != changes);
  REQUIRE(put(*world.store, shared));

  world.close();
  const auto check_again = [&](std::uint64_t unknown) {
    world.open();
    CHECK(!world.store->stats().rebuilding);
    CHECK(world.store->stats().contracts_unknown == unknown);
    world.store->learn_terms();
    CHECK(world.store->stats().contracts_unknown == 0);
    CHECK(held_in_all(*world.store) == held);
  };
  check_again(0);
  REQUIRE(world.store->close());
  world.store.reset();

  // As an earlier release left it.
  const Bytes index = sys::read_file(world.index_path(), 1 << 20, "index").value();
  const Bytes old = as_version_1(index);
  const auto write_old = [&] {
    std::ofstream(world.index_path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(old.data()), static_cast<std::streamsize>(old.size()));
  };
  write_old();
  check_again(31);
  REQUIRE(world.store->close());
  world.store.reset();
  write_old();
  world.open();
  CHECK(held_in_all(*world.store) == held);  // nobody has learnt them before
  CHECK(world.reports.empty());
}

TEST_CASE("index: a kill costs the folders that changed since it was saved; another boot costs all") {
  ManyPieces world;
  let_settle();
  REQUIRE(world.store->save_index());
  CHECK(world.store->stats().index_saved_unix_s > 0);
  MadePiece late(5000, 1000, kAlice);
  REQUIRE(put(*world.store, late));
  world.open();  // without close(): as after a kill
  CHECK(world.store->stats().rebuilding);
  CHECK(world.store->stats().folders_listed == kFolders - 1);
  world.store->rebuild_index();
  CHECK(is_whole(*world.store, late));
  world.pieces.push_back(std::move(late));
  world.check_all();

  world.store.reset();
  std::ofstream(world.folder.path + "/boot") << "another-boot\n";
  world.open();
  CHECK(!fs::exists(world.index_path()));
  CHECK(world.store->stats().pieces == 0);                                           // nothing listed yet
  for (const MadePiece& piece : world.pieces) CHECK(is_whole(*world.store, piece));  // but served
  world.store->rebuild_index();
  world.check_all();
  CHECK(world.reports.empty());
}

TEST_CASE("index: a disk without room for the mark of a start is opened, and has no index for the next") {
  std::uint64_t opened_without = 0;
  for (std::uint64_t n = 0; n < 20; ++n) {
    CAPTURE(n);
    SimDirectory disk;
    std::vector<std::string> reports;
    Options options;
    options.capacity_bytes = 1 << 20;
    options.report = [&reports](const std::string& what) { reports.push_back(what); };
    MadePiece piece(5000, 1, kAlice), second(3000, 2, kAlice);
    {
      auto store = Store::open(disk, options).value();
      REQUIRE(put(*store, piece));
      disk.pass_ns(std::int64_t{10'000'000'000});
      REQUIRE(store->close());
    }
    REQUIRE(disk.look_up({"index"}).value());
    REQUIRE(!disk.look_up({"boot"}).value());
    disk.fail_at(n, Code::quota, false);
    {
      auto store = Store::open(disk, options);
      if (!store || disk.look_up({"boot"}).value()) continue;  // another call failed
      ++opened_without;
      disk.stop_failing();
      CHECK(reports.size() == 1);
      CHECK(!disk.look_up({"index"}).value());
      CHECK(is_whole(**store, piece));
      REQUIRE(put(**store, second));  // there is room again
      disk.cut_power();
    }
    auto store = Store::open(disk, options).value();
    CHECK(store->stats().rebuilding);
    store->rebuild_index();
    CHECK(store->stats().pieces == 2);
    CHECK(is_whole(*store, second));
  }
  CHECK(opened_without > 0);
}

TEST_CASE("index: a store that was opened on a full disk is left in order") {
  SimDirectory disk;
  Options options;
  options.capacity_bytes = 1 << 20;
  for (std::uint64_t n = 0; n < 20; ++n) {
    disk.fail_at(n, Code::quota, false);
    auto store = Store::open(disk, options);
    disk.stop_failing();
    if (store) REQUIRE((*store)->close());
    CHECK(!disk.look_up({"boot"}).value());
  }
}

TEST_CASE("index: folders that changed a moment ago are left out of it") {
  ManyPieces world;
  REQUIRE(world.store->save_index());
  world.open();
  CHECK(world.store->stats().rebuilding);
  CHECK(world.store->stats().pieces == 0);
}

TEST_CASE("index: a damaged one is as good as none, at every byte") {
  ManyPieces world;
  world.close();
  const Bytes good = sys::read_file(world.index_path(), 1 << 20, "index").value();
  world.open();
  CHECK(!world.store->stats().rebuilding);
  REQUIRE(world.store->close());
  world.store.reset();
  const auto try_bytes = [&](const Bytes& bytes) {
    std::ofstream(world.index_path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    fs::remove(world.folder.path + "/boot");
    world.reports.clear();
    world.open();
    CHECK(world.store->stats().rebuilding);
    CHECK(world.reports.size() == 1);
    CHECK(world.store->stats().pieces == 0);
    world.store.reset();
  };
  for (std::size_t at = 0; at < good.size(); at += at < 200 ? 7 : 331) {
    CAPTURE(at);
    Bytes bad = good;
    bad[at] ^= std::byte{1};
    try_bytes(bad);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, good.size() / 2, good.size() - 1}) {
    CAPTURE(size);
    try_bytes(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  world.open();
  world.store->rebuild_index();
  world.check_all();
}

TEST_CASE("index: accounts that have nothing left are forgotten") {
  Index index;
  PieceId piece;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    AccountId account;
    std::ranges::copy(big_endian(i), account.bytes.begin());
    piece.bytes[0] = std::byte(i);
    IndexEntry entry;
    entry.key = {piece, account};
    entry.blocks = 1;
    entry.size_bytes = 77;
    index.insert(entry);
    if (i >= 10) {
      AccountId old;
      std::ranges::copy(big_endian(i - 10), old.bytes.begin());
      PieceId its;
      its.bytes[0] = std::byte(i - 10);
      CHECK(index.erase({its, old}));
    }
    CHECK(index.accounts() <= 11);
    CHECK(index.find(entry.key)->key == entry.key);
    CHECK(index.find(entry.key)->size_bytes == 77);
  }
}

// Not a test: figures of this machine.  INXT_MEASURE_DIR=... test_store -ns -tc='measure: starts*' -s
// Makes the store when there is none, and leaves it there.  As root it also measures with cold caches.
TEST_CASE("measure: starts with 500,000 pieces" * doctest::skip()) {
  const char* where = std::getenv("INXT_MEASURE_DIR");
  const char* wanted = std::getenv("INXT_MEASURE_PIECES");
  const std::string path =
      (where != nullptr ? std::string(where) : std::string("/var/tmp")) + "/inxt-measure-starts";
  const std::uint64_t count = wanted != nullptr ? std::stoull(wanted) : 500'000;
  const auto seconds_of = [](const auto& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const auto directory = sys::open_directory(path).value();
  const auto open = [&] { return Store::open(*directory, {.capacity_bytes = kPlenty}).value(); };
  const auto drop_caches = [] {
    ::sync();
    std::ofstream("/proc/sys/vm/drop_caches") << "3";
  };
  const std::string none = fmt::format(R"({{"until":{}}})", 2'000'000'000);
  {
    const auto store = open();
    store->make_folders();
    store->rebuild_index();
    // Written past the store, which would sync each: 16 KiB of file each.
    const double made = seconds_of([&] {
      for (std::uint64_t i = store->stats().pieces; i < count; ++i) {
        MadePiece piece(33 + i % 4000, i, account_number(static_cast<std::uint8_t>(i % 50)));
        piece.trailer.offer = "o." + to_base64url(view_of(none)) + "." + std::to_string(i);
        CHECK_BUG(piece.buffer.finish(piece.tree, piece.trailer));
        const auto file =
            directory->create(path_of({piece.id(), piece.trailer.account}), sys::Caching::cached).value();
        CHECK_BUG(file->write_at(0, piece.buffer.image()));
      }
    });
    fmt::print("made in {:.1f} s\n", made);
    CHECK_BUG(directory->sync_everything());
  }
  ::sleep(3);
  const auto measure = [&](const char* name, bool learn) {
    std::unique_ptr<Store> store;
    const double opened = seconds_of([&] { store = open(); });
    const bool was_rebuilding = store->stats().rebuilding;
    const double rebuilt = seconds_of([&] { store->rebuild_index(); });
    fmt::print("{}: open {:.3f} s{}, rebuild {:.3f} s, {} pieces", name, opened,
               was_rebuilding ? " (to be rebuilt)" : "", rebuilt, store->stats().pieces);
    if (learn) fmt::print(", terms {:.3f} s", seconds_of([&] { store->learn_terms(); }));
    fmt::print("\n");
    fmt::print("  save and close {:.3f} s\n", seconds_of([&] { CHECK_BUG(store->close()); }));
  };
  const auto forget = [&] { fs::remove(path + "/index"); };
  forget();
  measure("no index, warm", true);
  measure("index, warm", false);
  if (::geteuid() == 0) {
    drop_caches();
    measure("index, cold", false);
    forget();
    drop_caches();
    measure("no index, cold", true);
  }
  fmt::print("index: {} bytes\n", fs::file_size(path + "/index"));
}
