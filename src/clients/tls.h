// TLS files of a client: whom it trusts and who it is. Checked before anything connects, so that the mistake has a name.
#pragma once

#include <string>

#include "core/result.h"

namespace telltale::clients {

struct TlsFiles {
  std::string ca;           // PEM of the authorities that are trusted; empty: those of the operating system
  std::string certificate;  // PEM of the client's own chain; empty: none is shown
  std::string key;          // PEM of its private key

  bool any() const { return !ca.empty() || !certificate.empty() || !key.empty(); }
};

/// Reads the files and says what is wrong with them: missing, not PEM, expired, a key that is not the certificate's.
/// errors   config: with the file's name and what to do
Result<void> check_tls_files(const TlsFiles& files);

}  // namespace telltale::clients
