// SPDX-License-Identifier: LGPL-3.0-or-later
// From plaintext to ciphertext and back, in the one order there is: zstd, padding, AES-256-CTR.
// Format: inxt-manifest(5), "The ciphertext".
#pragma once

#include "client/byte_stream.h"
#include "client/zstd_stream.h"
#include "format/generation.h"

namespace inxt::client {

/// The ciphertext of `plain`.  `part` says whether it is compressed and padded.
/// Errors: usage when the level is out of range.
Result<std::unique_ptr<ByteSource>> encrypting_source(std::unique_ptr<ByteSource> plain,
                                                      const format::Generation& generation,
                                                      const format::PrivatePart& part,
                                                      int zstd_level = kZstdLevelDefault);

/// Takes the whole ciphertext from its first byte, and gives the plaintext to `plain`.
/// Errors: integrity when what was written is not what `part` says: its compression, padding or length.
std::unique_ptr<ByteSink> decrypting_sink(std::unique_ptr<ByteSink> plain,
                                          const format::Generation& generation,
                                          const format::PrivatePart& part);

}  // namespace inxt::client
