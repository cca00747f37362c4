// SPDX-License-Identifier: AGPL-3.0-or-later
// A store on the real disk, and what tests do with one.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <mutex>

#include "store/store.h"
#include "support/pieces.h"

namespace inxt::testing {

namespace fs = std::filesystem;
using namespace inxt::store;

inline constexpr std::uint64_t kPlenty = std::uint64_t{1} << 40;
inline const AccountId kAlice = account_number(0xaa);
inline const AccountId kBob = account_number(0xbb);

struct TempFolder {
  std::string path = [] {
    std::string name = (fs::temp_directory_path() / "inxt-store-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    return name;
  }();
  ~TempFolder() { fs::remove_all(path); }
};

/// A store on the real disk that can be closed and opened again.
struct Fixture {
  TempFolder folder;
  std::unique_ptr<sys::Directory> directory = sys::open_directory(folder.path).value();
  std::vector<std::string> reports;
  std::mutex mutex;
  std::unique_ptr<Store> store;

  explicit Fixture(std::uint64_t capacity_bytes = kPlenty) { open(capacity_bytes); }
  void open(std::uint64_t capacity_bytes = kPlenty) {
    store.reset();
    store = Store::open(*directory, options(capacity_bytes)).value();
  }
  void reopen_and_rebuild() {
    open();
    store->rebuild_index();
  }
  store::Options options(std::uint64_t capacity_bytes) {
    return {.capacity_bytes = capacity_bytes, .report = [this](const std::string& text) {
              const std::lock_guard guard(mutex);
              reports.push_back(text);
            }};
  }
  std::string file_of(const MadePiece& piece) const {
    const std::string hex = piece.id().hex();
    return fmt::format("{}/pieces/{}/{}-{}", folder.path, hex.substr(0, 3), hex, piece.trailer.account.hex());
  }
};

inline Result<void> put(Store& store, MadePiece& piece) {
  auto admitted = TRY(store.reserve(piece.id(), piece.trailer.account, piece.trailer.size_bytes));
  if (std::holds_alternative<Trailer>(admitted)) return {};
  return store.commit(std::get<Reservation>(std::move(admitted)), piece.buffer, piece.tree, piece.trailer);
}

inline Bytes get(Store& store, const PieceId& id) {
  auto opened = store.open_piece(id).value();
  AlignedBuffer scratch;
  return copy_of(opened.read(0, static_cast<std::size_t>(opened.info().size_bytes), scratch).value());
}

/// Everything that a Host promised about a piece.
inline bool is_whole(Store& store, const MadePiece& piece) {
  const auto opened = store.open_piece(piece.id());
  if (!opened || opened->info().size_bytes != piece.trailer.size_bytes) return false;
  if (proof::piece_id_of(get(store, piece.id())) != piece.id()) return false;
  const auto trailer = store.read_trailer(piece.id(), piece.trailer.account);
  if (!trailer || *trailer != piece.trailer) return false;
  const std::uint64_t last = proof::blocks_in(piece.trailer.size_bytes) - 1;
  const auto block = store.read_block(piece.id(), last);
  if (!block) return false;
  const auto head = proof::head_from_path(proof::leaf_hash(block->data), last, last + 1, block->path);
  return head == piece.trailer.root;
}

inline void overwrite(const std::string& path, std::uint64_t offset, std::string_view text) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(offset));
  file << text;
  REQUIRE(file.good());
}

}  // namespace inxt::testing
