// SPDX-License-Identifier: AGPL-3.0-or-later
// A hosts file.  In its lines "@" stands for the token of the descriptor that the last line is the payload of; in that
// payload "~0" to "~9" stand for successions: of keys 0 to 3 by each other, and by the descriptor's own key.
#include "base/encoding.h"
#include "format/known_hosts.h"
#include "format/token.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

using namespace format;

const std::vector<std::string>& links() {
  static const std::vector<std::string> tokens = [] {
    const auto key = [](int number) {
      return number == 4 ? signing_key().clone()
                         : crypto::SigningKey::from_seed(Bytes(32, static_cast<std::byte>(0xc0 + number)));
    };
    constexpr std::pair<int, int> kLinks[] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 4}, {1, 4}, {2, 4}, {0, 2}, {4, 0}, {3, 0}};
    std::vector<std::string> out;
    for (const auto& [from, to] : kLinks) out.push_back(*sign_succession({key(to).public_key()}, 1, key(from)));
    return out;
  }();
  return tokens;
}

std::string with_links(std::string payload) {
  for (std::size_t i = 0; i < links().size(); ++i) {
    const auto placeholder = "\"~" + std::to_string(i) + "\"";
    if (const auto at = payload.find(placeholder); at != payload.npos) payload.replace(at + 1, 2, links()[i]);
  }
  return payload;
}

/// What is found is a Host of the file, is reached by the ids that it says, and nobody new stands for a disputed id.
void check(const KnownHosts& known) {
  for (const auto& [id, host] : known.names()) {
    CHECK_BUG(known.find(id) == host);
    const auto successors = known.successors_of(id);
    CHECK_BUG(successors.size() <= kSuccessionsMax && (successors.empty() ? id : successors.back()) == host->host);
  }
  for (const auto& dispute : known.disputes())
    CHECK_BUG(known.find(dispute.id) == nullptr && dispute.first != dispute.second);
  for (const auto& host : known.for_new_pieces()) CHECK_BUG(known.find(host.host) != nullptr);
}

}  // namespace

void fuzz(ByteView input) {
  std::string text(text_of(input));
  const auto last = text.rfind('\n', text.size() < 2 ? 0 : text.size() - 2);
  if (last != text.npos && text.find("\"@\"") < last) {
    std::string token = to_base64url(view_of(R"({"alg":"Ed25519","typ":"inxt-descriptor"})")) + "." +
                        to_base64url(view_of(with_hex_member(with_links(text.substr(last + 1)), "iss", signer_hex())));
    token += "." + to_base64url(signing_key().sign_raw(view_of(token)));
    text = with_hex_member(text.substr(0, last + 1), "host", signer_hex());
    text.replace(text.find("\"@\"") + 1, 1, token);
  }
  const auto hosts = format::read_hosts(text);
  if (!hosts) return;
  CHECK_BUG(hosts->size() <= lines_of(text).size());
  for (const auto& host : *hosts) {
    CHECK_BUG(host.addresses.size() <= format::kAddressesMax);
    for (const auto& address : host.addresses)
      CHECK_BUG(format::is_address(address) && address.size() <= format::kHostAddressBytesMax);
  }
  check(format::KnownHosts(*hosts));
}

}  // namespace inxt::fuzz
