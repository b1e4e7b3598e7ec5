// The bounded queue: order, back-pressure, closing.
#include "core/queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace telltale {
namespace {

TEST(Queue, KeepsOrderAndEndsWhenClosedAndDrained) {
  Queue<int> queue(100);
  EXPECT_TRUE(queue.push(1, 10));
  EXPECT_TRUE(queue.push(2, 10));
  queue.close();
  EXPECT_FALSE(queue.push(3, 10));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(Queue, RefusesWhatDoesNotFitAndLeavesItUntouched) {
  Queue<std::string> queue(10);
  std::string first = "a", second = "b";
  EXPECT_TRUE(queue.try_push(first, 8));
  EXPECT_FALSE(queue.try_push(second, 8));
  EXPECT_EQ(second, "b");
  EXPECT_DOUBLE_EQ(queue.fill(), 0.8);
}

TEST(Queue, LetsOneTooLargeItemPassWhenItIsEmpty) {
  Queue<int> queue(10);
  EXPECT_TRUE(queue.push(1, 1000));
  EXPECT_EQ(queue.pop(), 1);
}

TEST(Queue, SlowsAWriterUntilThereIsRoom) {
  Queue<int> queue(10);
  ASSERT_TRUE(queue.push(1, 10));
  std::jthread writer([&] { queue.push(2, 10); });
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);  // waits until the writer came through
}

TEST(Queue, WakesAWaitingReaderWhenStopped) {
  Queue<int> queue(10);
  std::stop_source stop;
  std::jthread reader([&] { EXPECT_EQ(queue.pop(stop.get_token()), std::nullopt); });
  stop.request_stop();
}

}  // namespace
}  // namespace telltale
