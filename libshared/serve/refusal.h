// SPDX-License-Identifier: LGPL-3.0-or-later
// An answer that says no: a status and the JSON error of inxt-wire(7).
#pragma once

#include <expected>
#include <vector>

#include "base/result.h"
#include "net/http.h"
#include "serve/limits.h"

namespace inxt::serve {

struct Refusal {
  int status = 500;
  Error error;
  std::vector<net::Header> headers = {};
  std::string members = {};     // more JSON members, each with a comma before it
  std::string_view limit = {};  // a literal: the name of the limit that was reached, where there was one
  std::int64_t retry_after_ms = kRetryAfterMs;  // told with 429 and 503

  Refusal(int status_, Error error_) : status(status_), error(std::move(error_)) {}
  /// With the status that inxt-wire(7) gives to the code.
  Refusal(Error error_);  // NOLINT: implicit, so that CO_TRY passes errors on
};
using Outcome = std::expected<void, Refusal>;

int status_of(Code code);
std::unexpected<Refusal> refuse(int status, Code code, std::string what, std::string hint = {});
/// 405, with Allow: `allow` as it stands in the header.
std::unexpected<Refusal> not_allowed(net::Method method, std::string_view allow);
/// For errors of one's own disk or database while it reads: what went wrong there is 500, never the peer's
/// fault.  not_found, try_again and quota stay what they are.
Refusal from_disk(Error error);

/// "no_certificate", "denied", "full", ...: why a daemon refuses with this status where no limit has a name.
std::string_view refusal_reason(int status);

/// {"error":...,"message":...} with hint, limit, retry_after_ms and the refusal's own members, and a newline.
/// `limit`: as it is to stand there; empty for none.  `retry_after_ms` 0: not told.
std::string refusal_json(const Refusal& refusal, std::string_view limit, std::int64_t retry_after_ms);

}  // namespace inxt::serve
