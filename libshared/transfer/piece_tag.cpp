// SPDX-License-Identifier: LGPL-3.0-or-later
#include "transfer/piece_tag.h"

namespace inxt::transfer {

Result<Bytes> tag_for(const keys::Recipient& owner, const format::Chain& chain, const std::string& piece_line,
                      crypto::Key control_seed) {
  const auto owner_name = keys::recipient_text(owner);
  for (const auto& stanza : chain.stanzas) {
    if (stanza.recipient != owner_name) continue;
    return format::seal_tag(owner, {.control_seed = std::move(control_seed),
                                    .sealed_secret = stanza.sealed_secret,
                                    .header_line = chain.header_line,
                                    .layout_line = chain.layout_line,
                                    .piece_line = piece_line});
  }
  return fail(Code::integrity, "the manifest has no stanza for the owner of this key");
}

}  // namespace inxt::transfer
