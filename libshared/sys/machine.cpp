// SPDX-License-Identifier: LGPL-3.0-or-later
#include "sys/machine.h"

#include <unistd.h>

#include <cstdlib>

namespace inxt::sys {

Machine machine() {
  Machine machine;
  if (const long processors = ::sysconf(_SC_NPROCESSORS_ONLN); processors > 0)
    machine.processors = static_cast<std::uint64_t>(processors);
  const long pages = ::sysconf(_SC_PHYS_PAGES), page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_bytes > 0)
    machine.memory_bytes = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
  double load = 0;
  if (machine.processors > 0 && ::getloadavg(&load, 1) == 1 && load > 0)
    machine.load_percent = static_cast<std::uint64_t>(100 * load / static_cast<double>(machine.processors));
  return machine;
}

}  // namespace inxt::sys
