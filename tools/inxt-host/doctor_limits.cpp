// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether the system gives a Host as many files and as much memory as it wants.
#include <fmt/format.h>

#include <sstream>

#include "cli/units.h"
#include "doctor.h"
#include "host/limits.h"
#include "sys/files.h"
#include "sys/service.h"

namespace inxt::tools {

namespace {

constexpr std::uint64_t kOpenFilesMin = 4096;                       // connections and pieces at once
constexpr std::uint64_t kMemoryBesideBytes = std::uint64_t{64} << 20;  // of the program beside --memory

Finding of_open_files() {
  const Result<std::uint64_t> files = sys::raise_open_files_limit();
  if (!files) return {"open-files", Health::wrong, files.error().what};
  const bool are_few = *files < kOpenFilesMin;
  Finding finding("open-files", are_few ? Health::wrong : Health::well,
                  fmt::format("{} at most; a busy Host wants {}", *files, kOpenFilesMin),
                  are_few ? "ulimit -Hn, or LimitNOFILE= in the unit" : "");
  finding.figures = {{"max", *files}};
  return finding;
}

Finding of_memory(const HostOptions& options) {
  const auto text = sys::read_file("/proc/meminfo", 1 << 16, "meminfo");
  std::uint64_t available_bytes = 0;
  if (text) {
    std::istringstream lines{std::string(text_of(*text))};
    std::string name;
    std::uint64_t kibibytes = 0;
    std::string rest;
    while (lines >> name >> kibibytes && std::getline(lines, rest))
      if (name == "MemAvailable:") available_bytes = kibibytes * 1024;
  }
  if (available_bytes == 0) return {"memory", Health::advice, "the system does not say how much there is"};
  const std::uint64_t wanted_bytes =
      options.memory_bytes.value_or(host::Limits{}.buffer_bytes_max) + kMemoryBesideBytes;
  const bool is_little = available_bytes < wanted_bytes;
  Finding finding("memory", is_little ? Health::wrong : Health::well,
                  fmt::format("{} are available, a Host takes up to {}", cli::show_size(available_bytes),
                              cli::show_size(wanted_bytes)),
                  is_little ? "lower --memory" : "");
  finding.figures = {{"available_bytes", available_bytes}, {"wanted_bytes", wanted_bytes}};
  return finding;
}

}  // namespace

Findings look_at_limits(const HostOptions& options) {
  return {of_open_files(), of_memory(options)};
}

}  // namespace inxt::tools
