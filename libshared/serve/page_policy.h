// SPDX-License-Identifier: LGPL-3.0-or-later
// What a daemon's page may do in a browser.
#pragma once

#include <string>

namespace inxt::serve {

/// The value of Content-Security-Policy that goes with a page in kPageStyle: nothing but that style, named by
/// its hash.
const std::string& page_policy();

}  // namespace inxt::serve
