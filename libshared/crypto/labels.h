// SPDX-License-Identifier: LGPL-3.0-or-later
// The registry of labels: every hash, derived key and signature of inxt begins with one of these and a zero byte, so
// that nothing made for one purpose can be shown for another.  Manual: inxt-labels(5), with one vector each.
#pragma once

#include <string_view>

namespace inxt::crypto::label {

// Keys of a generation: HKDF-SHA256(secret S, salt F).
inline constexpr std::string_view kDataKey = "inxt/v1/data-key";
inline constexpr std::string_view kPrivateKey = "inxt/v1/private-key";
inline constexpr std::string_view kCommitment = "inxt/v1/commitment";
// A piece's key: HKDF-SHA256(seal key, salt F), parameters segment u64, shard u32, mirror u32.
inline constexpr std::string_view kPieceSeal = "inxt/v1/piece-seal";

// An owner's keys.
inline constexpr std::string_view kRecipient = "inxt/v1/recipient";  // from the recipient role's SLIP-0010 key
inline constexpr std::string_view kUploader = "inxt/v1/uploader";    // from the uploader master; parameter n u32
inline constexpr std::string_view kWriter = "inxt/v1/writer";        // from U_n
inline constexpr std::string_view kAccount = "inxt/v1/account";      // from U_n; parameter Host id

// Hashes.
inline constexpr std::string_view kPiece = "inxt/v1/piece";                  // piece id
inline constexpr std::string_view kHeaderHash = "inxt/v1/header-hash";       // a manifest's header line
inline constexpr std::string_view kOfferHash = "inxt/v1/offer-hash";         // an offer's token
inline constexpr std::string_view kContractHash = "inxt/v1/contract-hash";   // an acceptance's token
inline constexpr std::string_view kReceiptHash = "inxt/v1/receipt-hash";     // a receipt's token
inline constexpr std::string_view kAuditSet = "inxt/v1/audit-set";           // piece ids and sizes an audit draws from
inline constexpr std::string_view kChallenge = "inxt/v1/challenge";          // a whole challenge
inline constexpr std::string_view kSample = "inxt/v1/sample";                // the block numbers drawn from it

// Signatures over lines.
inline constexpr std::string_view kHeaderLine = "inxt/v1/header-line";
inline constexpr std::string_view kManifestLine = "inxt/v1/manifest-line";
inline constexpr std::string_view kAnswer = "inxt/v1/answer";

}  // namespace inxt::crypto::label
