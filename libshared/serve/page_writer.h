// SPDX-License-Identifier: LGPL-3.0-or-later
// A daemon's status as one HTML page: no scripts, nothing loaded, nothing to press.  It renews itself.  The
// parts that every daemon's page has.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <string>

#include "base/quantity.h"
#include "serve/service_status.h"

namespace inxt::serve {

inline constexpr int kPageRefreshS = 30;
inline constexpr std::size_t kPeersOnPage = 25;

/// Whatever is put between tags is either made by the caller, or went through html() of serve/show.h.
class PageWriter {
 public:
  template <class... Values>
  void add(fmt::format_string<Values...> text, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), text, std::forward<Values>(values)...);
  }
  void raw(std::string_view text) { text_ += text; }

  void section(std::string_view title, bool is_whole_width = false) {
    add("<section{}><h2>{}</h2>\n", is_whole_width ? " class=\"whole\"" : "", title);
  }
  void end_section() { raw("</section>\n"); }
  void row(std::string_view name, std::string_view value, bool is_bad = false) {
    add("<dt>{}</dt><dd{}>{}</dd>\n", name, is_bad ? " class=\"bad\"" : "", value);
  }
  /// A count that should be 0.
  void trouble(std::string_view name, std::uint64_t count) { row(name, show_count(count), count > 0); }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// A size that people can read, and the exact one where the pointer rests.
std::string size_html(std::uint64_t bytes);
/// A short id, and the whole one where the pointer rests.
std::string id_html(std::string_view hex);

/// From the doctype to <main>: "inxt Host 1a2b...", since when it runs, and the notices.
void add_head(PageWriter& page, std::string_view noun, const std::string& hex, const ServiceStatus& status,
              std::span<const Notice> all);
/// `words`: what people call the actions, by number.
void add_requests(PageWriter& page, std::span<const std::string_view> words, const RequestCounters& counters);
void add_peers(PageWriter& page, const ServiceStatus& status);
void add_foot(PageWriter& page, const ServiceStatus& status);

}  // namespace inxt::serve
