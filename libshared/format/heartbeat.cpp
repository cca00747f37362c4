// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/heartbeat.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kType = "inxt-heartbeat";
constexpr std::size_t kSoftwareBytesMax = 64;

Result<AccountBytes> read_account(const Fields& fields, const Json& pair) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_unsigned())
    return fields.bad("accounts", "an entry is not [account, bytes]");
  AccountBytes out;
  if (auto read = from_hex(pair[0].get_ref<const std::string&>(), out.account.bytes); !read)
    return fields.bad("accounts", read.error().what);
  out.bytes = pair[1].get<std::uint64_t>();
  if (out.bytes > kJsonIntegerMax) return fields.bad("accounts", "an entry has too many bytes");
  return out;
}

/// Ascending, so that there is one way to write them and none stands twice.
Result<std::vector<AccountBytes>> read_accounts(const Fields& fields, const Json& payload) {
  std::vector<AccountBytes> out;
  if (!fields.has("accounts")) return out;
  const Json& list = payload.at("accounts");
  if (!list.is_array()) return fields.bad("accounts", "not a list");
  if (list.size() > kHeartbeatAccountsMax)
    return fields.bad("accounts",
                      fmt::format("more than {} entries (kHeartbeatAccountsMax)", kHeartbeatAccountsMax));
  for (const Json& pair : list) {
    const auto entry = TRY(read_account(fields, pair));
    if (!out.empty() && entry.account <= out.back().account)
      return fields.bad("accounts", "not in ascending order");
    out.push_back(entry);
  }
  return out;
}

Result<Heartbeat> read_heartbeat(const Token& opened) {
  const Fields fields(opened.payload, "heartbeat");
  Heartbeat out;
  out.host.bytes = opened.issuer;
  TRY(fields.hex("aud", out.bridge));
  out.counter = TRY(fields.integer("counter"));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.capacity_bytes = TRY(fields.integer("capacity_bytes"));
  out.used_bytes = TRY(fields.integer("used_bytes"));
  out.free_bytes = TRY(fields.integer("free_bytes"));
  if (out.free_bytes > out.capacity_bytes) return fields.bad("free_bytes", "more than the capacity");
  out.load_percent = TRY(fields.integer("load", kLoadPercentMax));
  out.in_bytes = TRY(fields.integer("in_bytes"));
  out.out_bytes = TRY(fields.integer("out_bytes"));
  out.started_unix_s = TRY(fields.time("started"));
  out.software = TRY(fields.text("software", kSoftwareBytesMax));
  if (!is_declared_text(out.software, kSoftwareBytesMax)) return fields.bad("software", "not visible text");
  out.processors = TRY(fields.integer("processors", kProcessorsMax));
  out.memory_bytes = TRY(fields.integer("memory_bytes"));
  if (fields.has("draining")) out.draining = TRY(fields.boolean("draining"));
  if (fields.has("retiring")) out.retiring_unix_s = TRY(fields.time("retiring"));
  if (fields.has("away_until")) out.away_until_unix_s = TRY(fields.time("away_until"));
  out.accounts = TRY(read_accounts(fields, opened.payload));
  return out;
}

Result<std::string> declared_text(const Fields& fields, const char* key, std::size_t bytes_max) {
  if (!fields.has(key)) return std::string{};
  auto text = TRY(fields.text(key, bytes_max));
  if (!is_declared_text(text, bytes_max)) return fields.bad(key, "not visible text");
  return text;
}

}  // namespace

bool is_declared_text(std::string_view text, std::size_t bytes_max) {
  // Also none of the C1 controls, which in UTF-8 begin with c2.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto letter = static_cast<unsigned char>(text[i]);
    if (letter < 0x20 || letter == 0x7f) return false;
    if (letter == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;
  }
  return text.size() <= bytes_max && is_utf8(text);
}

Result<std::string> sign_heartbeat(const Heartbeat& heartbeat, const crypto::SigningKey& host) {
  Json payload{{"iss", heartbeat.host.hex()},
               {"aud", to_hex(heartbeat.bridge)},
               {"counter", heartbeat.counter},
               {"iat", heartbeat.issued_unix_s},
               {"capacity_bytes", heartbeat.capacity_bytes},
               {"used_bytes", heartbeat.used_bytes},
               {"free_bytes", heartbeat.free_bytes},
               {"load", heartbeat.load_percent},
               {"in_bytes", heartbeat.in_bytes},
               {"out_bytes", heartbeat.out_bytes},
               {"started", heartbeat.started_unix_s},
               {"software", heartbeat.software},
               {"processors", heartbeat.processors},
               {"memory_bytes", heartbeat.memory_bytes}};
  if (heartbeat.draining) payload["draining"] = true;
  if (heartbeat.retiring_unix_s != 0) payload["retiring"] = heartbeat.retiring_unix_s;
  if (heartbeat.away_until_unix_s != 0) payload["away_until"] = heartbeat.away_until_unix_s;
  if (!heartbeat.accounts.empty()) {
    auto accounts = heartbeat.accounts;
    std::ranges::sort(accounts, {}, &AccountBytes::account);
    Json list = Json::array();
    for (const auto& entry : accounts) list.push_back(Json::array({entry.account.hex(), entry.bytes}));
    payload["accounts"] = std::move(list);
  }
  if (!is_utf8(heartbeat.software)) return fail(Code::failure, "heartbeat: software: not UTF-8");
  auto token = TRY(sign_token(kType, payload, host));
  if (auto read = open_heartbeat(token, std::nullopt); !read)
    return fail(Code::failure, std::move(read).error().what);
  return token;
}

Result<Heartbeat> open_heartbeat(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  const Token opened = TRY(open_token(kType, token));
  auto out = TRY(read_heartbeat(opened));
  if (now_unix_s &&
      (out.issued_unix_s > *now_unix_s + kClockSkewS || out.issued_unix_s < *now_unix_s - kClockSkewS))
    return fail(Code::denied, "heartbeat: iat: not from now, by more than an hour");
  return out;
}

std::string write_heartbeat_request(const HeartbeatRequest& request) {
  Json json{{"heartbeat", request.heartbeat}};
  if (request.descriptor) json["descriptor"] = *request.descriptor;
  return write_compact(json);
}

Result<HeartbeatRequest> read_heartbeat_request(std::string_view body) {
  const auto json = TRY_IN("heartbeat request", parse_object(body, kRegistrationBytesMax));
  const Fields fields(json, "heartbeat request");
  HeartbeatRequest out;
  out.heartbeat = TRY(fields.text("heartbeat", kTokenBytesMax));
  if (fields.has("descriptor")) out.descriptor = TRY(fields.text("descriptor", kTokenBytesMax));
  return out;
}

Result<std::string> write_registration(std::string_view hosts_line, const Declared& declared) {
  if (!is_declared_text(declared.operator_name, kDeclaredOperatorBytesMax))
    return fail(Code::failure,
                "operator: not visible UTF-8, or longer than 64 bytes (kDeclaredOperatorBytesMax)");
  if (!is_declared_text(declared.domain, kDeclaredDomainBytesMax))
    return fail(Code::failure,
                "domain: not visible UTF-8, or longer than 64 bytes (kDeclaredDomainBytesMax)");
  if (!is_declared_text(declared.region, kDeclaredRegionBytesMax))
    return fail(Code::failure,
                "region: not visible UTF-8, or longer than 32 bytes (kDeclaredRegionBytesMax)");
  if (hosts_line.ends_with('\n')) hosts_line.remove_suffix(1);
  Json words = Json::object();
  if (!declared.operator_name.empty()) words["operator"] = declared.operator_name;
  if (!declared.domain.empty()) words["domain"] = declared.domain;
  if (!declared.region.empty()) words["region"] = declared.region;
  return write_compact({{"line", hosts_line}, {"declared", std::move(words)}});
}

Result<Registration> read_registration(std::string_view body) {
  const auto json = TRY_IN("registration", parse_object(body, kRegistrationBytesMax));
  const Fields fields(json, "registration");
  Registration out;
  const auto line = TRY(fields.text("line", kLineBytesMax - 1));
  out.descriptor = TRY(open_hosts_line(line, "registration: line"));
  out.token = parse_object(line).value().at("token").get<std::string>();
  if (!fields.has("declared")) return out;
  if (!json.at("declared").is_object()) return fields.bad("declared", "not an object");
  const Fields declared(json.at("declared"), "registration: declared");
  out.declared.operator_name = TRY(declared_text(declared, "operator", kDeclaredOperatorBytesMax));
  out.declared.domain = TRY(declared_text(declared, "domain", kDeclaredDomainBytesMax));
  out.declared.region = TRY(declared_text(declared, "region", kDeclaredRegionBytesMax));
  return out;
}

}  // namespace inxt::format
