// SPDX-License-Identifier: LGPL-3.0-or-later
// A file descriptor that closes itself.
#pragma once

#include <utility>

namespace inxt::sys {

class Fd {
 public:
  Fd() = default;
  /// Takes over `number`; -1 is none.
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~Fd() { close(); }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  /// Gives the descriptor away; the caller closes it.
  int release() { return std::exchange(number_, -1); }
  void close();

 private:
  int number_ = -1;
};

}  // namespace inxt::sys
