// What senders call the quality of a value.
#include "decoders/quality_word.h"

#include <charconv>
#include <cstdint>

#include "core/quality_text.h"

namespace telltale::decoders {
namespace {

bool begins(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != word[i]) return false;
  }
  return true;
}

Quality from_source(Grade grade) { return Quality(grade, static_cast<std::uint32_t>(Reason::source)); }

}  // namespace

Quality quality_word(std::string_view text) {
  if (const auto own = quality_from_text(text); own && own->reasons() != 0) return *own;  // as this program writes it
  if (text.empty() || text == "null" || begins(text, "good") || text == "true" || begins(text, "ok")) return Quality{};
  if (begins(text, "bad") || text == "false") return from_source(Grade::bad);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc() || end != text.data() + text.size()) return from_source(Grade::uncertain);
  if (code >= 192 && code <= 255) return Quality{};         // OPC classic, good
  if (code >= 0x80000000u) return from_source(Grade::bad);  // OPC UA, bad
  return from_source(Grade::uncertain);                     // 0 is bad in OPC classic and good in OPC UA
}

}  // namespace telltale::decoders
