// Broker addresses as people write them.
#include "clients/mqtt_url.h"

#include <gtest/gtest.h>

namespace telltale::clients {
namespace {
TEST(MqttUrl, TakesHostPortAndAccount) {
  const auto url = parse_mqtt_url("mqtts://device:s%40cret@broker.plant:8884");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "broker.plant");
  EXPECT_EQ(url->port, 8884);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->user, "device");
  EXPECT_EQ(url->password.reveal(), "s@cret");
  EXPECT_EQ(url->shown(), "mqtts://broker.plant:8884");
}

TEST(MqttUrl, KnowsTheUsualPortsAndOtherNamesOfTheScheme) {
  EXPECT_EQ(parse_mqtt_url("mqtt://h")->port, 1883);
  EXPECT_EQ(parse_mqtt_url("mqtts://h")->port, 8883);
  EXPECT_EQ(parse_mqtt_url("tcp://h/")->port, 1883);
  EXPECT_TRUE(parse_mqtt_url("ssl://h")->tls);
  EXPECT_EQ(parse_mqtt_url("localhost:1884")->port, 1884);
}

TEST(MqttUrl, TakesAnAddressOfVersionSix) {
  const auto url = parse_mqtt_url("mqtt://[::1]:1884");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 1884);
  EXPECT_EQ(url->shown(), "mqtt://[::1]:1884");
  EXPECT_EQ(parse_mqtt_url("mqtt://[::1]")->port, 1883);
}

TEST(MqttUrl, RefusesWhatIsNoBrokerAndSaysWhy) {
  for (const char* text : {"", "mqtt://", "http://h", "mqtt://h:0", "mqtt://h:70000", "mqtt://h:12x", "mqtt://h/topic", "mqtt://user@"}) {
    const auto url = parse_mqtt_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().kind, ErrorKind::config) << text;
    EXPECT_FALSE(url.error().hint.empty()) << text;
  }
}

TEST(MqttUrl, NeverShowsAPasswordInAMessage) {
  EXPECT_FALSE(parse_mqtt_url("mqtt://device:secret@h:0").error().message.contains("secret"));
}
}  // namespace
}  // namespace telltale::clients
