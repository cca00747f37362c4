// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/recover_contract.h"

#include <fmt/format.h>

#include "crypto/box.h"
#include "format/contract.h"
#include "format/generation.h"

namespace inxt::client {
namespace {

constexpr std::size_t kWritersKnownMax = 1000;
constexpr std::size_t kSecretsKnownMax = 100'000;

}  // namespace

bool OwnWriters::has(std::uint32_t number, const WriterId& writer) {
  if (number >= format::kCaretakersBegin) return false;
  const std::lock_guard lock(mutex_);
  auto known = known_.find(number);
  if (known == known_.end()) {
    const auto uploader = key_.uploader(number);
    if (!uploader) return false;
    if (known_.size() >= kWritersKnownMax) known_.clear();
    known = known_.emplace(number, uploader->writer_id()).first;
  }
  return known->second == writer;
}

Result<void> OwnWriters::check_secret(const format::OpenedTag& tag) {
  crypto::Sha256 name;
  name.update(view_of(tag.tag.header_line));
  name.update(tag.tag.sealed_secret);
  const auto hash = name.digest();
  {
    const std::lock_guard lock(mutex_);
    if (true_.contains(hash)) return {};
  }
  const auto secret = TRY(crypto::open_sealed(*key_.recipient_secret(), tag.tag.sealed_secret));
  TRY(format::Generation::open(tag.header, secret.view()));
  const std::lock_guard lock(mutex_);
  if (true_.size() >= kSecretsKnownMax) true_.clear();
  true_.insert(hash);
  return {};
}

Result<FoundPiece> read_contract(const keys::Key& key, OwnWriters& writers, const transfer::HeldPiece& held,
                                 const HostId& host, const AccountId& account) {
  const auto secret = key.recipient_secret();
  if (!secret) return fail(Code::denied, "a delegated machine's key opens no tags");
  const auto offer = TRY(format::open_offer(held.offer, std::nullopt));
  if (offer.account != account || offer.host != host || offer.piece != held.piece)
    return fail(Code::integrity, "a contract that this account did not make");
  auto opened = TRY(format::open_tag(*secret, offer.tag, held.piece));
  if (!writers.has(opened.header.uploader, opened.header.writer))
    return fail(Code::denied,
                fmt::format("a tag about a file of writer {}, who is not this owner's uploader {}",
                            opened.header.writer.hex().substr(0, 8), opened.header.uploader));
  if (const auto is_true = writers.check_secret(opened); !is_true)
    return fail(Code::denied, "a tag with another secret than its file has: " + is_true.error().what);
  return FoundPiece{.header_line = std::move(opened.tag.header_line),
                    .layout_line = std::move(opened.tag.layout_line),
                    .piece_line = std::move(opened.tag.piece_line),
                    .sealed_secret = std::move(opened.tag.sealed_secret),
                    .file = opened.header.file,
                    .uploader = opened.header.uploader,
                    .layout = opened.layout,
                    .piece = opened.piece,
                    .contract = format::contract_hash(held.acceptance),
                    .receipt = format::receipt_hash(held.receipt)};
}

}  // namespace inxt::client
