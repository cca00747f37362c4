// SPDX-License-Identifier: LGPL-3.0-or-later
// How the care of entrusted files goes, for a Bridge's operator.
#pragma once

#include "bridge/healer_counts.h"
#include "format/json.h"
#include "serve/metrics_writer.h"
#include "serve/page_writer.h"
#include "serve/status_lines.h"

namespace inxt::bridge {

struct HealerStatus {
  HealerNow now;
  HealerCounts counts;  // of this process
};

format::Json healer_json(const HealerStatus& healer);
void say_healer(serve::StatusLines& out, const HealerStatus& healer);
void write_healer(serve::MetricsWriter& out, const HealerStatus& healer);
void add_healer(serve::PageWriter& page, const HealerStatus& healer);

}  // namespace inxt::bridge
