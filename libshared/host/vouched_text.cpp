// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/vouched_text.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace inxt::host {
namespace {

constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max();

std::string bridge_line(const crypto::PublicKey& bridge) {
  return fmt::format("bridge {}\n", to_hex(bridge));
}
std::string account_line(const AccountId& account) {
  return fmt::format("account {}\n", account.hex());
}
std::string voucher_line(const AccountId& account, const ShownVouchers::Most& most) {
  return fmt::format("voucher {} {} {}\n", account.hex(), most.bytes, most.expires_unix_s);
}

/// Up to the next blank; and takes both away.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

std::optional<std::uint64_t> number_of(std::string_view word) {
  std::uint64_t number = 0;
  const char* end = word.data() + word.size();
  const auto [behind, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc{} || behind != end) return std::nullopt;
  return number;
}

class Reader {
 public:
  Reader(VouchedAccounts& accounts, ShownVouchers& shown, std::int64_t now_unix_s)
      : accounts_(accounts), shown_(shown), now_unix_s_(now_unix_s) {}

  /// False where it says nothing of this kind.
  bool take(std::string_view line) {
    if (line.ends_with(' ')) return false;
    const std::string_view kind = take_word(line);
    const Result<AccountId> id = AccountId::parse(take_word(line));
    if (!id) return false;
    if (kind == "bridge" && line.empty()) {
      bridge_ = id->bytes;
      return true;
    }
    if (!bridge_) return false;
    if (kind == "account" && line.empty()) {
      (void)accounts_.note(*bridge_, *id);
      return true;
    }
    if (kind != "voucher") return false;
    const auto bytes = number_of(take_word(line));
    const auto until = number_of(line);
    if (!bytes || !until || *until > std::uint64_t{kTimeMax}) return false;
    const ShownVouchers::Most most{.bytes = *bytes, .expires_unix_s = static_cast<std::int64_t>(*until)};
    (void)shown_.note(*bridge_, *id, most, now_unix_s_);
    return true;
  }

 private:
  VouchedAccounts& accounts_;
  ShownVouchers& shown_;
  std::int64_t now_unix_s_;
  std::optional<crypto::PublicKey> bridge_;
};

}  // namespace

std::string vouched_text(const VouchedAccounts& accounts, const ShownVouchers& shown,
                         std::int64_t now_unix_s) {
  std::string text;
  std::optional<crypto::PublicKey> now;
  const auto say = [&](const crypto::PublicKey& bridge, const std::string& line) {
    if (now != bridge) text += bridge_line(bridge);
    now = bridge;
    text += line;
  };
  accounts.for_each([&](const auto& bridge, const auto& account) { say(bridge, account_line(account)); });
  shown.for_each([&](const auto& bridge, const auto& account, const ShownVouchers::Most& most) {
    if (most.expires_unix_s > now_unix_s) say(bridge, voucher_line(account, most));
  });
  return text;
}

std::string vouched_text(const VouchedAccounts& accounts, const ShownVouchers& shown,
                         const crypto::PublicKey& bridge, const AccountId& account) {
  std::string text = bridge_line(bridge);
  if (accounts.knows(bridge, account)) text += account_line(account);
  if (const auto most = shown.find(bridge, account)) text += voucher_line(account, *most);
  return text;
}

Result<void> read_vouched(std::string_view text, VouchedAccounts& accounts, ShownVouchers& shown,
                          std::int64_t now_unix_s) {
  Reader reader(accounts, shown, now_unix_s);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !reader.take(text.substr(0, end)))
      return fail(Code::integrity,
                  fmt::format("line {} names neither a Bridge nor an account of one", number));
    text.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace inxt::host
