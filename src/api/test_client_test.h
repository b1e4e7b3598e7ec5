// A plain client for the tests: bytes out, parsed answers in; and the least of WebSocket. Blocking, with a deadline.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace telltale::api {

struct TestReply {
  int status = 0;                             // 0: the connection ended without an answer
  std::map<std::string, std::string> header;  // lower case
  std::string body;
  boost::json::value json() const { return boost::json::parse(body); }
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~TestClient() { ::close(fd_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool send(std::string_view bytes) { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()); }

  /// The next answer. @param head  it was asked with HEAD: no body follows
  TestReply receive(bool head = false) {
    TestReply reply;
    while (in_.find("\r\n\r\n") == std::string::npos)
      if (!more()) return reply;
    const auto end = in_.find("\r\n\r\n");
    reply.status = std::atoi(in_.c_str() + 9);
    for (auto at = in_.find("\r\n") + 2; at < end;) {
      const auto eol = in_.find("\r\n", at), colon = in_.find(':', at);
      std::string name = in_.substr(at, colon - at);
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
      reply.header[name] = in_.substr(colon + 2, eol - colon - 2);
      at = eol + 2;
    }
    in_.erase(0, end + 4);
    const std::size_t n = head || !reply.header.contains("content-length") ? 0 : std::stoul(reply.header["content-length"]);
    while (in_.size() < n)
      if (!more()) break;
    reply.body = in_.substr(0, n);
    in_.erase(0, n);
    return reply;
  }

  TestReply ask(std::string_view method, std::string_view target, std::string_view body = {}, std::string_view fields = {}) {
    std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields);
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    send(text + "\r\n" + std::string(body));
    return receive(method == "HEAD");
  }
  TestReply post(std::string_view target, std::string_view body, std::string_view fields = {}) {
    return ask("POST", target, body, "Content-Type: application/json\r\n" + std::string(fields));
  }

  /// Has the other side hung up?
  bool ended() {
    char c;
    return ::recv(fd_, &c, 1, 0) <= 0;
  }

  // ---- WebSocket

  int upgrade(std::string_view fields = {}) {
    send(
        "GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        std::string(fields) + "\r\n");
    return receive(true).status;
  }
  void say(std::string_view text) {
    std::string frame = "\x81";
    if (text.size() < 126) {
      frame += static_cast<char>(0x80 | text.size());
    } else {
      frame += static_cast<char>(0x80 | 126);
      frame += static_cast<char>(text.size() >> 8);
      frame += static_cast<char>(text.size());
    }
    frame += std::string(4, '\0');  // a mask of zeros leaves the text as it is
    send(frame + std::string(text));
  }
  /// The next text message; nullopt: closed (close_code says why).
  std::optional<std::string> hear() {
    while (true) {
      if (!need(2)) return std::nullopt;
      const int opcode = in_[0] & 15;
      std::size_t n = in_[1] & 127, head = 2;
      if (n == 126 || n == 127) {
        head = n == 126 ? 4 : 10;
        if (!need(head)) return std::nullopt;
        n = 0;
        for (std::size_t k = 2; k < head; ++k) n = n << 8 | static_cast<unsigned char>(in_[k]);
      }
      if (!need(head + n)) return std::nullopt;
      const std::string payload = in_.substr(head, n);
      in_.erase(0, head + n);
      if (opcode == 1) return payload;
      if (opcode == 8) {
        close_code = static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
        return std::nullopt;
      }
    }
  }
  /// The next message of this type; others are passed over.
  boost::json::object hear(std::string_view type) {
    while (const auto text = hear()) {
      boost::json::object message = boost::json::parse(*text).as_object();
      if (message.at("type").as_string() == type) return message;
    }
    return {};
  }
  int close_code = 0;

 private:
  bool more() {
    char piece[16 << 10];
    const auto n = ::recv(fd_, piece, sizeof piece, 0);
    if (n > 0) in_.append(piece, static_cast<std::size_t>(n));
    return n > 0;
  }
  bool need(std::size_t n) {
    while (in_.size() < n)
      if (!more()) return false;
    return true;
  }

  const int fd_;
  bool connected_ = false;
  std::string in_;
};

}  // namespace telltale::api
