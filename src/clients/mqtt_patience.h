// When it is worth waiting for more messages before those that have come are taken.
#pragma once

#include <chrono>
#include <cstddef>
#include <utility>

namespace telltale::clients {

/// What a burst costs besides its messages (threads woken, a commit) is the same for one message as for hundreds. While many messages a
/// second come without a break, it waits a little for a larger burst. A flow that pauses is not made to wait, nor one that is slow; and
/// a wait that brought little (a broker whose window is full sends nothing before we acknowledge) is not repeated for a while.
class MqttPatience {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds most{5};
  static constexpr std::size_t enough = 32 * 1024;  // bytes: nobody waits for more

  struct Look {
    Time at;                                    // when the messages were taken
    std::chrono::steady_clock::duration empty;  // so long the first one was waited for
    bool waited;                                // for more, before
    std::size_t messages, bytes;
  };

  bool waits() const { return flows_ && !in_vain_; }

  void looked(const Look& look) {
    const bool in_vain = std::exchange(in_vain_, false);
    if (look.empty > a_break) {
      flows_ = false;
      return count_from(look.at);
    }
    if (in_vain) {  // it flows again as soon as we acknowledged: the broker had waited for that
      flows_ = false;
      not_before_ = look.at + not_again;
      count_from(look.at);
    }
    in_vain_ = look.waited && look.bytes < enough && 2 * look.messages < 3 * usual_;
    if (!look.waited) usual_ = look.messages;
    messages_ += look.messages;
    const auto took = look.at - since_;
    if (took < long_enough) return;
    flows_ = look.at >= not_before_ && messages_ >= per_millisecond * static_cast<std::size_t>(took / std::chrono::milliseconds(1));
    count_from(look.at);
  }

 private:
  static constexpr std::chrono::milliseconds a_break{1}, long_enough{20}, not_again{200};
  static constexpr std::size_t per_millisecond = 16;  // messages: with fewer a quick alarm is worth more

  void count_from(Time now) {
    since_ = now;
    messages_ = 0;
  }

  bool flows_ = false;
  bool in_vain_ = false;  // the last wait brought no half more than no wait does
  Time since_{}, not_before_{};
  std::size_t messages_ = 0;  // since then
  std::size_t usual_ = 0;     // messages that came without waiting, the last time
};

}  // namespace telltale::clients
