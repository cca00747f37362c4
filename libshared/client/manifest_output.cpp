// SPDX-License-Identifier: LGPL-3.0-or-later
#include "client/manifest_output.h"

#include "format/manifest_writer.h"

namespace inxt::client {
namespace {

constexpr std::size_t kMessageBytesMax = 1000;

std::string as_utf8(std::string text) {
  text.resize(std::min(text.size(), kMessageBytesMax));
  if (!format::is_utf8(text))
    for (char& c : text)
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  return text;
}

}  // namespace

Result<void> ManifestOutput::write(std::string_view lines) {
  auto written = file_.write(view_of(lines));
  if (!written) broken_ = true;
  return written;
}

void ManifestOutput::fail(std::string_view tool, const Error& error, std::string_view upstream_line) {
  if (!is_read()) return;
  const auto line = upstream_line.empty()
                        ? format::write_line(format::ErrorLine{
                              .tool = std::string(tool), .code = error.code, .message = as_utf8(error.what)})
                        : std::string(upstream_line);
  (void)write(line);  // the exit status says it too
}

}  // namespace inxt::client
