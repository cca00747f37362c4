// SPDX-License-Identifier: AGPL-3.0-or-later
// libFuzzer's two entry points.
#include "crypto/random.h"
#include "fuzz/support/fuzz.h"

extern "C" int LLVMFuzzerInitialize(int*, char***);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  inxt::crypto::start();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  inxt::fuzz::fuzz({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
