// SPDX-License-Identifier: LGPL-3.0-or-later
#include "keys/secret_json.h"

namespace inxt::keys {
namespace {

constexpr std::size_t kMembersMax = 4;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_string(std::string_view& to) {
    if (!take('"')) return false;
    std::size_t length = 0;
    while (length < rest_.size() && rest_[length] != '"') {
      char c = rest_[length++];
      if (c < 0x20 || c > 0x7e || c == '\\') return false;
    }
    if (length == rest_.size()) return false;
    to = rest_.substr(0, length);
    rest_.remove_prefix(length + 1);
    return true;
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    std::size_t length = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(length, rest_.size()));
  }
  std::string_view rest_;
};

}  // namespace

Result<std::vector<std::pair<std::string_view, std::string_view>>> read_secret_json(std::string_view text) {
  auto bad = [] { return fail(Code::integrity, "the secret part is not an object of plain strings"); };
  Reader reader(text);
  std::vector<std::pair<std::string_view, std::string_view>> members;
  if (!reader.take('{')) return bad();
  do {
    std::pair<std::string_view, std::string_view> member;
    if (!reader.take_string(member.first) || !reader.take(':') || !reader.take_string(member.second))
      return bad();
    for (const auto& [name, value] : members)
      if (name == member.first) return bad();
    members.push_back(member);
    if (members.size() > kMembersMax) return bad();
  } while (reader.take(','));
  if (!reader.take('}') || !reader.at_end()) return bad();
  return members;
}

}  // namespace inxt::keys
