// SPDX-License-Identifier: LGPL-3.0-or-later
// A share as a link, which is its own key: https://ADDRESS/s/ID#FRAGMENT.  Format: inxt-share(5), "Links".
//
// The fragment, which programs never send, is b64 of the share's secret, the Bridge's key, and the key that
// signs the bundle; ID follows from the secret, so a link that was changed on its way is known for it.
#pragma once

#include "format/share_keys.h"

namespace inxt::format {

inline constexpr std::size_t kShareLinkBytesMax = 1024;

/// With the first of its addresses.
crypto::SecretBytes write_share_link(const ShareAccess& access);
/// White space around it is passed over.  Errors: usage, saying what is wrong with it but nothing of the
/// fragment.
Result<ShareAccess> read_share_link(std::string_view text);

}  // namespace inxt::format
