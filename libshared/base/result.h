// SPDX-License-Identifier: LGPL-3.0-or-later
// Result<T>: a value, or an Error that says what was attempted.  Absence is std::optional; a bug is
// CHECK_BUG.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace inxt {

/// Why something failed.  The value is the exit status of every tool (inxt(7), EXIT STATUS).
enum class Code : int {
  failure = 1,  // anything that no other code says
  usage = 2,    // the caller's words are off
  partial = 3,  // some of it was done
  not_found = 4,
  try_again = 5,  // network, busy
  denied = 6,
  quota = 7,            // quota or funds
  integrity = 8,        // bytes are not what was signed, or are not in the format
  audit_failed = 9,     // a verdict; tools exit with it, functions return a Verdict
  too_few_pieces = 10,  // fewer than K pieces of a segment
  below_redundancy = 11,
  wrong_key = 12,
  locked = 13,  // by another process
};

/// The name scripts see in JSON errors, e.g. "too_few_pieces".
std::string_view code_name(Code code);
/// The inverse of code_name; `failure` for a name that is unknown.
Code code_from_name(std::string_view name);

/// What failed, on what and why, in one lower-case sentence without a full stop; and what to try.
struct Error {
  Code code = Code::failure;
  std::string what;
  std::string hint = {};  // empty where there is nothing to suggest

  /// The same error, with what was being attempted put before it: "context: what".
  Error in(std::string_view context) &&;
};

template <class T>
using Result = std::expected<T, Error>;

/// An Error as a Result: return fail(Code::integrity, "piece id differs").
inline std::unexpected<Error> fail(Code code, std::string what, std::string hint = {}) {
  return std::unexpected(Error{code, std::move(what), std::move(hint)});
}

/// An Error from errno: "what: No such file or directory"; maps ENOENT, EACCES, ENOSPC, EDQUOT.
std::unexpected<Error> fail_errno(int error_number, std::string_view what);

}  // namespace inxt

/// The value of `expression`, or return its error from this function.  Not around co_await (g++ 12 crashes):
/// CO_TRY.
#define TRY(expression)                                                       \
  ({                                                                          \
    auto&& try_result_ = (expression);                                        \
    if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
    *std::move(try_result_);                                                  \
  })

/// The value of `expression`, or return its error with `context` before it.
#define TRY_IN(context, expression)                                                       \
  ({                                                                                      \
    auto&& try_result_ = (expression);                                                    \
    if (!try_result_) return std::unexpected(std::move(try_result_).error().in(context)); \
    *std::move(try_result_);                                                              \
  })

#define INXT_JOIN2(a, b) a##b
#define INXT_JOIN(a, b) INXT_JOIN2(a, b)

/// For coroutines: CO_TRY(auto value, co_await something()); declares `value` or co_returns the error.
#define CO_TRY(declaration, expression)                                         \
  auto INXT_JOIN(co_try_, __LINE__) = expression;                               \
  if (!INXT_JOIN(co_try_, __LINE__))                                            \
    co_return std::unexpected(std::move(INXT_JOIN(co_try_, __LINE__)).error()); \
  declaration = *std::move(INXT_JOIN(co_try_, __LINE__))

/// For coroutines, where there is no value: CO_CHECK(co_await something()).
#define CO_CHECK(expression) \
  if (auto co_check_ = expression; !co_check_) co_return std::unexpected(std::move(co_check_).error())
