// SPDX-License-Identifier: LGPL-3.0-or-later
#include <charconv>
#include <pqxx/result>

#include "base/encoding.h"
#include "database/postgresql_connection.h"

namespace inxt::database {
namespace {

// pg_type.dat; they never change.
enum Oid : pqxx::oid {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kOid = 26,
  kFloat4 = 700,
  kFloat8 = 701,
  kNumeric = 1700,
};

void add_real(Rows& rows, std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  rows.add_real(value);
}

/// sum() of integers is a numeric: an integer again where it is one.
void add_integer(Rows& rows, std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return rows.add_integer(value);
  add_real(rows, text);
}

void add_blob(Rows& rows, std::string_view text) {
  Bytes bytes(text.size() < 2 ? 0 : text.size() / 2 - 1);
  CHECK_BUG(text.starts_with("\\x") && from_hex(text.substr(2), bytes));  // bytea_output is hex
  rows.add_blob(bytes);
}

void add(Rows& rows, pqxx::oid type, std::string_view text) {
  switch (type) {
    case kBool:
      return rows.add_integer(text == "t" ? 1 : 0);
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
    case kNumeric:
      return add_integer(rows, text);
    case kFloat4:
    case kFloat8:
      return add_real(rows, text);
    case kBytea:
      return add_blob(rows, text);
    default:
      return rows.add_text(text);
  }
}

}  // namespace

Result<Rows> rows_of(const pqxx::result& result, const Limits& limits) {
  const auto columns = result.columns();
  std::vector<pqxx::oid> types;
  for (pqxx::row_size_type column = 0; column < columns; ++column)
    types.push_back(result.column_type(column));
  Rows rows(columns);
  for (const pqxx::row& row : result) {
    for (pqxx::row_size_type column = 0; column < columns; ++column) {
      const pqxx::field field = row[column];
      if (field.is_null())
        rows.add_null();
      else
        add(rows, types[column], {field.c_str(), field.size()});
    }
    TRY(check_size(rows, limits));
  }
  return rows;
}

}  // namespace inxt::database
