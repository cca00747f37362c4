// SPDX-License-Identifier: LGPL-3.0-or-later
#include "base/result.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace inxt {
namespace {

constexpr std::array<std::pair<Code, std::string_view>, 13> kNames{{
    {Code::failure, "failure"},
    {Code::usage, "usage"},
    {Code::partial, "partial"},
    {Code::not_found, "not_found"},
    {Code::try_again, "try_again"},
    {Code::denied, "denied"},
    {Code::quota, "quota"},
    {Code::integrity, "integrity"},
    {Code::audit_failed, "audit_failed"},
    {Code::too_few_pieces, "too_few_pieces"},
    {Code::below_redundancy, "below_redundancy"},
    {Code::wrong_key, "wrong_key"},
    {Code::locked, "locked"},
}};

Code code_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Code::not_found;
    case EACCES:
    case EPERM:
      return Code::denied;
    case ENOSPC:
    case EDQUOT:
      return Code::quota;
    case EMFILE:
    case ENFILE:
    case ENOMEM:  // passes; says nothing about the file
      return Code::try_again;
    default:
      return Code::failure;
  }
}

}  // namespace

std::string_view code_name(Code code) {
  for (const auto& [value, name] : kNames)
    if (value == code) return name;
  return "failure";
}

Code code_from_name(std::string_view wanted) {
  for (const auto& [value, name] : kNames)
    if (name == wanted) return value;
  return Code::failure;
}

Error Error::in(std::string_view context) && {
  what = fmt::format("{}: {}", context, what);
  return std::move(*this);
}

std::unexpected<Error> fail_errno(int error_number, std::string_view what) {
  return fail(code_of_errno(error_number),
              fmt::format("{}: {}", what, std::generic_category().message(error_number)));
}

}  // namespace inxt
