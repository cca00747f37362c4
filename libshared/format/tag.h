// SPDX-License-Identifier: LGPL-3.0-or-later
// The tag in a contract: all that an owner needs to find a piece's place in its file again, when only the 24
// words are left.  Format: inxt-tag(5).
#pragma once

#include "format/generation.h"
#include "format/manifest_chain.h"

namespace inxt::format {

inline constexpr std::size_t kTagBytes = 2048;

struct Tag {
  crypto::Key control_seed;  // of the Ed25519 key that deletes and renews the contract
  Bytes sealed_secret;       // S, sealed to the owner (the owner's stanza)
  std::string header_line;   // exact lines without newline; see open_tag for what has been checked
  std::string layout_line;
  std::string piece_line;
};

/// kTagBytes, sealed to the owner's recipient.
/// Errors: failure when the lines do not fit (they do, within kHeaderBytesMax).
Result<Bytes> seal_tag(const ByteArray<32>& owner_recipient, const Tag& tag);

/// What an opened tag says, once its lines' signatures by the header's writer have been checked.
/// Whether that writer is one of the owner's own is the caller's question.
struct OpenedTag {
  Tag tag;
  Header header;
  Layout layout;
  PieceLine piece;
};

/// Errors: wrong_key when it was sealed to another; integrity when its lines do not agree, or the piece does not fit the
/// layout, or is not `piece`, which a tag that comes from a Host must be about.
Result<OpenedTag> open_tag(ByteView recipient_secret, ByteView sealed,
                           const std::optional<PieceId>& piece = std::nullopt);

}  // namespace inxt::format
