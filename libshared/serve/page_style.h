// SPDX-License-Identifier: LGPL-3.0-or-later
// The page's style sheet.  For the sources of this room.
#pragma once

#include <string_view>

namespace inxt::serve {

inline constexpr std::string_view kPageStyle = R"css(
:root{color-scheme:light dark;--ink:#1c2024;--quiet:#5c666f;--line:#dde2e6;--back:#fff;--used:#2f6f9f;
--held:#8fb8d4;--rest:#e8ecef;--good:#1f7a45;--bad:#b3261e;--warn:#8a5a00}
@media (prefers-color-scheme:dark){:root{--ink:#e3e7ea;--quiet:#98a3ac;--line:#30373d;--back:#14181b;--used:#5aa3d6;
--held:#35617f;--rest:#272e33;--good:#62c48b;--bad:#f2897f;--warn:#dcab52}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:1.25rem 1rem 2rem;max-width:66rem;background:var(--back);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}
h1{margin:0;font-size:1.35rem;font-weight:600;line-height:1.3}
h2{margin:0 0 .35rem;font-size:1rem;font-weight:600}
h3{margin:1.1rem 0 .2rem;font-size:.85rem;font-weight:600;color:var(--quiet)}
p{margin:.2rem 0}
code{font:.92em/1.4 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
h1 code{font-weight:400;color:var(--quiet)}
small,.quiet{font-size:.85rem;color:var(--quiet)}
small{display:block}
.state{margin:1rem 0 0;padding:0;list-style:none}
.state li{margin:.3rem 0;padding:.1rem 0 .1rem .7rem;border-left:3px solid var(--quiet)}
.state .good{border-color:var(--good)}
.state .problem{border-color:var(--bad)}.state .problem b{color:var(--bad)}
.state .warning{border-color:var(--warn)}.state .warning b{color:var(--warn)}
.state b{font-weight:600}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1.9rem 2.75rem;margin-top:1.75rem}
section{min-width:0}
.whole{grid-column:1/-1}
dl{display:grid;grid-template-columns:minmax(0,1fr) auto;margin:0}
dt,dd{padding:.22rem 0;border-top:1px solid var(--line)}
dt{color:var(--quiet);padding-right:1rem}
dd{margin:0;text-align:right}
svg{display:block;width:100%;height:10px;margin:.5rem 0 .8rem;border-radius:5px;background:var(--rest)}
.used{fill:var(--used)}.held{fill:var(--held)}
table{width:100%;border-collapse:collapse}
th,td{padding:.28rem 0 .28rem .8rem;border-top:1px solid var(--line);text-align:right;vertical-align:top;font-weight:400}
th:first-child,td:first-child{padding-left:0;text-align:left}
thead th{border:0;color:var(--quiet);font-size:.85rem;padding-bottom:.1rem}
.words td{text-align:left}
.words td:first-child{width:46%}
.good b,.good{color:inherit}
td.bad,dd.bad{color:var(--bad)}
td.well{color:var(--good)}
footer{margin-top:2rem;padding-top:.6rem;border-top:1px solid var(--line);font-size:.85rem;color:var(--quiet)}
a{color:inherit}
)css";

}  // namespace inxt::serve
