// PUBLISH and PUBACK, byte by byte.
#include "clients/mqtt_packets.h"

#include <gtest/gtest.h>

#include "clients/mqtt_testing.h"

namespace telltale::clients {
namespace {
using namespace std::string_literals;

/// Views into `packet`.
Result<MqttPublish> read(const std::string& packet, MqttVersion version) {
  const auto head = read_head(packet);
  EXPECT_TRUE(head && *head);
  EXPECT_EQ((*head)->size, packet.size());
  return read_publish(packet, **head, version);
}

TEST(MqttPackets, APublishOfQos1SaysTopicPayloadAndId) {
  const std::string packet =
      "\x33\x0a\0\x03"
      "a/b"
      "\x01\x02"
      "xyz"s;
  const auto publish = read(packet, MqttVersion::v311);
  ASSERT_TRUE(publish) << publish.error().message;
  EXPECT_EQ(publish->topic, "a/b");
  EXPECT_EQ(publish->payload, "xyz");
  EXPECT_EQ(publish->qos, 1);
  EXPECT_EQ(publish->id, 0x0102);
  EXPECT_TRUE(publish->retained);
}

TEST(MqttPackets, APublishOfQos0HasNoId) {
  const std::string packet = publish_packet("plant/s", "12", 0);
  const auto publish = read(packet, MqttVersion::v311);
  ASSERT_TRUE(publish) << publish.error().message;
  EXPECT_EQ(publish->topic, "plant/s");
  EXPECT_EQ(publish->payload, "12");
  EXPECT_FALSE(publish->retained);
}

TEST(MqttPackets, PropertiesOfVersion5ArePassedOver) {
  const std::string packet = publish_packet("t", "value", 7, "\x02\0\0\0\x3c\x26\0\x01k\0\x01v"s);
  const auto publish = read(packet, MqttVersion::v5);
  ASSERT_TRUE(publish) << publish.error().message;
  EXPECT_EQ(publish->payload, "value");
  EXPECT_EQ(publish->id, 7);
}

TEST(MqttPackets, AnEmptyPayloadIsOne) {
  const std::string packet = publish_packet("t", "", 7, "");
  const auto publish = read(packet, MqttVersion::v5);
  ASSERT_TRUE(publish) << publish.error().message;
  EXPECT_EQ(publish->payload, "");
}

TEST(MqttPackets, AHeadNeedsAllBytesOfItsLength) {
  EXPECT_EQ(read_head("")->has_value(), false);
  EXPECT_EQ(read_head("\x30")->has_value(), false);
  EXPECT_EQ(read_head("\x30\xff\xff\xff")->has_value(), false);
  const auto longest = read_head("\x30\xff\xff\xff\x7f");
  ASSERT_TRUE(longest && *longest);
  EXPECT_EQ((*longest)->size, 5u + 268'435'455u);
  EXPECT_FALSE(read_head("\x30\xff\xff\xff\xff"));
}

TEST(MqttPackets, OnlyPublishesOfQos0And1AreOurs) {
  EXPECT_TRUE(is_publish(0x30));
  EXPECT_TRUE(is_publish(0x3b));   // repeated, QoS 1, retained
  EXPECT_FALSE(is_publish(0x34));  // QoS 2
  EXPECT_FALSE(is_publish(0xd0));  // PINGRESP
}

TEST(MqttPackets, WhatDoesNotHoldTogetherIsSaid) {
  const auto words = [](const std::string& packet, MqttVersion version) {
    const auto publish = read(packet, version);
    return publish ? "taken" : publish.error().message;
  };
  EXPECT_EQ(words("\x30\x01\0"s, MqttVersion::v311), "a PUBLISH packet that ends within its topic");
  EXPECT_EQ(words("\x30\x04\0\x05"
                  "ab"s,
                  MqttVersion::v311),
            "a PUBLISH packet that ends within its topic");
  EXPECT_EQ(words("\x30\x02\0\0"s, MqttVersion::v5), "a PUBLISH packet whose topic is no text");
  EXPECT_EQ(words(publish_packet("\xff", "1", 1), MqttVersion::v311), "a PUBLISH packet whose topic is no text");
  EXPECT_EQ(words(publish_packet("a\0b"s, "1", 1), MqttVersion::v311), "a PUBLISH packet whose topic is no text");
  EXPECT_EQ(words("\x32\x04\0\x01t\0"s, MqttVersion::v311), "a PUBLISH packet of QoS 1 without an id");
  EXPECT_EQ(words("\x32\x05\0\x01t\0\0"s, MqttVersion::v311), "a PUBLISH packet of QoS 1 without an id");
  EXPECT_EQ(words("\x30\x03\0\x01t"s, MqttVersion::v5), "a PUBLISH packet that ends within its properties");
  EXPECT_EQ(words("\x30\x04\0\x01t\x05"s, MqttVersion::v5), "a PUBLISH packet that ends within its properties");
}

TEST(MqttPackets, APubackIsFourBytes) {
  std::string out;
  append_puback(out, 0x1234);
  append_puback(out, 1);
  EXPECT_EQ(out, "\x40\x02\x12\x34\x40\x02\0\x01"s);
  EXPECT_EQ(out.size(), 2 * puback_size);
}

}  // namespace
}  // namespace telltale::clients
