// SPDX-License-Identifier: LGPL-3.0-or-later
// The limits of a database's use; errors name them as they are written here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inxt::database {

struct Limits {
  std::uint32_t connections_max = 8;          // SQLite: readers, beside one writer
  std::uint32_t connection_wait_ms = 10'000;  // for one of them, or for one's turn to write
  std::uint32_t connect_ms = 5'000;           // PostgreSQL; rounded up to whole seconds
  std::uint32_t attempts_max = 100;           // of one transaction
  std::uint32_t retry_ms = 10'000;  // in all, for attempts after the first and for another process's lock
  std::uint32_t statement_ms_max = 30'000;
  std::size_t rows_max = 100'000;  // of one query
  std::size_t result_bytes_max = 64U << 20;
  std::size_t prepared_max = 256;  // statements kept ready, for each connection
  std::uint32_t group_max = 64;    // SQLite: transactions that share one commit
};

}  // namespace inxt::database
