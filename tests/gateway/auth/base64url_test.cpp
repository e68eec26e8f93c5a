#include "gateway/auth/base64url.h"

#include <gtest/gtest.h>

#include "tests/gateway/auth/signer.h"

namespace gateway::auth {
namespace {

TEST(Base64Url, ReadsWhatAnIssuerWrites) {
  EXPECT_EQ(decode_base64url(""), "");
  EXPECT_EQ(decode_base64url("Zg"), "f");
  EXPECT_EQ(decode_base64url("Zm8"), "fo");
  EXPECT_EQ(decode_base64url("Zm9v"), "foo");
  EXPECT_EQ(decode_base64url("-_8"), "\xfb\xff");
  std::string all;
  for (int c = 0; c < 256; ++c) {
    all += static_cast<char>(c);
    EXPECT_EQ(decode_base64url(base64url(all)), all);
    EXPECT_EQ(encode_base64url(all), base64url(all));
  }
}

TEST(Base64Url, RefusesWhatIsNotTheOneTextOfItsBytes) {
  for (const char* bad : {"Z", "Zm9vZ", "Zg==", "Zg=", "Z g", "Zm+v", "Zm/v", "Zm9v\n", "Zh", "Zm9",
                          "\xc3\xa9", "."}) {
    EXPECT_EQ(decode_base64url(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(decode_base64url({"Zg\0A", 4}), std::nullopt);
}

}  // namespace
}  // namespace gateway::auth
