// When the client waits for more messages, and when it does not.
#include "clients/mqtt_patience.h"

#include <gtest/gtest.h>

namespace telltale::clients {
namespace {
using namespace std::chrono_literals;

class MqttPatienceTest : public testing::Test {
 protected:
  static constexpr std::size_t small = 350;  // bytes of a message

  /// Looks that take 1 ms, or 6 ms after waiting for more, and find so many messages at once.
  void flow(std::chrono::milliseconds d, std::size_t messages, std::size_t after_waiting) {
    for (const auto end = now + d; now < end;) {
      const bool waited = patience.waits();
      now += waited ? 6ms : 1ms;
      const std::size_t n = waited ? after_waiting : messages;
      patience.looked({.at = now, .empty = 0ms, .waited = waited, .messages = n, .bytes = n * small});
    }
  }
  void pause(std::chrono::milliseconds d) {
    now += d;
    patience.looked({.at = now, .empty = d, .waited = false, .messages = 1, .bytes = small});
  }

  MqttPatience patience;
  MqttPatience::Time now = MqttPatience::Time() + 1h;
};

TEST_F(MqttPatienceTest, WaitsAfterAFlowWithoutABreak) {
  pause(1s);
  flow(19ms, 20, 120);
  EXPECT_FALSE(patience.waits());
  flow(1ms, 20, 120);
  EXPECT_TRUE(patience.waits());
}

TEST_F(MqttPatienceTest, TinyBurstsInQuickSuccessionAreAFlowToo) {
  for (int k = 0; k < 100; ++k) {
    now += 250us;
    patience.looked({.at = now, .empty = 50us, .waited = false, .messages = 5, .bytes = 5 * small});
  }
  EXPECT_TRUE(patience.waits());
}

TEST_F(MqttPatienceTest, ASlowFlowNeverWaits) {
  flow(1s, 12, 70);
  EXPECT_FALSE(patience.waits());
}

TEST_F(MqttPatienceTest, AFlowThatPausesNeverWaits) {
  for (int k = 0; k < 100; ++k) {
    flow(15ms, 20, 120);
    EXPECT_FALSE(patience.waits());
    pause(5ms);
  }
}

TEST_F(MqttPatienceTest, APauseEndsIt) {
  flow(60ms, 20, 120);
  pause(5ms);
  EXPECT_FALSE(patience.waits());
}

TEST_F(MqttPatienceTest, GoesOnWhileWaitingPays) {
  flow(10s, 20, 120);
  EXPECT_TRUE(patience.waits());
}

TEST_F(MqttPatienceTest, ABurstThatIsLargeAnywayIsNoReasonToStop) {
  flow(10s, 150, 150);
  EXPECT_TRUE(patience.waits());
}

TEST_F(MqttPatienceTest, AWaitThatOnlyMadeTheBrokerWaitIsNotRepeatedForAWhile) {
  flow(50ms, 20, 20);  // its window holds twenty: no more come before we acknowledge
  EXPECT_FALSE(patience.waits());
  flow(100ms, 20, 20);
  EXPECT_FALSE(patience.waits());
  std::size_t waits = 0;
  for (int k = 0; k < 10'000; ++k) {
    flow(1ms, 20, 20);
    waits += patience.waits() ? 1 : 0;
  }
  EXPECT_GT(waits, 0u);  // tried again
  EXPECT_LT(waits, 60u);
}

}  // namespace
}  // namespace telltale::clients
