// TLS for the listener: certificate and key from PEM files, TLS 1.2 and 1.3 only.
#pragma once

#include <string>

#include "api/connection.h"
#include "core/result.h"

namespace telltale::api {

/// errors   config: a file cannot be read, or the key does not belong to the certificate; with the path
Result<TlsContextPtr> load_tls(const std::string& certificate, const std::string& key);

}  // namespace telltale::api
