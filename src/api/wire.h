// HTTP/1.1 as bytes: what is refused before anything parses it, and how an answer is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/options.h"
#include "core/http.h"

namespace telltale::api {

/// Why a request is not taken. `kind` is the word for programs.
struct Refusal {
  int status;
  std::string kind, message, hint;
};

/// Looks at a whole header block (request line to empty line) for what two parsers may read in two ways: bare LF or CR, folded lines,
/// blanks before a colon, Content-Length twice or beside Transfer-Encoding, any coding but chunked, Host missing or twice.
/// source   RFC 9112 sections 2.2, 5.1, 5.2, 6.1, 6.3, 11.2
std::optional<Refusal> refuse_head(std::string_view block, const Limits& limits);

/// Does a list such as "gzip;q=0.5, br" name the word, with a weight above zero? Whole words, any case.
bool accepts(std::string_view header, std::string_view word);

/// Status line and header fields, with length, security headers and request id; the body follows it.
std::string reply_head(const HttpReply& reply, std::string_view request_id, bool keep_alive, bool tls);

/// "404 Not Found"
std::string_view reason_phrase(int status);

/// The policy of every answer; `nonce` (may be empty) admits the styles that the page inserts.
std::string content_security_policy(std::string_view nonce);

}  // namespace telltale::api
