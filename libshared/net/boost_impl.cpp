// SPDX-License-Identifier: LGPL-3.0-or-later
// Asio and Beast, compiled once.  Beast is used for HTTP heads alone (http_head.cpp), so of its sources only
// those.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // false, in Beast, with -fsanitize
#endif
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
