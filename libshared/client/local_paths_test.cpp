// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/local_paths.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "client/spool.h"
#include "sys/files.h"

namespace inxt::client {
namespace {

namespace fs = std::filesystem;

struct TemporaryFolder {
  std::string path = "/tmp/inxt-paths-XXXXXX";
  TemporaryFolder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~TemporaryFolder() { fs::remove_all(path); }
};

void put(const std::string& path, std::string_view text) {
  std::ofstream(path) << text;
}

TEST_CASE("a path in a manifest opens only below a folder that was given") {
  TemporaryFolder top;
  const auto inside = top.path + "/inside";
  fs::create_directories(inside + "/deep");
  put(top.path + "/secret", "secret");
  put(inside + "/file", "file");
  put(inside + "/deep/file", "deep");
  fs::create_symlink("../secret", inside + "/link");
  fs::create_symlink("..", inside + "/up");
  fs::create_symlink("file", inside + "/near");
  REQUIRE(::mkfifo((inside + "/fifo").c_str(), 0600) == 0);

  LocalPaths paths;
  CHECK(paths.open(inside + "/file").error().code == Code::denied);  // nothing was given yet
  REQUIRE(paths.allow(inside));
  for (const std::string& good :
       {inside + "/file", std::string("file"), inside + "/deep/file", std::string("deep/file")}) {
    CAPTURE(good);
    const auto fd = paths.open(good);
    REQUIRE(fd);
    CHECK(sys::read_all(fd->number(), 100, "it")->size() == 4);
  }
  for (const std::string& bad : {std::string("../secret"),
                                 inside + "/../secret",
                                 std::string("deep/../../secret"),
                                 std::string("link"),
                                 inside + "/link",
                                 std::string("up/secret"),
                                 std::string("near"),
                                 std::string("fifo"),
                                 std::string("deep"),
                                 std::string("/etc/passwd"),
                                 std::string("/dev/zero"),
                                 std::string("/proc/self/environ"),
                                 std::string(""),
                                 std::string("/"),
                                 std::string("."),
                                 std::string(".."),
                                 std::string("./file"),
                                 inside,
                                 inside + "/",
                                 inside + "//file",
                                 top.path + "/inside2/file",
                                 std::string("file\0x", 6),
                                 std::string(10000, 'a'),
                                 [] {
                                   std::string deep = "a";
                                   for (int i = 0; i < 100; ++i) deep += "/a";
                                   return deep;
                                 }()}) {
    CAPTURE(bad);
    const auto fd = paths.open(bad);
    REQUIRE_FALSE(fd);
    CHECK((fd.error().code == Code::denied || fd.error().code == Code::failure));
    // Removing takes the name away, whatever it names: a link or a FIFO may go, what it leads to may not.
    if (!bad.ends_with("link") && bad != "near" && bad != "fifo") CHECK_FALSE(paths.remove(bad));
  }
  CHECK(paths.open("absent").error().code == Code::not_found);
  REQUIRE(paths.remove("deep/file"));
  CHECK_FALSE(fs::exists(inside + "/deep/file"));
  CHECK(fs::exists(top.path + "/secret"));
}

TEST_CASE("the spool is private, names its files itself, and keeps only what is kept") {
  TemporaryFolder top;
  crypto::SystemRandom random;
  const auto spool = Spool::open(top.path + "/a/spool");
  REQUIRE(spool);
  struct stat stat;
  REQUIRE(::stat(spool->folder().c_str(), &stat) == 0);
  CHECK((stat.st_mode & 07777) == 0700);
  std::string kept;
  std::string lost;
  {
    auto one = spool->create("x", random);
    auto two = spool->create("x", random);
    REQUIRE(one);
    REQUIRE(two);
    kept = one->path();
    lost = two->path();
    REQUIRE(one->write(view_of("text")));
    REQUIRE(one->keep());
  }
  CHECK(fs::file_size(kept) == 4);
  CHECK_FALSE(fs::exists(lost));
  CHECK(spool->holds(kept));
  CHECK_FALSE(spool->holds(spool->folder()));
  CHECK_FALSE(spool->holds(spool->folder() + "x/y"));
  CHECK_FALSE(spool->holds(spool->folder() + "/y/z"));

  fs::permissions(spool->folder(), fs::perms::all);
  CHECK(Spool::open(spool->folder()).error().code == Code::denied);
}

}  // namespace
}  // namespace inxt::client
