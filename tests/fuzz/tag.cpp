// SPDX-License-Identifier: AGPL-3.0-or-later
// A tag's plaintext, sealed to the owner: as it is, and with its lines signed again.
#include "crypto/box.h"
#include "format/tag.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

void open(std::string plain) {
  plain.resize(format::kTagBytes - crypto::kSealedBoxOverheadBytes, '\n');
  const auto sealed = crypto::seal_to(recipient_public(), view_of(plain));
  CHECK_BUG(sealed && sealed->size() == format::kTagBytes);
  const auto opened = format::open_tag(recipient_secret(), *sealed);
  if (!opened) return;
  CHECK_BUG(format::check_layout(opened->layout).has_value());
  CHECK_BUG(opened->tag.sealed_secret.size() == format::kSealedSecretBytes);
  const auto again = format::seal_tag(recipient_public(), opened->tag);
  if (!again) return;  // a tag whose first line was shorter than this program writes it
  const auto back = format::open_tag(recipient_secret(), *again);
  CHECK_BUG(back && back->tag.header_line == opened->tag.header_line && back->tag.piece_line == opened->tag.piece_line &&
            back->layout == opened->layout && back->piece.place == opened->piece.place);
}

}  // namespace

void fuzz(ByteView input) {
  const auto text = text_of(input);
  open(std::string(text));
  const auto end = text.find('\n');
  if (end != text.npos)
    open(std::string(text.substr(0, end + 1)) + sign_manifest_again(text.substr(end + 1)));
}

}  // namespace inxt::fuzz
