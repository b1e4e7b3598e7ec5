// Fuzz target: all bytes of one connection to the API, requests one behind the other. Whatever comes, it is answered as HTTP or hung up
// on, in bounded time, and nothing ends as an error of the server's.
#include <cstdint>
#include <cstdlib>

#include "fuzz/played_http.h"

using namespace telltale;

namespace {

/// Status line and fields, each a name and a value; nothing of the request has made a line of its own.
void check_head(std::string_view answer) {
  if (!answer.starts_with("HTTP/1.1 ")) std::abort();
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string_view::npos) std::abort();
  for (std::size_t at = answer.find("\r\n"); at < end;) {
    const std::size_t next = answer.find("\r\n", at + 2);
    const std::string_view line = answer.substr(at + 2, next - at - 2);
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos || line.substr(0, colon).find(' ') != std::string_view::npos) std::abort();
    at = next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::size_t pieces[] = {61, 7, fuzz::PlayedConnection::whole};
  const std::string answer = fuzz::played_server().play({reinterpret_cast<const char*>(data), size}, pieces[size % std::size(pieces)]);
  if (answer.empty()) return 0;
  check_head(answer);
  if (answer.contains("HTTP/1.1 500 Internal Server Error\r\n")) std::abort();  // as a line: texts of the request come back escaped
  return 0;
}
