// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/check_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/contract.h"
#include "format/renewal.h"
#include "store/store.h"
#include "store/stored_renewal.h"

namespace inxt::host {

namespace {

/// The tokens: signed, of each other, and of the piece that they stand with.
Result<void> check_tokens(const store::Trailer& trailer, std::span<const HostId> hosts) {
  const format::Offer offer = TRY_IN("offer", format::open_offer(trailer.offer, std::nullopt));
  TRY(format::check_answer(trailer.offer, offer, trailer.acceptance, trailer.receipt));
  if (offer.piece != trailer.piece || offer.account != trailer.account || offer.size != trailer.size_bytes)
    return fail(Code::integrity, "the offer is about another piece, account or size");
  if (!hosts.empty() && std::ranges::find(hosts, offer.host) == hosts.end())
    return fail(Code::integrity, fmt::format("the contract is with Host {}", offer.host.hex()));
  return {};
}

Result<std::uint64_t> check_piece(sys::Directory& directory, const sys::Path& path, const store::Key& name,
                                  Depth depth, std::span<const HostId> hosts) {
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
  TRY(check_tokens(trailer, hosts));
  return size;
}

/// The latest renewal of a contract, against the contract.
Result<void> check_renewal(sys::Directory& directory, const store::Key& name, std::uint64_t file_size_bytes,
                           std::span<const HostId> hosts) {
  if (file_size_bytes != store::kRenewalFileBytes)
    return fail(Code::integrity,
                fmt::format("{} bytes instead of {}", file_size_bytes, store::kRenewalFileBytes));
  Bytes bytes(store::kRenewalFileBytes);
  const auto file = TRY(directory.open(store::renewal_path_of(name), sys::Caching::cached));
  const std::size_t got = TRY(file->read_at(0, bytes));
  const store::DecodedRenewal decoded = TRY(store::decode_renewal(ByteView(bytes).first(got)));
  if (decoded.contract.key != name)
    return fail(Code::integrity, "the renewal is of another contract than the file's name");
  const auto piece = TRY(directory.open(store::path_of(name), sys::Caching::cached));
  const std::uint64_t size = TRY(piece->size_bytes());
  if (!store::blocks_of_file(size)) return {};  // that was told
  bytes.resize(store::kTrailerBytes);
  const std::size_t got_trailer = TRY(piece->read_at(size - store::kTrailerBytes, bytes));
  const auto trailer = store::decode_trailer(ByteView(bytes).first(got_trailer));
  // One of a former contract about the same piece says nothing, and is replaced by the next.
  if (!trailer || format::offer_hash(trailer->offer) != decoded.contract.offer) return {};
  const format::Offer offer = TRY_IN("offer", format::open_offer(trailer->offer, std::nullopt));
  TRY(format::check_renewed(offer, trailer->acceptance, decoded.renewal.renewal, decoded.renewal.acceptance,
                            hosts));
  return {};
}

}  // namespace

Result<CheckedStore> check_store(sys::Directory& directory, Depth depth, std::span<const HostId> hosts,
                                 const std::function<void(const std::string&, const Error&)>& tell) {
  TRY(store::check_version(directory));
  CheckedStore checked;
  const auto stranger = [&](const sys::Path& path) {
    ++checked.strangers;
    tell(path.text(), Error{Code::failure, "is no piece of this store; left alone", {}});
  };

  std::vector<sys::Entry> folders = TRY(directory.list(sys::Path{"pieces"}));
  std::ranges::sort(folders, {}, &sys::Entry::name);
  for (const sys::Entry& folder : folders) {
    const sys::Path folder_path = sys::Path{"pieces"} / folder.name;
    if (folder.kind != sys::EntryKind::folder || !store::folder_from_name(folder.name)) {
      stranger(folder_path);
      continue;
    }
    std::vector<sys::Entry> files = TRY(directory.list(folder_path));
    std::ranges::sort(files, {}, &sys::Entry::name);
    for (const sys::Entry& file : files) {
      const sys::Path path = folder_path / file.name;
      const std::optional<store::Key> renewed = store::key_from_renewal_name(file.name);
      const std::optional<store::Key> name = renewed ? renewed : store::key_from_name(file.name);
      if (file.kind != sys::EntryKind::file || !name ||
          store::folder_of(name->piece) != store::folder_from_name(folder.name)) {
        stranger(path);
        continue;
      }
      if (renewed) {
        const Result<void> checked_renewal = check_renewal(directory, *renewed, file.size_bytes, hosts);
        if (checked_renewal) {
          checked.bytes += file.size_bytes;
        } else if (checked_renewal.error().code != Code::not_found) {
          ++checked.damaged;
          tell(path.text(), checked_renewal.error());
        }
        continue;
      }
      const Result<std::uint64_t> bytes = check_piece(directory, path, *name, depth, hosts);
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
