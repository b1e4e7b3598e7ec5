// The shapes that a decoder has met, each with the layout that says what its values are for.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "decoders/json_shape.h"
#include "decoders/message_layout.h"
#include "decoders/straight_reader.h"

namespace telltale::decoders {

/// One thread. Senders take turns in a steady order, so the shape that followed the last time is tried first.
class ShapeMemory {
 public:
  struct Fit {
    Layout* layout = nullptr;  // null: no shape fits
    std::size_t bytes = 0;     // the object's size
  };
  /// The object at the front of `bytes`, its leaves as Shape::read fills them.
  Fit read(std::string_view bytes, std::size_t longest_text, std::vector<Leaf>& leaves);
  /// The same by the short way, where the message is plain enough for it. Its layout; null: no shape fits, or the message is not plain.
  Layout* read_straight(std::string_view bytes, std::size_t longest_text, StraightMessage& into);
  /// An object that the general reader has read: the next one like it need not go there.
  void learn(std::string_view object, Layout& layout, const std::vector<Leaf>& leaves);
  /// The layout is about to go.
  void forget(const Layout& layout);

 private:
  static constexpr std::size_t most = 16;
  struct Known {
    Shape shape;
    Layout* layout;
    std::size_t next;  // which one came after it
    std::optional<StraightReader> straight;
  };
  bool worth_a_look(std::string_view bytes) const;
  void found(std::size_t at);
  std::vector<Known> known_;
  std::size_t last_ = 0, oldest_ = 0;
  std::size_t unlike_ = 0;  // objects in a row that fitted nothing
};

}  // namespace telltale::decoders
