// SPDX-License-Identifier: LGPL-3.0-or-later
#include "host/accept_list.h"

#include <fmt/format.h>

#include "net/http.h"
#include "sys/files.h"

namespace inxt::host {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

AcceptList AcceptList::any() {
  AcceptList list;
  list.any_ = true;
  return list;
}

std::string AcceptList::counted_as(const std::optional<crypto::PublicKey>& key, std::string_view ip) const {
  if (key && accounts_.contains(AccountId{*key})) return to_hex(*key);
  return net::network_of(ip);
}

Result<AcceptList> AcceptList::parse(std::string_view text) {
  AcceptList list;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, std::min(end, text.find('#'))));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    const Result<AccountId> account = AccountId::parse(line);
    if (!account)
      return fail(Code::usage, fmt::format("line {} is not an account id", number),
                  "one id of 64 hex digits a line, as `inxt-key show --for-host HOSTID` prints it; '#' "
                  "begins a comment");
    list.accounts_.insert(*account);
  }
  return list;
}

Result<AcceptList> AcceptList::load(const std::string& file_or_any) {
  if (file_or_any == "any") return any();
  const Bytes text = TRY_IN("accept list", sys::read_file(file_or_any, kAcceptFileBytesMax, "accept list"));
  return TRY_IN("accept list " + file_or_any, parse(text_of(text)));
}

}  // namespace inxt::host
