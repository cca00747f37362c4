// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/usage.h"

#include <fmt/format.h>

#include "base/quantity.h"

namespace inxt::bridge {

Result<void> take_quota(database::Transaction& transaction, const Authority& authority, std::int64_t bytes) {
  const auto& links = authority.chain().links();
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto& path = authority.paths()[i];
    const std::optional<UsagePath> parent = i == 0 ? std::nullopt : std::optional(authority.paths()[i - 1]);
    TRY(transaction.execute(
        "INSERT INTO usage (path, parent, holder, used_bytes, placements) VALUES ($1, $2, $3, $4, 0) "
        "ON CONFLICT (path) DO UPDATE SET used_bytes = usage.used_bytes + excluded.used_bytes",
        {path, parent, links[i].holder, bytes}));
    if (!links[i].quota_bytes || bytes <= 0) continue;
    const auto used = TRY(used_bytes(transaction, path));
    const auto quota = *links[i].quota_bytes;
    if (used < 0 || static_cast<std::uint64_t>(used) <= quota) continue;
    const auto before = static_cast<std::uint64_t>(std::max<std::int64_t>(used - bytes, 0));
    return fail(
        Code::quota,
        fmt::format("over quota: {} of {} are in use, and {} more are needed{}", show_size(before),
                    show_size(quota), show_size(static_cast<std::uint64_t>(bytes)),
                    i + 1 == links.size() ? "" : fmt::format(" (permit {} of {})", i + 1, links.size())),
        "remove something, or ask whoever gave the permit for a larger quota");
  }
  return {};
}

Result<void> add_usage(database::Transaction& transaction, const UsagePath& path, std::int64_t bytes) {
  if (bytes == 0) return {};
  std::optional<UsagePath> at = path;
  for (std::size_t depth = 0; at && depth < format::kPermitChainMax; ++depth) {
    TRY(transaction.execute("UPDATE usage SET used_bytes = used_bytes + $2 WHERE path = $1", {*at, bytes}));
    const auto rows = TRY(transaction.query("SELECT parent FROM usage WHERE path = $1", {*at}));
    if (rows.empty() || rows[0].is_null(0)) break;
    at = rows[0].bytes<32>(0);
  }
  return {};
}

Result<void> forget_unused(database::Transaction& transaction, const UsagePath& path) {
  std::optional<UsagePath> at = path;
  for (std::size_t depth = 0; at && depth < format::kPermitChainMax; ++depth) {
    const auto rows = TRY(transaction.query("SELECT parent FROM usage WHERE path = $1", {*at}));
    if (rows.empty()) return {};
    const auto gone =
        TRY(transaction.execute("DELETE FROM usage WHERE path = $1 AND used_bytes = 0 AND placements = 0 "
                                "AND NOT EXISTS (SELECT 1 FROM charges WHERE charges.path = $1) "
                                "AND NOT EXISTS (SELECT 1 FROM usage AS later WHERE later.parent = $1)",
                                {*at}));
    if (gone == 0 || rows[0].is_null(0)) return {};
    at = rows[0].bytes<32>(0);
  }
  return {};
}

Result<std::int64_t> used_bytes(database::Transaction& transaction, const UsagePath& path) {
  const auto rows = TRY(transaction.query("SELECT used_bytes FROM usage WHERE path = $1", {path}));
  return rows.empty() ? 0 : rows[0].integer(0);
}

}  // namespace inxt::bridge
