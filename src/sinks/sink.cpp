// The stable id of an item.
#include "sinks/sink.h"

namespace telltale::sinks {

std::string Item::id() const {
  if (kind == ItemKind::transition) {
    return transition->id + "-" + std::string(name_of(transition->kind)) + "-" + std::to_string(transition->count);
  }
  return "s" + std::to_string(sequence) + "-" + std::to_string(index);
}

}  // namespace telltale::sinks
