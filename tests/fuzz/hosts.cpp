// SPDX-License-Identifier: AGPL-3.0-or-later
// A hosts file.  In its lines "@" stands for the token of the descriptor that the last line is the payload of.
#include "base/encoding.h"
#include "format/descriptor.h"
#include "format/token.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {

void fuzz(ByteView input) {
  std::string text(text_of(input));
  const auto last = text.rfind('\n', text.size() < 2 ? 0 : text.size() - 2);
  if (last != text.npos && text.find("\"@\"") < last) {
    std::string token = to_base64url(view_of(R"({"alg":"Ed25519","typ":"inxt-descriptor"})")) + "." +
                        to_base64url(view_of(with_hex_member(text.substr(last + 1), "iss", signer_hex())));
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
}

}  // namespace inxt::fuzz
