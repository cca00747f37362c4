// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "proof/tree.h"

namespace inxt::store {
namespace {

// piece 32, account 32, blocks 2, bytes of the last block 2, renewed 1, until 4; since version 2 the contract
// 32
constexpr std::size_t kEntryBytes1 = 32 + 32 + 2 + 2 + 1 + 4;
constexpr std::size_t kEntryBytes = kEntryBytes1 + 32;
static_assert(kSnapshotMagic.size() == kSnapshotMagic1.size());
// A folder of a Host with 2^32 pieces would have a million.
constexpr std::uint32_t kFolderEntriesMax = 1 << 20;
constexpr std::uint16_t kEnd = 0xffff;  // in the place of a folder's number
static_assert(kFolders < kEnd);

}  // namespace

SnapshotWriter::SnapshotWriter(sys::DirectoryFile& file) : file_(file) {
  run_.reserve(kSnapshotRunBytes + kEntryBytes);
  append(run_, view_of(kSnapshotMagic));
}

Result<void> SnapshotWriter::flush() {
  hash_.update(run_);
  TRY(file_.write_at(offset_, run_));
  offset_ += run_.size();
  run_.clear();
  return {};
}

Result<void> SnapshotWriter::add(std::size_t folder, const sys::Stamp& stamp,
                                 const std::vector<IndexEntry>& entries) {
  if (entries.size() > kFolderEntriesMax) return {};  // it is listed
  ++folders_;
  put(static_cast<std::uint16_t>(folder));
  put(stamp.inode);
  put(stamp.modified_ns);
  put(stamp.changed_ns);
  put(static_cast<std::uint32_t>(entries.size()));
  for (const IndexEntry& entry : entries) {
    append(run_, entry.key.piece.bytes);
    append(run_, entry.key.account.bytes);
    put(static_cast<std::uint16_t>(entry.blocks));
    put(static_cast<std::uint16_t>(
        entry.size_bytes == 0 ? 0 : entry.size_bytes - (entry.blocks - 1) * proof::kBlockBytes));
    put(static_cast<std::uint8_t>(entry.renewed));
    put(entry.until_unix_s);
    append(run_, entry.contract);
    if (run_.size() >= kSnapshotRunBytes) TRY(flush());
  }
  return {};
}

Result<void> SnapshotWriter::finish() {
  put(kEnd);
  put(folders_);
  TRY(flush());
  const crypto::Hash checksum = hash_.digest();
  TRY(file_.write_at(offset_, checksum));
  return file_.sync();
}

Result<std::unique_ptr<SnapshotReader>> SnapshotReader::open(sys::Directory& directory) {
  auto file = directory.open({"index"}, sys::Caching::cached);
  if (!file && file.error().code == Code::not_found) return nullptr;
  if (!file) return std::unexpected(file.error());
  return std::unique_ptr<SnapshotReader>(new SnapshotReader(*std::move(file)));
}

Result<ByteView> SnapshotReader::take(std::size_t size_bytes) {
  if (run_.size() - used_ < size_bytes) {
    run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ = 0;
    const std::size_t kept = run_.size();
    run_.resize(std::max(kSnapshotRunBytes, size_bytes));
    const std::size_t got = TRY(file_->read_at(offset_, ByteSpan(run_).subspan(kept)));
    offset_ += got;
    run_.resize(kept + got);
    if (run_.size() < size_bytes) return fail(Code::integrity, "index: ends too soon");
  }
  const ByteView taken = ByteView(run_).subspan(used_, size_bytes);
  used_ += size_bytes;
  hash_.update(taken);
  return taken;
}

Result<void> SnapshotReader::read_folder(std::size_t folder, bool has_contracts, const Visit& visit) {
  sys::Stamp stamp;
  stamp.inode = TRY(get<std::uint64_t>());
  stamp.modified_ns = TRY(get<std::int64_t>());
  stamp.changed_ns = TRY(get<std::int64_t>());
  const auto count = TRY(get<std::uint32_t>());
  if (count > kFolderEntriesMax)
    return fail(Code::integrity, fmt::format("index: {} pieces in a folder", count));
  const ByteView bytes = TRY(take(count * (has_contracts ? kEntryBytes : kEntryBytes1)));
  std::vector<IndexEntry> entries(count);
  std::size_t at = 0;
  const auto next = [&](std::size_t size_bytes) {
    const ByteView part = bytes.subspan(at, size_bytes);
    at += size_bytes;
    return part;
  };
  for (IndexEntry& entry : entries) {
    std::ranges::copy(next(32), entry.key.piece.bytes.begin());
    std::ranges::copy(next(32), entry.key.account.bytes.begin());
    entry.blocks = from_big_endian<std::uint16_t>(next(2));
    const auto last = from_big_endian<std::uint16_t>(next(2));
    entry.renewed = from_big_endian<std::uint8_t>(next(1)) != 0;
    entry.until_unix_s = from_big_endian<std::uint32_t>(next(4));
    if (has_contracts) std::ranges::copy(next(32), entry.contract.begin());
    if (folder_of(entry.key.piece) != folder || entry.blocks < 1 || entry.blocks > proof::kPieceBlocksMax ||
        last > proof::kBlockBytes)
      return fail(Code::integrity, fmt::format("index: no such piece in folder {}", folder_name(folder)));
    if (last != 0) entry.size_bytes = (entry.blocks - 1) * proof::kBlockBytes + last;
  }
  visit(folder, stamp, entries);
  return {};
}

Result<void> SnapshotReader::read_all(const Visit& visit) {
  const std::string magic(text_of(TRY(take(kSnapshotMagic.size()))));
  const bool has_contracts = magic == kSnapshotMagic;
  if (!has_contracts && magic != kSnapshotMagic1) return fail(Code::integrity, "index: of another version");
  std::uint32_t folders = 0;
  std::optional<std::size_t> before;
  for (;;) {
    const auto folder = TRY(get<std::uint16_t>());
    if (folder == kEnd) break;
    if (folder >= kFolders || (before && folder <= *before))
      return fail(Code::integrity, fmt::format("index: folder {} in this place", folder));
    before = folder;
    ++folders;
    TRY(read_folder(folder, has_contracts, visit));
  }
  if (TRY(get<std::uint32_t>()) != folders) return fail(Code::integrity, "index: another count of folders");
  const crypto::Hash expected = hash_.digest();
  if (!std::ranges::equal(TRY(take(expected.size())), expected))
    return fail(Code::integrity, "index: its checksum differs");
  return {};
}

}  // namespace inxt::store
