// An MQTT connection, 3.1.1 or 5, whose acknowledgements leave when we say so and not when a message has been read.
#include "clients/mqtt.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <filesystem>

#include "clients/tcp_probe.h"

namespace telltale::clients {
namespace {
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
constexpr milliseconds nap{100};              // between looks at a stop request
constexpr milliseconds between_chores{1000};  // pings and time-outs of the library
constexpr milliseconds good_bye{1000};        // for the broker to take our last words
constexpr std::size_t window = 500;           // messages published before their confirmation is awaited
constexpr int refusal = 128;                  // reason codes from here on say no

/// Once per process, before the first connection.
void start_library() {
  static const int started = mosquitto_lib_init();
  (void)started;
}

MqttClient& self(void* object) { return *static_cast<MqttClient*>(object); }

/// Where the operating system keeps the authorities it trusts.
std::string system_authorities() {
  for (const char* folder : {X509_get_default_cert_dir(), "/etc/ssl/certs", "/etc/pki/tls/certs"}) {
    std::error_code none;
    if (std::filesystem::is_directory(folder, none)) return folder;
  }
  return X509_get_default_cert_dir();
}

struct Properties {
  mosquitto_property* list = nullptr;
  ~Properties() { mosquitto_property_free_all(&list); }
};

/// The broker closes when it has read our good-bye and all before it. Who does not wait for that and comes back at once under the
/// same client id makes it drop acknowledgements that it has not read yet.
void wait_until_closed(int fd, Clock::time_point until) {
  char ignored[4096];
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    if (fd < 0 || left <= milliseconds{0} || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return;
    if (::recv(fd, ignored, sizeof ignored, MSG_DONTWAIT) <= 0) return;
  }
}

/// An acknowledgement has four bytes and the library sends each by itself: held back until the last, they share packets.
class SentTogether {
 public:
  explicit SentTogether(int socket) : socket_(socket) { hold(1); }
  ~SentTogether() { hold(0); }
  SentTogether(const SentTogether&) = delete;
  SentTogether& operator=(const SentTogether&) = delete;

 private:
  void hold(int on) const { (void)::setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof on); }  // without it they are only slower
  const int socket_;
};

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }
}  // namespace

void MqttClient::Destroy::operator()(mosquitto* session) const { mosquitto_destroy(session); }

Result<std::unique_ptr<MqttClient>> MqttClient::connect(const MqttOptions& options, std::stop_token stop) {
  start_library();
  if (options.broker.tls) {
    if (auto files = check_tls_files(options.tls); !files) return std::unexpected(files.error());
  } else if (options.tls.any()) {
    return failed(ErrorKind::config, "TLS files are set, but " + options.broker.shown() + " is not encrypted",
                  "write mqtts:// instead of mqtt://");
  }
  if (auto reached = tcp_probe(options.broker.host, options.broker.port, options.patience, stop); !reached)
    return std::unexpected(reached.error());

  const auto attempt = [&](MqttVersion version) -> Result<std::unique_ptr<MqttClient>> {
    std::unique_ptr<MqttClient> client(new MqttClient(options, version));
    auto started = client->start(stop);
    // A broker that only knows 3.1.1 answers CONNECT of 5 with "unacceptable protocol version", or just hangs up.
    const bool other_version = !client->consent_ || client->consent_ == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION ||
                               client->consent_ == CONNACK_REFUSED_PROTOCOL_VERSION;
    if (started) return client;
    if (version == MqttVersion::v5 && options.version == MqttVersion::any && other_version &&
        started.error().kind == ErrorKind::not_connected)
      return std::unique_ptr<MqttClient>();
    return std::unexpected(started.error());
  };
  if (options.version == MqttVersion::v311) return attempt(MqttVersion::v311);
  auto client = attempt(MqttVersion::v5);
  return client && !*client ? attempt(MqttVersion::v311) : std::move(client);
}

MqttClient::MqttClient(const MqttOptions& options, MqttVersion version) : options_(options), version_(version) {}

MqttClient::~MqttClient() {
  if (!session_ || unacknowledged_ > 0 || broken_) return;  // a good-bye would carry the waiting acknowledgements along
  const int fd = ::dup(mosquitto_socket(session_.get()));   // the library closes its own as soon as the good-bye is written
  if (mosquitto_disconnect(session_.get()) == MOSQ_ERR_SUCCESS && write_all()) wait_until_closed(fd, Clock::now() + good_bye);
  if (fd >= 0) ::close(fd);
}

Result<void> MqttClient::start(std::stop_token stop) {
  session_.reset(mosquitto_new(options_.client_id.c_str(), !options_.keep_session, this));
  if (!session_)
    return failed(ErrorKind::config, "client id '" + options_.client_id + "' is not valid", "it is UTF-8 without control characters");
  mosquitto* session = session_.get();
  set_callbacks();
  mosquitto_threaded_set(session, true);  // it only queues; we write
  mosquitto_int_option(session, MOSQ_OPT_PROTOCOL_VERSION, version_ == MqttVersion::v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
  mosquitto_int_option(session, MOSQ_OPT_RECEIVE_MAXIMUM, options_.receive_maximum);
  mosquitto_int_option(session, MOSQ_OPT_TCP_NODELAY, 1);
  if (!options_.broker.user.empty())
    mosquitto_username_pw_set(session, options_.broker.user.c_str(), or_null(options_.broker.password.reveal()));
  if (options_.broker.tls) {
    if (auto tls = set_up_tls(); !tls) return tls;
  }
  if (auto begun = hand_over_to_library(); !begun) return begun;
  return wait_for_consent(stop);
}

Result<void> MqttClient::set_up_tls() {
  const std::string system = options_.tls.ca.empty() ? system_authorities() : "";
  const int code = mosquitto_tls_set(session_.get(), or_null(options_.tls.ca), or_null(system), or_null(options_.tls.certificate),
                                     or_null(options_.tls.key), nullptr);
  if (code != MOSQ_ERR_SUCCESS) return failed(ErrorKind::config, std::string("setting up TLS: ") + mosquitto_strerror(code) + complaint_);
  if (!options_.alpn.empty()) mosquitto_string_option(session_.get(), MOSQ_OPT_TLS_ALPN, options_.alpn.c_str());
  return {};
}

Result<void> MqttClient::hand_over_to_library() {
  Properties properties;
  if (version_ == MqttVersion::v5) {
    if (options_.keep_session)
      mosquitto_property_add_int32(&properties.list, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                   static_cast<std::uint32_t>(options_.session_expiry.count()));
    mosquitto_property_add_int32(&properties.list, MQTT_PROP_MAXIMUM_PACKET_SIZE, options_.max_packet);
  }
  const int code = mosquitto_connect_bind_v5(session_.get(), options_.broker.host.c_str(), options_.broker.port,
                                             static_cast<int>(options_.keepalive.count()), nullptr, properties.list);
  if (code != MOSQ_ERR_SUCCESS) return std::unexpected(lost(code));
  return {};
}

Result<void> MqttClient::wait_for_consent(std::stop_token stop) {
  const auto until = Clock::now() + options_.patience;
  while (!consent_) {
    if (stop.stop_requested()) return failed(ErrorKind::not_connected, "stopped while connecting to " + options_.broker.shown());
    if (Clock::now() >= until)
      return failed(ErrorKind::not_connected, options_.broker.shown() + " accepted the connection but does not answer as an MQTT broker",
                    options_.broker.tls ? "is this its TLS port?" : "is this its port without TLS?");
    if (auto turned = turn(std::min(until, Clock::now() + nap)); !turned) {
      if (consent_ && *consent_ != 0) break;  // it said no and then hung up
      return std::unexpected(unanswered(turned.error()));
    }
  }
  if (*consent_ != 0) return std::unexpected(refused_by_broker(*consent_));
  mosquitto_log_callback_set(session_.get(), nullptr);  // from here on it would put every message into words
  return {};
}

/// Lost before the broker said yes or no: what may be behind that.
Error MqttClient::unanswered(Error error) const {
  if (!error.hint.empty()) return error;
  if (options_.broker.tls) {  // its alert is often lost in the reset that follows
    error.hint = options_.tls.certificate.empty() ? "does the broker demand a client certificate? then set tls.certificate and tls.key"
                                                  : "does the broker accept the authority that signed tls.certificate?";
  } else if (options_.version == MqttVersion::v5) {
    error.hint = "the broker may only know MQTT 3.1.1: set version: any";
  }
  return error;
}

Result<void> MqttClient::subscribe(std::span<const std::string> topics, int qos) {
  // libmosquitto stands between packets here: it reads one at a time while nothing that we publish is under way
  if (!intake_ && !options_.broker.tls) intake_.emplace(version_);
  std::vector<int> ids;
  for (const std::string& topic : topics) {
    int id = 0;
    // With MQTT 5 retained messages come once, not again at each reconnect.
    const int options = version_ == MqttVersion::v5 ? MQTT_SUB_OPT_SEND_RETAIN_NEW : 0;
    const int code = mosquitto_subscribe_v5(session_.get(), &id, topic.c_str(), qos, options, nullptr);
    if (code == MOSQ_ERR_INVAL || code == MOSQ_ERR_MALFORMED_UTF8)
      return failed(ErrorKind::config, "'" + topic + "' is no topic filter",
                    "'#' stands last and alone in its level, '+' alone in its level");
    if (code != MOSQ_ERR_SUCCESS) return std::unexpected(lost(code));
    ids.push_back(id);
  }
  if (auto written = write_all(); !written) return written;
  const auto until = Clock::now() + options_.patience;
  while (std::ranges::any_of(ids, [&](int id) { return !granted_.contains(id); })) {
    if (Clock::now() >= until) return failed(ErrorKind::not_connected, options_.broker.shown() + " does not answer a subscription");
    if (auto turned = turn(std::min(until, Clock::now() + nap)); !turned) return std::unexpected(turned.error());
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const int answer = granted_.at(ids[i]);
    if (answer >= refusal)
      return failed(ErrorKind::config,
                    options_.broker.shown() + " refuses the subscription to '" + topics[i] + "': " + mosquitto_reason_string(answer),
                    "give the account read access to this topic at the broker");
  }
  granted_.clear();
  return {};
}

Result<void> MqttClient::receive(MqttInbox& into, const MqttIntake::Limits& limits, Deadline until) {
  if (broken_ && inbox_.empty()) return std::unexpected(*broken_);
  limits_ = limits;
  const bool waited = intake_ && patience_.waits();
  if (waited) intake_->wait_for_more(mosquitto_socket(session_.get()), MqttPatience::enough, MqttPatience::most);
  flowing_ = flowing_ || intake_;  // under load the first look needs no wait before it
  const auto began = Clock::now();
  std::optional<Clock::duration> empty;  // so long nothing was there
  while (!broken_ && inbox_.size() < limits.messages && inbox_.bytes() < limits.bytes) {
    const bool something = !inbox_.empty();
    auto turned = turn(something ? Clock::now() : until);
    if (!turned) {
      broken_ = turned.error();
      if (inbox_.empty()) return std::unexpected(*broken_);
    } else if (!*turned && (something || Clock::now() >= until)) {
      break;
    }
    if (!empty && !inbox_.empty()) empty = Clock::now() - began;
  }
  if (const auto now = Clock::now(); intake_) patience_.looked({now, empty.value_or(now - began), waited, inbox_.size(), inbox_.bytes()});
  std::swap(into, inbox_);
  inbox_.clear();
  return {};
}

Result<void> MqttClient::acknowledge() {
  if (broken_) return std::unexpected(*broken_);
  unacknowledged_ = 0;
  if (intake_) {
    if (auto written = write_all(); !written) return written;  // a packet that libmosquitto began stays in one piece
    return send_pubacks();
  }
  const SentTogether together(mosquitto_socket(session_.get()));
  return write_all();
}

Result<void> MqttClient::send_pubacks() {
  const auto until = Clock::now() + options_.patience;
  const int socket = mosquitto_socket(session_.get());
  std::string_view rest = pubacks_;
  while (!rest.empty()) {
    const ssize_t n = ::send(socket, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return std::unexpected(lost(errno == EPIPE ? MOSQ_ERR_CONN_LOST : MOSQ_ERR_ERRNO));
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
    if (rest.empty()) break;
    if (Clock::now() >= until) return failed(ErrorKind::not_connected, options_.broker.shown() + " takes nothing more");
    pollfd waiting{.fd = socket, .events = POLLOUT, .revents = 0};
    (void)::poll(&waiting, 1, static_cast<int>(nap.count()));
  }
  pubacks_.clear();
  return {};
}

Result<void> MqttClient::publish(std::span<const MqttMessage> messages) {
  while (!messages.empty()) {
    const std::size_t n = std::min(window, messages.size());
    if (auto published = publish_window(messages.first(n)); !published) return published;
    messages = messages.subspan(n);
  }
  return {};
}

Result<void> MqttClient::publish_window(std::span<const MqttMessage> messages) {
  assert(!intake_ && "who has subscribed does not publish");
  unconfirmed_.clear();
  publish_refused_.reset();
  for (const MqttMessage& message : messages) {
    auto id = enqueue(message);
    if (!id) return std::unexpected(id.error());
    unconfirmed_.insert(*id);
  }
  auto until = Clock::now() + options_.patience;
  while (!unconfirmed_.empty()) {
    const std::size_t before = unconfirmed_.size();
    if (auto turned = turn(std::min(until, Clock::now() + nap)); !turned) return std::unexpected(turned.error());
    if (unconfirmed_.size() < before) until = Clock::now() + options_.patience;
    if (Clock::now() >= until) return failed(ErrorKind::not_connected, options_.broker.shown() + " does not confirm messages");
  }
  if (publish_refused_)
    return failed(ErrorKind::refused, options_.broker.shown() + " refuses messages: " + mosquitto_reason_string(*publish_refused_),
                  "give the account write access to the topic at the broker");
  return {};
}

Result<int> MqttClient::enqueue(const MqttMessage& message) {
  int id = 0;
  const int code = mosquitto_publish_v5(session_.get(), &id, message.topic.c_str(), static_cast<int>(message.payload.size()),
                                        message.payload.data(), message.qos, message.retained, nullptr);
  if (code == MOSQ_ERR_SUCCESS) return id;
  if (code == MOSQ_ERR_INVAL || code == MOSQ_ERR_MALFORMED_UTF8)
    return failed(ErrorKind::config, "'" + message.topic + "' is no topic to publish to", "wildcards are for subscriptions");
  if (code == MOSQ_ERR_PAYLOAD_SIZE || code == MOSQ_ERR_OVERSIZE_PACKET)
    return failed(ErrorKind::refused, "message of " + std::to_string(message.payload.size()) + " bytes is larger than the broker takes");
  return std::unexpected(lost(code));
}

/// One wait and one look: writes what is queued unless acknowledgements are among it, then reads. True: something was read.
Result<bool> MqttClient::turn(Deadline until) {
  mosquitto* session = session_.get();
  const bool may_write = unacknowledged_ == 0;
  if (may_write) {
    if (Clock::now() - last_chores_ >= between_chores) {
      last_chores_ = Clock::now();
      if (const int code = mosquitto_loop_misc(session); code != MOSQ_ERR_SUCCESS) return std::unexpected(lost(code));
    }
    if (mosquitto_want_write(session)) {
      if (const int code = mosquitto_loop_write(session, 1); code != MOSQ_ERR_SUCCESS) return std::unexpected(lost(code));
    }
  }
  if (auto readable = wait_until_readable(until, may_write); !readable || !*readable) return readable;
  if (intake_) return take_messages();
  if (auto read = read_one_packet(); !read) return std::unexpected(read.error());
  return true;
}

Result<bool> MqttClient::wait_until_readable(Deadline until, bool may_write) {
  mosquitto* session = session_.get();
  auto* tls = static_cast<SSL*>(mosquitto_ssl_get(session));
  if (flowing_ || (tls && SSL_pending(tls) > 0)) return true;
  const auto left = std::clamp(std::chrono::ceil<milliseconds>(until - Clock::now()), milliseconds{0}, between_chores);
  pollfd waiting{.fd = mosquitto_socket(session), .events = POLLIN, .revents = 0};
  if (may_write && mosquitto_want_write(session)) waiting.events |= POLLOUT;
  if (waiting.fd < 0) return std::unexpected(lost(MOSQ_ERR_NO_CONN));
  return ::poll(&waiting, 1, static_cast<int>(left.count())) > 0 && (waiting.revents & ~POLLOUT) != 0;
}

/// Everything that has come, up to the limits, or one packet for libmosquitto.
Result<bool> MqttClient::take_messages() {
  const int socket = mosquitto_socket(session_.get());
  if (socket < 0) return std::unexpected(lost(MOSQ_ERR_NO_CONN));
  const std::size_t had = inbox_.size();
  const auto look = intake_->look(socket, limits_, inbox_, pubacks_);
  unacknowledged_ = pubacks_.size() / puback_size;  // also of what came before a mistake
  if (!look) return std::unexpected(lost_because(look.error().message));
  flowing_ = look->more;
  if (look->front == MqttIntake::Front::closed) return std::unexpected(lost(MOSQ_ERR_CONN_LOST));
  if (look->front == MqttIntake::Front::other) {
    if (auto read = read_one_packet(); !read) return std::unexpected(read.error());
    return true;
  }
  return inbox_.size() > had;
}

Result<void> MqttClient::read_one_packet() {
  const std::size_t had = inbox_.size();
  if (const int code = mosquitto_loop_read(session_.get(), 1); code != MOSQ_ERR_SUCCESS) return std::unexpected(lost(code));
  flowing_ = inbox_.size() > had;  // the next one mostly is there too
  return {};
}

Result<void> MqttClient::write_all() {
  const auto until = Clock::now() + options_.patience;
  while (mosquitto_want_write(session_.get())) {
    if (const int code = mosquitto_loop_write(session_.get(), 1); code != MOSQ_ERR_SUCCESS) return std::unexpected(lost(code));
    if (!mosquitto_want_write(session_.get())) break;
    if (Clock::now() >= until) return failed(ErrorKind::not_connected, options_.broker.shown() + " takes nothing more");
    pollfd waiting{.fd = mosquitto_socket(session_.get()), .events = POLLOUT, .revents = 0};
    (void)::poll(&waiting, 1, static_cast<int>(nap.count()));
  }
  return {};
}

Error MqttClient::lost(int code) const {
  const std::string where = options_.broker.shown();
  const std::string words = complaint_.empty() ? "" : " (" + complaint_ + ")";
  if (goodbye_ == MQTT_RC_SESSION_TAKEN_OVER)
    return {ErrorKind::not_connected, where + ": another client took over our client id '" + options_.client_id + "'",
            "give each engine a client_id of its own"};
  // What TLS says about certificates does not change by trying again.
  const bool certificates = complaint_.contains("certificate") || complaint_.contains("alert");
  if (options_.broker.tls && certificates)
    return {ErrorKind::config, "TLS with " + where + " failed" + words,
            "check tls.ca (who signed the broker's certificate, is its host name in it), tls.certificate and tls.key"};
  if (code == MOSQ_ERR_TLS)
    return {ErrorKind::not_connected, "TLS with " + where + " failed" + words,
            complaint_.contains("wrong version") ? "is this its TLS port?" : ""};
  const std::string why = goodbye_ && *goodbye_ >= refusal    ? mosquitto_reason_string(*goodbye_)
                          : code == MOSQ_ERR_MALFORMED_PACKET ? "what it sends is not the MQTT that we speak"
                                                              : mosquitto_strerror(code);
  return lost_because(why + words);
}

Error MqttClient::lost_because(const std::string& why) const {
  return {ErrorKind::not_connected, "connection to " + options_.broker.shown() + " is lost: " + why};
}

Error MqttClient::refused_by_broker(int code) const {
  const bool v5 = code >= refusal;
  const std::string said =
      options_.broker.shown() + " refuses us: " + (v5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code));
  switch (code) {
    case CONNACK_REFUSED_BAD_USERNAME_PASSWORD:
    case CONNACK_REFUSED_NOT_AUTHORIZED:
    case MQTT_RC_BAD_USERNAME_OR_PASSWORD:
    case MQTT_RC_NOT_AUTHORIZED:
    case MQTT_RC_BAD_AUTHENTICATION_METHOD:
    case MQTT_RC_BANNED: {
      const std::string who = options_.broker.user.empty() ? "without user" : "as user '" + options_.broker.user + "'";
      return {ErrorKind::config, said + ", " + who, "check user and password, and the account at the broker"};
    }
    case CONNACK_REFUSED_IDENTIFIER_REJECTED:
    case MQTT_RC_CLIENTID_NOT_VALID:
      return {ErrorKind::config, said + " (client id '" + options_.client_id + "')", "set another client_id"};
    case CONNACK_REFUSED_PROTOCOL_VERSION:
    case MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION:
      return {options_.version == MqttVersion::any ? ErrorKind::not_connected : ErrorKind::config, said, "set version: any"};
    default: return {ErrorKind::not_connected, said};
  }
}

void MqttClient::note_log(mosquitto*, void* object, int level, const char* text) {
  if (level == MOSQ_LOG_ERR || level == MOSQ_LOG_WARNING) self(object).complaint_ = text;
}

void MqttClient::set_callbacks() {
  mosquitto* session = session_.get();
  mosquitto_log_callback_set(session, note_log);
  mosquitto_connect_v5_callback_set(session, [](mosquitto*, void* object, int code, int flags, const mosquitto_property*) {
    self(object).consent_ = code;
    self(object).session_present_ = (flags & 1) != 0;
  });
  mosquitto_disconnect_v5_callback_set(session,
                                       [](mosquitto*, void* object, int code, const mosquitto_property*) { self(object).goodbye_ = code; });
  mosquitto_subscribe_v5_callback_set(session, [](mosquitto*, void* object, int id, int n, const int* granted, const mosquitto_property*) {
    self(object).granted_[id] = n > 0 ? granted[0] : refusal;
  });
  mosquitto_publish_v5_callback_set(session, [](mosquitto*, void* object, int id, int reason, const mosquitto_property*) {
    self(object).unconfirmed_.erase(id);
    if (reason >= refusal) self(object).publish_refused_ = reason;
  });
  mosquitto_message_v5_callback_set(session, [](mosquitto*, void* object, const mosquitto_message* m, const mosquitto_property*) {
    MqttClient& client = self(object);
    client.inbox_.add({m->topic, {static_cast<const char*>(m->payload), static_cast<std::size_t>(m->payloadlen)}, m->retain});
    if (m->qos > 0) ++client.unacknowledged_;
  });
}

}  // namespace telltale::clients
