// SPDX-License-Identifier: AGPL-3.0-or-later
// Paths out of a manifest: whatever opens is a regular file inside the folder that was allowed.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "client/local_paths.h"
#include "fuzz/support/fuzz.h"

namespace inxt::fuzz {
namespace {

namespace fs = std::filesystem;

struct Tree {
  fs::path top;
  client::LocalPaths paths;

  Tree() {
    std::string name = fs::temp_directory_path() / "inxt-fuzz-XXXXXX";
    CHECK_BUG(::mkdtemp(name.data()) != nullptr);
    top = fs::canonical(name);
    fs::create_directories(top / "in/a/b");
    fs::create_directories(top / "out");
    for (const char* file : {"in/f", "in/a/f", "in/a/b/f", "out/f", "f"}) {
      const int fd = ::open((top / file).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
      CHECK_BUG(fd >= 0 && ::close(fd) == 0);
    }
    fs::create_directory_symlink("../out", top / "in/l");
    fs::create_symlink("../f", top / "in/s");
    CHECK_BUG(::mkfifo((top / "in/p").c_str(), 0600) == 0);
    CHECK_BUG(paths.allow(top / "in").has_value());
  }
  ~Tree() { fs::remove_all(top); }
};

}  // namespace

void fuzz(ByteView input) {
  static const Tree tree;
  // "@" stands for the allowed folder's own name.
  std::string path(text_of(input));
  if (path.starts_with('@')) path = (tree.top / "in").string() + path.substr(1);
  const auto fd = tree.paths.open(path);
  if (!fd) return;
  struct stat status;
  CHECK_BUG(::fstat(fd->number(), &status) == 0 && S_ISREG(status.st_mode));
  const auto real = fs::read_symlink("/proc/self/fd/" + std::to_string(fd->number())).string();
  CHECK_BUG(real.starts_with((tree.top / "in").string() + "/"));
}

}  // namespace inxt::fuzz
