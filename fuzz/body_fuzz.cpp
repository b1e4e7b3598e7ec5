// Fuzz target: bodies of the calls that bring readings, in every dress: JSON, JSON lines, gzip, with a key, the originals' routes. The
// first byte chooses it. Whatever comes, each reading gets a verdict, and the ledger counts what the answer says.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "api/gzip.h"
#include "fuzz/played_http.h"

using namespace telltale;

namespace {

struct Dress {
  std::string_view path, fields;
  bool packed;
};

constexpr std::string_view readings = "/api/v1/readings", json = "Content-Type: application/json\r\n",
                           lines = "Content-Type: application/x-ndjson\r\n";
constexpr Dress dresses[] = {
    {readings, json, false},
    {readings, lines, false},
    {readings, json, true},
    {readings, lines, true},
    {readings, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", false},
    {readings, "Content-Type: application/json\r\nIdempotency-Key: again\r\n", false},
    {"/ingest", json, false},
    {"/ingest/batch", json, false},
    {"/api/v1/alarms/a-1/acknowledge", json, false},
    {"/api/v1/dead-letters/purge", json, false},
};

std::string request(const Dress& dress, std::string_view body) {
  const std::string packed = dress.packed ? api::gzipped(body) : std::string(body);
  return "POST " + std::string(dress.path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(dress.fields) +
         (dress.packed ? "Content-Encoding: gzip\r\n" : "") + "Content-Length: " + std::to_string(packed.size()) + "\r\n\r\n" + packed;
}

/// The counts of a receipt add up, and are what the engine's ledger has risen by.
void check_receipt(const std::string& answer, std::uint64_t risen, bool again) {
  unsigned long long received = 0, stored = 0, duplicate = 0, conflict = 0, dead = 0;
  const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
  const int n = std::sscanf(body.c_str(), "{\"received\":%llu,\"stored\":%llu,\"duplicate\":%llu,\"conflict\":%llu,\"dead_letter\":%llu",
                            &received, &stored, &duplicate, &conflict, &dead);
  if (n != 5 || received == 0 || received != stored + duplicate + conflict + dead) std::abort();
  if (risen != received && !(again && risen == 0)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Dress& dress = dresses[data[0] % std::size(dresses)];
  const std::string bytes = request(dress, {reinterpret_cast<const char*>(data) + 1, size - 1});
  fuzz::PlayedServer& server = fuzz::played_server();
  const std::uint64_t before = server.engine.status().total.received;
  const std::string answer = server.play(bytes, fuzz::PlayedConnection::whole);
  if (!answer.starts_with("HTTP/1.1 2") && !answer.starts_with("HTTP/1.1 4")) std::abort();
  const std::uint64_t risen = server.engine.status().total.received - before;
  const bool keyed = dress.fields.contains("Idempotency-Key");
  if (dress.path == readings && answer.starts_with("HTTP/1.1 200")) check_receipt(answer, risen, keyed);
  if (dress.path == readings && answer.starts_with("HTTP/1.1 4") && risen != 1) std::abort();
  return 0;
}
