// SPDX-License-Identifier: LGPL-3.0-or-later
// The user's folders, by the XDG Base Directory Specification 0.8.
#pragma once

#include <string>

#include "base/result.h"

namespace inxt::sys {

enum class Xdg { config, state, cache };

/// $XDG_CONFIG_HOME/inxt (or _STATE_, _CACHE_), else $HOME/.config/inxt (.local/state, .cache).  Makes
/// nothing. A relative XDG value is ignored, as the specification asks.  Errors: not_found when HOME is not
/// set either.
Result<std::string> xdg_path(Xdg kind);

/// The same, made where it is missing, with its parents, mode 0700.
Result<std::string> xdg_folder(Xdg kind);

/// Makes a folder and its missing parents, mode 0700; done when it is there.
Result<void> make_private_folder(const std::string& path);

}  // namespace inxt::sys
