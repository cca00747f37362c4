// SPDX-License-Identifier: LGPL-3.0-or-later
// What a query returns, whole.
#pragma once

#include <optional>
#include <vector>

#include "base/check.h"
#include "base/result.h"
#include "database/limits.h"
#include "database/value.h"

namespace inxt::database {

class Rows;

/// One row of Rows, which it must not outlive.  Columns count from 0.  Asking for another kind than the
/// column holds is a bug and stops the program: tables are {strict} and NOT NULL, so the schema says what it
/// is.
class Row {
 public:
  std::size_t size() const;
  Kind kind(std::size_t column) const;
  bool is_null(std::size_t column) const { return kind(column) == Kind::null; }
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;  // also of an integer
  std::string_view text(std::size_t column) const;
  ByteView blob(std::size_t column) const;
  /// A blob of a length that the schema holds with CHECK (length(...) = N).
  template <std::size_t N>
  ByteArray<N> bytes(std::size_t column) const {
    const ByteView found = blob(column);
    CHECK_BUG(found.size() == N);
    ByteArray<N> out;
    std::copy(found.begin(), found.end(), out.begin());
    return out;
  }
  /// The same as an id of base/ids.h.
  template <class Id>
  Id id(std::size_t column) const {
    return Id{bytes<Id::kBytes>(column)};
  }
  std::optional<std::int64_t> optional_integer(std::size_t column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }

 private:
  friend class Rows;
  Row(const Rows& rows, std::size_t number) : rows_(&rows), number_(number) {}
  const Rows* rows_;
  std::size_t number_;
};

/// Rows in one piece of memory: 16 bytes a value, and the bytes of texts and blobs.
class Rows {
 public:
  Rows() = default;
  explicit Rows(std::size_t columns) : columns_(columns) {}

  std::size_t columns() const { return columns_; }
  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return size() == 0; }
  Row operator[](std::size_t number) const {
    CHECK_BUG(number < size());
    return {*this, number};
  }
  /// The bytes that it holds.
  std::size_t size_bytes() const { return cells_.size() * sizeof(Cell) + bytes_.size(); }

  class Iterator {
   public:
    Iterator(const Rows& rows, std::size_t number) : rows_(&rows), number_(number) {}
    Row operator*() const { return (*rows_)[number_]; }
    Iterator& operator++() {
      ++number_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return number_ == other.number_; }

   private:
    const Rows* rows_;
    std::size_t number_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

  // For the two databases: columns() values make a row.
  void add_null() { cells_.push_back({.kind = Kind::null, .size_bytes = 0, .bits = 0}); }
  void add_integer(std::int64_t value);
  void add_real(double value);
  void add_text(std::string_view value) { add_bytes(Kind::text, view_of(value)); }
  void add_blob(ByteView value) { add_bytes(Kind::blob, value); }

 private:
  friend class Row;
  struct Cell {
    Kind kind;
    std::uint32_t size_bytes;  // of a text or blob
    std::uint64_t bits;        // the integer, the real, or where in bytes_ it begins
  };
  void add_bytes(Kind kind, ByteView value);
  const Cell& cell(std::size_t row, std::size_t column) const {
    CHECK_BUG(column < columns_);
    return cells_[row * columns_ + column];
  }

  std::size_t columns_ = 0;
  std::vector<Cell> cells_;
  Bytes bytes_;
};

/// Errors: usage, when the rows so far are more than rows_max or result_bytes_max; names the limit.
Result<void> check_size(const Rows& rows, const Limits& limits);

}  // namespace inxt::database
