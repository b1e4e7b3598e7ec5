// Files inside the program, served as they are packed.
#include "api/files.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <span>

#include "api/gzip.h"
#include "api/wire.h"

namespace telltale::api {

std::span<const Embedded> served_files();  // written by cmake/served_files.cmake

namespace {

/// The checksum and length at the end of a gzip member tell two files apart.
std::string etag_of(const Embedded& file) {
  std::string tag = "\"";
  for (const char c : file.text.substr(file.text.size() - 8)) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", static_cast<unsigned char>(c));
    tag += hex;
  }
  return tag + '"';
}

}  // namespace

const Embedded* find_file(std::string name) {
  std::ranges::replace(name, '/', '!');  // as cmake/served_files.cmake names them
  const auto files = served_files();
  const auto found = std::ranges::find(files, name, &Embedded::name);
  return found == files.end() ? nullptr : &*found;
}

std::string unpacked(const Embedded& file) {
  return gunzipped(file.text, std::numeric_limits<std::size_t>::max(), 10'000).value();  // our own bytes: a failure is a bug and stops
}

std::string_view content_type_of(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".woff2", "font/woff2"},
      {".ico", "image/x-icon"},
      {".yaml", "application/yaml"},
      {"schema!site.json", "application/schema+json"},
      {".json", "application/json"},
  };
  for (const auto& [ending, type] : types)
    if (name.ends_with(ending)) return type;
  return "text/plain; charset=utf-8";
}

HttpReply file_reply(const HttpRequest& request, const Embedded& file, bool for_ever) {
  HttpReply reply;
  const std::string etag = etag_of(file);
  reply.header = {
      {"Cache-Control", for_ever ? "public, max-age=31536000, immutable" : "no-cache"}, {"ETag", etag}, {"Vary", "Accept-Encoding"}};
  if (request.field("if-none-match") == etag) {
    reply.status = 304;
    return reply;
  }
  reply.content_type = content_type_of(file.name);
  if (accepts(request.field("accept-encoding"), "gzip")) {
    reply.header.emplace_back("Content-Encoding", "gzip");
    reply.body = file.text;
  } else {
    reply.body = unpacked(file);
  }
  return reply;
}

}  // namespace telltale::api
