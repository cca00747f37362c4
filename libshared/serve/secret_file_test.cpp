// SPDX-License-Identifier: AGPL-3.0-or-later
#include "serve/secret_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/scratch_folder.h"
#include "support/sim_directory.h"

namespace inxt::serve {
namespace {

using testing::SimDirectory;

std::string read(sys::Directory& directory, std::string_view name) {
  const auto file = directory.open(sys::Path{name}, sys::Caching::cached);
  if (!file) return {};
  Bytes bytes(kSecretFileBytesMax);
  bytes.resize((*file)->read_at(0, bytes).value_or(0));
  return std::string(text_of(bytes));
}

TEST_CASE("a power cut at any instant leaves the old secret or the new one") {
  int kept_old = 0, took_new = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (std::uint64_t step = 0;; ++step) {
      SimDirectory disk(seed);
      REQUIRE(save_secret_file(disk, "key", view_of("old")));
      disk.fail_at(step, Code::failure, true);
      const auto saved = save_secret_file(disk, "key", view_of("new"));
      disk.cut_power();
      const std::string text = read(disk, "key");
      CHECK_MESSAGE((text == "old" || text == "new"), "seed " << seed << ", step " << step);
      if (saved) CHECK(text == "new");
      kept_old += text == "old", took_new += text == "new";
      REQUIRE(remove_unfinished_secret(disk, "key"));
      CHECK(read(disk, "key.new").empty());
      if (saved) break;
    }
  CHECK(kept_old > 0);
  CHECK(took_new > 50);  // also such as did not know it yet
}

TEST_CASE("a secret that others can read is none") {
  const testing::ScratchFolder folder;
  const std::string path = folder.path().string() + "/key";
  CHECK(read_secret_file(path, "inxt-x", "folder").error().code == Code::not_found);
  const auto directory = *sys::open_directory(folder.path().string());
  REQUIRE(save_secret_file(*directory, "key", view_of("sesame")));
  CHECK(read_secret_file(path, "inxt-x", "folder")->text() == "sesame");
  for (const mode_t mode : {0640, 0604, 0620, 0610}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK(read_secret_file(path, "inxt-x", "folder").error().code == Code::denied);
  }
  REQUIRE(::chmod(path.c_str(), 0440) == 0);  // as a service manager lays it there
  CHECK(read_credential(path)->text() == "sesame");
  REQUIRE(::chmod(path.c_str(), 0444) == 0);
  CHECK(read_credential(path).error().code == Code::denied);
}

}  // namespace
}  // namespace inxt::serve
