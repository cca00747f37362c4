// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/check_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/contract.h"
#include "store/stored_piece.h"

namespace inxt::host {

namespace {

constexpr std::string_view kVersionText = "inxt-store 1\n";
constexpr std::size_t kIdLetters = 64;

struct Name {
  PieceId piece;
  AccountId account;
};

std::optional<Name> name_from(std::string_view folder, std::string_view file) {
  if (file.size() != kIdLetters + 1 + kIdLetters || file[kIdLetters] != '-' || !file.starts_with(folder))
    return {};
  const Result<PieceId> piece = PieceId::parse(file.substr(0, kIdLetters));
  const Result<AccountId> account = AccountId::parse(file.substr(kIdLetters + 1));
  if (!piece || !account) return {};
  return Name{*piece, *account};
}

bool is_folder_name(std::string_view name) {
  return name.size() == 3 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The tokens: signed, of each other, and of the piece that they stand with.
Result<void> check_tokens(const store::Trailer& trailer, const std::optional<HostId>& host) {
  const format::Offer offer = TRY_IN("offer", format::open_offer(trailer.offer, std::nullopt));
  TRY(format::check_answer(trailer.offer, offer, trailer.acceptance, trailer.receipt));
  if (offer.piece != trailer.piece || offer.account != trailer.account || offer.size != trailer.size_bytes)
    return fail(Code::integrity, "the offer is about another piece, account or size");
  if (host && offer.host != *host)
    return fail(Code::integrity, fmt::format("the contract is with Host {}", offer.host.hex()));
  return {};
}

Result<std::uint64_t> check_piece(sys::Directory& directory, const sys::Path& path, const Name& name,
                                  Depth depth, const std::optional<HostId>& host) {
  const auto file = TRY(directory.open(path, sys::Caching::cached));
  const std::uint64_t size = TRY(file->size_bytes());
  if (!store::blocks_of_file(size))
    return fail(Code::integrity, fmt::format("no piece has a file of {} bytes", size));

  const auto part = static_cast<std::size_t>(depth == Depth::whole ? size : store::kTrailerBytes);
  Bytes bytes(part);
  if (TRY(file->read_at(size - part, bytes)) != part)
    return fail(Code::integrity, "the file has become shorter");
  const store::Trailer trailer =
      TRY(depth == Depth::whole ? store::check_image(bytes) : store::decode_trailer(bytes));
  if (trailer.piece != name.piece || trailer.account != name.account)
    return fail(Code::integrity, "the trailer is of another piece or account than the file's name");
  if (store::file_bytes(trailer.size_bytes) != size)
    return fail(Code::integrity,
                fmt::format("a piece of {} bytes has a file of {}", trailer.size_bytes, size));
  TRY(check_tokens(trailer, host));
  return size;
}

Result<void> check_version(sys::Directory& directory) {
  const auto file = directory.open(sys::Path{"version"}, sys::Caching::cached);
  if (!file && file.error().code == Code::not_found)
    return fail(Code::usage, directory.description() + " is not a store: it has no file 'version'");
  if (!file) return std::unexpected(file.error());
  ByteArray<64> text{};
  const std::size_t size = TRY((*file)->read_at(0, text));
  if (text_of(text).substr(0, size) != kVersionText)
    return fail(Code::usage, directory.description() + " is a store of another version than 1");
  return {};
}

}  // namespace

Result<CheckedStore> check_store(sys::Directory& directory, Depth depth, const std::optional<HostId>& host,
                                 const std::function<void(const std::string&, const Error&)>& tell) {
  TRY(check_version(directory));
  CheckedStore checked;
  const auto stranger = [&](const sys::Path& path) {
    ++checked.strangers;
    tell(path.text(), Error{Code::failure, "is no piece of this store; left alone", {}});
  };

  std::vector<sys::Entry> folders = TRY(directory.list(sys::Path{"pieces"}));
  std::ranges::sort(folders, {}, &sys::Entry::name);
  for (const sys::Entry& folder : folders) {
    const sys::Path folder_path = sys::Path{"pieces"} / folder.name;
    if (folder.kind != sys::EntryKind::folder || !is_folder_name(folder.name)) {
      stranger(folder_path);
      continue;
    }
    std::vector<sys::Entry> files = TRY(directory.list(folder_path));
    std::ranges::sort(files, {}, &sys::Entry::name);
    for (const sys::Entry& file : files) {
      const sys::Path path = folder_path / file.name;
      const std::optional<Name> name = name_from(folder.name, file.name);
      if (file.kind != sys::EntryKind::file || !name) {
        stranger(path);
        continue;
      }
      const Result<std::uint64_t> bytes = check_piece(directory, path, *name, depth, host);
      if (bytes) {
        ++checked.pieces;
        checked.bytes += *bytes;
      } else if (bytes.error().code != Code::not_found) {  // a running Host may have deleted it since
        ++checked.damaged;
        tell(path.text(), bytes.error());
      }
    }
  }
  return checked;
}

}  // namespace inxt::host
