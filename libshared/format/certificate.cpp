// SPDX-License-Identifier: LGPL-3.0-or-later
#include "format/certificate.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format/token.h"

namespace inxt::format {
namespace {

constexpr std::string_view kCertificateType = "inxt-certificate";

}  // namespace

Result<std::string> sign_certificate(const Certificate& certificate, const crypto::SigningKey& identity) {
  return sign_token(kCertificateType,
                    {{"iss", certificate.owner.hex()},
                     {"sub", certificate.writer.hex()},
                     {"uploader", certificate.uploader},
                     {"iat", certificate.issued_unix_s},
                     {"exp", certificate.expires_unix_s}},
                    identity);
}

Result<Certificate> open_certificate(std::string_view token) {
  const auto opened = TRY(open_token(kCertificateType, token));
  const Fields fields(opened.payload, "certificate");
  Certificate out;
  out.owner.bytes = opened.issuer;
  out.writer = TRY(fields.id<WriterId>("sub"));
  out.uploader = static_cast<std::uint32_t>(TRY(fields.integer("uploader", kCaretakersBegin - 1)));
  out.issued_unix_s = TRY(fields.time("iat"));
  out.expires_unix_s = TRY(fields.time("exp"));
  return out;
}

WriterCheck accept_only(KnownWriters known) {
  return [known = std::move(known)](const Header& header) -> Result<void> {
    if (known.writers.contains(header.writer)) return {};
    if (header.uploader >= kCaretakersBegin)
      return fail(Code::denied, fmt::format("the manifest's writer is number {}: that is a caretaker's, and "
                                            "caretakers write nothing", header.uploader));
    if (known.own && known.own(header.uploader) == header.writer) return {};
    const auto unknown = fmt::format("the manifest's writer {} is not one of yours", header.writer.hex());
    if (header.certificate.empty())
      return fail(Code::denied, unknown,
                  fmt::format("if you trust it, say --signer {}", header.writer.hex()));
    const auto certificate = TRY_IN("certificate", open_certificate(header.certificate));
    if (certificate.writer != header.writer || certificate.uploader != header.uploader)
      return fail(Code::integrity, "the certificate is about another writer");
    if (!known.owners.contains(certificate.owner))
      return fail(
          Code::denied,
          fmt::format("the manifest was written for owner {}, who is unknown here", certificate.owner.hex()),
          fmt::format("if you trust that owner, say --signer {}", certificate.owner.hex()));
    if (certificate.expires_unix_s < known.now_unix_s - kClockSkewS)
      return fail(
          Code::denied, "the writer's certificate has expired",
          fmt::format("if you know that the manifest is older, say --signer {}", header.writer.hex()));
    return {};
  };
}

}  // namespace inxt::format
