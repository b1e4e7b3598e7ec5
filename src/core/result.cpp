// Names of the kinds of error, as logs and answers show them.
#include "core/result.h"

namespace telltale {

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::config: return "config";
    case ErrorKind::not_connected: return "not_connected";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::refused: return "refused";
    case ErrorKind::closed: return "closed";
    case ErrorKind::storage: return "storage";
    case ErrorKind::disk_full: return "disk_full";
  }
  return "unknown";
}

}  // namespace telltale
