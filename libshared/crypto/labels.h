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

// What an owner's tree of names is encrypted under: from the recipient's secret key, and the others from that.
inline constexpr std::string_view kTree = "inxt/v1/tree";
inline constexpr std::string_view kLogId = "inxt/v1/log-id";          // its first 16 bytes
inline constexpr std::string_view kRecordKey = "inxt/v1/record-key";  // parameter log id
inline constexpr std::string_view kEntryKey = "inxt/v1/entry-key";    // parameter log id
inline constexpr std::string_view kTreeCache = "inxt/v1/tree-cache";  // parameter log id

// What whoever has a share's secret s derives from it.
inline constexpr std::string_view kShareId = "inxt/v1/share-id";          // its first 16 bytes
inline constexpr std::string_view kShareKey = "inxt/v1/share-key";        // of the bundle
inline constexpr std::string_view kShareClient = "inxt/v1/share-client";  // the reader's TLS key

// What a Bridge keeps secret of what owners entrusted to it: from its identity's seed.
inline constexpr std::string_view kCare = "inxt/v1/care";

// Hashes.
inline constexpr std::string_view kPiece = "inxt/v1/piece";                  // piece id
inline constexpr std::string_view kHeaderHash = "inxt/v1/header-hash";       // a manifest's header line
inline constexpr std::string_view kOfferHash = "inxt/v1/offer-hash";         // an offer's token
inline constexpr std::string_view kContractHash = "inxt/v1/contract-hash";   // an acceptance's token
inline constexpr std::string_view kReceiptHash = "inxt/v1/receipt-hash";     // a receipt's token
inline constexpr std::string_view kRenewalHash = "inxt/v1/renewal-hash";     // a renewal's token
inline constexpr std::string_view kAuditSet = "inxt/v1/audit-set";           // piece ids and sizes an audit draws from
inline constexpr std::string_view kChallenge = "inxt/v1/challenge";          // a whole challenge
inline constexpr std::string_view kSample = "inxt/v1/sample";                // the block numbers drawn from it
inline constexpr std::string_view kChain = "inxt/v1/chain";                  // those drawn one after another
inline constexpr std::string_view kChainLink = "inxt/v1/chain-link";         // what the next of them hangs on
inline constexpr std::string_view kBlindedContract = "inxt/v1/blinded-contract";
inline constexpr std::string_view kInventoryLeaf = "inxt/v1/inventory-leaf";
inline constexpr std::string_view kInventoryNode = "inxt/v1/inventory-node";
inline constexpr std::string_view kInventoryHead = "inxt/v1/inventory-head";  // an inventory's head line
inline constexpr std::string_view kRecord = "inxt/v1/record";  // an object record's line: its id
inline constexpr std::string_view kEntry = "inxt/v1/entry";    // a log entry's line

// Signatures over lines.
inline constexpr std::string_view kHeaderLine = "inxt/v1/header-line";
inline constexpr std::string_view kManifestLine = "inxt/v1/manifest-line";
inline constexpr std::string_view kAnswer = "inxt/v1/answer";
inline constexpr std::string_view kInventoryHeadLine = "inxt/v1/inventory-head-line";
inline constexpr std::string_view kWitness = "inxt/v1/witness";  // that a hash was seen at a time
inline constexpr std::string_view kRecordLine = "inxt/v1/record-line";
inline constexpr std::string_view kEntryLine = "inxt/v1/entry-line";
inline constexpr std::string_view kShareBundle = "inxt/v1/share-bundle";  // a share's bundle; context share id
inline constexpr std::string_view kShareLine = "inxt/v1/share-line";      // a share file

}  // namespace inxt::crypto::label
