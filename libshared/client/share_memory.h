// SPDX-License-Identifier: LGPL-3.0-or-later
// Which bundle of a share this machine has read last: a Bridge that gives an older one back is found out by
// it.  One file a share: $XDG_STATE_HOME/inxt/shares/<share id>, a line of JSON, beside it a lock.  Format:
// inxt-share(5), "What a reader keeps".
#pragma once

#include "format/share_bundle.h"

namespace inxt::client {

/// Notes durably that this machine has read that bundle; before anything of it is shown.  `folder`, or
/// $XDG_STATE_HOME/inxt/shares; made where it is missing.  What is older: a lower `seq`; or, of bundles
/// without one, an earlier time.
/// Errors: integrity when this machine has read a newer one, or the file is damaged, with what to do; those
/// of files.
Result<void> remember_bundle(const std::optional<std::string>& folder, const format::ShareId& share,
                             const format::ShareBundle& bundle);

}  // namespace inxt::client
