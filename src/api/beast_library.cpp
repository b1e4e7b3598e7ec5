// The compiled halves of Asio and Beast: everybody else includes headers only (BOOST_ASIO/BEAST_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
