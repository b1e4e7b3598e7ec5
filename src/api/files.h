// Files inside the program: the page, Swagger UI, the contract. Packed with gzip when the program was built.
#pragma once

#include <string>
#include <string_view>

#include "core/embedded.h"
#include "core/http.h"

namespace telltale::api {

/// "page/index.html", "openapi.yaml"; `text` is gzip. Null: there is none of that name.
const Embedded* find_file(std::string name);
std::string unpacked(const Embedded& file);
std::string_view content_type_of(std::string_view name);

/// The file as an answer: packed for who accepts gzip, 304 for who has it.
/// @param for_ever  its name carries a hash of its content
HttpReply file_reply(const HttpRequest& request, const Embedded& file, bool for_ever);

}  // namespace telltale::api
