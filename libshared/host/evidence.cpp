// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/evidence.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/contract.h"
#include "format/contract_release.h"
#include "format/json.h"
#include "format/renewal.h"
#include "format/token.h"
#include "format/transfer.h"
#include "host/record_files.h"
#include "store/stored_renewal.h"

namespace inxt::host {

namespace {

Result<Bytes> read_end(sys::Directory& directory, const sys::Path& path, std::size_t length) {
  const auto file = TRY(directory.open(path, sys::Caching::cached));
  const std::uint64_t size = TRY(file->size_bytes());
  if (size < length) return fail(Code::integrity, "the file is too short");
  Bytes bytes(length);
  if (TRY(file->read_at(size - length, bytes)) != length)
    return fail(Code::integrity, "the file has become shorter");
  return bytes;
}

struct Contract {
  store::Trailer trailer;
  format::Offer offer;
};

Result<Contract> read_contract(sys::Directory& directory, const store::Key& key) {
  Contract contract;
  const Bytes end = TRY(read_end(directory, store::path_of(key), store::kTrailerBytes));
  contract.trailer = TRY(store::decode_trailer(end));
  const store::Trailer& trailer = contract.trailer;
  contract.offer = TRY_IN("offer", format::open_offer(trailer.offer, std::nullopt));
  TRY(format::check_answer(trailer.offer, contract.offer, trailer.acceptance, trailer.receipt));
  if (contract.offer.piece != key.piece || contract.offer.account != key.account)
    return fail(Code::integrity, "the contract is about another piece or account");
  return contract;
}

/// Nothing where the contract was not renewed.
Result<std::optional<store::StoredRenewal>> read_renewal(sys::Directory& directory, const store::Key& key,
                                                         const Contract& contract) {
  const auto bytes = read_end(directory, store::renewal_path_of(key), store::kRenewalFileBytes);
  if (!bytes && bytes.error().code == Code::not_found) return std::nullopt;
  if (!bytes) return std::unexpected(bytes.error());
  store::DecodedRenewal decoded = TRY(store::decode_renewal(*bytes));
  if (decoded.contract.offer != format::offer_hash(contract.trailer.offer))
    return std::nullopt;  // of a former one
  const format::Renewal renewal = TRY(format::open_renewal(decoded.renewal.renewal, std::nullopt));
  TRY(format::check_renewal(contract.offer, format::contract_hash(contract.trailer.acceptance), renewal));
  const auto acceptance = TRY(format::open_renewal_acceptance(decoded.renewal.acceptance));
  if (acceptance.renewal != format::renewal_hash(decoded.renewal.renewal))
    return fail(Code::integrity, "the renewal's acceptance is of another renewal");
  return std::move(decoded.renewal);
}

format::Json contract_json(const Contract& contract) {
  format::Json json;
  json["type"] = "contract";
  json["piece"] = contract.offer.piece.hex();
  json["account"] = contract.offer.account.hex();
  json["host"] = contract.offer.host.hex();
  json["size"] = contract.offer.size;
  json["until"] = contract.offer.until_unix_s;
  json["offer"] = contract.trailer.offer;
  json["acceptance"] = contract.trailer.acceptance;
  json["receipt"] = contract.trailer.receipt;
  return json;
}

Result<format::Json> renewal_json(const Contract& contract, const store::StoredRenewal& renewal) {
  format::Json json;
  json["type"] = "renewal";
  json["piece"] = contract.offer.piece.hex();
  json["account"] = contract.offer.account.hex();
  json["until"] = TRY(format::open_renewal(renewal.renewal, std::nullopt)).until_unix_s;
  json["renewal"] = renewal.renewal;
  json["renewal_acceptance"] = renewal.acceptance;
  return json;
}

enum class RecordKind { other, transfer, deletion, release };

/// Whether the tokens are those of a contract about the piece, and of what ended it: `kind`.
Result<bool> is_end_of(const format::Fields& fields, const PieceId& piece, RecordKind kind) {
  const std::string offer_token = TRY(fields.text("offer", format::kTokenBytesMax));
  const std::string acceptance_token = TRY(fields.text("acceptance", format::kTokenBytesMax));
  const format::Offer offer = TRY(format::open_offer(offer_token, std::nullopt));
  const format::Acceptance acceptance = TRY(format::open_acceptance(acceptance_token));
  if (offer.piece != piece || acceptance.offer != format::offer_hash(offer_token)) return false;
  if (kind == RecordKind::release) {
    const std::string token = TRY(fields.text("release", format::kReleaseTokenBytesMax));
    const format::ContractRelease release = TRY(format::open_release(token, std::nullopt));
    return release.piece == piece && release.account == offer.account &&
           release.contract == format::contract_hash(acceptance_token);
  }
  const std::string token = TRY(fields.text("deletion", format::kTokenBytesMax));
  const format::Deletion deletion = TRY(format::open_deletion(token, std::nullopt));
  return deletion.piece == piece && deletion.control == offer.control && deletion.account == offer.account;
}

/// What of the piece the record is, if its tokens say the same.
Result<RecordKind> kind_of_record(const std::string& line, const PieceId& piece) {
  const format::Json json = TRY(format::parse_object(line, kRecordLineBytesMax));
  const format::Fields fields(json, "record");
  if (TRY(fields.id<PieceId>("piece")) != piece) return RecordKind::other;
  const std::string type = TRY(fields.text("type", 64));
  if (type == "deletion" || type == "release") {
    const RecordKind kind = type == "release" ? RecordKind::release : RecordKind::deletion;
    return TRY(is_end_of(fields, piece, kind)) ? kind : RecordKind::other;
  }
  const std::string token = TRY(fields.text("transfer", format::kTransferTokenBytesMax));
  const format::TransferReceipt receipt = TRY(format::open_transfer(token, std::nullopt));
  return receipt.piece == piece ? RecordKind::transfer : RecordKind::other;
}

}  // namespace

Result<EvidenceCounts> tell_evidence(sys::Directory& directory, const PieceId& piece,
                                     const std::function<Result<void>(const std::string&)>& tell,
                                     const std::function<void(const std::string&, const Error&)>& damaged) {
  EvidenceCounts counts;
  const auto tell_damage = [&](const std::string& path, const Error& error) {
    if (error.code == Code::not_found) return;  // a running Host may have deleted it since
    ++counts.damaged;
    damaged(path, error);
  };
  auto listed = directory.list(store::path_of(store::folder_of(piece)));
  if (!listed && listed.error().code != Code::not_found) return std::unexpected(listed.error());
  std::vector<store::Key> keys;
  if (listed)
    for (const sys::Entry& entry : *listed)
      if (const auto key = store::key_from_name(entry.name); key && key->piece == piece) keys.push_back(*key);
  std::ranges::sort(keys);
  for (const store::Key& key : keys) {
    const Result<Contract> contract = read_contract(directory, key);
    if (!contract) {
      tell_damage(store::path_of(key).text(), contract.error());
      continue;
    }
    ++counts.contracts;
    TRY(tell(format::write_compact(contract_json(*contract))));
    const auto renewal = read_renewal(directory, key, *contract);
    if (!renewal) {
      tell_damage(store::renewal_path_of(key).text(), renewal.error());
    } else if (*renewal) {
      ++counts.renewals;
      const format::Json json = TRY(renewal_json(*contract, **renewal));
      TRY(tell(format::write_compact(json)));
    }
  }
  std::vector<RecordReader> readers;
  readers.emplace_back(directory, std::string(kTransfersFolder), std::string(kTransfersSeries));
  const std::string hex = piece.hex();
  TRY(read_records(readers, [&](const std::string& line) -> Result<void> {
    if (line.find(hex) == std::string::npos) return {};  // most are about others
    const Result<RecordKind> kind = kind_of_record(line, piece);
    if (!kind) tell_damage(std::string(kTransfersFolder), kind.error());
    if (!kind || *kind == RecordKind::other) return {};
    ++(*kind == RecordKind::transfer  ? counts.transfers
       : *kind == RecordKind::release ? counts.releases
                                      : counts.deletions);
    return tell(line);
  }));
  return counts;
}

}  // namespace inxt::host
