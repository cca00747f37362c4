// SPDX-License-Identifier: AGPL-3.0-or-later
// inxt-token(5), inxt-tag(5), inxt-descriptor(5).
#include <algorithm>
#include <set>

#include "format/certificate.h"
#include "format/contract.h"
#include "format/contract_release.h"
#include "format/heartbeat.h"
#include "format/host_report.h"
#include "format/known_hosts.h"
#include "format/lease.h"
#include "format/renewal.h"
#include "format/transfer.h"
#include "format/voucher.h"
#include "format/bridge_capability.h"
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
  if (type == "inxt-release") {
    const auto said = TRY(format::open_release(token, now));
    return Value{{"iss", to_hex(said.bridge)},
                 {"aud", said.host.hex()},
                 {"piece", said.piece.hex()},
                 {"account", said.account.hex()},
                 {"contract", to_hex(said.contract)},
                 {"successor", said.successor.hex()},
                 {"successor_contract", to_hex(said.successor_contract)},
                 {"iat", said.issued_unix_s},
                 {"exp", said.expires_unix_s}};
  }
  if (type == "inxt-renewal") {
    const auto said = TRY(format::open_renewal(token, now));
    return Value{{"iss", to_hex(said.control)},      {"aud", said.host.hex()},
                 {"contract", to_hex(said.contract)}, {"piece", said.piece.hex()},
                 {"account", said.account.hex()},     {"from", said.from_unix_s},
                 {"until", said.until_unix_s},        {"price", said.price},
                 {"iat", said.issued_unix_s},         {"exp", said.expires_unix_s}};
  }
  if (type == "inxt-renewal-acceptance") {
    const auto said = TRY(format::open_renewal_acceptance(token));
    return Value{{"iss", said.host.hex()},         {"renewal", to_hex(said.renewal)},
                 {"account", said.account.hex()},  {"piece", said.piece.hex()},
                 {"size", said.size},              {"until", said.until_unix_s},
                 {"price", said.price},            {"iat", said.issued_unix_s}};
  }
  if (type == "inxt-voucher") {
    const auto said = TRY(format::open_voucher(token, now));
    Value value{{"iss", to_hex(said.bridge)},
                {"account", said.account.hex()},
                {"iat", said.issued_unix_s},
                {"exp", said.expires_unix_s}};
    if (said.host) value["aud"] = said.host->hex();
    if (said.bytes) value["bytes"] = *said.bytes;
    return value;
  }
  if (type == "inxt-permit") {
    const auto said = TRY(format::open_permit(token));
    Value value{{"iss", to_hex(said.issuer)},   {"aud", to_hex(said.bridge)},
                {"cnf", said.holder.hex()},     {"can", said.can.names()},
                {"iat", said.issued_unix_s},    {"exp", said.expires_unix_s},
                {"jti", to_base64url(said.id)}};
    if (said.object) value["object"] = said.object->hex();
    if (said.quota_bytes) value["quota_bytes"] = *said.quota_bytes;
    if (said.parent) value["parent"] = to_hex(*said.parent);
    return value;
  }
  if (type == "inxt-transfer") {
    const auto said = TRY(format::open_transfer(token, now));
    return Value{{"iss", said.account.hex()}, {"aud", said.host.hex()},    {"piece", said.piece.hex()},
                 {"bytes", said.bytes},       {"request", said.request}, {"iat", said.issued_unix_s}};
  }
  if (type == "inxt-lease") {
    const auto said = TRY(format::open_lease(token, now));
    Value pieces = Value::array();
    for (const auto& piece : said.pieces) pieces.push_back(piece.hex());
    return Value{{"iss", to_hex(said.bridge)},      {"aud", said.host.hex()},
                 {"cnf", to_hex(said.client)},      {"account", said.account.hex()},
                 {"pieces", std::move(pieces)},     {"jti", to_base64url(said.jti)},
                 {"iat", said.issued_unix_s},       {"exp", said.expires_unix_s}};
  }
  if (type == "inxt-capability") {
    if (const auto said = format::open_leasing_capability(token, now))
      return Value{{"iss", said->account.hex()},   {"aud", said->host.hex()},
                   {"cnf", to_hex(said->bridge)},  {"can", "lease"},
                   {"jti", to_base64url(said->jti)},
                   {"iat", said->issued_unix_s},   {"exp", said->expires_unix_s}};
    const auto said = TRY(format::open_capability(token, now));
    return Value{{"iss", said.account.hex()},  {"aud", said.host.hex()},
                 {"cnf", to_hex(said.client)}, {"can", "read"},
                 {"piece", said.piece.hex()},  {"jti", to_base64url(said.jti)},
                 {"iat", said.issued_unix_s},  {"exp", said.expires_unix_s}};
  }
  if (type == "inxt-heartbeat") {
    const auto said = TRY(format::open_heartbeat(token, now));
    Value accounts = Value::array();
    for (const auto& entry : said.accounts) accounts.push_back(Value::array({entry.account.hex(), entry.bytes}));
    return Value{{"iss", said.host.hex()},
                 {"aud", to_hex(said.bridge)},
                 {"counter", said.counter},
                 {"iat", said.issued_unix_s},
                 {"capacity_bytes", said.capacity_bytes},
                 {"used_bytes", said.used_bytes},
                 {"free_bytes", said.free_bytes},
                 {"load", said.load_percent},
                 {"in_bytes", said.in_bytes},
                 {"out_bytes", said.out_bytes},
                 {"started", said.started_unix_s},
                 {"software", said.software},
                 {"processors", said.processors},
                 {"memory_bytes", said.memory_bytes},
                 {"draining", said.draining},
                 {"retiring", said.retiring_unix_s},
                 {"away_until", said.away_until_unix_s},
                 {"accounts", std::move(accounts)}};
  }
  if (type == "inxt-report") {
    const auto said = TRY(format::open_report(token, now));
    return Value{{"iss", said.host.hex()},
                 {"aud", to_hex(said.bridge)},
                 {"piece", said.piece.hex()},
                 {"account", said.account.hex()},
                 {"what", format::report_kind_name(said.kind)},
                 {"iat", said.issued_unix_s}};
  }
  if (type == "inxt-succession") {
    const auto said = TRY(format::open_succession(token));
    return Value{{"iss", said.from.hex()}, {"sub", said.to.hex()}, {"iat", said.issued_unix_s}};
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

Result<Value> run_renewed(const Value& given, ByteView) {
  const std::string offer = given.at("offer"), acceptance = given.at("acceptance"), renewal = given.at("renewal"),
                    renewal_acceptance = given.at("renewal_acceptance");
  const auto opened = TRY(format::open_offer(offer, std::nullopt));
  std::vector<HostId> successors;
  if (given.contains("successors"))
    for (const std::string text : given["successors"]) successors.push_back(*HostId::parse(text));
  const auto said = TRY(format::check_renewed(opened, acceptance, renewal, renewal_acceptance, successors));
  return Value{{"renewal_hash", to_hex(format::renewal_hash(renewal))}, {"until", said.until_unix_s}};
}

Result<Value> run_voucher(const Value& given, ByteView input) {
  const auto said = TRY(format::open_voucher_for(text_of(input), id_of<AccountId>(given, "account"),
                                                 id_of<HostId>(given, "host"), given.at("now").get<std::int64_t>()));
  Value value{{"bridge", to_hex(said.bridge)}, {"exp", said.expires_unix_s}};
  if (said.bytes) value["bytes"] = *said.bytes;
  return value;
}

Result<Value> run_lease(const Value& given, ByteView input) {
  std::vector<HostId> hosts;
  for (const std::string text : given.at("hosts")) hosts.push_back(*HostId::parse(text));
  const auto said = TRY(format::open_leased(text_of(input), id_of<AccountId>(given, "client").bytes, hosts,
                                            id_of<PieceId>(given, "piece"), given.at("now").get<std::int64_t>()));
  return Value{{"account", said.account.hex()}, {"bridge", to_hex(said.bridge)}, {"exp", said.expires_unix_s}};
}

Result<Value> run_permit(const Value& given, ByteView input) {
  const auto chain = TRY(format::PermitChain::open(text_of(input)));
  TRY(format::check_permit(chain, id_of<HostId>(given, "bridge").bytes, id_of<AccountId>(given, "client"),
                           given.at("now").get<std::int64_t>()));
  Value out{{"owner", chain.links().front().holder.hex()}, {"can", chain.last().can.names()}};
  if (const auto quota = chain.quota_bytes()) out["quota_bytes"] = *quota;
  if (chain.last().object) out["object"] = chain.last().object->hex();
  return out;
}

Result<Value> run_hosts(const Value&, ByteView input) {
  auto hosts = TRY(format::read_hosts(text_of(input)));
  std::ranges::sort(hosts, {}, &format::Descriptor::host);
  Value list = Value::array();
  std::set<HostId> ids;
  for (const auto& host : hosts) {
    list.push_back({{"host", host.host.hex()}, {"addresses", host.addresses}, {"iat", host.issued_unix_s}});
    ids.insert(host.host);
    for (const auto& link : host.former) ids.insert(link.from);
  }
  const format::KnownHosts known(std::move(hosts));
  Value stand_for = Value::object(), disputed = Value::array(), for_new_pieces = Value::array();
  for (const auto& id : ids) {
    const auto* host = known.find(id);
    stand_for[id.hex()] = host != nullptr ? Value(host->host.hex()) : Value();
  }
  for (const auto& dispute : known.disputes()) disputed.push_back(dispute.id.hex());
  for (const auto& host : known.for_new_pieces()) for_new_pieces.push_back(host.host.hex());
  return Value{{"hosts", std::move(list)},
               {"stand_for", std::move(stand_for)},
               {"disputed", std::move(disputed)},
               {"for_new_pieces", std::move(for_new_pieces)}};
}

constexpr Format kTokenFormats[] = {
    {"tag", run_tag},         {"token", run_token},     {"put-answer", run_put_answer},
    {"renewed", run_renewed}, {"voucher", run_voucher}, {"permit", run_permit},
    {"lease", run_lease},     {"hosts", run_hosts}};

}  // namespace

std::span<const Format> token_formats() {
  return kTokenFormats;
}

}  // namespace inxt::vectors
