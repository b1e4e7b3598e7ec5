// The shape of a message: the text between its values. Messages of one sender differ in their values alone, so what was read once
// with care is afterwards only compared.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoders/json_message.h"

namespace telltale::decoders {

/// The closing quote of a text that begins at `begin`; null: it holds escapes, control characters or broken UTF-8, or never ends.
const char* end_of_text(const char* begin, const char* end);

/// Learned from a text that the general reader (json_message.h) has read and found good. What fits a shape would be read by the general
/// reader with the very same leaves; on any difference a shape says nothing, and the general reader is asked.
class Shape {
 public:
  /// The shape of one object, objects within it included. nullopt: it holds arrays or escapes, which only the general reader knows.
  static std::optional<Shape> of(std::string_view object);

  /// Reads the object at the front of `bytes` into `leaves`, one per value, in order, without their paths; the views are into `bytes`.
  /// @param longest_text  longer ones are for the general reader to refuse
  /// returns  the object's size in bytes; 0: it has another shape
  std::size_t read(std::string_view bytes, std::size_t longest_text, std::vector<Leaf>& leaves) const;

  std::size_t n_values() const { return ends_.size(); }
  /// What stands before value i; for i = n_values(), behind the last one.
  std::string_view between(std::size_t value) const;

 private:
  std::string text_;               // all that stands between the values, one after another
  std::vector<std::size_t> ends_;  // [values] where in `text_` ends what stands before each
};

}  // namespace telltale::decoders
