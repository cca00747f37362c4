// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/json.h"
#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::size_t kHostsLineBytesMax = 2 * kTokenBytesMax;
constexpr std::size_t kAllowancesMax = 4;

std::string_view without_newline(std::string_view text) {
  return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

Json layout_json(const Layout& layout) {
  Json out{{"k", layout.k}, {"m", layout.m}, {"mirrors", layout.mirrors}};
  if (layout.shard_bytes > 0) out["shard_bytes"] = layout.shard_bytes;
  return out;
}

Result<Layout> read_layout(const Json& json, const std::string& where) {
  if (!json.is_object()) return fail(Code::integrity, where + ": not an object");
  const Fields fields(json, where);
  Layout out;
  out.k = static_cast<std::uint32_t>(TRY(fields.integer("k", kDataShardsMax)));
  out.m = static_cast<std::uint32_t>(TRY(fields.integer("m", kParityShardsMax)));
  out.mirrors = static_cast<std::uint32_t>(TRY(fields.integer("mirrors", kMirrorsMax)));
  out.shard_bytes = default_shard_bytes(std::max(out.k, 1U), out.m);
  if (fields.has("shard_bytes"))
    out.shard_bytes = static_cast<std::uint32_t>(TRY(fields.integer("shard_bytes", kShardBytesMax)));
  TRY_IN(where, check_layout(out));
  return out;
}

template <class AnyId>
Result<std::vector<AnyId>> read_ids(const Json& list, const std::string& where, std::size_t count_max) {
  if (!list.is_array()) return fail(Code::integrity, where + ": not a list");
  if (list.size() > count_max)
    return fail(Code::integrity, fmt::format("{}: more than {} entries", where, count_max));
  std::vector<AnyId> out;
  for (const auto& entry : list) {
    if (!entry.is_string()) return fail(Code::integrity, where + ": not a list of texts");
    out.push_back(TRY_IN(where, AnyId::parse(entry.get_ref<const std::string&>())));
  }
  return out;
}

Json hex_list(const std::vector<HostId>& ids) {
  Json out = Json::array();
  for (const auto& id : ids) out.push_back(id.hex());
  return out;
}

Result<std::vector<PlacementGroup>> read_groups(const Fields& fields, const Json& json) {
  if (!fields.has("groups") || !json.at("groups").is_array()) return fields.bad("groups", "not a list");
  const auto& list = json.at("groups");
  if (list.empty() || list.size() > kPlacementGroupsMax) return fields.bad("groups", "none, or too many");
  std::vector<PlacementGroup> out;
  constexpr std::size_t kPiecesMax = std::size_t{kDataShardsMax + kParityShardsMax} * kMirrorsMax;
  for (const auto& entry : list) {
    if (!entry.is_object() || !entry.contains("primary") || !entry.contains("secondary"))
      return fields.bad("groups", "an entry is no group");
    out.push_back({.primary = TRY(read_ids<HostId>(entry.at("primary"), "primary", kPiecesMax)),
                   .secondary = TRY(read_ids<HostId>(entry.at("secondary"), "secondary", kPiecesMax))});
  }
  return out;
}

}  // namespace

std::vector<std::string> PlacementAllowances::names() const {
  std::vector<std::string> out;
  if (same_operator) out.emplace_back("operator");
  if (same_network) out.emplace_back("network");
  if (same_domain) out.emplace_back("domain");
  if (new_hosts) out.emplace_back("new");
  return out;
}

Result<void> PlacementAllowances::add(std::string_view name) {
  if (name == "operator")
    same_operator = true;
  else if (name == "network")
    same_network = true;
  else if (name == "domain")
    same_domain = true;
  else if (name == "new")
    new_hosts = true;
  else
    return fail(Code::usage, fmt::format("\"{}\" is no rule that can be given up", name.substr(0, 32)),
                "there is operator, network, domain, and new");
  return {};
}

std::string write_placement_wish(const PlacementWish& wish) {
  Json out{{"id", to_hex(wish.id)}, {"bytes", wish.bytes}};
  if (wish.is_open_ended) out["open_ended"] = true;
  if (wish.layout) out["layout"] = layout_json(*wish.layout);
  out["price_max"] = wish.price_max;
  if (!wish.excluded.empty()) out["exclude"] = hex_list(wish.excluded);
  if (const auto allow = wish.allow.names(); !allow.empty()) out["allow_same"] = allow;
  if (wish.groups_min > 1) out["groups"] = wish.groups_min;
  if (wish.seed) out["seed"] = to_hex(*wish.seed);
  if (!wish.reserve) out["reserve"] = false;
  if (wish.explain) out["explain"] = true;
  return write_compact(out) + '\n';
}

Result<PlacementWish> read_placement_wish(std::string_view body) {
  const auto json = TRY(parse_object(without_newline(body), kPlacementBodyBytesMax));
  const Fields fields(json, "placement");
  PlacementWish out;
  TRY(fields.hex("id", out.id));
  out.bytes = TRY(fields.integer("bytes", kPlacementBytesMax));
  if (fields.has("open_ended")) out.is_open_ended = TRY(fields.boolean("open_ended"));
  if (fields.has("layout")) out.layout = TRY(read_layout(json.at("layout"), "placement: \"layout\""));
  if (fields.has("price_max")) out.price_max = TRY(fields.integer("price_max"));
  if (fields.has("exclude"))
    out.excluded = TRY(read_ids<HostId>(json.at("exclude"), "placement: \"exclude\"", kPlacementExcludedMax));
  if (fields.has("allow_same"))
    for (const auto& name : TRY(fields.texts("allow_same", kAllowancesMax, 16)))
      if (!out.allow.add(name)) return fields.bad("allow_same", "names something that there is not");
  if (fields.has("groups"))
    out.groups_min = static_cast<std::uint32_t>(
        std::max<std::uint64_t>(1, TRY(fields.integer("groups", kPlacementGroupsMax))));
  if (fields.has("seed")) {
    ByteArray<32> seed{};
    TRY(fields.hex("seed", seed));
    out.seed = seed;
  }
  if (fields.has("reserve")) out.reserve = TRY(fields.boolean("reserve"));
  if (fields.has("explain")) out.explain = TRY(fields.boolean("explain"));
  return out;
}

std::string write_placement_given(const PlacementGiven& given) {
  Json out{{"placement", to_hex(given.id)}, {"layout", layout_json(given.layout)}};
  auto groups = Json::array();
  for (const auto& group : given.groups)
    groups.push_back({{"primary", hex_list(group.primary)}, {"secondary", hex_list(group.secondary)}});
  out["groups"] = std::move(groups);
  out["hosts"] = given.hosts;
  out["reserved_bytes"] = given.reserved_bytes;
  out["expires"] = given.expires_unix_s;
  if (!given.explanation.empty()) out["explanation"] = given.explanation;
  return write_compact(out) + '\n';
}

Result<PlacementGiven> read_placement_given(std::string_view line) {
  const auto json =
      TRY_IN("the Bridge's placement", parse_object(without_newline(line), kPlacementAnswerBytesMax));
  const Fields fields(json, "the Bridge's placement");
  PlacementGiven out;
  TRY(fields.hex("placement", out.id));
  if (!fields.has("layout")) return fields.bad("layout", "missing");
  auto layout = read_layout(json.at("layout"), "the Bridge's layout");
  if (!layout) return fail(Code::integrity, std::move(layout).error().what);  // the Bridge's words, not the user's
  out.layout = *layout;
  out.groups = TRY(read_groups(fields, json));
  out.hosts = TRY(fields.texts("hosts", kPlacementHostsMax, kHostsLineBytesMax));
  out.reserved_bytes = TRY(fields.integer("reserved_bytes"));
  out.expires_unix_s = TRY(fields.time("expires"));
  if (fields.has("explanation"))
    out.explanation = TRY(fields.text("explanation", kPlacementExplanationBytesMax));
  return out;
}

std::string write_voucher_wishes(const std::vector<VoucherWish>& wishes) {
  auto list = Json::array();
  for (const auto& wish : wishes) {
    Json entry = Json::array({wish.host.hex(), wish.account.hex()});
    if (wish.bytes) entry.push_back(*wish.bytes);
    list.push_back(std::move(entry));
  }
  return write_compact(Json{{"accounts", std::move(list)}}) + '\n';
}

Result<std::vector<VoucherWish>> read_voucher_wishes(std::string_view body) {
  const auto json = TRY(parse_object(without_newline(body), kPlacementBodyBytesMax));
  const Fields fields(json, "vouchers");
  if (!fields.has("accounts") || !json.at("accounts").is_array()) return fields.bad("accounts", "not a list");
  const auto& list = json.at("accounts");
  if (list.size() > kVouchersMax)
    return fields.bad("accounts", fmt::format("more than {} entries (kVouchersMax)", kVouchersMax));
  std::vector<VoucherWish> out;
  for (const auto& entry : list) {
    if (!entry.is_array() || entry.size() < 2 || entry.size() > 3 || !entry[0].is_string() ||
        !entry[1].is_string() || (entry.size() == 3 && !entry[2].is_number_unsigned()))
      return fields.bad("accounts", "an entry is not [host, account] or [host, account, bytes]");
    VoucherWish wish;
    wish.host = TRY_IN("vouchers: \"accounts\"", HostId::parse(entry[0].get_ref<const std::string&>()));
    wish.account = TRY_IN("vouchers: \"accounts\"", AccountId::parse(entry[1].get_ref<const std::string&>()));
    if (entry.size() == 3) wish.bytes = entry[2].get<std::uint64_t>();
    out.push_back(wish);
  }
  return out;
}

std::string write_vouchers_given(const std::vector<VoucherGiven>& vouchers, std::int64_t expires_unix_s) {
  auto list = Json::array();
  for (const auto& voucher : vouchers)
    list.push_back({{"host", voucher.host.hex()}, {"token", voucher.token}});
  return write_compact(Json{{"vouchers", std::move(list)}, {"expires", expires_unix_s}}) + '\n';
}

Result<VouchersGiven> read_vouchers_given(std::string_view line) {
  const auto json =
      TRY_IN("the Bridge's vouchers", parse_object(without_newline(line), kPlacementAnswerBytesMax));
  const Fields fields(json, "the Bridge's vouchers");
  if (!fields.has("vouchers") || !json.at("vouchers").is_array()) return fields.bad("vouchers", "not a list");
  const auto& list = json.at("vouchers");
  if (list.size() > kVouchersMax) return fields.bad("vouchers", "too many entries");
  VouchersGiven out;
  for (const auto& entry : list) {
    if (!entry.is_object()) return fields.bad("vouchers", "an entry is no object");
    const Fields each(entry, "the Bridge's vouchers");
    const auto host = TRY(each.id<HostId>("host"));
    out.vouchers.push_back({.host = host, .token = TRY(each.text("token", kTokenBytesMax))});
  }
  out.expires_unix_s = TRY(fields.time("expires"));
  return out;
}

}  // namespace inxt::format
