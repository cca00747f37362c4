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

Result<PeerList> PeerList::parse(std::string_view text) {
  PeerList list;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, std::min(end, text.find('#'))));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    const std::size_t blank = line.find_first_of(" \t");
    const std::string_view kind = blank == std::string_view::npos ? "account" : line.substr(0, blank);
    const std::string_view name = blank == std::string_view::npos ? line : trimmed(line.substr(blank));
    const Result<AccountId> id = AccountId::parse(name);
    if (!id || (kind != "account" && kind != "bridge"))
      return fail(
          Code::usage, fmt::format("line {} names neither an account nor a Bridge", number),
          "one a line: `account` or `bridge` and 64 hex digits, or an account's 64 hex digits alone, as "
          "`inxt-key show --for-host HOSTID` prints it; '#' begins a comment");
    if (kind == "account")
      list.accounts_.insert(*id);
    else
      list.bridges_.insert(id->bytes);
  }
  return list;
}

Result<PeerList> PeerList::load(const std::string& file) {
  const Bytes text = TRY_IN("list", sys::read_file(file, kAcceptFileBytesMax, "list (kAcceptFileBytesMax)"));
  return TRY_IN("list " + file, parse(text_of(text)));
}

AcceptList AcceptList::any() {
  AcceptList list;
  list.any_ = true;
  return list;
}

std::string AcceptList::counted_as(const std::optional<crypto::PublicKey>& key, std::string_view ip) const {
  if (key && named_.has(AccountId{*key})) return to_hex(*key);
  return net::network_of(ip);
}

Result<AcceptList> AcceptList::parse(std::string_view text) {
  return AcceptList(TRY(PeerList::parse(text)));
}

Result<AcceptList> AcceptList::load(const std::string& file_or_any) {
  if (file_or_any == "any") return any();
  return AcceptList(TRY(PeerList::load(file_or_any)));
}

}  // namespace inxt::host
