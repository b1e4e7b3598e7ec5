// Mistakes in TLS files have names before anything connects.
#include "clients/tls.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <filesystem>
#include <fstream>

namespace telltale::clients {
namespace {
/// Writes a self-signed certificate and its key, valid from `from` to `to` seconds from now.
void write_pair(const std::string& certificate_path, const std::string& key_path, long from = -3600, long to = 3600) {
  EVP_PKEY* key = EVP_EC_gen("prime256v1");
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), to);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(certificate_path.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_path.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

class TlsFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder);
    write_pair(path("a.pem"), path("a.key"));
    write_pair(path("b.pem"), path("b.key"));
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string path(const std::string& name) const { return folder + "/" + name; }
  std::string message(const TlsFiles& files) {
    const auto checked = check_tls_files(files);
    EXPECT_FALSE(checked);
    if (checked) return "";
    EXPECT_EQ(checked.error().kind, ErrorKind::config);
    return checked.error().message;
  }
  const std::string folder = testing::TempDir() + "tls_files_" + std::to_string(getpid());
};

TEST_F(TlsFilesTest, ThatFitAreTaken) {
  EXPECT_TRUE(check_tls_files({}));
  EXPECT_TRUE(check_tls_files({.ca = path("a.pem")}));
  EXPECT_TRUE(check_tls_files({.ca = path("b.pem"), .certificate = path("a.pem"), .key = path("a.key")}));
}

TEST_F(TlsFilesTest, ThatAreMissingOrNoPemAreNamed) {
  EXPECT_NE(message({.ca = path("none.pem")}).find("none.pem: No such file"), std::string::npos);
  std::ofstream(path("text.pem")) << "hello";
  EXPECT_NE(message({.ca = path("text.pem")}).find("holds no PEM certificate"), std::string::npos);
  EXPECT_NE(message({.certificate = path("a.pem"), .key = path("text.pem")}).find("holds no PEM private key"), std::string::npos);
}

TEST_F(TlsFilesTest, ThatDoNotBelongTogetherAreNamed) {
  EXPECT_NE(message({.certificate = path("a.pem"), .key = path("b.key")}).find("does not belong"), std::string::npos);
  EXPECT_NE(message({.certificate = path("a.pem")}).find("has no key"), std::string::npos);
  EXPECT_NE(message({.key = path("a.key")}).find("has no certificate"), std::string::npos);
}

TEST_F(TlsFilesTest, OfAnotherTimeAreNamed) {
  write_pair(path("old.pem"), path("old.key"), -7200, -3600);
  EXPECT_NE(message({.certificate = path("old.pem"), .key = path("old.key")}).find("expired on"), std::string::npos);
  write_pair(path("new.pem"), path("new.key"), 3600, 7200);
  EXPECT_NE(message({.certificate = path("new.pem"), .key = path("new.key")}).find("not valid before"), std::string::npos);
}
}  // namespace
}  // namespace telltale::clients
