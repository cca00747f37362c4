// SPDX-License-Identifier: AGPL-3.0-or-later
#include "bridge/identity.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/scratch_folder.h"

namespace inxt::bridge {
namespace {

namespace fs = std::filesystem;

struct IdentityWorld {
  IdentityWorld() { crypto::start(); }
  Result<crypto::SigningKey> load(const std::optional<std::string>& credential = {}) {
    return load_or_make_identity(*directory, folder.path(), random, credential);
  }
  void write(const std::string& name, std::string_view text, mode_t mode = 0600) {
    const std::string path = folder.path().string() + "/" + name;
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
  }

  testing::ScratchFolder folder;
  std::unique_ptr<sys::Directory> directory = *sys::open_directory(folder.path());
  crypto::SystemRandom random;
};

TEST_CASE("a Bridge's key is made once, and kept to itself") {
  IdentityWorld world;
  const auto made = world.load();
  REQUIRE(made);
  const std::string file = world.folder.path().string() + "/identity.key";
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(world.load()->public_key() == made->public_key());
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(world.load().error().code == Code::denied);
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  fs::resize_file(file, fs::file_size(file) - 1);
  CHECK(world.load().error().code == Code::integrity);  // and no new one is made
  CHECK(fs::file_size(file) == 82);
}

TEST_CASE("no key is made beside a lost one, nor among other things") {
  IdentityWorld world;
  world.write("lock", "");
  REQUIRE(world.load());
  world.write("descriptor.jsonl", "{}\n");
  fs::remove(world.folder.path().string() + "/identity.key");
  CHECK(world.load().error().code == Code::integrity);
  IdentityWorld other;
  other.write("letter.txt", "dear\n");
  CHECK(other.load().error().code == Code::usage);
  CHECK_FALSE(fs::exists(other.folder.path().string() + "/identity.key"));
}

TEST_CASE("a credential counts, unless the folder has another key") {
  IdentityWorld world, elsewhere;
  const auto key = elsewhere.load();
  REQUIRE(key);
  const std::string credential = elsewhere.folder.path().string() + "/identity.key";
  REQUIRE(world.load(credential));
  CHECK(world.load(credential)->public_key() == key->public_key());
  CHECK_FALSE(fs::exists(world.folder.path().string() + "/identity.key"));
  REQUIRE(::chmod(credential.c_str(), 0604) == 0);
  CHECK(world.load(credential).error().code == Code::denied);
  REQUIRE(::chmod(credential.c_str(), 0440) == 0);
  CHECK(world.load(credential));
  const auto own = world.load();
  REQUIRE(own);
  CHECK(world.load(credential).error().code == Code::usage);
}

TEST_CASE("a damaged key is none") {
  crypto::start();
  const auto key = crypto::SigningKey::from_seed(Bytes(32, std::byte{5}));
  const std::string text(identity_text(key).text());
  CHECK(text.starts_with("inxt-bridge-key 1\n"));
  CHECK(read_identity(text, "it")->public_key() == key.public_key());
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK_FALSE(read_identity(text.substr(0, size), "it"));
  CHECK_FALSE(read_identity(text + "x", "it"));
  std::string host = text;
  host.replace(5, 6, "host");
  CHECK(read_identity(host, "it").error().code == Code::integrity);
}

}  // namespace
}  // namespace inxt::bridge
