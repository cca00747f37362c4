// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/rows.h"

#include <fmt/format.h>

#include <bit>

namespace inxt::database {

std::size_t Row::size() const {
  return rows_->columns();
}

Kind Row::kind(std::size_t column) const {
  return rows_->cell(number_, column).kind;
}

std::int64_t Row::integer(std::size_t column) const {
  const Rows::Cell& cell = rows_->cell(number_, column);
  CHECK_BUG(cell.kind == Kind::integer);
  return static_cast<std::int64_t>(cell.bits);
}

double Row::real(std::size_t column) const {
  const Rows::Cell& cell = rows_->cell(number_, column);
  if (cell.kind == Kind::integer) return static_cast<double>(static_cast<std::int64_t>(cell.bits));
  CHECK_BUG(cell.kind == Kind::real);
  return std::bit_cast<double>(cell.bits);
}

std::string_view Row::text(std::size_t column) const {
  const Rows::Cell& cell = rows_->cell(number_, column);
  CHECK_BUG(cell.kind == Kind::text);
  return text_of(ByteView(rows_->bytes_).subspan(cell.bits, cell.size_bytes));
}

ByteView Row::blob(std::size_t column) const {
  const Rows::Cell& cell = rows_->cell(number_, column);
  CHECK_BUG(cell.kind == Kind::blob);
  return ByteView(rows_->bytes_).subspan(cell.bits, cell.size_bytes);
}

void Rows::add_integer(std::int64_t value) {
  cells_.push_back({.kind = Kind::integer, .size_bytes = 0, .bits = static_cast<std::uint64_t>(value)});
}

void Rows::add_real(double value) {
  cells_.push_back({.kind = Kind::real, .size_bytes = 0, .bits = std::bit_cast<std::uint64_t>(value)});
}

void Rows::add_bytes(Kind kind, ByteView value) {
  cells_.push_back(
      {.kind = kind, .size_bytes = static_cast<std::uint32_t>(value.size()), .bits = bytes_.size()});
  append(bytes_, value);
}

Result<void> check_size(const Rows& rows, const Limits& limits) {
  if (rows.size() > limits.rows_max)
    return fail(Code::usage, fmt::format("a query has more rows than rows_max ({})", limits.rows_max));
  if (rows.size_bytes() > limits.result_bytes_max)
    return fail(Code::usage,
                fmt::format("a query's rows are longer than result_bytes_max ({})", limits.result_bytes_max));
  return {};
}

}  // namespace inxt::database
