// SPDX-License-Identifier: LGPL-3.0-or-later
#include "database/transaction.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "base/utf8.h"

namespace inxt::database {
namespace {

Result<void> check_value(const Value& value, std::size_t number) {
  if (value.blob().size() > kValueBytesMax)
    return fail(Code::usage, fmt::format("parameter {} has {} bytes, more than value_bytes_max ({})", number,
                                         value.blob().size(), kValueBytesMax));
  if (value.kind() == Kind::text && (!is_utf8(value.text()) || value.text().contains('\0')))
    return fail(Code::usage, fmt::format("parameter {} is not UTF-8 text without NUL", number));
  if (value.kind() == Kind::real && std::isnan(value.real()))
    return fail(Code::usage, fmt::format("parameter {} is not a number", number));
  return {};
}

Result<void> check_values(std::uint64_t parameters, std::span<const Value> values) {
  const auto wanted = static_cast<std::size_t>(std::bit_width(parameters));
  if (values.size() != wanted || static_cast<std::size_t>(std::popcount(parameters)) != wanted)
    return fail(Code::failure, fmt::format("a statement uses {} of {} parameters and got {}",
                                           std::popcount(parameters), wanted, values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) TRY(check_value(values[i], i + 1));
  return {};
}

}  // namespace

Result<Transaction::Done> Transaction::run_checked(std::string_view sql, std::uint64_t parameters,
                                                   std::span<const Value> values) {
  if (state_ != State::good) return std::unexpected(Error(error_).in("after a statement that failed"));
  Result<Done> done = Done{};
  if (Result<void> checked = check_values(parameters, values); !checked)
    done = std::unexpected(std::move(checked).error());
  else
    done = run(sql, values);
  if (!done) {
    if (state_ == State::good) state_ = State::failed;
    error_ = done.error();
  }
  return done;
}

Result<Rows> Transaction::query(SqlText sql, std::initializer_list<Value> values) {
  return query(sql, std::span(values.begin(), values.size()));
}
Result<Rows> Transaction::query(SqlText sql, std::span<const Value> values) {
  return TRY(run_checked(sql.text(), sql.parameters(), values)).rows;
}
Result<Rows> Transaction::query(const Sql& sql, std::span<const Value> values) {
  return TRY(run_checked(sql.text(), sql.parameters(), values)).rows;
}
Result<std::int64_t> Transaction::execute(SqlText sql, std::initializer_list<Value> values) {
  return execute(sql, std::span(values.begin(), values.size()));
}
Result<std::int64_t> Transaction::execute(SqlText sql, std::span<const Value> values) {
  return TRY(run_checked(sql.text(), sql.parameters(), values)).affected;
}
Result<std::int64_t> Transaction::execute(const Sql& sql, std::span<const Value> values) {
  return TRY(run_checked(sql.text(), sql.parameters(), values)).affected;
}

}  // namespace inxt::database
