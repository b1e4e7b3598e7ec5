// Messages that came together, in one piece of memory that is used again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::clients {

class MqttInbox {
 public:
  struct Message {
    std::string_view topic, payload;
    bool retained = false;  // from the broker's memory: old news
  };

  void add(const Message& message) {
    places_.push_back({bytes_.size(), message.topic.size(), message.payload.size(), message.retained});
    bytes_.append(message.topic).append(message.payload);
  }
  /// Views until the inbox changes.
  Message operator[](std::size_t k) const {
    const Place& at = places_[k];
    const std::string_view both = std::string_view(bytes_).substr(at.begin, at.topic_size + at.payload_size);
    return {both.substr(0, at.topic_size), both.substr(at.topic_size), at.retained};
  }
  std::size_t size() const { return places_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  bool empty() const { return places_.empty(); }
  /// Keeps the memory, unless one huge message made it grow.
  void clear() {
    places_.clear();
    bytes_.clear();
    if (bytes_.capacity() > most_kept) bytes_ = {};
  }

 private:
  static constexpr std::size_t most_kept = 4u << 20;
  struct Place {
    std::size_t begin, topic_size, payload_size;
    bool retained;
  };
  std::vector<Place> places_;
  std::string bytes_;
};

}  // namespace telltale::clients
