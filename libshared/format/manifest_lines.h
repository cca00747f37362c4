// SPDX-License-Identifier: LGPL-3.0-or-later
// What each line of a manifest says.  Format: inxt-manifest(5).
#pragma once

#include <optional>
#include <variant>

#include "format/json.h"
#include "format/layout.h"

namespace inxt::format {

inline constexpr std::size_t kHeaderBytesMax = 1280;  // so that a tag can hold it
inline constexpr std::size_t kStanzasMax = 64;
inline constexpr std::size_t kSealedSecretBytes = 80;
inline constexpr std::size_t kPathBytesMax = 4096;
inline constexpr std::uint64_t kChunkBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kAddressBytesMax = 280;
inline constexpr std::uint32_t kUploaderMax = (1U << 31) - 1;
/// Numbers from here on are caretakers': they make contracts, and sign no manifest and no entry.
inline constexpr std::uint32_t kCaretakersBegin = 1U << 30;

struct Header {
  FileId file;
  WriterId writer;
  std::uint32_t uploader = 0;
  std::string certificate;  // JWS; empty where readers derive the writer themselves
  crypto::Hash commitment{};
  Bytes private_part;  // sealed under the file's secret; private_part.h
};

struct Stanza {
  std::string recipient;  // inxtr1...
  Bytes sealed_secret;    // kSealedSecretBytes
};

/// A run of ciphertext in a local file, between inxt-encrypt and inxt-shard.
struct CiphertextChunk {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // at most kChunkBytesMax
  crypto::Hash sha256{};
};

struct CiphertextEnd {
  std::uint64_t bytes = 0;
};

struct PieceLine {
  Place place;
  std::uint32_t size = 0;
  PieceId id;
  std::optional<std::uint64_t> last;  // in the last segment only: its ciphertext bytes
};

/// Where a piece lies on this machine, between inxt-shard and inxt-put.
struct FileLine {
  Place place;
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Where a piece lies in the network.
struct PlaceLine {
  Place place;
  HostId host;
  std::string address;
  crypto::Hash contract{};
  crypto::Hash receipt{};
  std::optional<std::uint32_t> uploader = {};  // whose contract it is, where it is not the header's
};

struct SealLine {
  std::uint64_t segments = 0;
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;  // of ciphertext
  crypto::Hash hash{};
};

/// An upstream tool failed; whoever reads it ends with its status.
struct ErrorLine {
  std::string tool;
  Code code = Code::failure;
  std::string message;
};

struct UnknownLine {
  std::string type;
};

using Line = std::variant<Header, Stanza, CiphertextChunk, CiphertextEnd, Layout, PieceLine, FileLine,
                          PlaceLine, SealLine, ErrorLine, UnknownLine>;

/// The line's members without `sig`, in the order of the format.
Json to_json(const Header&);
Json to_json(const Stanza&);
Json to_json(const CiphertextChunk&);
Json to_json(const CiphertextEnd&);
Json to_json(const Layout&);
Json to_json(const PieceLine&);
Json to_json(const FileLine&);
Json to_json(const PlaceLine&);
Json to_json(const SealLine&);
Json to_json(const ErrorLine&);

/// Reads one line's members; signatures and order are the reader's (manifest_reader.h).
/// Errors: integrity, with `where` and the member.
Result<Line> line_from_json(const Json& json, const std::string& where);

}  // namespace inxt::format
