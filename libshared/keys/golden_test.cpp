// SPDX-License-Identifier: AGPL-3.0-or-later
// Key files that inxt-key 0.1.0 wrote: every later version opens them, and writes what is not sealed byte for
// byte.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "keys/key_file.h"
#include "support/tests_dir.h"

namespace inxt::keys {
namespace {

std::string golden(const std::string& name) {
  std::ifstream file(testing::tests_dir() + "/golden/format-v1/" + name, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string again(const Key& key) {
  crypto::SystemRandom random;
  return std::string(write_key(key, std::nullopt, random)->text());
}

TEST_CASE("golden key files: an owner's, sealed and not, and a delegated machine's") {
  const auto text = golden("owner.key");
  const auto owner = KeyFile::parse(text).value().open();
  REQUIRE(owner);
  CHECK(to_hex(owner->owner()->entropy()) == std::string(64, '0'));
  CHECK(again(*owner) == text);

  const auto sealed = KeyFile::parse(golden("sealed.key"));
  REQUIRE(sealed);
  CHECK(sealed->sealed());
  CHECK(sealed->open(view_of("correct horsf")).error().code == Code::wrong_key);
  const auto opened = sealed->open(view_of("correct horse"));
  REQUIRE(opened);
  CHECK(opened->owner_id() == owner->owner_id());

  const auto delegated_text = golden("uploader.key");
  const auto delegated = KeyFile::parse(delegated_text).value().open();
  REQUIRE(delegated);
  CHECK_FALSE(delegated->is_owner());
  CHECK(delegated->uploader().writer_id() == owner->uploader(1)->writer_id());
  CHECK(again(*delegated) == delegated_text);
}

}  // namespace
}  // namespace inxt::keys
