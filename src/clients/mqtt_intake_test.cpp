// What the intake takes off a real socket, and what it leaves there for libmosquitto.
#include "clients/mqtt_intake.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/mqtt_testing.h"

namespace telltale::clients {
namespace {
using namespace std::string_literals;
using Front = MqttIntake::Front;

constexpr int soon = 10'000;  // ms: longer than any machine needs

/// A connection of TCP on loopback: its bytes come in the order and the pieces in which a test sends them.
class MqttIntakeTest : public testing::Test {
 protected:
  void SetUp() override {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    broker = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(::connect(broker, reinterpret_cast<sockaddr*>(&address), size), 0);
    ours = ::accept(listener, nullptr, nullptr);
    ASSERT_GE(ours, 0);
    ::close(listener);
  }
  void TearDown() override {
    hang_up();
    ::close(ours);
  }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(broker, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
      if (n < 0) look();  // the socket is full: what it holds is taken
    }
  }
  void hang_up() {
    if (broker >= 0) ::close(broker);
    broker = -1;
  }
  bool readable(int milliseconds) const {
    pollfd waiting{.fd = ours, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, milliseconds) == 1;
  }
  Result<MqttIntake::Look> look() const { return intake.look(ours, limits, inbox, pubacks); }
  /// Looks whenever there is something, until so many messages have come.
  bool wait_for(std::size_t messages) const {
    while (inbox.size() < messages) {
      if (!readable(soon)) return false;
      const auto looked = look();
      if (!looked || looked->front == Front::closed || looked->front == Front::other) return false;
    }
    return true;
  }
  /// What is left on the socket for others.
  std::string rest(std::size_t bytes) const {
    std::string got(bytes, '\0');
    const ssize_t n = ::recv(ours, got.data(), bytes, MSG_WAITALL);
    got.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return got;
  }

  int broker = -1, ours = -1;
  MqttIntake::Limits limits{.messages = 1000, .bytes = 1 << 20};
  mutable MqttIntake intake{MqttVersion::v311};
  mutable MqttInbox inbox;
  mutable std::string pubacks;
};

TEST_F(MqttIntakeTest, TakesManyAtOnceAndAnswersThemInOrder) {
  std::string burst, answers;
  for (std::uint16_t k = 1; k <= 100; ++k) {
    burst += publish_packet("t/" + std::to_string(k), std::to_string(k), k);
    append_puback(answers, k);
  }
  send(burst);
  ASSERT_TRUE(wait_for(100));
  EXPECT_EQ(inbox[99].topic, "t/100");
  EXPECT_EQ(inbox[99].payload, "100");
  EXPECT_EQ(pubacks, answers);
  EXPECT_FALSE(readable(0));
}

TEST_F(MqttIntakeTest, APacketInAnyTwoPiecesIsOneMessage) {
  const std::string packet = publish_packet("topic", std::string(200, 'x'), 5);
  for (std::size_t cut = 1; cut < packet.size(); ++cut) {
    inbox.clear();
    send(packet.substr(0, cut));
    ASSERT_TRUE(readable(soon));
    ASSERT_TRUE(look());
    ASSERT_TRUE(inbox.empty()) << cut;
    send(packet.substr(cut));
    ASSERT_TRUE(wait_for(1)) << cut;
    ASSERT_EQ(inbox[0].payload.size(), 200u) << cut;
  }
}

TEST_F(MqttIntakeTest, LeavesOtherPacketsAndWhatFollowsThemToOthers) {
  const std::string ping_answer = "\xd0\0"s, behind = publish_packet("t", "2", 2);
  send(publish_packet("t", "1", 1) + ping_answer + behind);
  ASSERT_TRUE(wait_for(1));
  const auto looked = look();
  ASSERT_TRUE(looked);
  EXPECT_EQ(looked->front, Front::other);
  EXPECT_EQ(inbox.size(), 1u);
  EXPECT_EQ(rest(2), ping_answer);
  ASSERT_TRUE(wait_for(2));
  EXPECT_EQ(inbox[1].payload, "2");
}

TEST_F(MqttIntakeTest, AnotherPacketWaitsUntilItIsWholeAndIsNotAskedForMeanwhile) {
  const std::string granted = "\x90\x04\0\x01\0\x01"s;
  send(granted.substr(0, 1));
  ASSERT_TRUE(readable(soon));
  EXPECT_EQ(look()->front, Front::nothing);
  EXPECT_FALSE(readable(0));
  send(granted.substr(1, 2));
  ASSERT_TRUE(readable(soon));
  EXPECT_EQ(look()->front, Front::nothing);
  EXPECT_FALSE(readable(0));
  send(granted.substr(3));
  ASSERT_TRUE(readable(soon));
  while (look()->front == Front::nothing) ASSERT_TRUE(readable(soon));  // three bytes may come in pieces too
  EXPECT_EQ(rest(granted.size()), granted);
  send(publish_packet("t", "1", 1));
  EXPECT_TRUE(wait_for(1));  // one byte is enough again
}

TEST_F(MqttIntakeTest, SaysThatTheBrokerHungUpAlsoAmidAPacket) {
  send("\x90\x04\0"s);
  ASSERT_TRUE(readable(soon));
  EXPECT_EQ(look()->front, Front::nothing);
  hang_up();
  ASSERT_TRUE(readable(soon));
  EXPECT_EQ(look()->front, Front::closed);
}

TEST_F(MqttIntakeTest, SaysThatTheBrokerHungUpAfterTheLastMessage) {
  send(publish_packet("t", "1", 1));
  hang_up();
  ASSERT_TRUE(wait_for(1));
  ASSERT_TRUE(readable(soon));
  EXPECT_EQ(look()->front, Front::closed);
}

TEST_F(MqttIntakeTest, AMessageMayBeLargerThanWhatIsLookedAtAtOnce) {
  const std::string large(3'000'000, 'L');
  send(publish_packet("t", large, 1) + publish_packet("t", "small", 2));
  ASSERT_TRUE(wait_for(1));
  EXPECT_TRUE(inbox[0].payload == large);
  ASSERT_TRUE(wait_for(2));
  EXPECT_EQ(inbox[1].payload, "small");
}

TEST_F(MqttIntakeTest, AFullInboxLeavesTheRestOnTheSocket) {
  limits.messages = 2;
  const std::string third = publish_packet("t", "3", 3);
  send(publish_packet("t", "1", 1) + publish_packet("t", "2", 2) + third);
  ASSERT_TRUE(wait_for(2));
  EXPECT_EQ(inbox.size(), 2u);
  EXPECT_EQ(rest(third.size()), third);
}

TEST_F(MqttIntakeTest, LookingAgainBeforeAPacketIsWholeIsNoMistake) {
  send("\x90\x04\0"s);
  ASSERT_TRUE(readable(soon));
  EXPECT_EQ(look()->front, Front::nothing);
  EXPECT_EQ(look()->front, Front::nothing);
}

TEST_F(MqttIntakeTest, WaitingForMoreEndsWhenEnoughHasComeOrNothingWillCome) {
  using namespace std::chrono_literals;
  constexpr auto longer_than_the_test = 1h;
  send(publish_packet("t", std::string(2000, 'x'), 1));
  intake.wait_for_more(ours, 1000, longer_than_the_test);
  ASSERT_TRUE(wait_for(1));
  send("\x32"s);
  intake.wait_for_more(ours, 1000, 1ms);
  EXPECT_TRUE(readable(soon));  // one byte is enough again
  hang_up();
  intake.wait_for_more(ours, 1000, longer_than_the_test);
}

TEST_F(MqttIntakeTest, WhatIsNoMqttIsAnError) {
  send("\x32\xff\xff\xff\xff"s);
  ASSERT_TRUE(readable(soon));
  auto looked = look();
  while (looked && looked->front != Front::closed && readable(soon)) looked = look();
  ASSERT_FALSE(looked);
  EXPECT_EQ(looked.error().kind, ErrorKind::not_connected);
}

TEST_F(MqttIntakeTest, WhatIsTakenBeforeAMistakeIsKept) {
  send(publish_packet("t", "1", 1) + "\x30\x02\0\0"s);
  bool failed = false;
  while (!failed && readable(soon)) failed = !look();
  EXPECT_TRUE(failed);
  ASSERT_EQ(inbox.size(), 1u);
  EXPECT_EQ(inbox[0].payload, "1");
}

}  // namespace
}  // namespace telltale::clients
