// HTTP/1.1 as bytes: what is refused before anything parses it, and how an answer is written.
#include "api/wire.h"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace telltale::api {
namespace {

constexpr std::size_t max_target = 4096;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

Refusal bad(std::string message) { return {400, "bad_request", std::move(message), "send HTTP/1.1 as RFC 9112 has it"}; }

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c));
}

std::optional<Refusal> refuse_bytes(std::string_view block) {
  for (std::size_t k = 0; k < block.size(); ++k) {
    const char c = block[k];
    if (c == '\n' && (k == 0 || block[k - 1] != '\r')) return bad("a header line ends with LF alone");
    if (c == '\r' && (k + 1 == block.size() || block[k + 1] != '\n')) return bad("a header line holds a CR alone");
    const auto u = static_cast<unsigned char>(c);
    if ((u < 0x20 && c != '\r' && c != '\n' && c != '\t') || u == 0x7f) return bad("a header line holds a control character");
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_request_line(std::string_view line) {
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("the request line is not METHOD TARGET VERSION");
  const std::string_view target = line.substr(first + 1, last - first - 1), version = line.substr(last + 1);
  if (!std::ranges::all_of(line.substr(0, first), is_token_char)) return bad("the method is no token");
  if (target.find_first_of(" \t") != std::string_view::npos) return bad("the target holds a blank");
  if (target.size() > max_target)
    return Refusal{414, "too_large", "the target has " + std::to_string(target.size()) + " bytes, at most 4096 are taken",
                   "shorten the query"};
  if (!version.starts_with("HTTP/")) return bad("the request line names no HTTP version");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return Refusal{505, "version", "version '" + std::string(version.substr(0, 16)) + "' is not spoken", "use HTTP/1.1"};
  return std::nullopt;
}

/// What the framing of one message rests on.
struct Framing {
  bool http_1_0 = false;
  std::size_t lengths = 0, codings = 0, hosts = 0, fields = 0;
};

std::optional<Refusal> refuse_field(std::string_view line, Framing& framing) {
  if (line.front() == ' ' || line.front() == '\t') return bad("a header line is folded");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return bad("a header line has no name");
  if (!std::ranges::all_of(line.substr(0, colon), is_token_char)) return bad("a header name is no token");
  const std::string name = lower(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  ++framing.fields;
  if (name == "content-length") {
    const bool digits = !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (++framing.lengths > 1 || !digits || value.size() > 18) return bad("Content-Length is there twice or is no number");
  } else if (name == "transfer-encoding") {
    if (++framing.codings > 1 || lower(value) != "chunked") return bad("Transfer-Encoding is anything but one 'chunked'");
  } else if (name == "host") {
    ++framing.hosts;
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_framing(const Framing& framing, const Limits& limits) {
  if (framing.lengths && framing.codings) return bad("Content-Length and Transfer-Encoding stand together");
  if (framing.codings && framing.http_1_0) return bad("HTTP/1.0 has no Transfer-Encoding");
  if (framing.hosts > 1 || (framing.hosts == 0 && !framing.http_1_0)) return bad("Host is missing or there twice");
  if (framing.fields > limits.header_fields)
    return Refusal{431, "too_large",
                   std::to_string(framing.fields) + " header fields, at most " + std::to_string(limits.header_fields) + " are taken",
                   "send fewer header fields"};
  return std::nullopt;
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char rest[32];
  std::strftime(rest, sizeof rest, " %Y %H:%M:%S GMT", &utc);
  const std::string day = std::to_string(utc.tm_mday);
  return std::string(days[utc.tm_wday]) + ", " + (day.size() == 1 ? "0" : "") + day + " " + months[utc.tm_mon] + rest;
}

bool has_field(const HttpReply& reply, std::string_view name) {
  return std::ranges::any_of(reply.header, [&](const auto& field) { return lower(field.first) == lower(name); });
}

/// Nothing that a caller sent may start a new line in our answer.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value)
    if (c != '\r' && c != '\n') out += c;
  out += "\r\n";
}

void append_security_fields(std::string& out, const HttpReply& reply, bool tls) {
  if (!has_field(reply, "Content-Security-Policy")) append_field(out, "Content-Security-Policy", content_security_policy({}));
  append_field(out, "X-Content-Type-Options", "nosniff");
  append_field(out, "Cross-Origin-Opener-Policy", "same-origin");
  append_field(out, "Referrer-Policy", "no-referrer");
  if (!has_field(reply, "Cache-Control")) append_field(out, "Cache-Control", "no-store");
  if (tls) append_field(out, "Strict-Transport-Security", "max-age=31536000");
}

}  // namespace

std::optional<Refusal> refuse_head(std::string_view block, const Limits& limits) {
  if (auto refusal = refuse_bytes(block)) return refusal;
  Framing framing;
  bool request_line = true;
  while (!block.empty()) {
    const auto end = block.find("\r\n");
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 2);
    if (line.empty()) break;
    if (request_line) {
      if (auto refusal = refuse_request_line(line)) return refusal;
      framing.http_1_0 = line.ends_with("HTTP/1.0");
      request_line = false;
    } else if (auto refusal = refuse_field(line, framing)) {
      return refusal;
    }
  }
  return refuse_framing(framing, limits);
}

bool accepts(std::string_view header, std::string_view word) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    const std::string element = lower(trimmed(header.substr(0, comma)));
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
    const auto semicolon = element.find(';');
    if (trimmed(std::string_view(element).substr(0, semicolon)) != word) continue;
    const auto weight = element.find("q=");
    return weight == std::string::npos || element.find_first_not_of("0.", weight + 2) != std::string::npos;
  }
  return false;
}

std::string content_security_policy(std::string_view nonce) {
  std::string styles = "'self'";
  if (!nonce.empty()) styles += " 'nonce-" + std::string(nonce) + "'";
  return "default-src 'none'; script-src 'self'; connect-src 'self'; style-src " + styles +
         "; img-src 'self' data:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
}

std::string reply_head(const HttpReply& reply, std::string_view request_id, bool keep_alive, bool tls) {
  std::string out = "HTTP/1.1 " + std::string(reason_phrase(reply.status)) + "\r\n";
  append_field(out, "Date", http_date());
  if (reply.status != 204 && reply.status != 304) {
    append_field(out, "Content-Type", reply.content_type);
    append_field(out, "Content-Length", std::to_string(reply.body.size()));
  }
  for (const auto& [name, value] : reply.header) append_field(out, name, value);
  append_field(out, "X-Request-Id", request_id);
  append_security_fields(out, reply, tls);
  append_field(out, "Connection", keep_alive ? "keep-alive" : "close");
  return out += "\r\n";
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "200 OK";
    case 201: return "201 Created";
    case 204: return "204 No Content";
    case 302: return "302 Found";
    case 304: return "304 Not Modified";
    case 400: return "400 Bad Request";
    case 401: return "401 Unauthorized";
    case 403: return "403 Forbidden";
    case 404: return "404 Not Found";
    case 405: return "405 Method Not Allowed";
    case 408: return "408 Request Timeout";
    case 409: return "409 Conflict";
    case 413: return "413 Content Too Large";
    case 414: return "414 URI Too Long";
    case 415: return "415 Unsupported Media Type";
    case 417: return "417 Expectation Failed";
    case 421: return "421 Misdirected Request";
    case 422: return "422 Unprocessable Content";
    case 426: return "426 Upgrade Required";
    case 429: return "429 Too Many Requests";
    case 431: return "431 Request Header Fields Too Large";
    case 503: return "503 Service Unavailable";
    case 505: return "505 HTTP Version Not Supported";
    default: return "500 Internal Server Error";
  }
}

}  // namespace telltale::api
