// SPDX-License-Identifier: LGPL-3.0-or-later
#include "store/term.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/json.h"
#include "store/index.h"

namespace inxt::store {
namespace {

Result<std::int64_t> until_of(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos) return fail(Code::integrity, "token: not three parts");
  const Bytes payload = TRY(from_base64url(token.substr(first + 1, second - first - 1)));
  const format::Json json = TRY(format::parse_object(text_of(payload)));
  return format::Fields(json, "token").time("until");
}

}  // namespace

std::uint32_t term_of(const Trailer& trailer) {
  const Result<std::int64_t> until = until_of(trailer.renewal ? trailer.renewal->renewal : trailer.offer);
  if (!until) return kTermNone;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(*until, 1, kTermLast));
}

}  // namespace inxt::store
