// SPDX-License-Identifier: LGPL-3.0-or-later
// Which share to read, on the command line: --share FILE, or --link FILE|-.  The secret of a link is never an
// argument.
#pragma once

#include "cli/command.h"
#include "cli/world.h"
#include "format/share_keys.h"

namespace inxt::cli {

struct ShareOptions {
  std::optional<std::string> share;
  std::optional<std::string> link;
  bool given() const { return share || link; }
};

void declare_share_options(Command& command, ShareOptions& to);

/// What the file or the link gives access to.  `signers`: whom the share may be by; none: anyone, and of
/// a share file the person is told who. Errors: usage for a link that is none; wrong_key; denied for another
/// signer; integrity; those of files. REQUIRES: options.given().
Result<format::ShareAccess> open_share_access(World& world, const ShareOptions& options,
                                              const KeyOptions& key, const std::vector<std::string>& signers);

}  // namespace inxt::cli
