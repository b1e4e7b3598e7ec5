// Is there anybody: a TCP connection is opened within a patience and closed again.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "core/result.h"

namespace telltale::clients {

/// Tries every address of the host.
/// errors   not_connected: no such host, refused, no answer in time, or stopped; with the reason of the last address
Result<void> tcp_probe(const std::string& host, std::uint16_t port, std::chrono::milliseconds patience, std::stop_token stop = {});

}  // namespace telltale::clients
