// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/store.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/check.h"
#include "format/contract.h"
#include "support/store_world.h"
#include "support/tests_dir.h"
#include "sys/files.h"

using namespace inxt;
using namespace inxt::testing;
using namespace inxt::store;

TEST_CASE("pieces come back: whole, in ranges, in blocks; also after a restart") {
  Fixture fixture;
  std::vector<MadePiece> pieces;
  std::uint64_t bytes = 0;
  for (const std::uint64_t size : {1, 4095, 4096, 4097, 262145, 2097152}) {
    pieces.emplace_back(size, size, kAlice);
    REQUIRE(put(*fixture.store, pieces.back()));
    bytes += file_bytes(size);
  }
  for (int round = 0; round < 2; ++round) {
    for (const MadePiece& piece : pieces) {
      CAPTURE(piece.trailer.size_bytes);
      CHECK(is_whole(*fixture.store, piece));
      const auto info = fixture.store->find(piece.id()).value();
      REQUIRE(info);
      CHECK(info->account == kAlice);
      CHECK(info->size_bytes == piece.trailer.size_bytes);
      CHECK(fixture.store->find(piece.id(), kAlice).value()->size_bytes == piece.trailer.size_bytes);
      CHECK(!fixture.store->find(piece.id(), kBob).value());
      CHECK(fs::file_size(fixture.file_of(piece)) == file_bytes(piece.trailer.size_bytes));
      auto opened = fixture.store->open_piece(piece.id()).value();
      AlignedBuffer scratch;
      const std::uint64_t size = piece.trailer.size_bytes;
      for (const std::uint64_t from : {std::uint64_t{0}, size / 3, size / 2, size - 1})
        for (const std::uint64_t length :
             {std::uint64_t{0}, std::uint64_t{1}, (size - from) / 2, size - from}) {
          const auto part = opened.read(from, length, scratch).value();
          CHECK(std::ranges::equal(part, ByteView(piece.buffer.data()).subspan(from, length)));
        }
      CHECK(opened.read(0, size + 1, scratch).error().code == Code::usage);
      CHECK(opened.read(size + 1, 0, scratch).error().code == Code::usage);
      CHECK(opened.read(~std::uint64_t{0}, 2, scratch).error().code == Code::usage);
      CHECK(fixture.store->read_block(piece.id(), proof::blocks_in(size)).error().code == Code::usage);
      for (std::uint64_t block = 0; block < proof::blocks_in(size); block += 61) {
        const auto proof = fixture.store->read_block(piece.id(), block).value();
        CHECK(proof.size_bytes == size);
        CHECK(proof.path == piece.tree.path(block));
        CHECK(proof::leaf_hash(proof.data) == piece.tree.leaves()[block]);
      }
    }
    CHECK(fixture.store->stats().used_bytes == bytes);
    CHECK(fixture.store->stats().pieces == pieces.size());
    fixture.reopen_and_rebuild();
  }
  CHECK(fixture.reports.empty());
  const MadePiece other(10, 77, kAlice);
  CHECK(!fixture.store->find(other.id()).value());
  CHECK(fixture.store->open_piece(other.id()).error().code == Code::not_found);
  CHECK(fixture.store->read_block(other.id(), 0).error().code == Code::not_found);
  CHECK(fixture.store->read_trailer(pieces[0].id(), kBob).error().code == Code::not_found);
  CHECK(fixture.store->remove(other.id(), kAlice).error().code == Code::not_found);
}

TEST_CASE("the quota is exact to the byte, and a reservation counts at once") {
  const std::uint64_t each = file_bytes(4097);
  Fixture fixture(2 * each);
  MadePiece a(4097, 1, kAlice), b(4097, 2, kAlice), c(1, 3, kAlice);
  auto first = std::get<Reservation>(fixture.store->reserve(a.id(), kAlice, 4097).value());
  CHECK(fixture.store->stats().reserved_bytes == each);
  CHECK(fixture.store->stats().free_bytes == each);
  {
    const auto second = fixture.store->reserve(b.id(), kAlice, 4097).value();
    CHECK(fixture.store->stats().free_bytes == 0);
    const auto full = fixture.store->reserve(c.id(), kAlice, 1);
    REQUIRE(!full);
    CHECK(full.error().code == Code::quota);
    CHECK(full.error().what.find(fmt::format("{} bytes are needed, 0 are free", file_bytes(1))) !=
          std::string::npos);
  }
  CHECK(fixture.store->stats().reserved_bytes == each);
  REQUIRE(fixture.store->commit(std::move(first), a.buffer, a.tree, a.trailer));
  REQUIRE(put(*fixture.store, b));
  Stats stats = fixture.store->stats();
  CHECK(stats.used_bytes == 2 * each);
  CHECK(stats.reserved_bytes == 0);
  CHECK(stats.free_bytes == 0);
  CHECK(put(*fixture.store, c).error().code == Code::quota);
  REQUIRE(fixture.store->remove(a.id(), kAlice));
  CHECK(fixture.store->stats().free_bytes == each);
  REQUIRE(put(*fixture.store, c));
  CHECK(!fixture.store->find(a.id()).value());
  CHECK(!fs::exists(fixture.file_of(a)));

  fixture.open(file_bytes(1));  // lowered below what is used
  fixture.store->rebuild_index();
  stats = fixture.store->stats();
  CHECK(stats.used_bytes == each + file_bytes(1));
  CHECK(stats.free_bytes == 0);
  CHECK(put(*fixture.store, a).error().code == Code::quota);
  CHECK(is_whole(*fixture.store, b));
  fixture.open(2 * each + file_bytes(1) - 1);
  fixture.store->rebuild_index();
  CHECK(put(*fixture.store, a).error().code == Code::quota);
  fixture.open(2 * each + file_bytes(1));
  fixture.store->rebuild_index();
  CHECK(put(*fixture.store, a));
}

TEST_CASE("an account's bytes are known after every start, and no two puts pass what it may have") {
  const std::uint64_t each = file_bytes(4097);
  Fixture fixture;
  MadePiece a(4097, 1, kAlice), b(4097, 2, kAlice), c(4097, 3, kAlice), of_bob(300'000, 1, kBob);
  const auto reserve = [&](const MadePiece& piece, std::uint64_t bytes_max) {
    return fixture.store->reserve(piece.id(), piece.trailer.account, piece.trailer.size_bytes, bytes_max);
  };
  const auto check_refused = [&](const auto& refused) {
    REQUIRE(!refused);
    CHECK(refused.error().code == Code::quota);
    CHECK(refused.error().what.find("(voucher_bytes)") != std::string::npos);
  };
  CHECK(fixture.store->account_bytes(kAlice) == 0);
  check_refused(reserve(a, 0));
  check_refused(reserve(a, each - 1));
  {
    auto first = std::get<Reservation>(reserve(a, 2 * each).value());
    CHECK(fixture.store->account_bytes(kAlice) == 0);  // what is on its way is not held
    {
      const auto second = std::get<Reservation>(reserve(b, 2 * each).value());
      check_refused(reserve(c, 2 * each));
      check_refused(reserve(c, 3 * each - 1));
      CHECK(reserve(c, 3 * each));
      CHECK(reserve(of_bob, file_bytes(300'000)));  // another account's are not counted
    }
    CHECK(reserve(c, 2 * each));  // given back
    REQUIRE(fixture.store->commit(std::move(first), a.buffer, a.tree, a.trailer));
  }
  CHECK(fixture.store->account_bytes(kAlice) == each);
  CHECK(std::holds_alternative<Trailer>(reserve(a, 0).value()));  // it is here: nothing is asked for
  check_refused(reserve(b, 2 * each - 1));
  REQUIRE(put(*fixture.store, b));
  REQUIRE(put(*fixture.store, of_bob));
  REQUIRE(fixture.store->renew(a.id(), kAlice, format::offer_hash(a.trailer.offer), {"r", "a"}));
  for (int start = 0; start < 3; ++start) {
    CAPTURE(start);
    CHECK(fixture.store->account_bytes(kAlice) == 2 * each);  // renewals are not in it
    CHECK(fixture.store->account_bytes(kBob) == file_bytes(300'000));
    if (start == 1) REQUIRE(fixture.store->close());  // the next from the index, the first without
    fixture.reopen_and_rebuild();
  }
  REQUIRE(fixture.store->remove(a.id(), kAlice));
  CHECK(fixture.store->account_bytes(kAlice) == each);
  REQUIRE(fixture.store->remove(b.id(), kAlice));
  CHECK(fixture.store->account_bytes(kAlice) == 0);
  CHECK(fixture.store->account_bytes(kBob) == file_bytes(300'000));
}

TEST_CASE("sizes that no piece has are refused") {
  Fixture fixture;
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{2097153}, ~std::uint64_t{0}})
    CHECK(fixture.store->reserve(PieceId{}, kAlice, size).error().code == Code::usage);
}

TEST_CASE(
    "the same piece again: its contract, nothing stored twice; one PUT at a time; other accounts keep their "
    "own") {
  Fixture fixture;
  MadePiece piece(5000, 1, kAlice), again(5000, 1, kAlice), bobs(5000, 1, kBob);
  again.trailer.offer = "another offer";
  {
    const auto first = fixture.store->reserve(piece.id(), kAlice, 5000).value();
    CHECK(std::holds_alternative<Reservation>(first));
    CHECK(fixture.store->reserve(piece.id(), kAlice, 5000).error().code == Code::try_again);
    CHECK(fixture.store->remove(piece.id(), kAlice).error().code == Code::try_again);
    CHECK(fixture.store->reserve(piece.id(), kBob, 5000));
  }
  REQUIRE(put(*fixture.store, piece));
  const auto second = fixture.store->reserve(again.id(), kAlice, 5000).value();
  REQUIRE(std::holds_alternative<Trailer>(second));
  CHECK(std::get<Trailer>(second) == piece.trailer);
  CHECK(fixture.store->stats().used_bytes == file_bytes(5000));
  REQUIRE(put(*fixture.store, bobs));
  CHECK(fixture.store->stats().used_bytes == 2 * file_bytes(5000));
  CHECK(fixture.store->stats().pieces == 2);
  REQUIRE(fixture.store->remove(piece.id(), kAlice));
  CHECK(fixture.store->find(piece.id()).value()->account == kBob);
  CHECK(is_whole(*fixture.store, bobs));
  CHECK(fixture.store->remove(piece.id(), kAlice).error().code == Code::not_found);
}

TEST_CASE("a piece that is removed while it is read stays readable to that reader") {
  Fixture fixture;
  MadePiece piece(100'000, 1, kAlice);
  REQUIRE(put(*fixture.store, piece));
  auto opened = fixture.store->open_piece(piece.id()).value();
  REQUIRE(fixture.store->remove(piece.id(), kAlice));
  AlignedBuffer scratch;
  CHECK(proof::piece_id_of(opened.read(0, 100'000, scratch).value()) == piece.id());
}

TEST_CASE("lists by account, in order, in pages") {
  Fixture fixture;
  std::vector<PieceId> expected;
  for (std::uint64_t i = 0; i < 40; ++i) {
    MadePiece piece(16, i, i % 4 == 0 ? kBob : kAlice);
    REQUIRE(put(*fixture.store, piece));
    if (i % 4 != 0) expected.push_back(piece.id());
  }
  std::ranges::sort(expected);
  for (int round = 0; round < 2; ++round) {
    std::vector<PieceId> listed;
    std::optional<PieceId> after;
    for (;;) {
      const auto page = fixture.store->list(kAlice, after, 7).value();
      if (page.empty()) break;
      CHECK(page.size() <= 7);
      listed.insert(listed.end(), page.begin(), page.end());
      after = page.back();
    }
    CHECK(listed == expected);
    CHECK(fixture.store->list(kBob, std::nullopt, 1000).value().size() == 10);
    CHECK(fixture.store->list(account_number(1), std::nullopt, 1000).value().empty());
    fixture.open();
    CHECK(fixture.store->list(kAlice, std::nullopt, 7).error().code == Code::try_again);
    fixture.store->rebuild_index();
  }
}

TEST_CASE("while the index is rebuilt, pieces are served and new ones wait") {
  Fixture fixture;
  MadePiece a(5000, 1, kAlice), b(5000, 2, kAlice), c(5000, 3, kAlice);
  CHECK(!fixture.store->stats().rebuilding);  // nothing to count in a new store
  REQUIRE(put(*fixture.store, a));
  REQUIRE(put(*fixture.store, b));
  fixture.open();
  CHECK(fixture.store->stats().rebuilding);
  CHECK(is_whole(*fixture.store, a));
  CHECK(std::holds_alternative<Trailer>(fixture.store->reserve(a.id(), kAlice, 5000).value()));
  CHECK(fixture.store->reserve(c.id(), kAlice, 5000).error().code == Code::try_again);
  REQUIRE(fixture.store->remove(a.id(), kAlice));
  CHECK(!fixture.store->find(a.id()).value());
  fixture.store->rebuild_index();
  CHECK(!fixture.store->stats().rebuilding);
  CHECK(fixture.store->stats().used_bytes == file_bytes(5000));
  CHECK(fixture.store->stats().pieces == 1);
  CHECK(!fixture.store->find(a.id()).value());
  CHECK(is_whole(*fixture.store, b));
  REQUIRE(put(*fixture.store, c));
}

TEST_CASE("readers, removers and the rebuilding thread at the same time") {
  Fixture fixture;
  std::vector<MadePiece> pieces;
  for (std::uint64_t i = 0; i < 300; ++i) {
    pieces.emplace_back(16 + i, i, kAlice);
    REQUIRE(put(*fixture.store, pieces.back()));
  }
  fixture.open();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] { fixture.store->rebuild_index(); });
    for (std::size_t start = 0; start < 2; ++start)
      threads.emplace_back([&, start] {
        for (std::size_t i = start; i < pieces.size(); i += 2) {
          const MadePiece& piece = pieces[pieces.size() - 1 - i];
          if (!is_whole(*fixture.store, piece)) ++wrong;
          if (i % 3 == 0 && !fixture.store->remove(piece.id(), kAlice)) ++wrong;
        }
      });
  }
  CHECK(wrong == 0);
  std::uint64_t bytes = 0, left = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const MadePiece& piece = pieces[pieces.size() - 1 - i];
    CHECK(fixture.store->find(piece.id()).value().has_value() == (i % 3 != 0));
    if (i % 3 == 0) continue;
    bytes += file_bytes(piece.trailer.size_bytes);
    ++left;
  }
  CHECK(fixture.store->stats().pieces == left);
  CHECK(fixture.store->stats().used_bytes == bytes);
  CHECK(fixture.reports.empty());
}

TEST_CASE("threads that store the same pieces at the same time store each once") {
  Fixture fixture;
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&] {
        for (std::uint64_t i = 0; i < 50; ++i) {
          MadePiece piece(3000, i, kAlice);
          const auto stored = put(*fixture.store, piece);
          if (!stored && stored.error().code != Code::try_again) ++failed;
        }
      });
  }
  CHECK(failed == 0);
  CHECK(fixture.store->stats().pieces == 50);
  CHECK(fixture.store->stats().used_bytes == 50 * file_bytes(3000));
  CHECK(fixture.store->stats().reserved_bytes == 0);
  CHECK(fs::is_empty(fixture.folder.path + "/tmp"));
}

TEST_CASE("damage costs one piece, is reported once, and is mended by storing the piece again") {
  Fixture fixture;
  MadePiece good(5000, 1, kAlice), trailer(5000, 2, kAlice), cut(5000, 3, kAlice), odd(5000, 4, kAlice),
      lost(5000, 5, kAlice), swapped(5000, 6, kAlice);
  for (MadePiece* piece : {&good, &trailer, &cut, &odd, &lost, &swapped})
    REQUIRE(put(*fixture.store, *piece));
  fixture.open();
  overwrite(fixture.file_of(trailer), file_bytes(5000) - 100, "x");
  fs::resize_file(fixture.file_of(cut), 3 * 4096);
  fs::resize_file(fixture.file_of(odd), 5001);
  fs::copy_file(fixture.file_of(good), fixture.file_of(swapped), fs::copy_options::overwrite_existing);
  fixture.store->rebuild_index();
  CHECK(fixture.store->stats().used_bytes == 4 * file_bytes(5000) + 3 * 4096 + 5001);
  CHECK(fixture.store->stats().damaged == 2);
  CHECK(fixture.reports.size() == 2);
  fs::remove(fixture.file_of(lost));
  for (int round = 0; round < 2; ++round) {
    for (const MadePiece* piece : {&trailer, &cut, &odd, &lost, &swapped}) {
      CHECK(!fixture.store->find(piece->id()).value());
      CHECK(fixture.store->open_piece(piece->id()).error().code == Code::not_found);
    }
    CHECK(fixture.reports.size() == 5);
    CHECK(is_whole(*fixture.store, good));
  }
  CHECK(fixture.store->stats().damaged == 4);
  CHECK(fixture.store->stats().pieces == 1);
  for (MadePiece* piece : {&trailer, &cut, &odd, &lost, &swapped}) {
    REQUIRE(put(*fixture.store, *piece));
    CHECK(is_whole(*fixture.store, *piece));
  }
  CHECK(fixture.store->stats().used_bytes == 6 * file_bytes(5000));
  CHECK(fixture.store->stats().damaged == 0);

  fs::resize_file(fixture.file_of(cut), 4096);
  CHECK(!fixture.store->find(cut.id(), kAlice).value() ==
        false);  // its size is remembered, the file not yet asked
  CHECK(fixture.store->open_piece(cut.id()).error().code == Code::not_found);
  REQUIRE(fixture.store->remove(cut.id(), kAlice));
  CHECK(!fs::exists(fixture.file_of(cut)));
  CHECK(fixture.store->stats().used_bytes == 5 * file_bytes(5000));
}

TEST_CASE("folders are made beforehand, or when they are needed") {
  Fixture fixture;
  MadePiece before(5000, 1, kAlice), after(5000, 2, kAlice);
  REQUIRE(put(*fixture.store, before));
  fixture.store->make_folders();
  const fs::path pieces = fixture.folder.path + "/pieces";
  CHECK(std::distance(fs::directory_iterator(pieces), fs::directory_iterator()) == 4096);
  REQUIRE(put(*fixture.store, after));
  fixture.reopen_and_rebuild();
  CHECK(is_whole(*fixture.store, before));
  CHECK(is_whole(*fixture.store, after));
  CHECK(fixture.store->stats().pieces == 2);
  fixture.open();
  fixture.store->stop();
  fixture.store->rebuild_index();
  CHECK(fixture.store->stats().rebuilding);  // told to stop: not done
  CHECK(fixture.reports.empty());
}

TEST_CASE("what is not ours is reported and left alone") {
  Fixture fixture;
  MadePiece piece(5000, 1, kAlice);
  REQUIRE(put(*fixture.store, piece));
  const std::string in = fs::path(fixture.file_of(piece)).parent_path().string();
  const std::string hex = piece.id().hex(), wrong_place = (hex[0] == '0' ? "1" : "0") + hex.substr(1);
  const std::string alice = kAlice.hex();
  std::size_t foreign = 0;
  for (const std::string& name :
       {std::string("notes.txt"), hex, hex + "-", hex + "_" + alice, hex + "-" + alice + "x",
        wrong_place + "-" + alice, hex + "-" + std::string(64, 'G')}) {
    std::ofstream(in + "/" + name) << "foreign";
    ++foreign;
  }
  fs::create_directory(in + "/" + hex + "-" + kBob.hex());
  fs::create_directory(fixture.folder.path + "/pieces/xyz");
  fs::create_directory(fixture.folder.path + "/pieces/ABC");
  std::ofstream(fixture.folder.path + "/pieces/file") << "foreign";
  std::ofstream(fixture.folder.path + "/tmp/12") << "left over";
  fs::create_directory(fixture.folder.path + "/tmp/folder");
  foreign += 5;
  fixture.reopen_and_rebuild();
  CHECK(fixture.reports.size() == foreign);
  CHECK(fixture.store->stats().pieces == 1);
  CHECK(fixture.store->stats().used_bytes == file_bytes(5000));
  CHECK(is_whole(*fixture.store, piece));
  CHECK(fs::exists(in + "/notes.txt"));
  CHECK(!fs::exists(fixture.folder.path + "/tmp/12"));
}

TEST_CASE("opening: one process at a time, its own folder, its own version") {
  Fixture fixture;
  const auto other = sys::open_directory(fixture.folder.path).value();
  CHECK(Store::open(*other, {.capacity_bytes = 1}).error().code == Code::locked);
  fixture.store.reset();
  CHECK(Store::open(*other, {.capacity_bytes = 1}));
  CHECK(std::string(text_of(sys::read_file(fixture.folder.path + "/version", 99, "version").value())) ==
        "inxt-store 1\n");
  std::ofstream(fixture.folder.path + "/version") << "inxt-store 2\n";
  const auto later = Store::open(*other, {.capacity_bytes = 1});
  REQUIRE(!later);
  CHECK(later.error().what.find("inxt-store 2") != std::string::npos);
  std::ofstream(fixture.folder.path + "/version") << "";
  CHECK(!Store::open(*other, {.capacity_bytes = 1}));

  const TempFolder home;
  std::ofstream(home.path + "/thesis.tex") << "x";
  const auto at_home = sys::open_directory(home.path).value();
  CHECK(Store::open(*at_home, {.capacity_bytes = 1}).error().code == Code::usage);
  CHECK(std::distance(fs::directory_iterator(home.path), fs::directory_iterator()) == 1);

  fs::remove(fixture.folder.path + "/version");
  fs::create_directories(fixture.folder.path + "/pieces/abc");
  CHECK(Store::open(*other, {.capacity_bytes = 1}).error().code == Code::integrity);
}

TEST_CASE("golden: the store of version 1 is opened and served") {
  const TempFolder folder;
  fs::copy(testing::tests_dir() + "/golden/store-v1", folder.path, fs::copy_options::recursive);
  const auto directory = sys::open_directory(folder.path).value();
  const auto store = Store::open(*directory, {.capacity_bytes = kPlenty}).value();
  store->rebuild_index();
  CHECK(store->stats().pieces == 1);
  CHECK(is_whole(*store, MadePiece(5000, 2026, account_number(0xa1))));
}

// Not a test: figures of this machine.  test_store -ns -tc='measure*' -s; INXT_MEASURE_DIR says on which
// disk.
TEST_CASE("measure: commits, reads, audit reads" * doctest::skip()) {
  const char* where = std::getenv("INXT_MEASURE_DIR");
  const std::string path =
      (where != nullptr ? std::string(where) : std::string("/var/tmp")) + "/inxt-measure-store";
  fs::remove_all(path);
  constexpr std::uint64_t kSize = 2097152;
  constexpr std::uint64_t kPieces = 256;
  std::vector<PieceId> ids;
  const auto seconds_of = [](const auto& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const auto cpu_s = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto s = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    return s(usage.ru_utime) + s(usage.ru_stime);
  };
  for (const unsigned threads : {1u, 2u, 4u, 8u}) {
    fs::remove_all(path);
    ids.clear();
    const auto directory = sys::open_directory(path).value();
    const auto store = Store::open(*directory, {.capacity_bytes = kPlenty}).value();
    std::vector<MadePiece> pieces;
    for (std::uint64_t i = 0; i < kPieces; ++i) {
      pieces.emplace_back(kSize, i, kAlice);
      ids.push_back(pieces.back().id());
    }
    const double made = seconds_of([&] { store->make_folders(); });
    if (threads == 1) fmt::print("make 4096 folders: {:.1f} ms\n", made * 1e3);
    const double cpu_before = cpu_s();
    const double took = seconds_of([&] {
      std::atomic<std::size_t> next = 0;
      std::vector<std::jthread> workers;
      for (unsigned thread = 0; thread < threads; ++thread)
        workers.emplace_back([&] {
          for (std::size_t i; (i = next++) < kPieces;) CHECK_BUG(put(*store, pieces[i]));
        });
    });
    fmt::print("commit 2 MiB, {} threads: {:.0f} MB/s, {:.1f} ms of CPU each\n", threads,
               double(kPieces * kSize) / 1e6 / took, (cpu_s() - cpu_before) * 1e3 / double(kPieces));
  }
  for (const sys::Caching caching : {sys::Caching::direct, sys::Caching::cached}) {
    const auto directory = sys::open_directory(path).value();
    const auto store = Store::open(*directory, {.capacity_bytes = kPlenty, .read_caching = caching}).value();
    const double rebuild = seconds_of([&] { store->rebuild_index(); });
    const char* name = caching == sys::Caching::direct ? "O_DIRECT" : "cached";
    fmt::print("{}: rebuild of {} folders {:.1f} ms\n", name, kPieces, rebuild * 1e3);
    for (const unsigned threads : {1u, 4u})
      for (const char* pass : {"first", "second"}) {
        const double cpu_before = cpu_s();
        const double took = seconds_of([&] {
          std::atomic<std::size_t> next = 0;
          std::vector<std::jthread> workers;
          for (unsigned thread = 0; thread < threads; ++thread)
            workers.emplace_back([&] {
              AlignedBuffer scratch(kSize);
              for (std::size_t i; (i = next++) < kPieces;)
                CHECK_BUG(store->open_piece(ids[i]).value().read(0, kSize, scratch));
            });
        });
        fmt::print("{}: read 2 MiB, {} threads, {} pass: {:.0f} MB/s, {:.2f} ms of CPU each\n", name, threads,
                   pass, double(kPieces * kSize) / 1e6 / took,
                   (cpu_s() - cpu_before) * 1e3 / double(kPieces));
      }
    for (const unsigned threads : {1u, 4u}) {
      constexpr std::size_t kReads = 8192;
      const double took = seconds_of([&] {
        std::atomic<std::size_t> next = 0;
        std::vector<std::jthread> workers;
        for (unsigned thread = 0; thread < threads; ++thread)
          workers.emplace_back([&] {
            for (std::size_t i; (i = next++) < kReads;)
              CHECK_BUG(store->read_block(ids[i * 7919 % kPieces], i * 104729 % 512));
          });
      });
      fmt::print("{}: audit reads (block and path), {} threads: {:.0f} a second\n", name, threads,
                 kReads / took);
    }
  }
  fs::remove_all(path);
}
