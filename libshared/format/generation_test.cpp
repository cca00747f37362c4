// SPDX-License-Identifier: AGPL-3.0-or-later
#include "format/generation.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "crypto/labels.h"

namespace inxt::format {
namespace {

/// What a reader makes of a private part that a hostile writer sealed.
Result<PrivatePart> open_private(std::string_view json) {
  const ByteArray<32> secret{std::byte{3}};
  crypto::SeededRandom random(1);
  Header header;
  const auto commitment = crypto::derive(secret, header.file.bytes, crypto::label::kCommitment);
  std::ranges::copy(commitment.view(), header.commitment.begin());
  const auto key = crypto::derive(secret, header.file.bytes, crypto::label::kPrivateKey);
  header.private_part = crypto::aead_seal(random, key, header.file.bytes, view_of(json));
  const auto generation = Generation::open(header, secret);
  REQUIRE(generation.has_value());
  return generation->open_private(header);
}

TEST_CASE("a name in the private part leads to no other folder") {
  CHECK(open_private(R"({"name":"photos.tar"})")->name == "photos.tar");
  CHECK(open_private(R"({"name":"..."})")->name == "...");
  CHECK(open_private("{}")->name.empty());
  for (const auto* json :
       {R"({"name":"../x"})", R"({"name":"/etc/passwd"})", R"({"name":"a/b"})", R"({"name":"."})",
        R"({"name":".."})", R"({"name":"a\u0000b"})", R"({"name_b64":"Li4"})"}) {
    CAPTURE(json);
    const auto part = open_private(json);
    CHECK((!part && part.error().code == Code::integrity));
  }
}

TEST_CASE("the secret of another file is told by the commitment") {
  Header header;
  CHECK(Generation::open(header, ByteArray<32>{}).error().code == Code::wrong_key);
  CHECK(Generation::open(header, ByteArray<31>{}).error().code == Code::integrity);
}

}  // namespace
}  // namespace inxt::format
