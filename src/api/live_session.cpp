// One WebSocket connection of the live stream.
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
// g++ 14 at -O2 sees a close frame's code used before it is read; beast fills it through a span.
#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/websocket/stream.hpp>
#pragma GCC diagnostic pop
#include <deque>

#include "api/core.h"

namespace telltale::api {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

// What Beast asks of a stream that it does not know.
void beast_close_socket(Connection& connection) { connection.close(); }
void teardown(beast::role_type, Connection& connection, error_code& error) {
  connection.close();
  error = {};
}
template <typename Handler>
void async_teardown(beast::role_type, Connection& connection, Handler&& handler) {
  connection.close();
  asio::post(connection.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
}

namespace {

constexpr std::size_t largest_message = 64 << 10;  // of a client
constexpr std::chrono::seconds farewell_time{2};
constexpr int system_send_buffer = 256 << 10;
constexpr std::chrono::seconds silence_allowed{30};   // half of it without a word: a ping goes out
constexpr std::chrono::seconds handshake_allowed{5};  // and for closing

class LiveSession final : public Session, public LiveClient, public std::enable_shared_from_this<LiveSession> {
 public:
  LiveSession(Core& core, std::unique_ptr<Connection> connection, std::unique_ptr<Seat> seat)
      : core_(core), connection_(std::move(connection)), seat_(std::move(seat)), registered_(core, this), stream_(*connection_),
        farewell_(core.io) {}
  ~LiveSession() override { core_.hub->leave(this); }

  void start(const HttpRequest& request) {
    stream_.set_option(websocket::stream_base::timeout{handshake_allowed, silence_allowed, /*keep_alive_pings=*/true});
    connection_->bound_send_buffer(system_send_buffer);
    stream_.read_message_max(largest_message);
    stream_.auto_fragment(false);
    stream_.text(true);
    stream_.async_accept(upgrade_of(request), [self = shared_from_this()](error_code error) {
      if (error) return;
      self->core_.hub->join(self.get());
      self->read();
    });
  }

  // LiveClient
  void send(std::shared_ptr<const std::string> message) override {
    if (closing_) return;
    waiting_ += message->size();
    queue_.push_back(std::move(message));
    if (queue_.size() == 1) write();
  }
  std::size_t waiting() const override { return waiting_; }
  void close(std::uint16_t code, std::string_view reason) override {
    if (std::exchange(closing_, true)) return;
    // behind a message that nobody takes the farewell does not get out
    farewell_.expires_after(farewell_time);
    farewell_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->connection_->close();
    });
    stream_.async_close({static_cast<websocket::close_code>(code), reason}, [self = shared_from_this()](error_code) { self->ended(); });
  }

  // Session
  void going_away() override { close(websocket::close_code::going_away, "the engine stops"); }
  void close() override { connection_->close(); }

 private:
  static beast::http::request<beast::http::empty_body> upgrade_of(const HttpRequest& request) {
    beast::http::request<beast::http::empty_body> upgrade{beast::http::verb::get, request.path, 11};
    for (const auto& [name, value] : request.header) upgrade.set(name, value);
    return upgrade;
  }

  void read() {
    stream_.async_read(in_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->ended();
      const auto bytes = self->in_.data();
      self->core_.hub->heard(self.get(), {static_cast<const char*>(bytes.data()), bytes.size()});
      self->in_.consume(self->in_.size());
      self->read();
    });
  }

  void write() {
    stream_.async_write(asio::buffer(*queue_.front()), [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->ended();
      self->waiting_ -= self->queue_.front()->size();
      self->queue_.pop_front();
      if (!self->queue_.empty()) self->write();
      self->core_.hub->drained(self.get());
    });
  }

  void ended() {
    closing_ = true;
    farewell_.cancel();
    core_.hub->leave(this);
    connection_->close();
  }

  Core& core_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Seat> seat_;
  Registered registered_;
  websocket::stream<Connection&, /*deflate=*/false> stream_;
  asio::steady_timer farewell_;
  beast::flat_buffer in_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::size_t waiting_ = 0;
  bool closing_ = false;
};

}  // namespace

void start_live(Core& core, std::unique_ptr<Connection> connection, std::unique_ptr<Seat> seat, const HttpRequest& request) {
  std::make_shared<LiveSession>(core, std::move(connection), std::move(seat))->start(request);
}

}  // namespace telltale::api
