// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "format/tag.h"
#include "format/token.h"

namespace inxt::format {

namespace {

constexpr std::string_view kType = "inxt-transfer";

bool is_request_id(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_' || letter == '.';
  });
}

}  // namespace

Result<std::string> sign_transfer(const TransferReceipt& receipt, const crypto::SigningKey& account) {
  if (!is_request_id(receipt.request) || receipt.request.size() > kTransferRequestBytesMax)
    return fail(Code::failure, "the id of the request is none");
  if (receipt.bytes == 0 || receipt.bytes > kShardBytesMax)
    return fail(Code::failure, fmt::format("{} bytes are not served in one request", receipt.bytes));
  return sign_token(kType,
                    {{"iss", receipt.account.hex()},
                     {"aud", receipt.host.hex()},
                     {"piece", receipt.piece.hex()},
                     {"bytes", receipt.bytes},
                     {"request", receipt.request},
                     {"iat", receipt.issued_unix_s}},
                    account);
}

Result<TransferReceipt> open_transfer(std::string_view token, std::optional<std::int64_t> now_unix_s) {
  if (token.size() > kTransferTokenBytesMax)
    return fail(Code::integrity,
                fmt::format("transfer: longer than kTransferTokenBytesMax ({})", kTransferTokenBytesMax));
  const Token opened = TRY(open_token(kType, token));
  if (now_unix_s) TRY_IN(kType, check_times(opened.payload, *now_unix_s));
  const Fields fields(opened.payload, "transfer");
  TransferReceipt out;
  out.account.bytes = opened.issuer;
  out.host = TRY(fields.id<HostId>("aud"));
  out.piece = TRY(fields.id<PieceId>("piece"));
  out.bytes = TRY(fields.integer("bytes", kShardBytesMax));
  if (out.bytes == 0) return fields.bad("bytes", "nothing was served");
  out.request = TRY(fields.text("request", kTransferRequestBytesMax));
  if (!is_request_id(out.request)) return fields.bad("request", "no id of a request");
  out.issued_unix_s = TRY(fields.time("iat"));
  return out;
}

}  // namespace inxt::format
