// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/cipher_stream.h"

#include <algorithm>

#include "crypto/secret.h"

namespace inxt::client {

Result<std::size_t> CtrSource::read(ByteSpan out) {
  const std::size_t got = TRY(plain_->read(out));
  ctr_.apply(out.first(got));
  return got;
}

CtrSink::~CtrSink() {
  crypto::wipe(scratch_);
}

Result<void> CtrSink::write(ByteView bytes) {
  if (scratch_.empty()) scratch_.resize(kScratchBytes);
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), scratch_.size());
    const auto plain = ByteSpan(scratch_).first(count);
    ctr_.apply(bytes.first(count), plain);
    TRY(plain_->write(plain));
    bytes = bytes.subspan(count);
  }
  return {};
}

}  // namespace inxt::client
