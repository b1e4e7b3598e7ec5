// Looking things up in a request.
#include "core/http.h"

namespace telltale {

std::string_view name_of(Role role) {
  switch (role) {
    case Role::open: return "open";
    case Role::viewer: return "viewer";
    case Role::device: return "device";
    case Role::operator_: return "operator";
    case Role::engineer: return "engineer";
    case Role::admin: return "admin";
  }
  return "unknown";
}

std::string_view HttpRequest::argument(std::string_view name) const {
  const auto at = query.find(std::string(name));
  return at == query.end() ? std::string_view{} : std::string_view(at->second);
}

std::string_view HttpRequest::field(std::string_view lower_case_name) const {
  const auto at = header.find(lower_case_name);
  return at == header.end() ? std::string_view{} : std::string_view(at->second);
}

}  // namespace telltale
