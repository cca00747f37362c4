// SPDX-License-Identifier: LGPL-3.0-or-later
// Asio and Beast, compiled once.  Beast is used for HTTP heads alone (http_head.cpp), so of its sources only
// those.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
