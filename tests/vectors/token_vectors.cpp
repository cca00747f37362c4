// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-token(5), inxt-tag(5), inxt-descriptor(5).
#include <algorithm>

#include "format/certificate.h"
#include "format/contract.h"
#include "format/descriptor.h"
#include "keys/owner.h"
#include "vectors/vectors.h"

namespace inxt::vectors {
namespace {

Result<Value> run_tag(const Value& given, ByteView input) {
  const auto owner = keys::OwnerKeys::from_entropy(hex_of(given, "entropy"));
  std::optional<PieceId> piece;
  if (given.contains("id")) piece = id_of<PieceId>(given, "id");
  const auto opened = TRY(format::open_tag(owner.recipient_secret(), input, piece));
  const auto secret = TRY(crypto::open_sealed(owner.recipient_secret(), opened.tag.sealed_secret));
  TRY(format::Generation::open(opened.header, secret.view()));
  return Value{{"control_seed", to_hex(opened.tag.control_seed.view())},
               {"secret", to_hex(secret.view())},
               {"file", opened.header.file.hex()},
               {"writer", opened.header.writer.hex()},
               {"k", opened.layout.k},
               {"m", opened.layout.m},
               {"segment", opened.piece.place.segment},
               {"shard", opened.piece.place.shard},
               {"mirror", opened.piece.place.mirror},
               {"size", opened.piece.size},
               {"id", opened.piece.id.hex()}};
}

Result<Value> run_token(const Value& given, ByteView input) {
  const std::string type = given.at("typ");
  const auto token = text_of(input);
  std::optional<std::int64_t> now;
  if (given.contains("now")) now = given["now"].get<std::int64_t>();
  if (type == "inxt-offer") {
    const auto offer = TRY(format::open_offer(token, now));
    return Value{{"iss", offer.account.hex()},       {"aud", offer.host.hex()},
                 {"piece", offer.piece.hex()},       {"size", offer.size},
                 {"until", offer.until_unix_s},      {"price", offer.price},
                 {"control", to_hex(offer.control)}, {"tag_sha256", to_hex(crypto::sha256(offer.tag))},
                 {"jti", to_base64url(offer.jti)},   {"iat", offer.issued_unix_s},
                 {"exp", offer.expires_unix_s}};
  }
  if (type == "inxt-acceptance") {
    const auto said = TRY(format::open_acceptance(token));
    return Value{{"iss", said.host.hex()},    {"offer", to_hex(said.offer)}, {"account", said.account.hex()},
                 {"piece", said.piece.hex()}, {"size", said.size},           {"until", said.until_unix_s},
                 {"price", said.price},       {"iat", said.issued_unix_s}};
  }
  if (type == "inxt-receipt") {
    const auto said = TRY(format::open_receipt(token));
    return Value{{"iss", said.host.hex()},    {"kind", said.kind}, {"contract", to_hex(said.contract)},
                 {"piece", said.piece.hex()}, {"size", said.size}, {"iat", said.issued_unix_s}};
  }
  if (type == "inxt-deletion") {
    const auto said = TRY(format::open_deletion(token, now));
    return Value{{"iss", to_hex(said.control)},   {"aud", said.host.hex()},    {"piece", said.piece.hex()},
                 {"account", said.account.hex()}, {"iat", said.issued_unix_s}, {"exp", said.expires_unix_s}};
  }
  if (type == "inxt-capability") {
    const auto said = TRY(format::open_capability(token, now));
    return Value{{"iss", said.account.hex()},  {"aud", said.host.hex()},
                 {"cnf", to_hex(said.client)}, {"can", "read"},
                 {"piece", said.piece.hex()},  {"jti", to_base64url(said.jti)},
                 {"iat", said.issued_unix_s},  {"exp", said.expires_unix_s}};
  }
  if (type != "inxt-certificate") throw std::runtime_error(type);
  const auto said = TRY(format::open_certificate(token));
  return Value{{"iss", said.owner.hex()},
               {"sub", said.writer.hex()},
               {"uploader", said.uploader},
               {"iat", said.issued_unix_s},
               {"exp", said.expires_unix_s}};
}

Result<Value> run_put_answer(const Value& given, ByteView) {
  const std::string offer = given.at("offer"), acceptance = given.at("acceptance"),
                    receipt = given.at("receipt");
  const auto opened = TRY(format::open_offer(offer, std::nullopt));
  TRY(format::check_answer(offer, opened, acceptance, receipt));
  return Value{{"offer_hash", to_hex(format::offer_hash(offer))},
               {"contract_hash", to_hex(format::contract_hash(acceptance))},
               {"receipt_hash", to_hex(format::receipt_hash(receipt))}};
}

Result<Value> run_hosts(const Value&, ByteView input) {
  auto hosts = TRY(format::read_hosts(text_of(input)));
  std::ranges::sort(hosts, {}, &format::Descriptor::host);
  Value list = Value::array();
  for (const auto& host : hosts)
    list.push_back({{"host", host.host.hex()}, {"addresses", host.addresses}, {"iat", host.issued_unix_s}});
  return Value{{"hosts", std::move(list)}};
}

constexpr Format kFormats[] = {
    {"tag", run_tag}, {"token", run_token}, {"put-answer", run_put_answer}, {"hosts", run_hosts}};

}  // namespace

std::span<const Format> token_formats() {
  return kFormats;
}

}  // namespace inxt::vectors
