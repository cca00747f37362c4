// SPDX-License-Identifier: LGPL-3.0-or-later
#include "bridge/healer_status.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "serve/show.h"
#include "serve/status_json.h"

namespace inxt::bridge {

using serve::json_number;

format::Json healer_json(const HealerStatus& healer) {
  const HealerNow& now = healer.now;
  const HealerCounts& counts = healer.counts;
  return {{"decides", now.decides},
          {"segments", now.segments},
          {"due", now.due},
          {"under_way", now.under_way},
          {"unreadable", now.unreadable},
          {"storm", now.is_storm},
          {"repairs",
           {{"begun", json_number(counts.planned)},
            {"proved", json_number(counts.proved)},
            {"failed", json_number(counts.failed)},
            {"pieces", json_number(counts.pieces_stored)},
            {"read_bytes", json_number(counts.read_bytes)},
            {"written_bytes", json_number(counts.written_bytes)},
            {"released", json_number(counts.released)}}},
          {"audits",
           {{"done", json_number(counts.audits)},
            {"failed", json_number(counts.audits_failed)},
            {"unanswered", json_number(counts.audits_unanswered)},
            {"pieces_lost", json_number(counts.pieces_lost)}}}};
}

void say_healer(serve::StatusLines& out, const HealerStatus& healer) {
  const HealerNow& now = healer.now;
  const HealerCounts& counts = healer.counts;
  if (!now.decides)
    out.say("Repairs", "another process decides");
  else
    out.say("Repairs",
            fmt::format("{} segments cared for; {} due, {} of these under way, {} cannot be read{}",
                        show_count(now.segments), show_count(now.due), show_count(now.under_way),
                        show_count(now.unreadable), now.is_storm ? "; too many Hosts are silent" : ""));
  if (counts.planned + counts.audits == 0) return;
  out.say("Repaired",
          fmt::format("{} segments, {} failed; {} read, {} written; {} pieces found lost by {} audits",
                      show_count(counts.proved), show_count(counts.failed), show_size(counts.read_bytes),
                      show_size(counts.written_bytes), show_count(counts.pieces_lost),
                      show_count(counts.audits)));
}

void write_healer(serve::MetricsWriter& out, const HealerStatus& healer) {
  const HealerNow& now = healer.now;
  const HealerCounts& counts = healer.counts;
  out.gauge("inxt_bridge_healer_decides", "1 in the process that decides about repairs.",
            now.decides ? 1 : 0);
  out.gauge("inxt_bridge_care_segments", "Entrusted segments.", now.segments);
  out.gauge("inxt_bridge_repairs_due", "Segments that wait for their repair, or are repaired.", now.due);
  out.gauge("inxt_bridge_repairs_under_way", "Segments that are repaired now.", now.under_way);
  out.gauge("inxt_bridge_care_unreadable", "Segments of which too few pieces are known to be there.",
            now.unreadable);
  out.gauge("inxt_bridge_healer_storm", "1 while so many Hosts are silent that nothing is repaired.",
            now.is_storm ? 1 : 0);
  out.family("inxt_bridge_repairs_total", "counter", "Repairs, by what became of them.");
  out.sample("result=\"proved\"", counts.proved);
  out.sample("result=\"failed\"", counts.failed);
  out.counter("inxt_bridge_repaired_pieces_total", "Pieces that repairs stored and that proved themselves.",
              counts.pieces_stored);
  out.family("inxt_bridge_repair_bytes_total", "counter", "Bytes of pieces that repairs moved.");
  out.sample("direction=\"read\"", counts.read_bytes);
  out.sample("direction=\"written\"", counts.written_bytes);
  out.counter("inxt_bridge_released_pieces_total", "Surplus pieces that were let go.", counts.released);
  out.family("inxt_bridge_care_audits_total", "counter",
             "Audits of entrusted pieces, by what became of them.");
  out.sample("result=\"answered\"", counts.audits - counts.audits_unanswered);
  out.sample("result=\"unanswered\"", counts.audits_unanswered);
  out.counter("inxt_bridge_care_pieces_lost_total", "Entrusted pieces that were found missing or damaged.",
              counts.pieces_lost);
}

void add_healer(serve::PageWriter& page, const HealerStatus& healer) {
  const HealerNow& now = healer.now;
  const HealerCounts& counts = healer.counts;
  page.section("Repairs");
  page.raw("<dl>\n");
  page.row("Segments cared for", show_count(now.segments));
  page.row("Due", show_count(now.due));
  page.row("Under way", show_count(now.under_way));
  page.trouble("Cannot be read now", now.unreadable);
  page.row("Repaired", show_count(counts.proved));
  page.row("Failed", show_count(counts.failed));
  page.row("Read, written", fmt::format("{}, {}", serve::size_html(counts.read_bytes),
                                        serve::size_html(counts.written_bytes)));
  page.row("Audits of entrusted pieces", show_count(counts.audits));
  page.row("Pieces found lost", show_count(counts.pieces_lost));
  page.raw("</dl>\n");
  page.end_section();
}

}  // namespace inxt::bridge
