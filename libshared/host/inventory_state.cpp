// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/inventory_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace inxt::host {
namespace {

using store::HeldContract;

constexpr std::string_view kMagic = "inxt-held 1\n";
constexpr std::size_t kContractBytes = 32 + 4 + 32;
constexpr std::size_t kTableEntryBytes = 2 + 4 + 32 + 8 + 8;
constexpr std::size_t kEndBytesMax = 4 + store::kFolders * kTableEntryBytes + 4 + format::kLineBytesMax;
constexpr std::size_t kBehindEndBytes = 4 + 32;
constexpr std::size_t kRunBytes = std::size_t{1} << 20;
static_assert(store::kFolders == proof::kInventoryFolders);

template <class Integer>
void put(Bytes& to, Integer value) {
  append(to, big_endian(value));
}

/// Takes parts off the front of bytes whose checksum is right.
class PartReader {
 public:
  explicit PartReader(ByteView bytes) : bytes_(bytes) {}
  Result<ByteView> take(std::size_t size_bytes) {
    if (bytes_.size() < size_bytes) return fail(Code::integrity, "inventory: its end is too short");
    const ByteView part = bytes_.first(size_bytes);
    bytes_ = bytes_.subspan(size_bytes);
    return part;
  }
  template <class Integer>
  Result<Integer> get() {
    return from_big_endian<Integer>(TRY(take(sizeof(Integer))));
  }
  bool empty() const { return bytes_.empty(); }

 private:
  ByteView bytes_;
};

/// The contracts of the piece that begins the run.
std::span<const HeldContract> of_one_piece(std::span<const HeldContract> contracts) {
  const auto other = std::ranges::find_if(
      contracts, [&](const HeldContract& held) { return held.piece != contracts.front().piece; });
  return contracts.first(static_cast<std::size_t>(other - contracts.begin()));
}

std::vector<crypto::Hash> blinded(std::span<const HeldContract> contracts) {
  std::vector<crypto::Hash> hashes;
  hashes.reserve(contracts.size());
  for (const HeldContract& held : contracts) hashes.push_back(proof::blinded_contract(held.contract));
  std::ranges::sort(hashes);
  return hashes;
}

}  // namespace

std::vector<proof::InventoryLeaf> leaves_of(std::span<const HeldContract> contracts) {
  std::vector<proof::InventoryLeaf> leaves;
  leaves.reserve(contracts.size());
  while (!contracts.empty()) {
    const auto same = of_one_piece(contracts);
    leaves.push_back({.piece = same.front().piece,
                      .size_bytes = same.front().size_bytes,
                      .contracts = static_cast<std::uint32_t>(same.size()),
                      .contracts_root = proof::contracts_root(blinded(same))});
    contracts = contracts.subspan(same.size());
  }
  return leaves;
}

std::vector<crypto::Hash> blinded_contracts(std::span<const HeldContract> contracts, const PieceId& piece) {
  const auto first = std::ranges::lower_bound(contracts, piece, {}, &HeldContract::piece);
  if (first == contracts.end() || first->piece != piece) return {};
  return blinded(of_one_piece({first, contracts.end()}));
}

// --------------------------------------------------------------------------------------------------- writing

InventoryStateWriter::InventoryStateWriter(std::unique_ptr<sys::DirectoryFile> file)
    : file_(std::move(file)) {
  run_.reserve(kRunBytes + kContractBytes);
  append(run_, view_of(kMagic));
}

Result<InventoryStateWriter> InventoryStateWriter::create(sys::Directory& directory, const sys::Path& path) {
  if (const auto removed = directory.remove(path); !removed && removed.error().code != Code::not_found)
    return std::unexpected(removed.error());
  return InventoryStateWriter(TRY(directory.create(path, sys::Caching::cached)));
}

Result<void> InventoryStateWriter::flush() {
  TRY(file_->write_at(offset_, run_));
  offset_ += run_.size();
  run_.clear();
  return {};
}

Result<void> InventoryStateWriter::add(std::size_t folder, std::span<const HeldContract> contracts,
                                       const proof::InventoryBranch& branch) {
  if (contracts.empty()) return {};
  for (const HeldContract& held : contracts) {
    append(run_, held.piece.bytes);
    put(run_, held.size_bytes);
    append(run_, held.contract);
    if (run_.size() >= kRunBytes) TRY(flush());
  }
  ++folders_;
  put(table_, static_cast<std::uint16_t>(folder));
  put(table_, static_cast<std::uint32_t>(contracts.size()));
  append(table_, branch.hash);
  put(table_, branch.blocks);
  put(table_, branch.bytes);
  return {};
}

Result<void> InventoryStateWriter::finish(std::string_view head_line) {
  Bytes end;
  put(end, folders_);
  append(end, table_);
  put(end, static_cast<std::uint32_t>(head_line.size()));
  append(end, view_of(head_line));
  put(end, static_cast<std::uint32_t>(end.size()));
  append(end, crypto::sha256(end));
  append(run_, end);
  TRY(flush());
  return file_->sync();
}

// --------------------------------------------------------------------------------------------------- reading

Result<InventoryState> InventoryState::open(sys::Directory& directory, sys::Path path, const HostId& host) {
  const auto wrong = [](std::string what) { return fail(Code::integrity, "inventory: " + std::move(what)); };
  const auto file = TRY(directory.open(path, sys::Caching::cached));
  const std::uint64_t file_bytes = TRY(file->size_bytes());
  if (file_bytes < kMagic.size() + kBehindEndBytes) return wrong("the file is too short");
  Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file_bytes, kEndBytesMax + kBehindEndBytes)));
  const std::uint64_t from = file_bytes - bytes.size();
  if (TRY(file->read_at(from, bytes)) != bytes.size()) return wrong("the file became shorter");
  const ByteView behind = ByteView(bytes).last(kBehindEndBytes);
  const std::size_t end_bytes = from_big_endian<std::uint32_t>(behind);
  if (end_bytes > bytes.size() - kBehindEndBytes) return wrong("its end is longer than the file");
  const ByteView checked = ByteView(bytes).last(end_bytes + kBehindEndBytes).first(end_bytes + 4);
  if (!std::ranges::equal(crypto::sha256(checked), behind.subspan(4))) return wrong("its checksum differs");

  InventoryState state;
  state.parts_.resize(store::kFolders);
  std::vector<proof::InventoryBranch> branches(store::kFolders);
  PartReader parts(checked.first(end_bytes));
  const auto folders = TRY(parts.get<std::uint32_t>());
  std::uint64_t offset = kMagic.size();
  std::optional<std::size_t> before;
  for (std::uint32_t i = 0; i < folders; ++i) {
    const std::size_t folder = TRY(parts.get<std::uint16_t>());
    if (folder >= store::kFolders || (before && folder <= *before))
      return wrong(fmt::format("folder {} in this place", folder));
    before = folder;
    const auto contracts = TRY(parts.get<std::uint32_t>());
    state.parts_[folder] = {offset, contracts};
    offset += std::uint64_t{contracts} * kContractBytes;
    std::ranges::copy(TRY(parts.take(32)), branches[folder].hash.begin());
    branches[folder].blocks = TRY(parts.get<std::uint64_t>());
    branches[folder].bytes = TRY(parts.get<std::uint64_t>());
  }
  const auto line_bytes = TRY(parts.get<std::uint32_t>());
  const ByteView line = TRY(parts.take(line_bytes));
  if (!parts.empty() || offset + end_bytes + kBehindEndBytes != file_bytes)
    return wrong("its parts are not as long as the file");
  state.line_ = text_of(line);
  if (!state.line_.ends_with('\n')) return wrong("its head is no line");
  state.head_ = TRY(format::read_head(std::string_view(state.line_).substr(0, state.line_.size() - 1),
                                      "inventory: its head"));
  if (state.head_.head.host != host) return wrong("it is of another Host");
  state.top_ = TRY(proof::InventoryTop::make(branches));
  if (state.top_.root() != state.head_.head.root) return wrong("its head is of another tree");
  state.path_ = std::move(path);
  return state;
}

Result<std::vector<HeldContract>> InventoryState::contracts_in(sys::Directory& directory,
                                                               std::size_t folder) const {
  const Part& part = parts_[folder];
  if (part.contracts == 0) return std::vector<HeldContract>();
  const auto file = TRY(directory.open(path_, sys::Caching::cached));
  Bytes bytes(part.contracts * kContractBytes);
  if (TRY(file->read_at(part.offset, bytes)) != bytes.size())
    return fail(Code::integrity, path_.text() + ": it became shorter");
  std::vector<HeldContract> contracts(part.contracts);
  ByteView rest = bytes;
  for (HeldContract& held : contracts) {
    std::ranges::copy(rest.first(32), held.piece.bytes.begin());
    held.size_bytes = from_big_endian<std::uint32_t>(rest.subspan(32));
    std::ranges::copy(rest.subspan(36, 32), held.contract.begin());
    rest = rest.subspan(kContractBytes);
  }
  // The folder is known by these: what rotted must not look like another piece's contract.
  const proof::InventoryBranch made = TRY(proof::inventory_branch(leaves_of(contracts)));
  if (made != top_.folder(folder))
    return fail(Code::integrity, fmt::format("{}: folder {:03x} has rotted", path_.text(), folder));
  return contracts;
}

}  // namespace inxt::host
