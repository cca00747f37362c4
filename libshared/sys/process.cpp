// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

#include "sys/files.h"

namespace inxt::sys {

namespace {

constexpr std::size_t kStatmBytesMax = 4096;

std::uint64_t resident_bytes() {
  const Result<Bytes> read = read_file("/proc/self/statm", kStatmBytesMax, "statm");
  if (!read) return 0;
  std::string_view text = text_of(*read);  // "size resident ...", in pages
  text.remove_prefix(std::min(text.size(), text.find(' ') + 1));
  std::uint64_t pages = 0;
  std::from_chars(text.data(), text.data() + text.size(), pages);
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_files() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = ::readdir(folder))
    if (entry->d_name[0] != '.') ++count;
  ::closedir(folder);
  return count > 0 ? count - 1 : 0;  // one was that folder
}

std::uint64_t ms_of(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1000 + static_cast<std::uint64_t>(time.tv_usec) / 1000;
}

}  // namespace

ProcessUse process_use() {
  ProcessUse use;
  use.resident_bytes = resident_bytes();
  use.open_files = open_files();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) use.open_files_max = limit.rlim_cur;
  rusage times{};
  if (::getrusage(RUSAGE_SELF, &times) == 0) use.cpu_ms = ms_of(times.ru_utime) + ms_of(times.ru_stime);
  return use;
}

}  // namespace inxt::sys
