// SPDX-License-Identifier: LGPL-3.0-or-later
// How pieces and contracts are found and read.
#include <fmt/format.h>

#include "format/contract.h"
#include "store/state.h"
#include "store/term.h"

namespace inxt::store {

void Store::State::drop_damaged(const IndexEntry& entry, std::uint64_t changes_seen, const Error& error) {
  {
    const std::lock_guard guard(mutex);
    // What was seen may be a piece that was removed, or stored anew, meanwhile: then there is nothing wrong.
    if (index.changes(folder_of(entry.key.piece)) != changes_seen || busy.contains(entry.key)) return;
    index.erase(entry.key);
    const bool is_gone = error.code == Code::not_found;
    if (is_gone) used_bytes -= piece_file_bytes_of(entry);
    if (!is_gone || entry.renewed) {
      Remains& left = remains[entry.key];
      if (!is_gone) left.piece_bytes = piece_file_bytes_of(entry);
      if (entry.renewed) left.renewal_bytes = kRenewalFileBytes;
    }
  }
  report(fmt::format("{}: damaged: {}", name_of(path_of(entry.key)), error.what));
}

Result<std::unique_ptr<sys::DirectoryFile>> Store::State::open_file(const IndexEntry& entry,
                                                                    sys::Caching caching) {
  auto file = TRY(directory.open(path_of(entry.key), caching));
  const std::uint64_t size = TRY(file->size_bytes());
  if (size != piece_file_bytes_of(entry))
    return fail(Code::integrity, fmt::format("{} bytes instead of {}", size, piece_file_bytes_of(entry)));
  return file;
}

Result<Trailer> Store::State::load_trailer(sys::DirectoryFile& file, const IndexEntry& entry) {
  AlignedBuffer buffer(kTrailerBytes);
  const std::size_t got = TRY(file.read_at(piece_file_bytes_of(entry) - kTrailerBytes, buffer.bytes()));
  Trailer trailer = TRY(decode_trailer(buffer.bytes().first(got)));
  if (trailer.piece != entry.key.piece || trailer.account != entry.key.account)
    return fail(Code::integrity, "trailer: is of another piece or account than the file's name");
  if (proof::blocks_in(trailer.size_bytes) != entry.blocks)
    return fail(Code::integrity,
                fmt::format("trailer: a size of {} does not fit the file", trailer.size_bytes));
  return trailer;
}

Result<bool> Store::State::load_renewal(const IndexEntry& entry, Trailer& trailer) {
  const sys::Path path = renewal_path_of(entry.key);
  const auto file = directory.open(path, options.read_caching);
  if (!file && file.error().code == Code::not_found) {
    report(fmt::format("{}: has gone", name_of(path)));
    return false;
  }
  if (!file) return std::unexpected(file.error());
  AlignedBuffer buffer(kRenewalFileBytes);
  const std::size_t got = TRY((*file)->read_at(0, buffer.bytes()));
  auto decoded = decode_renewal(buffer.bytes().first(got));
  if (decoded && decoded->contract.key != entry.key)
    decoded = fail(Code::integrity, "renewal: is of another contract than the file's name");
  if (!decoded) {
    report(fmt::format("{}: damaged: {}", name_of(path), decoded.error().what));
    return false;
  }
  // One of a former contract about the same piece says nothing about this one.
  if (decoded->contract.offer == format::offer_hash(trailer.offer))
    trailer.renewal = std::move(decoded->renewal);
  return true;
}

Result<std::optional<Store::State::Opened>> Store::State::open(const PieceId& piece, const AccountId* account,
                                                               Want want) {
  const std::size_t folder = folder_of(piece);
  TRY(want == Want::file ? ensure_listed(folder) : ensure_settled(folder));
  // Every round but the last finds that one file has gone or changed; each can only do so when somebody makes
  // it.
  for (;;) {
    std::optional<IndexEntry> entry;
    std::uint64_t changes = 0;
    {
      std::unique_lock waiting(mutex);
      const auto is_being = [&](const Key& key, Busy what) {
        const auto found = busy.find(key);
        return found != busy.end() && found->second == what;
      };
      // A renewal that has its name already, but is not durable, must not be told.
      if (account != nullptr && want == Want::trailer)
        changed.wait(waiting, [&] { return !is_being({piece, *account}, Busy::renewing); });
      changes = index.changes(folder);
      if (account != nullptr) {
        entry = index.find(Key{piece, *account});
        if (entry && is_being(entry->key, Busy::removing)) entry.reset();
      } else {
        for (const IndexEntry& candidate : index.find(piece))
          if (!entry && !is_being(candidate.key, Busy::removing)) entry = candidate;
      }
    }
    if (!entry) return std::nullopt;
    if (want == Want::size && entry->size_bytes != 0) return Opened{*entry, nullptr, std::nullopt};

    auto file = open_file(*entry, options.read_caching);
    if (file && want != Want::trailer && entry->size_bytes != 0)
      return Opened{*entry, *std::move(file), std::nullopt};
    std::optional<Error> error;
    const auto load = [&]() -> Result<Trailer> {
      auto once = load_trailer(**file, *entry);
      if (once || once.error().code != Code::integrity) return once;
      file =
          TRY(open_file(*entry, sys::Caching::direct));  // a flipped bit on the way to memory is not damage
      return load_trailer(**file, *entry);
    };
    if (!file) {
      error = file.error();
    } else if (auto trailer = load(); trailer) {
      entry->size_bytes = trailer->size_bytes;
      const bool is_readable = entry->renewed ? TRY(load_renewal(*entry, *trailer)) : true;
      entry->contract = format::contract_hash(trailer->acceptance);
      const std::lock_guard guard(mutex);
      index.set_size(entry->key, entry->size_bytes);
      if (index.changes(folder) == changes) index.set_contract(entry->key, entry->contract);
      // kTermNone stays: a renewal that cannot be read may be later than what can.
      if (index.changes(folder) == changes && entry->until_unix_s != kTermNone) {
        entry->until_unix_s = is_readable ? term_of(*trailer) : kTermNone;
        index.set_until(entry->key, entry->until_unix_s);
      }
      return Opened{*entry, *std::move(file), *std::move(trailer)};
    } else {
      error = trailer.error();
    }
    // A disk that cannot be read now is not a damaged piece.
    if (error->code != Code::integrity && error->code != Code::not_found) return std::unexpected(*error);
    drop_damaged(*entry, changes, *error);
  }
}

Result<ByteView> OpenPiece::read(std::uint64_t offset, std::size_t length, AlignedBuffer& scratch) {
  if (offset > info_.size_bytes || length > info_.size_bytes - offset)
    return fail(Code::usage, fmt::format("bytes {} and {} more are not in a piece of {} bytes", offset,
                                         length, info_.size_bytes));
  if (length == 0) return ByteView();
  const std::uint64_t skipped = offset % sys::kDirectAlignmentBytes;
  const std::size_t wanted = AlignedBuffer::rounded_up(static_cast<std::size_t>(skipped) + length);
  if (scratch.size_bytes() < wanted) scratch = AlignedBuffer(wanted);
  const auto got = file_->read_at(offset - skipped, scratch.bytes().first(wanted));
  if (!got) return store_->state_->told(got.error());
  if (*got != wanted)
    return fail(Code::integrity, fmt::format("piece {}: its file has become shorter", info_.piece.hex()));
  return ByteView(scratch.bytes()).subspan(static_cast<std::size_t>(skipped), length);
}

Result<std::optional<PieceInfo>> Store::find(const PieceId& piece) {
  const auto opened = state_->open(piece, nullptr, State::Want::size);
  if (!opened) return state_->told(opened.error());
  if (!*opened) return std::nullopt;
  return PieceInfo{piece, (*opened)->entry.key.account, (*opened)->entry.size_bytes};
}

Result<std::optional<PieceInfo>> Store::find(const PieceId& piece, const AccountId& account) {
  const auto opened = state_->open(piece, &account, State::Want::size);
  if (!opened) return state_->told(opened.error());
  if (!*opened) return std::nullopt;
  return PieceInfo{piece, account, (*opened)->entry.size_bytes};
}

Result<OpenPiece> Store::open_piece(const PieceId& piece) {
  auto opened = state_->open(piece, nullptr, State::Want::file);
  if (!opened) return state_->told(opened.error());
  if (!*opened) return fail(Code::not_found, fmt::format("piece {}: not here", piece.hex()));
  const PieceInfo info{piece, (*opened)->entry.key.account, (*opened)->entry.size_bytes};
  return OpenPiece(*this, info, std::move((*opened)->file));
}

Result<BlockProof> Store::read_block(const PieceId& piece, std::uint64_t block) {
  OpenPiece opened = TRY(open_piece(piece));
  const std::uint64_t size = opened.info().size_bytes;
  if (block >= proof::blocks_in(size))
    return fail(Code::usage,
                fmt::format("piece {}: block {} of {}", piece.hex(), block, proof::blocks_in(size)));
  static_assert(proof::kBlockBytes == proof::kPageBytes && proof::kPageBytes == sys::kDirectAlignmentBytes);
  AlignedBuffer buffer(2 * proof::kPageBytes);
  const ByteSpan data = buffer.bytes().first(proof::kBlockBytes);
  const ByteSpan page = buffer.bytes().subspan(proof::kBlockBytes, proof::kPageBytes);
  const std::uint64_t page_offset = pages_offset(size) + proof::page_of(block) * proof::kPageBytes;
  const auto got = opened.file_->read_at(block * proof::kBlockBytes, data);
  if (!got) return state_->told(got.error());
  const auto got_page = opened.file_->read_at(page_offset, page);
  if (!got_page) return state_->told(got_page.error());
  if (*got + *got_page != buffer.size_bytes())
    return fail(Code::integrity, fmt::format("piece {}: its file has become shorter", piece.hex()));
  BlockProof proof;
  proof.size_bytes = size;
  proof.data = copy_of(data.first(proof::block_bytes(size, block)));
  proof.path = proof::path_from_page(page, size, block);
  return proof;
}

Result<Trailer> Store::read_trailer(const PieceId& piece, const AccountId& account) {
  auto opened = state_->open(piece, &account, State::Want::trailer);
  if (!opened) return state_->told(opened.error());
  if (!*opened) return fail(Code::not_found, fmt::format("piece {}: not here for this account", piece.hex()));
  return *std::move((*opened)->trailer);
}

}  // namespace inxt::store
