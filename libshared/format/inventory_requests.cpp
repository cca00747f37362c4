// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/inventory_requests.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/contract_release.h"
#include "format/renewal.h"
#include "format/succession.h"
#include "format/token.h"

namespace inxt::format {
namespace {

Result<Json> parse_body(std::string_view body, const std::string& where) {
  if (body.size() > kAuditRequestBytesMax)
    return fail(Code::integrity, fmt::format("{}: longer than {} bytes (kAuditRequestBytesMax)", where,
                                             kAuditRequestBytesMax));
  return TRY_IN(where, parse_object(body, kAuditRequestBytesMax));
}

/// One text for one question: what was signed for must not have a second spelling.
Result<void> expect_same(std::string_view body, const std::string& written, const std::string& where) {
  if (body == written) return {};
  return fail(Code::integrity,
              where + ": not written as inxt-proof(5) says: other members, another order, or white space");
}

}  // namespace

std::string write_inventory_request(const InventoryRequest& request) {
  return write_compact({{"type", "inventory-challenge"},
                        {"challenge", to_hex(request.challenge)},
                        {"head", to_hex(request.head)},
                        {"numbers", request.numbers}});
}

Result<InventoryRequest> read_inventory_request(std::string_view body) {
  const std::string where = "audit request";
  const auto json = TRY(parse_body(body, where));
  const Fields fields(json, where);
  TRY(fields.expect("type", "inventory-challenge"));
  InventoryRequest out;
  TRY(fields.hex("challenge", out.challenge));
  TRY(fields.hex("head", out.head));
  const auto numbers = json.find("numbers");
  if (numbers == json.end() || !numbers->is_array() || numbers->empty())
    return fields.bad("numbers", "not a list of block numbers");
  if (numbers->size() > kSamplesPerRequestMax)
    return fields.bad("numbers", fmt::format("more than {} (kSamplesPerRequestMax)", kSamplesPerRequestMax));
  for (const auto& number : *numbers) {
    if (!number.is_number_unsigned()) return fields.bad("numbers", "not a list of block numbers");
    out.numbers.push_back(number.get<std::uint64_t>());
    if (out.numbers.back() >= kInventoryBlocksMax)
      return fields.bad("numbers", "one past the largest inventory (kInventoryBlocksMax)");
  }
  TRY(expect_same(body, write_inventory_request(out), where));
  return out;
}

std::string write_chain_request(const ChainRequest& request) {
  return write_compact({{"type", "inventory-chain"},
                        {"challenge", to_hex(request.challenge)},
                        {"head", to_hex(request.head)},
                        {"first", request.first},
                        {"count", request.count},
                        {"previous", to_hex(request.previous)}});
}

Result<ChainRequest> read_chain_request(std::string_view body) {
  const std::string where = "audit request";
  const auto json = TRY(parse_body(body, where));
  const Fields fields(json, where);
  TRY(fields.expect("type", "inventory-chain"));
  ChainRequest out;
  TRY(fields.hex("challenge", out.challenge));
  TRY(fields.hex("head", out.head));
  out.first = TRY(fields.integer("first", kChainSamplesMax - 1));
  out.count = TRY(fields.integer("count", kSamplesPerRequestMax));
  if (out.count == 0) return fields.bad("count", "0");
  if (out.first + out.count > kChainSamplesMax)
    return fields.bad("count", fmt::format("past link {} (kChainSamplesMax)", kChainSamplesMax));
  TRY(fields.hex("previous", out.previous));
  TRY(expect_same(body, write_chain_request(out), where));
  return out;
}

std::string write_released(const ReleasedLine& line) {
  Json json{{"type", "released"},
            {"piece", line.piece.hex()},
            {"offer", line.offer},
            {"acceptance", line.acceptance}};
  if (line.deletion) json["deletion"] = *line.deletion;
  if (line.release) json["release"] = *line.release;
  if (line.renewal) json["renewal"] = *line.renewal;
  if (line.renewal_acceptance) json["renewal_acceptance"] = *line.renewal_acceptance;
  if (!line.succession.empty()) json["succession"] = line.succession;
  return write_compact(json) + '\n';
}

Result<ReleasedLine> read_released(std::string_view line, const std::string& where) {
  const auto json = TRY_IN(where, parse_object(line, kReleasedLineBytesMax - 1));
  const Fields fields(json, where);
  TRY(fields.expect("type", "released"));
  ReleasedLine out;
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.offer = TRY(fields.text("offer", kTokenBytesMax));
  out.acceptance = TRY(fields.text("acceptance", kTokenBytesMax));
  if (fields.has("deletion")) out.deletion = TRY(fields.text("deletion", kTokenBytesMax));
  if (fields.has("release")) out.release = TRY(fields.text("release", kReleaseTokenBytesMax));
  if (out.release && out.deletion) return fields.bad("release", "beside a deletion");
  if (fields.has("renewal")) out.renewal = TRY(fields.text("renewal", kRenewalTokenBytesMax));
  if (fields.has("renewal_acceptance"))
    out.renewal_acceptance = TRY(fields.text("renewal_acceptance", kRenewalTokenBytesMax));
  if (out.renewal.has_value() != out.renewal_acceptance.has_value())
    return fields.bad("renewal", "only one of the two tokens");
  if (fields.has("succession"))
    out.succession = TRY(fields.texts("succession", kSuccessionsMax, kSuccessionBytesMax));
  return out;
}

}  // namespace inxt::format
