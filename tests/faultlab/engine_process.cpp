// Starting, killing and feeding an engine process.
#include "tests/faultlab/engine_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace telltale::faultlab {
namespace {

using std::chrono::steady_clock;
constexpr auto look_again = std::chrono::milliseconds(2);

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A connection that is closed with its scope; below 0: there is none.
struct Connection {
  explicit Connection(std::uint16_t port) : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = loopback(port);
    const timeval patience{10, 0};
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
  }
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  void close() {
    if (socket >= 0) ::close(socket);
    socket = -1;
  }
  int socket;
};

}  // namespace

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  return bound ? ntohs(address.sin_port) : 0;
}

std::optional<int> request(std::uint16_t port, const std::string& text) {
  const Connection connection(port);
  if (connection.socket < 0) return std::nullopt;
  for (std::size_t sent = 0; sent < text.size();) {
    const auto n = ::send(connection.socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return std::nullopt;
    sent += static_cast<std::size_t>(n);
  }
  std::string answer;  // "Connection: close" was asked for: the end is the end
  char buffer[65536];
  for (;;) {
    const auto n = ::recv(connection.socket, buffer, sizeof buffer, 0);
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  if (!answer.starts_with("HTTP/1.1 ") || answer.find("\r\n\r\n") == std::string::npos) return std::nullopt;
  return std::atoi(answer.c_str() + 9);
}

void EngineProcess::spawn(const std::string& crash) {
  kill();
  process_ = ::fork();
  if (process_ != 0) return;
  const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log, 1);
  ::dup2(log, 2);
  if (crash.empty()) {
    ::unsetenv("TELLTALE_CRASH");
  } else {
    ::setenv("TELLTALE_CRASH", crash.c_str(), 1);
  }
  ::execl(program_.c_str(), program_.c_str(), "run", site_.c_str(), static_cast<char*>(nullptr));
  ::_exit(127);
}

std::optional<double> EngineProcess::wait_until_ready() {
  const auto begin = steady_clock::now();
  while (steady_clock::now() - begin < std::chrono::seconds(30)) {
    if (wait_for_end(0)) return std::nullopt;
    const auto status = request(port_, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    if (status == 200) return std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count();
    std::this_thread::sleep_for(look_again);
  }
  return std::nullopt;
}

void EngineProcess::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::optional<int> EngineProcess::stop(double seconds) {
  if (process_ <= 0) return std::nullopt;
  ::kill(process_, SIGTERM);
  const auto status = wait_for_end(seconds);
  kill();
  return status;
}

std::optional<int> EngineProcess::wait_for_end(double seconds) {
  if (process_ <= 0) return std::nullopt;
  const auto until = steady_clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(look_again);
  }
}

Poster::Poster(std::uint16_t port, const std::string& ledger)
    : port_(port), ledger_(::open(ledger.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  thread_ = std::thread([this] { run(); });
}

void Poster::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (ledger_ >= 0) ::close(ledger_);
  ledger_ = -1;
}

void Poster::run() {
  for (std::uint64_t batch = 0; !stopping_;) {
    std::string body = "[";
    for (std::uint64_t k = batch * per_batch; k < (batch + 1) * per_batch; ++k) {
      body += (body.size() > 1 ? ",{\"asset\":\"" : "{\"asset\":\"") + asset(k) +
              "\",\"signal\":\"flow\",\"time\":" + std::to_string(kill_start + k) + ",\"value\":" + std::to_string(k) + ".25}";
    }
    body += "]";
    const std::string text =
        "POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    while (!stopping_) {
      if (request(port_, text) == 200) {
        const std::string line = std::to_string(batch) + "\n";
        if (::write(ledger_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) (void)::fdatasync(ledger_);
        n_acknowledged_ = ++batch;
        break;
      }
      ++n_unanswered_;
      std::this_thread::sleep_for(look_again);
    }
  }
}

}  // namespace telltale::faultlab
