// A connection without TLS.
#include "api/connection.h"

namespace telltale::api {
namespace {

class Plain final : public Connection {
 public:
  explicit Plain(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  executor_type get_executor() override { return socket_.get_executor(); }
  bool tls() const override { return false; }
  void handshake(std::function<void(error_code)> done) override { done({}); }
  void finish(std::function<void()> done) override {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    discard(std::move(done));
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }
  void bound_send_buffer(int bytes) override {
    error_code ignored;
    socket_.set_option(asio::socket_base::send_buffer_size(bytes), ignored);
  }

 private:
  void read(ReadPieces pieces, Transferred done) override { socket_.async_read_some(pieces, std::move(done)); }
  void write(WritePieces pieces, Transferred done) override { socket_.async_write_some(pieces, std::move(done)); }

  /// Reads what still comes, up to a bound, without looking at it: closing with unread bytes would reset the connection.
  void discard(std::function<void()> done) {
    socket_.async_read_some(asio::buffer(waste_), [this, done = std::move(done)](error_code error, std::size_t n) {
      discarded_ += n;
      if (error || discarded_ > 16u << 20)
        done();
      else
        discard(done);
    });
  }

  asio::ip::tcp::socket socket_;
  std::array<char, 4096> waste_;
  std::size_t discarded_ = 0;
};

}  // namespace

std::unique_ptr<Connection> plain_connection(asio::ip::tcp::socket socket) { return std::make_unique<Plain>(std::move(socket)); }

}  // namespace telltale::api
