// The MQTT source over TLS: whom it trusts, and what a person is told when a certificate is not right.
#include "tests/servers/mqtt_source_test.h"

namespace telltale::sources {
namespace {

class MqttSourceTls : public MqttSource {
 protected:
  std::map<std::string, std::string> tls(std::map<std::string, std::string> changes = {}) {
    const std::string folder = variable("TELLTALE_TEST_TLS");
    changes.insert({{"url", variable("TELLTALE_TEST_MQTT_TLS_URL")},
                    {"user", variable("TELLTALE_TEST_MQTT_USER")},
                    {"password", variable("TELLTALE_TEST_MQTT_PASSWORD")},
                    {"tls.ca", folder + "/ca.pem"},
                    {"tls.certificate", folder + "/client.pem"},
                    {"tls.key", folder + "/client.key"}});
    return changes;
  }
  clients::MqttOptions publisher() const override {
    auto broker = *clients::parse_mqtt_url(variable("TELLTALE_TEST_MQTT_TLS_URL"));
    broker.user = variable("TELLTALE_TEST_MQTT_USER");
    broker.password = Secret(variable("TELLTALE_TEST_MQTT_PASSWORD"));
    return {.broker = broker,
            .client_id = client_id + "-publisher",
            .keep_session = false,
            .tls = {.ca = folder + "/ca.pem", .certificate = folder + "/client.pem", .key = folder + "/client.key"}};
  }
  const std::string folder = variable("TELLTALE_TEST_TLS");
};

TEST_F(MqttSourceTls, WithAClientCertificateMessagesComeInAndAreAcknowledged) {
  opened(tls());
  publish(0, 30);
  killed_after([&] { values(*opened(tls()).release(), 30, /*settle=*/false); });
  EXPECT_EQ(values(*opened(tls()), 30, true), numbers(0, 30));
  EXPECT_TRUE(silent(*opened(tls())));
}

TEST_F(MqttSourceTls, AStrangersCertificateIsRefusedInWords) {
  const Error error = why_not(tls({{"tls.certificate", folder + "/stranger.pem"}, {"tls.key", folder + "/stranger.key"}}));
  EXPECT_NE(error.hint.find("tls.certificate"), std::string::npos) << error.message << error.hint;
}

TEST_F(MqttSourceTls, ABrokerOfAnotherAuthorityIsNotTrusted) {
  const Error error = why_not(tls({{"tls.ca", folder + "/other-ca.pem"}}));
  EXPECT_EQ(error.kind, ErrorKind::config) << error.message;
  EXPECT_NE(error.message.find("certificate"), std::string::npos) << error.message;
}

TEST_F(MqttSourceTls, ABrokerUnderAnotherNameIsNotTrusted) {
  auto url = *clients::parse_mqtt_url(variable("TELLTALE_TEST_MQTT_TLS_URL"));
  const Error error = why_not(tls({{"url", "mqtts://127.1:" + std::to_string(url.port)}}));
  EXPECT_EQ(error.kind, ErrorKind::config) << error.message;
}

TEST_F(MqttSourceTls, AForgottenCertificateIsSaidToBeMissing) {
  const Error error = why_not(
      {{"url", variable("TELLTALE_TEST_MQTT_TLS_URL")}, {"tls.ca", folder + "/ca.pem"}, {"user", "device"}, {"password", "secret"}});
  EXPECT_NE(error.hint.find("tls.certificate"), std::string::npos) << error.message << error.hint;
}

TEST_F(MqttSourceTls, AnUnencryptedAddressWithTlsFilesIsAMistake) {
  EXPECT_EQ(why_not({{"tls.ca", folder + "/ca.pem"}}).kind, ErrorKind::config);
}

TEST_F(MqttSourceTls, SpeakingPlainToTheTlsPortIsNoEndlessWait) {
  std::string url = variable("TELLTALE_TEST_MQTT_TLS_URL");
  url.replace(0, 5, "mqtt");
  EXPECT_EQ(why_not({{"url", url}}).kind, ErrorKind::not_connected);
}

}  // namespace
}  // namespace telltale::sources
