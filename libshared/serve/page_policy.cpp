// SPDX-License-Identifier: LGPL-3.0-or-later
#include "serve/page_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "serve/page_style.h"

namespace inxt::serve {

namespace {

/// With the alphabet and the padding that a policy wants (RFC 4648, section 4).
std::string base64(ByteView bytes) {
  std::string text = to_base64url(bytes);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return text + std::string((4 - text.size() % 4) % 4, '=');
}

}  // namespace

const std::string& page_policy() {
  static const std::string policy = fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      base64(crypto::sha256(view_of(kPageStyle))));
  return policy;
}

}  // namespace inxt::serve
