// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/put_naming.h"

#include <algorithm>
#include <filesystem>

#include "base/encoding.h"
#include "client/put_resume.h"

namespace inxt::client {
namespace {

constexpr std::size_t kBridgeDigits = 16;  // of its id, in the name of a journal

std::string bridge_name(const crypto::PublicKey& bridge) {
  return to_hex(bridge).substr(0, kBridgeDigits) + '-';
}

struct Naming {
  std::string path;
  format::RecordId record;
};

Result<std::vector<Naming>> namings_in(const std::string& folder, const keys::Key& key,
                                       const std::string& bridge) {
  std::vector<Naming> out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    Naming naming{.path = entry.path().string(), .record = {}};
    const auto text = PutJournal::record_of(entry.path().filename().string());
    if (!text || !text->starts_with(bridge)) continue;
    if (!from_hex(std::string_view(*text).substr(bridge.size()), naming.record.bytes)) continue;
    if (PutJournal::is_left(naming.path) && is_journal_of(naming.path, key)) out.push_back(std::move(naming));
  }
  if (error) return fail_errno(error.value(), folder);
  return out;
}

/// Makes certain what the log has: see the header.
net::Awaitable<Result<void>> fence(TreeView& view) {
  MakeChanges make = [](const tree::Tree& now) -> Result<Changes> {
    Changes out;
    out.ops.emplace_back(format::SettingsOp{now.keep_versions_s()});
    return out;
  };
  Result<AppendReport> appended = co_await view.append(std::move(make));
  CO_CHECK(appended);
  co_return Result<void>{};
}

}  // namespace

std::string naming_of(const crypto::PublicKey& bridge, const format::RecordId& record) {
  return bridge_name(bridge) + record.hex();
}

net::Awaitable<Result<void>> settle_namings(TreeView& view, const crypto::PublicKey& bridge,
                                            const std::string& folder) {
  if (!view.key().recipient_secret()) co_return Result<void>{};
  CO_TRY(const auto namings, namings_in(folder, view.key(), bridge_name(bridge)));
  const auto is_known = [&](const Naming& naming) { return view.tree().has_record(naming.record); };
  if (!std::ranges::all_of(namings, is_known)) {
    Result<void> fenced = co_await fence(view);
    if (!fenced) co_return fenced;
  }
  for (const auto& naming : namings) {
    if (is_known(naming)) {
      std::error_code ignored;
      std::filesystem::remove(naming.path, ignored);
      continue;
    }
    Result<void> cleared = PutJournal::clear_record(naming.path);
    if (!cleared && cleared.error().code != Code::locked) co_return cleared;
  }
  co_return Result<void>{};
}

}  // namespace inxt::client
