// SPDX-License-Identifier: AGPL-3.0-or-later
// What the fuzz targets share.  Each target defines fuzz(): it must return for any bytes, and says with CHECK_BUG what
// has to hold of those that are accepted.
//
// A signature would end most of what a fuzzer tries at the first check, so targets sign what was mutated again with the
// fixed keys here: then everything behind the signature is reached by whoever could sign.
#pragma once

#include "base/check.h"
#include "crypto/sign.h"
#include "sys/fd.h"

namespace inxt::fuzz {

/// The target's own.
void fuzz(ByteView input);

/// The key of writers, Hosts, accounts: whoever signs.
const crypto::SigningKey& signing_key();
std::string signer_hex();
/// The X25519 key that things are sealed to, and its public half.
ByteView recipient_secret();
ByteArray<32> recipient_public();

/// Takes the first byte off; 0 where there is none.
std::uint8_t take_byte(ByteView& input);
/// Lines without their newlines; what stands behind the last newline is a line where it is not empty.
std::vector<std::string_view> lines_of(std::string_view text);

/// A descriptor from which the text is read.
sys::Fd fd_of(std::string_view text);

/// The line with its `sig` member (if it ends with one) replaced by a true one.
std::string sign_again(std::string_view line, std::string_view label, ByteView context);
/// The text with the hex value of member `key` replaced, where it has 64 letters.
std::string with_hex_member(std::string text, std::string_view key, std::string_view hex);
/// A manifest whose header names signer_hex(), whose signed lines are signed again, and whose seal has the true hash.
std::string sign_manifest_again(std::string_view text);

}  // namespace inxt::fuzz
