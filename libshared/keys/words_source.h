// SPDX-License-Identifier: LGPL-3.0-or-later
// An owner's key from its words, for who has nothing else: read from a descriptor, or asked on the terminal.
#pragma once

#include <functional>

#include "keys/owner.h"

namespace inxt::keys {

inline constexpr int kWordsTriesMax = 3;  // on a terminal

/// The words that `fd` gives, to its end; `what` names it in errors.
/// Errors: those of entropy_from_words; failure of reading.
Result<Key> key_from_words(int fd, std::string_view what);

/// Asks on /dev/tty with echo off.  After words with a mistake, says what is wrong with them through `tell`
/// and asks again, kWordsTriesMax times in all.  Errors: as above; usage when there is no terminal.
Result<Key> key_from_asked_words(const std::function<void(const Error& error)>& tell);

}  // namespace inxt::keys
